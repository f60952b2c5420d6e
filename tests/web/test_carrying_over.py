"""Staff grant what follows from a student's own wrong function but was blocked, since that made the question easier."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route
from sqlalchemy import select

from autograder.web.db.models import FinalGrade, Override, Person, RegradeRequest
from tests.chrome import Browser, Tab, needs_chromium, new_tab, troubles
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, blocked_attempt, enter, person, standing
from tests.web.database_rows import clear
from tests.web.loopback import Lms, Web, quick, tool, words

pytestmark = pytest.mark.long
REASON = {
    "en": "Your teacher carried this over: it follows from your own earlier answer.",
    "ko": "앞에 쓴 답을 바르게 따랐으므로 선생님이 직접 인정했습니다.",
}
NO_POINTS = "no points: this needs “A step” to be right, or wrong in a way that keeps this question as hard"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, other: Lms) -> Iterator[Web]:
    course = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
    with tool(tmp_path_factory.mktemp("web"), course, http=quick()) as made:
        yield made


@pytest.fixture
def web(served: Web, other: Lms) -> Web:
    """The tool, with nothing in its database but the LMS."""
    with served.database.write() as session:
        clear(session)
    other.register(served.database)
    return served


def overrides(web: Web) -> list[Override]:
    with web.database.read() as session:
        return list(session.scalars(select(Override).order_by(Override.id)))


def recompute(web: Web, who: int, score: float, *, manual: bool) -> None:
    """What the worker writes once an override is in the gradebook, or taken out of it."""
    with web.database.write() as session:
        grade = session.scalars(select(FinalGrade).where(FinalGrade.person_id == who)).one()
        grade.cells = {"last_hidden-check": {"score": score, "points": 4.0, "manual": manual}}
        grade.stale = False


class TestAButton:
    """One button beside the check gives the points that carrying over would have given."""

    @pytest.mark.parametrize(("edition", "button"), [("en", "Grant 2 points"), ("ko", "2점 인정하기")])
    def test_it_gives_what_carrying_over_gives(self, web: Web, other: Lms, edition: str, button: str) -> None:
        """The checks that were blocked are paid in full, the one that failed is not; the reason is the student's."""
        inside = enter(web, other, "/Instructor#TeachingAssistant", language=edition)
        who = person(web)
        number = blocked_attempt(web, who, edition=edition)
        assert words(inside.get(f"staff/people/{who}")).count(button) == 1
        inside.post(f"staff/attempts/{number}/grant/last_hidden")
        [given] = overrides(web)
        assert (given.cell, given.points, given.reason, given.made_by) == (
            "last_hidden-check", 3.0, REASON[edition], "Prof. Kim",
        )  # fmt: skip
        assert words(inside.get(f"staff/people/{who}")).count(button) == 0

    def test_it_is_logged_without_names(self, web: Web, other: Lms, caplog: pytest.LogCaptureFixture) -> None:
        """Who granted it to whom is on record under pseudonyms."""
        inside = enter(web, other)
        who = person(web, "박지우", pseudonym="p-1")
        number = blocked_attempt(web, who)
        with caplog.at_level(logging.INFO, "autograder"):
            page = inside.post(f"staff/attempts/{number}/grant/last_hidden")
        assert "The points are given." in words(page)
        assert "granted what was blocked as too easy for p-1" in caplog.text
        assert "박" not in caplog.text

    def test_grant_shows_as_carried_over(self, web: Web, other: Lms) -> None:
        """Once it counts, neither staff nor the student read any more that there are no points."""
        inside = enter(web, other)
        student = enter(web, other, "#Learner", sub="student-1", name="김민지")
        with web.database.read() as session:
            who = session.scalars(select(Person.id).where(Person.subject == "student-1")).one()
        number = blocked_attempt(web, who)
        before = words(student.get(f"mine/{number}"))
        assert "⊘ not carried over" in before
        assert NO_POINTS[1:] in before
        inside.post(f"staff/attempts/{number}/grant/last_hidden")
        recompute(web, who, 3.0, manual=True)
        for page in (words(student.get(f"mine/{number}")), words(inside.get(f"staff/people/{who}"))):
            assert "↪ carried over" in page
            assert "⊘" not in page
            assert REASON["en"] in page

    def test_grant_is_taken_back_like_other_points(self, web: Web, other: Lms) -> None:
        """The button is back once the grader's score counts again."""
        inside = enter(web, other)
        who = person(web)
        number = blocked_attempt(web, who)
        inside.post(f"staff/attempts/{number}/grant/last_hidden")
        assert "Take the points back" in words(inside.get(f"staff/people/{who}"))
        inside.post(f"staff/people/{who}/points", cell="last_hidden-check", back="1")
        assert [given.points for given in overrides(web)] == [3.0, None]
        recompute(web, who, 1.0, manual=False)
        assert "Grant 2 points" in words(inside.get(f"staff/people/{who}"))

    def test_second_grant_is_refused(self, web: Web, other: Lms) -> None:
        """Points that a person gave stay as they are."""
        inside = enter(web, other)
        number = blocked_attempt(web, person(web))
        inside.post(f"staff/attempts/{number}/grant/last_hidden")
        page = inside.post(f"staff/attempts/{number}/grant/last_hidden")
        assert (page.status_code, "Points by hand count for this question already." in words(page)) == (
            422,
            True,
        )
        assert len(overrides(web)) == 1

    def test_attempt_that_does_not_count_grants_nothing(self, web: Web, other: Lms) -> None:
        """It has no button, and a form that was sent for it is refused."""
        inside = enter(web, other)
        who = person(web)
        number = blocked_attempt(web, who, counts=False)
        standing(web, who, attempt(web, who))
        assert "Grant 2 points" not in words(inside.get(f"staff/people/{who}"))
        page = inside.post(f"staff/attempts/{number}/grant/last_hidden")
        assert "Another attempt counts by now; look at that one." in words(page)
        assert overrides(web) == []

    def test_question_without_blocked_checks_grants_nothing(self, web: Web, other: Lms) -> None:
        """It has no button, and a form that was sent for it is refused."""
        inside = enter(web, other)
        who = person(web)
        number = attempt(web, who)
        standing(web, who, number)
        assert "/grant/" not in inside.get(f"staff/people/{who}").text
        page = inside.post(f"staff/attempts/{number}/grant/last_hidden")
        assert "There is nothing to grant" in words(page)
        assert inside.post(f"staff/attempts/{number}/grant/unknown").status_code == 404
        assert overrides(web) == []

    def test_form_of_another_site_grants_nothing(self, web: Web, other: Lms) -> None:
        """A form without the visit's own word is refused."""
        inside = enter(web, other)
        number = blocked_attempt(web, person(web))
        assert inside.post(f"staff/attempts/{number}/grant/last_hidden", _csrf="0" * 32).status_code == 403
        assert overrides(web) == []

    def test_students_grant_nothing(self, web: Web, other: Lms) -> None:
        """The form is for staff alone."""
        enter(web, other)
        student = enter(web, other, "#Learner", sub="student-1", name="김민지")
        number = blocked_attempt(web, person(web))
        page = student.post(f"staff/attempts/{number}/grant/last_hidden")
        assert page.status_code == 403
        assert overrides(web) == []


class TestARequest:
    """A request for a regrade of a blocked check is answered and granted at once."""

    @staticmethod
    def asked(web: Web, who: int, check: str) -> int:
        look = RegradeRequest(
            attempt_id=blocked_attempt(web, who),
            question="last_hidden",
            check=check,
            words="Please!",
            asked_at=MOMENT,
        )
        add(web, look)
        return look.id

    @pytest.mark.parametrize(("typed", "read"), [("", REASON["en"]), ("Well reasoned.", "Well reasoned.")])
    def test_granted_by_one_button(self, web: Web, other: Lms, typed: str, read: str) -> None:
        """The student reads what was typed, or else that it was carried over, as the answer and as the reason."""
        inside = enter(web, other)
        look = self.asked(web, person(web), "keeps_shape")
        page = words(inside.get("staff/looks"))
        assert "Grant 2 points" in page
        assert "(not carried over)" in page
        inside.post(f"staff/looks/{look}", answer=typed, points="", grant="1")
        [given] = overrides(web)
        assert (given.points, given.reason) == (3.0, read)
        with web.database.read() as session:
            assert session.get_one(RegradeRequest, look).answer == read

    def test_request_about_another_check_has_no_such_button(self, web: Web, other: Lms) -> None:
        """A check that failed is not granted with what is blocked."""
        inside = enter(web, other)
        self.asked(web, person(web), "keeps_input")
        assert "Grant 2 points" not in words(inside.get("staff/looks"))


class TestTheReport:
    """The report on the class lists it, and leads to the button."""

    @staticmethod
    def of(web: Web, inside: Staff) -> Any:
        return json.loads(inside.get("staff/report.json").text)["too_easy"]

    def test_each_question_leads_to_its_button(self, web: Web, other: Lms) -> None:
        """The reason stands once for all students; a link per question leads to the attempt that counts."""
        inside = enter(web, other)
        who = [person(web, name) for name in ("Ada", "Grace", "Alan")]
        numbers = [blocked_attempt(web, one) for one in who]
        page = inside.get("staff/report").text
        assert page.count("this needs “A step” to be right") == 2, "the summary, and the name of the table"
        for one, number in zip(who, numbers, strict=True):
            assert f"staff/people/{one}?attempt={number}#attempt-{number}-last_hidden" in page
            assert f'id="attempt-{number}-last_hidden"' in inside.get(f"staff/people/{one}").text

    def test_granted_requests_are_no_longer_listed(self, web: Web, other: Lms) -> None:
        """Nor is what a person gave other points for; both count as decided."""
        inside = enter(web, other)
        who = [person(web, name, student_id=name) for name in ("Ada", "Grace", "Alan")]
        for one in who:
            blocked_attempt(web, one)
        recompute(web, who[0], 3.0, manual=True)
        recompute(web, who[1], 1.5, manual=True)
        [reason] = self.of(web, inside)
        assert [one["student"] for one in reason["students"]] == ["Alan"]


@pytest.mark.browser
@needs_chromium
class TestInABrowser:
    """The button in a real browser."""

    @pytest.fixture
    def tab(self, browser: Browser, web: Web, other: Lms) -> Iterator[Tab]:
        """The page of a student, in a browser that has the teacher's session."""
        inside = enter(web, other, language="ko")
        who = person(web)
        blocked_attempt(web, who, edition="ko")

        def answer(route: Route) -> None:
            sent = route.request
            page = inside.browser.request(
                sent.method, sent.url, data=sent.post_data,
                headers={"Content-Type": sent.headers.get("content-type", "")},
            )  # fmt: skip
            route.fulfill(status=page.status_code, headers=dict(page.headers), body=page.content)

        context = browser.new_context()
        context.route("**/*", answer)
        opened = new_tab(context)
        opened.page.goto(f"{inside.home}staff/people/{who}")
        yield opened
        context.close()

    def test_one_press_grants_it(self, tab: Tab, web: Web) -> None:
        """It stands in the card of the question, keeps nobody out, and is pressed once."""
        assert troubles(tab) == []
        button = tab.page.locator(".card", has=tab.page.locator("li.too_easy")).get_by_role(
            "button", name="2점 인정하기"
        )
        button.click()
        tab.page.get_by_role("status").wait_for()
        assert [given.points for given in overrides(web)] == [3.0]
