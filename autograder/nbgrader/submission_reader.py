"""The reader of submissions that stock nbgrader uses: it picks the notebook that counts and sets odd files aside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from traitlets.log import get_logger

from autograder.course import Course
from autograder.errors import GraderError
from autograder.grading.hidden_inputs import prepare
from autograder.nbgrader.converters import require_hooks
from autograder.nbgrader.gradebook import ungraded_on_error
from autograder.notebooks.stamp import NAMESPACE
from autograder.permissions import make_closed
from autograder.submissions import rebuild, selection

Resources = dict[str, Any]


class SubmissionReader(NotebookExporter):  # type: ignore[misc]
    """Reads the notebook of a submission that counts; where none can be read, an empty one with the reason."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        require_hooks(self)
        if isinstance(self.parent, Autograde):
            self.parent.run_pre_convert_hook = partial(prepare_or_stop, self.parent)

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Convert the notebook that counts in the file's folder, or nbgrader's own in `autograded`."""
        path = Path(filename).absolute()
        course = Course.open(Path.cwd())
        if path.is_relative_to(course.autograded):  # nbgrader reads what we rebuilt
            notebook = nbformat.read(path, as_version=4)
        else:
            files = selection.read_files(path.parent, course.languages, below=course.submitted)
            files = files or (selection.read_file(path, below=course.submitted),)
            with ungraded_on_error((resources or {}).get("nbgrader", {})):
                notebook = submitted_notebook(files, course.release(path.parent.name, course.languages[0]))
        output: tuple[str, Resources] = self.from_notebook_node(notebook, resources=resources, **kw)
        return output


def submitted_notebook(files: Sequence[selection.File], release: Path) -> NotebookNode:
    """The notebook that counts in a submission, or an empty one with the reason why none can be read.

    release: the released notebook of any edition. Raises GraderError where it is needed and not there.
    """
    try:
        counted = selection.counted(files, release)
    except (OSError, ValueError) as error:
        raise GraderError(f"no release to grade from at {release}: run `autograder build`") from error
    mine = counted.notebook.metadata.setdefault(NAMESPACE, {})
    mine["submitted"] = selection.digest(files)
    if counted.refused is not None:
        mine["refused"] = counted.refused.to_dict()
    mine["elsewhere"] = {name: note.to_dict() for name, note in counted.elsewhere.items()}
    return counted.notebook


class Unprepared(SystemExit):
    """A submission that must not be converted.

    It is no `Exception`, since nbgrader only logs what its hook raises, and would go on and follow the links.
    """


def prepare_or_stop(converter: Autograde) -> None:
    """What nbgrader does before it converts a submission, but that a fault in it stops that student: see `Unprepared`.

    Raises GraderError, before anything is written: nbgrader tells of it at its end, and goes on with the others.
    """
    try:
        type(converter).run_pre_convert_hook(converter)
    except Unprepared as error:
        raise GraderError(str(error)) from error


def prepare_submission(assignment: str, student: str, notebooks: list[str]) -> None:
    """Before nbgrader grades a submission: move away what is no regular file, and name the notebook it looks for.

    nbgrader would follow a link to any file of this machine, and wait for ever on a pipe. It would skip notebooks
    of other names than the assignment's, and `SubmissionReader` finds the one that counts under that name. Called by
    nbgrader as its `pre_convert_hook`, from the course's folder; what is added to `notebooks` is graded.

    What cannot be moved away raises Unprepared, of which `prepare_or_stop` makes a fault of that student's alone. The
    whole command ends, before any score is touched, where the secret of the course is lost. What formgrader grades is
    written with Jupyter's umask: the folders for it are closed here.
    """
    try:
        course = Course.open(Path.cwd())
        prepare(course)
        make_closed(course.autograded)
        make_closed(course.feedback)
    except Exception as error:
        get_logger().error("nothing can be graded: %s", error)
        raise SystemExit(1) from error
    try:
        for folder in {Path(notebook).absolute().parent for notebook in notebooks}:
            if folder.is_relative_to(course.submitted):
                parts = folder.relative_to(course.submitted).parts
                for path in rebuild.set_aside(course.submitted, parts, course.root / "build" / "refused"):
                    get_logger().warning(
                        "%s of %s: not a plain file, or too much data; moved to %s", assignment, student, path
                    )
    except Exception as error:
        raise Unprepared(f"the submission cannot be prepared for grading: {error}") from error
    expected = {
        str(Path(notebook).with_name(f"{Path(notebook).parent.name}.ipynb")) for notebook in notebooks
    }
    notebooks.extend(expected - set(notebooks))
