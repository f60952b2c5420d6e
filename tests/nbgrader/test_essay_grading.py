"""Essays beside questions, from the build to the LMS: counted, waiting, graded by a person, delivered."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.authoring.course_check import check_course
from autograder.authoring.scaffold import new_question
from autograder.course import Course, SubmissionId
from autograder.lms.comments import comment_lines, is_ours, openings
from autograder.lms.gradescope import results
from autograder.lms.gradescope.metadata import Metadata
from autograder.lms.gradescope.submission import mark
from autograder.lms.scores import class_scores
from autograder.nbgrader.registration import register
from autograder.notebooks.cells import NAMESPACE
from autograder.notebooks.stamp import new_notebook
from autograder.web.catalog import assignment_options
from tests.support import cli, clone, command, small_course

RIGHT = "def add_two(a, b):\n    return a + b"
FLAGS = {"grade": True, "locked": False, "schema_version": 3, "solution": True, "task": False}
STUB = "YOUR ANSWER HERE"

pytestmark = pytest.mark.long


def by_hand(name: str, points: int, **flags: Any) -> nbformat.NotebookNode:
    metadata = {"nbgrader": FLAGS | {"grade_id": name, "points": points, "cell_type": "markdown"} | flags}
    return nbformat.v4.new_markdown_cell(f"What {name} is about.", id=name, metadata=metadata)


def course_in(folder: Path, *cells: nbformat.NotebookNode) -> Course:
    """A course in two languages with a question of 2 points, and the cells below it, each with a prompt above."""
    course = Course.open(small_course(folder, languages=("ko", "en")))
    new_question(course, "arithmetic", "add_two")
    source = new_notebook("arithmetic", course.languages)
    source.cells.append(
        nbformat.v4.new_markdown_cell(
            id="placeholder", metadata={NAMESPACE: {"question": "add_two", "part": "answer"}}
        )
    )
    for cell in cells:
        for language, text in (("ko", f"{cell['id']}에 답하세요."), ("en", f"Answer {cell['id']}.")):
            prompt = nbformat.v4.new_markdown_cell(text, id=f"ask-{cell['id']}-{language}")
            prompt.metadata[NAMESPACE] = {"lang": language}
            source.cells.append(prompt)
        source.cells.append(cell)
    course.assignment("arithmetic").source.parent.mkdir(parents=True)
    course.assignment("arithmetic").source.write_text(nbformat.writes(source), encoding="utf-8")
    return course


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course with an essay of 3 points and a task of 4."""
    course = course_in(
        tmp_path_factory.mktemp("released") / "course",
        by_hand("essay", 3),
        by_hand("task", 4, grade=False, solution=False, locked=True, task=True),
    )
    build(course, solutions=False)
    return course.root


@pytest.fixture(scope="module")
def graded_once(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """amy, ben and cat handed in an essay, dan none, and are graded."""
    course = clone(released, tmp_path_factory.mktemp("graded"))
    for student in ("amy", "ben", "cat"):
        hand_in(course, student, add_two=RIGHT, essay=f"What {student} thinks.")
    hand_in(course, "dan", add_two=RIGHT)
    done = cli("grade", "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    (course.root / "output.txt").write_text(done.stdout, encoding="utf-8")
    return course.root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of the released course."""
    return clone(released, tmp_path)


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Course:
    """A copy of the graded course."""
    return Course.open(shutil.copytree(graded_once, tmp_path / "graded"))


def hand_in(
    course: Course, student: str, *, language: str = "en", lost: bool = False, **answers: str
) -> Path:
    """Write a student's notebook into submitted/. lost: without metadata and cell ids, as Colab saves it."""
    notebook = json.loads(course.assignment("arithmetic").release(language).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"])
    if lost:
        notebook["metadata"], notebook["nbformat_minor"] = {}, 4
        notebook["cells"] = [cell | {"metadata": {}} for cell in notebook["cells"]]
        for cell in notebook["cells"]:
            del cell["id"]
    target = course.submitted / student / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    return target


def give(course: Course, student: str, *, essay: float | None = 2.5, task: float | None = 4) -> None:
    """Give manual scores, as formgrader does."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        for name, score in (("essay", essay), ("task", task)):
            if score is not None:
                grade = gradebook.find_grade(name, "arithmetic", "arithmetic", student)
                grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def needs(course: Course, student: str) -> dict[str, bool]:
    """Which cells wait for a person."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        [notebook] = gradebook.find_submission("arithmetic", student).notebooks
        return {grade.name: grade.needs_manual_grade for grade in notebook.grades}


def text_of(course: Course, student: str, name: str) -> str:
    """What stands in a cell of the graded notebook."""
    notebook = nbformat.read(course.graded_path(SubmissionId(student, "arithmetic")), as_version=4)
    return next(str(cell.source) for cell in notebook.cells if cell["id"] == name)


def grade(course: Course, *arguments: str, code: int = 0) -> str:
    done = cli("grade", *arguments, cwd=course.root)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def row_of(output: str, student: str) -> list[str]:
    """A student's line of the table, cell by cell."""
    line = next(line for line in output.splitlines() if line.startswith("│") and f" {student} " in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


class TestBuild:
    """Their points are told beside those of the questions."""

    def test_the_build_tells_of_them(self, tmp_path: Path) -> None:
        """One cell in one sentence, and its points."""
        course = course_in(tmp_path / "course", by_hand("essay", 3))
        done = cli("build", "--no-solutions", cwd=course.root)
        assert (
            "1 assignment, 1 question, 2 points, 1 manually graded cell (3 points), in ko, en" in done.stdout
        )

    def test_the_certificate_tells_of_them(self, released: Path) -> None:
        """In its totals, and on its pages in both languages."""
        data = json.loads((released / "build" / "certificate.json").read_text(encoding="utf-8"))
        assert data["totals"]["points"] == 2
        assert (data["totals"]["manual_cells"], data["totals"]["manual_points"]) == (2, 7)
        pages = {
            language: (released / "build" / f"certificate.{language}.html").read_text(encoding="utf-8")
            for language in ("ko", "en")
        }
        assert "2 points, and 7 graded by hand in 2 cells, about which nothing is proved;" in pages["en"]
        assert "2점, 사람이 채점하는 칸 2개 7점(여기에 대해서는 증명한 것이 없음)." in pages["ko"]


class TestSummary:
    """The summary says what the gradebook says, and what waits for a person."""

    def test_waiting_essays_are_listed_without_an_error(self, graded_once: Path) -> None:
        """A line for each cell, and one for grades.csv."""
        output = (graded_once / "output.txt").read_text(encoding="utf-8")
        assert "waiting for a person: essay of arithmetic (3): amy, ben, cat" in output
        assert "waiting for a person: task of arithmetic (4): amy, ben, cat, dan" in output
        assert "4 rows of grades.csv are preliminary: a manual score is still to come" in output
        assert "4 graded, 0 kept from before, 0 not graded" in output

    def test_in_korean(self, graded: Course) -> None:
        """As a Korean course reads it."""
        output = grade(graded, "--language", "ko")
        assert "사람이 채점할 것: arithmetic의 essay (3명): amy, ben, cat" in output
        assert "grades.csv의 점수 4개는 임시 점수입니다. 사람이 채점할 것이 남아 있습니다" in output

    @pytest.mark.full
    def test_many_students_are_told_in_short(self, course: Course) -> None:
        """The first ten, and how many more."""
        for number in range(12):
            hand_in(course, f"s{number:02}", add_two=RIGHT, essay="Mine.")
        output = grade(course, "--language", "en")
        assert "essay of arithmetic (12): s00, s01, s02, s03, s04, s05, s06, s07, s08, s09, 2 more" in output

    def test_the_score_is_that_of_the_gradebook(self, graded: Course) -> None:
        """With the points of a person, and out of all points, as in grades.csv."""
        give(graded, "amy")
        output = grade(graded, "--language", "en")
        assert row_of(output, "amy")[2] == "8.5 / 9"
        assert row_of(output, "ben")[2] == "2 / 9"
        with (graded.root / "grades.csv").open(encoding="utf-8") as file:
            rows = {row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)}
        assert (rows["amy"], rows["ben"]) == (("8.5", "9.0"), ("2.0", "9.0"))

    def test_essays_are_divided_among_the_graders(self, graded: Course) -> None:
        """Every second student is one grader's, in the file that has a row for each question; code is nobody's."""
        with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write('c.CourseSettings.graders = ["kim", "lee"]\n')
        grade(graded)
        with (graded.root / "question_scores.csv").open(encoding="utf-8-sig") as file:
            rows = [*csv.DictReader(file)]
        named = {row["student_id"]: row["grader"] for row in rows if row["question"] == "essay"}
        assert named == {"amy": "kim", "ben": "lee", "cat": "kim", "dan": "lee"}
        assert {row["grader"] for row in rows if row["question"] == "add_two"} == {""}
        assert {row["state"] for row in rows if row["question"] == "task"} == {"waiting"}

    def test_graded_essays_no_longer_wait(self, graded: Course) -> None:
        """Each cell is listed with those who still wait."""
        give(graded, "amy")
        output = grade(graded, "--language", "en")
        assert "waiting for a person: essay of arithmetic (2): ben, cat" in output


class TestFound:
    """An essay without its mark reaches the gradebook."""

    def test_essay_by_its_place_is_looked_at(self, course: Course) -> None:
        """It waits for a person, and stands among the answers to look at; so it does when it is kept."""
        hand_in(course, "amy", lost=True, add_two=RIGHT, essay="What I think.")
        for _ in range(2):
            assert row_of(grade(course, "--language", "en"), "amy")[3] == "add_two, essay"
        assert text_of(course, "amy", "essay") == "What I think."
        assert needs(course, "amy")["essay"]

    @pytest.mark.full
    def test_nbgraders_own_command_finds_it_too(self, course: Course) -> None:
        """With the note below it."""
        hand_in(course, "amy", lost=True, add_two=RIGHT, essay="What I think.")
        register(course.assignment("arithmetic"))
        done = command("nbgrader", "autograde", "arithmetic", cwd=course.root)
        assert done.returncode == 0, done.stderr
        assert text_of(course, "amy", "essay") == "What I think."
        assert needs(course, "amy")["essay"]
        assert (
            "the answer cell of essay was untouched or had lost its mark; the cell in its place was taken"
            in (text_of(course, "amy", "own-note-essay"))
        )

    def test_untouched_essay_has_no_points(self, graded: Course) -> None:
        """nbgrader's own rule, with its comment."""
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            found = gradebook.find_grade("essay", "arithmetic", "arithmetic", "dan")
            comment = gradebook.find_comment("essay", "arithmetic", "arithmetic", "dan")
            assert (found.auto_score, found.needs_manual_grade, comment.auto_comment) == (
                0,
                False,
                "No response.",
            )

    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_collect_counts_it(self, course: Course, language: str) -> None:
        """In either language: what is prose in the one is no answer in the other."""
        path = hand_in(course, "amy", language=language, lost=True, add_two=RIGHT, essay="What I think.")
        shutil.copytree(path.parent.parent, course.root / "downloads" / "amy")
        path = hand_in(course, "amy", language=language, lost=True, add_two=RIGHT)
        shutil.copytree(path.parent.parent, course.root / "downloads" / "ben")
        output = cli("collect", "downloads", cwd=course.root).stdout
        assert "amy arithmetic: counts, recognized by the names it defines, 2 answers worked on" in output
        assert "ben arithmetic: counts, recognized by the names it defines, 1 answer worked on" in output


class TestRegrade:
    """A manual score stays settled until what it was given for has changed."""

    def test_regrade_asks_for_nothing_again(self, graded: Course) -> None:
        """The class stays finished."""
        give(graded, "amy")
        grade(graded, "--force")
        assert needs(graded, "amy") == {"add_two-check": False, "essay": False, "task": False}

    def test_another_text_is_to_be_graded_again(self, graded: Course) -> None:
        """The old score is kept until a person has looked."""
        give(graded, "amy")
        hand_in(graded, "amy", add_two=RIGHT, essay="I have thought again.")
        grade(graded)
        assert needs(graded, "amy") == {"add_two-check": False, "essay": True, "task": False}

    def test_another_answer_to_a_task_is_to_be_graded_again(self, graded: Course) -> None:
        """It stands in the student's own cells below the task."""
        give(graded, "amy")
        path = hand_in(graded, "amy", add_two=RIGHT, essay="What amy thinks.")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        place = next(at for at, cell in enumerate(notebook["cells"]) if cell["id"] == "task")
        notebook["cells"].insert(
            place + 1, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Mine."}
        )
        path.write_text(json.dumps(notebook), encoding="utf-8")
        grade(graded)
        assert needs(graded, "amy") == {"add_two-check": False, "essay": False, "task": True}

    def test_score_that_waited_still_waits(self, graded: Course) -> None:
        """What nobody has settled is not settled by grading again."""
        grade(graded, "--force")
        assert needs(graded, "amy") == {"add_two-check": False, "essay": True, "task": True}


class TestSpreadsheet:
    """Scores and comments that a person wrote into a CSV file are recorded as if given in formgrader."""

    @staticmethod
    def sheet(course: Course, **given: tuple[str, str]) -> Path:
        """The class's `question_scores.csv`, with score and comment of some students' essays filled in."""
        path = course.root / "question_scores.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [*csv.DictReader(file)]
        for row in rows:
            if row["question"] == "essay" and row["student_id"] in given:
                row["score"], row["comment"] = given[row["student_id"]]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    def test_entered_scores_are_recorded_once(self, graded: Course) -> None:
        """A score of the essay, and a comment of two lines in Korean; the file of the next run says the same."""
        path = self.sheet(
            graded, amy=("2.5", "잘 썼습니다.\n근거를 더 드세요."), ben=("0", ""), cat=("", "Why?")
        )
        done = cli("essays", str(path), cwd=graded.root)
        assert "recorded: 2 scores, 2 comments\nnext: `autograder grade arithmetic`" in done.stdout, (
            done.stderr
        )
        assert [needs(graded, student)["essay"] for student in ("amy", "ben", "cat")] == [False, False, True]
        grade(graded)
        page = graded.feedback_path(SubmissionId("amy", "arithmetic")).read_text(encoding="utf-8")
        assert "근거를 더 드세요." in page
        assert "recorded: 0 scores, 0 comments" in cli("essays", str(path), cwd=graded.root).stdout

    def test_another_score_is_told(self, graded: Course) -> None:
        """That of the spreadsheet counts; whoever gave the other in formgrader can see it."""
        give(graded, "amy")
        grade(graded)
        done = cli("essays", str(self.sheet(graded, amy=("3", ""))), cwd=graded.root)
        assert "replaces an earlier score: essay of amy: 2.5 → 3" in done.stdout

    def test_one_wrong_line_and_nothing_is_recorded(self, graded: Course) -> None:
        """Each is listed with the reason; the gradebook is as it was."""
        path = graded.root / "scores.csv"
        path.write_text(
            "assignment,student_id,question,score\n"
            "arithmetic,amy,essay,2\n"
            "arithmetic,amy,essay,1\n"
            "arithmetic,ben,essay,3.5\n"
            "arithmetic,ben,task,nan\n"
            'arithmetic,cat,task,"1,5"\n'
            "arithmetic,cat,essay2,1\n"
            "arithmetic,bem,essay,1\n"
            "algebra,amy,essay,1\n",
            encoding="utf-8",
        )
        done = cli("essays", "scores.csv", cwd=graded.root)
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            "autograder: nothing was recorded, since 7 lines are wrong:",
            "  scores.csv:3: line 2 is about the same cell",
            "  scores.csv:4: the score is '3.5'; expected a number from 0 to 3, such as 1.5",
            "  scores.csv:5: the score is 'nan'; expected a number from 0 to 4, such as 1.5",
            "  scores.csv:6: the score is '1,5'; expected a number from 0 to 4, such as 1.5",
            "  scores.csv:7: arithmetic has no manually graded cell essay2; it has essay, task",
            f"  scores.csv:8: no student 'bem' in {graded.submitted}; did you mean ben?",
            "  scores.csv:9: no assignment 'algebra'; known: arithmetic",
        ]
        assert needs(graded, "amy")["essay"]

    def test_old_score_does_not_settle_a_new_text(self, graded: Course) -> None:
        """The file was written before the student wrote something else."""
        give(graded, "amy")
        grade(graded)
        path = self.sheet(graded)
        hand_in(graded, "amy", add_two=RIGHT, essay="I have thought again.")
        old = path.read_bytes()
        grade(graded)
        path.write_bytes(old)
        done = cli("essays", str(path), cwd=graded.root)
        assert done.returncode == 2
        assert "the answer has changed since this score was given" in done.stderr
        assert needs(graded, "amy")["essay"]


class TestGradescope:
    """What the autograder cannot give is told to the teacher and to the student."""

    def test_the_package_tells_of_the_points_of_a_person(self, released: Path) -> None:
        """Apart from those of the autograder, with what to do at Gradescope."""
        output = cli("package", "gradescope", "arithmetic", cwd=released).stdout
        assert "at Gradescope: 2 autograder points; " in output
        assert (
            "graded by hand: 7 more points, which the autograder does not give: essay (3), task (4); at Gradescope "
            "tick “Enable Manual Grading” and add a question for each\n"
        ) in output

    @pytest.mark.parametrize(
        ("language", "name", "output"),
        [
            (
                "en",
                "essay (3 points)",
                "A person grades this; its points are no part of the autograder's score.",
            ),
            ("ko", "essay (3점)", "선생님이 따로 채점합니다. 이 점수는 자동 채점 점수에 들어 있지 않습니다."),
        ],
    )
    def test_the_result_claims_no_points_for_an_essay(
        self, course: Course, language: str, name: str, output: str
    ) -> None:
        """A line without score and maximum; the maxima of the others sum to the autograder's points."""
        path = hand_in(course, "amy", language=language, add_two=RIGHT, essay="Mine.")
        result = results.graded(mark(course, "arithmetic", path.parent, Metadata()), Metadata(), 1.0)
        [essay] = [test for test in result["tests"] if test["name"] == name]
        assert essay["output"] == output
        assert not {"score", "max_score", "status"} & set(essay)
        assert sum(test.get("max_score", 0) for test in result["tests"]) == result["score"] == 2


class TestWebTool:
    """An LMS is told the maximum that scores are out of."""

    def test_assignment_is_offered_with_all_its_points(self, released: Path) -> None:
        """Those of a person among them."""
        [offer] = assignment_options(Course.open(released))
        assert offer.points == 9


WORKSHEET = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n"  # noqa: E501


def worksheet(course: Course, *students: str) -> Path:
    rows = [
        f"Participant {number},{student},,,,9.00,Yes,-,-,\n" for number, student in enumerate(students, 1)
    ]
    path = course.root / "worksheet.csv"
    path.write_text(WORKSHEET + "".join(rows), encoding="utf-8")
    (course.root / "roster.csv").write_text(
        "student_id,name\n" + "".join(f"{student},{student}\n" for student in students), encoding="utf-8"
    )
    return path


def canvas_file(course: Course, *students: str) -> Path:
    worksheet(course, *students)
    rows = [f"{student},{number},,{student},1,\n" for number, student in enumerate(students, 1)]
    path = course.root / "Grades.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,arithmetic (7)\n    Points Possible,,,,,9\n"
        + "".join(rows),
        encoding="utf-8",
    )
    return path


class TestLoweredPoints:
    """Points of an essay that are lowered after grading leave scores above full points, which are reported."""

    @pytest.fixture
    def lowered(self, graded: Course) -> Course:
        """The graded course after ben got 3 points and amy 1.5 for the essay, which then has 2 points."""
        give(graded, "amy", essay=1.5)
        give(graded, "ben", essay=3)
        assignment = graded.assignment("arithmetic")
        for path in (assignment.source, *map(assignment.release, graded.languages)):
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                if cell["id"] == "essay":
                    cell.metadata.nbgrader.points = 2
            nbformat.write(notebook, path)
        register(assignment)
        return graded

    def test_score_above_full_points_is_reported(self, lowered: Course) -> None:
        """Grading names cell, points and student, says what to do, exits with 1 and leaves the score."""
        output = grade(lowered, "--language", "en", code=1)
        assert (
            "more than full points: essay of arithmetic has 2 points now, and more was given to ben (3): these scores "
            "stay until you give others, in formgrader or with `autograder essays`"
        ) in output
        with Gradebook(lowered.gradebook_url, lowered.id) as gradebook:
            assert gradebook.find_grade("essay", "arithmetic", "arithmetic", "ben").manual_score == 3

    def test_score_above_full_points_is_gone_with_another_score(self, lowered: Course) -> None:
        """Once a score that the cell can have is given, nothing is reported."""
        give(lowered, "ben", essay=2)
        assert "more than full points" not in grade(lowered, "--language", "en")

    def test_doctor_reports_scores_above_full_points(self, lowered: Course) -> None:
        """A finding names the cell and the students."""
        found = {one.name.en: (one.good, str(one.seen)) for one in check_course(lowered)}
        assert found["more points than essay of arithmetic has"] == (False, "ben")


class TestExports:
    """Who waits for a person is left as it is, with the reason, and that is no fault."""

    @pytest.mark.parametrize("lms", ["moodle", "canvas"])
    def test_who_waits_is_listed_apart(self, graded: Course, lms: str) -> None:
        """By cell; the others have their scores."""
        students = ("amy", "ben", "cat", "dan")
        file = {"moodle": worksheet, "canvas": canvas_file}[lms](graded, *students)
        give(graded, "amy")
        give(graded, "ben", essay=None)
        give(graded, "dan", essay=None)
        grade(graded)  # the pages show it
        done = cli("export", lms, "arithmetic", str(file), cwd=graded.root)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "waiting for a manual score, left as it is: essay: ben, cat\n" in done.stdout
        assert "waiting for a manual score, left as it is: task: cat\n" in done.stdout
        assert "not graded" not in done.stdout
        assert "2 rows filled" in done.stdout

    def test_who_is_not_graded_is_an_error_still(self, graded: Course) -> None:
        """A fault is told apart from what waits."""
        file = worksheet(graded, "amy", "ben")
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "ben").auto_score = None
            gradebook.db.commit()
        done = cli("export", "moodle", "arithmetic", str(file), cwd=graded.root)
        assert done.returncode == 1
        assert "waiting for a manual score, left as it is: essay: amy\n" in done.stdout
        assert "not graded, left as it is: ben (ben)\n" in done.stdout

    def test_the_comment_tells_of_the_essay(self, graded: Course) -> None:
        """Its lines sum to the grade."""
        file = worksheet(graded, "amy")
        give(graded, "amy")
        grade(graded)  # the pages show it
        assert (
            cli("export", "moodle", "arithmetic", str(file), cwd=graded.root).returncode == 1
        )  # ben is not in it
        with (graded.root / "build" / "moodle" / "arithmetic" / "worksheet.csv").open(
            encoding="utf-8-sig"
        ) as sheet:
            [row] = csv.DictReader(sheet)
        assert row["Grade"] == "8.5"
        assert "<br>essay: 2.5 / 3<br>task: 4 / 4<br>" in row["Feedback comments"]

    def test_comment_has_essays_in_order_with_title_and_words(self, graded: Course) -> None:
        """An essay is named by its heading, at its place in the notebook, and followed by what a person wrote."""
        give(graded, "amy")
        with Gradebook(graded.gradebook_url, graded.id) as gradebook:
            for name, text in (("essay", "Well argued.\nAdd a source."), ("add_two", "Nice.")):
                comment = gradebook.find_comment(name, "arithmetic", "arithmetic", "amy")
                comment.manual_comment = text
            gradebook.db.commit()
        path = graded.graded_path(SubmissionId("amy", "arithmetic"))
        notebook = nbformat.read(path, as_version=4)
        essay, task = (next(c for c in notebook.cells if c["id"] == name) for name in ("essay", "task"))
        others = [cell for cell in notebook.cells[1:] if cell not in (essay, task)]
        means, later = (nbformat.v4.new_markdown_cell(f"## What it {word}") for word in ("means", "does"))
        notebook.cells = [notebook.cells[0], means, essay, *others, later, task]
        nbformat.write(notebook, path)
        standing = class_scores(graded, "arithmetic").by_person["amy"]
        lines = comment_lines(graded, standing, "arithmetic")
        assert lines[:2] == ["What it means: 2.5 / 3", "– From your teacher: Well argued. Add a source."]
        assert lines[3] == "– From your teacher: Nice."

    def test_comment_that_begins_with_an_essay_is_ours(self, released: Path) -> None:
        """A later export renews it, since it begins with the title of an essay."""
        known = openings(Course.open(released), "arithmetic")
        assert is_ours("essay: 2 / 3The feedback file tells more.", known)
        assert not is_ours("Dear amy, essay: 2 / 3The feedback file tells more.", known)

    def test_nbgraders_export_says_what_is_preliminary(self, graded: Course) -> None:
        """The rows stay as they are, and the command ends well."""
        give(graded, "amy")
        done = command("nbgrader", "export", "--student", "['amy', 'ben']", cwd=graded.root)
        assert done.returncode == 0, done.stderr
        assert (
            "Preliminary in grades.csv, a manual score is still to come: arithmetic of ben (essay, task)."
            in done.stderr
        )
