"""The feedback page in a real browser: nothing that a student wrote runs in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from support import ROOT, command, small_course

from autograder.build import build, new_question
from autograder.course import Course
from autograder.notebook import new_notebook

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")

MARKUP = [
    "<script>document.title = 'run by script'</script>",
    "<img src=x onerror=\"document.title = 'run by onerror'\">",
    "<svg onload=\"document.title = 'run by svg'\"></svg>",
    "<iframe srcdoc=\"<script>parent.document.title = 'run by iframe'</script>\"></iframe>",
    "[link](javascript:document.title='run by link')",
    "<a href=\"javascript:document.title='run by href'\">here</a>",
    "<details open ontoggle=\"document.title = 'run by toggle'\">x</details>",
    "<style>@import 'http://127.0.0.1/x.css';</style>",
    "$\\href{javascript:document.title='run by tex'}{x}$",
    "`</code><script>document.title = 'run by code'</script>`",
    "```\n</pre><script>document.title = 'run by fence'</script>\n```",
    '<meta http-equiv="refresh" content="0; url=javascript:document.title=\'run by meta\'">',
    "<form action=\"javascript:document.title='run by form'\"><input type=submit autofocus "
    "onfocus=\"document.title='run by focus'\"></form>",
    "![alt](x\" onerror=\"document.title='run by image')",
]
SHOWN = "One cell at every step, with the same weights"
PASTED = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
OUTPUTS = """
from IPython.display import HTML, Javascript, SVG, Markdown, display
display(HTML("<script>document.title = 'run by html output'</script>"))
display(Javascript("document.title = 'run by javascript output'"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload=\\"document.title='run by svg output'\\"></svg>"))
display(Markdown("<img src=x onerror=\\"document.title='run by markdown output'\\">"))
print("<script>document.title = 'run by print'</script>")
raise ValueError("<script>document.title = 'run by traceback'</script>")
"""
ANSWER = """
def add_two(first, second):
    # </pre><script>document.title = 'run by answer'</script>
    raise ValueError("<script>document.title = 'run by message'</script>")
"""


def open_in_browser(page: Path, profile: Path) -> str:
    """The page's document after its scripts have run."""
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}",
            "--virtual-time-budget=3000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feedback page of a student who put markup into everything."""
    root = small_course(tmp_path_factory.mktemp("hostile") / "course")
    course = Course.open(root)
    new_question(course, "arithmetic", "add_two")
    source = new_notebook("arithmetic", course.languages)
    source.cells.append(nbformat.v4.new_markdown_cell(f"![{SHOWN}](../pictures/unrolled.png)", id="picture"))
    course.source("arithmetic").parent.mkdir(parents=True)
    course.source("arithmetic").write_text(nbformat.writes(source), encoding="utf-8")
    shutil.copytree(ROOT / "source" / "pictures", course.pictures)
    build(course, solutions=False)
    notebook = json.loads(course.release("arithmetic", "en").read_text(encoding="utf-8"))
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
    assert command("autograder", "grade", cwd=root).returncode == 0
    return root / "feedback" / "kim" / "arithmetic" / "arithmetic.html"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")
class TestInABrowser:
    """What Chromium makes of the page."""

    def test_nothing_a_student_wrote_runs(self, page: Path, tmp_path: Path) -> None:
        """The title, which each piece of markup tries to change, stays."""
        document = open_in_browser(page, tmp_path / "profile")
        assert "<title>arithmetic</title>" in document
        assert 'class="autograder-feedback"' in document

    def test_no_link_of_a_student_could_run(self, page: Path, tmp_path: Path) -> None:
        """No address in the document is a script, and no formula holds a link."""
        document = open_in_browser(page, tmp_path / "profile").lower()
        assert 'href="javascript:' not in document
        assert "\\href{" not in document

    def test_the_release_s_picture_is_shown_and_no_pasted_one(self, page: Path, tmp_path: Path) -> None:
        """Of all pictures of the page the browser can show one, and can read out what it shows."""
        script = (
            "<script>const seen = [...document.images].filter(one => one.naturalWidth);"
            "document.title = seen.map(one => [one.naturalWidth, one.alt]).join(' / ')</script>"
        )
        looked_at = tmp_path / "page.html"
        text = page.read_text(encoding="utf-8")
        looked_at.write_text(text.replace("</body>", f"{script}</body>"), encoding="utf-8")
        document = open_in_browser(looked_at, tmp_path / "profile")
        assert re.search("<title>(.*)</title>", document)[1] == f"1050,{SHOWN}"

    def test_the_browser_would_have_run_it(self, tmp_path: Path) -> None:
        """The same markup, not cleaned, does change the title: this test can fail."""
        raw = tmp_path / "raw.html"
        raw.write_text(f"<html><title>kept</title><body>{MARKUP[1]}</body></html>", encoding="utf-8")
        assert "<title>run by onerror</title>" in open_in_browser(raw, tmp_path / "profile")
