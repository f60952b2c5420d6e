"""A submission in formgrader, as the instructor's browser shows it: nothing that a student wrote runs there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from chrome import chromium, needs_chromium
from markup import MARKUP
from nbgrader.api import Gradebook
from support import cli, course_of_one_question

from autograder.course import Course

pytestmark = [needs_chromium, pytest.mark.browser, pytest.mark.seal, pytest.mark.long]
TOKEN = "of-the-instructor"
DIAGRAM = '```mermaid\n</pre><img src="x" onerror="document.title = \'run by diagram\'">\n```'
PROSE = "My *own* words, as [here](https://example.org)."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded submission with cells of the student's own."""
    course = course_of_one_question(tmp_path_factory.mktemp("formgrader") / "course")
    notebook = json.loads(course.release("arithmetic", "en").read_text(encoding="utf-8"))
    written = [*(("markdown", one) for one in (*MARKUP, DIAGRAM, PROSE)), *(("raw", one) for one in MARKUP)]
    for number, (kind, source) in enumerate(written):
        notebook["cells"].append({"cell_type": kind, "id": f"own{number}", "metadata": {}, "source": source})
    target = course.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    done = cli("grade", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return course


@pytest.fixture(scope="module")
def address(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Jupyter in the course's folder, with formgrader."""
    home = tmp_path_factory.mktemp("home")
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
        told = json.loads(found[0].read_text(encoding="utf-8"))
        yield told["url"].replace("localhost", "127.0.0.1")
        server.kill()


def test_nothing_that_a_student_wrote_runs_in_formgrader(course: Course, address: str) -> None:
    """Scripts and what would run as one are shown as they were typed; plain prose is shown as prose."""
    with Gradebook(course.gradebook_url) as gradebook:
        [notebook] = gradebook.find_submission("arithmetic", "kim").notebooks
        page_id = notebook.id
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}formgrader/submissions/{page_id}/?token={TOKEN}", wait_until="load")
        page.evaluate("new Promise(done => requestIdleCallback(() => setTimeout(done)))")
        assert "add_two" in page.inner_text("body")
        assert "run by" not in page.title()
        assert page.locator("a[href^='javascript']").count() == 0
        assert page.inner_text("body").count("run by script") == 2
        assert page.locator("em", has_text="own").count() == 1
        assert page.locator("a[href='https://example.org']").count() == 1
