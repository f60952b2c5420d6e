"""Launches in the LMS's frame, in a real browser that keeps third-party cookies from every site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chrome import Browser, chromium_with, expect, needs_chromium, new_tab
from tests.support import copy_course
from tests.web.lms_and_tool import LmsAndTool, lms_and_tool

pytestmark = [pytest.mark.browser, needs_chromium]
TITLE = {"ko": "순환층의 출력 모양", "en": "Output shapes of recurrent layers"}
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
