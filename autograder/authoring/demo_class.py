"""Submit a simulated class to a copy of the course: real notebooks, made from the committed release.

The class is defined in TOML files, one per assignment, separate from the question files: answers as students write
them, and the scores and misconceptions that they are known to deserve. In the answer to a number question, `{units}`
stands for the student's own number of that name.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment import DEMO_CLASS
from autograder.course import DEMO_MARK, Course, SubmissionId
from autograder.engine.messages import Result
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.questions.question import Question
from autograder.questions.variants import Owner

COPIED = ("source", "solutions", "release")
NAMED_NUMBER = re.compile(r"\{(\w+)\}")
KINDS = ("plain", "copied cell", "broken file", "lost metadata", "deleted cells", "retyped cell")


@dataclass(frozen=True)
class DemoStudent:
    """One student of the class: what is submitted, and the result it deserves."""

    id: str
    assignment: str
    edition: str
    """The language of the notebook; empty for the first one of the course."""
    answers: Mapping[str, str]
    extra: str = ""
    """A cell added by the student, above the answers."""
    writes: str = ""
    """The id that the student writes in the notebook."""
    hand_in: str = "plain"
    scores: Mapping[str, float] = field(default_factory=dict)
    mistakes: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def submission(self) -> SubmissionId:
        """Id of the student's submission."""
        return SubmissionId(self.id, self.assignment)


@dataclass(frozen=True)
class Difference:
    """A result that differs from what the class file expects."""

    student: str
    assignment: str
    question: str
    expected: str
    found: str


def read_class(folder: Path) -> list[DemoStudent]:
    """Return the students in `<assignment>/demo_class.toml` of a folder, such as `solutions/`.

    Raises CourseError if a file does not define a class.
    """
    files = sorted(folder.glob(f"*/{DEMO_CLASS}"))
    if not files:
        raise CourseError(
            _("no class in {folder}: expected <assignment>/{file}", folder=folder, file=DEMO_CLASS)
        )
    students = []
    for path in files:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            students += [_student(path.parent.name, data, entry) for entry in data["student"]]
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise CourseError(
                _("{path}: {kind}: {error}", path=path, kind=type(error).__name__, error=error)
            ) from error
    return students


def _student(assignment: str, data: Mapping[str, Any], entry: Mapping[str, Any]) -> DemoStudent:
    right: Mapping[str, str] = data["right"]
    points: Mapping[str, float] = data["points"]
    starts_right = entry.get("starts", "right") == "right"
    answers = (dict(right) if starts_right else {}) | dict(entry.get("answers", {}))
    scores = {name: points[name] if starts_right else 0 for name in points}
    hand_in = entry.get("hand_in", "plain")
    if hand_in not in KINDS:
        raise KeyError(f"hand_in {hand_in!r} of {entry['id']}; known: {', '.join(KINDS)}")
    return DemoStudent(
        id=entry["id"],
        assignment=assignment,
        edition=entry.get("edition", ""),
        answers=answers,
        extra=entry.get("extra", ""),
        writes=entry.get("writes", entry["id"]),
        hand_in=hand_in,
        scores=scores | dict(entry.get("scores", {})),
        mistakes=entry.get("mistakes", {}),
    )


def copy_course(course: Course, folder: Path) -> Course:
    """Copy the course into `folder`, which is emptied first if it holds an earlier demo.

    Raises CourseError if the folder holds anything else.
    """
    marker = folder / DEMO_MARK
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CourseError(
            _(
                "{folder} is not empty and does not hold a demo; choose another folder with --folder",
                folder=folder,
            )
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()
    shutil.copy(course.root / CONFIG_FILE, folder / CONFIG_FILE)
    for name in COPIED:
        if (course.root / name).exists():  # the error about a missing release is that of `submit`
            shutil.copytree(course.root / name, folder / name)
    return Course.open(folder)


def submit(course: Course, students: Sequence[DemoStudent]) -> list[SubmissionId]:
    """Write every student's notebook into `submitted/` and return the submissions to grade."""
    names = {student.assignment for student in students}
    questions = {
        name: [question for question in course.assignment(name).questions if question.is_number]
        for name in names
    }
    releases = {course.assignment(student.assignment).release(student.edition) for student in students}
    released = {path: nbformat.read(path, as_version=4) for path in releases if path.exists()}
    for student in students:
        path = course.root / "submitted" / student.id / student.assignment / f"{student.assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_notebook(course, student, questions[student.assignment], released), encoding="utf-8")
    return [student.submission for student in students]


def _notebook(
    course: Course, student: DemoStudent, questions: Sequence[Question], released: Mapping[Path, NotebookNode]
) -> str:
    path = course.assignment(student.assignment).release(student.edition)
    if path not in released:
        raise CourseError(_("no release at {path}; run `autograder build` first", path=path))
    notebook = copy.deepcopy(released[path])
    # the student's numbers by number question, as the notebook shows them for the id written in it
    chosen = Owner(course.id).choose_variant(student.writes)
    numbers = {question.id: chosen.numbers(question) for question in questions}
    answers = {
        name: with_numbers(text, numbers[name]) if name in numbers else text
        for name, text in student.answers.items()
    }
    for cell in notebook.cells:
        if cell_metadata(cell).get("part") == "student":
            cell.source = f"student_id = {student.writes!r}"
        if is_solution(cell) and grade_id(cell) in answers:
            cell.source = answers.pop(grade_id(cell)).strip("\n")
    if answers:
        raise CourseError(
            _(
                "{student} answers {answers}, which {path} does not ask for",
                student=student.id,
                answers=", ".join(answers),
                path=path,
            )
        )
    if student.extra:
        notebook.cells.insert(1, nbformat.v4.new_code_cell(student.extra.strip("\n"), id="my-cell"))
    if student.hand_in == "broken file":
        return str(nbformat.writes(notebook))[:2000]
    _damage(notebook, student.hand_in)
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def with_numbers(text: str, numbers: Mapping[str, Any]) -> str:
    """Return an answer with the student's own numbers in place of their names."""
    return NAMED_NUMBER.sub(lambda match: str(numbers[match[1]]), text)


def _damage(notebook: NotebookNode, how: str) -> None:
    """Damage a notebook as may happen between release and submission."""
    solutions = [cell for cell in notebook.cells if is_solution(cell)]
    if how == "copied cell":
        index = notebook.cells.index(solutions[0])
        twin = copy.deepcopy(solutions[0])
        twin["id"] = "copied-cell"
        notebook.cells.insert(index + 1, twin)
    elif how == "lost metadata":
        notebook.metadata.pop("autograder", None)
        for number, cell in enumerate(notebook.cells):
            cell.metadata = nbformat.from_dict({})
            cell["id"] = f"cell-{number}"
    elif how == "deleted cells":
        gone = {cell["id"] for cell in notebook.cells if grade_id(cell) and not is_solution(cell)}
        notebook.cells = [cell for cell in notebook.cells if cell["id"] not in gone]
    elif how == "retyped cell":
        cell = solutions[-1]
        cell.cell_type = "markdown"
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)


def compare(students: Sequence[DemoStudent], results: Sequence[Result]) -> list[Difference]:
    """Return where scores or misconceptions differ from the class files; a missing result is a difference."""
    by_submission = {result.submission: result.reports for result in results}
    differences = []
    for student in students:
        reports = by_submission.get(student.submission, {})
        for name, score in student.scores.items():
            expected = _outcome(score, student.mistakes.get(name, []))
            report = reports.get(name)
            got = (
                "not graded"
                if report is None
                else _outcome(report.score, [named.name for named in report.misconceptions])
            )
            if got != expected:
                differences.append(Difference(student.id, student.assignment, name, expected, got))
    return differences


def _outcome(score: float, mistakes: Sequence[str]) -> str:
    return f"{score:g}" + (f" ({', '.join(sorted(mistakes))})" if mistakes else "")
