"""A class of attackers and honest students, graded together: nobody gains, reads, harms, outlives or injects."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.sandbox.limits import Limits
from autograder.sandbox.seal import UNSEALED
from autograder.sandbox.session import open_session
from tests.hostile.arena import Arena, Live, arena, full_marks, points
from tests.hostile.attack import GRU, LSTM, TAGGING, Attack
from tests.hostile.attacks import COUNTING, ON_THE_MACHINE, SLOW, WITH_TENSORFLOW
from tests.hostile.attacks.forgery import FILE_LEVEL
from tests.hostile.corpus import asked_for, params
from tests.hostile.seals import SEALS, only, only_one
from tests.support import ROOT, command

pytestmark = [pytest.mark.seal, pytest.mark.long]
HONEST = (("honest1", GRU), ("honest2", LSTM), ("honest3", GRU), ("honest4", LSTM))
SLOW_SECONDS = (
    30.0  # an honest one takes 1.5 s, ten times as much on a busy machine; what is guarded against, minutes
)
LEFT_BEHIND = "left-behind" + "-by-one"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each attack of a class in turn, where a test is about one."""
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", params(metafunc.cls.attacks))


def visible(made: Arena, attack: Attack) -> str:
    """All that is kept of an attacker: the graded notebook and the page."""
    return made.graded(attack.id, attack.assignment) + made.page(attack.id, attack.assignment)


def reference_lines(assignment: str) -> set[str]:
    """Lines of the course's own code that are long enough to be told from anybody's."""
    found = set()
    for path in (ROOT / "solutions" / assignment).glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            code = line.strip()
            if re.match(
                r"(return|layer_counts|one_gate|biases|bias|expect\.|@question|def \w+\(got|drawn)", code
            ):
                found.add(code)
    return {line for line in found if len(line) > 18}


def grade_among_honest(made: Arena, attacks: Sequence[Attack]) -> None:
    """Grade counting attacks as one class, with honest students before, between and after them."""
    made.hand_in_honestly("honest1", GRU)
    jobs = [made.hand_in(attack) for attack in attacks]
    for place, (student, assignment) in enumerate(HONEST):
        jobs.insert(place * len(jobs) // 3, made.hand_in_honestly(student, assignment))
    made.grade(jobs)


class Properties:
    """What holds of each attack, whatever it tries, and of the class after all of them."""

    attacks: tuple[Attack, ...]

    def test_it_is_graded(self, graded: Arena, attack: Attack) -> None:
        """There is a result and a report for every question, with a reason where the file was refused."""
        result = graded.results[attack.id]
        assert result.state == "graded", result.reason
        assert set(result.reports) == set(full_marks(attack.assignment))

    def test_it_gains_nothing(self, graded: Arena, attack: Attack) -> None:
        """No question earns more than its honest answer is worth, in the report and in the gradebook."""
        found = points(graded.results[attack.id])
        assert {
            name: score for name, score in found.items() if not 0 <= score <= attack.earns.get(name, 0)
        } == {}
        with Gradebook(graded.course.gradebook_url) as gradebook:
            submission = gradebook.find_submission(attack.assignment, attack.id)
            assert submission.score == sum(found.values())
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            assert [
                grade.name for grade in grades if grade.manual_score is not None or grade.needs_manual_grade
            ] == []

    def test_its_honest_answers_keep_their_marks(self, graded: Arena, attack: Attack) -> None:
        """What was right is worth what it was, where the attack was on something else."""
        found = points(graded.results[attack.id])
        assert {name: found.get(name) for name in attack.keeps} == {
            name: attack.earns[name] for name in attack.keeps
        }

    def test_it_reads_no_secret(self, graded: Arena, attack: Attack) -> None:
        """No planted token, none of our code and nothing that another kernel left is in what is kept of it."""
        text = visible(graded, attack)
        assert [place for place, token in graded.secrets.items() if token in text] == []
        assert LEFT_BEHIND not in text
        assert [
            line for line in reference_lines(attack.assignment) if line in text and line not in attack.text
        ] == []

    def test_its_page_is_safe(self, graded: Arena, attack: Attack) -> None:
        """Nothing lives in the page that does not live in an honest student's."""
        honest = next(student for student, name in graded.honest.items() if name == attack.assignment)
        usual = Live(graded.page(honest, attack.assignment)).found
        assert Live(graded.page(attack.id, attack.assignment)).found - usual == set()

    def test_it_was_graded_to_its_end(self, graded: Arena) -> None:
        """No submission stopped the others."""
        assert graded.stopped == []

    def test_honest_students_have_full_marks(self, graded: Arena) -> None:
        """Whoever is graded before, between and after attackers gets what is due."""
        for student, assignment in graded.honest.items():
            found = points(graded.results[student])
            expected = full_marks(assignment)
            if assignment == TAGGING:  # answered in part
                expected = {name: expected[name] * (name in ("encode", "decode_tags")) for name in expected}
            assert found == expected, student

    def test_nothing_is_harmed(self, graded: Arena) -> None:
        """Every file of the course, the home and the package is what it was, and there is no new one."""
        assert {path for path in graded.before if graded.after.get(path) != graded.before[path]} == set()
        assert set(graded.after) - set(graded.before) == set()

    def test_nothing_outlives_its_kernel(self, graded: Arena) -> None:
        """No process and no file of an attacker is left on the machine."""
        assert graded.left == []

    def test_every_one_was_sealed(self, graded: Arena) -> None:
        """Whatever ran, ran under the operating system's seal."""
        seals = {result.seal for result in graded.results.values()}
        assert seals - {""} != set()
        assert UNSEALED not in seals


class TestCounting(Properties):
    """All counting attacks with honest students among them, as one class."""

    attacks = ON_THE_MACHINE if only_one else COUNTING

    @pytest.fixture(scope="class")
    def graded(
        self, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
    ) -> Iterator[Arena]:
        """What became of them."""
        with arena(tmp_path_factory.mktemp("hostile"), GRU, LSTM) as made:
            grade_among_honest(made, asked_for(self.attacks, pytestconfig))
            yield made


@pytest.mark.full
class TestUnderLandlock(Properties):
    """Those that a seal keeps in, where Landlock and the filter are all there is, as the same user."""

    attacks = tuple(one for one in ON_THE_MACHINE if not one.costly)

    @pytest.fixture(scope="class")
    def graded(
        self, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
    ) -> Iterator[Arena]:
        """What became of them."""
        if only_one:
            pytest.skip("another seal is tried on this machine")
        with arena(tmp_path_factory.mktemp("hostile"), GRU, LSTM) as made, only(SEALS["landlock"]):
            grade_among_honest(made, asked_for(self.attacks, pytestconfig))
            yield made

    def test_every_one_was_sealed(self, graded: Arena) -> None:
        """By Landlock, and by nothing stronger."""
        assert {result.seal for result in graded.results.values()} - {""} == {"landlock"}


@pytest.mark.full
@pytest.mark.tensorflow
class TestTagging(Properties):
    """The attacks on questions about models."""

    attacks = WITH_TENSORFLOW

    @pytest.fixture(scope="class")
    def graded(
        self, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
    ) -> Iterator[Arena]:
        """What became of them."""
        with arena(tmp_path_factory.mktemp("hostile"), TAGGING) as made:
            jobs = [made.hand_in(attack) for attack in asked_for(self.attacks, pytestconfig)]
            jobs.append(made.hand_in_honestly("honest1", TAGGING))
            made.grade(jobs)
            yield made


class TestSlowReading:
    """What is slow to read for the programs that judge an answer and make a page."""

    @pytest.fixture(scope="class")
    def empty(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
        """A course in which an honest student has been graded, so that everything is warm."""
        with arena(tmp_path_factory.mktemp("hostile"), GRU) as made:
            made.grade([made.hand_in_honestly("honest1", GRU)])
            yield made

    @pytest.mark.parametrize("slow", params(SLOW))
    def test_they_cost_the_grader_little_time(self, empty: Arena, slow: Attack) -> None:
        """A few seconds of computing for all of it, and the honest answer keeps its marks."""
        job = empty.hand_in(slow)
        began = time.process_time()  # the grader's own, whatever else the machine does
        empty.grade([job])
        took = time.process_time() - began
        result = empty.results[slow.id]
        assert result.state == "graded", result.reason
        assert points(result)["g1"] == slow.earns.get("g1", 0)
        assert took < SLOW_SECONDS


def memory(name: str) -> int:
    """Megabytes that this process holds (VmRSS), or has held at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name))) // 1024


def test_messages_of_many_parts_are_bounded() -> None:
    """A message of many parts, each as big as one may be, costs the grader no more memory than one of them."""
    with open_session("counting", limits=Limits(cell=20)) as session:
        session.run("kernel = get_ipython().kernel\npart = b'x' * 60_000_000")
        Path("/proc/self/clear_refs").write_text("5")  # the most that was held counts from here
        before = memory("VmRSS")
        session.run("kernel.iopub_socket.send_multipart([b'<IDS|MSG>', *[part] * 12])")
        time.sleep(1)
        session.run("1")
        assert memory("VmHWM") - before < 400


@pytest.mark.full
class TestStockCommand:
    """Doctored files through nbgrader's own commands."""

    attacks = tuple(one for one in COUNTING if one.id in FILE_LEVEL)

    @pytest.fixture(scope="class")
    def stock(self, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Arena]:
        """What became of them."""
        with arena(tmp_path_factory.mktemp("hostile"), GRU) as made:
            made.hand_in_honestly("honest1", GRU)
            for attack in asked_for(self.attacks, pytestconfig):
                made.hand_in(attack)
            made.hand_in_honestly("honest9", GRU)
            made.before = made.look()
            for name in ("generate_assignment", "autograde", "generate_feedback"):
                done = command("nbgrader", name, GRU, cwd=made.course.root)
                if done.returncode:
                    made.stopped.append(done.stderr[-2000:])
            made.after = made.look()
            yield made

    def test_they_are_graded_to_the_end(self, stock: Arena) -> None:
        """No command says that it could not grade a submission."""
        assert stock.stopped == []

    def test_it_gains_and_reads_nothing(self, stock: Arena, attack: Attack) -> None:
        """The same scores as by our own command, and no secret in what is kept."""
        name = attack.id
        with Gradebook(stock.course.gradebook_url) as gradebook:
            submission = gradebook.find_submission(GRU, name)
            grades = {g.name: g.auto_score for n in submission.notebooks for g in n.grades}
        most = {f"{question}-check": points for question, points in attack.earns.items()}
        assert {g for g, score in grades.items() if score is None or score > most.get(g, 0)} == set()
        folder = stock.course.root / "autograded" / name
        kept = [path for path in folder.rglob("*") if not path.is_dir()]
        assert kept
        assert [path.name for path in kept if path.is_symlink() or not path.is_file()] == []
        text = b"".join(
            path.read_bytes() for path in (*kept, *(stock.course.root / "feedback" / name).rglob("*.html"))
        )
        assert [place for place, token in stock.secrets.items() if token.encode() in text] == []
        assert b"SQLite format 3" not in text

    def test_honest_students_have_full_marks_and_nothing_is_harmed(self, stock: Arena) -> None:
        """The batch went on to its end, and the course is what it was, but for what was set aside."""
        with Gradebook(stock.course.gradebook_url) as gradebook:
            for student in stock.honest:
                assert gradebook.find_submission(GRU, student).score == sum(full_marks(GRU).values())
        moved = {path for path in stock.before if path not in stock.after}
        assert {Path(path).relative_to(stock.course.submitted).parts[0] for path in moved} <= set(FILE_LEVEL)
        changed = {path for path in stock.after if stock.before.get(path, "") != stock.after[path]}
        # `generate_assignment` has written the releases again
        assert {
            path
            for path in changed
            if not path.startswith(str(stock.course.root / "release"))
            or stock.before[path].split()[-1] != stock.after[path].split()[-1]
        } == set()
