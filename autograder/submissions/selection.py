"""Selection of the notebook that counts: students get every edition of an assignment and may work in any.

The result depends on the files' names and bytes alone, not on their times, which opening and copying change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.course import SubmissionId
from autograder.errors import CourseError, UnreadableSubmission
from autograder.i18n import _
from autograder.notebooks import essays
from autograder.notebooks.cells import grade_id, graded_by, is_solution, is_test
from autograder.submissions import rebuild
from autograder.submissions.parse import edition_of, parse_submitted
from autograder.submissions.safe_read import read_bytes, read_data
from autograder.text import Text

MAX_NOTEBOOKS = 10


@dataclass(frozen=True)
class File:
    """A submitted notebook: its name and bytes, or the reason why it was not read."""

    name: str
    raw: bytes = b""
    refused: Text | None = None


@dataclass(frozen=True)
class SelectedNotebook:
    """The notebook that counts, or an empty one with the reason if none can be read."""

    notebook: NotebookNode
    refused: Text | None = None
    elsewhere: Mapping[str, Text] = field(default_factory=dict)
    """By question: a note for the student about a different answer in another notebook."""


def edition_name(assignment: str, language: str, languages: Sequence[str]) -> str:
    """Return the file name of an edition in a folder of all editions; the first language's is the assignment's name."""
    return f"{assignment}.ipynb" if language == languages[0] else f"{assignment}.{language}.ipynb"


def read_file(path: Path, *, below: Path) -> File:
    """Read a submitted notebook. below: see `read_bytes`."""
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    try:
        return File(name, read_bytes(path, below=below))
    except UnreadableSubmission as refusal:
        return File(name, refused=refusal.reason)


def read_files(folder: Path, languages: Sequence[str], *, below: Path) -> tuple[File, ...]:
    """Read the notebooks in a submission's folder: first those named as released editions, then the others by name.

    At most `MAX_NOTEBOOKS` are read.
    """
    released = [edition_name(folder.name, language, languages) for language in languages]
    try:
        names = {path.name for path in folder.iterdir() if path.suffix == ".ipynb" and path.stem[0] != "."}
    except OSError:
        return ()
    ordered = [name for name in released if name in names]
    ordered += sorted(names - set(released), key=lambda name: (not name.startswith(folder.name), name))
    return tuple(read_file(folder / name, below=below) for name in ordered[:MAX_NOTEBOOKS])


def read_notebook(folder: Path, notebook: str, others: Collection[str], *, below: Path) -> tuple[File, ...]:
    """Read one notebook of a submission that has several; if none has its name, those that are named like no other.

    others: the names of all notebooks of the assignment. At most `MAX_NOTEBOOKS` are read.
    """
    try:
        names = sorted(
            path.stem for path in folder.iterdir() if path.suffix == ".ipynb" and path.stem[0] != "."
        )
    except OSError:
        return ()
    chosen = [notebook] if notebook in names else [name for name in names if name not in others]
    return tuple(read_file(folder / f"{name}.ipynb", below=below) for name in chosen[:MAX_NOTEBOOKS])


def of_notebook(files: Sequence[File], notebook: str, release: NotebookNode) -> tuple[File, ...]:
    """Return the files that may be a notebook: that of its name, and those that share a grade id with it."""
    released = {grade_id(cell) for cell in release.cells} - {""}
    return tuple(file for file in files if file.name == f"{notebook}.ipynb" or _has_grade_ids(file, released))


def _has_grade_ids(file: File, released: Set[str]) -> bool:
    if file.refused is not None:
        return True
    try:
        return bool(released & {grade_id(cell) for cell in parse_submitted(file.raw).cells})
    except UnreadableSubmission:
        return True


def read_attached(folder: Path, *, below: Path) -> tuple[File, ...]:
    """Read the data files that were handed in with notebooks, by their paths in the folder; see `read_data`."""
    return tuple(File(name, raw) for name, raw in read_data(folder, below=below).items())


def digest(files: Iterable[File]) -> str:
    """Return a hash of all submitted notebooks; if it is unchanged, the same notebook counts."""
    listed = [f"{hashlib.sha256(file.raw).hexdigest()} {file.name!r}\n" for file in files]
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def select_notebook(files: Sequence[File], release: Path | NotebookNode) -> SelectedNotebook:
    """Select the notebook with the most answers, and of equals the first.

    release: the released notebook, or the file of any edition, which is read only if there are several files.
    Raises OSError or ValueError if it cannot be read.
    """
    read: list[tuple[File, NotebookNode]] = []
    reasons: list[Text] = []
    if not files:
        return SelectedNotebook(nbformat.v4.new_notebook(), refused=_("this notebook was not handed in"))
    for file in files:
        try:
            if file.refused is not None:
                raise UnreadableSubmission(file.refused)
            read.append((file, parse_submitted(file.raw)))
        except UnreadableSubmission as refusal:
            reasons.append(refusal.reason)
    if len(files) == len(read) == 1:
        return SelectedNotebook(read[0][1])
    answers = [
        answers_in(
            notebook,
            matching_release(notebook, release) if isinstance(release, Path) else release,
            doubtful=True,
        )
        for _, notebook in read
    ]
    if reasons and not any(answers):  # the answers may be in the one that cannot be read
        return SelectedNotebook(nbformat.v4.new_notebook(), refused=reasons[0])
    best = max(range(len(read)), key=lambda index: len(answers[index]))
    chosen, notebook = read[best]
    elsewhere = {
        name: _elsewhere(name, chosen, file)
        for (file, _), others in zip(read, answers, strict=True)
        for name, text in others.items()
        if text != answers[best].get(name)
    }
    return SelectedNotebook(notebook, elsewhere=elsewhere)


def _elsewhere(name: str, chosen: File, other: File) -> Text:
    return _(
        "several of the notebooks handed in hold answers, and one counts: {chosen} was graded. "
        "{other} holds another answer to {name}",
        chosen=chosen.name,
        other=other.name,
        name=name,
    )


def matching_release(submitted: NotebookNode, release: Path) -> NotebookNode:
    """Read the released notebook in the language of a submitted one, or `release` itself if there is none.

    Raises OSError or ValueError if it cannot be read.
    """
    editions = release.parents[2]
    languages = sorted(path.name for path in editions.glob("*/")) if editions.is_dir() else ()
    language = edition_of(submitted, languages, "")
    edition = editions / language / release.parent.name / release.name if language else release
    return nbformat.read(edition if edition.is_file() else release, as_version=4)


def manual_points(assignment: Assignment) -> dict[str, float]:
    """Return the points of the manually graded cells of a release, by full name; empty if nothing is released.

    Raises CourseError if the release cannot be read.
    """
    return _points_in_releases(assignment, essays.manual_cells)


def points_of_tests(assignment: Assignment) -> dict[str, float]:
    """Return the points of nbgrader's own tests in a release, by name; see `manual_points`."""
    return _points_in_releases(
        assignment,
        lambda release: {
            graded_by(cell): float(cell.metadata.nbgrader.get("points") or 0)
            for cell in filter(is_test, release.cells)
        },
    )


def _points_in_releases(
    assignment: Assignment, points_in: Callable[[NotebookNode], Mapping[str, float]]
) -> dict[str, float]:
    points: dict[str, float] = {}
    for notebook in assignment.notebooks:
        path, part = assignment.release(notebook=notebook), SubmissionId("", assignment.name, notebook)
        try:
            release = nbformat.read(path, as_version=4) if path.exists() else nbformat.v4.new_notebook()
        except (OSError, ValueError) as error:
            command = "autograder build" if assignment.is_built else "nbgrader generate_assignment"
            raise CourseError(
                _(
                    "{path} cannot be read: {error}; run `{command} {assignment}`",
                    path=path,
                    error=error,
                    command=command,
                    assignment=assignment.name,
                )
            ) from error
        points |= {part.full_name(name): value for name, value in points_in(release).items()}
    return points


def answers_in(submitted: NotebookNode, release: NotebookNode, *, doubtful: bool = False) -> dict[str, str]:
    """Return the answers in a notebook by grade id: those that differ from the release.

    doubtful: include essays that were not found but that the student's own cells may hold, so that a person decides.
    """
    rebuilt = rebuild.rebuild(submitted, release)
    stubs = {cell["id"]: cell.source.strip() for cell in release.cells if is_solution(cell)}
    return {
        grade_id(cell): cell.source.strip()
        for cell in rebuilt.notebook.cells
        if cell["id"] in stubs
        and cell.source.strip() not in ("", stubs[cell["id"]])
        and (doubtful or rebuilt.found_by.get(grade_id(cell)) != "nowhere")
    }
