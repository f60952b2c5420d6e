"""A whole round in the LMS's frame, in a real browser: handing in, feedback, the score at the LMS, and the teacher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chrome import Browser, Tab, chromium, expect, needs_chromium, new_tab
from playwright.sync_api import FrameLocator
from support import copy_course

from web.campus import Campus, campus
from web.solved import MISTAKE, TOLD, solved
from web.working import until, worker

pytestmark = [pytest.mark.browser, needs_chromium]
LANGUAGES = ("ko", "en")
WORDS = {
    "file": ("노트북 파일(.ipynb)", "Your notebook (.ipynb)"),
    "hand in": ("제출하기", "Hand in"),
    "received": ("제출되었습니다.", "Received."),
    "graded": ("채점이 끝났습니다", "Graded"),
    "delivered": ("이 점수는 LMS에 전달되었습니다.", "Your LMS has this score."),
    "assignment": ("과제로 돌아가기", "Back to the assignment"),
    "attempt": ("1번째", "Attempt 1"),
}


@dataclass
class Seat:
    """Somebody before a browser who works in one language."""

    where: Campus
    user: str
    language: str
    tab: Tab
    framed: bool = True

    @property
    def page(self) -> FrameLocator:
        """What the tool shows in the LMS's frame."""
        return self.tab.page.frame_locator("iframe")

    def word(self, name: str) -> str:
        """How a page says something."""
        return WORDS[name][LANGUAGES.index(self.language)]

    def open(self, role: str = "Learner") -> None:
        """Open the activity in the LMS."""
        self.tab.page.goto(
            self.where.activity(user=self.user, role=role, locale=self.language, assignment="shapes")
        )

    def press(self, name: str) -> None:
        """Press a button of the tool."""
        self.page.get_by_role("button", name=self.word(name), exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link of the tool."""
        self.page.get_by_role("link", name=self.word(name), exact=True).first.click()

    def sees(self, text: str) -> None:
        """Wait until the tool shows a text."""
        expect(self.page.get_by_text(text).first).to_be_visible()


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    with campus(copy_course(tmp_path_factory.mktemp("course"), "shapes")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def seat(where: Campus, browser: Browser, user: str, language: str, **options: object) -> Seat:
    return Seat(where, user, language, new_tab(browser.new_context(**options)))


@pytest.fixture(scope="module")
def students(where: Campus, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seat]:
    """A student in each language, who downloaded the notebook and handed it in, before any worker runs."""
    folder, seated = tmp_path_factory.mktemp("downloads"), {}
    for language in LANGUAGES:
        student = seated[language] = seat(where, browser, f"student-{language}", language)
        student.open()
        with student.tab.page.expect_download() as download:
            student.page.locator(f'a[hreflang="{language}"]').first.click()
        path = folder / f"{language}.ipynb"
        download.value.save_as(path)
        path.write_bytes(solved(path, "shapes", wrong=MISTAKE))
        student.page.get_by_label(student.word("file")).set_input_files(path)
        student.press("hand in")
        student.sees(student.word("received"))
    return seated


@pytest.fixture(scope="module")
def working(where: Campus, students: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A worker that runs; its log."""
    log = tmp_path_factory.mktemp("worker") / "log"
    with worker(where.web.course.root, log):
        yield log


@pytest.fixture(scope="module", params=LANGUAGES)
def student(request: pytest.FixtureRequest, students: dict[str, Seat], working: Path) -> Seat:
    """A student whose hand-in is graded."""
    found = students[request.param]
    until(lambda: found.where.scores(found.user), log=working)
    return found


def test_the_feedback_names_the_mistake(student: Seat) -> None:
    """The page that said "received" shows the score and the mistake, by itself."""
    student.sees(TOLD[student.language])
    expect(student.page.locator("#result .score").first).to_contain_text("13 / 15")
    assert student.tab.complaints == []


def test_the_lms_has_the_score(student: Seat) -> None:
    """The LMS got 13 of 15 with the mistake in words, and the student is told that it did."""
    (told,) = student.where.scores(student.user)
    assert (told["scoreGiven"], told["scoreMaximum"], told["gradingProgress"]) == (13, 15, "FullyGraded")
    assert TOLD[student.language] in told["comment"]
    student.open()
    student.sees(student.word("delivered"))
    assert student.tab.complaints == []
