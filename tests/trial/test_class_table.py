"""The tasks of a teacher at the table of a class that was graded by a trial of the tool, in the frame of its LMS."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page

from autograder.course import Course
from autograder.trial.run import Trial, trial
from autograder.trial.simulated_class import SimulatedStudent, hand_ins, students
from tests.chrome import Browser, expect, needs_chromium, new_tab
from tests.support import copy_course
from tests.web.worker_course import wait_for

pytestmark = [pytest.mark.long, pytest.mark.full, pytest.mark.seal, pytest.mark.browser, needs_chromium]

CLASS = 24
LANGUAGES = ("ko", "en")
LAPTOP, PHONE = (1280, 800), (390, 844)
WORDS = {
    "people": ("학생", "Student"),
    "waiting": ("채점 대기: 0", "waiting: 0"),
    "all found": ("찾은 {n}명 모두", "All {n} found"),
    "selected": ("{n}명 선택", "{n} selected"),
    "extend": ("연장", "Extend"),
    "due": ("새 기한", "New due date"),
    "grant": ("허용하기", "Grant"),
    "granted": ("허용했습니다. 학생 수: {n}", "Granted. Students: {n}"),
    "report": ("보고서", "Report"),
    "sections": ("분반", "Sections"),
    "section": ("분반", "Section"),
    "find": ("찾기", "Find"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A trial whose class is graded, and whose LMS has all scores."""
    folder = copy_course(tmp_path_factory.mktemp("trial") / "course", "shapes")
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('c.CourseSettings.due = {"shapes": "2097-03-01T12:00+00:00"}\n')
    with trial(Course.open(folder), listen="127.0.0.1:0", jobs=2, class_size=CLASS) as running:
        wait_for(lambda: running.check() or len(running.lms.scores) == running.hands_in)
        yield running


@dataclass
class Teacher:
    """A teacher who has opened the activity, at a laptop or with a phone."""

    tab: Page
    language: str
    notebooks: dict[SimulatedStudent, bytes]
    """The notebooks of the class."""

    @property
    def speakers(self) -> list[SimulatedStudent]:
        """Return the students who handed in and whose names are in the teacher's language."""
        return [student for student in self.notebooks if student.language == self.language]

    @property
    def page(self) -> FrameLocator:
        """Return the frame in which the LMS shows the tool."""
        return self.tab.frame_locator("iframe")

    def word(self, name: str) -> str:
        """Return the words of a page in the teacher's language."""
        return WORDS[name][LANGUAGES.index(self.language)].format(n=len(self.speakers))

    def find(self, text: str) -> None:
        """Search the class."""
        self.page.get_by_role("searchbox").fill(text)
        self.tab.keyboard.press("Enter")

    def open(self, link: str) -> None:
        """Open what a link leads to."""
        self.page.get_by_role("link", name=link, exact=True).click()


@pytest.fixture(scope="module")
def notebooks(graded: Trial) -> dict[SimulatedStudent, bytes]:
    """The notebooks that the class handed in."""
    return dict(hand_ins(graded.course, "shapes", students(graded.course, CLASS)))


@pytest.fixture(params=[LAPTOP, PHONE], ids=["laptop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height of the window in pixels."""
    return request.param


@pytest.fixture(params=LANGUAGES)
def teacher(
    request: pytest.FixtureRequest,
    size: tuple[int, int],
    browser: Browser,
    graded: Trial,
    notebooks: dict[SimulatedStudent, bytes],
) -> Iterator[Teacher]:
    """A teacher in each language at each size, and a browser that has nothing to complain of."""
    tab = new_tab(browser.new_context(viewport={"width": size[0], "height": size[1]}))
    tab.page.goto(graded.url(request.param, teacher=True))
    opened = Teacher(tab.page, request.param, notebooks)
    tab.page.locator(".doors a").first.click()
    expect(opened.page.get_by_role("searchbox")).to_be_visible()
    yield opened
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.page.frames[-1].evaluate(wider) <= 0
    assert tab.complaints == []
    tab.page.context.close()


def test_state_of_the_queue_is_in_view(teacher: Teacher) -> None:
    """Nothing waits to be graded any more, and the first page says so."""
    expect(teacher.page.get_by_role("link", name=teacher.word("waiting"), exact=True)).to_be_in_viewport()


def test_find_a_student_and_her_code(teacher: Teacher) -> None:
    """The page of a student shows an answer that she handed in."""
    student = teacher.speakers[0]
    cells = json.loads(teacher.notebooks[student])["cells"]
    codes = {"".join(cell["source"]).strip() for cell in cells if cell["cell_type"] == "code"}
    teacher.find(student.id)
    teacher.open(student.name)
    expect(teacher.page.get_by_role("heading", level=1, name=student.name)).to_be_visible()
    assert {text.strip() for text in teacher.page.locator("pre").all_text_contents()} & (codes - {""})


def test_extension_for_all_that_were_found(teacher: Teacher, size: tuple[int, int]) -> None:
    """Those whom a search found get a later due date, and each row says so."""
    due = f"{2098 if size == LAPTOP else 2099}-03-01T12:00"  # the later one has to be later than the first
    teacher.find(teacher.word("people"))
    teacher.page.get_by_label(teacher.word("all found")).check()
    expect(teacher.page.locator("output")).to_have_text(teacher.word("selected"))
    teacher.page.get_by_text(teacher.word("extend"), exact=True).click()
    teacher.page.get_by_label(teacher.word("due")).fill(due)
    teacher.page.get_by_role("button", name=teacher.word("grant")).click()
    expect(teacher.page.get_by_text(teacher.word("granted"))).to_be_visible()
    expect(teacher.page.locator("tbody time")).to_have_count(len(teacher.speakers))


def test_scores_of_those_selected_as_a_file(teacher: Teacher) -> None:
    """CSV holds those who are selected, with their sections."""
    teacher.find(teacher.word("people"))
    teacher.page.get_by_label(teacher.word("all found")).check()
    with teacher.tab.expect_download() as downloaded:
        teacher.page.get_by_role("button", name="CSV").click()
    text = Path(downloaded.value.path()).read_text(encoding="utf-8-sig")
    rows = [*csv.reader(io.StringIO(text))]
    assert {(row[0], row[3]) for row in rows[1:]} == {
        (student.name, student.section) for student in teacher.speakers
    }


def test_table_is_narrowed_to_one_section(teacher: Teacher) -> None:
    """The table shows the students of the section that was chosen, and nobody else."""
    teacher.page.get_by_label(teacher.word("section"), exact=True).select_option("B")
    teacher.page.get_by_role("button", name=teacher.word("find")).click()
    of_section = [student for student in teacher.notebooks if student.section == "B"]
    expect(teacher.page.locator("tbody tr")).to_have_count(len(of_section))


def test_compare_two_sections(teacher: Teacher) -> None:
    """The report has a row for each section."""
    teacher.open(teacher.word("report"))
    parts = teacher.page.locator("nav.sections")
    parts.get_by_role("link", name=teacher.word("sections"), exact=True).click()
    for section in "AB":
        expect(
            teacher.page.locator("#sections").get_by_role("rowheader", name=section, exact=True)
        ).to_be_in_viewport()


def test_those_behind_a_mistake(teacher: Teacher) -> None:
    """The report names who made the most frequent mistake."""
    teacher.open(teacher.word("report"))
    teacher.page.locator("#misunderstood summary").first.click()
    names = teacher.page.locator("#misunderstood details[open] .people")
    expect(names).to_be_visible()
    handed_in = {f"{student.name} ({student.id})" for student in teacher.notebooks}
    assert {*names.inner_text().split(", ")} <= handed_in
