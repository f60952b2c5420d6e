"""A whole round in the LMS's frame, in a real browser: handing in, feedback, the score at the LMS, and the teacher."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Frame, Page

from tests.chrome import Browser, Tab, expect, needs_chromium, new_tab, troubles
from tests.markup import MARKUP, OUTPUTS, fetching
from tests.support import copy_course
from tests.web.browser_users import LANGUAGES, NAMES, BrowserUser, browser_user
from tests.web.lms_and_tool import LmsAndTool, lms_and_tool, worker
from tests.web.solved_notebooks import MISTAKE, MISTAKE_FEEDBACK, solved_notebook
from tests.web.worker_course import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long, needs_chromium]
FILE = re.compile(r"/file$|/notebook$|/why/|[.]csv$|\?")
"""Links that lead to a file, to a sealed page, to why these points, or to a page with fewer rows."""


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LmsAndTool]:
    with lms_and_tool(copy_course(tmp_path_factory.mktemp("course"), "shapes")) as made:
        yield made


@pytest.fixture(scope="module")
def students(
    where: LmsAndTool, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, BrowserUser]:
    """A student in each language, who downloaded the notebook and handed it in, before any worker runs."""
    folder, seated = tmp_path_factory.mktemp("downloads"), {}
    for language in LANGUAGES:
        student = seated[language] = browser_user(where, browser, f"student-{language}", language)
        student.open()
        with student.tab.page.expect_download() as download:
            student.page.locator(f'a[hreflang="{language}"]').first.click()
        path = folder / f"{language}.ipynb"
        download.value.save_as(path)
        path.write_bytes(solved_notebook(path, "shapes", wrong=MISTAKE))
        student.page.get_by_label(student.word("file")).set_input_files(path)
        student.press("hand in")
        student.sees(student.word("received"))
    return seated


@pytest.fixture(scope="module")
def running_worker(
    where: LmsAndTool, students: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A worker that runs."""
    with worker(where.web.course.root, tmp_path_factory.mktemp("worker") / "log"):
        yield


@pytest.fixture(scope="module", params=[pytest.param("ko", marks=pytest.mark.full), "en"])
def student(
    request: pytest.FixtureRequest, students: dict[str, BrowserUser], running_worker: None
) -> BrowserUser:
    """A student whose hand-in is graded, and whose score the LMS has: in English, and with `--full` in Korean."""
    found = students[request.param]
    wait_for(lambda: found.where.scores(found.user))
    return found


@pytest.fixture(scope="module")
def teacher(where: LmsAndTool, browser: Browser, student: BrowserUser) -> BrowserUser:
    """A teacher who works in the student's language."""
    return browser_user(where, browser, f"teacher-{student.language}", student.language)


def test_the_feedback_names_the_mistake(student: BrowserUser) -> None:
    """The page that said "received" shows the score and the mistake, by itself."""
    student.sees(MISTAKE_FEEDBACK[student.language])
    expect(student.page.locator("#result .score").first).to_contain_text("13 / 16")
    assert student.tab.complaints == []


def test_the_lms_has_the_score(student: BrowserUser) -> None:
    """The LMS got 13 of 16 with the mistake in words, and the student is told that it did."""
    sent = student.where.scores(student.user)[0]
    assert (sent["scoreGiven"], sent["scoreMaximum"], sent["gradingProgress"]) == (13, 16, "FullyGraded")
    assert MISTAKE_FEEDBACK[student.language] in sent["comment"]
    student.open()
    student.sees(student.word("delivered"))
    assert student.tab.complaints == []


def test_teacher_answers_a_student(student: BrowserUser, teacher: BrowserUser) -> None:
    """What a student asks stands on the teacher's page, and the answer on the student's."""
    student.open()
    student.follow("attempt")
    asking = student.page.locator("#review")
    asking.locator("summary").click()
    asking.locator("select").select_option("bi_final")
    asking.locator("textarea").fill(f"?! {student.language}")
    asking.get_by_role("button").click()
    student.sees(student.word("no answer"))
    teacher.open("Instructor")
    teacher.follow("requests")
    request = teacher.page.locator(".request").filter(has_text=f"?! {student.language}")
    request.get_by_label(teacher.word("answer text"), exact=True).fill(f"!! {student.language}")
    request.get_by_role("button", name=teacher.word("answer")).click()
    expect(teacher.page.get_by_role("status")).to_be_visible()
    student.open()
    student.follow("attempt")
    student.sees(f"!! {student.language}")
    assert student.tab.complaints + teacher.tab.complaints == []


def open_page_of(student: BrowserUser, teacher: BrowserUser) -> None:
    """From the class, where a menu has fields of the same names as the page of a student."""
    name = NAMES[student.language]
    teacher.page.get_by_role("link", name=name, exact=True).click()
    expect(teacher.page.get_by_role("heading", level=1)).to_have_text(name)


def test_points_by_hand_reach_the_lms(student: BrowserUser, teacher: BrowserUser) -> None:
    """A teacher gives the three points that were lost: the LMS gets 16, and the student reads the reason."""
    (question,) = [
        one for one in student.where.web.course.assignment("shapes").questions if one.id == "bi_final"
    ]
    teacher.open("Instructor")
    open_page_of(student, teacher)
    cell = teacher.page.get_by_role("article", name=question.title.in_language(student.language))
    cell.get_by_label(teacher.word("points")).fill("3")
    cell.get_by_label(teacher.word("reason")).fill(f"<b>because</b> {student.language}")
    cell.get_by_role("button", name=teacher.word("give")).click()
    expect(teacher.page.get_by_role("status")).to_be_visible()
    wait_for(lambda: student.where.scores(student.user)[-1]["scoreGiven"] == 16)
    student.open()
    student.sees(f"<b>because</b> {student.language}")
    assert student.tab.complaints + teacher.tab.complaints == []


def test_teacher_s_rules_reach_the_student(student: BrowserUser, teacher: BrowserUser) -> None:
    """Three attempts for everybody and two more for one: the student, who made one, has four left."""
    teacher.open("Instructor")
    teacher.follow("settings")
    teacher.fill("allowed", "3")
    teacher.press("save")
    expect(teacher.page.get_by_role("status")).to_be_visible()
    teacher.open("Instructor")
    open_page_of(student, teacher)
    more = teacher.page.get_by_label(teacher.word("more"))
    granting = teacher.page.locator("details").filter(has=more)
    granting.locator("summary").click()
    more.fill("2")
    granting.get_by_role("button").click()
    expect(teacher.page.get_by_role("status")).to_be_visible()
    student.open()
    student.sees(student.word("four left"))
    assert student.tab.complaints + teacher.tab.complaints == []


@pytest.fixture
def alone(student: BrowserUser, browser: Browser) -> Iterator[Tab]:
    """A tab of its own, for pages outside the frame: what axe asks of a whole page it asks there alone."""
    context = browser.new_context()
    yield new_tab(context)
    context.close()


def test_the_pages_of_a_student(student: BrowserUser, alone: Tab) -> None:
    """Nothing on them keeps anybody out, on a desktop and on a phone: with attempts, with feedback, with nothing."""
    found, page = {}, alone.page
    student.open(alone=alone, user=f"new-{student.language}")
    found["nothing yet"] = troubles(alone)
    student.open(alone=alone)
    found["graded"] = troubles(alone)
    page.get_by_role("link", name=student.word("attempt")).click()
    expect(page.locator("#q-bi_final")).to_be_visible()
    for asking in page.locator("summary").all():
        asking.click()
    found["feedback"] = troubles(alone)
    assert not any(found.values()), found


def test_the_pages_of_staff(student: BrowserUser, alone: Tab) -> None:
    """Nothing on them keeps anybody out, on a desktop and on a phone: all that links lead to, and why these points."""
    found, page = {}, alone.page
    student.open("TeachingAssistant", alone=alone, user="assistant")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    home = page.url
    left = [home]
    while left:
        page.goto(left.pop())
        found[page.url] = troubles(alone)
        links = page.locator("main a, .tabs a").evaluate_all("all => all.map(one => one.href.split('#')[0])")
        # one page of a kind
        kinds = {re.sub(r"\d+", "N", one) for one in (*found, *left)}
        for link in links:
            kind = re.sub(r"\d+", "N", link)
            if link.startswith(home) and not FILE.search(link) and kind not in kinds:
                left.append(link)
                kinds.add(kind)
    page.goto(home)
    page.get_by_role("link", name=NAMES[student.language], exact=True).click()
    page.get_by_role("link", name=student.word("why")).first.click()
    expect(page.get_by_text(student.word("given"), exact=True).first).to_be_visible()
    found["why"] = troubles(alone)
    assert not any(found.values()), {url: wrong for url, wrong in found.items() if wrong}
    assert len(found) == 8


def tab_to(page: Page | Frame, wanted: str) -> None:
    """Press Tab until the focus, which is always to be seen, is on what a selector matches."""
    keyboard = page.keyboard if isinstance(page, Page) else page.page.keyboard
    for _ in range(60):
        keyboard.press("Tab")
        at = "document.activeElement"
        assert page.evaluate(f"{at} === document.body || getComputedStyle({at}).outlineStyle !== 'none'")
        if page.evaluate(f"{at}.matches({wanted!r})"):
            return
    raise AssertionError(f"no way to {wanted} by keyboard")


def test_handing_in_by_keyboard_alone(where: LmsAndTool, browser: Browser, tmp_path: Path) -> None:
    """Tab, Enter and Space are enough to hand in, and it is always to be seen what has the focus."""
    student = browser_user(where, browser, "student-keys", "en")
    path = tmp_path / "my answers.ipynb"
    path.write_bytes(solved_notebook(where.web.course.assignment("shapes").release("en"), "shapes"))
    page = student.tab.page
    page.on("filechooser", lambda chooser: chooser.set_files(path))
    student.open()
    student.sees(student.word("file"))
    tool = page.frame("tool")
    assert tool
    tab_to(tool, "input[type=file]")
    page.keyboard.press("Enter")
    expect(student.page.locator("input[type=file]")).to_have_value(re.compile(re.escape(path.name)))
    tab_to(tool, "button")
    page.keyboard.press("Space")
    expect(student.page.get_by_text(path.name)).to_be_visible()
    assert student.tab.complaints == []
    page.context.close()


def test_asking_for_a_look_by_keyboard_alone(student: BrowserUser, alone: Tab) -> None:
    """From the list of attempts to a question, into a folded one, and to the request: nothing needs a mouse."""
    page, keyboard = alone.page, alone.page.keyboard
    student.open(alone=alone)
    address = page.get_by_role("link", name=student.word("attempt")).get_attribute("href")
    tab_to(page, f'a[href$="{address}"]')
    keyboard.press("Enter")
    expect(page.locator("#q-bi_final")).to_be_visible()
    tab_to(page, '.overview a[href="#q-last_hidden"]')
    keyboard.press("Enter")
    expect(page.locator("#q-last_hidden")).to_be_in_viewport()
    tab_to(page, "#q-last_hidden > summary")
    keyboard.press("Space")
    expect(page.locator("#q-last_hidden pre.code")).to_be_visible()
    tab_to(page, "#review > summary")
    keyboard.press("Enter")
    tab_to(page, "#about")
    keyboard.press("ArrowDown")
    tab_to(page, "#words")
    keyboard.type("by keyboard")
    tab_to(page, "#review button")
    keyboard.press("Space")
    expect(page.locator("blockquote", has_text="by keyboard")).to_be_visible()
    assert alone.complaints == []


@pytest.mark.full
def test_round_without_scripts(student: BrowserUser, browser: Browser, tmp_path: Path) -> None:
    """With scripts off a student hands in and, the page opening anew by itself, reads the feedback."""
    alone = browser_user(
        student.where, browser, f"plain-{student.language}", student.language, java_script_enabled=False
    )
    path = tmp_path / "shapes.ipynb"
    path.write_bytes(
        solved_notebook(
            student.where.web.course.assignment("shapes").release(student.language), "shapes", wrong=MISTAKE
        )
    )
    alone.open()
    alone.page.get_by_role("button", name="Go on").click()
    alone.page.get_by_label(alone.word("file")).set_input_files(path)
    alone.press("hand in")
    alone.sees(MISTAKE_FEEDBACK[alone.language])
    assert alone.tab.complaints == []
    alone.tab.page.context.close()


@pytest.fixture(scope="module")
def hostile(
    where: LmsAndTool, browser: Browser, running_worker: None, tmp_path_factory: pytest.TempPathFactory
) -> BrowserUser:
    """A student who put markup into everything, and whose hand-in is graded."""
    made = browser_user(where, browser, "hostile", "en")
    path = tmp_path_factory.mktemp("hostile") / "<img src=x onerror=document.title='run by name'>.ipynb"
    cells = [
        nbformat.v4.new_markdown_cell(text) for text in (*MARKUP, *fetching(f"{where.lms.address}/trap"))
    ]
    script = "<script>document.title = 'run by answer'</script>"
    answer = f"def bi_final(sequence, units):\n    # </pre>{script}\n    raise ValueError({script!r})\n"
    raw = solved_notebook(
        where.web.course.assignment("shapes").release("en"),
        "shapes",
        wrong={"bi_final": answer},
        cells=[nbformat.v4.new_code_cell(OUTPUTS), *cells],
    )
    path.write_bytes(raw)
    made.open()
    made.page.get_by_label(made.word("file")).set_input_files(path)
    made.press("hand in")
    wait_for(lambda: where.scores("hostile"))
    return made


def test_nothing_that_a_student_wrote_runs(hostile: BrowserUser, browser: Browser) -> None:
    """Neither on the student's pages nor on the teacher's does any markup run, or ask another site for anything."""
    page, where = hostile.tab.page, hostile.where
    hostile.open()
    hostile.follow("attempt")
    hostile.sees("ValueError")
    titles = [_title(page)]
    asking = hostile.page.locator("#review")
    asking.locator("summary").click()
    asking.locator("select").select_option("bi_final")
    asking.locator("textarea").fill("".join(MARKUP)[:900])
    asking.get_by_role("button").click()
    hostile.sees(hostile.word("no answer"))
    titles.append(_title(page))
    hostile.follow("one page")
    expect(hostile.page.locator("body")).to_contain_text("run by answer")
    titles.append(_title(page))
    teacher = browser_user(where, browser, "teacher-h", "en")
    teacher.open("Instructor")
    teacher.follow("requests")
    teacher.sees("run by onerror")
    titles.append(_title(teacher.tab.page))
    assert not [title for title in titles if "run by" in title], titles
    assert not [path for path, _, _ in where.lms.asked if path.startswith("/trap")]
    sites = {urlsplit(url)[:2] for url in hostile.tab.fetched + teacher.tab.fetched}
    assert sites == {urlsplit(where.url)[:2], urlsplit(where.web.base_url)[:2]}
    teacher.tab.page.context.close()


def test_the_browser_would_have_fetched_it(where: LmsAndTool, browser: Browser, tmp_path: Path) -> None:
    """The same markup, not cleaned, does ask the other site: the test before can fail."""
    raw, tab = tmp_path / "raw.html", new_tab(browser.new_context())
    raw.write_text("".join(fetching(f"{where.lms.address}/raw")), encoding="utf-8")
    tab.page.goto(raw.as_uri())
    wait_for(lambda: len({path for path, _, _ in where.lms.asked if path.startswith("/raw")}) > 7)
    tab.page.context.close()


def _title(page: Page) -> str:
    """Of what the frame shows, once it has come to rest."""
    tool = page.frame("tool")
    assert tool
    tool.wait_for_load_state()
    return tool.title()
