"""Submission times and extensions from a file: what names nobody is listed, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from autograder.course import Course
from tests.support import cli, small_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of two assignments without a roster; ben and ada have submitted to the first."""
    root = small_course(tmp_path / "course")
    for name in ("week1", "week2"):
        question = root / "solutions" / name / "p1.py"
        question.parent.mkdir(parents=True)
        question.touch()
    for student in ("ada", "ben"):
        (root / "submitted" / student / "week1").mkdir(parents=True)
    return Course.open(root)


def deadlines(
    course: Course, *lines: str, header: str = "student_id,assignment,handed_in"
) -> CompletedProcess[str]:
    path = course.root / "times.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return cli("deadlines", str(path), cwd=course.root)


def times(course: Course) -> dict[str, str]:
    """The recorded submission times, by student."""
    found = sorted(course.submitted.glob("*/week1/timestamp.txt"))
    return {path.parent.parent.name: path.read_text(encoding="utf-8").strip() for path in found}


def test_unknown_student_is_listed_with_similar_ids(course: Course) -> None:
    """A misspelled id is reported with its line, and the times of the others are recorded."""
    done = deadlines(course, "bne,week1,2027-03-02 09:00", "ada,week1,2027-03-03 09:00")
    assert done.returncode == 1
    assert "times.csv:2: no student 'bne' in " in done.stdout
    assert "did you mean ben?" in done.stdout
    assert times(course) == {"ada": "2027-03-03 00:00:00 UTC"}


def test_case_of_an_id_loses_no_time(course: Course) -> None:
    """Without a roster too, an id is found whatever its case."""
    done = deadlines(course, "BEN,week1,2027-03-02 09:00")
    assert done.returncode == 0, done.stdout
    assert times(course) == {"ben": "2027-03-02 00:00:00 UTC"}


def test_unknown_student_is_looked_for_in_the_roster(course: Course) -> None:
    """With a roster its students are known, and one unknown line does not stop the others."""
    (course.root / "roster.csv").write_text("student_id\nada\nbenedict\n", encoding="utf-8")
    done = deadlines(course, "benedikt,week1,2027-03-02 09:00", "ada,week1,2027-03-03 09:00")
    assert done.returncode == 1
    assert "no student 'benedikt' in the roster; did you mean benedict?" in done.stdout
    assert list(times(course)) == ["ada"]


def test_unknown_assignment_is_listed_with_similar_names(course: Course) -> None:
    """It does not stop the other lines."""
    done = deadlines(course, "ben,Week-1,2027-03-02 09:00", "ada,week1,2027-03-03 09:00")
    assert done.returncode == 1
    assert "times.csv:2: no assignment 'Week-1'; did you mean week1" in done.stdout
    assert list(times(course)) == ["ada"]


def test_time_without_a_submission_is_listed(course: Course) -> None:
    """A known student who has not submitted to the assignment is reported, since the time is not recorded."""
    done = deadlines(course, "ben,week2,2027-03-02 09:00")
    assert done.returncode == 2
    assert "ben: a submission time, but no submission of week2 in" in done.stdout


def test_line_without_a_time_is_listed(course: Course) -> None:
    """A line that gives neither time records nothing, and says so."""
    done = deadlines(course, "ben,week1,")
    assert done.returncode == 2
    assert "times.csv:2: no time; fill in handed_in, extended_until or both" in done.stdout


def test_two_times_of_one_submission_are_listed(course: Course) -> None:
    """The first one counts; the line of the second is reported."""
    done = deadlines(course, "ben,week1,2027-03-02 09:00", "ben,week1,2027-03-09 09:00")
    assert done.returncode == 1
    assert "times.csv:3: another time than in an earlier line, which counts" in done.stdout
    assert times(course) == {"ben": "2027-03-02 00:00:00 UTC"}


def test_two_lines_can_give_both_times_of_a_submission(course: Course) -> None:
    """A later line with an extension does not remove the submission time of an earlier one."""
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.CourseSettings.timezone = "UTC"\n')
    header = "student_id,assignment,handed_in,extended_until"
    (course.root / "submitted" / "ben" / "week1").rmdir()
    (course.root / "submitted" / "ben" / "week2").mkdir()
    done = deadlines(
        course, "ada,week1,2027-03-02 09:00,", "ben,week1,,2027-03-09 09:00", "ada,week1,2027-03-02 09:00,",
        header=header,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert times(course) == {"ada": "2027-03-02 09:00:00 UTC"}
    assert "ben has not handed in week1, and may until" in done.stdout


def test_grade_refuses_a_student_without_a_submission(course: Course) -> None:
    """One of several students who has not submitted to the named assignment is reported, not left out."""
    (course.root / "submitted" / "eve").mkdir()
    done = cli("grade", "week1", "--student", "ada", "--student", "eve", cwd=course.root)
    assert done.returncode == 2
    assert "no submission of eve to week1 in" in done.stderr
