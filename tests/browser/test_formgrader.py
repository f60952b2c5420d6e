"""A submission in formgrader, as the instructor's browser shows it: nothing that a student wrote runs there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course import Course
from tests.chrome import PATIENCE, chromium, needs_chromium
from tests.cli.test_grade import hand_in, scores
from tests.markup import MARKUP
from tests.support import cli, course_of_one_question

pytestmark = [needs_chromium, pytest.mark.browser, pytest.mark.seal, pytest.mark.long]
TOKEN = "of-the-instructor"
DIAGRAM = '```mermaid\n</pre><img src="x" onerror="document.title = \'run by diagram\'">\n```'
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


@contextlib.contextmanager
def formgrader(course: Course, home: Path) -> Iterator[str]:
    """The address of Jupyter in the course's folder, with formgrader."""
    environment = os.environ | {
        "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTER_CONFIG_DIR": str(home / "config"),
    }  # fmt: skip
    words = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0",
        f"--ServerApp.root_dir={course.root}", f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    with subprocess.Popen(
        words, cwd=course.root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        end = time.monotonic() + 120
        while not (found := [*(home / "runtime").glob("jpserver-*.json")]) and time.monotonic() < end:
            assert server.poll() is None, server.stderr and server.stderr.read()
            time.sleep(0.05)
        info = json.loads(found[0].read_text(encoding="utf-8"))
        try:
            yield info["url"].replace("localhost", "127.0.0.1")
        finally:
            server.kill()


def test_nothing_that_a_student_wrote_runs_in_formgrader(course: Course, tmp_path: Path) -> None:
    """Scripts and what would run as one are shown as they were typed; plain prose is shown as prose."""
    with Gradebook(course.gradebook_url) as gradebook:
        [notebook] = gradebook.find_submission("arithmetic", "kim").notebooks
        page_id = notebook.id
    with formgrader(course, tmp_path) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}formgrader/submissions/{page_id}/?token={TOKEN}", wait_until="load")
        page.evaluate("new Promise(done => requestIdleCallback(() => setTimeout(done)))")
        assert "add_two" in page.inner_text("body")
        assert "run by" not in page.title()
        assert page.locator("a[href^='javascript']").count() == 0
        assert page.inner_text("body").count("run by script") == 2
        assert page.locator("em", has_text="own").count() == 1
        assert page.locator("a[href='https://example.org']").count() == 1


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
    with formgrader(course, tmp_path) as address, chromium() as browser:
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
