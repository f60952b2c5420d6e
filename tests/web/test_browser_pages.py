"""Every page, in a real browser: nothing that keeps people out of it, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from autograder.web.lti.dynamic_registration import invite
from tests.chrome import Browser, Tab, expect, needs_chromium, new_tab, troubles
from tests.support import copy_course
from tests.web.lms_and_tool import LmsAndTool, lms_and_tool
from tests.web.test_lti_registering import offer

pytestmark = [pytest.mark.browser, needs_chromium]
LANGUAGES = pytest.mark.parametrize("language", ["ko", "en"])


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LmsAndTool]:
    with lms_and_tool(copy_course(tmp_path_factory.mktemp("course"), "shapes", "tagging")) as made:
        yield made


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    context = browser.new_context()
    yield new_tab(context)
    context.close()


def test_refused(where: LmsAndTool, tab: Tab) -> None:
    """A page that tells what went wrong, with the values that an administrator needs."""
    login = {"iss": "https://elsewhere.example.org/a-long-address", "login_hint": "7", "target_link_uri": "x"}
    for address in ("/nothing", f"/lti/login?{urlencode(login)}"):
        tab.page.goto(f"{where.web.base_url}{address}")
        # the browser tells of the status itself
        tab.complaints[:] = [one for one in tab.complaints if "responded with a status of 40" not in one]
        assert troubles(tab) == [], address


def test_new_window(where: LmsAndTool, tab: Tab) -> None:
    """The page that asks for a window of its own."""
    login = {"iss": where.url, "client_id": "client-1", "login_hint": "7", "target_link_uri": "x"}
    way = where.web.app.test_client().get(f"/lti/login?{urlencode(login)}").headers["Location"]
    tab.page.goto(f"{where.web.base_url}{way}")
    expect(tab.page.get_by_role("link", name="Open the assignment in a new window")).to_be_visible()
    assert troubles(tab) == []


def test_registered(where: LmsAndTool, tab: Tab) -> None:
    """The page that an administrator of an LMS sees last."""
    offer(where.lms)
    where.lms.answer("/register", 201, {"client_id": "client-2"})
    query = urlencode({"openid_configuration": f"{where.lms.address}/config"})
    tab.page.goto(f"{invite(where.web.database, where.web.base_url)}?{query}")
    expect(tab.page.get_by_role("heading", name="Registered")).to_be_visible()
    assert troubles(tab) == []


@LANGUAGES
def test_picking(where: LmsAndTool, tab: Tab, language: str) -> None:
    """The page where a teacher picks an assignment."""
    tab.page.goto(where.activity(picking=True, role="Instructor", locale=language, frame=False))
    expect(tab.page.get_by_role("radio")).to_have_count(2)
    assert troubles(tab) == []


def test_page_that_keeps_people_out_is_found(tab: Tab) -> None:
    """What is wrong with a page that has one of each: the tests before can fail."""
    page = "<h1>x</h1><input><p style='width: 400px'>wide</p><script>console.error('broken')</script>"
    cells = "<td style='max-width: 20px; overflow-wrap: anywhere'>graded<td><button style='width: 9px'>Send</button>"
    page += f"<table>{cells}</table><p>one</p><p style='margin-top: -30px'>two</p><p>at 12:34:56</p>"
    page += "<div style='border: 1px solid; width: 9px'>frame</div>"
    tab.page.set_content(f"<!doctype html><html lang=en><title>x</title><body><main>{page}</main>")
    found = "\n".join(troubles(tab))
    assert "Form elements must have labels" in found
    assert "pixels wider than the window" in found
    assert "error: broken" in found
    assert "broken word: graded" in found
    assert "text beyond its box: Send" in found
    assert "text over text: one / two" in found
    assert "text beyond its frame: frame" in found
    assert "seconds: at 12:34:56" in found
