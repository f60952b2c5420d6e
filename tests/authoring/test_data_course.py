"""A course on data: a file that is read by its name, and plots, from the question to the feedback page."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.course import Course, SubmissionId
from autograder.notebooks.stamp import new_notebook
from tests.questions.test_data_files import READS
from tests.support import cli, clone, small_course

RIGHT = 'def largest(floor):\n    return float(max(*np.loadtxt("measure.csv"), floor))'
PLOT = "plt.plot([{x}, 2])"
DRAWN = {
    "grade": True, "grade_id": "drawn", "locked": False, "points": 3, "schema_version": 3, "solution": True,
    "task": False, "cell_type": "code",
}  # fmt: skip

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course with a data file, a question about it, and an essay whose answer is code that draws."""
    course = Course.open(small_course(tmp_path_factory.mktemp("released") / "course"))
    folder, assignment = course.root / "solutions" / "rain", course.assignment("rain")
    for made in (folder, assignment.source.parent):
        made.mkdir(parents=True)
    (folder / "largest.py").write_text(READS, encoding="utf-8")
    (assignment.source.parent / "measure.csv").write_text("3\n8\n5\n", encoding="utf-8")
    source = new_notebook("rain", course.languages)
    source.cells.append(
        nbformat.v4.new_code_cell("import numpy as np\nimport matplotlib.pyplot as plt", id="imports")
    )
    source.cells.append(nbformat.v4.new_markdown_cell("### A plot\n\nDraw it.", id="prompt"))
    source.cells.append(nbformat.v4.new_code_cell(PLOT.format(x=1), id="drawn", metadata={"nbgrader": DRAWN}))
    assignment.source.write_text(nbformat.writes(source), encoding="utf-8")
    build(course)
    return course.root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of the released course."""
    return clone(released, tmp_path)


def hand_in(course: Course, **answers: str) -> None:
    """Write the notebook of the student amy, with a plot in a cell of her own."""
    notebook = json.loads(course.assignment("rain").release("en").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"])
    own = nbformat.v4.new_code_cell("plt.bar([1, 2], [3, 4])\nplt.show()", id="own")
    notebook["cells"].append(own)
    target = course.submitted / "amy" / "rain" / "rain.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")


def test_file_is_read_by_its_name_and_plots_are_shown(course: Course) -> None:
    """A right answer that reads the data file earns all points; both plots are in the notebook and on the page."""
    hand_in(course, largest=RIGHT, drawn=PLOT.format(x=5))
    done = cli("grade", "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "amy" in done.stdout and "1 / 4" in done.stdout
    submission = SubmissionId("amy", "rain")
    graded = nbformat.read(course.graded_path(submission), as_version=4)
    drawn = [
        cell.source
        for cell in graded.cells
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert [source.partition("(")[0] for source in drawn] == ["plt.plot", "plt.bar"]
    assert (
        course.feedback_path(submission).read_text(encoding="utf-8").count('src="data:image/png;base64') == 2
    )


def test_data_file_that_is_not_the_released_one_grades_nothing(course: Course) -> None:
    """Where an instructor changed a data file after the release, the question is not graded, and no zero is given."""
    hand_in(course, largest=RIGHT)
    (course.root / "source" / "rain" / "measure.csv").write_text("3\n9\n", encoding="utf-8")
    done = cli("grade", "--language", "en", cwd=course.root)
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert "source/rain/measure.csv is not the file that was released: run `autograder build rain`" in said
    assert "0 / 4" not in said
