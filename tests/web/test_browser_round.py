"""A whole round in the LMS's frame, in a real browser: handing in, feedback, the score at the LMS, and the teacher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chrome import Browser, Tab, chromium, expect, needs_chromium, new_tab, troubles
from playwright.sync_api import FrameLocator
from support import copy_course

from web.campus import Campus, campus, worker
from web.solved import MISTAKE, TOLD, solved
from web.working import wait_for

pytestmark = [pytest.mark.browser, needs_chromium]
LANGUAGES = ("ko", "en")
WORDS = {
    "file": ("노트북 파일(.ipynb)", "Your notebook (.ipynb)"),
    "hand in": ("제출하기", "Hand in"),
    "received": ("제출되었습니다.", "Received."),
    "delivered": ("이 점수는 LMS에 전달되었습니다.", "Your LMS has this score."),
    "attempt": ("1번째", "Attempt 1"),
    "wrong?": (
        "채점이 틀린 것 같나요? 사람에게 확인을 부탁하기",
        "Do you think this is wrong? Ask a person to look",
    ),
    "why wrong": ("왜 틀렸다고 생각하나요?", "Why do you think so?"),
    "ask": ("확인 부탁하기", "Ask"),
    "no answer": ("아직 답을 기다리고 있습니다.", "There is no answer yet."),
    "requests": ("재검토 요청", "Requests"),
    "answer": ("답하기", "Answer"),
    "answer text": ("답 (학생이 읽습니다)", "Answer (the student reads it)"),
    "points": ("점수 (0–2)", "Points (0–2)"),
    "reason": ("이유 (학생이 읽습니다)", "Reason (the student reads it)"),
    "give": ("이 점수로 하기", "Give these points"),
    "settings": ("설정", "Settings"),
    "allowed": ("제출 횟수 제한 (비워 두면 제한 없음)", "Attempts allowed (empty: no limit)"),
    "save": ("저장하기", "Save"),
    "more": ("제출 더 허용 (횟수)", "More attempts (number)"),
    "grant": ("허용하기", "Grant"),
    "four left": ("1번 제출함, 4번 남음", "1 made, 4 left"),
}
NAMES = {"ko": "김민지", "en": "O'Neil"}


@dataclass
class Seat:
    """Somebody before a browser who works in one language."""

    where: Campus
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

    def open(self, role: str = "Learner") -> None:
        """Open the activity in the LMS."""
        self.tab.page.goto(
            self.where.activity(
                user=self.user,
                name=NAMES[self.language],
                role=role,
                locale=self.language,
                assignment="shapes",
            )
        )

    def press(self, name: str) -> None:
        """Press a button of the tool."""
        self.page.get_by_role("button", name=self.word(name), exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link of the tool."""
        self.page.get_by_role("link", name=self.word(name), exact=True).first.click()

    def fill(self, name: str, text: str) -> None:
        """Write into a field of the tool."""
        self.page.get_by_label(self.word(name), exact=True).locator("visible=true").first.fill(text)

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
def working(where: Campus, students: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A worker that runs."""
    with worker(where.web.course.root, tmp_path_factory.mktemp("worker") / "log"):
        yield


@pytest.fixture(scope="module", params=LANGUAGES)
def student(request: pytest.FixtureRequest, students: dict[str, Seat], working: None) -> Seat:
    """A student whose hand-in is graded, and whose score the LMS has."""
    found = students[request.param]
    wait_for(lambda: found.where.scores(found.user))
    return found


@pytest.fixture(scope="module")
def teacher(where: Campus, browser: Browser, student: Seat) -> Seat:
    """A teacher who works in the student's language."""
    return seat(where, browser, f"teacher-{student.language}", student.language)


def test_the_feedback_names_the_mistake(student: Seat) -> None:
    """The page that said "received" shows the score and the mistake, by itself."""
    student.sees(TOLD[student.language])
    expect(student.page.locator("#result .score").first).to_contain_text("13 / 15")
    assert student.tab.complaints == []


def test_the_lms_has_the_score(student: Seat) -> None:
    """The LMS got 13 of 15 with the mistake in words, and the student is told that it did."""
    told = student.where.scores(student.user)[0]
    assert (told["scoreGiven"], told["scoreMaximum"], told["gradingProgress"]) == (13, 15, "FullyGraded")
    assert TOLD[student.language] in told["comment"]
    student.open()
    student.sees(student.word("delivered"))
    assert student.tab.complaints == []


def test_a_teacher_answers_a_student(student: Seat, teacher: Seat) -> None:
    """What a student asks stands on the teacher's page, and the answer on the student's."""
    student.open()
    student.follow("attempt")
    asking = student.page.locator("#q-bi_final")
    asking.get_by_text(student.word("wrong?")).click()
    asking.get_by_label(student.word("why wrong")).fill(f"?! {student.language}")
    asking.get_by_role("button", name=student.word("ask"), exact=True).click()
    student.sees(student.word("no answer"))
    teacher.open("Instructor")
    teacher.follow("requests")
    teacher.sees(f"?! {student.language}")
    teacher.fill("answer text", f"!! {student.language}")
    teacher.press("answer")
    expect(teacher.page.get_by_role("status")).to_be_visible()
    student.open()
    student.follow("attempt")
    student.sees(f"!! {student.language}")
    assert student.tab.complaints + teacher.tab.complaints == []


def test_points_by_hand_reach_the_lms(student: Seat, teacher: Seat) -> None:
    """A teacher gives the two points that were lost: the LMS gets 15, and the student reads the reason."""
    (question,) = [one for one in student.where.web.course.questions("shapes") if one.id == "bi_final"]
    teacher.open("Instructor")
    teacher.page.get_by_role("link", name=NAMES[student.language], exact=True).click()
    cell = teacher.page.locator("details").filter(has_text=question.title.in_language(student.language)).first
    cell.locator("summary").click()
    cell.get_by_label(teacher.word("points")).fill("2")
    cell.get_by_label(teacher.word("reason")).fill(f"<b>because</b> {student.language}")
    cell.get_by_role("button", name=teacher.word("give")).click()
    expect(teacher.page.get_by_role("status")).to_be_visible()
    wait_for(lambda: student.where.scores(student.user)[-1]["scoreGiven"] == 15)
    student.open()
    student.sees(f"<b>because</b> {student.language}")
    assert student.tab.complaints + teacher.tab.complaints == []


def test_a_teacher_s_rules_reach_the_student(student: Seat, teacher: Seat) -> None:
    """Three attempts for everybody and two more for one: the student, who made one, has four left."""
    teacher.open("Instructor")
    teacher.follow("settings")
    teacher.fill("allowed", "3")
    teacher.press("save")
    expect(teacher.page.get_by_role("status")).to_be_visible()
    teacher.open("Instructor")
    teacher.page.get_by_role("link", name=NAMES[student.language], exact=True).click()
    teacher.fill("more", "2")
    teacher.press("grant")
    expect(teacher.page.get_by_role("status")).to_be_visible()
    student.open()
    student.sees(student.word("four left"))
    assert student.tab.complaints + teacher.tab.complaints == []


def test_the_pages_of_a_student(student: Seat) -> None:
    """Nothing on them keeps anybody out, on a desktop and on a phone."""
    found, tab = {}, new_tab(student.tab.page.context.browser.new_context())
    tab.page.goto(
        student.where.activity(user=student.user, locale=student.language, assignment="shapes", frame=False)
    )
    home = tab.page.url
    tab.page.get_by_role("link", name=student.word("attempt")).click()
    for url in (home, tab.page.url):
        tab.page.goto(url)
        found[url] = troubles(tab)
    tab.page.goto(
        student.where.activity(
            user=f"new-{student.language}", locale=student.language, assignment="shapes", frame=False
        )
    )
    found["new"] = troubles(tab)
    tab.page.context.close()
    assert not any(found.values()), found


def test_the_pages_of_staff(student: Seat) -> None:
    """Nothing on them keeps anybody out, on a desktop and on a phone."""
    tab = new_tab(student.tab.page.context.browser.new_context())
    tab.page.goto(
        student.where.activity(
            user="teacher-a", role="Instructor", locale=student.language, assignment="shapes", frame=False
        )
    )
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    left, found = [tab.page.url], {}
    while left:
        url = left.pop()
        tab.page.goto(url)
        found[url] = troubles(tab)
        for link in tab.page.locator("main a").evaluate_all("all => all.map(one => one.href.split('#')[0])"):
            inside = link.startswith(student.where.web.base_url) and "csv" not in link and "/file" not in link
            if inside and link not in found and link not in left:
                left.append(link)
    tab.page.context.close()
    print(len(found), list(found))
    assert not any(found.values()), {url: wrong for url, wrong in found.items() if wrong}
