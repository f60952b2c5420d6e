"""Which of the notebooks in a submission counts: students get every edition, and may work in any.

What comes out depends on the files' names and bytes alone, not on when they were saved: opening and copying
change that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError, UnreadableSubmission
from autograder.notebooks import essays
from autograder.notebooks.cells import grade_id, is_solution
from autograder.submissions import rebuild
from autograder.submissions.parse import edition_of, parse_submitted
from autograder.submissions.safe_read import read_bytes
from autograder.text import Text

MAX_NOTEBOOKS = 10


@dataclass(frozen=True)
class File:
    """A notebook as it was handed in: its name and bytes, or why it was not read."""

    name: str
    raw: bytes = b""
    refused: Text | None = None


@dataclass(frozen=True)
class Counted:
    """The notebook that counts; an empty one with the reason where none can be read."""

    notebook: NotebookNode
    refused: Text | None = None
    elsewhere: Mapping[str, Text] = field(default_factory=dict)
    """What the student should know of another answer in another notebook, by question."""


def edition_name(assignment: str, language: str, languages: Sequence[str]) -> str:
    """What an edition is called where all lie in one folder: the first language's has the assignment's name."""
    return f"{assignment}.ipynb" if language == languages[0] else f"{assignment}.{language}.ipynb"


def read_file(path: Path, *, below: Path) -> File:
    """One notebook as it was handed in; below: see `intake.read_bytes`."""
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    try:
        return File(name, read_bytes(path, below=below))
    except UnreadableSubmission as refusal:
        return File(name, refused=refusal.reason)


def read_files(folder: Path, languages: Sequence[str], *, below: Path) -> tuple[File, ...]:
    """The notebooks in a submission's folder: the editions as they were released, then others by name.

    Those beyond `MAX_NOTEBOOKS` are left alone. Empty where there are none.
    """
    released = [edition_name(folder.name, language, languages) for language in languages]
    try:
        names = {path.name for path in folder.iterdir() if path.suffix == ".ipynb" and path.stem[0] != "."}
    except OSError:
        return ()
    ordered = [name for name in released if name in names]
    ordered += sorted(names - set(released), key=lambda name: (not name.startswith(folder.name), name))
    return tuple(read_file(folder / name, below=below) for name in ordered[:MAX_NOTEBOOKS])


def digest(files: Iterable[File]) -> str:
    """A hash of all that was handed in: where it is the same, the same notebook counts."""
    listed = [f"{hashlib.sha256(file.raw).hexdigest()} {file.name!r}\n" for file in files]
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def counted(files: Sequence[File], release: Path) -> Counted:
    """Of several notebooks the one with the most answers in it; of equals the first.

    release: the released notebook, of any edition; it is read where there are several. Raises OSError or ValueError
    where it cannot be.
    """
    read: list[tuple[File, NotebookNode]] = []
    reasons: list[Text] = []
    for file in files:
        try:
            if file.refused is not None:
                raise UnreadableSubmission(file.refused)
            read.append((file, parse_submitted(file.raw)))
        except UnreadableSubmission as refusal:
            reasons.append(refusal.reason)
    if len(files) == len(read) == 1:
        return Counted(read[0][1])
    answers = [answers_in(notebook, edition_like(notebook, release), doubtful=True) for _, notebook in read]
    if reasons and not any(answers):  # the work may be in the one that cannot be read
        return Counted(nbformat.v4.new_notebook(), refused=reasons[0])
    best = max(range(len(read)), key=lambda place: len(answers[place]))
    chosen, notebook = read[best]
    elsewhere = {
        name: _elsewhere(name, chosen, file)
        for (file, _), others in zip(read, answers, strict=True)
        for name, text in others.items()
        if text != answers[best].get(name)
    }
    return Counted(notebook, elsewhere=elsewhere)


def _elsewhere(name: str, chosen: File, other: File) -> Text:
    return Text(
        ko=f"답을 쓴 노트북이 여러 개라서 그 가운데 {chosen.name} 하나를 채점했습니다. "
        f"{other.name}에는 {name}의 다른 답이 있습니다.",
        en=f"several of the notebooks handed in hold answers, and one counts: {chosen.name} was graded. "
        f"{other.name} holds another answer to {name}",
    )


def edition_like(submitted: NotebookNode, release: Path) -> NotebookNode:
    """The released notebook in the language of a submitted one, or `release` itself where there is none.

    Raises OSError or ValueError where it cannot be read.
    """
    language = edition_of(submitted, "")
    other = release.parents[2] / language / release.parent.name / release.name if language else release
    return nbformat.read(other if other.is_file() else release, as_version=4)


def manual_points(course: Course, assignment: str) -> dict[str, float]:
    """The points of the released cells that a person grades, by grade id; empty where nothing is released.

    Raises CourseError where the release cannot be read.
    """
    path = course.release(assignment, course.languages[0])
    try:
        return essays.manual_cells(nbformat.read(path, as_version=4)) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {error}; run `autograder build {assignment}`") from error


def answers_in(submitted: NotebookNode, release: NotebookNode, *, doubtful: bool = False) -> dict[str, str]:
    """The answers that a notebook holds, by grade id: those that differ from what was released.

    doubtful: with the essays that were not found, and wait for a person because the student's own cells may hold them.
    """
    rebuilt = rebuild.rebuild(submitted, release)
    stubs = {cell["id"]: cell.source.strip() for cell in release.cells if is_solution(cell)}
    return {
        grade_id(cell): cell.source.strip()
        for cell in rebuilt.notebook.cells
        if cell["id"] in stubs
        and cell.source.strip() not in ("", stubs[cell["id"]])
        and (doubtful or rebuilt.found.get(grade_id(cell)) != "nowhere")
    }
