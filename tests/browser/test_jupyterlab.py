"""JupyterLab in a browser: an instructor edits a source notebook, and a student asks whether one is complete."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from autograder.authoring.scaffold import new_question
from autograder.course import Course
from tests.chrome import PATIENCE, Browser, Page, needs_chromium
from tests.jupyter import TOKEN, jupyter
from tests.support import cli, course_of_one_question

pytestmark = [needs_chromium, pytest.mark.browser, pytest.mark.seal, pytest.mark.long]
STUDENT = "kim.ipynb"
WORKBENCH = {"width": 1600, "height": 4000}
"""So high that no cell of a notebook is out of sight: JupyterLab draws those alone that are seen."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course with two questions and an essay, and a student's copy of the release beside it."""
    course = course_of_one_question(tmp_path_factory.mktemp("lab") / "course")
    new_question(course, "arithmetic", "add_more")
    new_question(course, "arithmetic", "essay", kind="manual")
    done = cli("build", "--no-solutions", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copy(course.assignment("arithmetic").release("en"), course.root / STUDENT)
    return course


@pytest.fixture(scope="module")
def address(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of JupyterLab in the course's folder."""
    with jupyter(course, tmp_path_factory.mktemp("home"), module="jupyterlab") as address:
        yield address


def opened(browser: Browser, address: str, path: str) -> Page:
    """A notebook in JupyterLab, whose kernel waits."""
    page = browser.new_page(viewport=WORKBENCH)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}lab/tree/{path}?token={TOKEN}&reset")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator(".jp-Notebook .jp-Cell", has_text="check_all_answered()").last.wait_for()
    return page


def save(page: Page) -> None:
    with page.expect_response(lambda one: one.request.method == "PUT" and "/api/contents/" in one.url):
        page.keyboard.press("Control+s")


def cells_of(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["cells"])


def place(cells: list[dict[str, Any]], text: str) -> int:
    """Where the one cell with a text stands."""
    [found] = [number for number, cell in enumerate(cells) if text in "".join(cell["source"])]
    return found


def test_build_keeps_what_an_instructor_did(course: Course, browser: Browser, address: str) -> None:
    """Prose, the order of the questions, and a manual question made in JupyterLab's sidebar are in the release."""
    source = course.assignment("arithmetic").source
    first, second = (place(cells_of(source), f"Complete `{name}") for name in ("add_two", "add_more"))
    assert first < second
    page = opened(browser, address, str(source.relative_to(course.root)))
    notebook = page.locator(".jp-Notebook")

    notebook.locator(".jp-MarkdownOutput", has_text="arithmetic").first.dblclick()
    prose = notebook.locator(".jp-MarkdownCell.jp-mod-active .cm-content")
    prose.fill("# arithmetic\n\nBring a pencil.")
    prose.press("Shift+Enter")

    notebook.locator(".jp-MarkdownOutput", has_text="Complete add_more").click()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    for moved in range(second - first + 1):
        if moved:
            page.locator(".lm-MenuBar-item", has_text="Edit").click()
            page.locator(".lm-Menu-item[data-command='notebook:move-cell-up']").click()
        # cells are drawn one by one, and a command is for those that are drawn as selected
        expect(notebook.locator(".jp-Cell").nth(second - moved)).to_contain_text("Complete add_more")
        expect(notebook.locator(".jp-Cell.jp-mod-selected")).to_have_count(4)

    notebook.locator(".jp-MarkdownOutput", has_text="Bring a pencil").click()
    for text in ("## Why is it so?", "Because of carrying."):
        page.keyboard.press("b")
        page.keyboard.press("m")
        writing = notebook.locator(".jp-MarkdownCell.jp-mod-active .cm-content")
        writing.fill(text)
        writing.press("Control+Enter")
    page.locator("[data-id='nbgrader-create_assignemnt']").click()
    kind = page.locator(".nbgrader-CellWidget.nbgrader-mod-active")
    kind.locator("select").select_option(label="Manually graded answer")
    kind.get_by_label("ID:").fill("why")
    kind.get_by_label("Points:").fill("4")
    kind.get_by_label("Points:").press("Tab")
    save(page)
    page.close()

    done = cli("build", "--no-solutions", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 manually graded cells (7 points)" in " ".join(done.stdout.split())
    cells = cells_of(course.assignment("arithmetic").release("en"))
    order = [place(cells, text) for text in (
        "# arithmetic\n\nBring a pencil.", "Why is it so?", "Complete `add_more", 'check_answered("add_more")',
        "Complete `add_two", 'check_answered("add_two")', "Before you hand in",
    )]  # fmt: skip
    assert order == sorted(order)
    answer = cells[order[1] + 1]
    assert answer["source"] == ["YOUR ANSWER HERE"]
    assert answer["metadata"]["nbgrader"]["points"] == 4
    assert "carrying" not in json.dumps(cells)
    assert "is graded outside" in json.dumps(cells_of(source))


def test_validate_names_what_is_missing(course: Course, browser: Browser, address: str) -> None:
    """nbgrader's button names each question without an answer, and an essay that was not touched."""
    page = opened(browser, address, STUDENT)
    answer = page.locator(".jp-CodeCell", has_text="def add_two").locator(".cm-content")
    answer.fill("def add_two(first, second): return first + second")
    save(page)
    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog", has=page.locator("#validation-message"))
    dialog.wait_for()
    told = dialog.inner_text()
    page.close()
    assert "add_more: not answered yet" in told
    assert "You did not provide a response." in told
    assert "add_two: " not in told
