"""The feedback page in a real browser: nothing that a student wrote runs in it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Literal

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.feedback.cards import CellGrade
from autograder.grading.report import CheckResult, Report
from autograder.notebooks.stamp import new_notebook
from autograder.text import Text
from tests.chrome import Browser, needs_chromium, new_tab, troubles
from tests.feedback.samples import answer, grade_cell, notebook
from tests.feedback.samples import page as render_page
from tests.markup import MARKUP, OUTPUTS, RUNS
from tests.support import ROOT, cli, small_course

pytestmark = [pytest.mark.browser, needs_chromium]

PASTED = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
ANSWER = """
def add_two(first, second):
    # </pre><script>document.title = 'run by answer'</script>
    raise ValueError("<script>document.title = 'run by message'</script>")
"""


def open_in(browser: Browser, page: Path) -> str:
    """The page's document after its scripts have run."""
    tab = new_tab(browser.new_context())
    tab.page.goto(page.as_uri())
    tab.page.evaluate("new Promise(done => requestIdleCallback(() => setTimeout(done)))")
    document = tab.page.content()
    tab.page.context.close()
    return document


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feedback page of a student who put markup into everything."""
    root = small_course(tmp_path_factory.mktemp("hostile") / "course")
    course = Course.open(root)
    new_question(course, "arithmetic", "add_two")
    source = new_notebook("arithmetic", course.languages)
    picture = "![One cell at every step, with the same weights](../pictures/unrolled.png)"
    source.cells.append(nbformat.v4.new_markdown_cell(picture, id="picture"))
    course.assignment("arithmetic").source.parent.mkdir(parents=True)
    course.assignment("arithmetic").source.write_text(nbformat.writes(source), encoding="utf-8")
    shutil.copytree(ROOT / "source" / "pictures", course.pictures)
    build(course, solutions=False)
    notebook = json.loads(course.assignment("arithmetic").release("en").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "add_two":
            cell["source"] = ANSWER
    code = {
        "cell_type": "code",
        "id": "out",
        "metadata": {},
        "source": OUTPUTS,
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"].insert(1, code)
    for place, text in enumerate([*MARKUP, "![mine](attachment:unrolled.png)"]):
        cell = {"cell_type": "markdown", "id": f"m{place}", "metadata": {}, "source": text}
        notebook["cells"].append(cell | {"attachments": {"unrolled.png": {"image/png": PASTED}}})
    target = root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    assert cli("grade", cwd=root).returncode == 0
    return root / "feedback" / "kim" / "arithmetic" / "arithmetic.html"


def test_nothing_a_student_wrote_runs(browser: Browser, page: Path) -> None:
    """The title, which each piece of markup tries to change, stays."""
    document = open_in(browser, page)
    assert "<title>arithmetic – Feedback</title>" in document
    assert '<article class="card errored" id="q-add_two"' in document


def test_no_link_of_a_student_could_run(browser: Browser, page: Path) -> None:
    """No address in the document is a script, and no formula holds a link; what is shown as typed is no formula."""
    tab = new_tab(browser.new_context())
    tab.page.goto(page.as_uri())
    assert tab.page.locator("[href^='javascript' i], [action^='javascript' i]").count() == 0
    prose = tab.page.evaluate(
        "document.querySelectorAll('pre').forEach(one => one.remove()); document.body.innerText"
    )
    tab.page.context.close()
    assert "\\href{" not in prose


def test_no_pasted_picture_is_shown(browser: Browser, page: Path) -> None:
    """The page shows plots that the notebook drew, and no picture of anybody else's."""
    tab = new_tab(browser.new_context())
    tab.page.goto(page.as_uri())
    shown = tab.page.evaluate("document.images.length")
    tab.page.context.close()
    assert shown == 0


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of twelve questions, of which six are wrong and one waits for a person."""
    cells = []
    for number in range(12):
        outcome = "failed" if number < 6 else "passed"
        formula = "`4·units² + 4·units·input_dim + 4·units·timesteps + 4·units`"
        explanation = Text(ko=f"{formula}입니다.", en=f"it is {formula}")
        check = CheckResult("c", Text(en="counts the parameters of a layer of any size"), outcome, 2.0)
        result = Report(
            f"q{number}",
            Text(en=f"Problem {number}"),
            2.0,
            (check,),
            computed=(explanation,) if number < 6 else (),
        )
        cells += [
            answer(f"q{number}", f"def q{number}(units):\n    return 4 * units ** 2  # {'x' * 120}"),
            grade_cell(result),
        ]
    cells += [answer("essay", "Because of **gates**.", "markdown", grade=True, points=5)]
    path = tmp_path_factory.mktemp("long") / "long.html"
    path.write_text(render_page(notebook(*cells), {"essay": CellGrade(0, 5, waiting=True)}), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(
    browser: Browser, long_page: Path, scheme: Literal["light", "dark"]
) -> None:
    """axe finds nothing, folded or open, on a phone and on a desktop, and the page asks for nothing."""
    tab = new_tab(browser.new_context(color_scheme=scheme))
    tab.page.goto(long_page.as_uri())
    found = troubles(tab)
    tab.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found += troubles(tab)
    fetched = tab.fetched
    tab.page.context.close()
    assert found == []
    assert fetched == [long_page.as_uri()]


def test_it_prints_on_two_pages(browser: Browser, long_page: Path) -> None:
    """On A4, with its folded answers on one line each."""
    tab = new_tab(browser.new_context())
    tab.page.goto(long_page.as_uri())
    printed = tab.page.pdf(format="A4", print_background=True)
    tab.page.context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


@pytest.mark.parametrize("markup", RUNS, ids=lambda one: re.search("run by ([a-z]+)", one)[1])
def test_the_browser_would_have_run_it(browser: Browser, tmp_path: Path, markup: str) -> None:
    """The same markup, not cleaned, does change the title: these tests can fail."""
    raw = tmp_path / "raw.html"
    raw.write_text(f"<html><title>kept</title><body>{markup}</body></html>", encoding="utf-8")
    assert "<title>run by " in open_in(browser, raw)
