"""The table of a large class in a browser: on a laptop, in Moodle's frame, on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from autograder.text import Text
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    Extension,
    FinalGrade,
    Membership,
    Person,
    RegradeRequest,
    ResourceLink,
    now,
)
from autograder.web.heartbeat import beat
from tests.chrome import Browser, Tab, needs_chromium, new_tab, troubles
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, enter, link_of
from tests.web.loopback import Lms, Web, quick, tool

pytestmark = [pytest.mark.browser, pytest.mark.long, needs_chromium]

STUDENTS = 300
PHONE, TABLET, FRAME, LAPTOP = (390, 844), (744, 1133), (885, 506), (1280, 800)
"""In pixels; the frame is what Moodle leaves on a laptop."""
PAGES = ("staff/", "staff/deliveries")


def fill(web: Web) -> None:
    """A class of which a seventh handed in nothing, and each other state has somebody on the first page."""
    with web.database.write() as session:
        link = session.get_one(ResourceLink, link_of(web).id)
        link.attempts_allowed, link.due_at = 3, MOMENT.replace(year=2097)
        where = session.get_one(Context, link.context_id).platform_id
        for number in range(STUDENTS):
            name = f"Student {number:03}" + (" O'Brien-Fernández" if number % 20 == 9 else "")
            who = Person(
                platform_id=where, subject=name, name=name, student_id=f"2026{number:04}", pseudonym=str(number),
                email=f"{number}@university.example",
            )  # fmt: skip
            session.add(who)
            session.flush()
            session.add(Membership(person_id=who.id, context_id=link.context_id, role="student",
                                   active=number % 40 != 12))  # fmt: skip
            if number % 7 == 3:
                continue
            of_link = {"course_link_id": link.id, "person_id": who.id}
            ungraded = number % 45 == 15
            tried = Attempt(
                **of_link, sha256="0", path=f"1/{number}/x.ipynb", state="ungraded" if ungraded else "graded",
                reason=Text.same("the kernel was lost while a question ran") if ungraded else None, score=3.0,
                points=14.0, received_at=MOMENT, graded_at=MOMENT,
            )  # fmt: skip
            session.add(tried)
            session.flush()
            if number % 30 == 5:
                session.add(
                    RegradeRequest(
                        attempt_id=tried.id, question="last_hidden", check="", words="Please look."
                    )
                )
            if ungraded:
                continue
            session.add(FinalGrade(**of_link, attempt_id=tried.id, score=12.5, maximum=14.0, stale=number % 33 == 6,
                                   late=0.5 if number % 10 == 1 else 0.0, cells={}))  # fmt: skip
            refused = number % 100 == 7
            session.add(Delivery(
                **of_link, score=12.5, maximum=14.0, comment="", state="refused" if refused else "confirmed",
                confirmed_at=MOMENT, lms_error=Text.same("403 Forbidden: not enrolled") if refused else None,
            ))  # fmt: skip
            if number % 25 == 8:
                until = MOMENT.replace(year=2098) + timedelta(days=9)
                session.add(Extension(**of_link, due_at=until, more_attempts=2, made_by="Prof. Kim"))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, other: Lms) -> Iterator[Staff]:
    course = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
    days = [" Thursday" if number % 5 == 4 else "" for number in range(STUDENTS)]
    sections = [f"2026{number:04},Lab {number % 12 + 1}{day}\n" for number, day in enumerate(days)]
    (course / "roster.csv").write_text("student_id,section\n" + "".join(sections), encoding="utf-8")
    with tool(tmp_path_factory.mktemp("web"), course, http=quick()) as web:
        other.register(web.database)
        inside = enter(web, other)
        fill(web)
        yield inside


@pytest.fixture(params=["en", "ko"])
def reader(request: pytest.FixtureRequest, teacher: Staff, other: Lms) -> Staff:
    """The teacher, in both languages; a worker was there a moment ago."""
    beat(teacher.web.course, now())
    return teacher if request.param == "en" else enter(teacher.web, other, language="ko")


def opened(browser: Browser, staff: Staff, size: tuple[int, int]) -> Iterator[Tab]:
    """A tab of a browser that has the session of the staff."""

    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    cookies = [(one.name, one.value or "") for one in staff.browser.cookies]
    context.add_cookies(
        [
            {"name": name, "value": value, "url": staff.web.base_url.replace("http:", "https:")}
            for name, value in cookies
        ]
    )
    yield new_tab(context)
    context.close()


@pytest.fixture
def tab(browser: Browser, reader: Staff) -> Iterator[Tab]:
    yield from opened(browser, reader, LAPTOP)


@pytest.fixture
def english(browser: Browser, teacher: Staff) -> Iterator[Tab]:
    yield from opened(browser, teacher, FRAME)


def show(tab: Tab, staff: Staff, path: str, size: tuple[int, int]) -> Page:
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    tab.page.goto(f"{staff.home}{path}")
    return tab.page


@pytest.mark.parametrize("path", PAGES)
def test_keeps_nobody_out(tab: Tab, reader: Staff, path: str) -> None:
    """Both tables can be used by everybody, on a desktop and on a phone."""
    page = show(tab, reader, path, LAPTOP)
    # rows that the bar covers, until one scrolls, count as too small to be pressed
    page.evaluate("document.querySelectorAll('.bar').forEach(bar => bar.style.position = 'static')")
    assert troubles(tab) == []


@pytest.mark.parametrize("path", PAGES)
def test_phone_page_has_an_end(tab: Tab, reader: Staff, path: str) -> None:
    """On a phone, a page of fifty students is at most 6,000 pixels high: what is empty takes no line."""
    page = show(tab, reader, path, PHONE)
    assert page.locator("tbody tr").count() == 50
    assert page.evaluate("document.documentElement.scrollHeight") <= 6000


@pytest.mark.parametrize("size", [PHONE, TABLET, FRAME, LAPTOP])
@pytest.mark.parametrize("path", PAGES)
def test_every_column_is_in_view(tab: Tab, reader: Staff, path: str, size: tuple[int, int]) -> None:
    """The table is no wider than Moodle's frame, and its last column ends where the page's margin begins."""
    page = show(tab, reader, path, size)
    ends = (
        "[...document.querySelectorAll('tbody th, table td')].map(cell => cell.getBoundingClientRect().right)"
    )
    margin = "document.querySelector('h1').parentElement.getBoundingClientRect().right"
    assert max(page.evaluate(ends)) <= page.evaluate(margin) + 0.5
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_eight_students_in_the_frame(tab: Tab, reader: Staff) -> None:
    """Without scrolling, Moodle's frame shows eight students and the bar with the actions."""
    page = show(tab, reader, "staff/", FRAME)
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= FRAME[1]
    boxes = [box.bounding_box() for box in page.locator("tbody tr").all()[:8]]
    ends = [box["y"] + box["height"] for box in boxes if box is not None]
    assert len(ends) == 8
    assert max(ends) <= bar["y"], ends


@pytest.mark.parametrize("size", [PHONE, FRAME, LAPTOP])
def test_the_bar_stays_in_view(tab: Tab, reader: Staff, size: tuple[int, int]) -> None:
    """At the beginning, in the middle and at the end of the page the actions can be pressed."""
    page = show(tab, reader, "staff/", size)
    for part in (0, 0.5, 1):
        page.evaluate("part => scrollTo(0, part * document.documentElement.scrollHeight)", part)
        expect(page.locator(".bar button").last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [PHONE, TABLET, FRAME, LAPTOP])
def test_menus_of_the_bar_open_inside_the_page(english: Tab, teacher: Staff, size: tuple[int, int]) -> None:
    """Each menu is whole in view, also where ticks on other pages take room from the buttons."""
    page = show(english, teacher, "staff/?q=student&page=2", size)
    page.get_by_role("checkbox", name="Student 097").check()
    page.get_by_role("link", name="Page 3", exact=True).click()
    for menu in ("Extend", "Message"):
        page.get_by_text(menu, exact=True).click()
        box = page.locator(".bar details[open] > div").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]


def test_selection_outlives_pages_and_mistakes(english: Tab, teacher: Staff) -> None:
    """Ticks stay when somebody turns pages, sorts or makes a mistake in a form, and are gone once they are used."""
    page = show(english, teacher, "staff/?q=student", FRAME)
    for name in ("Student 097", "Student 098"):
        page.goto(f"{teacher.home}staff/?q=student&page=2")
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("link", name="Page 3", exact=True).click()
    page.get_by_role("checkbox", name="Student 130").check()
    expect(page.locator("output")).to_have_text("3 selected")
    page.get_by_role("link", name="Score", exact=True).click()
    expect(page.locator("output")).to_have_text("3 selected")
    page.get_by_text("Extend", exact=True).click()
    page.get_by_label("New due date").fill("2020-01-01T12:00")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("alert")).to_contain_text("New due date: Wed, Jan 1, 2020, 12:00 is in the past.")
    expect(page.locator("output")).to_have_text("3 selected")
    page.get_by_label("New due date").fill("2099-01-01T12:00")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("status").first).to_contain_text("Granted. Students: 3")
    expect(page.locator("output")).to_have_text("0 selected")
    with teacher.web.database.read() as session:
        granted = (
            select(Person.name).join(Extension).where(Extension.due_at > MOMENT.replace(year=2098, month=12))
        )
        assert set(session.scalars(granted)) == {"Student 097", "Student 098", "Student 130"}


def test_all_but_one(english: Tab, teacher: Staff) -> None:
    """All found, less the one whose tick is taken back, are those that are selected."""
    page = show(english, teacher, "staff/?q=student", FRAME)
    page.get_by_label("All 292 found").check()
    expect(page.locator("output")).to_have_text("292 selected")
    page.get_by_role("checkbox", name="Student 001").uncheck()
    expect(page.locator("output")).to_have_text("291 selected")
    page.get_by_role("checkbox", name="Select all rows of this page").check()
    expect(page.locator("output")).to_have_text("292 selected")
