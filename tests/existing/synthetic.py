"""The synthetic course: an nbgrader course as others have them, without question files, and submissions to it.

It has every trait that 36 public courses were found to have. `write` makes the course, `write_submission` a submission,
and `expected` says what nbgrader gives it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat

from tests.existing import data, objects, others
from tests.existing.attacks import ATTACKS
from tests.existing.cells import CODE_STUB, Notebook
from tests.existing.functions import FUNCTIONS
from tests.existing.inspecting import INSPECTING
from tests.existing.printing import PRINTING
from tests.existing.warm_up import WARM_UP

FILES = Path(__file__).parent / "course"
"""What of the course is not a notebook."""

ASSIGNMENTS: dict[str, tuple[Notebook, ...]] = {
    "basics": (WARM_UP, FUNCTIONS, PRINTING, INSPECTING),
    "data": data.NOTEBOOKS,
    "objects": objects.NOTEBOOKS,
    "essays": (others.REPORT,),
    "magics": (others.TRICKS,),
    "julia": (others.JULIA,),
}
PYTHON_ASSIGNMENTS = tuple(name for name in ASSIGNMENTS if name != "julia")

HONEST: tuple[Literal["solved", "untouched", "half"], ...] = ("solved", "untouched", "half")
SUBMISSIONS = (*HONEST, *ATTACKS)

QUICKSTART = """\
c = get_config()

###############################################################################
# Begin additions by nbgrader quickstart
###############################################################################

# You only need this if you are running nbgrader on a shared
# server set up.
c.CourseDirectory.course_id = "synthetic"
{header}
###############################################################################
# End additions by nbgrader quickstart
###############################################################################

# Configuration file for nbgrader-generate-config.

{further}
"""


@dataclass(frozen=True)
class Settings:
    """How the course differs from what `nbgrader quickstart` sets up."""

    header: Literal["none", "there", "missing"] = "none"
    """`IncludeHeaderFooter.header`: not set, or names a notebook that is there, or that is not."""
    delimiters: bool = False
    """Solutions and hidden tests have other delimiters than nbgrader's."""
    stubs: bool = False
    """Solutions are replaced by other stubs than nbgrader's."""
    as_json: bool = False
    """The settings are in nbgrader_config.json."""


def write(root: Path, settings: Settings = Settings()) -> Path:
    """Write the course into `root` and return it."""
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    for assignment, notebooks in ASSIGNMENTS.items():
        for notebook in notebooks:
            if settings.delimiters:
                for old, new in DELIMITERS.items():
                    notebook = notebook.renamed(old, new)
            write_notebook(notebook.source(), root / "source" / assignment / f"{notebook.name}.ipynb")
    if settings.header == "there":
        header = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("Restart the kernel and run all cells before you hand in.")]
        )
        header.cells[0].id = "header"
        write_notebook(header, root / "source" / "header.ipynb")
    _write_config(root, settings)
    return root


DELIMITERS = {
    "### BEGIN SOLUTION": "# <answer>",
    "### END SOLUTION": "# </answer>",
    "### BEGIN HIDDEN TESTS": "# <hidden>",
    "### END HIDDEN TESTS": "# </hidden>",
}


def _options(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the course's settings beyond its name and header."""
    # nbgrader has no stub for Julia, so that a course with Julia sets one
    clear: dict[str, Any] = {"code_stub": dict(CODE_STUB)}
    options = {"ClearSolutions": clear}
    if settings.stubs:
        clear["code_stub"]["python"] = "# your code\npass"
        clear["text_stub"] = "(your text)"
    if settings.delimiters:
        clear |= {"begin_solution_delimeter": "<answer>", "end_solution_delimeter": "</answer>"}
        options["ClearHiddenTests"] = {"begin_test_delimeter": "<hidden>", "end_test_delimeter": "</hidden>"}
    return options


def _write_config(root: Path, settings: Settings) -> None:
    options = _options(settings)
    if settings.as_json:
        options["CourseDirectory"] = {"course_id": "synthetic"}
        if settings.header != "none":
            options["IncludeHeaderFooter"] = {"header": "source/header.ipynb"}
        (root / "nbgrader_config.json").write_text(json.dumps(options, indent=2) + "\n", encoding="utf-8")
        return
    header = "" if settings.header == "none" else '\nc.IncludeHeaderFooter.header = "source/header.ipynb"\n'
    further = "\n".join(
        f"c.{section}.{name} = {value!r}"
        for section, named in options.items()
        for name, value in named.items()
    )
    config = QUICKSTART.format(header=header, further=further)
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")


def write_submission(
    root: Path,
    submission: str,
    *,
    student: str | None = None,
    assignments: tuple[str, ...] = PYTHON_ASSIGNMENTS,
    notebooks: tuple[str, ...] | None = None,
) -> None:
    """Write one of SUBMISSIONS into `root/submitted/<student>`, with the files that come with each assignment.

    `notebooks` names those to hand in; without it, all.
    """
    for assignment in assignments:
        target = root / "submitted" / (student or submission) / assignment
        if (FILES / "source" / assignment).is_dir():
            shutil.copytree(FILES / "source" / assignment, target, dirs_exist_ok=True)
        for notebook in ASSIGNMENTS[assignment]:
            if notebooks is not None and notebook.name not in notebooks:
                continue
            write_notebook(_submitted(notebook, submission), target / f"{notebook.name}.ipynb")


def _submitted(notebook: Notebook, submission: str) -> nbformat.NotebookNode:
    if submission in ATTACKS:
        if any(cell.role == "answer" for cell in notebook.cells):
            return notebook.cheating(ATTACKS[submission])
        return notebook.released()
    forms = {"solved": notebook.solved, "untouched": notebook.released, "half": notebook.half}
    return forms[submission]()


def expected(
    submission: Literal["solved", "untouched", "half"], assignment: str
) -> dict[str, dict[str, float | None]]:
    """Return nbgrader's automatic score of each grade cell by notebook; None where a person has to grade."""
    return {notebook.name: notebook.earned(submission) for notebook in ASSIGNMENTS[assignment]}


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


__all__ = [
    "ASSIGNMENTS",
    "HONEST",
    "PYTHON_ASSIGNMENTS",
    "SUBMISSIONS",
    "Settings",
    "expected",
    "write",
    "write_submission",
]
