"""Launches in the LMS's frame, in a real browser that keeps third-party cookies from every site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.web.db.models import (
    Attempt,
    Delivery,
    Extension,
    FinalGrade,
    Person,
    RegradeRequest,
    ResourceLink,
    StaffMessage,
    now,
)
from tests.chrome import Browser, Tab, chromium_with, expect, needs_chromium, new_tab
from tests.support import copy_course
from tests.web.lms_and_tool import LmsAndTool, lms_and_tool

pytestmark = [pytest.mark.browser, needs_chromium]
TITLE = {"ko": "순환층의 출력 모양", "en": "Output shapes of recurrent layers"}
HAND_IN = {"ko": "제출하기", "en": "Hand in"}
CHOOSE = {"ko": "파일 선택", "en": "Choose a file"}
MOODLE_ON_A_LAPTOP = {"width": 885, "height": 607}
MOODLE_ON_A_PHONE = {"width": 374, "height": 546}
"""The frame of Moodle on a phone, in pixels."""
REFUSED = {"ko": "LMS 전송 거절됨 1", "en": "LMS scores 1 refused"}
PICK = {"ko": "이 과제로 하기", "en": "Use this assignment"}


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LmsAndTool]:
    with lms_and_tool(copy_course(tmp_path_factory.mktemp("course"), "shapes", "tagging")) as made:
        yield made


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_launch_in_a_frame(where: LmsAndTool, browser: Browser, language: str, script: bool) -> None:
    """The frame shows the assignment in the LMS's language; without scripts too, but for a press that the LMS wants."""
    tab = new_tab(browser.new_context(java_script_enabled=script))
    tab.page.goto(where.activity(assignment="shapes", locale=language))
    frame = tab.page.frame_locator("iframe")
    if not script:
        frame.get_by_role("button", name="Go on").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(TITLE[language])
    expect(frame.locator("html")).to_have_attribute("lang", language)
    assert tab.complaints == []
    tab.page.context.close()


def test_the_browser_keeps_other_cookies_from_a_frame(where: LmsAndTool, browser: Browser) -> None:
    """A cookie of ours that is not bound to the LMS's site is not sent: the launch works by those that are."""
    context = browser.new_context()
    context.add_cookies(
        [{"name": "plain", "value": "1", "url": where.web.base_url, "secure": True, "sameSite": "None"}]
    )
    tab = new_tab(context)
    with tab.page.expect_request("**/v/*/") as asked:
        tab.page.goto(where.activity(assignment="shapes"))
    in_frame = asked.value.all_headers()["cookie"]
    with tab.page.expect_request("**/v/*/") as asked:
        tab.page.goto(where.activity(assignment="shapes", frame=False))
    on_its_own = asked.value.all_headers()["cookie"]
    assert ("plain=1" in in_frame, "__Host-lti-" in in_frame) == (False, True)
    assert ("plain=1" in on_its_own, "__Host-lti-" in on_its_own) == (True, True)
    context.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_teacher_picks_in_a_frame(where: LmsAndTool, browser: Browser, language: str) -> None:
    """The LMS gets the assignment that was picked, in the frame in which it asked for one."""
    tab = new_tab(browser.new_context())
    before = len(where.picked)
    tab.page.goto(where.activity(picking=True, role="Instructor", locale=language))
    frame = tab.page.frame_locator("iframe")
    frame.get_by_role("radio", name=TITLE[language]).check()
    frame.get_by_role("button", name=PICK[language]).click()
    expect(frame.get_by_role("heading", name="Picked")).to_be_visible()
    (item,) = where.picked[before:]
    assert (item["custom"], item["title"]) == ({"assignment": "shapes"}, TITLE[language])
    assert item["lineItem"]["scoreMaximum"] == 16
    assert tab.complaints == []
    tab.page.context.close()


def test_where_cookies_are_blocked_a_new_window_opens_the_assignment(
    where: LmsAndTool, browser: Browser, tmp_path: Path
) -> None:
    """A browser that keeps every cookie from the frame is offered a window, and there the assignment opens."""
    blocked = {f"{where.web.base_url},{where.url}": {"setting": 2}}
    settings = {"profile": {"content_settings": {"exceptions": {"cookies": blocked}}}}
    with chromium_with(browser, tmp_path, settings) as context:
        tab = new_tab(context)
        tab.page.goto(where.activity(assignment="shapes"))
        frame = tab.page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="Please open this in a new window")).to_be_visible()
        with context.expect_page() as opened:
            frame.get_by_role("link", name="Open the assignment in a new window").click()
        expect(opened.value.get_by_role("heading", level=1)).to_have_text(TITLE["en"])
        assert tab.complaints == []


def link_of(session: Session, assignment: str) -> ResourceLink:
    """The activity of an assignment."""
    query = select(ResourceLink).where(ResourceLink.resource_link_id == f"link-{assignment}")
    return session.scalars(query).one()


def shown(
    browser: Browser, where: LmsAndTool, language: str, *, user: str = "phone", **options: object
) -> tuple[Tab, FrameLocator]:
    """The assignment in a frame as large as Moodle's on a phone."""
    tab = new_tab(browser.new_context(**options))
    tab.page.goto(where.activity(assignment="shapes", locale=language, user=f"{user}-{language}"))
    resize = (
        "(frame, size) => { frame.style.width = size.width + 'px'; frame.style.height = size.height + 'px' }"
    )
    tab.page.locator("iframe").evaluate(resize, MOODLE_ON_A_PHONE)
    frame = tab.page.frame_locator("iframe")
    expect(frame.get_by_role("button", name=HAND_IN[language])).to_be_visible()
    return tab, frame


@pytest.mark.parametrize("language", ["ko", "en"])
def test_phone_shows_score_due_date_and_button(where: LmsAndTool, browser: Browser, language: str) -> None:
    """Without scrolling, for a student with a score, an extension and a message, which one press brings into view."""
    tab, _frame = shown(browser, where, language)
    with where.web.database.write() as session:
        link = link_of(session, "shapes")
        link.due_at, link.late_rule, link.late_percent = now() + timedelta(days=2, hours=1), "deduct", 10.0
        link.attempts_allowed = 3
        who = session.scalars(select(Person).where(Person.subject == f"phone-{language}")).one()
        made = {"course_link_id": link.id, "person_id": who.id}
        session.add(
            Attempt(received_at=now(), sha256="0" * 64, path="1/x/hand-in.ipynb", state="graded", **made)
        )
        session.add(FinalGrade(score=13.0, maximum=16.0, late=0.0, stale=False, cells={}, **made))
        session.add(Extension(due_at=now() + timedelta(days=9), more_attempts=1, **made))
        session.add(StaffMessage(words="Read section 4.\n" * 12, made_by="Prof. Kim", **made))
    tab.page.context.close()
    tab, frame = shown(browser, where, language)
    expect(frame.locator(".score strong")).to_have_text("13")
    assert_in_view(tab, frame, language)
    assert frame.locator("html").evaluate("page => page.scrollWidth - page.clientWidth") == 0
    frame.locator(".to-messages a").click()
    expect(frame.get_by_text("Read section 4.").first).to_be_in_viewport()
    assert tab.complaints == []
    tab.page.context.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_phone_shows_them_to_who_is_late(where: LmsAndTool, browser: Browser, language: str) -> None:
    """Without scrolling, with the note that it is late."""
    tab, _frame = shown(browser, where, language)
    with where.web.database.write() as session:
        link = link_of(session, "shapes")
        link.due_at, link.attempts_allowed = now() - timedelta(hours=33), 3
    tab.page.context.close()
    tab, frame = shown(browser, where, language, user="late")
    expect(frame.locator(".hand-in .note")).to_be_visible()
    assert_in_view(tab, frame, language)
    tab.page.context.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_phone_shows_them_while_grading_is_delayed(
    where: LmsAndTool, browser: Browser, language: str
) -> None:
    """Without scrolling, to who is late and waits, with the notes of both."""
    tab, _frame = shown(browser, where, language, user="delayed")
    with where.web.database.write() as session:
        link = link_of(session, "shapes")
        link.due_at, link.attempts_allowed = now() - timedelta(hours=33), 3
        who = session.scalars(select(Person).where(Person.subject == f"delayed-{language}")).one()
        made = {"course_link_id": link.id, "person_id": who.id}
        session.add(Attempt(sha256="0" * 64, path="1/x/hand-in.ipynb", state="queued", **made))
    tab.page.context.close()
    tab, frame = shown(browser, where, language, user="delayed")
    expect(frame.locator(".app > .note")).to_be_visible()
    expect(frame.locator(".hand-in .note")).to_be_visible()
    assert_in_view(tab, frame, language)
    tab.page.context.close()


def assert_in_view(tab: Tab, frame: FrameLocator, language: str) -> None:
    """Score, due date and button end within the frame."""
    top = tab.page.locator("iframe").bounding_box()
    assert top is not None
    for one in (".score strong", "dd time", f"button:text-is('{HAND_IN[language]}')"):
        box = frame.locator(one).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= top["y"] + MOODLE_ON_A_PHONE["height"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_tabs_of_staff_stand_in_a_row(where: LmsAndTool, browser: Browser, language: str) -> None:
    """In the frame on a laptop, with something waiting behind three of them, which is said in their names."""
    tab = new_tab(browser.new_context(viewport=MOODLE_ON_A_LAPTOP))
    address = where.activity(assignment="tagging", locale=language, user="teacher-2", role="Instructor")
    tab.page.goto(address)
    expect(tab.page.frame_locator("iframe").locator(".tabs a").first).to_be_visible()
    with where.web.database.write() as session:
        link = link_of(session, "tagging")
        who = session.scalars(select(Person).where(Person.subject == "teacher-2")).one()
        of_link = {"course_link_id": link.id, "person_id": who.id}
        tried = Attempt(sha256="0" * 64, path="1/x/hand-in.ipynb", state="ungraded", **of_link)
        sent = Delivery(score=1.0, maximum=2.0, comment="", state="refused", **of_link)
        session.add_all((tried, sent))
        session.flush()
        session.add(RegradeRequest(attempt_id=tried.id, question="tag", check=""))
    tab.page.goto(address)
    tabs = tab.page.frame_locator("iframe").locator(".tabs a")
    expect(tabs.locator(".due-count")).to_have_count(3)
    assert len(set(tabs.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)"))) == 1
    expect(tab.page.frame_locator("iframe").get_by_role("link", name=REFUSED[language])).to_be_visible()
    with where.web.database.write() as session:
        session.delete(session.get_one(Attempt, tried.id))
        session.delete(session.get_one(Delivery, sent.id))
    assert tab.complaints == []
    tab.page.context.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_file_field(where: LmsAndTool, browser: Browser, tmp_path: Path, language: str) -> None:
    """It speaks the page's language, and shows the name and the size of a file that is chosen or dropped beside it."""
    tab, frame = shown(browser, where, language)
    expect(frame.get_by_text(CHOOSE[language])).to_be_visible()
    (tmp_path / "mine.ipynb").write_text("x" * 34_500)
    frame.locator("#file").set_input_files(tmp_path / "mine.ipynb")
    expect(frame.locator(".chosen")).to_have_text(re.compile(r"^mine[.]ipynb \(35\s?kB\)$"))
    dropped = """page => {
      const data = new DataTransfer();
      data.items.add(new File(["x".repeat(2500000)], "dropped.ipynb"));
      for (const kind of ["dragover", "drop"])
        page.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      return document.querySelector("#file").files[0].name;
    }"""
    assert frame.locator("main").evaluate(dropped) == "dropped.ipynb"
    expect(frame.locator(".chosen")).to_have_text(re.compile(r"^dropped[.]ipynb \(2[.]5\s?MB\)$"))
    assert tab.complaints == []
    tab.page.context.close()


def test_file_field_without_scripts(where: LmsAndTool, browser: Browser) -> None:
    """The browser's own field is there instead."""
    tab = new_tab(browser.new_context(java_script_enabled=False))
    tab.page.goto(where.activity(assignment="shapes"))
    frame = tab.page.frame_locator("iframe")
    frame.get_by_role("button", name="Go on").click()
    expect(frame.get_by_label("Your notebook (.ipynb)")).to_have_css("opacity", "1")
    expect(frame.get_by_text("Choose a file")).to_be_hidden()
    tab.page.context.close()


def test_lms_is_asked_for_a_frame_as_high_as_the_page(where: LmsAndTool, browser: Browser) -> None:
    """The LMS that frames the page gets its height, again when it changes, and nothing else."""
    context = browser.new_context()
    context.add_init_script("window.told = []; addEventListener('message', event => told.push(event.data))")
    tab = new_tab(context)
    tab.page.goto(where.activity(assignment="shapes"))
    root = tab.page.frame_locator("iframe").locator("html")
    tab.page.wait_for_function("told.length > 0")
    for high in (None, 3000):
        if high:
            root.evaluate("(page, high) => { page.querySelector('main').style.height = high + 'px' }", high)
            tab.page.wait_for_function("high => JSON.parse(told.at(-1)).height >= high", arg=high)
        told = json.loads(tab.page.evaluate("told.at(-1)"))
        assert told == {
            "subject": "lti.frameResize",
            "height": root.evaluate("page => Math.ceil(page.getBoundingClientRect().height)"),
        }
    context.close()


def test_window_of_its_own(where: LmsAndTool, browser: Browser) -> None:
    """The same visit opens in a window, to which the browser sends no cookie of the frame."""
    tab = new_tab(browser.new_context())
    tab.page.goto(where.activity(assignment="shapes", role="Instructor", user="teacher-1"))
    frame = tab.page.frame_locator("iframe")
    with tab.page.context.expect_page() as opened:
        frame.get_by_role("button", name="Open in a new window").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Class")
    expect(opened.value.get_by_text("Recurrent networks")).to_be_visible()
    assert opened.value.evaluate("window.opener") is None
    assert tab.complaints == []
    tab.page.context.close()
