"""What a submission may cost a command that has no workers: nbgrader's own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from autograder.authoring.build import build
from autograder.course import Course
from autograder.errors import GraderError
from autograder.sandbox.budget import Budget
from tests.cli.test_grade import hand_in, scores
from tests.support import command, course_of_one_question

SMALL = Budget(cpu_seconds=1, memory_mb=200)


def for_ever() -> str:
    """Work that does not end."""
    while True:
        pass


class TestApart:
    """Work in a bounded fork."""

    def test_its_result_comes_back(self) -> None:
        """However long it is, and whatever characters are in it."""
        text = "가\ud800" * 300_000
        assert SMALL.run_in_fork(lambda: text, 60) == text

    def test_it_changes_nothing_here(self) -> None:
        """It is another process."""
        assert SMALL.run_in_fork(lambda: str(os.getpid()), 60) != str(os.getpid())

    def test_fault_comes_back_with_its_reason(self) -> None:
        """One of ours as it is told, any other with its type."""

        def fails() -> str:
            raise GraderError("no seal")

        with pytest.raises(GraderError, match=r"^no seal$"):
            SMALL.run_in_fork(fails, 60)
        with pytest.raises(GraderError, match=r"^ZeroDivisionError: division by zero$"):
            SMALL.run_in_fork(lambda: str(1 / 0), 60)

    def test_too_much_computing_ends_it(self) -> None:
        """Also where no Python runs."""
        with pytest.raises(GraderError, match="the grader too long"):
            SMALL.run_in_fork(for_ever, 60)

    def test_too_much_memory_is_refused(self) -> None:
        """The command itself keeps what it has."""
        with pytest.raises(GraderError, match="the grader too much memory"):
            SMALL.run_in_fork(lambda: str(len(bytearray(2_000 << 20))), 60)

    def test_one_that_waits_for_ever_is_ended(self) -> None:
        """By the clock."""
        with pytest.raises(GraderError, match="the grader too long"):
            SMALL.run_in_fork(lambda: str(signal.pause()), 0.2)

    def test_one_that_is_killed_is_told(self) -> None:
        """As where the machine is short of memory."""
        with pytest.raises(GraderError, match=r"the grading process ended unexpectedly \(exit status -9\)"):
            SMALL.run_in_fork(lambda: str(os.kill(os.getpid(), signal.SIGKILL)), 60)


@pytest.mark.seal
@pytest.mark.long
@pytest.mark.full
def test_nbgrader_goes_on_after_a_submission_that_takes_too_much(tmp_path: Path) -> None:
    """To be read or to be judged: it has no score, and the reason is told; the next one is graded."""
    course = course_of_one_question(tmp_path / "course")
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    check = "    expect.count(got, want)\n"
    assert check in path.read_text(encoding="utf-8")
    takes = "    while got == 12345:\n        pass\n    if got == 54321:\n        bytearray(2_000 << 20)\n"
    path.write_text(path.read_text(encoding="utf-8").replace(check, takes + check), encoding="utf-8")
    config = course.root / "nbgrader_config.py"
    small = "import autograder.nbgrader.submission_reader\nfrom autograder.sandbox.budget import Budget\n"
    small += "autograder.nbgrader.submission_reader.BUDGET = Budget(cpu_seconds=3, memory_mb=200)\n"
    config.write_text(config.read_text(encoding="utf-8") + small, encoding="utf-8")
    build(Course.open(course.root), solutions=False)
    answers = {"kim": "return 12345", "lee": "return 54321", "zoe": "return a + b"}
    for name, body in answers.items():
        hand_in(course, name, {"add_two": f"def {{name}}(a, b):\n    {body}"})
    # four bytes a letter once it is read
    hand_in(course, "pat", {}, edit=lambda notebook: notebook.update(long="a" * 45_000_000 + "😀"))
    done = command("nbgrader", "autograde", "arithmetic", cwd=course.root)
    assert done.returncode != 0
    assert "takes the grader too long (more than 3 s of CPU time)" in done.stderr
    assert "check adds_any_two raised MemoryError" in done.stderr
    assert "takes the grader too much memory (more than 200 MB)" in done.stderr
    assert [path.parent.name for path in course.autograded.glob("*/arithmetic")] == ["zoe"]
    assert scores(course) == {"kim": None, "lee": None, "pat": None, "zoe": 2.0}
