"""A score that was given out changes only on purpose: by a regrade, or with what concerns its submission."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course, SubmissionId
from autograder.grading.given_out import EARLIER, RECORD
from tests.cli.test_grade import QUESTIONS, RIGHT, WRONG, both, feedback_of, hand_in, scores
from tests.support import cli, clone, command, small_course

pytestmark = pytest.mark.long
OFF_BY_ONE = "def {name}(a, b):\n    return a + b + 1"
LENIENT = "    expect.count(got, want)"
ACCEPTS_ONE_MORE = "    expect.count(got, want + 1 if got == want + 1 else want)"
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two questions, graded: amy is right, kim is off by one in `add_two`, lee multiplies."""
    root = small_course(tmp_path_factory.mktemp("given_out") / "course")
    course = Course.open(root)
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    hand_in(course, "amy", both(RIGHT))
    hand_in(course, "kim", both(RIGHT) | {"add_two": OFF_BY_ONE})
    hand_in(course, "lee", both(RIGHT) | {"add_two": WRONG})
    assert cli("grade", cwd=root).returncode == 0
    return root


@pytest.fixture
def course(graded_once: Path, tmp_path: Path) -> Course:
    """A copy of that course, in which nothing is given out yet."""
    return Course.open(shutil.copytree(graded_once, tmp_path / "course"))


@pytest.fixture
def given_out(course: Course) -> Course:
    """The course, whose scores students have."""
    done = cli("grade", "--given-out", "--language", "en", cwd=course.root)
    assert done.stdout.splitlines()[-1] == (
        "3 scores are given out, 3 of them new; from now on only `autograder regrade` changes them"
    )
    return course


def change_question(course: Course, before: str = LENIENT, after: str = ACCEPTS_ONE_MORE) -> None:
    """Accept an answer that is one too large in `add_two`, or make another change."""
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def english(course: Course, *arguments: str) -> str:
    """What a command says in English; that it says nothing needs a person."""
    done = cli(*arguments, "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(course: Course) -> dict[str, bytes]:
    """Graded notebooks and pages."""
    return {
        str(path.relative_to(course.root)): path.read_bytes()
        for folder in (course.autograded, course.feedback)
        for path in folder.rglob("*.*")
        if path.name[0] != "."  # what a killed command leaves of a file
    }


class TestGivenOut:
    """What counts as given out, and what a run of `grade` leaves alone then."""

    def test_before_that_everything_is_graded_again(self, course: Course) -> None:
        """As long as nobody has a score, it changes with the question."""
        change_question(course)
        english(course, "grade")
        assert scores(course) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}

    def test_changed_question_changes_no_score(self, given_out: Course) -> None:
        """Nothing is written, and the last line says how many scores are out of date, and what to run."""
        change_question(given_out)
        before = files(given_out)
        said = english(given_out, "grade")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert files(given_out) == before
        assert "given out, so kept: 3 scores of arithmetic, although question files changed" in said
        assert said.splitlines()[-1] == (
            "0 graded, 3 kept from before, 0 not graded; 3 scores that were given out are out of date: "
            "`autograder regrade`"
        )
        assert (
            "3개 점수는 아직 바뀌기 전 기준입니다"
            in cli("grade", "--language", "ko", cwd=given_out.root).stdout
        )

    def test_neither_does_force(self, given_out: Course) -> None:
        """`--force` grades them again, and a score that would be another stays."""
        change_question(given_out)
        said = english(given_out, "grade", "--force")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert "; 1 score that was given out is out of date" in said.splitlines()[-1]

    def test_nor_a_graded_notebook_that_is_gone(self, given_out: Course) -> None:
        """Its score is in the gradebook alone, and stays."""
        change_question(given_out)
        for student in ("kim", "lee"):
            shutil.rmtree(given_out.autograded / student)
        said = english(given_out, "grade")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert "although its graded notebook is missing" in said
        english(given_out, "regrade", "--apply", "--because", "one more is fine")
        assert scores(given_out) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}
        assert english(given_out, "grade").splitlines()[-1] == "0 graded, 3 kept from before, 0 not graded"

    def test_fault_of_the_grader_takes_no_score_back(self, given_out: Course) -> None:
        """What can no longer be graded keeps a score that was given out."""
        change_question(given_out, after="    1 / 0")
        done = cli("grade", "--force", "--language", "en", cwd=given_out.root)
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert "3 scores that were given out are out of date" in done.stdout.splitlines()[-1]
        cli("regrade", "--apply", "--because", "try", cwd=given_out.root)
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}

    def test_new_answers_are_graded_by_the_question_of_today(self, given_out: Course) -> None:
        """Of one student: the summary says how many of the class still follow the old one."""
        change_question(given_out)
        hand_in(given_out, "lee", both(RIGHT) | {"add_two": OFF_BY_ONE})
        said = english(given_out, "grade")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 4.0}
        assert (
            "arithmetic: 1 submission was graded with the present questions; out of date in the class: 2"
        ) in said

    def test_pages_name_whom_to_ask_and_until_when(self, given_out: Course) -> None:
        """As the settings say it; another contact is written into every page, and no score changes."""
        before = scores(given_out)
        config = given_out.root / "nbgrader_config.py"
        text = config.read_text(encoding="utf-8")
        config.write_text(
            text + "\nc.CourseSettings.contact = 'ta@example.org'\n"
            "c.CourseSettings.questions_until = {'arithmetic': '2027-03-31T23:59+09:00'}\n",
            encoding="utf-8",
        )
        assert english(given_out, "grade").splitlines()[-1] == "0 graded, 3 kept from before, 0 not graded"
        for student in before:
            found = re.search(
                "Questions about your score, until (.*): ta@example.org", feedback_of(given_out, student)
            )
            assert found, student
            assert "2027" in found[1]
        assert scores(given_out) == before
        kept = files(given_out)
        english(given_out, "grade")
        assert files(given_out) == kept

    def test_late_penalty_changes_alone(self, given_out: Course) -> None:
        """It is announced and written, and the page is rendered again; the rest follows the old question."""
        path = given_out.submitted / "kim" / "arithmetic" / "timestamp.txt"
        path.write_text("2026-11-10 12:00:00 UTC\n")
        kept = given_out.autograded / "kim" / "arithmetic" / "timestamp.txt"
        kept.write_text(path.read_text())
        change_question(given_out)
        with (given_out.root / "nbgrader_config.py").open("a") as file:
            file.write('c.CourseSettings.due = {"arithmetic": "2026-11-09T00:00+00:00"}\n')
            file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
        said = english(given_out, "grade")
        assert "kim arithmetic: late penalty 0 → -2" in said
        assert "3 scores that were given out are out of date" in said.splitlines()[-1]
        with Gradebook(given_out.gradebook_url) as gradebook:
            submission = gradebook.find_submission("arithmetic", "kim")
            assert (submission.score, submission.late_submission_penalty) == (2.0, 2.0)
        assert english(given_out, "grade").splitlines()[-1].startswith("0 graded, 3 kept")

    def test_missing_score_is_filled_with_the_one_given_out(self, given_out: Course) -> None:
        """A score that is lost in the gradebook does not come back as another one."""
        change_question(given_out)
        with Gradebook(given_out.gradebook_url) as gradebook:
            for question in QUESTIONS:
                grade = gradebook.find_grade(f"{question}-check", "arithmetic", "arithmetic", "kim")
                grade.auto_score = None
            gradebook.db.commit()
        english(given_out, "grade")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert "3 scores that were given out" in english(given_out, "grade").splitlines()[-1]

    def test_ungraded_question_gets_a_score(self, course: Course) -> None:
        """The other scores of that submission stay as they were given out."""
        fault = '    raise OSError("no disk")'
        change_question(course, after=fault)
        assert cli("grade", cwd=course.root).returncode == 1
        cli("grade", "--given-out", cwd=course.root)
        change_question(course, fault, ACCEPTS_ONE_MORE)
        more = course.root / "solutions" / "arithmetic" / "add_more.py"
        more.write_text(
            more.read_text().replace(LENIENT, "    expect.count(got, want if want < 0 else got + 1)")
        )
        cli("grade", cwd=course.root)
        with Gradebook(course.gradebook_url) as gradebook:
            found = {
                (student, name): gradebook.find_grade(
                    f"{name}-check", "arithmetic", "arithmetic", student
                ).auto_score
                for student in ("amy", "kim")
                for name in QUESTIONS
            }
        assert found["amy", "add_more"] == found["kim", "add_more"] == 2.0

    def test_feedback_that_says_more_from_a_date_on_is_shown(self, given_out: Course) -> None:
        """The setting changes no score: the page is rendered again, and nothing is out of date."""
        with (given_out.root / "nbgrader_config.py").open("a") as file:
            file.write('c.CourseSettings.feedback = {"arithmetic": "score"}\n')
        said = english(given_out, "grade")
        assert said.splitlines()[-1] == "0 graded, 3 kept from before, 0 not graded"
        assert "The numbers were multiplied" not in feedback_of(given_out, "lee")

    def test_other_points_wait_for_a_regrade(self, given_out: Course) -> None:
        """A page keeps the points of then, and nothing is exported, which would scale the score."""
        path = given_out.root / "solutions" / "arithmetic" / "add_two.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"points=\d+", "points=4", text), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != text
        before = files(given_out)
        english(given_out, "grade")
        assert files(given_out) == before
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        (given_out.root / "grades.canvas").write_text(
            "Student,ID,SIS User ID,SIS Login ID,Section,arithmetic (1)\n    Points Possible,,,,,4\namy,1,,amy,,\n"
        )
        done = cli("export", "canvas", "arithmetic", "grades.canvas", cwd=given_out.root)
        assert done.returncode == 2
        assert "add_two of arithmetic had other points when scores were given out" in done.stderr
        english(given_out, "regrade", "--apply", "--because", "it counts more")
        assert scores(given_out) == {"amy": 6.0, "kim": 2.0, "lee": 2.0}

    def test_nbgrader_s_own_command_obeys_the_same_rule(self, given_out: Course) -> None:
        """`--force`, which formgrader's button uses, grades a resubmission, and nothing else that is given out."""
        change_question(given_out)
        hand_in(given_out, "lee", both(RIGHT))
        build(given_out, solutions=False)
        done = command("nbgrader", "autograde", "arithmetic", "--force", cwd=given_out.root)
        assert done.returncode == 0, done.stderr
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 4.0}
        assert "arithmetic of kim is kept: its score was given out" in done.stderr


class TestWhatGivesOut:
    """The commands after which students may have a score."""

    def test_moodle_s_worksheet(self, course: Course) -> None:
        """Whose row is filled; the scores of the others still change freely. The last line says what is out of date."""
        sheet = course.root / "worksheet.csv"
        rows = [
            f"Participant {n},{name},{name}@x.org,Submitted,,4.00,Yes,-,-,\n"
            for n, name in enumerate(["amy", "kim"])
        ]
        sheet.write_text(MOODLE + "".join(rows))
        (course.root / "roster.csv").write_text(
            "student_id,name,email\n"
            + "".join(f"{name},{name},{name}@x.org\n" for name in ("amy", "kim", "lee"))
        )
        done = cli("export", "moodle", "arithmetic", str(sheet), cwd=course.root)
        assert "2 scores are given out: from now on only `autograder regrade` changes them" in done.stdout
        assert {*record(course)["arithmetic"]} == {"amy", "kim"}
        assert record(course)["arithmetic"]["amy"].endswith(" autograder export moodle")
        change_question(course)
        english(course, "grade")
        assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        done = cli("export", "moodle", "arithmetic", str(sheet), cwd=course.root)
        assert "; 2 scores that were given out are out of date" in done.stdout


def record(course: Course) -> dict[str, Any]:
    """The record of what is given out."""
    found: dict[str, Any] = json.loads((course.root / RECORD).read_text(encoding="utf-8"))
    return found


class TestRecord:
    """One readable file, which a person may edit."""

    @pytest.mark.parametrize("text", ["{", "[]", '{"arithmetic": ["kim"]}', '{"arithmetic": {"kim": 3}}'])
    @pytest.mark.parametrize("arguments", [["grade"], ["grade", "--given-out"], ["regrade"]], ids=" ".join)
    def test_damaged_record_stops_every_command(
        self, course: Course, text: str, arguments: list[str]
    ) -> None:
        """Nothing is written, and the message says what to do."""
        (course.root / RECORD).write_text(text)
        done = cli(*arguments, cwd=course.root)
        assert done.returncode == 2
        assert f"{course.root / RECORD}, which says whose scores are given out, cannot be read" in done.stderr
        assert (
            "if there is none, delete it: every score that there is then counts as given out" in done.stderr
        )
        assert (course.root / RECORD).read_text() == text

    def test_without_one_every_score_counts_as_given_out(self, course: Course) -> None:
        """As of a course that an earlier version graded: nothing changes unseen."""
        shutil.rmtree(course.root / RECORD.parent)
        change_question(course)
        said = english(course, "grade", "--preview")
        assert "3 scores that were given out are out of date" in said.splitlines()[-1]
        assert not (course.root / RECORD).exists()
        said = english(course, "grade")
        assert "3 earlier scores count as given out, because nothing says that they were not" in said
        assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
        assert record(course)["arithmetic"] == dict.fromkeys(("amy", "kim", "lee"), EARLIER)

    def test_deleted_line_sets_a_score_free(self, given_out: Course) -> None:
        """What nobody has seen is graded freely again."""
        path, written = given_out.root / RECORD, record(given_out)
        del written["arithmetic"]["kim"]
        path.write_text(json.dumps(written))
        change_question(given_out)
        english(given_out, "grade")
        assert scores(given_out) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}

    def test_fresh_clone_with_a_record_is_graded(self, given_out: Course, tmp_path: Path) -> None:
        """Where there is no score yet, none can change: by our command and by nbgrader's."""
        for number, name in enumerate(["autograder grade", "nbgrader autograde arithmetic"]):
            fresh = clone(given_out.root, tmp_path / str(number))
            shutil.rmtree(fresh.autograded)
            build(fresh, solutions=False)
            program, *arguments = name.split()
            done = command(program, *arguments, cwd=fresh.root)
            assert done.returncode == 0, done.stderr
            assert scores(fresh) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}


class TestRegrade:
    """The one way to change them."""

    def test_preview_and_apply(self, given_out: Course) -> None:
        """The preview writes nothing, and says what to run; `--apply` writes what it listed."""
        change_question(given_out)
        before = files(given_out)
        said = english(given_out, "regrade", "arithmetic")
        assert "│ kim      │ add_two  │ 0 → 2 │" in said
        assert said.splitlines()[-1].startswith("1 student would get another score; nothing was written")
        assert (files(given_out), scores(given_out)["kim"]) == (before, 2.0)
        said = english(given_out, "regrade", "--apply", "--because", "one more is fine")
        assert said.splitlines()[-1].startswith("1 student has another score; `autograder regrade --undo`")
        assert scores(given_out) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}
        assert english(given_out, "grade").splitlines()[-1] == "0 graded, 3 kept from before, 0 not graded"
        assert (
            english(given_out, "regrade")
            .splitlines()[-1]
            .startswith("every score that was given out is up to date")
        )

    def test_one_question(self, given_out: Course) -> None:
        """Scores of another changed question stay, and stay out of date."""
        change_question(given_out)
        path = given_out.root / "solutions" / "arithmetic" / "add_more.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n# looked at\n", encoding="utf-8")
        said = english(given_out, "regrade", "arithmetic", "add_more", "--apply", "--because", "looked at")
        assert scores(given_out) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}, said
        english(given_out, "regrade", "arithmetic", "add_two", "--apply", "--because", "one more is fine")
        assert scores(given_out)["kim"] == 4.0

    def test_scores_not_given_out_are_left_to_grade(self, given_out: Course) -> None:
        """A new submission gets no score by a regrade."""
        hand_in(given_out, "new", both(RIGHT))
        change_question(given_out)
        english(given_out, "regrade", "--apply", "--because", "one more is fine")
        assert scores(given_out) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["arithmetik"], "no assignment 'arithmetik'; did you mean arithmetic?"),
            (["arithmetic", "add_too"], "no question 'add_too'; did you mean add_two, add_more?"),
            (["--apply"], '--apply needs --because "…"'),
            (["--apply", "--because", "  "], '--apply needs --because "…"'),
        ],
        ids=lambda given: " ".join(given) if isinstance(given, list) else "",
    )
    def test_unusable_arguments_are_refused(self, given_out: Course, arguments: list[str], says: str) -> None:
        """With what to do, and nothing changes."""
        change_question(given_out)
        done = cli("regrade", *arguments, cwd=given_out.root)
        assert done.returncode == 2
        assert says in done.stderr
        assert scores(given_out)["kim"] == 2.0


def test_the_lists_of_given_out_scores_name_a_submission(given_out: Course) -> None:
    """The record of a student holds the time with the offset of the course's zone, and the command."""
    when = record(given_out)["arithmetic"]["kim"]
    assert when.endswith(" autograder grade --given-out")
    assert SubmissionId("kim", "arithmetic").student in record(given_out)["arithmetic"]
