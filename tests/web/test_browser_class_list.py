"""A teacher with a telephone before the list of a class."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from autograder.text import Text
from tests.chrome import Browser, Tab, needs_chromium, new_tab, troubles
from tests.support import copy_course
from tests.web.classes import Staff, attempt, delivery, enter, person, standing
from tests.web.loopback import Lms, quick, tool

pytestmark = [pytest.mark.browser, pytest.mark.long, needs_chromium]

STUDENTS = 44


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, other: Lms) -> Iterator[Staff]:
    """A class of which a quarter handed in nothing, and each other state has somebody."""
    course = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
    with tool(tmp_path_factory.mktemp("web"), course, http=quick()) as web:
        other.register(web.database)
        inside = enter(web, other)
        for number in range(STUDENTS):
            who = person(web, f"Student {number:02}", student_id=f"2026{number:04}")
            if number % 4 == 0:
                continue
            counts = attempt(web, who, score=3.0)
            standing(web, who, counts, late=0.5 if number % 10 == 1 else 0.0)
            state = "refused" if number == 7 else "confirmed"
            delivery(web, who, state, lms_error=Text.same("403 Forbidden") if number == 7 else None)
        yield inside


@pytest.fixture
def tab(browser: Browser, teacher: Staff) -> Iterator[Tab]:
    """The list, in a browser that has the teacher's session."""

    def answer(route: Route) -> None:
        page = teacher.browser.get(route.request.url)
        route.fulfill(status=page.status_code, headers=dict(page.headers), body=page.content)

    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.route("**/*", answer)
    opened = new_tab(context)
    opened.page.goto(f"{teacher.home}staff/")
    yield opened
    context.close()


def test_student_takes_a_few_lines(tab: Tab) -> None:
    """On a phone, what is empty takes no line: 44 students take less than 100 pixels each, and keep nobody out."""
    rows = tab.page.locator("tbody tr")
    assert rows.count() == STUDENTS
    table = tab.page.locator("table").bounding_box()
    assert table is not None
    assert table["height"] < STUDENTS * 100
    assert rows.nth(0).inner_text().count("–") == 1, "the score alone"
    assert troubles(tab) == []
