"""A class on a Dask cluster: the scores of a local run, whoever is killed on the way, and nothing believed unseen."""

from __future__ import annotations

import dataclasses
import json
import math
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from own_cluster import OwnCluster, other_package, own_cluster, wait_for
from support import ROOT, command
from test_engine import alive, children

from autograder import demo
from autograder.course import Course
from autograder.engine.cluster import travel
from autograder.engine.cluster.encoding import dumps, from_task, loads, to_task
from autograder.engine.cluster.engine import Cluster
from autograder.engine.cluster.parsing import graded_from, page_from
from autograder.engine.data import Job, Result, Task
from autograder.engine.ledger import Ledger
from autograder.engine.run import feedback_path, grade_class, graded_path, submitted_files
from autograder.errors import GraderError
from autograder.nbgrader import owner_of
from autograder.roster import Roster
from autograder.text import Text

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what is graded on a cluster is sealed, on Linux"
)
ASSIGNMENT = "lstm_parameters"
STUDENTS = (  # of our class: right, wrong in some ways, with an id that is mistyped or another's, broken
    "korean-names", "numpy-integers", "no-bias", "mistyped-id", "borrowed-notebook", "raises", "half-done",
    "broken-file",
)  # fmt: skip
HALF_RIGHT = "no-bias"  # 3 of 6 for its first question
SLOW = "korean-names"  # the first to be handed out


def a_class(number: int = 100, *, seconds: float = 0, slow: float = 0) -> list[demo.Student]:
    """Some of our class, as they hand in to one assignment. seconds: that each notebook takes; slow: that one does."""
    students = [
        student
        for student in demo.read_class(ROOT / "tests" / "demo_class")
        if student.assignment == ASSIGNMENT and student.id in STUDENTS
    ]
    return [
        dataclasses.replace(student, extra=f"{student.extra}\nimport time\ntime.sleep({takes})")
        if (takes := (slow if student.id == SLOW else 0) or seconds)
        else student
        for student in students[:number]
    ]


def handed_in(folder: Path, students: list[demo.Student]) -> tuple[Course, list[Job]]:
    """A copy of the course with what a class handed in, and with a roster and a group."""
    course = demo.prepare(Course.open(ROOT), folder)
    jobs = demo.hand_in(course, students)
    lines = [f"{student.id},{student.id}@school.example" for student in students]
    (folder / "roster.csv").write_text("\n".join(["student_id,email", *lines, ""]))
    first, second = (student.id for student in students[:2])
    groups = [f"{ASSIGNMENT},pair,{name}" for name in (first, second)]
    (folder / "groups.csv").write_text("\n".join(["assignment,group,student_id", *groups, ""]))
    return course, jobs


def right(students: list[demo.Student], results: list[Result]) -> bool:
    """Whether every score and every diagnosis is what the class deserves; the second of a group has other numbers."""
    second = students[1].id
    others = [result for result in results if result.job.student != second]
    assert demo.compare([student for student in students if student.id != second], others) == []
    return {result.state for result in results} == {"graded"}


class TestAClassOnACluster:
    """Two workers of one slot, one of them under a nanny as `dask worker` starts it."""

    @pytest.fixture(scope="class")
    def cluster(self) -> Iterator[OwnCluster]:
        """Its processes; `victim` is a worker that nobody starts anew."""
        with own_cluster() as cluster:
            cluster.start_worker()
            self.__class__.victim = cluster.start_worker("--no-nanny")
            yield cluster

    victim: subprocess.Popen[bytes]

    @pytest.fixture(scope="class")
    def pair(
        self, cluster: OwnCluster, tmp_path_factory: pytest.TempPathFactory
    ) -> tuple[Course, Course, list[Result], list[Result]]:
        """The same class graded here and there, and the results of the cluster as they came."""
        students, came = a_class(), []
        here, jobs = handed_in(tmp_path_factory.mktemp("here"), students)
        there, _ = handed_in(tmp_path_factory.mktemp("there"), students)
        ours = grade_class(here, jobs, workers=2)
        results = grade_class(there, jobs, scheduler=cluster.address, done=came.append)
        assert results == ours
        assert right(students, results)
        return here, there, ours, came

    def test_all_that_is_written_is_what_a_local_run_writes(
        self, pair: tuple[Course, Course, list[Result], list[Result]]
    ) -> None:
        """Graded notebooks and feedback pages are equal to the byte: numbers of groups, foreign ids, broken files."""
        here, there, ours, _ = pair
        assert len(ours) == len(STUDENTS)
        for result in ours:
            for path in (graded_path, feedback_path):
                assert path(here, result.job).read_text() == path(there, result.job).read_text(), result.job

    def test_student_code_was_sealed_there(
        self, pair: tuple[Course, Course, list[Result], list[Result]]
    ) -> None:
        """Each result names the seal that the worker had."""
        told = {result.seal for result in pair[3] if result.job.student != "broken-file"}
        assert told
        assert told <= {
            "namespaces",
            "namespaces in a user namespace",
            "landlock",
            "landlock as another user",
        }

    def test_one_slow_submission_holds_up_no_other(
        self, cluster: OwnCluster, pair: object, tmp_path: Path
    ) -> None:
        """Handed out first, it comes last, since the other worker does the rest meanwhile."""
        students, came = a_class(4, slow=20), list[str]()
        course, jobs = handed_in(tmp_path, students)
        grade_class(
            course, jobs, scheduler=cluster.address, done=lambda result: came.append(result.job.student)
        )
        assert len(came) == 4
        assert came[-1] == SLOW

    def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
        self, cluster: OwnCluster, pair: object, tmp_path: Path
    ) -> None:
        """What it was at is graded elsewhere, all that it had started ends, and it leaves nothing of the course."""
        students = a_class(6, seconds=1)
        course, jobs = handed_in(tmp_path, students)
        started = children(self.victim.pid)
        assert started

        def kill(result: Result) -> None:
            self.victim.send_signal(signal.SIGKILL)

        assert right(students, grade_class(course, jobs, scheduler=cluster.address, done=kill))
        assert self.victim.wait(60) == -signal.SIGKILL
        wait_for(lambda: not [pid for pid in started if alive(pid)], "what it had started has ended")
        wait_for(
            lambda: len([*cluster.folder.glob("autograder-*")]) == 1,
            "the course is with the other worker alone",
        )

    def test_a_scheduler_that_is_killed_and_started_again_is_found_again(
        self, cluster: OwnCluster, pair: object, tmp_path: Path
    ) -> None:
        """The run goes on, and grades the rest on the workers that come."""
        students, killed = a_class(6, seconds=1), list[Result]()
        course, jobs = handed_in(tmp_path, students)

        def restart(result: Result) -> None:
            if not killed:
                killed.append(result)
                cluster.scheduler.kill()
                cluster.scheduler.wait()
                cluster.start_scheduler()
                cluster.start_worker()

        assert right(students, grade_class(course, jobs, scheduler=cluster.address, done=restart))

    def test_a_scheduler_that_does_not_come_back_ends_the_run_and_the_same_command_goes_on(
        self, cluster: OwnCluster, pair: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says that it waits, and what is graded is kept and not graded again."""
        students, came, told = a_class(6, seconds=1), list[Result](), list[str]()
        course, jobs = handed_in(tmp_path, students)
        monkeypatch.setattr(Cluster, "patience", 2.0)

        def kill(result: Result) -> None:
            came.append(result)
            cluster.scheduler.kill()

        with pytest.raises(GraderError, match="has not come back within 2 s; what is graded is kept"):
            grade_class(
                course,
                jobs,
                scheduler=cluster.address,
                done=kill,
                tell=lambda text: told.append(text.en),
            )
        assert f"the scheduler at {cluster.address} is gone; waiting for it, at most 2 s" in told
        assert {result.state for result in came} == {"graded"}
        assert len(came) < len(jobs)
        kept = {result.job for result in came}
        results = grade_class(course, jobs, scheduler="", workers=2)
        assert {result.job: result.state for result in results} == {
            job: "kept" if job in kept else "graded" for job in jobs
        }


class TestWorkersThatMayNotGrade:
    """A worker of another version, and one on a machine that has no seal."""

    @pytest.fixture(scope="class")
    def cluster(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
        """A cluster of these two."""
        older = other_package(
            tmp_path_factory.mktemp("older"), "__init__.py", '__version__ = "', '__version__ = "0.0.'
        )
        unsealed = other_package(
            tmp_path_factory.mktemp("unsealed"), "sandbox/seal.py", 'if sys.platform != "linux":', "if True:"
        )  # fmt: skip
        with own_cluster() as cluster:
            cluster.start_worker("--no-nanny", package=older)
            cluster.start_worker("--no-nanny", package=unsealed)
            yield cluster

    def test_where_there_are_no_others_nothing_is_touched(self, cluster: OwnCluster, tmp_path: Path) -> None:
        """The command says of each why, and what to do; no submission is marked as anything."""
        course, _ = handed_in(tmp_path, a_class())
        done = command("autograder", "grade", "--scheduler", cluster.address, cwd=course.root)
        assert done.returncode == 1
        assert "autograder: none of the workers may grade" in done.stderr
        assert ": autograder is 0.0." in done.stderr
        assert ": student code is not run here: no seal holds on this machine" in done.stderr
        assert f"`autograder doctor --scheduler {cluster.address}` tells more" in done.stderr
        assert not (course.root / "autograded").exists()
        done = command(
            "autograder", "doctor", "--language", "en", "--scheduler", cluster.address, cwd=tmp_path
        )
        assert done.returncode == 1, done.stderr
        assert "0 of 2 worker(s) may grade." in done.stdout

    @pytest.fixture(scope="class")
    def with_a_third(self, cluster: OwnCluster) -> OwnCluster:
        """A worker like any other joins them."""
        cluster.start_worker()
        return cluster

    def test_doctor_says_which_are_sealed_and_how(self, with_a_third: OwnCluster, tmp_path: Path) -> None:
        """In both languages."""
        cluster = with_a_third
        done = command(
            "autograder", "doctor", "--language", "en", "--scheduler", cluster.address, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        lines = {line[0]: line for line in sorted(done.stdout.splitlines())}
        assert "1 at once: " in lines["✔"]
        assert "system call filter" in lines["✔"]
        assert "1 at once: no seal holds" in done.stdout
        assert "autograder is 0.0." in done.stdout
        assert "1 of 3 worker(s) may grade." in done.stdout
        korean = ("--language", "ko", "--scheduler", cluster.address)
        done = command("autograder", "doctor", *korean, cwd=tmp_path)
        assert "동시에 1개: 봉인할 수 없습니다" in done.stdout
        assert "autograder 버전이 0.0." in done.stdout
        assert "작업자 3개 가운데 1개가 채점할 수 있습니다." in done.stdout

    def test_the_run_goes_on_with_the_rest(self, with_a_third: OwnCluster, tmp_path: Path) -> None:
        """As the course's settings say where to grade: the two get no submission, and it says so."""
        students, told = a_class(), list[Text]()
        course, jobs = handed_in(tmp_path, students)
        with (course.root / "nbgrader_config.py").open("a") as settings:
            settings.write(f'\nc.CourseSettings.scheduler = "{with_a_third.address}"\n')
        assert right(students, grade_class(Course.open(course.root), jobs, tell=told.append))
        assert told
        assert all(text.en.startswith("not used: tcp://") for text in told)
        assert all(text.ko.startswith("쓰지 않는 작업자 tcp://") for text in told)


class TestNoCluster:
    """An address at which nobody answers, or none."""

    def test_who_has_no_cluster_imports_no_dask(self) -> None:
        """Dask is an extra: commands, a local run and a cluster's engine do without until one is used."""
        code = (
            "import sys, autograder.cli, autograder.engine.run, autograder.engine.cluster.engine; "
            "print({'dask', 'distributed'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "set()\n"

    def test_it_says_how_to_start_one(self, tmp_path: Path) -> None:
        """Soon, with the address, and nothing is touched."""
        course, _ = handed_in(tmp_path, a_class())
        done = command("autograder", "grade", "--scheduler", "tcp://127.0.0.1:1", cwd=course.root)
        assert done.returncode == 1
        assert "no scheduler answers at tcp://127.0.0.1:1: expected a running one" in done.stderr
        assert "start it with `dask scheduler`" in done.stderr
        assert not (course.root / "autograded").exists()

    @pytest.mark.parametrize("address", ["nowhere", "tls://127.0.0.1:1"])
    def test_an_address_that_is_none_is_told(self, address: str, tmp_path: Path) -> None:
        """What was expected, and what was found."""
        done = command("autograder", "doctor", "--scheduler", address, cwd=tmp_path)
        assert done.returncode == 1
        assert f"{address}" in done.stderr
        assert "expected " in done.stderr


class TestWhatTravels:
    """To a worker: what grading needs, and no more."""

    def test_of_the_course_only_what_grading_needs(self, tmp_path: Path) -> None:
        """No submission, gradebook, roster or group, and no other assignment."""
        course, _ = handed_in(tmp_path, a_class())
        (course.root / "gradebook.db").touch()
        packed = travel.pack(course, [ASSIGNMENT])
        names = zipfile.ZipFile(BytesIO(packed)).namelist()
        assert {name.split("/")[0] for name in names} == {"nbgrader_config.py", "release", "solutions"}
        assert f"release/ko/{ASSIGNMENT}/{ASSIGNMENT}.ipynb" in names
        assert not [name for name in names if "/" in name and f"/{ASSIGNMENT}/" not in name]
        assert packed == travel.pack(course, [ASSIGNMENT])


@pytest.fixture(scope="class")
def sent_back(tmp_path_factory: pytest.TempPathFactory) -> tuple[Task, dict[str, Any], dict[str, float]]:
    """A submission, what a worker sends back of it, and the points of its questions."""
    students = a_class()
    course, jobs = handed_in(tmp_path_factory.mktemp("course"), students)
    job = next(job for job in jobs if job.student == HALF_RIGHT)
    grade_class(course, [job])
    with Ledger(course) as ledger:
        known, recorded = ledger.known_ids(), ledger.recorded(ASSIGNMENT)
    owner = owner_of(course, Roster.of(course), ASSIGNMENT, job.student, known)
    task = Task(job, submitted_files(course, job), recorded, known, owner)
    data = {"job": dataclasses.asdict(job), "notebook": graded_path(course, job).read_text(), "reason": ""}
    return task, data, {question.id: question.points for question in course.questions(ASSIGNMENT)}


Edit = Callable[[dict[str, Any]], None]


def outputs(value: str, **given: float) -> Edit:
    """A grade cell that says another score. given: what else nbgrader's metadata say."""

    def edit(cell: dict[str, Any]) -> None:
        cell["outputs"][1]["data"]["text/plain"] = value
        cell["metadata"]["nbgrader"].update(given)

    return edit


def report(**given: Any) -> Edit:
    """A grade cell whose report says something else."""
    return lambda cell: cell["metadata"]["autograder"]["report"].update(given)


class TestWhatComesBack:
    """A worker's answer is data that is looked at before it is written."""

    def test_a_submission_travels_whole(self, sent_back: tuple[Task, Any, Any]) -> None:
        """What a worker gets is what was sent: files to the byte, and whose they are."""
        task = sent_back[0]
        assert to_task(loads(dumps(from_task(task)))) == task

    def test_a_right_answer_is_taken(self, sent_back: tuple[Task, dict[str, Any], dict[str, float]]) -> None:
        """Its scores are read off its notebook."""
        task, data, points = sent_back
        graded = graded_from(data, task, points)
        assert sum(score or 0 for score in graded.auto_scores.values()) == 6.0
        assert set(graded.reports) == set(points)

    @pytest.mark.parametrize(
        ("edit", "told"),
        [
            (outputs("nan"), "lstm_params: expected the score 3 of its report, found 6.0"),
            (outputs("-1.0"), "lstm_params: expected the score 3 of its report, found 6.0"),
            (outputs("7.0"), "cannot be greater than maximum points"),
            (outputs("5.0"), "lstm_params: expected the score 3 of its report, found 5.0"),
            (outputs("60.0", points=60), "lstm_params-check: expected a score from 0 to 6, found 60.0"),
            (outputs("-1.0", points=math.nan), "lstm_params-check: expected a score from 0 to 6, found nan"),
            (lambda cell: cell.update(outputs=[]), "lstm_params: expected the score 3 of its report, found 6.0"),
            (lambda cell: cell["metadata"].pop("nbgrader"), "expected the score 3 of its report, found None"),
            (lambda cell: cell["metadata"].pop("autograder"), "expected reports of"),
            (report(points=7.0), "lstm_params: expected 6 points"),
            (report(checks=[], misconceptions=[]), "expected the score 0 of its report, found 3.0"),
            (report(checks=None), "expected a graded notebook"),
        ],
    )  # fmt: skip
    def test_an_answer_that_was_meddled_with_is_refused(
        self, sent_back: tuple[Task, dict[str, Any], dict[str, float]], edit: Edit, told: str
    ) -> None:
        """What was expected and what was found; stock nbgrader would have paid some of these in full."""
        task, data, points = sent_back
        notebook = json.loads(data["notebook"])
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "lstm_params-check":
                edit(cell)
        with pytest.raises(ValueError, match=told):
            graded_from(data | {"notebook": json.dumps(notebook)}, task, points)

    def test_another_ones_answer_is_refused(
        self, sent_back: tuple[Task, dict[str, Any], dict[str, float]]
    ) -> None:
        """Another job, or the notebook of another submission under this one's name."""
        task, data, points = sent_back
        other = {"student": "somebody", "assignment": ASSIGNMENT}
        with pytest.raises(ValueError, match="found that about another"):
            graded_from(data | {"job": other}, task, points)
        with pytest.raises(ValueError, match="found that about another"):
            page_from({"job": other, "page": "<p>"}, task.job)
        with pytest.raises(ValueError, match="expected the notebook that was handed in, found another"):
            graded_from(data, dataclasses.replace(task, submitted=()), points)

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            (b'{"score": NaN}', "expected finite numbers, found NaN"),
            (b"[1]", "expected a message, found list"),
            (b"\x80\x04K\x01.", "expected JSON"),
            (b"[" * 100_000, "expected JSON"),
        ],
    )  # fmt: skip
    def test_what_is_no_message_is_refused(self, raw: bytes, told: str) -> None:
        """A pickle among them: it is not read."""
        with pytest.raises(ValueError, match=told):
            loads(raw)
