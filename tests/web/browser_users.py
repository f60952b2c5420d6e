"""People before a browser: what they read on the tool's pages, in the frame of an LMS, and what they do there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import FrameLocator

from tests.chrome import Browser, Tab, expect, new_tab
from tests.web.lms_and_tool import LmsAndTool

LANGUAGES = ("ko", "en")
WORDS = {
    "file": ("노트북 파일(.ipynb)", "Your notebook (.ipynb)"),
    "hand in": ("제출하기", "Hand in"),
    "received": ("제출되었습니다.", "Received."),
    "delivered": ("이 점수는 LMS에 전달되었습니다.", "Your LMS has this score."),
    "attempt": ("1번째", "Attempt 1"),
    "one page": ("한 장으로 보기", "One page to print or keep"),
    "no answer": ("아직 답을 기다리고 있습니다.", "There is no answer yet."),
    "requests": ("재검토 요청", "Requests"),
    "answer": ("답하기", "Answer"),
    "answer text": ("답 (학생이 읽습니다)", "Answer (the student reads it)"),
    "points": ("점수 (0–3)", "Points (0–3)"),
    "reason": ("이유 (학생이 읽습니다)", "Reason (the student reads it)"),
    "give": ("이 점수로 하기", "Give these points"),
    "settings": ("설정", "Settings"),
    "allowed": ("제출 횟수 제한 (비워 두면 제한 없음)", "Attempts allowed (empty: no limit)"),
    "save": ("저장하기", "Save"),
    "more": ("제출 더 허용 (횟수)", "More attempts (number)"),
    "why": ("왜 이 점수인지 보기", "Why these points"),
    "given": ("준 값", "Given"),
    "four left": ("1번 제출함, 4번 남음", "1 made, 4 left"),
}
NAMES = {"ko": "김민지", "en": "O'Neil"}


@dataclass
class BrowserUser:
    """Somebody before a browser who works in one language."""

    where: LmsAndTool
    user: str
    language: str
    tab: Tab

    @property
    def page(self) -> FrameLocator:
        """What the tool shows in the LMS's frame."""
        return self.tab.page.frame_locator("iframe")

    def word(self, name: str) -> str:
        """How a page says something."""
        return WORDS[name][LANGUAGES.index(self.language)]

    def open(self, role: str = "Learner", *, alone: Tab | None = None, user: str = "") -> None:
        """Open the activity in the LMS's frame; or in a tab, outside of it. user: somebody else."""
        url = self.where.activity(
            user=user or self.user,
            name=user or NAMES[self.language],
            role=role,
            locale=self.language,
            assignment="shapes",
            frame=alone is None,
        )
        (alone or self.tab).page.goto(url)

    def press(self, name: str) -> None:
        """Press a button of the tool."""
        self.page.get_by_role("button", name=self.word(name), exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link of the tool, after whose words a tab has a count."""
        self.page.get_by_role("link", name=re.compile(f"^{re.escape(self.word(name))}")).first.click()

    def fill(self, name: str, text: str) -> None:
        """Write into a field of the tool."""
        self.page.get_by_label(self.word(name), exact=True).fill(text)

    def sees(self, text: str) -> None:
        """Wait until the tool shows a text."""
        try:
            expect(self.page.get_by_text(text).first).to_be_visible()
        except AssertionError as error:
            error.add_note(self.tab.state())
            raise


def browser_user(
    where: LmsAndTool, browser: Browser, user: str, language: str, **options: object
) -> BrowserUser:
    """Somebody who sits down before a browser that knows nothing of them."""
    return BrowserUser(where, user, language, new_tab(browser.new_context(**options)))
