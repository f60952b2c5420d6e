"""The whole round through nbgrader's exchange: one fetch brings both editions, either is graded, feedback returns.

As root the students are other users of this machine, as on a JupyterHub; as anybody else they are that user, who
names the student in each command.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.grading.course_secret import ensure_secret
from autograder.grading.given_out import RECORD
from tests.cli.test_grade import QUESTIONS, RIGHT, WRONG, both, grade_id, own_cell, scores
from tests.engine.test_batch import COMMENTS, GRADES, rows
from tests.support import LEAN, cli, command, small_course, without_draw

pytestmark = [
    pytest.mark.full,
    pytest.mark.seal,
    pytest.mark.long,
    pytest.mark.skipif("sys.platform == 'win32'", reason="it has no exchange"),
]
KOREAN, ENGLISH = "arithmetic.ipynb", "arithmetic.en.ipynb"
# users that every Linux has, and what each does
IN_ENGLISH, LATE, IN_BOTH = USERS = ("nobody", "daemon", "mail")
RENAMED = "20260003"  # the student id of the one who was late, and called the notebook something else
STUDENTS = (IN_ENGLISH, RENAMED, IN_BOTH)
ROSTER = f"student_id,hub_user\nnobody,\n{RENAMED},{LATE}\nmail,\n"
SETTINGS = """
c.Exchange.root = "{exchange}"
c.CourseDirectory.course_id = "rnn"
c.LateSubmissionPlugin.penalty_method = "zero"
"""


class Student:
    """Somebody with an account: a home, and nbgrader, but nothing of ours."""

    def __init__(self, name: str, box: Path) -> None:
        self.name, self.home = name, box / "home" / name
        self.home.mkdir(parents=True)
        settings = SETTINGS.format(exchange=box / "exchange")
        (self.home / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}")
        self.work = self.home / "arithmetic"
        self._become: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam(name)
            os.chown(self.home, user.pw_uid, user.pw_gid)
            self.home.chmod(0o700)
            self._become = ["setpriv", f"--reuid={name}", f"--regid={user.pw_gid}", "--clear-groups"]
            if self._run([sys.executable, "-c", ""]).returncode:  # this Python lies where only root may look
                self._become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]

    def does(self, *words: str) -> str:
        """Run one of nbgrader's commands at home; what it told."""
        who = [] if self._become else [f"--student={self.name}"]
        done = self._run([str(Path(sys.executable).parent / "nbgrader"), *words, "arithmetic", *who])
        assert done.returncode == 0, done.stderr
        return done.stderr

    def answers(self, name: str, answers: dict[str, str]) -> None:
        """Write answers into a notebook, and save it."""
        notebook = json.loads((self.work / name).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if grade_id(cell) in answers:
                cell["source"] = answers[grade_id(cell)].format(name=grade_id(cell))
        notebook["cells"].append(own_cell("print('mine')"))
        (self.work / name).write_text(json.dumps(notebook), encoding="utf-8")

    def pages(self) -> dict[str, str]:
        """The feedback that was fetched, by file name."""
        return {path.name: path.read_text(encoding="utf-8") for path in self.work.glob("feedback/*/*.html")}

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": LEAN,
        }
        return subprocess.run(
            [*self._become, *words], cwd=self.home, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip


def instructor(course: Course, name: str, *words: str) -> str:
    """Run a command in the course; what it told."""
    done = cli(*words, cwd=course.root) if name == "autograder" else command(name, *words, cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def box() -> Iterator[Path]:
    """A folder that every user of this machine may enter; pytest's own is its owner's."""
    folder = Path(tempfile.mkdtemp(prefix="exchange-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def class_(box: Path) -> SimpleNamespace:
    """A class that fetched, worked and submitted, one of them late; collected, and graded in two ways."""
    root = small_course(box / "course", languages=("ko", "en"))
    root.chmod(0o700)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(exchange=box / "exchange"))
        if os.geteuid() != 0:  # then all students are one user of the system
            file.write("c.ExchangeCollect.check_owner = False\n")
    (root / "source" / "arithmetic").mkdir(parents=True)
    (root / "source" / "arithmetic" / "words.csv").write_text("John,loves,Jane")
    stock = Course.open(root)
    for name in QUESTIONS:
        new_question(stock, "arithmetic", name)
    build(stock, solutions=False)
    instructor(stock, "nbgrader", "release_assignment", "arithmetic")

    (root / "roster.csv").write_text(ROSTER)
    students = {name: Student(name, box) for name in USERS}
    for student in students.values():
        student.does("fetch_assignment")
    fetched = {path.name: path.read_bytes() for path in students[IN_ENGLISH].work.iterdir()}
    students[IN_ENGLISH].answers(ENGLISH, both(WRONG))
    students[IN_BOTH].answers(KOREAN, {"add_more": WRONG})
    students[IN_BOTH].answers(ENGLISH, both(RIGHT))
    for name in (IN_ENGLISH, IN_BOTH):
        students[name].does("submit")
    time.sleep(1.1)  # nbgrader's times are in whole seconds
    due = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    instructor(stock, "nbgrader", "db", "assignment", "add", "arithmetic", f"--duedate={due}")
    time.sleep(1.1)
    students[LATE].answers(ENGLISH, both(RIGHT))
    (students[LATE].work / KOREAN).unlink()
    (students[LATE].work / ENGLISH).rename(students[LATE].work / "my work.ipynb")
    students[LATE].does("submit")

    instructor(stock, "nbgrader", "collect", "arithmetic")
    collected = {path: path.read_bytes() for path in stock.submitted.rglob("*.*")}
    ensure_secret(stock)
    ours = Course.open(shutil.copytree(root, box / "ours"))
    (box / "ours").chmod(0o700)
    instructor(stock, "nbgrader", "autograde", "arithmetic")
    instructor(stock, "nbgrader", "generate_feedback", "arithmetic")
    instructor(ours, "autograder", "grade", "--jobs", "2")
    return SimpleNamespace(
        students=students,
        fetched=fetched,
        collected=collected,
        courses={"nbgrader": stock, "autograder": ours},
    )


def test_one_fetch_brings_both_editions_and_the_data(class_: SimpleNamespace) -> None:
    """They are what was built, to the byte: the first language's under the assignment's name."""
    course = class_.courses["nbgrader"]
    assert class_.fetched == {
        KOREAN: course.assignment("arithmetic").release("ko").read_bytes(),
        ENGLISH: course.assignment("arithmetic").release("en").read_bytes(),
        "words.csv": b"John,loves,Jane",
    }


def test_released_files_are_read_only_for_students(class_: SimpleNamespace, box: Path) -> None:
    """By every user, whatever rights the files of the course have."""
    for path in (box / "exchange" / "rnn" / "outbound").rglob("*"):
        mode = path.stat().st_mode
        assert mode & 0o022 == 0
        assert mode & 0o004
        assert path.is_file() or mode & 0o001


def test_files_of_nbgrader_are_closed(class_: SimpleNamespace) -> None:
    """The folders that its commands made in the course, whatever rights it gives the files in them."""
    root = class_.courses["nbgrader"].root
    found = {name: (root / name).stat().st_mode & 0o077 for name in ("submitted", "autograded", "feedback")}
    assert found == {"submitted": 0, "autograded": 0, "feedback": 0}


def test_nbgrader_and_our_command_grade_alike(class_: SimpleNamespace) -> None:
    """Scores, late penalties, comments and the graded notebooks."""
    stock, ours = class_.courses.values()
    assert rows(stock, GRADES) == rows(ours, GRADES)
    assert rows(stock, COMMENTS) == rows(ours, COMMENTS)
    for student in STUDENTS:
        for folder in ("autograded", "feedback"):
            read = [
                {
                    path.name: without_draw(path.read_text("utf-8"))
                    for path in (course.root / folder / student).rglob("*.*")
                }
                for course in (stock, ours)
            ]  # fmt: skip
            assert {name: text for name, text in read[0].items() if name != "words.csv"} == read[1]


NBGRADER = pytest.param("nbgrader", marks=pytest.mark.full)


@pytest.mark.parametrize("way", [NBGRADER, "autograder"])
class TestEitherWay:
    """What is so whichever command graded."""

    def test_the_edition_that_was_worked_in_counts(self, class_: SimpleNamespace, way: str) -> None:
        """An untouched Korean notebook costs nothing, nor does one that is gone; who was late has a penalty of all."""
        assert set(rows(class_.courses[way], GRADES)) == {
            (student, f"{question}-check", score, None, 0, penalty)
            for question in QUESTIONS
            for student, score, penalty in (
                (IN_ENGLISH, 0.0, None), (IN_BOTH, 2.0, None), (RENAMED, 2.0, 4.0)
            )
        }  # fmt: skip

    def test_submitted_files_stay_unchanged(self, class_: SimpleNamespace, way: str) -> None:
        """No file is added, changed or gone."""
        folder = class_.courses[way].submitted
        found = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        first = class_.courses["nbgrader"].submitted
        assert found == {path.relative_to(first): raw for path, raw in class_.collected.items()}

    @pytest.mark.full
    def test_feedback_comes_back(self, class_: SimpleNamespace, way: str, box: Path) -> None:
        """Students fetch a page in their language, under each name that they handed in; nobody else may list them."""
        course, folder = class_.courses[way], box / "exchange" / "rnn" / "feedback"
        shutil.rmtree(folder, ignore_errors=True)
        instructor(course, "nbgrader", "release_feedback", "arithmetic")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
        pages = {}
        for student in class_.students.values():
            shutil.rmtree(student.work / "feedback", ignore_errors=True)
            assert "feedback ready to be fetched" in student.does("list", "--cached")
            assert "Could not find feedback" not in student.does("fetch_feedback")
            pages[student.name] = student.pages()
        assert {name: set(found) for name, found in pages.items()} == {
            IN_ENGLISH: {"arithmetic.html", "arithmetic.en.html"},
            IN_BOTH: {"arithmetic.html", "arithmetic.en.html"},
            LATE: {"my work.html"},
        }
        assert "The numbers were multiplied, not added." in pages[IN_ENGLISH]["arithmetic.html"]
        assert (
            "arithmetic.en.ipynb was graded. arithmetic.ipynb holds another answer to add_more"
            in (pages[IN_BOTH]["arithmetic.html"])
        )
        assert "multiplied" not in pages[LATE]["my work.html"]

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(None, id="gone"),
            pytest.param(b"", id="empty", marks=pytest.mark.full),
            pytest.param(b"\xff", id="no text", marks=pytest.mark.full),
        ],
    )
    def test_who_came_another_way_keeps_nobody_from_theirs(
        self, class_: SimpleNamespace, way: str, damage: bytes | None, tmp_path: Path
    ) -> None:
        """A hand-in by e-mail has no way back through the exchange: it is named, and the others' are released."""
        course = Course.open(shutil.copytree(class_.courses[way].root, tmp_path / "course"))
        for folder in ("autograded", "feedback"):
            path = course.root / folder / IN_BOTH / "arithmetic" / "submission_secret.txt"
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
        output = instructor(course, "nbgrader", "release_feedback", "arithmetic")
        assert f"{IN_BOTH} did not submit through the exchange: deliver " in output
        assert f"Releasing feedback for student '{RENAMED}'" in output


def test_feedback_that_students_may_not_see_yet_is_not_released(
    class_: SimpleNamespace, box: Path, tmp_path: Path
) -> None:
    """No page goes to the exchange, and the message says until when."""
    root = tmp_path / "course"
    shutil.copytree(class_.courses["autograder"].root, root)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.CourseSettings.scores_hidden_until = {"arithmetic": "2999-03-01T00:00+00:00"}\n')
    shutil.rmtree(box / "exchange" / "rnn" / "feedback", ignore_errors=True)
    done = command("nbgrader", "release_feedback", "arithmetic", cwd=root)
    assert done.returncode != 0
    assert (
        "students see no scores and no feedback of arithmetic before Fri, Mar 1, 2999, 09:00" in done.stderr
    )
    assert not list((box / "exchange" / "rnn" / "feedback").glob("*.html"))


def test_edition_that_is_not_built_stops_the_release(class_: SimpleNamespace, tmp_path: Path) -> None:
    """Nothing is released, and the message says what to do."""
    root = tmp_path / "course"
    shutil.copytree(class_.courses["nbgrader"].root, root)
    shutil.rmtree(root / "release" / "en")
    done = command(
        "nbgrader", "release_assignment", "arithmetic", f"--Exchange.root={tmp_path}/other", cwd=root
    )
    assert done.returncode != 0
    assert "run `autograder build` first" in done.stderr
    assert not (tmp_path / "other" / "rnn").exists()


def test_who_is_nobody_in_the_roster_is_named_and_not_collected(
    class_: SimpleNamespace, tmp_path: Path
) -> None:
    """With the file to mend; the others are collected, each under the id that the roster gives."""
    course = Course.open(shutil.copytree(class_.courses["autograder"].root, tmp_path / "course"))
    shutil.rmtree(course.submitted)
    (course.root / "roster.csv").write_text(ROSTER.replace("mail,\n", ""))
    output = instructor(course, "nbgrader", "collect", "arithmetic")
    assert f"not collected (fix {course.root / 'roster.csv'}): no student '{IN_BOTH}' in the roster" in output
    assert {path.name for path in course.submitted.iterdir()} == {IN_ENGLISH, RENAMED}


def test_fault_of_ours_is_no_score(class_: SimpleNamespace, tmp_path: Path) -> None:
    """Where the notebook has another name nbgrader writes 0 before it grades; what fails then takes that back."""
    course = Course.open(shutil.copytree(class_.courses["autograder"].root, tmp_path / "course"))
    shutil.rmtree(course.root / "release")
    (course.root / RECORD).write_text("{}", encoding="utf-8")  # nobody has seen a score
    done = command("nbgrader", "autograde", "arithmetic", f"--student={RENAMED}", "--force", cwd=course.root)
    assert done.returncode != 0
    assert "run `autograder build`" in done.stderr
    assert scores(course)[RENAMED] is None


class TestAgain:
    """What is kept, and what is graded anew, when the same student hands in once more."""

    @pytest.fixture
    def course(self, class_: SimpleNamespace, tmp_path: Path) -> Course:
        """A copy of the course that our command has graded."""
        return Course.open(shutil.copytree(class_.courses["autograder"].root, tmp_path / "course"))

    def test_nothing_new_is_kept(self, course: Course) -> None:
        """A second run grades nobody."""
        assert "0 graded, 3 kept from before" in instructor(course, "autograder", "grade", "--language", "en")

    @pytest.mark.parametrize("name", [KOREAN, "submission_secret.txt"])
    def test_change_of_any_file_that_matters_is_graded(self, course: Course, name: str) -> None:
        """Of the notebook that did not count, and of the secret that feedback is found by."""
        path = course.submitted / IN_ENGLISH / "arithmetic" / name
        path.chmod(0o644)
        path.write_text(path.read_text().replace("2", "1").replace("a", "b", 1))
        assert "1 graded, 2 kept from before" in instructor(course, "autograder", "grade", "--language", "en")
