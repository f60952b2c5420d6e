"""A file that is refused, in a real browser: what a student reads before it is sent or after, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chrome import Browser, expect, needs_chromium
from tests.support import copy_course
from tests.web.browser_users import LANGUAGES, BrowserUser, browser_user
from tests.web.lms_and_tool import LmsAndTool, lms_and_tool

pytestmark = [pytest.mark.browser, needs_chromium]
NOT_SENT = {
    "ko": "파일이 너무 커서 보내지 않았습니다. 10 MB까지",
    "en": "at most 10 MB can be handed in, this is 40.0 MB. Clear",
}
NOT_ACCEPTED = {"ko": "10 MB까지 받는데", "en": "at most 10 MB can be handed in, this is 40.0 MB."}
ARCHIVE = {"ko": "압축 파일(.zip 등)입니다", "en": "is an archive (such as .zip)"}


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LmsAndTool]:
    with lms_and_tool(copy_course(tmp_path_factory.mktemp("course"), "shapes")) as made:
        yield made


@pytest.fixture(params=LANGUAGES)
def student(request: pytest.FixtureRequest, where: LmsAndTool, browser: Browser) -> Iterator[BrowserUser]:
    """A student who has opened the assignment."""
    made = browser_user(where, browser, f"student-{request.param}", request.param)
    made.open()
    yield made
    made.tab.page.context.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A notebook of 40 MB, as it becomes with many plots in it."""
    path = tmp_path / "large.ipynb"
    path.write_bytes(b" " * 40_000_000)
    return path


def test_large_file_is_told_before_it_is_sent(student: BrowserUser, large: Path, tmp_path: Path) -> None:
    """When it is chosen; the button sends nothing, and takes another file at once."""
    sent: list[str] = []
    student.tab.page.on("request", lambda request: sent.append(request.url.rpartition("/")[2]))
    field = student.page.get_by_label(student.word("file"))
    field.set_input_files(large)
    student.sees(NOT_SENT[student.language])
    student.press("hand in")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "hand-in" not in sent
    field.set_input_files({"name": "homework.ipynb", "mimeType": "", "buffer": b"PK\x03\x04"})
    expect(student.page.get_by_text(NOT_SENT[student.language])).to_have_count(0)
    student.press("hand in")
    student.sees(ARCHIVE[student.language])
    assert "hand-in" in sent


def test_large_file_is_told_by_our_page_without_scripts(
    where: LmsAndTool, browser: Browser, large: Path
) -> None:
    """In either language, with a way back; not by the web server."""
    student = browser_user(where, browser, "no-script", "en", java_script_enabled=False)
    student.open()
    student.page.get_by_role("button", name="Go on").click()
    student.page.get_by_label(student.word("file")).set_input_files(large)
    student.press("hand in")
    for text in NOT_ACCEPTED.values():
        student.sees(text)
    student.page.get_by_role("link", name="Back to the assignment").click()
    expect(student.page.get_by_label(student.word("file"))).to_be_visible()
    student.tab.page.context.close()


def test_refusal_that_is_opened_again_leads_back(student: BrowserUser) -> None:
    """A reload of its address shows the assignment."""
    file = {"name": "homework.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04"}
    student.page.get_by_label(student.word("file")).set_input_files(file)
    student.press("hand in")
    student.sees(ARCHIVE[student.language])
    (frame,) = [frame for frame in student.tab.page.frames if frame.url.endswith("/hand-in")]
    frame.goto(frame.url)
    expect(student.page.get_by_label(student.word("file"))).to_be_visible()
