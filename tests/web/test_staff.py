"""The staff's pages: who sees them, what they show, and that each change is made once, in words."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from autograder.grading.failing_cases import FailingCase, FailingCases, FailingCheck
from autograder.grading.report import Report, to_dict
from autograder.text import Text
from autograder.web.db import kept_cases
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    Membership,
    Override,
    Person,
    RegradeRequest,
    ResourceLink,
)
from autograder.web.db.outbox import announce
from autograder.web.lti.service_client import UNREACHABLE
from autograder.web.settings import files_of, folder_of
from tests.support import copy_course
from tests.web.classes import (
    MOMENT,
    add,
    attempt,
    delivery,
    enter,
    link_of,
    person,
    put_files,
    report,
    standing,
)
from tests.web.conftest import Cluster
from tests.web.database_rows import HARD_NAMES, clear, somebody_waits
from tests.web.loopback import (
    LTI,
    ROLES,
    Browser,
    Lms,
    Web,
    quick,
    refused_field,
    refused_fields,
    tool,
    words,
)

pytestmark = pytest.mark.long

MARKUP = "<script>alert(1)</script>"
POINTS = {"cell": "last_hidden-check", "points": "2.5", "reason": "The idea is right."}
RULES = {"stands": "last", "attempts_allowed": "3", "due_at": "2027-03-31T23:59", "late_rule": "accept"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes", "tagging")
    config = made / "nbgrader_config.py"
    zone = '\nc = get_config()\nc.CourseSettings.timezone = "Asia/Seoul"\n'
    config.write_text(config.read_text(encoding="utf-8") + zone, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def sqlite_tool(tmp_path_factory: pytest.TempPathFactory, course: Path, other: Lms) -> Iterator[Web]:
    with tool(tmp_path_factory.mktemp("web"), course, http=quick()) as made:
        yield made


@pytest.fixture
def sqlite(sqlite_tool: Web, other: Lms) -> Web:
    """The tool with nothing in its database but the LMS, for what one kind of database is enough for."""
    with sqlite_tool.database.write() as session:
        clear(session)
    other.register(sqlite_tool.database)
    return sqlite_tool


def rows_of(web: Web, table: Any, *conditions: Any) -> list[Any]:
    with web.database.read() as session:
        return list(session.scalars(select(table).where(*conditions).order_by(*table.__table__.primary_key)))


def stale(web: Web, who: int) -> bool:
    """Whether the worker was asked what stands."""
    return rows_of(web, FinalGrade, FinalGrade.person_id == who)[0].stale


class TestWhoMaySeeThem:
    """Staff of the activity; each refusal in words."""

    def test_student_is_refused_everywhere(self, sqlite: Web, other: Lms) -> None:
        """Every address of the staff tells a student that it is for staff, and does nothing."""
        inside = enter(sqlite, other, "#Learner", sub="student-1", name="김민지")
        teacher = enter(sqlite, other)
        who = person(sqlite)
        number = attempt(sqlite, who)
        rules = [
            one for one in sqlite.app.url_map.iter_rules() if one.rule.startswith("/v/<visit_name>/staff/")
        ]
        assert len(rules) > 15
        for rule in rules:
            path = rule.rule.removeprefix("/v/<visit_name>/")
            for named, value in ((":person", who), (":number", number), ("question", "last_hidden")):
                path = re.sub(f"<[^<]*{named}>", str(value), path)
            assert "<" not in path
            if "GET" in (rule.methods or ()):
                page = inside.get(path)
            else:
                # the student's own csrf, which no staff page gives them
                visit = inside.home.rstrip("/").rsplit("/", 1)[1]
                token = next(one.value for one in inside.browser.cookies if str(one.value).startswith(visit))
                page = inside.post(path, _csrf=csrf_of(str(token)), **POINTS, **RULES)
            assert page.status_code == 403, (path, words(page))
            assert "Only those who teach or assist in this course may see this page." in words(page), path
            assert "이 강좌의 강의자와 조교만 볼 수 있습니다" in words(page)
        assert rows_of(sqlite, Override) == rows_of(sqlite, GradingJob) == rows_of(sqlite, Extension) == []
        assert teacher.get("staff/").status_code == 200

    def test_teacher_comes_to_the_class(self, sqlite: Web, other: Lms) -> None:
        """Whoever teaches or assists sees the class first."""
        for role in ("#Instructor", "/Instructor#TeachingAssistant"):
            inside = enter(sqlite, other, role)
            page = inside.browser.get(inside.home)
            assert page.url.endswith("/staff/")
            assert "Fetch the roster from the LMS" in words(page)

    def test_other_people_and_activities_are_not_here(self, sqlite: Web, other: Lms) -> None:
        """Somebody of another course, and an attempt at another activity, are not to be reached by their numbers."""
        inside = enter(sqlite, other)
        elsewhere = {LTI + "context": {"id": "course-2"}, LTI + "resource_link": {"id": "link-2"}}
        enter(sqlite, other, sub="stranger", **elsewhere)
        stranger = rows_of(sqlite, Person, Person.subject == "stranger")[0].id
        link = rows_of(sqlite, ResourceLink, ResourceLink.resource_link_id == "link-2")[0].id
        number = attempt(sqlite, stranger, course_link_id=link)
        look = RegradeRequest(attempt_id=number, question="last_hidden", check="", words="please")
        sent = Delivery(
            course_link_id=link, person_id=stranger, score=1, maximum=4, comment="", state="refused"
        )
        add(sqlite, look, sent)
        for path in (f"people/{stranger}", f"attempts/{number}/file", f"attempts/{number}/why/last_hidden"):
            page = inside.get(f"staff/{path}")
            assert (page.status_code, "There is nothing here." in words(page)) == (404, True), path
        for path in (
            f"people/{stranger}/points",
            f"people/{stranger}/allow",
            f"people/{stranger}/regrade",
            f"attempts/{number}/regrade",
            f"looks/{look.id}",
            "deliveries",
        ):
            form = {
                **POINTS,
                "more_attempts": "",
                "due_at": "2030-01-01T00:00",
                "answer": "no",
                "delivery": sent.id,
            }
            assert inside.post(f"staff/{path}", **form).status_code == 404, path
        assert inside.post("staff/allow", person=[stranger], due_at="2030-01-01T00:00").status_code == 404
        assert rows_of(sqlite, Override) == rows_of(sqlite, GradingJob) == rows_of(sqlite, Extension) == []
        assert rows_of(sqlite, RegradeRequest)[0].answer is None
        assert rows_of(sqlite, Delivery)[0].state == "refused"

    def test_numbers_that_no_row_has(self, web: Web, other: Lms) -> None:
        """Numbers larger than a database holds are told not to be here, as small ones that nobody has are."""
        inside = enter(web, other)
        for number in (2**31 - 1, 2**31, 2**70):
            for path in (f"people/{number}", f"attempts/{number}/file", f"attempts/{number}/why/x"):
                assert "There is nothing here." in words(inside.get(f"staff/{path}")), path
            for path in (
                f"people/{number}/points",
                f"looks/{number}",
                f"attempts/{number}/regrade",
                "deliveries",
            ):
                form = {**POINTS, "answer": "x", "delivery": number}
                assert "There is nothing here." in words(inside.post(f"staff/{path}", **form)), path
            page = inside.post("staff/allow", person=[number, "x", "-1"], due_at="2030-01-01T00:00")
            assert page.status_code == (404 if number < 2**31 else 422)

    def test_form_of_another_site_does_nothing(self, sqlite: Web, other: Lms) -> None:
        """A form without the visit's own word is refused."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        standing(sqlite, who)
        for forged in ("", "0" * 32):
            page = inside.post(f"staff/people/{who}/points", _csrf=forged, **POINTS)
            assert page.status_code == 403
            assert "so nothing was changed" in words(page)
        assert rows_of(sqlite, Override) == []

    def test_settings_are_the_teachers(self, sqlite: Web, other: Lms) -> None:
        """Who assists sees the settings and is told that only teachers change them."""
        inside = enter(sqlite, other, "/Instructor#TeachingAssistant")
        page = inside.get("staff/settings")
        assert "Only teachers change them." in words(page)
        assert "Save" not in words(page)
        page = inside.post("staff/settings", **RULES)
        assert page.status_code == 403
        assert "Only the teachers of this course may change the settings of the activity." in words(page)
        assert link_of(sqlite).attempts_allowed is None


def csrf_of(token: str) -> str:
    """What the forms of a visit bring along, worked out as the tool does."""
    import hashlib

    return hashlib.sha256(f"form of {token}".encode()).hexdigest()[:32]


class TestTheClass:
    """The table of everybody."""

    def test_everything_of_a_student_stands_in_their_row(self, sqlite: Web, other: Lms) -> None:
        """Attempts, state, score, lateness, what is by hand, what is granted, looks and what the LMS has."""
        inside = enter(sqlite, other)
        who = person(sqlite, "Ada", student_id="2027-001")
        number = attempt(sqlite, who)
        cells = {"last_hidden-check": {"score": 3.5, "points": 4.0, "manual": True}}
        standing(sqlite, who, number, score=3.5, late=0.5, cells=cells)
        delivery(sqlite, who, "confirmed", confirmed_at=MOMENT)
        extended = Extension(
            course_link_id=link_of(sqlite).id, person_id=who, due_at=MOMENT, more_attempts=2, made_by="x"
        )
        add(sqlite, extended, RegradeRequest(attempt_id=number, question="last_hidden", check="", words=""))
        shown = words(inside.get("staff/"))
        row = "Ada 2027-001 1 graded regrade requests: 1 3 / 4 by hand −0.5 due Mar 1 12:00 attempts +2 confirmed"
        assert row in shown, shown
        assert "handed in: 1 / 1" in shown
        assert "All times are in Asia/Seoul." in shown

    def test_cells_to_grade_by_hand_are_announced(self, sqlite: Web, other: Lms) -> None:
        """A cell that waits for a person is told in the class, and beside the form that gives it points."""
        inside = enter(sqlite, other)
        who = person(sqlite, "Ada", student_id="2027-001")
        standing(
            sqlite, who, attempt(sqlite, who), cells={"essay": {"score": 0.0, "points": 2.0, "waits": True}}
        )
        assert "to be graded by a person 3 / 4" in words(inside.get("staff/"))
        shown = words(inside.get(f"staff/people/{who}"))
        assert "essay … To be graded by your teacher – / 2 A person reads and grades this answer." in shown
        assert "Points (0–2)" in shown

    def test_korean(self, sqlite: Web, other: Lms) -> None:
        """A launch in Korean shows the class in Korean."""
        inside = enter(sqlite, other, language="ko_KR")
        who = person(sqlite, student_id="2027-001")
        attempt(
            sqlite, who, state="ungraded", reason=Text.same("the kernel was lost"), score=None, report=None
        )
        page = inside.get("staff/")
        assert '<html lang="ko">' in page.text
        assert "김민지 2027-001 1 채점하지 못함 the kernel was lost –" in words(page)
        assert "채점하지 못함(시스템 오류): 1" in words(page)

    @pytest.mark.parametrize("path", ["staff/", "staff/report", "staff/looks", "staff/deliveries", "staff/settings",
                                      "staff/regrade"])  # fmt: skip
    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_empty_class(self, sqlite: Web, other: Lms, path: str, language: str) -> None:
        """Every page can be shown before anybody came, in the language of the launch alone."""
        page = enter(sqlite, other, language=language).get(path)
        assert page.status_code == 200
        body = words(page).replace("김민지", "")
        korean = sum("가" <= one <= "힣" for one in body)
        assert korean == 0 if language == "en" else korean > 50, body

    def test_by_name(self, sqlite: Web, other: Lms) -> None:
        """The class stands in the order of names, capitals or not."""
        inside = enter(sqlite, other)
        for name in ("나리", "bob", "Ada", "가람", "Carol"):
            person(sqlite, name, student_id="s-" + name)
        shown = words(inside.get("staff/"))
        places = [shown.index(f"{name} s-") for name in ("Ada", "bob", "Carol", "가람", "나리")]
        assert places == sorted(places)

    def test_the_counts_narrow_the_table(self, sqlite: Web, other: Lms) -> None:
        """Each count at the top leads to those whom it counts."""
        inside = enter(sqlite, other)
        people = {
            name: person(sqlite, name) for name in ("Absent", "Waiting", "Ungraded", "Refused", "Asking")
        }
        attempt(sqlite, people["Waiting"], state="queued", score=None, report=None)
        attempt(
            sqlite, people["Ungraded"], state="ungraded", reason=Text.same("no seal"), score=None, report=None
        )
        attempt(sqlite, people["Refused"])
        delivery(sqlite, people["Refused"], "refused", lms_error=Text.same("HTTP 400: no such user"))
        number = attempt(sqlite, people["Asking"])
        add(sqlite, RegradeRequest(attempt_id=number, question="last_hidden", check="", words=""))
        for part, name in (
            ("missing", "Absent"), ("waiting", "Waiting"), ("ungraded", "Ungraded"), ("refused", "Refused"),
            ("looks", "Asking"),
        ):  # fmt: skip
            page = inside.get(f"staff/?state={part}").text
            assert [one for one in people if f">{one}</a>" in page] == [name], part

    def test_who_left_and_who_tries_it_out(self, sqlite: Web, other: Lms) -> None:
        """Who left stays in the table with what they handed in; a teacher who tries the activity out is marked."""
        inside = enter(sqlite, other)
        gone, silent = person(sqlite, "Gone"), person(sqlite, "Silent")
        attempt(sqlite, gone)
        attempt(sqlite, rows_of(sqlite, Person, Person.subject == "teacher-1")[0].id)
        with sqlite.database.write() as session:
            for one in session.scalars(select(Membership).where(Membership.person_id.in_([gone, silent]))):
                one.active = False
        shown = words(inside.get("staff/"))
        assert "Gone not enrolled now" in shown
        assert "Silent" not in shown
        assert "Prof. Kim teacher" in shown
        assert "handed in: 0 / 0" in shown

    def test_names_are_no_markup(self, sqlite: Web, other: Lms) -> None:
        """Names, reasons, the LMS's words and a student's words are shown as they are, on every page."""
        inside = enter(sqlite, other, name=MARKUP)
        who = person(sqlite, MARKUP, email=MARKUP, student_id=MARKUP)
        number = attempt(sqlite, who, file_name=MARKUP,
                         report={"questions": [to_dict(report(message_en=MARKUP))]},
                         versions={MARKUP: MARKUP})  # fmt: skip
        attempt(sqlite, who, state="ungraded", reason=Text.same(MARKUP), report=None)
        standing(
            sqlite,
            who,
            number,
            cells={"q-check": {"score": 1, "points": 4, "manual": True, "comment": MARKUP}},
        )
        delivery(sqlite, who, "refused", lms_error=Text.same(MARKUP))
        add(
            sqlite,
            RegradeRequest(attempt_id=number, question="last_hidden", check="keeps_shape", words=MARKUP),
            Override(
                course_link_id=link_of(sqlite).id,
                person_id=who,
                cell="q-check",
                points=1,
                reason=MARKUP,
                made_by=MARKUP,
            ),
        )
        for path in (
            "",
            "report",
            "looks",
            "deliveries",
            f"people/{who}",
            f"attempts/{number}/why/last_hidden",
        ):
            page = inside.get(f"staff/{path}")
            assert page.status_code == 200, path
            assert MARKUP not in page.text, path
            assert "&lt;script&gt;alert(1)" in page.text, path

    def test_large_class_takes_as_many_queries_as_a_small_one(self, sqlite: Web, other: Lms) -> None:
        """500 students are shown by one query a table, in the table, in the deliveries and in the file."""
        inside = enter(sqlite, other)
        counts = []
        for size in (2, 500):
            fill(sqlite, size)
            seen: list[str] = []
            lock = threading.Lock()

            def count(_: Any, __: Any, statement: str, *___: Any, seen: Any = seen, lock: Any = lock) -> None:
                with lock:
                    seen.append(statement)

            event.listen(sqlite.database.engine, "before_cursor_execute", count)
            for path in ("staff/", "staff/report", "staff/deliveries", "staff/scores.csv"):
                page = inside.get(path)
                assert page.status_code == 200
                assert page.text.count("Student ") >= min(size, 50)
            event.remove(sqlite.database.engine, "before_cursor_execute", count)
            counts.append(sum(one.startswith("SELECT") for one in seen))
        assert counts[0] == counts[1] <= 60, counts


def fill(web: Web, size: int) -> None:
    """So many students with an attempt, a score, a delivery and a request each."""
    link = link_of(web)
    with web.database.write() as session:
        where = session.get_one(Context, link.context_id).platform_id
        names = [f"{size}-{n}" for n in range(size)]
        people = [
            Person(platform_id=where, subject=one, name=f"Student {one}", student_id=one, pseudonym=one)
            for one in names
        ]
        session.add_all(people)
        session.flush()
        made = []
        for one in people:
            session.add(Membership(person_id=one.id, context_id=link.context_id, role="student"))
            made.append(
                Attempt(course_link_id=link.id, person_id=one.id, sha256="0", path="x", state="graded", score=3.0,
                        points=4.0, report={"questions": [to_dict(report())]})
            )  # fmt: skip
        session.add_all(made)
        session.flush()
        for one in made:
            session.add_all(
                [
                    FinalGrade(course_link_id=link.id, person_id=one.person_id, attempt_id=one.id, score=3.0,
                             maximum=4.0,
                             cells={"last_hidden-check": {"score": 3.0, "points": 4.0, "manual": False}}, stale=False),
                    Delivery(course_link_id=link.id, person_id=one.person_id, score=3.0, maximum=4.0, comment="",
                             state="confirmed", confirmed_at=MOMENT),
                    RegradeRequest(attempt_id=one.id, question="last_hidden", check="", words="?"),
                    Extension(course_link_id=link.id, person_id=one.person_id, more_attempts=1),
                ]
            )  # fmt: skip


class TestTheReport:
    """The report on the class, which `autograder report` writes, from the tool's own data."""

    def test_common_mistakes_are_counted_by_student(self, sqlite: Web, other: Lms) -> None:
        """Mistakes are counted by student, in the attempts that count alone, with the code and a way to the student."""
        inside = enter(sqlite, other)
        for right in (False, False, True):
            who = person(sqlite)
            attempt(sqlite, who)  # does not count
            data = {"questions": [to_dict(report(right=right))]}
            number = attempt(sqlite, who, report=data)
            standing(sqlite, who, number)
            leave_graded(sqlite, number, report(right=right), f"answer = {number}")
        page = inside.get("staff/report")
        shown = words(page)
        assert "3 / 3 submissions graded" in shown
        assert "2 students · 67 % the bias is missing" in shown
        assert f"answer = {number}" in shown
        visit = inside.home.removesuffix("/").removeprefix(sqlite.base_url)
        assert f'href="{visit}/staff/people/{who}?attempt={number}"' in page.text
        assert f'href="{visit}/staff/attempts/{number}/file"' in page.text

    def test_it_follows_the_database(self, sqlite: Web, other: Lms) -> None:
        """A score that was set by hand after a look at the report is in it at the next look."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        standing(sqlite, who, attempt(sqlite, who))
        assert "3 / 16 mean score" in words(inside.get("staff/report"))
        with sqlite.database.write() as session:
            grade = session.scalars(select(FinalGrade)).one()
            grade.cells = {"last_hidden-check": {"score": 1.5, "points": 4.0, "manual": True}}
        assert "1.5 / 16 mean score" in words(inside.get("staff/report"))

    def test_nothing_of_another_activity(self, sqlite: Web, other: Lms) -> None:
        """Students and answers of another course that opens the same assignment stand in its own report alone."""
        first = enter(sqlite, other)
        standing(sqlite, who := person(sqlite, "Minji Here"), attempt(sqlite, who))
        elsewhere = {"id": "course-2", "title": "Another course"}
        second = enter(sqlite, other, **{LTI + "context": elsewhere, LTI + "resource_link": {"id": "link-2"}})
        page = words(second.get("staff/report"))
        assert "0 / 0 submissions graded" in page
        for suffix in ("", ".json", ".csv"):
            assert "Minji Here" in first.get(f"staff/report{suffix}").text
            assert "Minji Here" not in second.get(f"staff/report{suffix}").text

    def test_who_waits_has_not_failed(self, sqlite: Web, other: Lms) -> None:
        """A submission in the queue is told from one that could not be graded, and from none at all; in Korean."""
        inside = enter(sqlite, other, language="ko")
        attempt(sqlite, person(sqlite, "대기"), state="queued", score=None, report=None)
        attempt(
            sqlite,
            person(sqlite, "실패"),
            state="ungraded",
            score=None,
            report=None,
            reason=Text.same("lost"),
        )
        person(sqlite, "결석")
        page = words(inside.get("staff/report"))
        assert "채점을 기다리는 학생: 1명 대기" in page
        assert "1 채점하지 못함" in page
        assert "제출하지 않은 학생: 1명 이 학생들에게 메일 쓰기 결석" in page

    def test_its_styles_pass_the_policy(self, sqlite: Web, other: Lms) -> None:
        """The page has no style of its own, which the policy would block, and its stylesheets are served."""
        page = enter(sqlite, other).get("staff/report")
        assert "style-src 'self'" in page.headers["Content-Security-Policy"]
        assert "<style" not in page.text and "style=" not in page.text
        sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
        styles = "".join(Browser().get(sqlite.base_url + sheet).text for sheet in sheets)
        for part in ("--ink:", ".tabs", ".figures"):
            assert part in styles


def leave_graded(web: Web, number: int, found: Report, code: str) -> None:
    """Write the graded notebook of an attempt, whose only answer is this code."""
    [row] = rows_of(web, Attempt, Attempt.id == number)
    answer = {"part": "answer", "question": found.question}
    cells = [
        {"cell_type": "code", "source": code, "metadata": {"autograder": answer}},
        {"cell_type": "code", "source": "", "metadata": {"autograder": {"report": to_dict(found)}}},
    ]
    folder = (folder_of(web.course) / "files" / row.path).parent
    folder.mkdir(parents=True)
    (folder / "graded.ipynb").write_text(json.dumps({"metadata": {}, "cells": cells}), encoding="utf-8")


class TestTheFile:
    """The class as CSV."""

    def test_its_content(self, sqlite: Web, other: Lms) -> None:
        """Any name comes through, none is run as a formula, and points are plain numbers."""
        inside = enter(sqlite, other)
        for place, name in enumerate(HARD_NAMES):
            who = person(sqlite, name, student_id=f"s{place}", email=f"s{place}@example.org")
            if place == 0:
                standing(sqlite, who, attempt(sqlite, who), score=3.5, late=0.25, maximum=4.0)
            if place == 1:
                attempt(sqlite, who, state="queued", score=None, report=None)
        person(sqlite, "@x", student_id="-1", email="+1")
        response = inside.get("staff/scores.csv")
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''shapes.csv"
        found = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
        assert found[0] == [
            "name", "student id", "e-mail", "score", "late penalty", "maximum", "attempts", "state",
            "handed in at", "extended until", "more attempts", "delivery to the LMS", "confirmed at",
            "message of the LMS", "last_hidden",
        ]  # fmt: skip
        noon = "2027-03-01 12:00"
        assert sorted(found[1:]) == sorted(
            [
                [
                    'Kim, "Minji"',
                    "s0",
                    "s0@example.org",
                    "3.25",
                    "0.25",
                    "4",
                    "1",
                    "graded",
                    noon,
                    *[""] * 5,
                    "3",
                ],
                ["김민지", "s1", "s1@example.org", "", "", "", "1", "waiting", noon, *[""] * 6],
                ["'=SUM(1,2)", "s2", "s2@example.org", "", "", "", "0", "nothing handed in", *[""] * 7],
                ["O'Neil", "s3", "s3@example.org", "", "", "", "0", "nothing handed in", *[""] * 7],
                ["Müller; Jörg", "s4", "s4@example.org", "", "", "", "0", "nothing handed in", *[""] * 7],
                ["'@x", "'-1", "'+1", "", "", "", "0", "nothing handed in", *[""] * 7],
            ]
        )

    def test_trials_of_the_staff_are_left_out(self, sqlite: Web, other: Lms) -> None:
        """What a teacher handed in to try the activity is no score of the class, and none of its mistakes."""
        inside = enter(sqlite, other)
        teacher = rows_of(sqlite, Person, Person.subject == "teacher-1")[0].id
        standing(sqlite, teacher, attempt(sqlite, teacher))
        assert "Prof. Kim" in words(inside.get("staff/"))
        assert inside.get("staff/scores.csv").text.count("\n") == 1
        report = words(inside.get("staff/report"))
        assert "0 / 0 submissions graded" in report and "Prof. Kim" not in report
        assert "There is no score to send yet." in words(inside.get("staff/deliveries"))

    def test_korean(self, sqlite: Web, other: Lms) -> None:
        """Its head is in the language of the visit."""
        text = enter(sqlite, other, language="ko").get("staff/scores.csv").content.decode("utf-8-sig")
        assert text.startswith("이름,학번,이메일,점수,지각 감점,만점,제출 횟수,상태,제출 시각,")
        assert text.count("\n") == 1


class TestTheRoster:
    """The LMS's own list of people."""

    MEMBERS = "/members"

    def test_people_come_from_the_lms(self, web: Web, other: Lms) -> None:
        """Fetching the roster adds who never launched, once, and marks who left; a student id found before stays."""
        inside = enter(web, other)
        gone = person(web, "Gone")
        attempt(web, gone)
        known = person(web, "Known", subject="known", student_id="2027-001")
        listed = [
            {
                "user_id": "new-1",
                "name": "New <One>",
                "email": "n@example.org",
                "roles": [f"{ROLES}#Learner"],
            },
            {
                "user_id": "5",
                "name": "Numbered",
                "roles": [f"{ROLES}#Learner"],
                "lis_person_sourcedid": "20260005",
            },
            {"user_id": "known", "name": "Known Better", "roles": [f"{ROLES}#Learner"], "status": "Active"},
            {"user_id": "teacher-1", "name": "Prof. Kim", "roles": [f"{ROLES}#Instructor"]},
        ]
        other.answer(self.MEMBERS, 200, {"members": listed})
        for _ in range(2):
            page = inside.post("staff/roster")
            assert page.history[0].status_code == 303
            assert "The roster is fetched. People: 4" in words(page)
            assert "New &lt;One&gt;" in page.text
            assert "Numbered 20260005" in words(page)
            assert "Known Better 2027-001" in words(page)
            assert "Gone not enrolled now" in words(page)
        assert len(rows_of(web, Person, Person.subject == "new-1")) == 1
        assert rows_of(web, Person, Person.id == known)[0].student_id == "2027-001"

    @pytest.mark.parametrize(
        ("status", "body", "language", "message"),
        [
            (
                403,
                b"no scope",
                "en",
                "Nothing was changed. The roster could not be fetched: HTTP 403: no scope",
            ),
            (200, {"members": "?"}, "ko", "명단을 가져오지 못했습니다. LMS의 답을 읽을 수 없습니다"),
            (
                200,
                {"members": "?"},
                "en",
                "The roster could not be fetched: cannot read the response of the LMS",
            ),
        ],
    )
    def test_failure_is_told(
        self, sqlite: Web, other: Lms, status: int, body: Any, language: str, message: str
    ) -> None:
        """What keeps the roster away is said in words, the LMS's own among them, above the class as it was."""
        inside = enter(sqlite, other, language=language)
        person(sqlite, "Ada")
        other.answer(self.MEMBERS, status, body)
        page = inside.post("staff/roster")
        assert page.status_code == 200
        assert message in words(page)
        assert "Ada" in words(page)


class TestAStudent:
    """The page of one student."""

    def test_each_attempt_with_its_feedback(self, sqlite: Web, other: Lms) -> None:
        """The one that counts comes first; another, by its link, says that it does not count."""
        inside = enter(sqlite, other, language="ko")
        who = person(sqlite)
        with sqlite.database.write() as session:
            session.get_one(ResourceLink, link_of(sqlite).id).due_at = MOMENT
        first = attempt(sqlite, who)
        second = attempt(
            sqlite,
            who,
            received_at=MOMENT + timedelta(hours=1),
            state="ungraded",
            reason=Text(ko="봉인 없음", en="no seal"),
            report=None,
        )
        standing(sqlite, who, first)
        page = inside.get(f"staff/people/{who}")
        shown = words(page)
        assert "1번째 제출 점수에 반영됨 제출한 때 2027년 3월 1일 (월) 12:00 . 점수 0 / 4" in shown
        assert "마지막 은닉 상태 ✘ 틀림 0 / 4 편향을 빠뜨렸습니다 ✘ 틀림 0 / 4 모양을 지킨다" in shown
        assert "모양이 (4, 3)이어야 합니다" in shown
        assert f"staff/people/{who}?attempt={second}" in page.text
        shown = words(inside.get(f"staff/people/{who}?attempt={second}"))
        assert (
            "2번째 제출 제출한 때 2027년 3월 1일 (월) 13:00 늦음 . 채점하지 못함(시스템 오류): 봉인 없음"
            in shown
        )
        assert "점수에 반영된 것은 이 제출이 아니라 1번째 제출입니다." in shown
        assert "점수 (0–4)" not in shown, "points are given where they count"

    def test_the_file_is_given_as_it_is_and_never_opened(self, sqlite: Web, other: Lms) -> None:
        """What was handed in comes back to the byte, to be saved, under its own name."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        content = b"<html><script>alert(1)</script>\xff\x00"
        number = attempt(sqlite, who, file_name='과제 "1"\r\nX: y.html', path="9/abc/hand-in.ipynb")
        path = folder_of(sqlite.course) / "files" / "9" / "abc" / "hand-in.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        response = inside.get(f"staff/attempts/{number}/file")
        assert response.content == content
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment; filename")
        assert "X" not in response.headers
        path.unlink()
        path.parent.rmdir()

    @pytest.mark.parametrize(
        "path", ["../../nbgrader_config.py", "/etc/hostname", "9/not-there/hand-in.ipynb"]
    )
    def test_file_that_is_not_there(self, sqlite: Web, other: Lms, path: str) -> None:
        """A path that leads out of the folder, or to nothing, is not served."""
        inside = enter(sqlite, other)
        number = attempt(sqlite, person(sqlite), path=path)
        assert inside.get(f"staff/attempts/{number}/file").status_code == 404


class TestPoints:
    """Points given by hand."""

    def test_given_and_taken_back(self, web: Web, other: Lms, caplog: pytest.LogCaptureFixture) -> None:
        """Points and their reason are kept with who and when, the worker is asked, and all of it can be taken back."""
        inside = enter(web, other, "/Instructor#TeachingAssistant", name="조교 박")
        who = person(web)
        standing(web, who, attempt(web, who))
        with caplog.at_level(logging.INFO, "autograder"):
            page = inside.post(f"staff/people/{who}/points", **POINTS)
        assert page.history[0].status_code == 303
        assert "The points are given." in words(page)
        assert "조교 박 The last hidden state 2.5 The idea is right. in a moment" in words(page)
        one = rows_of(web, Override)[0]
        assert (one.cell, one.points, one.reason, one.made_by) == (
            "last_hidden-check", 2.5, "The idea is right.", "조교 박",
        )  # fmt: skip
        assert stale(web, who)
        pseudonym = rows_of(web, Person, Person.id == who)[0].pseudonym
        assert f"added an override for {pseudonym}" in caplog.text
        assert "박" not in caplog.text
        page = inside.post(f"staff/people/{who}/points", cell="last_hidden-check", back="1")
        assert "The points given by hand are taken back." in words(page)
        assert [one.points for one in rows_of(web, Override)] == [2.5, None]
        page = inside.post(f"staff/people/{who}/points", cell="last_hidden-check", back="1")
        assert "There is nothing to take back" in words(page)
        assert len(rows_of(web, Override)) == 2

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"points": "4.5"}, "Points are a number from 0 to 4; found “4.5”."),
            ({"points": "-1"}, "Points are a number from 0 to 4; found “-1”."),
            ({"points": "nan"}, "Points are a number from 0 to 4; found “nan”."),
            ({"points": "all"}, "Points are a number from 0 to 4; found “all”."),
            ({"reason": "  "}, "Write the reason; the student reads it on their page."),
            ({"reason": "x" * 2001}, "There is room for 2000 characters, and you wrote 2001."),
            ({"cell": "elsewhere-check"}, "No points can be given for this question yet"),
        ],
    )
    def test_invalid_points_change_nothing(
        self, sqlite: Web, other: Lms, changed: dict[str, str], message: str
    ) -> None:
        """Points outside the question's own, or without a reason, change nothing; what was typed stays in the form."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        standing(sqlite, who)
        page = inside.post(f"staff/people/{who}/points", **(POINTS | changed))
        assert page.status_code == 422
        assert f"Nothing was changed. {message}" in words(page)
        if "cell" not in changed:
            [name] = changed
            assert refused_field(page) == (name, message)
            assert ("The idea is right." in page.text) == (name == "points")
        assert rows_of(sqlite, Override) == []
        assert not stale(sqlite, who)


class TestGranting:
    """More attempts and a later due date for single students."""

    def limited(self, web: Web) -> None:
        with web.database.write() as session:
            link = session.get_one(ResourceLink, link_of(web).id)
            link.attempts_allowed, link.due_at = 2, MOMENT.replace(year=2097)

    def test_one_student(self, web: Web, other: Lms) -> None:
        """Attempts add up, the due date is the course's own clock's, and both can be taken back."""
        inside = enter(web, other)
        self.limited(web)
        who = person(web)
        page = inside.post(f"staff/people/{who}/allow", more_attempts="1", due_at="2097-03-02T09:00")
        assert page.history[0].status_code == 303
        assert "Due Sat, Mar 2, 2097, 09:00 (extended) Attempts left 3" in words(page)
        assert stale(web, who)
        inside.post(f"staff/people/{who}/allow", more_attempts="1", due_at="")
        one = rows_of(web, Extension)[0]
        assert (one.more_attempts, one.due_at, one.made_by) == (
            2, datetime(2097, 3, 2, 0, 0, tzinfo=UTC), "Prof. Kim",
        )  # fmt: skip
        page = inside.post(f"staff/people/{who}/allow", back="1")
        assert "What was granted is taken back." in words(page)
        one = rows_of(web, Extension)[0]
        assert (one.more_attempts, one.due_at) == (0, None)

    def test_several_students(self, web: Web, other: Lms) -> None:
        """What is granted to those ticked is granted to each; where it cannot be for one, to none."""
        inside = enter(web, other)
        self.limited(web)
        people = [person(web, name) for name in ("Ada", "Bob")]
        page = inside.post("staff/allow", person=people, more_attempts="2", due_at="2097-03-05T00:00")
        assert "Granted. Students: 2" in words(page)
        assert [one.more_attempts for one in rows_of(web, Extension)] == [2, 2]
        assert all(stale(web, one) for one in people)
        inside.post(f"staff/people/{people[1]}/allow", due_at="2097-03-09T00:00")
        page = inside.post("staff/allow", person=people, due_at="2097-03-07T00:00")
        assert "has to be later than the present one. Bob: due Sat, Mar 9, 2097, 00:00" in words(page)
        assert rows_of(web, Extension)[0].due_at == datetime(2097, 3, 4, 15, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({"due_at": "2097-03-01T12:00"}, "The new due date has to be later than the present one. 김민지: due "
                                             "Fri, Mar 1, 2097, 12:00"),
            ({"due_at": "2020-03-01T12:00"}, "New due date: Sun, Mar 1, 2020, 12:00 is in the past."),
            ({"due_at": "tomorrow"}, "A date and time is written like 2027-03-31 23:59; found “tomorrow”."),
            ({"due_at": "2097-04-01"}, "A date and time is written like 2027-03-31 23:59; found “2097-04-01”."),
            ({"due_at": "0001-01-01T00:00"}, "found “0001-01-01T00:00”."),
            ({"due_at": "2097-13-01T00:00"}, "found “2097-13-01T00:00”."),
            ({"more_attempts": "0"}, "A number of attempts is a whole number from 1 to 20; found “0”."),
            ({"more_attempts": "1.5"}, "found “1.5”."),
            ({"more_attempts": "1e9"}, "found “1e9”."),
            ({"more_attempts": "inf"}, "found “inf”."),
            ({"more_attempts": "nan"}, "found “nan”."),
            ({}, "Write how many more attempts, or the new due date."),
        ],
    )  # fmt: skip
    def test_invalid_extensions_are_refused(
        self, sqlite: Web, other: Lms, form: dict[str, str], message: str
    ) -> None:
        """A due date that is none or gives no more time, and a number that is none, are refused with the words."""
        inside = enter(sqlite, other)
        self.limited(sqlite)
        who = person(sqlite)
        page = inside.post(f"staff/people/{who}/allow", **form)
        assert page.status_code == 422
        assert message in words(page)
        name, told = refused_field(page)
        assert (name, message in told) == (next(iter(form), "due_at"), True)
        assert rows_of(sqlite, Extension) == []

    def test_nothing_to_extend(self, sqlite: Web, other: Lms) -> None:
        """Without a due date or a limit there is nothing to grant, in both languages."""
        inside = enter(sqlite, other, language="ko")
        who = person(sqlite)
        page = inside.post(f"staff/people/{who}/allow", due_at="2097-03-01T12:00")
        assert "연장할 기한이 없습니다. 먼저 ‘설정’에서 기한을 정해 주세요." in words(page)
        page = inside.post(f"staff/people/{who}/allow", more_attempts="1")
        assert "제출 횟수에 제한이 없어서 더 허용할 것이 없습니다." in words(page)
        page = inside.post("staff/allow", more_attempts="1")
        assert "학생: 아무도 선택하지 않았습니다. 먼저 표에서 선택해 주세요." in words(page)


class TestGradingAgain:
    """Regrades."""

    def test_one_attempt_and_one_student(self, web: Web, other: Lms) -> None:
        """Each puts its attempts back into the queue, and their scores stay until the worker is done."""
        inside = enter(web, other)
        people = [person(web), person(web)]
        numbers = [attempt(web, people[0], score=1.0), attempt(web, people[0]), attempt(web, people[1])]
        put_files(web)
        page = inside.post(f"staff/attempts/{numbers[0]}/regrade")
        assert "To be graded again. Attempts: 1" in words(page)
        assert [one.attempt_id for one in rows_of(web, GradingJob)] == numbers[:1]
        assert rows_of(web, Attempt)[0].score == 1.0
        page = inside.post(f"staff/people/{people[0]}/regrade")
        assert "To be graded again. Attempts: 2" in words(page)
        assert [one.attempt_id for one in rows_of(web, GradingJob)] == numbers[:2]

    @pytest.mark.parametrize(
        ("language", "left", "stopped"),
        [("en", "2 attempts wait to be graded again.", "Stopped. Attempts that keep what they have: 2"),
         ("ko", "제출물 2개가 다시 채점되기를 기다리고 있습니다.", "멈췄습니다. 점수를 그대로 둔 제출물 수: 2")],
    )  # fmt: skip
    def test_attempts_that_wait_can_be_stopped(
        self, web: Web, other: Lms, language: str, left: str, stopped: str
    ) -> None:
        """The page says how many are left; stopped, they keep their scores, and a new attempt goes on waiting."""
        inside = enter(web, other, language=language)
        numbers = [attempt(web, person(web), score=1.0, graded_at=MOMENT) for _ in range(2)]
        put_files(web)
        new = attempt(web, person(web), state="queued", score=None, report=None, graded_at=None)
        add(web, GradingJob(attempt_id=new))
        for number in numbers:
            inside.post(f"staff/attempts/{number}/regrade")
        assert left in words(inside.get("staff/regrade"))
        page = inside.post("staff/regrade/stop")
        assert stopped in words(page)
        assert left not in words(page)
        assert [(one.state, one.score) for one in rows_of(web, Attempt)] == [
            ("graded", 1.0), ("graded", 1.0), ("queued", None),
        ]  # fmt: skip
        assert [one.state for one in rows_of(web, GradingJob)].count("queued") == 1

    def test_attempt_whose_file_is_gone_keeps_what_it_earned(self, sqlite: Web, other: Lms) -> None:
        """Files of old attempts are deleted where the course says so; they cannot be graded again."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        gone = attempt(sqlite, who, score=1.0)
        for path in (f"staff/attempts/{gone}/regrade", f"staff/people/{who}/regrade"):
            assert "To be graded again. Attempts: 0" in words(inside.post(path))
        assert "There is nothing to grade again." in words(inside.get("staff/regrade"))
        assert rows_of(sqlite, GradingJob) == []
        assert [(one.state, one.score) for one in rows_of(sqlite, Attempt)] == [("graded", 1.0)]


class TestOthersAtTheSameTime:
    """On PostgreSQL a row that two lock in turn: nobody waits for somebody who waits for them."""

    @pytest.fixture
    def web(self, tmp_path: Path, course: Path, cluster: Cluster, other: Lms) -> Iterator[Web]:
        with tool(tmp_path, course, url=cluster.new(), http=quick()) as made:
            other.register(made.database)
            yield made

    def test_saving_the_settings_while_somebody_hands_in(self, web: Web, other: Lms) -> None:
        """Neither waits for the other."""
        inside = enter(web, other)
        who = person(web)
        attempt(web, who)
        with web.database.write() as session:
            session.get_one(Person, who, with_for_update={"key_share": True})
            session.add(
                Attempt(
                    course_link_id=link_of(web).id, person_id=who, sha256="1" * 64, path="9/new/hand-in.ipynb"
                )
            )
            session.flush()
            assert "The settings are saved." in words(inside.post("staff/settings", **RULES))
        assert len(rows_of(web, Attempt)) == 2

    def test_granting_while_the_worker_writes_what_stands(self, web: Web, other: Lms) -> None:
        """What is granted waits for the worker, which does not wait for it."""
        inside = enter(web, other)
        who = person(web)
        standing(web, who, attempt(web, who))
        with web.database.write() as session:
            session.get_one(ResourceLink, link_of(web).id).attempts_allowed = 3
        pages: list[str] = []
        granting = threading.Thread(
            target=lambda: pages.append(words(inside.post(f"staff/people/{who}/allow", more_attempts="1")))
        )
        with web.database.write() as session:
            link = link_of(web).id
            session.get_one(FinalGrade, (link, who), with_for_update=True)
            granting.start()
            somebody_waits(web.database)
            assert announce(session, link, who, score=3.0, maximum=4.0, comment="")
        granting.join(120)
        assert "Granted. Students: 1" in pages[0]
        assert stale(web, who)
        assert [one.more_attempts for one in rows_of(web, Extension)] == [1]


class TestSettings:
    """The rules of the activity."""

    def test_saved_and_shown(self, web: Web, other: Lms) -> None:
        """Each rule is stored and shown again, and what stands is worked out anew for everybody."""
        inside = enter(web, other)
        who = person(web)
        standing(web, who, attempt(web, who))
        page = inside.post("staff/settings", **(RULES | {"late_rule": "deduct", "late_percent": "12.5"}))
        assert page.history[0].status_code == 303
        assert "The settings are saved." in words(page)
        link = link_of(web)
        assert (link.stands, link.attempts_allowed, link.late_rule, link.late_percent) == (
            "last", 3, "deduct", 12.5,
        )  # fmt: skip
        assert link.due_at == datetime(2027, 3, 31, 14, 59, tzinfo=UTC)
        for shown in ('value="2027-03-31T23:59"', 'value="12.5"', 'value="3"', 'value="last" checked',
                      'value="deduct" checked'):  # fmt: skip
            assert shown in page.text
        assert stale(web, who)
        inside.post("staff/settings", **(RULES | {"attempts_allowed": "", "due_at": ""}))
        link = link_of(web)
        assert (link.attempts_allowed, link.due_at, link.late_percent) == (None, None, 0.0)

    def test_later_due_date_shortens_nobodys_time(self, web: Web, other: Lms) -> None:
        """An extension that the class's new due date overtakes is dropped, and the page says so."""
        inside = enter(web, other)
        inside.post("staff/settings", **RULES)
        people = [person(web), person(web)]
        for who, until in zip(people, ("2027-04-01T00:00", "2027-05-01T00:00"), strict=True):
            inside.post(f"staff/people/{who}/allow", due_at=until)
        page = inside.post("staff/settings", **(RULES | {"due_at": "2027-04-15T00:00"}))
        assert "Extensions that would now end before the due date are dropped. Students: 1" in words(page)
        assert [one.due_at is None for one in rows_of(web, Extension)] == [True, False]

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"stands": "worst"}, "Choose which attempt stands, and the rule for late ones."),
            ({"late_rule": "deduct", "late_percent": "0"}, "a number above 0 and at most 100; found “0”."),
            (
                {"late_rule": "deduct", "late_percent": "101"},
                "a number above 0 and at most 100; found “101”.",
            ),
            (
                {"attempts_allowed": "-1"},
                "A number of attempts is a whole number from 1 to 1000; found “-1”.",
            ),
            ({"due_at": "soon"}, "A date and time is written like 2027-03-31 23:59; found “soon”."),
        ],
    )
    def test_invalid_rules_change_nothing(
        self, sqlite: Web, other: Lms, changed: dict[str, str], message: str
    ) -> None:
        """A rule that is none changes nothing."""
        page = enter(sqlite, other).post("staff/settings", **(RULES | changed))
        assert page.status_code == 422
        assert message in words(page)
        if "stands" not in changed:
            assert refused_field(page)[0] == [*changed][-1]
        assert link_of(sqlite).attempts_allowed is None

    def test_every_refused_field_says_why(self, sqlite: Web, other: Lms) -> None:
        """Two mistakes in one form are both explained, each at its field."""
        rules = RULES | {"attempts_allowed": "-1", "due_at": "soon"}
        assert refused_fields(enter(sqlite, other).post("staff/settings", **rules)) == {
            "attempts_allowed": "A number of attempts is a whole number from 1 to 1000; found “-1”.",
            "due_at": "A date and time is written like 2027-03-31 23:59; found “soon”.",
        }

    def test_hour_that_the_clocks_leave_out(self) -> None:
        """A time that never is, in a zone that puts its clocks forward, is refused."""
        from zoneinfo import ZoneInfo

        from wtforms.validators import ValidationError

        from autograder.web.pages.forms import parse_moment

        with pytest.raises(ValidationError, match="the clocks of Europe/Berlin are put forward that day"):
            parse_moment("2027-03-28T02:30", ZoneInfo("Europe/Berlin"))
        assert parse_moment("2027-03-28T03:30", ZoneInfo("Europe/Berlin")) == datetime(
            2027, 3, 28, 1, 30, tzinfo=UTC
        )


class TestDeliveries:
    """Scores on their way to the LMS."""

    @pytest.mark.parametrize(
        ("state", "language", "message"),
        [
            ("waiting", "en", "waiting, next try Mon, Mar 1, 2027, 12:00 cannot connect to the LMS"),
            ("waiting", "ko", "보내는 중, 다음 시도 2027년 3월 1일 (월) 12:00 LMS에 연결할 수 없습니다"),
            ("refused", "en", "refused cannot connect to the LMS"),
            ("refused", "ko", "LMS가 거절함 LMS에 연결할 수 없습니다"),
            ("confirmed", "en", "confirmed Mon, Mar 1, 2027, 12:00"),
            ("confirmed", "ko", "확인됨 2027년 3월 1일 (월) 12:00"),
            ("replaced", "en", "not sent yet"),  # the LMS's gradebook is another since
            ("replaced", "ko", "아직 보내지 않음"),
        ],
    )
    def test_each_state_in_words(
        self, sqlite: Web, other: Lms, state: str, language: str, message: str
    ) -> None:
        """A score that waits, is refused or confirmed is told so; the class has the state alone."""
        inside = enter(sqlite, other, language=language)
        who = person(sqlite)
        standing(sqlite, who)
        delivery(
            sqlite,
            who,
            state,
            lms_error=None if state == "confirmed" else UNREACHABLE,
            confirmed_at=MOMENT if state == "confirmed" else None,
        )
        for path in (f"staff/people/{who}", "staff/deliveries"):
            assert message in words(inside.get(path)), path
        state_alone = message.split(",")[0].partition(" cannot")[0].partition(" Mon")[0].partition(" 2027")[0]
        assert state_alone.partition(" LMS에")[0] in words(inside.get("staff/"))

    def test_score_that_differs_is_told(self, sqlite: Web, other: Lms) -> None:
        """Where another score stands than the LMS was told, the pages say so, but not while it is worked out."""
        inside = enter(sqlite, other)
        who, busy = person(sqlite, "Ada"), person(sqlite, "Bob")
        standing(sqlite, who, score=4.0, late=0.5)
        standing(sqlite, busy, score=4.0, late=0.5, stale=True)
        for one in (who, busy):
            delivery(sqlite, one, "confirmed", confirmed_at=MOMENT)
        shown = words(inside.get("staff/deliveries"))
        assert shown.count("The LMS was told another score: 3 / 4") == 1
        with sqlite.database.write() as session:
            session.get_one(FinalGrade, (link_of(sqlite).id, who)).score = 3.5
        assert "another score" not in words(inside.get("staff/deliveries"))

    def test_four_decimals_are_no_difference(self, sqlite: Web, other: Lms) -> None:
        """The LMS is told a score in four decimals, and that is the score that stands."""
        inside = enter(sqlite, other)
        who = person(sqlite)
        standing(sqlite, who, score=2 / 3)
        delivery(sqlite, who, "confirmed", score=0.6667, confirmed_at=MOMENT)
        assert "another score" not in words(inside.get("staff/deliveries"))

    def test_refused_ones_are_sent_again(self, web: Web, other: Lms) -> None:
        """One or all that the LMS refused wait once more; what it has is left alone."""
        inside = enter(web, other)
        people = [person(web) for _ in range(4)]
        states = ("refused", "refused", "confirmed", "refused")
        numbers = [delivery(web, who, state) for who, state in zip(people, states, strict=True)]
        newest = delivery(web, people[3], "confirmed", score=4.0)
        page = inside.post("staff/deliveries", delivery=numbers[0])
        assert "To be sent again. Scores: 1" in words(page)
        assert [one.state for one in rows_of(web, Delivery)] == [
            "waiting",
            "refused",
            "confirmed",
            "refused",
            "confirmed",
        ]
        page = inside.post("staff/deliveries")
        assert "To be sent again. Scores: 1" in words(page)
        assert [one.state for one in rows_of(web, Delivery)] == [
            "waiting",
            "waiting",
            "confirmed",
            "refused",
            "confirmed",
        ]
        for number in (numbers[2], numbers[3], newest, "x"):
            assert inside.post("staff/deliveries", delivery=number).status_code == 404


class TestWhy:
    """Why a question earned its points: the cases that were kept when it was graded."""

    CASES = FailingCases(
        (
            FailingCheck(
                "keeps_shape",
                Text(ko="모양이 다릅니다", en="another shape"),
                (
                    FailingCase(
                        "batch=4, units=<3>", "(4, 3)", "(3,)", Text(ko="축이 없음", en="an axis is missing")
                    ),
                    FailingCase("batch=5, units=3", "", "", Text(en="it raised <b>")),
                ),
                more=3,
                untried=2,
            ),
        ),
        (Text.same("4 × units"),),
    )

    def test_cases_are_there_at_once(self, web: Web, other: Lms) -> None:
        """One page, and nothing to wait for: what was given, wanted and got, as text, and how much is left out."""
        inside = enter(web, other)
        number = attempt(web, person(web))
        with web.database.write() as session:
            kept_cases.store(session, number, {"last_hidden": self.CASES})
        page = inside.get(f"staff/attempts/{number}/why/last_hidden")
        shown = words(page)
        assert "✘ failed keeps the shape (4 points) Another shape." in shown
        assert "batch=4, units=&lt;3&gt;" in page.text
        assert "(4, 3) (3,) An axis is missing." in shown
        assert "(the check decides)" in shown
        assert "It raised &lt;b&gt;" in page.text
        assert "Failing cases not kept: 3" in shown
        assert "Inputs not tried after that: 2" in shown
        assert "4 × units" in shown
        assert "autograder 1.0 packages numpy 2.4" in shown
        assert "http-equiv" not in page.text

    def test_attempt_without_kept_cases_says_so(self, sqlite: Web, other: Lms) -> None:
        """Where the file is there, it may be graded again; where it is gone, no button is offered."""
        inside = enter(sqlite, other)
        number = attempt(sqlite, person(sqlite))
        path = f"staff/attempts/{number}/why/last_hidden"
        page = inside.get(path)
        assert "They were not kept: an earlier version graded this attempt" in words(page)
        assert "Grade this attempt again" not in words(page)
        with sqlite.database.read() as session:
            file = files_of(sqlite.course) / session.get_one(Attempt, number).path
        file.parent.mkdir(parents=True)
        file.write_text("{}")
        page = inside.get(path)
        assert "Grade the attempt again to see them. Its score changes if" in words(page)
        assert f"attempts/{number}/regrade" in page.text

    def test_answer_without_a_case_says_so(self, sqlite: Web, other: Lms) -> None:
        """Nothing was called, as of a file that is no notebook."""
        inside = enter(sqlite, other)
        number = attempt(sqlite, person(sqlite))
        with sqlite.database.write() as session:
            kept_cases.store(session, number, {"last_hidden": FailingCases()})
        page = inside.get(f"staff/attempts/{number}/why/last_hidden")
        assert "No case was kept of this answer." in words(page)

    def test_question_that_is_none(self, sqlite: Web, other: Lms) -> None:
        """Only questions of the attempt have a page."""
        inside = enter(sqlite, other)
        number = attempt(sqlite, person(sqlite))
        assert inside.get(f"staff/attempts/{number}/why/elsewhere").status_code == 404

    def test_student_gets_none_of_it(self, sqlite: Web, other: Lms) -> None:
        """No page of the student's holds what is kept for staff."""
        inside = enter(sqlite, other, "#Learner", sub="student-1", name="김민지")
        [who] = rows_of(sqlite, Person, Person.subject == "student-1")
        number = attempt(sqlite, who.id)
        with sqlite.database.write() as session:
            kept_cases.store(session, number, {"last_hidden": self.CASES})
        pages = [inside.get(path) for path in ("mine", f"mine/{number}")]
        assert [page.status_code for page in pages] == [200, 200]
        assert not any("batch=4" in page.text or "an axis is missing" in page.text for page in pages)


class TestLooks:
    """Requests for a human look."""

    def asked(self, web: Web, who: int) -> int:
        number = attempt(web, who)
        standing(web, who, number)
        look = RegradeRequest(
            attempt_id=number,
            question="last_hidden",
            check="keeps_shape",
            words="My shape is right!",
            asked_at=MOMENT,
        )
        add(web, look)
        return look.id

    def test_answered_with_points(self, web: Web, other: Lms) -> None:
        """The student's words are shown with the check; the answer is kept with who and when, points along with it."""
        inside = enter(web, other)
        who = person(web)
        look = self.asked(web, who)
        page = inside.get("staff/looks")
        assert "My shape is right!" in words(page)
        assert "Check : keeps the shape (failed)" in words(page).replace("Check:", "Check :")
        page = inside.post(f"staff/looks/{look}", answer="You are right.", points="4")
        assert "Answered. The student can read it on their page." in words(page)
        assert "No request waits for an answer." in words(page)
        one = rows_of(web, RegradeRequest)[0]
        assert (one.answer, one.answered_by, one.answered_at is not None) == (
            "You are right.",
            "Prof. Kim",
            True,
        )
        given = rows_of(web, Override)[0]
        assert (given.cell, given.points, given.reason) == ("last_hidden-check", 4.0, "You are right.")
        assert stale(web, who)

    @pytest.mark.parametrize(("language", "shown"), [("en", "Answer – Prof. Kim You are right."),
                                                    ("ko", "답 – Prof. Kim You are right.")])  # fmt: skip
    def test_the_student_reads_the_answer(self, sqlite: Web, other: Lms, language: str, shown: str) -> None:
        """What staff answered, and who, stands on the student's own page of the attempt."""
        inside = enter(sqlite, other)
        student = enter(sqlite, other, "#Learner", sub="student-1", name="김민지", language=language)
        who = rows_of(sqlite, Person, Person.subject == "student-1")[0].id
        look = self.asked(sqlite, who)
        number = rows_of(sqlite, Attempt)[0].id
        assert shown not in words(student.get(f"mine/{number}"))
        inside.post(f"staff/looks/{look}", answer="You are right.", points="")
        assert shown in words(student.get(f"mine/{number}"))

    def test_answered_without_points(self, web: Web, other: Lms) -> None:
        """An answer alone leaves the score alone; a second answer to the same is refused."""
        inside = enter(web, other)
        who = person(web)
        look = self.asked(web, who)
        inside.post(f"staff/looks/{look}", answer="No.", points="")
        page = inside.post(f"staff/looks/{look}", answer="Yes.", points="4")
        assert "Prof. Kim answered this in the meantime" in words(page)
        assert rows_of(web, RegradeRequest)[0].answer == "No."
        assert rows_of(web, Override) == []
        assert stale(web, who)  # the comment in the LMS gets the answer

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({"answer": " ", "points": ""}, "Write an answer; the student reads it on their page."),
            ({"answer": "Fine.", "points": "5"}, "Points are a number from 0 to 4; found “5”."),
        ],
    )
    def test_invalid_answers_to_requests_change_nothing(
        self, sqlite: Web, other: Lms, form: dict[str, str], message: str
    ) -> None:
        """Without words, or with points that cannot be, nothing is answered."""
        inside = enter(sqlite, other)
        look = self.asked(sqlite, person(sqlite))
        page = inside.post(f"staff/looks/{look}", **form)
        assert page.status_code == 422
        assert refused_field(page) == ("points" if form["points"] else "answer", message)
        assert rows_of(sqlite, RegradeRequest)[0].answer is None
        assert rows_of(sqlite, Override) == []
