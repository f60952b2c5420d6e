"""How many actions a teacher needs for a task: each click, each field filled in and each key pressed is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from autograder.web.db.models import Extension, RegradeRequest, ResourceLink, now
from autograder.web.heartbeat import beat
from tests.chrome import Browser, needs_chromium, new_tab
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, enter, link_of, person, report, standing
from tests.web.loopback import Lms, quick, tool
from tests.web.test_staff_answers import graded

pytestmark = [pytest.mark.browser, pytest.mark.long, needs_chromium]

OTHERS, SEARCHED, REQUESTS = 140, 12, 5


@dataclass
class Teacher:
    """Somebody at a laptop who begins on the page of the class, and whose actions are counted."""

    page: Page
    actions: int = 0

    def click(self, target: Locator) -> None:
        target.first.click()
        self.actions += 1

    def tick(self, target: Locator) -> None:
        target.check()
        self.actions += 1

    def fill(self, target: Locator, text: str) -> None:
        target.first.fill(text)
        self.actions += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.actions += 1

    def find(self, text: str) -> None:
        """Search the class."""
        self.fill(self.page.get_by_role("searchbox"), text)
        self.press("Enter")


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory, other: Lms) -> Iterator[Staff]:
    """A class of two sections, of which twelve are called Kim, a third made the same mistake, and five ask."""
    course = copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")
    names = [f"Student {number:03}" for number in range(OTHERS)] + [
        f"Kim {number:02}" for number in range(SEARCHED)
    ]
    lines = [f"s{place},{name},{'AB'[place % 2]}\n" for place, name in enumerate(names)]
    (course / "roster.csv").write_text("student_id,name,section\n" + "".join(lines), encoding="utf-8")
    with tool(tmp_path_factory.mktemp("web"), course, http=quick()) as web:
        other.register(web.database)
        inside = enter(web, other)
        with web.database.write() as session:
            session.get_one(ResourceLink, link_of(web).id).due_at = MOMENT.replace(year=2097)
        beat(web.course, now())
        for place, name in enumerate(names):
            who = person(web, name, student_id=f"s{place}")
            if place % 3 == 0:
                number = graded(web, who, [report()], f"answer = {place}")
                standing(web, who, number, score=1.0)
                if place < 3 * REQUESTS:
                    add(
                        web,
                        RegradeRequest(
                            attempt_id=number, question="last_hidden", check="", words="Please look."
                        ),
                    )
            elif place == 1:
                attempt(web, who, state="queued", report=None, score=None)
        yield inside


@pytest.fixture
def teacher(browser: Browser, staff: Staff) -> Iterator[Teacher]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([
        {"name": one.name, "value": one.value or "", "url": staff.web.base_url.replace("http:", "https:")}
        for one in staff.browser.cookies
    ])  # fmt: skip
    page = new_tab(context).page
    page.goto(f"{staff.home}staff/")
    yield Teacher(page)
    context.close()


def test_find_a_student_and_her_code(teacher: Teacher) -> None:
    """Two actions find a student, and a third one shows what she handed in."""
    teacher.find("student 099")
    row = teacher.page.get_by_role("link", name="Student 099")
    expect(row).to_be_in_viewport()
    assert teacher.actions <= 2
    teacher.click(row)
    expect(teacher.page.get_by_text("answer = 99")).to_be_visible()
    assert teacher.actions <= 3


def test_extension_for_twelve(teacher: Teacher, staff: Staff) -> None:
    """Twelve students found by a search get an extension in at most 16 actions."""
    page = teacher.page
    teacher.find("kim")
    teacher.tick(page.get_by_label(f"All {SEARCHED} found"))
    teacher.click(page.get_by_text("Extend", exact=True))
    teacher.fill(page.get_by_label("New due date"), "2098-03-01T12:00")
    teacher.click(page.get_by_role("button", name="Grant"))
    expect(page.get_by_text(f"Granted. Students: {SEARCHED}")).to_be_visible()
    assert teacher.actions <= 16
    with staff.web.database.read() as session:
        assert session.scalars(select(func.count()).select_from(Extension)).one() == SEARCHED


def test_five_requests(teacher: Teacher) -> None:
    """Five requests are answered in at most 15 actions."""
    page = teacher.page
    teacher.click(page.get_by_role("link", name=f"Requests {REQUESTS} open", exact=True))
    for left in range(REQUESTS, 0, -1):
        teacher.fill(page.get_by_role("textbox", name="Answer"), "The shape is wrong in the second call.")
        teacher.click(page.get_by_role("button", name="Answer"))
        expect(page.get_by_text("Answered. The student can read it on their page.")).to_be_attached()
        expect(page.locator(".request")).to_have_count(left - 1)
    expect(page.get_by_text("No request waits for an answer.")).to_be_visible()
    assert teacher.actions <= 15


def test_compare_two_sections(teacher: Teacher) -> None:
    """The scores of two sections stand side by side after at most three actions."""
    teacher.click(teacher.page.get_by_role("link", name="Report", exact=True))
    teacher.click(teacher.page.get_by_role("link", name="Sections", exact=True))
    for section in "AB":
        expect(
            teacher.page.locator("#sections").get_by_role("rowheader", name=section, exact=True)
        ).to_be_in_viewport()
    assert teacher.actions <= 3


def test_those_behind_a_mistake(teacher: Teacher) -> None:
    """Whoever made a mistake is listed after at most four actions, and one of them is a link away."""
    page = teacher.page
    teacher.click(page.get_by_role("link", name="Report", exact=True))
    teacher.click(page.locator("#misunderstood summary").filter(has_text="the bias is missing"))
    expect(page.locator("#misunderstood").get_by_text("Student 099 (s99)").first).to_be_visible()
    assert teacher.actions <= 4


def test_state_of_the_queue(teacher: Teacher) -> None:
    """How many wait to be graded, and what was not graded, stands on the first page."""
    expect(teacher.page.get_by_role("link", name="waiting: 1", exact=True)).to_be_in_viewport()
    expect(teacher.page.get_by_role("link", name="not graded (our error): 0", exact=True)).to_be_in_viewport()
    assert teacher.actions == 0
