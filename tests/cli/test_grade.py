"""A class through nbgrader: the same scores by every way, every bad input told, nothing lost."""

from __future__ import annotations

import copy
import csv
import html
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import _temp_alembic_ini
from rich.console import Console
from sqlalchemy import text

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.cli.grading_summary import print_summary, run_totals
from autograder.course import Course, SubmissionId
from autograder.engine import batch
from autograder.engine.batch import Listener, find_submissions, grade_class
from autograder.engine.messages import LATE, Result, ScoreChange
from autograder.grading import fingerprint
from autograder.grading.fingerprint import NO_REASON, REASONS, RegradeReason
from autograder.grading.versions import own_version, version_of
from autograder.nbgrader.gradebook import GradebookWriter, mark_ungraded
from autograder.nbgrader.grades_csv import write_grades_files
from autograder.nbgrader.registration import ensure_registered, register
from autograder.notebooks.stamp import new_notebook
from autograder.roster import Group, write_groups
from autograder.verification.released import unproved_questions
from tests.fork_servers import shared_fork_servers
from tests.support import cli, clone, command, copy_course, small_course

RIGHT = "def {name}(a, b):\n    return a + b"
WRONG = "def {name}(a, b):\n    return a * b"
# long enough to be interrupted, and within the time that a call may take
SLOW = "import time\ndef {name}(a, b):\n    time.sleep(15)\n    return a + b"
QUESTIONS = ("add_more", "add_two")

ESSAY = {"grade": True, "grade_id": "essay", "locked": False, "points": 3, "schema_version": 3, "solution": True,
         "task": False, "cell_type": "markdown"}  # fmt: skip
LATE_COSTS_ALL = """
c.CourseSettings.due = {"arithmetic": "2026-11-01T00:00+00:00"}
c.LateSubmissionPlugin.penalty_method = "zero"
"""

FAILING_POLICY = """
from nbgrader.plugins import LateSubmissionPlugin

class Failing(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        raise ValueError("boom")
"""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions worth 2 points each, in both languages."""
    root = small_course(tmp_path_factory.mktemp("released") / "course", languages=("ko", "en"))
    course = Course.open(root)
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    return root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of the released course."""
    return clone(released, tmp_path)


Edit = Callable[[dict[str, Any]], None]


def hand_in(
    course: Course,
    student: str,
    answers: dict[str, str],
    *,
    language: str = "en",
    edit: Edit = lambda notebook: None,
) -> Path:
    """Write a student's notebook into submitted/: the release with some answers in it."""
    notebook = json.loads(course.assignment("arithmetic").release(language).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name in answers:
            cell["source"] = answers[name].format(name=name)
    edit(notebook)
    target = course.root / "submitted" / student / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    return target


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def promise(course: Course, module: str) -> None:
    """Let the released notebooks import a module."""
    for path in course.assignment("arithmetic").releases:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(f"import {module}"))
        nbformat.write(notebook, path)


def both(answer: str) -> dict[str, str]:
    return dict.fromkeys(QUESTIONS, answer)


def scores(course: Course) -> dict[str, float | None]:
    """Scores by student, as nbgrader's gradebook has them; None where one is missing."""
    with Gradebook(course.gradebook_url) as gradebook:
        found: dict[str, float | None] = {}
        for submission in gradebook.assignment_submissions("arithmetic"):
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            missing = any(grade.auto_score is None for grade in grades)
            found[submission.student.id] = None if missing else submission.score
        return found


def auto_scores(course: Course) -> dict[str, dict[str, float | None]]:
    """Scores by student and question."""
    with Gradebook(course.gradebook_url) as gradebook:
        return {
            submission.student.id: {
                grade.name.removesuffix("-check"): grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions("arithmetic")
        }


def feedback_of(course: Course, student: str) -> str:
    path = course.root / "feedback" / student / "arithmetic" / "arithmetic.html"
    return path.read_text(encoding="utf-8")


def own_cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def first_answer(notebook: dict[str, Any]) -> int:
    return next(place for place, cell in enumerate(notebook["cells"]) if grade_id(cell) == "add_more")


@pytest.mark.full
class TestStockCommands:
    """nbgrader's own commands, in the root of a fresh clone, with nothing but the assignment's name."""

    @pytest.fixture(scope="class")
    def graded(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
        """Three submissions through nbgrader alone."""
        course = clone(released, tmp_path_factory.mktemp("stock"))
        hand_in(course, "right", both(RIGHT))
        hand_in(course, "half", both(RIGHT) | {"add_two": WRONG}, language="ko")
        hand_in(course, "untouched", {})
        for arguments in (
            ["generate_assignment", "arithmetic"],
            ["autograde", "arithmetic"],
            ["generate_feedback", "arithmetic"],
            ["generate_solution", "arithmetic"],
            ["export"],
        ):
            done = command("nbgrader", *arguments, cwd=course.root)
            assert done.returncode == 0, done.stderr
        return course

    def test_they_give_right_scores_feedback_and_grades(self, graded: Course) -> None:
        """Scores, the named mistake in the language handed in, a grades file, and a solved notebook."""
        assert scores(graded) == {"right": 4.0, "half": 2.0, "untouched": 0.0}
        assert "더하지 않고 곱했습니다." in feedback_of(graded, "half")
        with (graded.root / "grades.csv").open(encoding="utf-8") as file:
            assert {row["student_id"]: row["score"] for row in csv.DictReader(file)} == {
                "right": "4.0",
                "half": "2.0",
                "untouched": "0.0",
            }
        assert (graded.root / "build" / "solution" / "arithmetic" / "arithmetic.ipynb").exists()

    def test_generate_assignment_makes_the_edition_that_is_committed(
        self, graded: Course, released: Path
    ) -> None:
        """The Korean edition by default, byte for byte what `build` wrote."""
        assert (
            graded.assignment("arithmetic").release("ko").read_bytes()
            == Course.open(released).assignment("arithmetic").release("ko").read_bytes()
        )

    def test_our_command_and_formgrader_give_the_same_scores(
        self, graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`autograder grade` and the button of formgrader, on the same gradebook."""
        graded = Course.open(shutil.copytree(graded.root, tmp_path / "course"))
        expected = scores(graded)
        assert cli("grade", "--force", cwd=graded.root).returncode == 0
        assert scores(graded) == expected
        monkeypatch.chdir(graded.root)
        config = copy.deepcopy(graded.config)
        config.CourseDirectory.root = str(graded.root)
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        result = api.autograde("arithmetic", "half")
        assert result["success"], result
        assert scores(graded) == expected

    def test_grades_of_nbgraders_commands_are_kept(self, graded: Course, tmp_path: Path) -> None:
        """Its commands leave the record that ours leave."""
        course = Course.open(shutil.copytree(graded.root, tmp_path / "course"))
        results = grade_class(course, find_submissions(course, ["arithmetic"]))
        assert [result.state for result in results] == ["kept"] * 3

    def test_feedback_shows_no_hidden_test_and_no_answer(self, graded: Course) -> None:
        """Neither the guard, nor a check, nor the reference stands in any page."""
        for student in ("right", "half", "untouched"):
            page = feedback_of(graded, student)
            for private in ("HIDDEN TESTS", "RuntimeError", "total_of_both", "adds_any_two"):
                assert private not in page


def test_new_gradebook_says_the_schema_that_nbgrader_would(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The revision that `alembic heads` prints, so that a later nbgrader can upgrade it; no process is started."""
    with _temp_alembic_ini("sqlite://") as settings:
        newest = command("alembic", "-c", settings, "heads", cwd=course.root).stdout.split()[0]
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    with Gradebook(course.gradebook_url) as gradebook:
        made = gradebook.db.execute(text("select version_num from alembic_version")).scalar_one()
    assert made == newest


class TestBadInput:
    """One class of hand-ins as they come: each is graded from what can be found, none stops the others."""

    @pytest.fixture(scope="class")
    def graded(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
        """All of them in one run."""
        course = clone(released, tmp_path_factory.mktemp("bad"))

        def lose_metadata(notebook: dict[str, Any]) -> None:
            notebook["metadata"] = {}
            for place, cell in enumerate(notebook["cells"]):
                cell["metadata"], cell["id"] = {}, f"c{place}"

        def copy_cell(notebook: dict[str, Any]) -> None:
            place = first_answer(notebook)
            notebook["cells"].insert(place, copy.deepcopy(notebook["cells"][place]))

        def reprice(notebook: dict[str, Any]) -> None:
            for cell in notebook["cells"]:
                if grade_id(cell).endswith("-check"):
                    cell["metadata"]["nbgrader"]["points"] = 1000

        def delete_grade_cells(notebook: dict[str, Any]) -> None:
            notebook["cells"] = [cell for cell in notebook["cells"] if not grade_id(cell).endswith("-check")]

        def retype(notebook: dict[str, Any]) -> None:
            cell = notebook["cells"][first_answer(notebook)]
            cell["cell_type"] = "markdown"
            del cell["outputs"], cell["execution_count"]

        def delete_answer(notebook: dict[str, Any]) -> None:
            del notebook["cells"][first_answer(notebook)]

        def write_elsewhere(notebook: dict[str, Any]) -> None:
            notebook["cells"].append(own_cell(RIGHT.format(name="add_more")))

        def kill_kernel(notebook: dict[str, Any]) -> None:
            notebook["cells"].insert(0, own_cell("import os\nos._exit(1)"))

        def lose_metadata_of_draft(notebook: dict[str, Any]) -> None:
            notebook["cells"].insert(first_answer(notebook), own_cell(WRONG.format(name="add_more")))
            lose_metadata(notebook)

        def write_in_check(notebook: dict[str, Any]) -> None:
            for cell in notebook["cells"]:
                if grade_id(cell) == "add_more-check":
                    cell["source"] = RIGHT.format(name="add_more")

        def replace_in_own_cell(notebook: dict[str, Any]) -> None:
            notebook["cells"].insert(first_answer(notebook) + 1, own_cell(WRONG.format(name="add_more")))

        for name, edit in {
            "lost-metadata": lose_metadata,
            "lost-with-draft": lose_metadata_of_draft,
            "defined-twice": replace_in_own_cell,
            "copied-cell": copy_cell,
            "repriced": reprice,
            "no-grade-cells": delete_grade_cells,
            "retyped": retype,
            "deleted-answer": delete_answer,
            "kernel-killer": kill_kernel,
        }.items():
            hand_in(course, name, both(RIGHT), edit=edit)
        hand_in(course, "elsewhere", {"add_two": RIGHT}, edit=write_elsewhere)
        hand_in(course, "in-check", {"add_two": RIGHT}, edit=write_in_check)
        for name, answer in {
            "raises": "def {name}(a, b):\n    raise ValueError('no idea')",
            "dies": "import os\ndef {name}(a, b):\n    os._exit(0)",
            "numpy": "import numpy as np\ndef {name}(a, b):\n    return np.int64(a + b)",
            "nan": "def {name}(a, b):\n    return float('nan')",
            "equal": "class E:\n    def __eq__(self, other):\n        return True\n"
            "def {name}(a, b):\n    return E()",
            "stderr": "import sys, warnings\nwarnings.warn('careful')\ndef {name}(a, b):\n"
            "    print('note', file=sys.stderr)\n    return a + b",
            "syntax": "def {name}(a, b)\n    return a + b",
        }.items():
            hand_in(course, name, {"add_two": RIGHT, "add_more": answer})
        path = hand_in(course, "no-json", both(RIGHT))
        path.write_text(path.read_text(encoding="utf-8")[:900], encoding="utf-8")
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 0, done.stderr
        assert "19 graded, 0 kept from before, 0 not graded" in done.stdout
        return course

    @pytest.mark.parametrize(
        ("student", "score"),
        [
            ("lost-metadata", 4), ("copied-cell", 4), ("repriced", 4), ("no-grade-cells", 4), ("retyped", 4),
            ("deleted-answer", 2), ("kernel-killer", 4), ("elsewhere", 4), ("raises", 2), ("dies", 2),
            ("numpy", 4), ("nan", 2), ("equal", 2), ("stderr", 4), ("syntax", 2), ("no-json", 0),
            ("lost-with-draft", 4), ("in-check", 4), ("defined-twice", 2),
        ],
    )  # fmt: skip
    def test_it_gets_what_its_answers_deserve(self, graded: Course, student: str, score: float) -> None:
        """Other questions keep their marks, whatever happens to one."""
        assert scores(graded)[student] == score

    @pytest.mark.parametrize(
        ("student", "sentence"),
        [
            ("lost-metadata", "the one cell that defines add_two was taken"),
            ("copied-cell", "there were 2 answer cells for add_more; the last one worked on was taken"),
            ("lost-with-draft", "2 cells define add_more; the last one above its check was taken"),
            ("in-check", "the one cell that defines add_more was taken"),
            ("defined-twice", "add_more is defined in 2 cells; the definition in cell"),
            ("deleted-answer", "no cell with the answer to add_more was found in the notebook handed in"),
            ("elsewhere", "the one cell that defines add_more was taken"),
            ("raises", "running the answer raised ValueError: no idea"),
            ("dies", "running the answer ended the kernel"),
            ("nan", "expected a whole number, got nan"),
            ("equal", "the answer did not give back a value that can be judged: its type is E"),
            ("syntax", "running the answer cell stopped: SyntaxError"),
            ("syntax", "(line 1)"),  # and no file of the kernel
            ("no-json", "제출한 노트북 파일이 손상되었거나 중간에 잘렸습니다."),
        ],
    )
    def test_its_feedback_says_what_happened(self, graded: Course, student: str, sentence: str) -> None:
        """Never a silent 0."""
        assert sentence.lower() in feedback_of(graded, student).lower()


class TestFaultsOfOurs:
    """A check that breaks is the author's or ours, never a student's 0."""

    @pytest.fixture
    def broken(self, course: Course) -> Course:
        """A check that divides by zero for one answer only, which no law tries."""
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        text = text.replace(
            "    expect.count(got, want)", "    1 / (got != -987654)\n    expect.count(got, want)"
        )
        path.write_text(text, encoding="utf-8")
        hand_in(course, "unlucky", both(RIGHT) | {"add_two": "def {name}(a, b):\n    return -987654"})
        hand_in(course, "lucky", both(RIGHT))
        return course

    def test_the_submission_is_not_graded_and_the_others_are(self, broken: Course) -> None:
        """The command says so, exits with an error, and leaves the score blank."""
        done = cli("grade", "--language", "en", cwd=broken.root)
        assert done.returncode == 1
        assert "check adds_any_two raised ZeroDivisionError" in done.stdout
        assert scores(broken) == {"lucky": 4.0, "unlucky": None}
        with (broken.root / "grades.csv").open(encoding="utf-8") as file:
            rows = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
        assert rows == {"lucky": "4.0", "unlucky": ""}

    @pytest.mark.full
    def test_nbgraders_export_leaves_it_blank_lists_it_and_fails(self, broken: Course) -> None:
        """Every settled row is written all the same."""
        cli("grade", cwd=broken.root)
        done = command("nbgrader", "export", cwd=broken.root)
        assert done.returncode == 1
        assert "Not graded, left blank in grades.csv: arithmetic of unlucky" in done.stderr
        assert "lucky" in (broken.root / "grades.csv").read_text(encoding="utf-8")

    def test_score_whose_question_is_gone_is_not_given(self, course: Course) -> None:
        """Nobody gets the points of a question without a file, be the answer right, missing or unreadable."""
        hand_in(course, "amy", both(RIGHT))
        hand_in(course, "ida", {})
        hand_in(course, "jon", {}).write_text("no notebook", encoding="utf-8")
        assert cli("grade", cwd=course.root).returncode == 0
        file = course.root / "solutions" / "arithmetic" / "add_more.py"
        text = file.read_text(encoding="utf-8")
        file.unlink()
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1
        output = "".join(done.stdout.split())  # a narrow terminal breaks lines
        assert (
            "".join(f"add_more is in the release, and there is no {file}: put the file back".split())
            in output
        )
        assert auto_scores(course) == {
            "amy": {"add_more": None, "add_two": 2.0},
            "ida": {"add_more": None, "add_two": 0.0},
            "jon": {"add_more": None, "add_two": 0.0},
        }
        file.write_text(text, encoding="utf-8")
        assert cli("grade", "--language", "en", cwd=course.root).returncode == 0
        assert scores(course) == {"amy": 4.0, "ida": 0.0, "jon": 0.0}

    def test_question_that_no_longer_holds_is_not_graded_and_the_others_are(self, course: Course) -> None:
        """One whose right answers would fail has no score, and its law is told; the others get theirs."""
        hand_in(course, "amy", both(RIGHT))
        hand_in(course, "ben", {"add_more": WRONG})
        assert cli("grade", cwd=course.root).returncode == 0
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("expect.count(got, want)", "expect.count(got, want + 1)"), encoding="utf-8"
        )
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1
        assert "add_two has changed since it was proved: proving it" in done.stdout
        assert (
            f"arithmetic add_two: not graded in 2 submissions: {path}: law 1: the reference earns 0"
            in done.stdout
        )
        assert "2 graded, 0 kept from before, 0 not graded" in done.stdout
        assert re.search(r"amy +│ arithmetic +│ +– │ not graded: add_two", done.stdout)
        assert auto_scores(course) == {
            "amy": {"add_more": 2.0, "add_two": None}, "ben": {"add_more": 0.0, "add_two": None},
        }  # fmt: skip
        assert "Not graded yet. Your answer is kept" in feedback_of(course, "amy")
        assert "law 1" not in feedback_of(course, "amy")
        path.write_text(text, encoding="utf-8")
        assert cli("grade", cwd=course.root).returncode == 0
        assert scores(course) == {"amy": 4.0, "ben": 0.0}

    def test_question_whose_draw_is_unfit_is_not_graded(self, course: Course) -> None:
        """Its laws hold for the proved draws, and nobody pays for one that tells nothing."""
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        unlucky = (
            "if len(str(rng.bit_generator.seed_seq.entropy)) > 40:\n        return [Case(2, 2)]\n    return ["
        )
        path.write_text(text.replace("return [", unlucky, 1), encoding="utf-8")
        hand_in(course, "amy", both(RIGHT))
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1, done.stdout
        assert "arithmetic add_two: not graded in 1 submission: none of 20 draws" in done.stdout
        assert auto_scores(course) == {"amy": {"add_more": 2.0, "add_two": None}}

    def test_question_that_needs_what_the_machine_lacks_is_not_graded(self, course: Course) -> None:
        """A package of the release is listed with what to do; a score by hand settles it."""
        promise(course, "no_such_package")
        answer = "import no_such_package\n\ndef {name}(a, b):\n    return no_such_package.add(a, b)"
        hand_in(course, "amy", {"add_two": answer, "add_more": RIGHT})
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1, done.stdout
        assert (
            "arithmetic add_two: not graded in 1 submission: the answer imports no_such_package, which is not installed"
            in done.stdout
        )
        assert auto_scores(course) == {"amy": {"add_more": 2.0, "add_two": None}}
        assert "Not graded yet. Your answer is kept" in feedback_of(course, "amy")
        report = (course.reports / "arithmetic.en.html").read_text(encoding="utf-8")
        assert "which is not installed where answers are graded" in report
        with Gradebook(course.gradebook_url) as gradebook:
            grade = gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "amy")
            grade.manual_score, grade.needs_manual_grade = 0.0, False
            gradebook.db.commit()
        assert cli("grade", cwd=course.root).returncode == 0
        with (course.root / "grades.csv").open(encoding="utf-8-sig") as file:
            assert [row["score"] for row in csv.DictReader(file)] == ["2.0"]
        assert "Not graded yet" not in feedback_of(course, "amy")
        report = (course.reports / "arithmetic.en.html").read_text(encoding="utf-8")
        assert "which is not installed where answers are graded" not in report

    def test_package_that_only_the_student_has_makes_a_wrong_answer(self, course: Course) -> None:
        """The page says which packages there are. The release is as it was, and so is this machine."""
        answer = "import no_such_package\n\ndef {name}(a, b):\n    return no_such_package.add(a, b)"
        hand_in(course, "amy", {"add_two": answer, "add_more": RIGHT})
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 0, done.stdout
        assert auto_scores(course) == {"amy": {"add_more": 2.0, "add_two": 0.0}}
        told = "The answer imports no_such_package, which is not installed where answers are graded; use Python's"
        assert told in html.unescape(feedback_of(course, "amy"))

    def test_nor_is_one_whose_file_cannot_be_read(self, course: Course) -> None:
        """A slip in its syntax."""
        hand_in(course, "amy", both(RIGHT))
        assert cli("grade", cwd=course.root).returncode == 0
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n)", encoding="utf-8")
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1
        assert "arithmetic add_two: not graded in 1 submission" in done.stdout
        assert "the file is not valid Python: unmatched ')'" in done.stdout
        assert auto_scores(course) == {"amy": {"add_more": 2.0, "add_two": None}}

    def test_one_that_still_holds_is_proved_and_graded(self, course: Course) -> None:
        """Once: the second run proves nothing."""
        hand_in(course, "amy", both(RIGHT))
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
        assert "add_two has changed since it was proved" in cli("grade", cwd=course.root).stdout
        assert scores(course) == {"amy": 4.0}
        assert "proved" not in cli("grade", "--force", cwd=course.root).stdout

    def test_nbgrader_grades_none_with_a_question_that_is_not_proved(self, course: Course) -> None:
        """Its command proves nothing: it says what to run."""
        hand_in(course, "amy", both(RIGHT))
        ensure_registered(course, ["arithmetic"])
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
        done = command("nbgrader", "autograde", "arithmetic", cwd=course.root)
        assert done.returncode != 0
        assert f"{path} has changed since it was proved: run `autograder build arithmetic`" in done.stderr
        assert scores(course) == {"amy": None}

    def test_gradebook_is_not_made_without_a_question_that_was_released(self, course: Course) -> None:
        """It would never take the question's cell again: the command ends before anything is written."""
        hand_in(course, "amy", both(RIGHT))
        file = course.root / "solutions" / "arithmetic" / "add_more.py"
        text = file.read_text(encoding="utf-8")
        file.unlink()
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 2
        assert f"add_more is in the release, and there is no {file}: put the file back" in done.stderr
        file.write_text(text, encoding="utf-8")
        assert cli("grade", "--language", "en", cwd=course.root).returncode == 0
        assert scores(course) == {"amy": 4.0}

    def test_regrade_that_fails_takes_the_old_score_back(self, course: Course) -> None:
        """What we can no longer grade does not keep a score."""
        hand_in(course, "kim", both(RIGHT))
        assert cli("grade", cwd=course.root).returncode == 0
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("    expect.count(got, want)", "    1 / 0"), encoding="utf-8")
        assert cli("grade", "--force", cwd=course.root).returncode == 1
        assert scores(course) == {"kim": None}


def test_question_that_a_person_grades_waits_for_one(tmp_path: Path) -> None:
    """nbgrader's own: it has no score, not 0, and formgrader lists it."""
    course = Course.open(small_course(tmp_path / "course"))
    new_question(course, "arithmetic", "add_two")
    source = new_notebook("arithmetic", course.languages)
    source.cells.append(nbformat.v4.new_markdown_cell("Your essay", id="essay", metadata={"nbgrader": ESSAY}))
    course.assignment("arithmetic").source.parent.mkdir(parents=True)
    course.assignment("arithmetic").source.write_text(nbformat.writes(source), encoding="utf-8")
    build(course, solutions=False)
    hand_in(course, "kim", {"add_two": RIGHT, "essay": "What I think."})
    grade_class(course, find_submissions(course, ["arithmetic"]))
    with Gradebook(course.gradebook_url) as gradebook:
        essay = gradebook.find_grade("essay", "arithmetic", "arithmetic", "kim")
        assert (essay.auto_score, essay.needs_manual_grade) == (None, True)


class TestFeedbackPolicy:
    """Each assignment sets what feedback tells, and when."""

    def page(self, course: Course, setting: str) -> str:
        """The feedback of a wrong answer under a setting."""
        config = course.root / "nbgrader_config.py"
        with config.open("a", encoding="utf-8") as file:
            file.write(setting)
        hand_in(course, "kim", both(RIGHT) | {"add_two": WRONG})
        assert cli("grade", cwd=course.root).returncode == 0
        return feedback_of(course, "kim")

    def test_score_only(self, course: Course) -> None:
        """The score, and no check."""
        page = self.page(course, 'c.CourseSettings.feedback = {"arithmetic": "score"}\n')
        assert "0 / 2" in page
        assert "The numbers were multiplied" not in page

    def test_the_solution_before_it_closes(self, course: Course) -> None:
        """The diagnosis, and no solution yet."""
        page = self.page(
            course,
            'c.CourseSettings.feedback = {"arithmetic": "solution"}\n'
            'c.CourseSettings.closes = {"arithmetic": "2999-01-01T00:00+09:00"}\n',
        )
        assert "The numbers were multiplied" in page
        assert "total_of_both" not in page

    def test_the_solution_after_it_has_closed(self, course: Course) -> None:
        """The worked solution too, without nbgrader's delimiters."""
        page = self.page(
            course,
            'c.CourseSettings.feedback = {"arithmetic": "solution"}\n'
            'c.CourseSettings.closes = {"arithmetic": "2020-01-01T00:00+09:00"}\n',
        )
        assert "total_of_both = first + second" in page
        assert "SOLUTION" not in page


class TestGoingOn:
    """What is graded is kept; a second run grades what is missing."""

    def test_second_run_keeps_what_has_not_changed(self, course: Course) -> None:
        """Only the submission that changed is graded again."""
        hand_in(course, "kim", both(RIGHT))
        hand_in(course, "lee", both(WRONG))
        assert cli("grade", cwd=course.root).returncode == 0
        hand_in(course, "lee", both(RIGHT))
        done = cli("grade", "--language", "en", cwd=course.root)
        assert "1 graded, 1 kept from before, 0 not graded" in done.stdout
        assert scores(course) == {"kim": 4.0, "lee": 4.0}

    def test_interrupt_loses_nothing(self, course: Course) -> None:
        """After Ctrl-C the first submission is graded, and a second run grades the rest alone."""
        hand_in(course, "a-first", both(RIGHT))
        hand_in(course, "b-slow", both(SLOW))
        program = Path(sys.executable).parent / "autograder"
        running = subprocess.Popen(
            [str(program), "grade"], cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        first = course.root / "feedback" / "a-first" / "arithmetic" / "arithmetic.html"
        for _ in range(600):
            if first.exists():
                break
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
        assert running.returncode == 130
        assert b"Run the same command again to continue" in errors
        hand_in(course, "b-slow", both(RIGHT))
        done = cli("grade", "--language", "en", cwd=course.root)
        assert "1 graded, 1 kept from before, 0 not graded" in done.stdout
        assert scores(course) == {"a-first": 4.0, "b-slow": 4.0}

    def test_unknown_student_is_told_with_the_near_names(self, course: Course) -> None:
        """The error names who it could have meant."""
        hand_in(course, "kim", both(RIGHT))
        done = cli("grade", "--student", "kin", cwd=course.root)
        assert done.returncode == 2
        assert "no student 'kin'; did you mean kim?" in done.stderr

    def test_folder_without_a_notebook_is_listed_not_scored(self, course: Course) -> None:
        """Its score stays blank, and the message says how to collect one."""
        path = hand_in(course, "kim", both(RIGHT))
        path.rename(path.with_suffix(".txt"))
        done = cli("grade", "--language", "en", cwd=course.root)
        assert done.returncode == 1
        assert "expected arithmetic.ipynb in" in done.stdout
        assert "run `autograder collect`" in done.stdout


def test_bonus_points_are_no_part_of_the_maximum(tmp_path: Path) -> None:
    """In the grades file a score may hold bonus points; what can be earned without them is the maximum."""
    root = copy_course(tmp_path / "course", "tagging")
    path = root / "solutions" / "tagging" / "train.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("    needs_tensorflow=True,", "    needs_tensorflow=True,\n    bonus=True,", 1),
        encoding="utf-8",
    )
    course = Course.open(root)
    register(course.assignment("tagging"))
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_student("kim")
    write_grades_files(course)
    with (course.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student_id"], float(row["max_score"])) == ("kim", 24.0)


class TestGradedOnce:
    """A grade stands until something that it depends on has changed, and tells what that was."""

    @pytest.fixture(scope="class")
    def graded_once(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Two students, graded."""
        course = clone(released, tmp_path_factory.mktemp("once"))
        hand_in(course, "kim", both(RIGHT))
        hand_in(course, "lee", both(RIGHT) | {"add_two": WRONG})
        assert [result.regrade_reason for result in self.run(course)] == [NO_REASON, NO_REASON]
        return course.root

    @pytest.fixture
    def graded(self, graded_once: Path, tmp_path: Path) -> Course:
        """A copy of that course: where it lies is nothing that a grade depends on."""
        root = tmp_path / "course"
        shutil.copytree(graded_once, root)
        return Course.open(root)

    def run(self, course: Course, **given: Any) -> list[Result]:
        """Grade it as a command of today would."""
        today = Course.open(course.root)
        return grade_class(today, find_submissions(today, ["arithmetic"]), **given)

    def record(self, course: Course, student: str = "kim") -> dict[str, Any]:
        """What a graded notebook holds of ours."""
        path = course.graded_path(SubmissionId(student, "arithmetic"))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["metadata"]["autograder"]
        return found

    def summary(self, results: list[Result], language: str) -> str:
        """What the run says."""
        text = io.StringIO()
        print_summary(Console(file=text, width=200), results, language)
        return text.getvalue()

    def test_nothing_changed_is_nothing_graded(self, graded: Course) -> None:
        """No file is written, and no sealed process is started."""
        files = [path for path in graded.root.rglob("*") if path.parts[-2] in ("arithmetic", "submitted")]
        before = {path: path.stat().st_mtime_ns for path in files}
        with shared_fork_servers() as servers:
            results = self.run(graded)
            assert servers.pids() == []
        assert {result.state for result in results} == {"kept"}
        assert [result.score for result in results] == [4.0, 2.0]
        assert {path: path.stat().st_mtime_ns for path in files} == before
        assert str(run_totals(results, preview=False)) == "0 graded, 2 kept from before, 0 not graded"
        assert "graded again" not in self.summary(results, "en")

    def test_workers_are_started_for_work_alone(
        self, graded: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command starts importing for them at once where something is new, and never where nothing is."""
        started: list[int] = []
        monkeypatch.setattr(
            "autograder.cli.grade.expect_workers", lambda workers, **options: started.append(workers)
        )
        assert cli("grade", "--jobs", "3", cwd=graded.root).returncode == 0
        assert not started
        hand_in(graded, "newcomer", both(RIGHT))
        cli("grade", "--student", "newcomer", "--jobs", "3", cwd=graded.root)
        assert started == [3]

    def test_new_answers(self, graded: Course) -> None:
        """Of one student: the other's grade stands."""
        hand_in(graded, "lee", both(RIGHT))
        kim, lee = self.run(graded)
        assert (kim.state, kim.regrade_reason) == ("kept", NO_REASON)
        assert (lee.state, lee.regrade_reason, lee.score) == ("graded", RegradeReason("answers"), 4.0)
        assert "graded again: answers changed (1 submission)" in self.summary([kim, lee], "en")
        assert "다시 채점함: 답이 바뀜 (제출물 1개)" in self.summary([kim, lee], "ko")
        kim, lee = self.run(graded)
        assert (kim.state, lee.state) == ("kept", "kept")
        assert "again" not in self.record(graded)
        assert self.record(graded, "lee")["again"] == ["answers", ""]

    @pytest.mark.parametrize(
        ("path", "text", "why"),
        [
            ("solutions/arithmetic/add_two.py", "\n# looked at again\n", RegradeReason("questions")),
            ("release/ko/arithmetic/words.csv", "a,b\n", RegradeReason("release")),
            ("release/ko/arithmetic/data/more/words.csv", "a,b\n", RegradeReason("release")),
            ("nbgrader_config.py", '\nc.CourseSettings.limits = {"call": 9}\n', RegradeReason("settings", "limits")),
            ("nbgrader_config.py", '\nc.CourseDirectory.course_id = "x"\n', RegradeReason("settings", "course_id")),
            ("nbgrader_config.py", "\nc.LimitOutput.max_lines = 9\n", RegradeReason("settings", "LimitOutput")),
            ("nbgrader_config.py", '\nc.CourseSettings.feedback = {"arithmetic": "score"}\n',
             RegradeReason("settings", "feedback")),
        ],
    )  # fmt: skip
    def test_changed_inputs_are_graded_again(
        self, graded: Course, path: str, text: str, why: RegradeReason
    ) -> None:
        """Question files, the release, settings: all are graded again, once."""
        if "course_id" in text:  # nbgrader's gradebook has one course
            with Gradebook(graded.gradebook_url) as gradebook:
                gradebook.check_course("x")
        (graded.root / path).parent.mkdir(parents=True, exist_ok=True)
        with (graded.root / path).open("a", encoding="utf-8") as file:
            file.write(text)
        results = self.run(graded)
        assert [(result.state, result.regrade_reason) for result in results] == [("graded", why)] * 2
        assert [result.state for result in self.run(graded)] == ["kept", "kept"]
        assert self.record(graded)["again"] == [why.reason, why.detail]

    @pytest.mark.parametrize("setting", ['seal = "preferred"', 'fit = "stock"', 'not_handed_in = "blank"'])
    def test_settings_without_influence_keep_grades(self, graded: Course, setting: str) -> None:
        """What keeps code in, what is equal to the last bit, what is for other files: grades stand."""
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f"\nc.CourseSettings.{setting}\n")
        assert [result.state for result in self.run(graded)] == ["kept", "kept"]

    def test_answer_bank_and_a_demo_class(self, graded: Course) -> None:
        """Answers that questions are tried on, and a class that is made up, decide no grade."""
        folder = graded.root / "solutions" / "arithmetic"
        (folder / "answers" / "add_two").mkdir(parents=True)
        (folder / "answers" / "add_two" / "right.toml").write_text("")
        (folder / "demo_class.toml").write_text("")
        assert [result.state for result in self.run(graded)] == ["kept", "kept"]

    def test_another_version(self, graded: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a library, from which to which; TensorFlow's is none of a counting assignment's."""
        installed = version_of("numpy")
        monkeypatch.setattr(
            fingerprint,
            "version_of",
            lambda name: {"numpy": "9.9", "keras": "9"}.get(name) or version_of(name),
        )
        results = self.run(graded)
        assert {result.regrade_reason for result in results} == {
            RegradeReason("versions", f"numpy {installed} -> 9.9")
        }
        assert f"graded again: versions changed: numpy {installed} -> 9.9 (2 sub" in self.summary(
            results, "en"
        )

    def test_another_state_of_this_package(self, graded: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where what decides grades is not the same any more."""
        before = own_version()
        monkeypatch.setattr(fingerprint, "own_version", lambda: "0.9.9+12345678")
        assert self.run(graded)[0].regrade_reason == RegradeReason(
            "versions", f"autograder {before} -> 0.9.9+12345678"
        )

    def test_asked_for(self, graded: Course) -> None:
        """`--force`, which is no reason for what is graded for the first time."""
        hand_in(graded, "park", both(RIGHT))
        assert [result.regrade_reason for result in self.run(graded, force=True)] == [
            RegradeReason("asked"),
            RegradeReason("asked"),
            NO_REASON,
        ]

    def test_grade_of_an_older_release(self, graded: Course) -> None:
        """It has no record, or one that cannot be read."""
        path = graded.graded_path(SubmissionId("kim", "arithmetic"))
        path.chmod(0o644)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        del notebook["metadata"]["autograder"]["record"]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        path = graded.graded_path(SubmissionId("lee", "arithmetic"))
        path.chmod(0o644)
        path.write_text("[]", encoding="utf-8")
        results = self.run(graded)
        assert {result.regrade_reason for result in results} == {RegradeReason("unrecorded")}
        assert "graded before records were kept (2 submissions)" in self.summary(results, "en")

    def test_id_that_is_of_the_group_by_now(self, graded: Course) -> None:
        """Who was judged on numbers of their own for it may have shown those of the group."""
        path = graded.graded_path(SubmissionId("kim", "arithmetic"))
        path.chmod(0o644)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"]["autograder"]["claim"] = ["another's", "lee"]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        assert {result.state for result in self.run(graded)} == {"kept"}
        write_groups(graded, "arithmetic", [Group("team", ("kim", "lee"))])
        assert [result.regrade_reason for result in self.run(graded)] == [RegradeReason("group"), NO_REASON]
        assert {result.state for result in self.run(graded)} == {"kept"}

    def test_handed_in_once_more(self, graded: Course) -> None:
        """The same file at another time."""
        slip = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        slip.write_text("2026-11-10 12:00:00 UTC\n")
        assert [result.regrade_reason for result in self.run(graded)] == [
            RegradeReason("handed in"),
            NO_REASON,
        ]
        assert {result.state for result in self.run(graded)} == {"kept"}

    def test_score_that_is_gone(self, graded: Course) -> None:
        """It is made again."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            mark_ungraded(gradebook, SubmissionId("lee", "arithmetic"))
        assert [result.regrade_reason for result in self.run(graded)] == [NO_REASON, RegradeReason("score")]
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}
        assert {result.state for result in self.run(graded)} == {"kept"}

    def test_page_that_is_gone(self, graded: Course) -> None:
        """It is made anew, and nothing is graded again."""
        page = graded.feedback_path(SubmissionId("kim", "arithmetic"))
        before = page.read_bytes()
        page.unlink()
        results = self.run(graded)
        assert [(result.state, result.renewed) for result in results] == [("kept", True), ("kept", False)]
        assert page.read_bytes() == before

    def test_points_and_words_of_a_teacher_reach_the_page(self, graded: Course) -> None:
        """A page that shows others is made anew, without a kernel; the next run leaves it as it is."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            where = ("arithmetic", "arithmetic", "lee")
            gradebook.find_grade("add_two-check", *where).manual_score = 1.5
            gradebook.find_comment("add_two", *where).manual_comment = "Half of it is right."
            gradebook.db.commit()
        with shared_fork_servers() as servers:
            done = cli("grade", "--language", "en", cwd=graded.root)
            assert servers.pids() == []
        assert done.returncode == 0
        assert "0 graded, 2 kept from before, 0 not graded" in done.stdout
        assert "1 feedback page rendered again, because its scores or comments had changed" in done.stdout
        assert "Half of it is right." in feedback_of(graded, "lee")
        assert "<strong>3.5</strong> <span>/ 4</span>" in feedback_of(graded, "lee")
        assert "rendered again" not in cli("grade", "--language", "en", cwd=graded.root).stdout

    def test_pages_of_nbgraders_feedback_are_current(self, graded: Course) -> None:
        """A page of its `generate_feedback` is not made once more."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "lee").manual_score = 1.5
            gradebook.db.commit()
        done = command("nbgrader", "generate_feedback", "arithmetic", "--force", cwd=graded.root)
        assert done.returncode == 0, done.stderr
        assert not any(result.renewed for result in self.run(graded))

    def test_change_is_told_before_it_is_written(self, graded: Course) -> None:
        """Of each question, from what to what, while the gradebook and the pages still have the old scores."""
        seen: list[tuple[Any, Any, bool]] = []

        def changed(found: Sequence[ScoreChange]) -> None:
            seen.append(
                (
                    list(found),
                    scores(graded),
                    "<strong>2</strong> <span>/ 4</span>" in feedback_of(graded, "lee"),
                )
            )

        self.accept_products(graded)
        self.run(graded, listener=Listener(on_changes=changed))
        change = ScoreChange(SubmissionId("lee", "arithmetic"), "add_two", 0.0, 2.0)
        assert seen == [([change], {"kim": 4.0, "lee": 2.0}, True)]
        assert scores(graded) == {"kim": 4.0, "lee": 4.0}
        assert "<strong>4</strong> <span>/ 4</span>" in feedback_of(graded, "lee")

    def test_the_command_tells_it(self, graded: Course) -> None:
        """By question and by student, and all of it in a file."""
        self.accept_products(graded)
        output = cli("grade", "--language", "en", cwd=graded.root).stdout
        assert "Scores that the regrade changes (they are written next)" in output
        assert "arithmetic add_two: 1 up, 0 down, 0 with a score again, 0 without one" in output
        assert "lee arithmetic: add_two 0 → 2" in output
        assert (graded.root / "build" / "regrade.csv").read_text(encoding="utf-8-sig").splitlines() == [
            "student_id,assignment,question,before,after,reason",
            "lee,arithmetic,add_two,0.0,2,adds any two numbers: failed → passed",
        ]  # fmt: skip

    def test_changes_say_that_a_score_given_by_hand_stays(self, graded: Course) -> None:
        """What the checks give changes, and the points of the student do not."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "lee").manual_score = 1.5
            gradebook.db.commit()
        self.accept_products(graded)
        for options, shown in (
            (("--preview",), "lee arithmetic: add_two 0 → 2 (the score given by hand, 1.5, stays)\n"),
            (("--language", "ko"), "lee arithmetic: add_two 0 → 2 (사람이 준 점수 1.5점은 그대로)\n"),
        ):
            assert shown in cli("grade", *options, cwd=graded.root).stdout
        text = (graded.root / "build" / "regrade.csv").read_text(encoding="utf-8-sig")
        assert text.endswith("(사람이 준 점수 1.5점은 그대로)\n")
        assert scores(graded)["lee"] == 3.5

    def test_preview_tells_it_and_writes_nothing(self, graded: Course) -> None:
        """Neither the scores, nor other points of a question, nor what is new."""
        self.accept_products(graded)
        path = graded.root / "solutions" / "arithmetic" / "add_more.py"
        path.write_text(path.read_text(encoding="utf-8").replace("points=2", "points=3"), encoding="utf-8")
        hand_in(graded, "new", both(WRONG))
        write_grades_files(graded)
        folders = ("autograded", "feedback", "gradebook.db", "grades.csv")
        before = {
            one: one.read_bytes() for name in folders for one in [graded.root / name, *(graded.root / name).rglob("*")]
            if one.is_file()
        }  # fmt: skip
        done = cli("grade", "--preview", "--language", "en", cwd=graded.root)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Scores that the regrade would change (--preview: none of them is written)" in done.stdout
        assert "lee arithmetic: add_more 2 → 3, add_two 0 → 2" in done.stdout
        assert "preview: 3 to grade, 0 to keep, 0 not to be graded; nothing was written" in done.stdout
        assert {one: one.read_bytes() for one in before} == before
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}

    def test_preview_in_which_a_question_does_not_hold_fails(self, graded: Course) -> None:
        """It says why, and takes no score."""
        path = graded.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("expect.count(got, want)", "expect.count(got, want + 1)"), encoding="utf-8"
        )
        done = cli("grade", "--preview", "--language", "en", cwd=graded.root)
        assert done.returncode == 1
        assert f"add_two must not grade: {path}: law 1: the reference earns 0 of 2" in done.stdout
        assert "arithmetic add_two: 0 up, 0 down, 0 with a score again, 2 without one" in done.stdout
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}

    def test_penalty_that_another_reason_brings_is_told(self, graded: Course) -> None:
        """A due date that is set and a file that is handed in once more cost points: both are told."""
        slip = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        slip.write_text("2026-11-10 12:00:00 UTC\n")
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LATE_COSTS_ALL)
        seen: list[ScoreChange] = []
        results = self.run(graded, listener=Listener(on_changes=seen.extend))
        assert results[0].regrade_reason == RegradeReason("handed in")
        assert seen == [ScoreChange(SubmissionId("kim", "arithmetic"), LATE, 0, -4.0)]

    def test_policy_that_fails_keeps_nobody_else_back(
        self, graded: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever is late is not graded, with the reason; the others are told."""
        monkeypatch.syspath_prepend(graded.root)
        (graded.root / "policy.py").write_text(FAILING_POLICY)
        slip = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        slip.write_text("2026-11-10 12:00:00 UTC\n")
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LATE_COSTS_ALL + "c.AssignLatePenalties.plugin_class = 'policy.Failing'\n")
        results = self.run(graded)
        assert [result.state for result in results] == ["ungraded", "kept"]
        assert "boom" in results[0].reason.en

    def test_question_that_is_edited_during_a_run_grades_nobody(
        self, graded: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was proved is what grades."""
        path = graded.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")

        def proved_then_edited(*given: Any, **more: Any) -> dict[str, str]:
            found = unproved_questions(*given, **more)
            path.write_text(text.replace("    expect.count(got, want)", "    pass"), encoding="utf-8")
            return found

        with monkeypatch.context() as patched:
            patched.setattr(batch, "unproved_questions", proved_then_edited)
            results = self.run(graded, force=True)
        assert {result.reason.en for result in results} == {
            "the question files changed during the run; run the command again"
        }
        path.write_text(text, encoding="utf-8")
        self.run(graded)
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}

    def test_question_that_was_never_released_keeps_nobody_back(self, graded: Course) -> None:
        """A new file is no part of what students were given."""
        new_question(graded, "arithmetic", "another")
        assert not [result for result in self.run(graded) if result.state == "ungraded"]
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}
        (graded.root / "gradebook.db").unlink()
        self.run(graded, force=True)
        assert scores(graded) == {"kim": 4.0, "lee": 2.0}

    def test_damaged_source_holds_back_the_question_that_changed_alone(self, graded: Course) -> None:
        """It cannot be proved; the other one was."""
        graded.assignment("arithmetic").source.write_text("<<<<<<< HEAD", encoding="utf-8")
        path = graded.root / "solutions" / "arithmetic" / "add_two.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
        results = self.run(graded)
        assert {result.state for result in results} == {"graded"}
        assert "is not a valid notebook" in results[0].ungraded["add_two"].en

    def test_scores_that_are_lost_are_told_before_they_are(self, graded: Course) -> None:
        """A submission that can no longer be graded keeps its score until that is told."""
        seen: list[tuple[Any, Any]] = []
        graded.assignment("arithmetic").release("en").write_text("{}", encoding="utf-8")
        results = self.run(
            graded, listener=Listener(on_changes=lambda found: seen.append((list(found), scores(graded))))
        )
        assert {result.state for result in results} == {"ungraded"}
        [(found, before)] = seen
        assert {(one.submission.student, one.after) for one in found} == {("kim", None), ("lee", None)}
        assert before == {"kim": 4.0, "lee": 2.0}
        assert scores(graded) == {"kim": None, "lee": None}
        assert not graded.feedback_path(SubmissionId("kim", "arithmetic")).exists()

    def accept_products(self, course: Course) -> None:
        """Let `add_two` take the product for right, as an author does who accepts another answer."""
        path = course.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        text = text.replace(
            "    expect.count(got, want)",
            "    if got != case.args[0] * case.args[1]:\n        expect.count(got, want)",
        )
        path.write_text(text[: text.index("@question.misconception")], encoding="utf-8")

    def test_another_late_penalty(self, graded: Course) -> None:
        """A due date that was moved costs points: both handed in without a time, one with."""
        slip = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        slip.write_text("2026-11-10 12:00:00 UTC\n")
        self.run(graded)
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LATE_COSTS_ALL)
        seen: list[ScoreChange] = []
        assert [result.regrade_reason for result in self.run(graded, listener=Listener(on_changes=seen.extend))] == [
            RegradeReason("late"), NO_REASON,
        ]  # fmt: skip
        assert seen == [ScoreChange(SubmissionId("kim", "arithmetic"), LATE, 0, -4.0)]
        assert {result.state for result in self.run(graded)} == {"kept"}

    def test_the_summary_takes_off_what_being_late_cost(self, graded: Course) -> None:
        """And says how much that was."""
        slip = graded.submitted / "kim" / "arithmetic" / "timestamp.txt"
        slip.write_text("2026-11-10 12:00:00 UTC\n")
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LATE_COSTS_ALL)
        done = cli("grade", "--language", "en", cwd=graded.root)
        assert "0 / 4 (late −4)" in done.stdout

    @pytest.mark.parametrize("reason", list(REASONS))
    def test_every_reason_is_told_in_both_languages(self, reason: str) -> None:
        """With what exactly it was."""
        text = RegradeReason(reason, "numpy 1 -> 2").text
        assert text.ko != text.en
        assert (
            ("numpy 1 -> 2" in text.ko) == ("numpy 1 -> 2" in text.en) == (reason in ("settings", "versions"))
        )


def test_outputs_of_a_notebook_have_a_limit_and_no_escape_codes(course: Course) -> None:
    """What is beyond it is left out and told; answers and their scores stay."""
    colours = "print('\\x1b[31mred\\x1b[0m\\x1b]0;title\\x07' * 20_000)"

    def print_much(notebook: dict[str, Any]) -> None:
        notebook["cells"] += [own_cell(colours) | {"id": "colours"}]
        notebook["cells"] += [
            own_cell("print('x' * 1_500_000)") | {"id": f"much{number}"} for number in range(6)
        ]

    hand_in(course, "kim", both(RIGHT), edit=print_much)
    assert cli("grade", cwd=course.root).returncode == 0
    assert scores(course) == {"kim": 4.0}
    graded = course.graded_path(SubmissionId("kim", "arithmetic")).read_text(encoding="utf-8")
    assert len(graded) < 6_000_000
    assert "The notebook's outputs are too large; what follows is left out." in graded
    assert "redredred" in graded
    assert "\\u001b" not in graded
    assert "title" not in feedback_of(course, "kim").split("redredred")[1][:1000]


def test_name_is_no_formula_in_the_grades_file(course: Course) -> None:
    """A spreadsheet shows it, and runs nothing."""
    (course.root / "roster.csv").write_text('student_id,name\nkim,"=HYPERLINK(1), @Kim"\n', encoding="utf-8")
    hand_in(course, "kim", both(RIGHT))
    assert cli("grade", cwd=course.root).returncode == 0
    with (course.root / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["last_name"], row["first_name"], row["score"]) == ("'=HYPERLINK(1)", "'@Kim", "4.0")


def test_spreadsheet_reads_the_grades_file_as_utf8(course: Course) -> None:
    """By its byte order mark: Excel would show other letters in place of Korean ones."""
    (course.root / "roster.csv").write_text("student_id,name\nkim,김민지\n", encoding="utf-8")
    register(course.assignment("arithmetic"))
    with GradebookWriter(course):
        write_grades_files(course)
    content = (course.root / "grades.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfassignment,")
    assert "김민지" in content.decode()


class TestReport:
    """The report on what was graded."""

    @pytest.fixture(scope="class")
    def reported(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Three students, one of them in the roster alone; what the command says is beside them."""
        course = clone(released, tmp_path_factory.mktemp("reported"))
        (course.root / "roster.csv").write_text(
            "student_id,name,email\nkim,김민지,kim@example.org\nlee,=1+1,\npark,박서준,\n", encoding="utf-8"
        )
        hand_in(course, "kim", both(RIGHT))
        hand_in(course, "lee", both(RIGHT) | {"add_two": WRONG})
        done = cli("grade", "--language", "ko", cwd=course.root)
        (course.root / "told.txt").write_text(done.stdout, encoding="utf-8")
        return course.root

    def test_explanation_shows_the_answer(self, reported: Path) -> None:
        """Below the cases, which say the same objection once."""
        done = cli("explain", "lee", "arithmetic", "add_two", "--language", "en", cwd=reported)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "def add_two" in done.stdout.split("the answer:")[1]
        assert done.stdout.count("〃") >= 5

    def test_the_score_of_each_question(self, reported: Path) -> None:
        """Beside the totals, sorted by student and question, with names that are no formulas."""
        with (reported / "question_scores.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = [*csv.DictReader(file)]
        assert [(row["student_id"], row["question"], row["score"]) for row in rows] == [
            ("kim", "add_more", "2.0"),
            ("kim", "add_two", "2.0"),
            ("lee", "add_more", "2.0"),
            ("lee", "add_two", "0.0"),
        ]
        last = rows[-1]
        assert (last["assignment"], last["last_name"], last["max_score"]) == ("arithmetic", "'=1+1", "2.0")
        assert (last["graded_by"], last["state"], last["bonus"]) == ("autograder", "", "")

    def test_grading_ends_with_it(self, reported: Path) -> None:
        """And says where it is; students have their names in the summary."""
        output = (reported / "told.txt").read_text(encoding="utf-8")
        assert f"보고서: {reported / 'reports' / 'arithmetic.ko.html'}" in output
        assert "kim (김민지)" in output

    def test_it_is_in_each_language(self, reported: Path) -> None:
        """With the mistake that the question names, and links to what was handed in and to the feedback."""
        for language, mistake in (
            ("ko", "더하지 않고 곱했습니다."),
            ("en", "The numbers were multiplied, not added."),
        ):
            page = (reported / "reports" / f"arithmetic.{language}.html").read_text(encoding="utf-8")
            assert mistake in page
            for student in ("kim", "lee"):
                for link in (
                    f"submitted/{student}/arithmetic/arithmetic.ipynb",
                    f"feedback/{student}/arithmetic/",
                ):
                    assert f'href="../{link}' in page
                    assert (reported / link).exists()

    def test_scores_by_question(self, reported: Path) -> None:
        """A line for each student, without formulas, as a spreadsheet reads it."""
        with (reported / "reports" / "arithmetic.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = {row["student_id"]: row for row in csv.DictReader(file)}
        assert {name: (row["add_two"], row["score"]) for name, row in rows.items()} == {
            "kim": ("2.0", "4.0"), "lee": ("0.0", "2.0"), "park": ("", ""),
        }  # fmt: skip
        assert rows["lee"]["name"] == "'=1+1"

    def test_the_command_writes_it_again(self, reported: Path) -> None:
        """The same but for its time, also with an override; it grades nothing."""
        path = reported / "reports" / "arithmetic.json"
        before = json.loads(path.read_text(encoding="utf-8"))
        done = cli("report", "--language", "en", cwd=reported)
        assert done.stdout == f"report: {reported / 'reports' / 'arithmetic.en.html'}\n"
        assert json.loads(path.read_text(encoding="utf-8")) | {"made_at": ""} == before | {"made_at": ""}

    def test_assignment_without_submissions(self, course: Course) -> None:
        """Is told, with what to do."""
        done = cli("report", "arithmetic", cwd=course.root)
        assert done.returncode == 2
        assert "no submissions to arithmetic in" in done.stderr
        assert "import them with `autograder collect`" in done.stderr
