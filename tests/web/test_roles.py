"""Roles: the newest statement of the LMS holds, from a launch or from the roster, and open pages follow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Membership, Person, ResourceLink, Role
from autograder.web.lti.claims import read
from autograder.web.lti.launch import MAX_LOGIN
from autograder.web.lti.memberships import state_role, stated_at
from autograder.web.lti.roster_sync import Fetch, store_members
from autograder.web.lti.services import Member
from tests.support import copy_course
from tests.web import database_rows
from tests.web.classes import Staff, attempt, enter, person
from tests.web.loopback import ROLES, Browser, Lms, Web, begin, body, lms, quick, signed, tool, words

pytestmark = pytest.mark.long

MOMENT = datetime(2027, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TYPED = "Two lines <b>\nof a reason"
GONE = "Your LMS does not list you in this course any more."
STAFF_ONLY = "Only those who teach or assist in this course may see this page."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")


@pytest.fixture(scope="module")
def other() -> Iterator[Lms]:
    with lms() as made:
        yield made


@pytest.fixture
def web(tmp_path: Path, course: Path, other: Lms) -> Iterator[Web]:
    with tool(tmp_path, course, http=quick()) as made:
        other.register(made.database)
        yield made


def roster(other: Lms, **roles: str) -> None:
    """What the LMS lists from now on: roles by subject, where `_` stands for a hyphen."""
    listed = [
        {"user_id": subject.replace("_", "-"), "name": "x", "roles": [f"{ROLES}#{role}"]}
        for subject, role in roles.items()
    ]
    other.answer("/members", 200, {"members": listed})


class TestAnOpenPage:
    """Its next request follows the roster that somebody fetched, or a later launch."""

    @pytest.fixture
    def first(self, web: Web, other: Lms) -> Staff:
        return enter(web, other)

    @pytest.fixture
    def second(self, web: Web, other: Lms) -> Staff:
        return enter(web, other, sub="teacher-2")

    def test_teacher_whom_the_roster_calls_a_student(self, first: Staff, second: Staff, other: Lms) -> None:
        """Moodle's roster lists non-editing teachers as students: they stay staff, and are not counted."""
        roster(other, teacher_1="Instructor", teacher_2="Learner", student_1="Learner")
        first.post("staff/roster")
        page = second.get("staff/")
        assert page.status_code == 200
        assert "handed in: 0 / 1" in words(page)
        assert "Students: x – not enrolled" in words(
            first.post("staff/selection/message", person=[number_of(second)], words="Hello")
        )

    def test_teacher_whom_the_roster_calls_an_assistant(
        self, first: Staff, second: Staff, other: Lms
    ) -> None:
        """The roster takes the settings from a teacher, also after a launch as Instructor, until it says more."""
        other.answer("/members", 200, {"members": [
            {"user_id": "teacher-1", "roles": [f"{ROLES}#Instructor"]},
            {"user_id": "teacher-2", "roles": [f"{ROLES}/Instructor#TeachingAssistant"]},
        ]})  # fmt: skip
        first.post("staff/roster")
        for page in (second, enter(second.web, other, sub="teacher-2")):
            assert page.post("staff/settings", stands="last").status_code == 403
            assert page.get("staff/").status_code == 200
        roster(other, teacher_1="Instructor", teacher_2="Instructor")
        first.post("staff/roster")
        assert second.post("staff/settings", stands="last", late_rule="accept").status_code == 200

    def test_teacher_who_left(self, first: Staff, second: Staff, other: Lms) -> None:
        """Whoever the roster does not list any more is told so, and gets in again by a launch."""
        roster(other, teacher_1="Instructor")
        first.post("staff/roster")
        page = second.get("mine")
        assert (page.status_code, GONE in words(page)) == (403, True)
        assert "이제 LMS의 이 강좌 명단에 이름이 없습니다." in words(page)
        assert enter(second.web, other, sub="teacher-2").get("staff/").status_code == 200

    def test_whoever_asked_needs_not_be_listed(self, first: Staff, other: Lms) -> None:
        """An administrator of the LMS, who is no member of the course, is not shut out by asking for its roster."""
        roster(other, student_1="Learner")
        assert "The roster is fetched. People: 1" in words(first.post("staff/roster"))

    def test_later_launch_takes_the_role_from_an_open_page(self, first: Staff, other: Lms) -> None:
        """A launch as a student ends what an earlier page allowed."""
        enter(first.web, other, "#Learner")
        page = first.get("staff/")
        assert (page.status_code, STAFF_ONLY in words(page)) == (403, True)

    def test_launch_that_was_held_back_gives_no_role(self, web: Web, other: Lms) -> None:
        """A token from before the newest statement, sent after it, opens no staff page."""
        browser = Browser()
        asked = begin(browser, web, other)
        claims = body(other, asked["nonce"], "#Instructor", sub="teacher-1")
        held = signed(claims | {"iat": claims["iat"] - 60})
        enter(web, other, "#Learner")
        form = {"state": asked["state"], "id_token": held}
        page = browser.post(f"{web.base_url}/lti/launch", data=form)
        assert page.url.endswith("/mine")
        staff = browser.get(page.url.removesuffix("mine") + "staff/")
        assert (staff.status_code, STAFF_ONLY in words(staff)) == (403, True)

    def test_form_of_a_former_teacher_is_shown(self, first: Staff, second: Staff, other: Lms) -> None:
        """What somebody wrote before the role was gone changes nothing, and stands on the page that says so."""
        who, csrf = person(second.web), second.csrf
        enter(first.web, other, "#Learner", sub="teacher-2")
        page = second.post(f"staff/people/{who}/points", csrf, reason=TYPED, points="3")
        assert (page.status_code, STAFF_ONLY in words(page)) == (403, True)
        self.shows(page, TYPED)

    def test_request_of_a_former_student_is_shown(self, first: Staff, other: Lms) -> None:
        """A regrade request that comes after the LMS dropped the student is not lost; it names no check."""
        student = enter(first.web, other, "#Learner", sub="student-1", name="Ada")
        with first.web.database.read() as session:
            who = session.scalars(select(Person).where(Person.subject == "student-1")).one().id
        number, csrf = attempt(first.web, who), student.get("mine").text
        csrf = csrf.partition('name="csrf" value="')[2][:32]
        roster(other, teacher_1="Instructor")
        first.post("staff/roster")
        page = student.post(f"mine/{number}/look", csrf, about="last_hidden/keeps_shape", words=TYPED)
        assert (page.status_code, GONE in words(page)) == (403, True)
        assert "it was not saved: keep it, and send it again from there" in words(page)
        self.shows(page, TYPED)
        assert "last_hidden/keeps_shape" not in words(page)

    def test_forms_of_other_sites_are_not_shown(self, first: Staff) -> None:
        """A form without the visit's secret puts no text on our page."""
        page = first.post("staff/settings", "0" * 32, reason="call this number")
        assert (page.status_code, "call this number" in page.text) == (403, False)

    def shows(self, page: requests.Response, text: str) -> None:
        assert "What you wrote" in words(page)
        assert f"<blockquote>{text.replace('<', '&lt;').replace('>', '&gt;')}</blockquote>" in page.text


def number_of(staff: Staff) -> int:
    """The number of the second teacher."""
    with staff.web.database.read() as session:
        return session.scalars(select(Person.id).where(Person.subject == "teacher-2")).one()


class TestTheNewestStatement:
    """On SQLite and on PostgreSQL alike."""

    @pytest.fixture
    def place(self, database: Database) -> tuple[Database, Person, Context]:
        with database.write() as session:
            platform = database_rows.platform(session)
            link = session.get_one(ResourceLink, database_rows.course_link(session, platform))
            who = session.get_one(Person, database_rows.person(session, platform))
            return database, who, session.get_one(Context, link.context_id)

    def state(self, place: Any, role: Role, stated: datetime, moment: datetime | None = None) -> Role:
        database, who, context = place
        with database.write() as session:
            row = state_role(session, who, context, role, stated=stated, moment=moment or stated + 9 * MINUTE)
            return row.role

    def test_holds_in_any_order(self, place: Any) -> None:
        """An older statement that comes later changes nothing; an equally old one and a newer one do."""
        assert self.state(place, "teacher", MOMENT) == "teacher"
        assert self.state(place, "student", MOMENT - MINUTE) == "teacher"
        assert self.state(place, "assistant", MOMENT) == "assistant"
        assert self.state(place, "student", MOMENT + MINUTE) == "student"

    @pytest.mark.parametrize(
        ("statements", "holds"),
        [
            ([("launch", "teacher"), ("roster", "assistant")], "assistant"),
            ([("roster", "assistant"), ("launch", "teacher")], "assistant"),
            ([("launch", "assistant"), ("roster", "teacher")], "assistant"),
            ([("launch", "teacher"), ("roster", "assistant"), ("roster", "teacher")], "teacher"),
            ([("launch", "teacher"), ("roster", "student")], "teacher"),
            ([("roster", "student"), ("launch", "teacher")], "teacher"),
            ([("launch", "assistant"), ("roster", "student"), ("roster", "student")], "assistant"),
            ([("launch", "teacher"), ("launch", "student")], "student"),
            ([("roster", "teacher"), ("launch", "student")], "student"),
            ([("roster", "teacher"), ("roster", "student")], "student"),
            ([("launch", "student"), ("roster", "teacher")], "teacher"),
            ([("launch", "teacher"), ("roster", None), ("roster", "student")], "student"),
            ([("launch", "teacher"), ("roster", "assistant"), ("roster", None), ("launch", "teacher")], "teacher"),
        ],
    )  # fmt: skip
    def test_of_launch_and_roster(self, place: Any, statements: list[tuple[Any, Any]], holds: Role) -> None:
        """The narrower role of staff holds, no roster makes staff students, and a withdrawal ends what was before."""
        database, who, context = place
        for minute, (source, role) in enumerate(statements):
            with database.write() as session:
                row = state_role(
                    session, who, context, role or "student", active=role is not None, source=source,
                    stated=MOMENT + minute * MINUTE, moment=MOMENT + minute * MINUTE,
                )  # fmt: skip
        assert (row.role, row.active) == (holds, True)

    def test_older_withdrawal_than_the_roster(self, place: Any) -> None:
        """A launch as a student that was made after the role and before a roster that kept it takes the role."""
        database, who, context = place
        for source, role, minute in (
            ("launch", "teacher", 0),
            ("roster", "student", 5),
            ("launch", "student", 3),
        ):
            with database.write() as session:
                stated: Any = {
                    "source": source,
                    "stated": MOMENT + minute * MINUTE,
                    "moment": MOMENT + 9 * MINUTE,
                }
                row = state_role(session, who, context, role, **stated)  # type: ignore[arg-type]
        assert row.role == "student"

    def test_from_before_statements_had_a_time(self, place: Any) -> None:
        """A role that a migrated database holds gives way to any statement."""
        self.state(place, "teacher", MOMENT)
        with place[0].write() as session:
            session.scalars(select(Membership)).one().stated_at = None
        assert self.state(place, "student", MOMENT - 999 * MINUTE) == "student"

    def test_from_the_future_is_a_wrong_clock(self, place: Any) -> None:
        """A role that was stored while our clock was wrong does not hold for years."""
        self.state(place, "teacher", MOMENT + timedelta(days=3650))
        assert self.state(place, "student", MOMENT) == "student"

    @pytest.mark.parametrize(
        ("began", "left"), [(-MINUTE, [("teacher", True)]), (MINUTE, [("teacher", False)])]
    )
    def test_roster_that_was_asked_for_earlier(
        self, place: Any, tmp_path: Path, began: timedelta, left: list[tuple[str, bool]]
    ) -> None:
        """Who is missing in a roster left the course, unless they launched since the roster was asked for."""
        database, who, context = place
        self.state(place, "teacher", MOMENT)
        fetch = Fetch(MOMENT + began, MOMENT + 2 * MINUTE, who.id + 1)
        store_members(database, Course.open(copy_course(tmp_path / "course")), context, [], fetch)
        with database.read() as session:
            rows = session.scalars(select(Membership)).all()
            assert [(row.role, row.active) for row in rows] == left

    def test_roster_with_an_older_role(self, place: Any, tmp_path: Path) -> None:
        """The role in a roster that was asked for before a launch does not replace that of the launch."""
        database, who, context = place
        self.state(place, "student", MOMENT)
        fetch = Fetch(MOMENT - MINUTE, MOMENT + MINUTE, who.id)
        members = [Member(who.subject, "x", "", "teacher", active=True)]
        store_members(database, Course.open(copy_course(tmp_path / "course")), context, members, fetch)
        with database.read() as session:
            assert session.scalars(select(Membership.role)).one() == "student"

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            (-60, -59.5),  # to the end of its second, which is where the token may have been made
            (0, 0),
            (3600, 0),
            (-36000, -MAX_LOGIN.total_seconds()),
            (-1e12, -MAX_LOGIN.total_seconds()),
        ],
    )
    def test_launch_is_as_old_as_its_token(self, seconds: float, expected: float) -> None:
        """A token states what held when it was made, whatever the LMS's clock says: not before its login began."""
        claims = read(body(Lms(), "n"))
        made = replace(claims, issued_at=float(int(MOMENT.timestamp()) + seconds))
        assert (stated_at(made, MOMENT) - MOMENT).total_seconds() == pytest.approx(expected, abs=1e-3)
