"""Hands in a class of our own to a copy of the course: real notebooks, made from the committed release.

The class stands in TOML files, one an assignment, apart from the question files: answers as students write
them, and the scores and mistakes they are known to deserve. In the answer to a number question `{units}` stands
for the student's own number of that name.
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

from autograder.course import Course, SubmissionId
from autograder.engine.messages import Result
from autograder.errors import CourseError
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.questions.question import Question
from autograder.questions.variants import Owner
from autograder.settings import CONFIG_FILE

COPIED = ("source", "solutions", "release")
NAMED_NUMBER = re.compile(r"\{(\w+)\}")
HAND_INS = ("plain", "copied cell", "broken file", "lost metadata", "deleted cells", "retyped cell")


@dataclass(frozen=True)
class Student:
    """One student of the class: what was handed in, and what it deserves."""

    id: str
    assignment: str
    edition: str
    answers: Mapping[str, str]
    extra: str = ""
    """A cell of the student's own, above the answers."""
    writes: str = ""
    """The id in the notebook."""
    hand_in: str = "plain"
    scores: Mapping[str, float] = field(default_factory=dict)
    mistakes: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def job(self) -> SubmissionId:
        """The submission it makes."""
        return SubmissionId(self.id, self.assignment)


@dataclass(frozen=True)
class Difference:
    """Where a result is not the one the class file expects."""

    student: str
    assignment: str
    question: str
    expected: str
    found: str


def read_class(folder: Path) -> list[Student]:
    """The students of every TOML file in `folder`.

    Raises CourseError where a file is no class.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CourseError(f"no class in {folder}: expected one .toml file for each assignment")
    students = []
    for path in files:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            students += [_student(path.stem, data, one) for one in data["student"]]
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise CourseError(f"{path}: {type(error).__name__}: {error}") from error
    return students


def _student(assignment: str, data: Mapping[str, Any], one: Mapping[str, Any]) -> Student:
    right: Mapping[str, str] = data["right"]
    points: Mapping[str, float] = data["points"]
    starts_right = one.get("starts", "right") == "right"
    answers = (dict(right) if starts_right else {}) | dict(one.get("answers", {}))
    scores = {name: points[name] if starts_right else 0 for name in points}
    hand_in = one.get("hand_in", "plain")
    if hand_in not in HAND_INS:
        raise KeyError(f"hand_in {hand_in!r} of {one['id']}; known: {', '.join(HAND_INS)}")
    return Student(
        id=one["id"],
        assignment=assignment,
        edition=one["edition"],
        answers=answers,
        extra=one.get("extra", ""),
        writes=one.get("writes", one["id"]),
        hand_in=hand_in,
        scores=scores | dict(one.get("scores", {})),
        mistakes=one.get("mistakes", {}),
    )


def copy_course(course: Course, folder: Path) -> Course:
    """A copy of the course in `folder`, emptied first where it is an earlier demo's.

    Raises CourseError where the folder holds something else.
    """
    marker = folder / ".autograder-demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CourseError(f"{folder} is not empty and no demo's; name another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()
    shutil.copy(course.root / CONFIG_FILE, folder / CONFIG_FILE)
    for name in COPIED:
        shutil.copytree(course.root / name, folder / name)
    return Course.open(folder)


def submit(course: Course, students: Sequence[Student]) -> list[SubmissionId]:
    """Write every student's notebook into `submitted/`; returns what there is to grade."""
    names = {student.assignment for student in students}
    questions = {name: [one for one in course.questions(name) if one.is_number] for name in names}
    releases = {course.release(one.assignment, one.edition) for one in students}
    released = {path: nbformat.read(path, as_version=4) for path in releases if path.exists()}
    for student in students:
        path = course.root / "submitted" / student.id / student.assignment / f"{student.assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_notebook(course, student, questions[student.assignment], released), encoding="utf-8")
    return [student.job for student in students]


def _notebook(
    course: Course, student: Student, questions: Sequence[Question], released: Mapping[Path, NotebookNode]
) -> str:
    path = course.release(student.assignment, student.edition)
    if path not in released:
        raise CourseError(f"no release at {path}; run `autograder build` first")
    notebook = copy.deepcopy(released[path])
    # the student's numbers, by number question: what the notebook shows for the id written there
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
        raise CourseError(f"{student.id} answers {', '.join(answers)}, which {path} does not ask")
    if student.extra:
        notebook.cells.insert(1, nbformat.v4.new_code_cell(student.extra.strip("\n"), id="my-cell"))
    if student.hand_in == "broken file":
        return str(nbformat.writes(notebook))[:2000]
    _spoil(notebook, student.hand_in)
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def with_numbers(text: str, numbers: Mapping[str, Any]) -> str:
    """An answer with a student's own numbers in the place of their names."""
    return NAMED_NUMBER.sub(lambda found: str(numbers[found[1]]), text)


def _spoil(notebook: NotebookNode, how: str) -> None:
    """What happens to a notebook between the release and the hand-in."""
    solutions = [cell for cell in notebook.cells if is_solution(cell)]
    if how == "copied cell":
        place = notebook.cells.index(solutions[0])
        twin = copy.deepcopy(solutions[0])
        twin["id"] = "copied-cell"
        notebook.cells.insert(place + 1, twin)
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


def compare(students: Sequence[Student], results: Sequence[Result]) -> list[Difference]:
    """Where scores or mistakes are not what the class files expect; a missing result is a difference."""
    found = {submission.submission: submission.reports for submission in results}
    differences = []
    for student in students:
        reports = found.get(student.job, {})
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
