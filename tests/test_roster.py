"""Who is who: one person is found by whatever is known of them, and nobody by a guess."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader.gradebook import known_ids
from autograder.questions.variants import Owner, plain_id
from autograder.roster import (
    Group,
    Roster,
    RosterEntry,
    Unmatched,
    groups_of,
    members_by_student,
    plain_name,
    read,
    write,
    write_groups,
)
from autograder.submissions.identify import StudentIdentifier, lms_fields, normalized_stem
from tests.support import cli, small_course

MINJI = RosterEntry(
    "kim", "Kim, Minji", "2026-1", "minji@example.test", "cells=4 tagging=9", "900", "subject", "jovyan"
)
OTHER = RosterEntry("lee", "Lee, Minji", "2026-2", "lee@example.test", "cells=9")
TWIN = RosterEntry("kim2", "Minji Kim", "2026-3", "kim2@example.test")
ROSTER = Roster((MINJI, OTHER))
TEXTS = st.sampled_from(['Kim, "Minji"', "김민지", "=SUM(1,2)", "O'Neil", "Müller; Jörg", ""]) | st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12
)
IDS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


def course_of(folder: Path, **files: str) -> Course:
    root = small_course(folder / "course")
    (root / "solutions" / "cells").mkdir(parents=True)
    (root / "solutions" / "cells" / "q.py").touch()
    for name, text in files.items():
        (root / f"{name}.csv").write_text(text, encoding="utf-8")
    return Course.open(root)


class TestSections:
    """The part of the class that somebody is in."""

    def test_identifies_nobody(self) -> None:
        """A section finds nobody, also where one person alone is in it or it looks like an id."""
        roster = Roster((RosterEntry("kim", section="lee"), RosterEntry("park", section="A")))
        for text in ("lee", "A"):
            assert isinstance(roster.find_any(text), Unmatched)

    def test_stays_in_the_file(self, tmp_path: Path) -> None:
        """It is written and read as it is, several people may be in one, and a roster without any has no column."""
        people = (RosterEntry("kim", section="A 1"), RosterEntry("lee", section="A 1"), RosterEntry("park"))
        write(tmp_path / "roster.csv", people)
        assert read(tmp_path / "roster.csv").people == people
        write(tmp_path / "roster.csv", people[2:])
        assert "section" not in (tmp_path / "roster.csv").read_text(encoding="utf-8-sig")


class TestFinding:
    """One person, by what an LMS tells."""

    @pytest.mark.parametrize(
        "fields",
        [
            {"student_number": "2026-1"},
            {"email": "MINJI@example.test"},
            {"canvas_id": "900"},
            {"lti_subject": "subject"},
            {"hub_user": "jovyan"},
            {"name": "Kim, Minji"},
            {"name": "minji  KIM"},
            {"student_number": "", "email": "", "name": "Minji Kim", "student_id": "kim"},
        ],
    )
    def test_by_each_of_their_names(self, fields: dict[str, str]) -> None:
        """Whatever it is, in capitals or not; of a name's words in any order."""
        assert ROSTER.find(fields) == MINJI

    def test_student_number_may_be_the_id_itself(self) -> None:
        """Where the roster has no other."""
        assert Roster((RosterEntry("20260001"),)).find({"student_number": "20260001"}) == RosterEntry(
            "20260001"
        )

    @pytest.mark.parametrize(("assignment", "person"), [("cells", OTHER), ("tagging", MINJI)])
    def test_moodles_numbers_are_those_of_one_assignment(self, assignment: str, person: RosterEntry) -> None:
        """The same number is somebody else's in another."""
        assert ROSTER.find({"moodle_participant": "9"}, assignment=assignment) == person

    def test_name_of_two_is_nobody(self) -> None:
        """The message names both."""
        found = Roster((MINJI, TWIN)).find({"name": "Kim, Minji"})
        assert (
            str(found)
            == "'Kim, Minji' matches several students in the roster: kim (Kim, Minji), kim2 (Minji Kim)"
        )

    def test_two_columns_of_two_people_are_nobody(self) -> None:
        """A number of one and the address of the other."""
        found = ROSTER.find({"student_number": "2026-1", "email": "lee@example.test"})
        assert isinstance(found, Unmatched)
        assert found.several

    def test_name_does_not_overrule_an_address(self) -> None:
        """Somebody of the same name with another address is somebody else."""
        found = ROSTER.find({"email": "another.kim@example.test", "name": "Kim, Minji"})
        assert isinstance(found, Unmatched)

    def test_id_is_that_persons_whoever_else_has_it_as_a_number(self) -> None:
        """A folder in `submitted/` is named by an id."""
        crossed = Roster((RosterEntry("101", canvas_id="205"), RosterEntry("205", canvas_id="101")))
        assert crossed.find_any("101") == RosterEntry("101", canvas_id="205")

    @pytest.mark.parametrize(("one", "other"), [("Team A+", "Team A-"), ("C", "C++"), ("राम", "रमा")])
    def test_names_that_differ_are_not_the_same(self, one: str, other: str) -> None:
        """Signs and marks of any script are part of a name."""
        assert plain_name(one) != plain_name(other)

    def test_the_near_names_are_told(self) -> None:
        """A slip of the pen is seen at once, and never taken for the person."""
        found = str(ROSTER.find({"email": "minji@exampel.test"}))
        assert found.startswith(
            "no student 'minji@exampel.test' in the roster; did you mean kim (Kim, Minji)"
        )

    @given(people=st.lists(st.tuples(IDS, TEXTS), max_size=6, unique_by=lambda one: plain_id(one[0])))
    def test_every_roster_survives_its_file(self, people: list[tuple[str, str]]) -> None:
        """Names with commas, quotes, Korean letters and a leading = come back as they went."""
        wanted = tuple(RosterEntry(student, name.strip()) for student, name in people)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "roster.csv"
            write(path, wanted)
            found = read(path).people
        assert [(one.student_id, one.name.split()) for one in found] == [
            (one.student_id, unicodedata.normalize("NFC", one.name).split()) for one in wanted
        ]


class TestRosterFile:
    """What is wrong in a file is told with its line."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "name\nKim\n",
                "the first line is name; expected student_id and optionally name,",
            ),
            ("student_id,nmae\na,b\n", "the first line is student_id, nmae; expected student_id"),
            ("student_id,email\na,x@y\nb,X@y\n", "roster.csv:3: duplicate email 'X@y' (also on line 2)"),
            ("student_id\na\na\n", "roster.csv:3: duplicate student_id 'a' (also on line 2)"),
            ("student_id,name\n,Kim\n", "roster.csv:2: no student_id"),
            ("student_id\na/../b\n", "roster.csv:2: invalid student id 'a/../b': only letters"),
            ("student_id,name\na,b,c\n", "roster.csv:2: more values than columns in the first line"),
        ],
    )
    def test_mistake(self, tmp_path: Path, text: str, message: str) -> None:
        """The command stops before anything is done."""
        with pytest.raises(CourseError) as error:
            Roster.of(course_of(tmp_path, roster=text))
        assert message in str(error.value)

    def test_course_may_do_without(self, tmp_path: Path) -> None:
        """It is empty then."""
        assert not Roster.of(course_of(tmp_path))


class TestGroups:
    """Who handed in together."""

    FILE = "assignment,group,student_id\ncells,A,kim\ncells,A,lee\ncells,B,park\n"

    def test_each_member_has_the_groups_first(self, tmp_path: Path) -> None:
        """Whose numbers count is the first in the file."""
        members = members_by_student(groups_of(course_of(tmp_path, groups=self.FILE), "cells"))
        assert members == {"kim": ("kim", "lee"), "lee": ("kim", "lee"), "park": ("park",)}

    def test_nobody_is_in_two(self, tmp_path: Path) -> None:
        """The message names both lines."""
        course = course_of(tmp_path, groups=f"{self.FILE}cells,C,lee\n")
        with pytest.raises(CourseError, match=r"groups\.csv:5: duplicate student 'lee' \(also on line 3\)"):
            groups_of(course, "cells")

    def test_other_assignments_keep_theirs(self, tmp_path: Path) -> None:
        """Written anew for one, the file still holds the others'."""
        course = course_of(tmp_path, groups=self.FILE)
        (course.root / "solutions" / "tagging").mkdir()
        (course.root / "solutions" / "tagging" / "q.py").touch()
        write_groups(course, "tagging", [Group("=1+1", ("lee",))])
        assert [one.name for one in groups_of(course, "cells")] == ["A", "B"]
        assert groups_of(course, "tagging") == (Group("=1+1", ("lee",)),)

    @pytest.mark.parametrize(
        ("written", "numbers", "claim"), [("lee", "lee", "own"), ("kim", "kim", "own"), ("", "", "none")]
    )
    def test_any_members_id_in_the_notebook_is_the_groups_own(
        self, written: str, numbers: str, claim: str
    ) -> None:
        """The notebook showed the numbers of whoever wrote their id."""
        owner = Owner("rnn", "lee", {"kim": "kim", "lee": "lee", "park": "park"}, group=("kim", "lee"))
        chosen = owner.choose_variant(written)
        assert (chosen.student, chosen.claim) == (numbers, claim)

    def test_another_groups_id_is_anothers(self) -> None:
        """Then the numbers of the group's first count."""
        owner = Owner("rnn", "lee", {"kim": "kim", "lee": "lee", "park": "park"}, group=("kim", "lee"))
        chosen = owner.choose_variant("park")
        assert (chosen.student, chosen.claim, chosen.claimed) == ("kim", "another's", "park")


def test_student_may_write_any_of_their_own_ids(tmp_path: Path) -> None:
    """Number, address and hub user of the roster are known to be theirs."""
    course = course_of(
        tmp_path, roster="student_id,student_number,email,hub_user\nkim,2026-1,m@x.test,jovyan\n"
    )

    class NoStudents:
        students = ()

    known = known_ids(course, NoStudents())
    for written in ("kim", "2026-1", "20261", "M@x.test", "jovyan"):
        assert Owner("rnn", "kim", known).choose_variant(written).claim == "own", written


class TestNamesOfHandIns:
    """What a file or folder name tells."""

    @pytest.mark.parametrize(
        ("outermost", "fields"),
        [
            (
                "Kim, Minji_123_assignsubmission_file",
                {"name": "Kim, Minji", "moodle_participant": "123"},
            ),
            (
                "X Y __ ABCD_5_assignsubmission_file_Lee_6_assignsubmission_file_a.ipynb",
                {"name": "X Y __ ABCD", "moodle_participant": "5"},
            ),
            (
                "Default group_assignsubmission_file",
                {"name": "Default group", "moodle_participant": ""},
            ),
            ("kimminji_900_5501_a.ipynb", {"canvas_id": "900"}),
            ("kimminji_LATE_900_5501_my_file.ipynb", {"canvas_id": "900"}),
            ("kim", {}),
            ("kim_2_lstm.ipynb", {}),
        ],
    )
    def test_of_an_lms(self, outermost: str, fields: dict[str, str]) -> None:
        """Moodle's and Canvas's names, and none of anybody else's."""
        assert lms_fields(outermost) == fields

    @given(stem=st.text(max_size=30))
    def test_noise_is_taken_off_until_none_is_left(self, stem: str) -> None:
        """However often it was copied."""
        assert normalized_stem(normalized_stem(stem)) == normalized_stem(stem)

    def test_plain_folder_may_be_any_name_of_a_person(self) -> None:
        """By the roster; without one it is the id itself."""
        assert StudentIdentifier(ROSTER).identify("minji@example.test", "x", "x", assignment="cells") == "kim"
        assert (
            StudentIdentifier().identify("minji@example.test", "x", "x", assignment="cells")
            == "minji@example.test"
        )
        with pytest.raises(CourseError, match="no student 'kom' in the roster; did you mean kim"):
            StudentIdentifier(ROSTER).identify("kom", "x", "x", assignment="cells")

    def test_operators_choice_beats_the_lmss_name(self) -> None:
        """Whatever the file is called."""
        whose = StudentIdentifier(Roster((MINJI, OTHER)))
        assert whose.identify("lee", "kim_900_1_x.ipynb", "x", assignment="cells") == "lee"
        assert whose.identify("", "kim_900_1_x.ipynb", "x", assignment="cells") == "kim"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+82 10", "-1", "@sum", "'=1", "''", "O'Neil"])
def test_no_name_is_a_formula_and_each_comes_back(tmp_path: Path, name: str) -> None:
    """A roster is opened in spreadsheets, and names come from whoever chose them."""
    people = (RosterEntry("kim", name=name),)
    write(tmp_path / "roster.csv", people)
    [_, line] = (tmp_path / "roster.csv").read_text(encoding="utf-8-sig").splitlines()
    assert not line.split(",")[1].startswith(("=", "+", "-", "@"))
    assert read(tmp_path / "roster.csv").people == people


def test_people_of_an_lms_file_keep_the_ids_they_submitted_under(tmp_path: Path) -> None:
    """`roster --match` finds each by number, address or name; whoever matches no single folder is listed."""
    root = small_course(tmp_path / "course")
    for student in ("amy", "b1234", "kim_minji", "zoe"):
        (root / "submitted" / student / "week1").mkdir(parents=True)
    lines = (
        "Identifier,Full name,ID number,Email address",
        "Participant 1,Amy Ames,,amy@example.test",
        "Participant 2,Ben Brown,B1234,other@example.test",
        "Participant 3,Minji Kim,,mk@example.test",
        "Participant 4,Nobody Here,,nobody@example.test",
    )
    (root / "Grades.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = cli("roster", "Grades.csv", "--match", cwd=root)
    assert done.returncode == 1
    people = {person.email: person.student_id for person in read(root / "roster.csv").people}
    assert people == {
        "amy@example.test": "amy", "other@example.test": "b1234", "mk@example.test": "kim_minji",
    }  # fmt: skip
    assert "3 added, 0 filled in, 1 not in the roster" in done.stdout
    assert "no student 'nobody@example.test Nobody Here' in the roster" in done.stdout
    assert "not in the roster: no student 'zoe' in the roster" in done.stdout


def test_folder_of_two_people_is_given_to_neither(tmp_path: Path) -> None:
    """Where several people of the file have the name of a folder, a person decides."""
    root = small_course(tmp_path / "course")
    (root / "submitted" / "amy" / "week1").mkdir(parents=True)
    text = "Full name,Email address\nAmy Ames,amy@example.test\nAmy Adams,amy@example.org\n"
    (root / "Grades.csv").write_text(text, encoding="utf-8")
    done = cli("roster", "Grades.csv", "--match", cwd=root)
    assert done.returncode == 2
    assert "0 added, 0 filled in, 2 not in the roster" in done.stdout
    assert not (root / "roster.csv").exists()
