"""A roster made from the lists that LMSs export."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.lms.roster_import import learn
from autograder.lms.sheet import read
from autograder.roster import Roster, RosterEntry

GRADESCOPE = 'First Name,Last Name,SID,Email,Role\nMinji,"Kim, Jr",2026-1,minji@example.test,Student\n'
PARTICIPANTS = 'First name,Last name,Email address\nMinji,"Kim, Jr",minji@example.test\n'
PARTICIPANTS_KO = "이름,성,이메일 주소\n민지,김,minji@example.test\n"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Cells (7)\n    Points Possible,,,,,10\n"
    '"Kim, Minji",900,2026-1,minji@example.test,A,\n'
)
WORKSHEET = "Identifier,Full name,Email address,Grade\nParticipant 12,Minji Kim,minji@example.test,\n"


def sheet_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GRADESCOPE, RosterEntry("minji@example.test", "Kim, Jr, Minji", "2026-1", "minji@example.test")),
        (PARTICIPANTS, RosterEntry("minji@example.test", "Kim, Jr, Minji", "", "minji@example.test")),
        (PARTICIPANTS_KO, RosterEntry("minji@example.test", "김, 민지", "", "minji@example.test")),
        (WORKSHEET, RosterEntry("minji@example.test", "Minji Kim", "", "minji@example.test", "cells=12")),
    ],
    ids=["Gradescope", "participants", "participants in Korean", "worksheet"],
)
def test_list_makes_a_roster(tmp_path: Path, text: str, expected: RosterEntry) -> None:
    """With the address as the id."""
    learned = learn(Roster(), read(sheet_of(tmp_path, text)), assignment="cells", new_by="email")
    assert learned.people == [expected]


def test_canvas_gives_its_number_and_the_institutions(tmp_path: Path) -> None:
    """Its row of points is nobody."""
    learned = learn(Roster(), read(sheet_of(tmp_path, CANVAS)), new_by="student_number")
    assert learned.people == [RosterEntry("2026-1", "Kim, Minji", "2026-1", canvas_id="900")]


def test_known_fields_of_the_roster_are_never_changed(tmp_path: Path) -> None:
    """Empty fields are filled, and what differs is told."""
    before = RosterEntry("kim", "Kim Minji", "2026-1", "kim@example.test")
    learned = learn(Roster((before,)), read(sheet_of(tmp_path, CANVAS)))
    assert learned.people == [RosterEntry("kim", "Kim Minji", "2026-1", "kim@example.test", canvas_id="900")]
    learned = learn(Roster((before,)), read(sheet_of(tmp_path, GRADESCOPE)))
    assert learned.people == [before]
    [kept] = learned.differing
    assert kept.en == "kim: email 'kim@example.test' is kept, the sheet says 'minji@example.test'"


def test_moodles_numbers_of_each_assignment_stand_side_by_side(tmp_path: Path) -> None:
    """A newer worksheet of the same assignment replaces that number alone."""
    before = RosterEntry(
        "kim", "Minji Kim", email="minji@example.test", moodle_participant="cells=1 tagging=40"
    )
    learned = learn(Roster((before,)), read(sheet_of(tmp_path, WORKSHEET)), assignment="cells")
    assert learned.people[0].moodle_participant == "tagging=40 cells=12"


def test_who_is_new_is_listed_unless_an_id_is_asked_for(tmp_path: Path) -> None:
    """With the near names."""
    before = Roster((RosterEntry("minjo", "Minjo Kim"),))
    learned = learn(before, read(sheet_of(tmp_path, PARTICIPANTS)))
    assert learned.people == [*before.people]
    [unmatched] = learned.unmatched
    assert unmatched.en == "no student 'minji@example.test Kim, Jr, Minji' in the roster"
    assert unmatched.ko == "명단에 'minji@example.test Kim, Jr, Minji'에 해당하는 학생이 없습니다"


def test_namesake_is_somebody_new(tmp_path: Path) -> None:
    """Two of one name never become one."""
    before = Roster((RosterEntry("a@example.test", "Kim, Minji", email="a@example.test"),))
    text = PARTICIPANTS.replace('"Kim, Jr"', "Kim")
    learned = learn(before, read(sheet_of(tmp_path, text)), new_by="email")
    assert [one.student_id for one in learned.people] == ["a@example.test", "minji@example.test"]


def test_id_that_cannot_be_one_is_listed(tmp_path: Path) -> None:
    """With what an id may hold and the way out; everybody else is added."""
    text = PARTICIPANTS.replace("minji@", "../minji@")
    text += "Ann,Lee,ann@example.test\n"
    learned = learn(Roster(), read(sheet_of(tmp_path, text)), new_by="email")
    assert [one.student_id for one in learned.people] == ["ann@example.test"]
    assert "'../minji@example.test' cannot be an id: only letters" in learned.unmatched[0].en
    assert "Write a line with another id" in learned.unmatched[0].en


def test_sheet_without_people_is_refused(tmp_path: Path) -> None:
    """The message names its columns."""
    with pytest.raises(CourseError, match="no known column of names, numbers or addresses among a, b"):
        learn(Roster(), read(sheet_of(tmp_path, "a,b\n1,2\n")))


def test_the_grades_of_the_course_are_no_list_of_people(tmp_path: Path) -> None:
    """They have ids and names, and would make a roster of whoever is in the gradebook."""
    with pytest.raises(CourseError, match=r"holds grades of this course, not people; take a list of people"):
        learn(Roster(), read(sheet_of(tmp_path, "assignment,student_id,max_score\ncells,kim,9\n")))


def test_who_contradicts_the_roster_is_not_added_beside_it(tmp_path: Path) -> None:
    """An id is never written twice."""
    before = Roster((RosterEntry("kim", student_number="S1", canvas_id="1"),))
    text = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Kim, M",2,S1,kim,A\n'
    learned = learn(before, read(sheet_of(tmp_path, text)), new_by="username")
    assert learned.people == [*before.people]
    assert len(learned.unmatched) == 1
