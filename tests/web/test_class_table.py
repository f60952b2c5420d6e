"""The table of a class: search, order and pages, and what is done with the students selected in it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import event, select

from autograder.grading.fingerprint import questions_digest
from autograder.web.db.attempts import DIGITS, QUESTION_FILES
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    Membership,
    Person,
    ResourceLink,
    StaffMessage,
)
from autograder.web.pages.class_queries import Row
from autograder.web.pages.class_view import ORDERS, View, search
from autograder.web.pages.staff import class_exports
from autograder.web.settings import files_of
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, delivery, enter, link_of, person, standing
from tests.web.loopback import Lms, Web, words

pytestmark = pytest.mark.long

LATER = "2098-03-05T00:00"
ACTIONS = ("allow", "selection/regrade", "selection/message", "selection/files.zip", "selection/scores.csv")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")


def rows_of(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))


def names_on(page: requests.Response) -> list[str]:
    """The people in the table, in its order."""
    return re.findall(r'<th role="rowheader" scope="row"><a [^>]*>([^<]*)</a>', page.text)


def row(name: str, **changed: Any) -> Row:
    """A student of whom nothing is known but what is given."""
    defaults: dict[str, Any] = {
        "person": 1, "student_id": "", "email": "", "section": "", "role": "student", "active": True, "attempts": 0,
        "received_at": None, "graded_by": None, "state": "nothing", "reason": None, "score": None, "late": 0.0,
        "maximum": None, "stale": False, "by_hand": False, "needs_grading": False, "cells": {}, "due_at": None,
        "more_attempts": 0, "open_requests": 0, "delivery": None,
    }  # fmt: skip
    return Row(name=name, **(defaults | changed))


def found(q: str, *rows: Row) -> list[str]:
    return [one.name for one in search(rows, View(q=q)).found]


class TestTheSearch:
    """Which people a search finds."""

    @pytest.mark.parametrize(
        ("q", "name"),
        [
            ("novak", "Ada Novák"),
            ("NOVÁK", "ada novak"),
            ("muller", "Jörg Müller"),
            ("lovas", "Ida Løvås"),
            ("strasse", "Straße"),
            ("istanbul", "İstanbul"),
            ("김민", "김민지"),
            (unicodedata.normalize("NFD", "김민"), "김민지"),
            ("김민", unicodedata.normalize("NFD", "김민지")),
            ("kim ada", "Ada Kim"),
            ("da ki", "Ada Kim"),
        ],
    )
    def test_finds_parts_without_case_and_accents(self, q: str, name: str) -> None:
        """Parts of a name in any order are found, however they are written."""
        assert found(q, row(name), row("Somebody Else")) == [name]

    @pytest.mark.parametrize("q", ["2026-07", "minji@", "EXAMPLE.org"])
    def test_finds_ids_and_addresses(self, q: str) -> None:
        """Parts of an id or an address are found as well."""
        minji = row("김민지", student_id="2026-077", email="minji@example.org")
        assert found(q, minji, row("Ada", student_id="x", email="y")) == ["김민지"]

    @pytest.mark.parametrize("q", ["%", "_", "A%a", "A_a", "*", ".*", "\\"])
    def test_has_no_wildcards(self, q: str) -> None:
        """A character that is a pattern elsewhere finds itself alone."""
        assert found(q, row("Ada")) == []
        assert found(q, row(f"Ada {q}")) == [f"Ada {q}"]

    def test_a_syllable_is_a_letter(self) -> None:
        """Part of a Korean syllable is another syllable, and does not find it."""
        assert found("기", row("김민지")) == []

    def test_words_do_not_run_across_fields(self) -> None:
        """The end of a name and the beginning of an id are no word."""
        assert found("Ada20", row("Ada", student_id="2026")) == []

    def test_is_cut(self) -> None:
        """What is longer than 200 characters is ignored from there on."""
        assert View.of({"q": "a" * 5000}).q == "a" * 200


class TestTheOrder:
    """What the table can be sorted by."""

    @pytest.mark.parametrize("key", ORDERS)
    @pytest.mark.parametrize("direction", ["asc", "desc"])
    def test_missing_values_come_last(self, key: str, direction: Any) -> None:
        """Whoever has no value stands at the end in both directions, and equal ones by name."""
        rows = [
            row("A", student_id="1"),
            row("B", student_id="2", score=3.0),
            row("C", student_id="3", score=1.0),
        ]
        shown = [one.name for one in search(rows, View(sort=key, dir=direction)).found]
        if key == "score":
            assert shown == (["C", "B", "A"] if direction == "asc" else ["B", "C", "A"])
        elif key not in ("name", "id"):
            assert shown == ["A", "B", "C"]


class TestTheAddress:
    """The page of the table, as its address says it."""

    @pytest.fixture
    def inside(self, web: Web, other: Lms) -> Staff:
        inside = enter(web, other)
        for number in range(120):
            person(web, f"Student {number:03}", student_id=f"2026{number:03}")
        return inside

    def test_fifty_a_page(self, inside: Staff) -> None:
        """120 people take three pages, each with links to the others that keep search and order."""
        first = names_on(inside.get("staff/?q=student&sort=id&dir=desc"))
        assert (len(first), first[0]) == (50, "Student 119")
        last = inside.get("staff/?q=student&sort=id&dir=desc&page=3")
        assert len(names_on(last)) == 20
        assert "101–120 of 120" in words(last)
        assert "q=student&amp;sort=id&amp;dir=desc&amp;page=2" in last.text

    @pytest.mark.parametrize(
        "address",
        ["page=9999", "page=0", "page=-1", "page=x", "page=9" * 400, "page=%D9%A3", "sort=x", "dir=x", "state=x",
         "state=&q=&sort=&dir=&page=", "q=%00", "q=%ff", "q=" + "%25" * 3000, "section=x", "q=a&q=b"],
    )  # fmt: skip
    def test_unknown_values_fall_back(self, inside: Staff, address: str) -> None:
        """Values that are none, and pages that are none, show the nearest table and no error."""
        page = inside.get(f"staff/?{address}")
        assert page.status_code == 200
        if not address.startswith("q="):
            assert names_on(page)[-1] == ("Student 119" if address == "page=9999" else "Student 049")

    def test_nobody_found(self, inside: Staff) -> None:
        """A search that finds nobody says so and keeps what was typed, as text."""
        page = inside.get("staff/?q=%22%3E%3Cscript%3E")
        assert "There is nobody here." in words(page)
        assert "<script>" not in page.text.replace("<script src", "")
        assert 'value="&#34;&gt;&lt;script&gt;"' in page.text

    def test_scores_at_the_lms_in_pages(self, inside: Staff) -> None:
        """The page of scores has the same pages and search, refused ones first."""
        people = [one.id for one in rows_of(inside.web.database, Person) if one.name.startswith("Student")]
        for place, who in enumerate(people[:60]):
            standing(inside.web, who)
            delivery(inside.web, who, "refused" if place == 59 else "confirmed")
        page = inside.get("staff/deliveries")
        assert (len(names_on(page)), names_on(page)[0]) == (50, "Student 059")
        assert names_on(inside.get("staff/deliveries?state=refused")) == ["Student 059"]
        assert names_on(inside.get("staff/deliveries?q=Student+058&page=9999")) == ["Student 058"]


class TestSections:
    """The sections of the roster file."""

    @pytest.fixture
    def inside(self, web: Web, other: Lms) -> Iterator[Staff]:
        inside = enter(web, other)
        for number in range(6):
            who = person(web, f"Student {number}", student_id=f"s{number}")
            standing(web, who, attempt(web, who), score=number)
        yield inside
        (web.course.root / "roster.csv").unlink(missing_ok=True)

    def test_filter_and_comparison(self, inside: Staff) -> None:
        """The table gets a column and a filter, the file a column, and the report a comparison."""
        roster = inside.web.course.root / "roster.csv"
        roster.write_text("student_id,section\ns0,Lab 10\ns1,Lab 2\ns2,Lab 2\n", encoding="utf-8")
        page = inside.get("staff/?section=Lab+2&sort=score&dir=desc")
        assert names_on(page) == ["Student 2", "Student 1"]
        assert "All sections Lab 2 Lab 10" in words(page)
        assert "All 2 found" in words(page)
        assert names_on(inside.get("staff/deliveries?section=Lab+10")) == ["Student 0"]
        assert "Lab 2" in inside.get("staff/scores.csv").text
        assert "Lab 2 2 / 2" in words(inside.get("staff/report"))
        page = inside.post("staff/selection/regrade?section=Lab+2")
        assert names_on(page) == ["Student 1", "Student 2"]
        # a section that is gone shows everybody, and a file that cannot be read no sections
        roster.write_text("student_id,section\ns0,A\ns1,B\n", encoding="utf-8")
        assert len(names_on(inside.get("staff/?section=Lab+2"))) == 6
        roster.write_text("x", encoding="utf-8")
        assert "All sections" not in words(inside.get("staff/"))

    def test_neither_without_sections(self, inside: Staff) -> None:
        """Without the column, nothing speaks of sections."""
        (inside.web.course.root / "roster.csv").write_text("student_id,name\ns0,Ada\n", encoding="utf-8")
        for path in ("staff/", "staff/deliveries", "staff/scores.csv", "staff/report"):
            assert "section" not in words(inside.get(path)).casefold().replace(
                "sections of the report", ""
            ), path


def test_scores_that_follow_the_old_question_are_counted(web: Web, other: Lms) -> None:
    """With a link to the page of regrades: those that count, of students, and for which it is known; else no word."""
    inside = enter(web, other)
    present = {QUESTION_FILES: questions_digest(web.course, "shapes")[:DIGITS]}
    kim, lee, bae = person(web, "Kim"), person(web, "Lee"), person(web, "Bae")
    standing(web, lee, attempt(web, lee, versions=present))
    standing(web, bae, attempt(web, bae))  # of a version that did not record it
    attempt(web, kim, versions={QUESTION_FILES: "of the old files"})
    counts = attempt(web, kim, versions=present)
    standing(web, kim, counts)
    assert "follow" not in words(inside.get("staff/"))
    with web.database.write() as session:
        session.get_one(Attempt, counts).versions = {QUESTION_FILES: ""}
    page = inside.get("staff/")
    assert "1 score still follows the old question. Regrade" in words(page)
    assert re.search(r'old question\. <a href="[^"]*/staff/regrade">Regrade</a>', page.text)
    path = web.course.root / "solutions" / "shapes" / "bi_final.py"
    path.write_text(path.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    assert "2 scores still follow the old question." in words(inside.get("staff/"))
    with web.database.write() as session:
        membership = session.scalars(select(Membership).where(Membership.person_id == lee)).one()
        membership.active = False
    assert "1 score still follows the old question." in words(inside.get("staff/"))


def test_page_of_a_thousand(web: Web, other: Lms) -> None:
    """A page of 1,000 students has at most 120 KB and asks the database less than once a row."""
    inside = enter(web, other)
    link = link_of(web)
    with web.database.write() as session:
        where = session.get_one(Context, link.context_id).platform_id
        for number in range(1000):
            text = f"2026{number:04}"
            who = Person(
                platform_id=where, subject=text, name=f"Student {text}", student_id=text, pseudonym=text
            )
            session.add(who)
            session.flush()
            of_link = {"course_link_id": link.id, "person_id": who.id}
            tried = Attempt(**of_link, sha256="0", path="x", state="graded", score=3.0, points=4.0)
            session.add_all([tried, Membership(person_id=who.id, context_id=link.context_id, role="student")])
            session.flush()
            cells = {f"question_{place}-check": {"score": 1.0, "points": 2.0} for place in range(8)}
            session.add_all([
                FinalGrade(**of_link, attempt_id=tried.id, score=8.0, maximum=16.0, cells=cells, stale=False),
                Delivery(**of_link, score=8.0, maximum=16.0, comment="", state="confirmed", confirmed_at=MOMENT),
            ])  # fmt: skip
    asked = list[str]()

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    event.listen(web.database.engine, "before_cursor_execute", count)
    try:
        for address in ("staff/?q=student&page=10", "staff/deliveries?page=3"):
            asked.clear()
            page = inside.get(address)
            assert (page.status_code, page.text.count("Student 2026")) == (
                200,
                100 if "q=" in address else 50,
            )
            assert len(page.content) <= 120_000
            assert len(asked) < 50, asked  # none a row
    finally:
        event.remove(web.database.engine, "before_cursor_execute", count)


class TestTheSelection:
    """What is done with the selected students: with all of them, or with none."""

    @pytest.fixture
    def inside(self, web: Web, other: Lms) -> Staff:
        inside = enter(web, other)
        with web.database.write() as session:
            link = session.get_one(ResourceLink, link_of(web).id)
            link.attempts_allowed, link.due_at = 2, MOMENT.replace(year=2097)
        return inside

    def select_all(self, page: requests.Response) -> str:
        value = re.search(r'name="all" value="([\d ]*)"', page.text)
        assert value is not None
        return value[1]

    def test_all_found_are_those_of_all_pages(self, inside: Staff) -> None:
        """One tick selects everybody whom the search found, beyond the page and no others."""
        people = [person(inside.web, f"Found {number:03}") for number in range(70)]
        person(inside.web, "Another")
        page = inside.get("staff/?q=found")
        assert "All 70 found" in words(page)
        page = inside.post("staff/allow?q=found", all=self.select_all(page), more_attempts="1", due_at="")
        assert "Granted. Students: 70" in words(page)
        assert "1–50 of 70" in words(page)
        assert [one.person_id for one in rows_of(inside.web.database, Extension)] == people

    def test_people_of_other_pages_are_kept(self, inside: Staff) -> None:
        """Ticks of this page, ticks of other pages and all found make one selection, each person once."""
        ada, bob = person(inside.web, "Ada"), person(inside.web, "Bob")
        form = {"person": [ada], "kept": f"{bob} {ada}", "all": f"{ada}", "more_attempts": "1", "due_at": ""}
        assert "Granted. Students: 2" in words(inside.post("staff/allow", **form))
        assert [one.more_attempts for one in rows_of(inside.web.database, Extension)] == [1, 1]

    @pytest.mark.parametrize("action", ACTIONS)
    def test_nobody_selected(self, inside: Staff, action: str) -> None:
        """Each action says that nobody is selected, keeps what was typed, and changes nothing."""
        attempt(inside.web, person(inside.web))
        form = {"due_at": LATER, "more_attempts": "1", "words": "Typed words"}
        page = inside.post(f"staff/{action}", **form)
        assert page.status_code == 422
        assert "Nothing was changed. Students: nobody is selected." in words(page)
        assert f'value="{LATER}"' in page.text
        assert "Typed words</textarea>" in page.text
        self.unchanged(inside)

    @pytest.mark.parametrize("action", ACTIONS)
    def test_who_left_meanwhile(self, inside: Staff, action: str) -> None:
        """If one of several left the course since the page was shown, nothing is done; the others stay selected."""
        gone, here = person(inside.web, "Gone"), person(inside.web, "Here")
        far = [person(inside.web, f"Student {number:03}") for number in range(60)][-1]
        attempt(inside.web, here)
        with inside.web.database.write() as session:
            session.scalars(select(Membership).where(Membership.person_id == gone)).one().active = False
        form = {
            "person": [gone, here],
            "kept": str(far),
            "due_at": LATER,
            "more_attempts": "1",
            "words": "Hello",
        }
        page = inside.post(f"staff/{action}", **form)
        assert page.status_code == 422
        assert "Students: Gone – not enrolled in this course as a student any more." in words(page)
        assert f'value="{here}" aria-label="Here" checked' in page.text
        assert f'name="kept" value="{far}" checked' in page.text
        assert f'value="{gone}"' not in page.text
        self.unchanged(inside)

    def test_who_never_was_here(self, inside: Staff) -> None:
        """Somebody of another course among the selected is not told of, and nothing is done."""
        here = person(inside.web)
        with inside.web.database.write() as session:
            platform = session.get_one(Person, here).platform_id
            stranger = Person(platform_id=platform, subject="stranger", name="Stranger", pseudonym="stranger")
            session.add(stranger)
        for action in ACTIONS:
            form = {"person": [here, stranger.id], "due_at": LATER, "words": "Hello"}
            page = inside.post(f"staff/{action}", **form)
            assert (page.status_code, "Stranger" in page.text) == (404, False), action
        self.unchanged(inside)

    def test_staff_are_not_selected(self, inside: Staff) -> None:
        """Staff who try the activity have no tick, are not among those found, and get no extension."""
        teacher = rows_of(inside.web.database, Person)[0].id
        attempt(inside.web, teacher)
        page = inside.get("staff/")
        assert names_on(page) == ["Prof. Kim"]
        assert f'value="{teacher}"' not in page.text
        page = inside.post("staff/allow", person=[teacher], more_attempts="1")
        assert "Students: Prof. Kim – not enrolled" in words(page)
        self.unchanged(inside)

    @pytest.mark.parametrize(
        ("form", "message", "field"),
        [
            (
                {"due_at": "2020-03-01T12:00"},
                "New due date: Sun, Mar 1, 2020, 12:00 is in the past.",
                "due_at",
            ),
            ({"due_at": "2096-03-01T12:00"}, "later than the present one. Ada: due", "due_at"),
            ({"due_at": "soon"}, "A date and time is written like", "due_at"),
            ({"more_attempts": "99"}, "A number of attempts is a whole number from 1 to 20", "more_attempts"),
        ],
    )
    def test_invalid_actions_keep_the_selection(
        self, inside: Staff, form: dict[str, str], message: str, field: str
    ) -> None:
        """The field is marked and open, the message names it, what was typed and the selection stay."""
        ada = person(inside.web, "Ada")
        page = inside.post("staff/allow", person=[ada], **({"more_attempts": ""} | form))
        assert page.status_code == 422
        assert message in words(page)
        assert re.search(f'name="{field}"[^>]*value="{form[field]}" aria-invalid="true"', page.text)
        assert '<details class="menu" name="action" open>' in page.text
        assert f'value="{ada}" aria-label="Ada" checked' in page.text
        self.unchanged(inside)

    def test_grading_again(self, inside: Staff) -> None:
        """All attempts of the selected students whose files are there wait to be graded, and no others."""
        ada, bob = person(inside.web, "Ada"), person(inside.web, "Bob")
        numbers = [attempt(inside.web, ada), attempt(inside.web, ada)]
        attempt(inside.web, bob)
        put_files(inside.web)
        page = inside.post("staff/selection/regrade?state=handed-in", person=[ada])
        assert "To be graded again. Attempts: 2" in words(page)
        assert page.url.endswith("&state=handed-in")
        assert [one.attempt_id for one in rows_of(inside.web.database, GradingJob)] == numbers

    def test_nothing_to_grade_again(self, inside: Staff) -> None:
        """Students without a file are named."""
        page = inside.post("staff/selection/regrade", person=[person(inside.web, f"S{n}") for n in range(7)])
        assert "Students: S0, S1, S2, S3, S4, 2 more – no file of theirs is there" in words(page)

    def test_message(self, inside: Staff) -> None:
        """A message reaches the selected students alone, as text, once however often the button is pressed."""
        student = enter(inside.web, inside.lms, "#Learner", sub="student-1", name="Ada")
        bob = enter(inside.web, inside.lms, "#Learner", sub="student-2", name="Bob")
        ada = next(one.id for one in rows_of(inside.web.database, Person) if one.subject == "student-1")
        for _ in range(2):
            page = inside.post("staff/selection/message", person=[ada], words="Please <b>come</b>.\r\nRoom 5")
            assert "Sent. The message stands on the page of the assignment. Students: 1" in words(page)
        shown = student.get("mine")
        assert "A message from your teachers Prof. Kim" in words(shown)
        assert shown.text.count("<blockquote>Please &lt;b&gt;come&lt;/b&gt;.\nRoom 5</blockquote>") == 1
        assert "Please" not in words(bob.get("mine"))
        assert "Messages to this student Prof. Kim" in words(inside.get(f"staff/people/{ada}"))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("  ", "Message: write what the students shall read."),
            ("x" * 2001, "There is room for 2000 characters, and you wrote 2001."),
        ],
    )
    def test_message_that_is_none(self, inside: Staff, text: str, message: str) -> None:
        """A message without words, or one too long, is sent to nobody and stays in its field."""
        page = inside.post("staff/selection/message", person=[person(inside.web)], words=text)
        assert (page.status_code, message in words(page)) == (422, True)
        assert f"{text}</textarea>" in page.text
        self.unchanged(inside)

    def test_zip(self, inside: Staff) -> None:
        """It has the file of the attempt that counts, or else the last, under the id; who has none is listed."""
        ada, bob, eve = (person(inside.web, name, student_id=f"../{name}") for name in ("Ada", "Bob", "Eve"))
        first = attempt(inside.web, ada)
        standing(inside.web, ada, first)
        attempt(inside.web, ada)
        attempt(inside.web, bob)
        last = attempt(inside.web, bob)
        put_files(inside.web)
        page = inside.post("staff/selection/files.zip", person=[ada, bob, eve])
        with zipfile.ZipFile(io.BytesIO(page.content)) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist()}
        assert files == {
            "_Ada/shapes.ipynb": str(first),
            "_Bob/shapes.ipynb": str(last),
            "missing.txt": "1 student without a file:\nEve ../Eve\n",
        }

    def test_zip_of_nothing(self, inside: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without any file, and where the files are too large together, there is a message in place of a zip."""
        ada, eve = person(inside.web, "Ada"), person(inside.web, "Eve")
        attempt(inside.web, ada, path="../../../etc/passwd")
        page = inside.post("staff/selection/files.zip", person=[ada, eve])
        assert "Students: Ada, Eve – no submitted file is there." in words(page)
        attempt(inside.web, eve)
        put_files(inside.web)
        monkeypatch.setattr(class_exports, "MAX_ZIP", 0)
        assert "Select fewer." in words(inside.post("staff/selection/files.zip", person=[eve]))

    def test_csv(self, inside: Staff) -> None:
        """It has the selected students alone, with the points of each question, times and the delivery."""
        ada = person(inside.web, "Ada", student_id="s1", email="a@example.org")
        standing(inside.web, ada, attempt(inside.web, ada, received_at=MOMENT), cells={
            "last_hidden-check": {"score": 2.5, "points": 4.0}, "essay": {"score": 0.0, "points": 2.0, "waits": True},
        })  # fmt: skip
        delivery(inside.web, ada, "confirmed", confirmed_at=MOMENT + timedelta(hours=1))
        add(
            inside.web,
            Extension(course_link_id=link_of(inside.web).id, person_id=ada, more_attempts=2, due_at=MOMENT),
        )
        page = inside.post("staff/selection/scores.csv", person=[ada, person(inside.web, "Bob")])
        lines = list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"), newline="")))
        assert lines[0][8:] == [
            "handed in at", "extended until", "more attempts", "delivery to the LMS", "confirmed at",
            "message of the LMS", "last_hidden", "essay",
        ]  # fmt: skip
        assert lines[1] == [
            "Ada", "s1", "a@example.org", "3", "0", "4", "1", "graded", "2027-03-01 12:00", "2027-03-01 12:00", "2",
            "confirmed", "2027-03-01 13:00", "", "2.5", "",
        ]  # fmt: skip
        assert [one[0] for one in lines[1:]] == ["Ada", "Bob"]

    def unchanged(self, inside: Staff) -> None:
        for table in (Extension, GradingJob, StaffMessage):
            assert rows_of(inside.web.database, table) == []


def put_files(web: Web) -> None:
    """Put a file with the number of the attempt in the place of each."""
    attempts: Sequence[Attempt] = rows_of(web.database, Attempt)
    for one in attempts:
        path = files_of(web.course) / one.path
        if ".." not in one.path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(one.id))
