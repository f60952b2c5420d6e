"""What grows with a class grows in proportion to it: no look at everybody for each one."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event

from autograder import roster
from autograder.course import Course
from autograder.engine.messages import intern_reports
from autograder.grading.report import CheckResult, Report, from_dict, to_dict
from autograder.lms.roster_import import learn
from autograder.lms.sheet import read
from autograder.nbgrader.converters import captured
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.gradebook_queries import scores_of
from autograder.nbgrader.records import KnownIds
from autograder.roster import Roster, RosterEntry
from autograder.text import Text
from tests.support import small_course

LOOKS = (
    "select * from grade where notebook_id = 'x'",
    "select * from comment where notebook_id = 'x'",
    "select * from submitted_notebook where assignment_id = 'x'",
    "select * from submitted_assignment where student_id = 'x'",
)


def test_the_scores_of_a_class_are_one_query(tmp_path: Path) -> None:
    """However many submissions there are."""
    course = Course.open(small_course(tmp_path / "course"))
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_assignment("a")
        gradebook.add_notebook("a", "a")
        for name in ("kim", "lee", "park"):
            gradebook.add_student(name)
            with captured():  # SQLAlchemy warns about the way nbgrader adds a submission
                gradebook.add_submission("a", name)
        assignment = gradebook.find_assignment("a")
        statements: list[str] = []
        event.listen(gradebook.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert scores_of(gradebook, assignment) == dict.fromkeys(("kim", "lee", "park"), (0.0, 0.0))
    assert len(statements) == 1, statements


@pytest.mark.parametrize("look", LOOKS)
def test_submission_is_found_in_an_older_gradebook_without_reading_all(tmp_path: Path, look: str) -> None:
    """One made before there were indexes gets them when a run opens it."""
    course = Course.open(small_course(tmp_path / "course"))
    with GradebookWriter(course):
        pass
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database:
        made = database.execute("select name from sqlite_master where name like 'autograder_%'").fetchall()
        for (name,) in made:
            database.execute(f"drop index {name}")
        assert "SCAN" in str(database.execute(f"explain query plan {look}").fetchall())
    with GradebookWriter(course):
        pass
    with closing(sqlite3.connect(course.root / "gradebook.db")) as database:
        assert "SEARCH" in str(database.execute(f"explain query plan {look}").fetchall())


def test_sheet_of_new_people_costs_as_much_as_it_has_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the index is made anew for each line, nor are near names looked for that nobody is told."""
    looked: list[RosterEntry] = []
    index_keys = roster._index_keys
    monkeypatch.setattr(roster, "_index_keys", lambda person: looked.append(person) or index_keys(person))
    monkeypatch.setattr(Roster, "_near", lambda *_: pytest.fail("near names were looked for"))
    lines = [f'"Student, s{number}",{number},n{number},s{number},A' for number in range(200)]
    sheet = tmp_path / "canvas.csv"
    sheet.write_text("\n".join(["Student,ID,SIS User ID,SIS Login ID,Section", *lines]))
    learned = learn(Roster(), read(sheet), new_by="username")
    assert len(learned.people) == 200
    assert len(looked) == 200


def test_changed_roster_finds_who_is_in_it_now() -> None:
    """By what is new, by what stayed, and no more by what was replaced."""
    before = RosterEntry("kim", email="old@example.test", moodle_participant="cells=4")
    after = RosterEntry("kim", email="new@example.test", moodle_participant="cells=4 tagging=9")
    people = Roster((before,)).changed(RosterEntry("lee")).changed(after, instead_of=before)
    assert people.people == (after, RosterEntry("lee"))
    assert people.find({"email": "new@example.test"}) == after
    assert people.find({"moodle_participant": "9"}, assignment="tagging") == after
    assert people.find_any("lee") == RosterEntry("lee")
    assert not isinstance(people.find({"email": "old@example.test"}), RosterEntry)


def test_reports_of_a_class_hold_each_text_once() -> None:
    """Whether they come from a worker or from notebooks that were graded before."""
    title = Text(ko="문제", en="a question")
    report = Report("q", title, 1.0, ())
    sent = [pickle.loads(pickle.dumps(report)) for _ in range(2)]
    kept = from_dict(to_dict(report))
    assert sent[0] == kept == report
    assert sent[0].title is sent[1].title is kept.title


def test_run_holds_what_most_of_a_class_is_told_once() -> None:
    """A report that says what an earlier one says is that one; one that says something else is another."""

    def report(outcome: str) -> dict[str, Report]:
        check = CheckResult("a", Text(ko="검사", en="a check"), outcome, 1.0)  # type: ignore[arg-type]
        return {"q": Report("q", Text(ko="문제", en="a question"), 1.0, (check,))}

    first, second, third = (
        intern_reports(pickle.loads(pickle.dumps(report(outcome))))
        for outcome in ("passed", "passed", "failed")
    )
    assert first == second == report("passed")
    assert first["q"] is second["q"]
    assert third == report("failed")


def test_worker_reads_the_ids_of_a_class_once() -> None:
    """What goes along with every task arrives as what is there already, until it says something else."""
    ids = KnownIds({f"s{number}": f"s{number}" for number in range(100)})
    first, second = (pickle.loads(pickle.dumps(ids)) for _ in range(2))
    other = pickle.loads(pickle.dumps(KnownIds({**ids, "kim": "s1"})))
    assert first == ids
    assert first is second
    assert other == ids | {"kim": "s1"}
