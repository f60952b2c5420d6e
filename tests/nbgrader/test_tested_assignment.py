"""What is kept of the tests in notebooks that nbgrader releases, and when it no longer holds."""

from __future__ import annotations

import io
import json
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.authoring.course_check import check_course
from autograder.cli.tested_course import print_missing
from autograder.course import Course
from autograder.engine.tested_class import prove_assignments
from autograder.errors import CourseError, Starved
from autograder.nbgrader import tested_assignment
from autograder.nbgrader.tested_assignment import TestedAssignment as Assignment
from autograder.notebooks.cells import grade_id, with_ids
from autograder.sandbox.fork_server import BrokenModule
from autograder.test_cells.proof import Proof
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


def test_broken_package_stops_one_assignment_alone(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are proved, and the reason names the package."""

    def prove(assignment: Assignment, notebook: str, plan: object, pool: object) -> Proof:
        if assignment.name == "ps1":
            raise BrokenModule(Text.same("numpy: it is broken"))
        return Proof(assignment.plan(notebook))

    monkeypatch.setattr(Assignment, "prove", prove)
    found = prove_assignments(course, ["ps1", "ps2"])
    assert str(found["ps1"]) == "ps1: its tests are not proved yet: numpy: it is broken"
    assert not isinstance(found["ps2"], CourseError)


def test_package_that_kernels_do_not_see_is_named(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `build` with its place, and by `doctor`; one in a `try` is not needed."""
    path = tmp_path / "source" / "ps1" / "means.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    tried = "try:\n    import tried_module\nexcept ImportError:\n    pass\n"
    cell["source"] = f"import module_elsewhere\nimport module_nowhere\n{tried}" + "".join(cell["source"])
    path.write_text(json.dumps(notebook), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere" / "module_elsewhere.py"
    elsewhere.parent.mkdir()
    elsewhere.touch()
    monkeypatch.syspath_prepend(elsewhere.parent)
    missing = Assignment(course, "ps1").missing_imports()
    assert missing == {"module_elsewhere": str(elsewhere), "module_nowhere": ""}
    console = Console(width=500, record=True, file=io.StringIO())
    assert print_missing(console, course, {"ps1": {}, "ps2": {}}) == 1
    absent, unseen = console.export_text().splitlines()
    assert "ps1 imports module_nowhere; install it, or put your own version" in absent
    assert unseen.endswith(f"ps1 imports module_elsewhere, which is in {elsewhere}")
    found = {str(finding.name): str(finding.seen) for finding in check_course(course)}
    assert found["ps1: modules"].startswith("kernels cannot import module_elsewhere, module_nowhere")
    assert "ps2: modules" not in found


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
