"""formgrader in a browser: what it lists, grades, shows and saves, and that nothing a student wrote runs there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from tests.chrome import PATIENCE, chromium, needs_chromium
from tests.cli.test_grade import RIGHT, WRONG, hand_in, scores
from tests.jupyter import TOKEN, jupyter
from tests.markup import MARKUP
from tests.support import cli, course_of_one_question

pytestmark = [needs_chromium, pytest.mark.browser, pytest.mark.seal, pytest.mark.long]
DIAGRAM = '```mermaid\n</pre><img src="x" onerror="document.title = \'run by diagram\'">\n```'
FIELDS_READY = "formgrader.grades?.loaded && formgrader.comments?.loaded"
PROSE = "My *own* words, as [here](https://example.org)."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded submission with cells of the student's own."""
    course = course_of_one_question(tmp_path_factory.mktemp("formgrader") / "course")
    notebook = json.loads(course.assignment("arithmetic").release("en").read_text(encoding="utf-8"))
    written = [*(("markdown", one) for one in (*MARKUP, DIAGRAM, PROSE)), *(("raw", one) for one in MARKUP)]
    for number, (kind, source) in enumerate(written):
        notebook["cells"].append({"cell_type": kind, "id": f"own{number}", "metadata": {}, "source": source})
    target = course.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    done = cli("grade", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return course


def test_nothing_that_a_student_wrote_runs_in_formgrader(course: Course, tmp_path: Path) -> None:
    """Scripts and what would run as one are shown as they were typed; plain prose is shown as prose."""
    with Gradebook(course.gradebook_url) as gradebook:
        [notebook] = gradebook.find_submission("arithmetic", "kim").notebooks
        page_id = notebook.id
    with jupyter(course, tmp_path) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}formgrader/submissions/{page_id}/?token={TOKEN}", wait_until="load")
        page.evaluate("new Promise(done => requestIdleCallback(() => setTimeout(done)))")
        assert "add_two" in page.inner_text("body")
        assert "run by" not in page.title()
        assert page.locator("a[href^='javascript']").count() == 0
        assert page.inner_text("body").count("run by script") == 2
        assert page.locator("em", has_text="own").count() == 1
        assert page.locator("a[href='https://example.org']").count() == 1


Row = tuple[str, str, float | None, float | None, bool]


def rows(course: Course) -> list[Row]:
    """Each grade of the gradebook: student, cell, both scores, and whether it waits for a person."""
    with Gradebook(course.gradebook_url) as gradebook:
        return sorted(
            (of.student.id, one.name, one.auto_score, one.manual_score, one.needs_manual_grade)
            for of in gradebook.assignment_submissions("arithmetic")
            for notebook in of.notebooks
            for one in notebook.grades
        )


def test_assignment_is_listed_graded_and_scored_by_hand(tmp_path: Path) -> None:
    """The button writes the rows of `autograder grade`; the page shows outcomes and a plot, and saves what is typed."""
    course = course_of_one_question(tmp_path / "course")
    new_question(course, "arithmetic", "drawing", kind="manual-code")
    build(course, solutions=False)
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9]);"
    hand_in(course, "kim", {"add_two": RIGHT, "drawing": plot})
    hand_in(course, "lee", {"add_two": WRONG, "drawing": plot})
    by_command = Course.open(shutil.copytree(course.root, tmp_path / "by command"))
    assert cli("grade", cwd=by_command.root).returncode == 0
    with jupyter(course, tmp_path) as address, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}login?token={TOKEN}")
        page.goto(f"{address}formgrader")
        row = page.locator("tr", has_text="arithmetic")
        assert row.locator(".num-submissions").inner_text() == "2"
        row.locator(".num-submissions a").click()
        for student in ("kim", "lee"):
            page.locator("tr", has_text=student).locator(".autograde a").click()
            modal = page.locator(".modal", has_text=f"'{student}'")
            modal.get_by_role("button", name="OK").click()
            modal.wait_for(state="detached")
        assert rows(course) == rows(by_command)

        page.get_by_role("link", name="Manual Grading").click()
        page.get_by_role("link", name="arithmetic").click()
        page.get_by_role("link", name="arithmetic").last.click()
        page.locator("tr", has_text="0 / 5").get_by_role("link", name="Submission").click()
        cells = page.locator(".cell")
        outcomes = cells.filter(has=page.locator("#add_two-check"))
        assert "Score: 0 / 2" in outcomes.inner_text()
        assert "The numbers were multiplied, not added." in outcomes.inner_text()
        drawing = cells.filter(has=page.locator("#drawing"))
        page.wait_for_function(FIELDS_READY)  # what is typed earlier is not saved
        assert drawing.locator("img").evaluate("picture => picture.naturalWidth") > 100
        for field, text in (("#drawing", "2.5"), ("#drawing-comment", "Label the axes.")):
            with page.expect_response(lambda response: response.request.method == "PUT"):
                page.fill(field, text)
                page.press(field, "Tab")
        page.reload()
        page.wait_for_function(FIELDS_READY)
        assert page.input_value("#drawing") == "2.5"
        assert page.input_value("#drawing-comment") == "Label the axes."
    given = [row[:1] + row[2:] for row in rows(course) if row[1] == "drawing" and row[3] is not None]
    assert given == [("lee", None, 2.5, False)]


@pytest.mark.full
def test_its_button_grades_each_submission_within_limits(tmp_path: Path) -> None:
    """What does not end, or is too much to read, is told for that submission; formgrader grades the next one."""
    course = course_of_one_question(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(
            "import autograder.nbgrader.submission_reader\nfrom autograder.sandbox.budget import Budget\n"
        )
        config.write("autograder.nbgrader.submission_reader.BUDGET = Budget(memory_mb=200)\n")
        config.write("c.CourseSettings.limits = {'call': 2}\n")
    hand_in(
        course, "kim", {"add_two": "def {name}(a, b):\n    import threading\n    threading.Event().wait()"}
    )
    # four bytes a letter once it is read
    hand_in(course, "lee", {}, edit=lambda notebook: notebook.update(long="a" * 45_000_000 + "😀"))
    hand_in(course, "zoe", {"add_two": "def {name}(a, b):\n    return a + b"})
    reported = {}
    with jupyter(course, tmp_path) as address, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}login?token={TOKEN}")
        page.goto(f"{address}formgrader/manage_submissions/arithmetic")
        for student in ("kim", "lee", "zoe"):
            page.locator("tr", has_text=student).locator(".autograde a").click()
            modal = page.locator(".modal", has_text=f"'{student}'")
            reported[student] = modal.inner_text()
            modal.get_by_role("button", name="OK").click()
            modal.wait_for(state="detached")
    assert "Successfully autograded 'arithmetic' for student 'kim'." in reported["kim"]
    assert "There was an error autograding 'arithmetic' for student 'lee'" in reported["lee"]
    assert "takes the grader too much memory (more than 200 MB)" in reported["lee"]
    assert "Successfully autograded 'arithmetic' for student 'zoe'." in reported["zoe"]
    assert scores(course) == {"kim": 0.0, "lee": None, "zoe": 2.0}
