"""What is kept of the tests in notebooks that nbgrader releases, and when it no longer holds."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.engine.tested_class import prove_assignments
from autograder.errors import CourseError, Starved
from autograder.nbgrader import tested_assignment
from autograder.nbgrader.tested_assignment import TestedAssignment as Assignment
from autograder.notebooks.cells import grade_id, with_ids
from autograder.test_cells.prove import Proof
from autograder.text import Text
from tests.existing.mixed import MEANS, WORDS
from tests.existing.synthetic import write_notebook

CONFIG = "from autograder import seal_grading\n\nc = get_config()\nseal_grading(c)\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Two assignments with a notebook each, of which one imports a library."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for name, notebook in (("ps1", MEANS), ("ps2", WORDS)):
        write_notebook(notebook.source(), tmp_path / "source" / name / f"{notebook.name}.ipynb")
    return Course.open(tmp_path)


def test_proof_without_a_package_is_made_again_with_it(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the notebook imports is installed later, which no file of the course shows."""
    assignment = Assignment(course, "ps1")
    plan = assignment.plan("means")
    monkeypatch.setattr(tested_assignment, "is_importable", lambda name, folder: False)
    assignment.keep("means", Proof(plan))
    assert assignment.known_proof("means", plan) is not None
    monkeypatch.setattr(tested_assignment, "is_importable", lambda name, folder: True)
    assert assignment.known_proof("means", plan) is None


def test_busy_machine_stops_one_assignment_alone(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are proved, and the reason says of which it is."""

    def prove(assignment: Assignment, notebook: str, plan: object, pool: object) -> Proof:
        if assignment.name == "ps1":
            raise Starved(Text.same("it waited"))
        return Proof(assignment.plan(notebook))

    monkeypatch.setattr(Assignment, "prove", prove)
    found = prove_assignments(course, ["ps1", "ps2"])
    assert str(found["ps1"]) == "ps1: its tests are not proved yet: it waited"
    assert not isinstance(found["ps2"], CourseError)


def test_generated_tests_are_proved_as_released(course: Course) -> None:
    """Before there are any, the command that makes them is named, and no gradebook is made."""
    path = course.root / "source" / "ps2" / "words.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = "### AUTOTEST shout('no')"
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match="run `nbgrader generate_assignment ps2` first"):
        Assignment(course, "ps2").plan("words")
    assert not (course.root / "gradebook.db").exists()


def test_marks_without_a_name_are_removed() -> None:
    """An older nbgrader left them in cells of which it keeps nothing."""
    marks = {"grade": False, "locked": False, "schema_version": 3, "solution": False}
    cells = [
        nbformat.v4.new_markdown_cell("text", metadata={"nbgrader": marks}),
        nbformat.v4.new_markdown_cell("text", metadata={"nbgrader": marks | {"grade_id": "named"}}),
    ]
    notebook = with_ids(nbformat.v4.new_notebook(cells=cells))
    assert [grade_id(cell) for cell in notebook.cells if "nbgrader" in cell.metadata] == ["named"]
