"""A class at once: equal to nbgrader's own run, whoever is killed on the way, and nothing done twice."""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import ValidationError

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course, SubmissionId
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.engine import batch, local, preload
from autograder.engine.batch import Listener, find_submissions, grade_class
from autograder.engine.local import BESIDE_EACH_SLOT, ProcessPool, _WorkerProcess, is_untrusted, time_limit
from autograder.engine.messages import GradeTask, Result, ScoreChange, WorkItem, changes
from autograder.engine.worker import Worker
from autograder.errors import GraderError, NoSeal
from autograder.grading.course_secret import KEY_FILE, ensure_secret
from autograder.grading.report import CheckResult, Outcome, Report
from autograder.nbgrader.detached_preprocessors import RecallChecks
from autograder.nbgrader.records import RecordedNotebook
from autograder.sandbox.budget import Budget
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import candidates
from autograder.text import Text
from tests.cli.test_grade import QUESTIONS, RIGHT, SLOW, WRONG, both, feedback_of, hand_in, scores
from tests.hostile.seals import only
from tests.support import (
    cli,
    clone,
    command,
    drawn_number,
    ends_its_worker_for_s3,
    frozen_objects,
    hangs_at_the_page_of_s3,
    import_by_name,
    notes_what_a_page_imports,
    notes_what_grading_imports,
    small_course,
    starves_at_s0,
    starves_at_s0_once,
    takes_forever_for_s3,
    takes_much_memory_for_s3,
    without_draw,
)

pytestmark = [pytest.mark.seal, pytest.mark.long]
STUDENTS = [f"s{number}" for number in range(8)]
GRADES = """
    select student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade,
           submitted_notebook.late_submission_penalty
    from grade join base_cell on grade.cell_id = base_cell.id
    join submitted_notebook on grade.notebook_id = submitted_notebook.id
    join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
    join student on submitted_assignment.student_id = student.id order by 1, 2
"""
COMMENTS = """
    select student.id, base_cell.name, comment.auto_comment from comment
    join base_cell on comment.cell_id = base_cell.id
    join submitted_notebook on comment.notebook_id = submitted_notebook.id
    join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
    join student on submitted_assignment.student_id = student.id order by 1, 2
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions, with a class that handed in: right, wrong, late, empty and broken."""
    root = small_course(tmp_path_factory.mktemp("engine") / "course", languages=("ko", "en"))
    course = Course.open(root)
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    for number, student in enumerate(STUDENTS):
        answers = (both(RIGHT), both(WRONG), both(RIGHT) | {"add_two": WRONG}, {})[number % 4]
        path = hand_in(course, student, answers, language=("ko", "en")[number % 2])
        (path.parent / "timestamp.txt").write_text(f"2026-11-{10 + number} 12:00:00 UTC\n")
    (course.submitted / "s7" / "arithmetic" / "arithmetic.ipynb").write_text("{ no notebook")
    return root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A copy of that course, not graded yet."""
    return clone(released, tmp_path)


def graded(course: Course, **given: object) -> list[Result]:
    """The class, graded."""
    return grade_class(course, find_submissions(course, ["arithmetic"]), **given)


def rows(course: Course, query: str) -> list[tuple[object, ...]]:
    """What the gradebook's database holds."""
    with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as database:
        return database.execute(query).fetchall()


def alive(pid: int) -> bool:
    """Whether a process runs, and is no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def children(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(") ", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == pid:
            child = int(path.parent.name)
            found |= {child} | children(child)
    return found


@pytest.mark.full
class TestEqualToNbgrader:
    """What two workers and one writer do is what nbgrader's own commands do."""

    @pytest.fixture(scope="class")
    def pair(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
        """The same class graded by nbgrader's commands, and at once."""
        stock, ours = (clone(released, tmp_path_factory.mktemp(name)) for name in ("stock", "ours"))
        ensure_secret(stock)
        shutil.copy(stock.root / KEY_FILE, ours.root)
        for words in (["generate_assignment"], ["autograde"], ["generate_feedback"]):
            done = command("nbgrader", *words, "arithmetic", cwd=stock.root)
            assert done.returncode == 0, done.stderr[-2000:]
        graded(ours, workers=2)
        return stock, ours

    @pytest.mark.parametrize("query", [GRADES, COMMENTS], ids=["grades", "comments"])
    def test_the_gradebook_is_the_same(self, pair: tuple[Course, Course], query: str) -> None:
        """Every score, mark for a person's look, late penalty and comment."""
        stock, ours = pair
        assert rows(stock, query)
        assert rows(stock, query) == rows(ours, query)

    def test_the_graded_notebooks_are_the_same(self, pair: tuple[Course, Course]) -> None:
        """To the byte, but for the draws of hidden inputs: formgrader shows what it would show."""
        stock, ours = pair
        for job in find_submissions(stock, ["arithmetic"]):
            notebooks = [without_draw(course.graded_path(job).read_text()) for course in (stock, ours)]
            assert notebooks[0] == notebooks[1], job

    def test_the_feedback_is_the_same(self, pair: tuple[Course, Course]) -> None:
        """To the byte as well."""
        stock, ours = pair
        for student in STUDENTS:
            assert feedback_of(stock, student) == feedback_of(ours, student), student

    def test_one_worker_and_two_give_the_same(self, pair: tuple[Course, Course], course: Course) -> None:
        """The number of workers changes nothing but the time."""
        graded(course, workers=1)
        assert rows(course, GRADES) == rows(pair[1], GRADES)

    def test_nbgraders_own_run_is_sealed(self, pair: tuple[Course, Course]) -> None:
        """An unmodified `nbgrader autograde` says in each notebook what kept the code in."""
        for job in find_submissions(pair[0], ["arithmetic"])[:4]:
            notebook = pair[0].graded_path(job).read_text()
            assert '"seal": "namespaces' in notebook or '"seal": "landlock"' in notebook


class TestSomebodyIsKilled:
    """`kill -9` of whatever a run is made of."""

    @pytest.mark.parametrize("victim", ["a worker", "a warm parent"])
    def test_the_run_goes_on_and_every_mark_is_right(self, course: Course, victim: str) -> None:
        """What it was at is done again, by another."""
        killed: list[int] = []

        def kill(result: Result) -> None:
            if len(killed) < 2:  # the one in its place as well
                pids = {
                    "a worker": [child.pid for child in multiprocessing.active_children()],
                    "a warm parent": servers.pids(),
                }[victim]
                if pids[0] not in killed:
                    os.kill(pids[0], signal.SIGKILL)
                    killed.append(pids[0])

        with only(*candidates()) as servers:
            results = graded(course, workers=2, listener=Listener(on_result=kill))
        assert killed
        assert {result.state for result in results} == {"graded"}
        right = {"s0": 4.0, "s1": 0.0, "s2": 2.0, "s3": 0.0, "s4": 4.0, "s5": 0.0, "s6": 2.0, "s7": 0.0}
        assert scores(course) == right

    @pytest.mark.parametrize(
        "how",
        [
            pytest.param(signal.SIGKILL, marks=pytest.mark.full, id="kill -9"),
            pytest.param(signal.SIGINT, marks=pytest.mark.full, id="Ctrl-C"),
        ],
    )
    def test_command_that_is_ended_has_lost_nothing(self, course: Course, how: signal.Signals) -> None:
        """All it had started ends too; a second run grades what is missing, and nothing twice."""
        hand_in(course, "s5", both(SLOW))
        program = Path(sys.executable).parent / "autograder"
        with subprocess.Popen(
            [program, "grade", "--jobs", "2"],
            cwd=course.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as first:
            wait_for(lambda: len(list(course.root.glob("autograded/*/*/*.ipynb"))) >= 2)
            started = children(first.pid)
            first.send_signal(how)
            errors = first.communicate(timeout=30)[1].decode()
        if how is signal.SIGINT:
            assert first.returncode == 130
            assert "Run the same command again" in errors
        wait_for(lambda: not [pid for pid in started if alive(pid)])
        hand_in(course, "s5", both(RIGHT))
        before = {path: path.stat().st_mtime_ns for path in course.root.glob("autograded/*/*/*.ipynb")}
        second = cli("grade", "--language", "en", cwd=course.root)
        assert second.returncode == 0, second.stdout + second.stderr
        assert f"{len(STUDENTS) - len(before)} graded, {len(before)} kept from before" in second.stdout
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert len(scores(course)) == len(STUDENTS)

    def test_submission_that_ends_its_worker_each_time_is_not_graded(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told, has no score, and the others are graded."""
        monkeypatch.setattr(batch, "grade_with", ends_its_worker_for_s3)
        results = {result.submission.student: result for result in graded(course, workers=2)}
        assert results["s3"].state == "ungraded"
        reason = results["s3"].reason
        assert reason is not None
        assert reason.en == "3 times in a row: its worker process ended unexpectedly (exit status 7)"
        assert reason.ko == "3번 잇달아: 채점하던 작업자 프로세스가 예기치 않게 끝났습니다(종료 상태 7)"
        assert [student for student, result in results.items() if result.state == "graded"] == [
            student for student in STUDENTS if student != "s3"
        ]
        assert scores(course)["s3"] is None


class TestStarved:
    """A submission whose code reached a time limit while it waited for a processor."""

    def test_it_is_graded_again_with_nothing_beside_it(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After all others, so that none of them can slow it."""
        monkeypatch.setattr(batch, "grade_with", starves_at_s0_once)
        results = {result.submission.student: result for result in graded(course, workers=2)}
        assert {result.state for result in results.values()} == {"graded"}
        noted = (course.root / "noted").read_text().split("\n")
        assert noted.count("begin s0") == 2
        assert noted[-3:] == ["begin s0", "end s0", ""]

    def test_it_is_not_graded_if_that_happens_again(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No fault of the machine is a student's zero."""
        monkeypatch.setattr(batch, "grade_with", starves_at_s0)
        results = {result.submission.student: result for result in graded(course, workers=2)}
        reason = results["s0"].reason
        assert reason is not None
        assert reason.en == "no processor"
        assert {student for student, result in results.items() if result.state == "ungraded"} == {"s0"}
        assert scores(course)["s0"] is None
        assert (course.root / "noted").read_text().count("begin s0") == 2


class TestBudget:
    """A submission that takes the grader too much is not graded, and told of once; the class goes on."""

    @pytest.mark.parametrize(
        ("what", "slow", "reason"),
        [
            ("grade_with", takes_forever_for_s3, "the grader too long (more than 3 s of CPU time)"),
            ("grade_with", takes_much_memory_for_s3, "the grader too much memory (more than 1,500 MB)"),
            ("render_with", hangs_at_the_page_of_s3, "the grader too long (more than 3 s of CPU time)"),
        ],
        ids=["computes for ever", "wants too much memory", "a page that hangs"],
    )
    @pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.full)])
    def test_exceeded_limits_stop_that_student_alone(
        self,
        course: Course,
        monkeypatch: pytest.MonkeyPatch,
        workers: int,
        what: str,
        slow: Callable[[Any], Any],
        reason: str,
    ) -> None:
        """By one worker as by several; nobody else loses a mark."""
        monkeypatch.setattr(batch, what, slow)
        monkeypatch.setattr(ProcessPool, "budget", Budget(cpu_seconds=3, page_seconds=3.0))
        begun: list[SubmissionId] = []
        assign = _WorkerProcess.assign

        def counting(worker: _WorkerProcess, piece: WorkItem, seconds: float) -> None:
            begun.extend([piece.key] * (piece.work is slow))
            assign(worker, piece, seconds)

        monkeypatch.setattr(_WorkerProcess, "assign", counting)
        results = {
            result.submission.student: result for result in graded(course, workers=workers, apart=True)
        }
        assert results["s3"].state == "ungraded"
        shown = results["s3"].reason
        assert shown is not None
        assert reason in shown.en
        assert "직접 살펴보세요" in shown.ko
        assert begun.count(SubmissionId("s3", "arithmetic")) == 1
        assert [result.state for name, result in results.items() if name != "s3"] == ["graded"] * 7
        right = {"s0": 4.0, "s1": 0.0, "s2": 2.0, "s4": 4.0, "s5": 0.0, "s6": 2.0, "s7": 0.0}
        assert {name: score for name, score in scores(course).items() if name != "s3"} == right

    def test_piece_about_a_question_of_ours_has_none(self) -> None:
        """Proving a question may take as long as it takes."""
        piece = WorkItem("laws", len, ())
        assert not is_untrusted(piece)
        assert time_limit(piece, Budget(), Limits()) == float("inf")


def test_points_that_a_regrade_moves_are_told_though_the_sum_is_the_same() -> None:
    """As where a formula is accepted, and a number that followed from it is not any more."""

    def reports(formula: float, number: float) -> dict[str, Report]:
        return {
            name: Report(name, Text(), 4, (CheckResult("check", Text(), "passed", points),))
            for name, points in (("formula", formula), ("number", number))
        }

    job = SubmissionId("bob", "conv")
    assert changes(job, reports(2, 2), reports(4, 0)) == [
        ScoreChange(job, "formula", 2, 4), ScoreChange(job, "number", 2, 0),
    ]  # fmt: skip
    assert changes(job, reports(2, 2), reports(2, 2)) == []


def test_each_changed_score_has_its_reason() -> None:
    """The checks with another outcome, what the student reads of them, and another credit."""

    def report(outcome: Outcome, message: str, credit: float) -> dict[str, Report]:
        check = CheckResult("layer", Text(en="counts the layer"), outcome, 4, Text(en=message))
        named = NamedMisconception("no_bias", Text(en="The bias is missing."), credit)
        return {"formula": Report("formula", Text(), 4, (check,), (named,))}

    job = SubmissionId("bob", "conv")
    before, after = report("carried", "", 0), report("blocked", "no points: it is too easy", 1)
    assert [change.reason.en for change in changes(job, before, after)] == [
        "counts the layer: carried over → not looked at: no points: it is too easy; "
        "credit for a known mistake: 0 → 1"
    ]
    assert [change.reason.en for change in changes(job, {}, after)] == ["the question is new"]


def test_broken_metadata_are_found_after_sound_ones() -> None:
    """A worker checks what cells say to nbgrader once, and other cells again, each time they come."""
    metadata = {"grade_id": "a", "grade": False, "solution": True, "locked": False, "schema_version": 3}
    metadata |= {"cell_type": "code"}

    def notebook(*said: dict[str, object]) -> nbformat.NotebookNode:
        cells = [{"cell_type": "code", "source": "", "metadata": {"nbgrader": one}} for one in said]
        return nbformat.from_dict({"cells": cells})

    check = RecallChecks()
    for _ in range(2):
        check.preprocess(notebook(metadata), {})
        for broken in (notebook(metadata, metadata), notebook(metadata | {"grade": 1})):
            with pytest.raises(ValidationError, match="failed to validate"):
                check.preprocess(broken, {})


@pytest.mark.full
def test_imports_of_workers_overlap_the_warm_parents(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that they are forked from runs already when the first warm parent is asked for."""
    server = forkserver._forkserver
    server._stop()
    seen: list[int | None] = []

    def asked(*given: object) -> None:
        seen.append(server._forkserver_pid)
        raise GraderError("that is enough")

    monkeypatch.setattr(ForkServerPool, "get", asked)
    with pytest.raises(GraderError, match="that is enough"):
        graded(course, workers=2)
    assert seen[0] is not None
    server._stop()
    with pytest.raises(GraderError, match="that is enough"):
        graded(course, workers=1)
    assert seen[1] is None


def test_preloaded_modules_exist() -> None:
    """The process that they are forked from says nothing of a module that it does not find."""
    assert Worker.__module__ == preload.WORK
    assert importlib.util.find_spec(preload.STARTUP)


def test_workers_share_what_was_imported(course: Course) -> None:
    """Their garbage collector does not touch it, so that the pages are not copied into each."""
    pool = ProcessPool(course, ForkServerPool(), 1)
    try:
        pool.submit(WorkItem("frozen", frozen_objects, None))
        results = list(pool.completed(60))
    finally:
        pool.close()
    assert results[0].value > 10_000


def test_workers_draw_different_random_numbers(course: Course) -> None:
    """A check may draw its inputs from NumPy's global generator, which was there before they were forked."""
    pool = ProcessPool(course, ForkServerPool(), 2)
    try:
        for number in range(2):
            pool.submit(WorkItem(str(number), drawn_number, None))
        one, another = [next(iter(pool.completed(60))).value for _ in range(2)]
    finally:
        pool.close()
    assert one[0] != another[0], "that is one process"
    assert one[1] != another[1]


EXPECTS = """
import time
from autograder.engine.preload import expect_workers
try:
    expect_workers(2)
    print(flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
"""


def test_process_that_imports_for_workers_hears_no_interrupt() -> None:
    """Ctrl-C in the first seconds would show its traceback; it ends with the command."""
    with subprocess.Popen(
        [sys.executable, "-c", EXPECTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as command:
        assert command.stdout is not None
        command.stdout.readline()
        wait_for(lambda: all(map(handles_interrupts, children(command.pid))))  # it runs Python
        os.killpg(command.pid, signal.SIGINT)
        assert command.communicate(timeout=60) == ("", "")


def handles_interrupts(pid: int) -> bool:
    """Return whether a process catches or ignores SIGINT."""
    status = Path(f"/proc/{pid}/status").read_text()
    return any(
        int(mask, 16) & 1 << signal.SIGINT - 1 for mask in re.findall("Sig(?:Ign|Cgt):\\s(.*)", status)
    )


def test_workers_import_nothing_that_they_could_share(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grading and rendering need no module that was not imported before the workers were forked."""
    monkeypatch.setattr(batch, "grade_with", notes_what_grading_imports)
    monkeypatch.setattr(batch, "render_with", notes_what_a_page_imports)
    assert {result.state for result in graded(course, workers=2)} == {"graded"}
    noted = (course.root / "noted").read_text().split()
    assert noted.count("begin") > len(STUDENTS)
    assert sorted({*noted} - {"begin"}) == []


def test_process_that_writes_grades_imports_nothing_of_workers(course: Course) -> None:
    """A setting that most courses have makes no difference, and neither do several workers."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.ExecutePreprocessor.timeout = 60\n")
    assert cli("grade", cwd=course.root).returncode == 0  # which writes the release into the gradebook
    unused = {"autograder.engine.worker", "jupyter_server", "nbgrader.converters"}
    code = (
        "import sys; from autograder.__main__ import main; main(['grade', '--force', '--jobs', '2']); "
        f"print('imported:', *sys.modules.keys() & {unused})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=course.root, capture_output=True, text=True, check=True
    )
    assert "8 graded" in done.stdout
    assert done.stdout.splitlines()[-1] == "imported:"


def test_workers_go_without_the_grammar_of_iris(course: Course) -> None:
    """jsonschema would compile it in each process that they are forked from, as each imports nbformat."""
    pool = ProcessPool(course, ForkServerPool(), 1)
    try:
        pool.submit(WorkItem("grammar", import_by_name, "rfc3987_syntax"))
        results = list(pool.completed(60))
    finally:
        pool.close()
    assert results[0].error.en.startswith("ModuleNotFoundError")


def rest(_worker: Worker, work: SimpleNamespace) -> None:
    """Take as long as asked; here, where a worker can import it from."""
    time.sleep(work.seconds)


def resting(name: str, seconds: float) -> WorkItem:
    """A submission that takes so long."""
    return WorkItem(name, rest, SimpleNamespace(submission=name, seconds=seconds))


def test_submissions_that_take_long_leave_their_slots(course: Course) -> None:
    """The next one is done meanwhile, and they are done as well; as many leave as there is memory for."""
    pool = ProcessPool(course, ForkServerPool(), 1, long_seconds=0.2)
    done, beside = list[str](), set[int]()

    def one_more_is_done() -> bool:
        done.extend(result.key for result in pool.completed(0.1) if result.error is None)
        beside.add(len(pool.beside_slots))
        return "short" in done

    try:
        for number in range(BESIDE_EACH_SLOT):
            pool.submit(resting(f"long {number}", 20))
        pool.submit(resting("short", 0))
        wait_for(one_more_is_done)
        assert done == ["short"]
        assert max(beside) == BESIDE_EACH_SLOT
        pool.submit(resting("stays in its slot", 3))
        pool.submit(resting("short", 0))
        done.clear()
        wait_for(one_more_is_done)
        assert done[:2] == ["stays in its slot", "short"]
        wait_for(lambda: one_more_is_done() and not pool.beside_slots)
        assert len(done) == 2 + BESIDE_EACH_SLOT
        assert max(beside) == BESIDE_EACH_SLOT
    finally:
        pool.close()


def wait_for_low_priority_if_endless(worker: Worker, task: GradeTask) -> None:
    """Return at once, or once the priority is low; here, where a worker can import it from."""
    while task.submission.student == "endless" and not worker.pool.has_low_priority():
        time.sleep(0.01)


def test_submission_that_takes_longer_than_others_leaves_its_slot(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Than others of its assignment: before the time after which any other one leaves, and with less priority."""
    monkeypatch.setattr(local, "UNUSUAL_SECONDS", 0.3)
    pool = ProcessPool(course, ForkServerPool(), 1, long_seconds=3600)
    done = list[str]()

    def all_are_done() -> bool:
        done.extend(result.key for result in pool.completed(0.1) if result.error is None)
        return len(done) == 7

    def hand_in_for(assignment: str, *students: str) -> None:
        for student in students:
            task = GradeTask(SubmissionId(student, assignment, assignment), (), RecordedNotebook({}))
            pool.submit(WorkItem(f"{assignment} of {student}", wait_for_low_priority_if_endless, task))

    try:
        hand_in_for("counting", *map(str, range(5)), "endless", "last")
        wait_for(all_are_done)  # the endless one ends once its priority is low
        done.clear()
        hand_in_for("unknown", "endless", "last")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            assert not all_are_done()
            assert not pool.beside_slots, "no other submission to this assignment has been timed"
    finally:
        pool.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is so, at most two minutes."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.05)


class TestWithoutASeal:
    """Nothing is run where nothing holds, unless somebody says so in words."""

    def test_class_is_refused_and_nothing_is_touched(self, course: Course) -> None:
        """The reason, the way out, and no submission marked as anything."""
        with only(), pytest.raises(NoSeal) as refused:
            graded(course)
        for text in (refused.value.message.en, refused.value.message.ko):
            assert "docker run" in text
            assert "--unsealed" in text
            assert "autograder doctor" in text
        assert scores(course) == {}

    @pytest.mark.full
    def test_our_own_class_runs_all_the_same(self, course: Course) -> None:
        """What `demo` asks for, on a machine with no seal and no warm parent: cold kernels, the same scores."""
        course.config.CourseSettings.seal = "preferred"
        with only():
            results = graded(course, workers=2)
        assert {result.seal for result in results} == {"none", ""}  # one of them was no notebook
        assert scores(course)["s0"] == 4.0

    def test_unsealed_says_so_before_and_after(self, course: Course) -> None:
        """On every run, also one that only keeps; the report names the seal NONE."""
        for _ in range(2):
            done = cli("grade", "--unsealed", "--language", "en", cwd=course.root)
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stdout.startswith("warning: grading unsealed: student code runs with your own rights")
            assert "seal: NONE (7 submissions)" in done.stdout
            assert "warning: student code of this run was not sealed" in done.stdout

    def test_sealed_run_names_its_seal(self, course: Course) -> None:
        """In the language asked for."""
        done = cli("grade", "--student", "s0", "--language", "ko", cwd=course.root)
        assert "봉인: " in done.stdout
        assert "자원 제한" in done.stdout


class TestJobs:
    """`--jobs`."""

    @pytest.mark.parametrize("number", ["0", "-1", "two", "1000"])
    def test_invalid_number_of_workers_is_reported(self, course: Course, number: str) -> None:
        """What was expected, and what was found."""
        done = cli("grade", "--jobs", number, cwd=course.root)
        assert done.returncode == 2
        assert f"expected a number from 1 to 256, found '{number}'" in done.stderr
