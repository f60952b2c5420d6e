"""Reads the results of a class from the course: gradebook, roster, graded notebooks and question files."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.engine.messages import intern_reports
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader import graded_notebook
from autograder.nbgrader.class_scores import SubmissionScores, read_class_scores
from autograder.nbgrader.tested_assignment import TestedAssignment
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    NAMESPACE,
    cell_metadata,
    grade_id,
    graded_by,
    is_solution,
    whole_text,
)
from autograder.questions.question import Pool, Question
from autograder.questions.variants import numbers_of_class
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.roster import Roster, groups_of
from autograder.text import Text, one_line


def read_class(
    course: Course,
    assignment: str,
    *,
    reasons: Mapping[str, Text] = MappingProxyType({}),
    now: datetime | None = None,
) -> ClassResults:
    """Read the results of an assignment.

    reasons: why a submission could not be graded, by student, as the last run found; nothing else records it.
    Raises CourseError if the assignment has no submission.
    """
    book, definition = read_class_scores(course, assignment), course.assignment(assignment)
    roster = {person.student_id: person for person in Roster.of(course).people}
    folder = course.submitted
    handed_in = {path.parent.name for path in folder.glob(f"*/{assignment}") if path.is_dir()}
    if not handed_in:
        raise CourseError(
            _(
                "no submissions to {assignment} in {folder}; import them with `autograder collect`",
                assignment=assignment,
                folder=folder,
            )
        )
    students = []
    absent = () if course.is_demo else (*roster, *book.people)
    for student in sorted({*handed_in, *absent}):
        person = roster.get(student)
        name, email = book.people.get(student, ("", ""))
        whom: dict[str, Any] = {
            "id": student,
            "name": (person.name if person else "") or name,
            "email": (person.email if person else "") or email,
            "section": person.section if person else "",
        }
        if student not in handed_in:
            students.append(Student(**whom, state="absent"))
            continue
        scores = book.submissions.get(student, SubmissionScores())
        try:
            parts = [
                graded_student(
                    json.loads(course.graded_path(SubmissionId(student, assignment, notebook)).read_bytes()),
                    scores,
                    full_name=SubmissionId(student, assignment, notebook).full_name,
                    **whom,
                )
                for notebook in definition.notebooks
            ]
            students.append(_merged(parts))
        except (OSError, ValueError, KeyError, TypeError):  # not graded, or not left by a run
            reason = reasons.get(student)
            students.append(
                Student(**whom, state="ungraded", reason=reason, submitted_at=scores.submitted_at)
            )
    return class_results(course, assignment, students, points=book.points, manual=book.manual, now=now)


def class_results(
    course: Course,
    assignment: str,
    students: Sequence[Student],
    *,
    points: Mapping[str, float],
    manual: Collection[str] = (),
    due_at: datetime | None = None,
    now: datetime | None = None,
) -> ClassResults:
    """Return the results of these students, with what the course's files say of the assignment.

    points: by question or manually graded cell, in the order of the page; those of the question files if empty.
    manual: those of `points` that a person grades. due_at: if it is not that of the course's settings.
    """
    definition = course.assignment(assignment)
    questions = {question.id: question for question in definition.readable_questions}
    points = points or {name: question.points for name, question in questions.items()}
    return ClassResults(
        course=course.id,
        assignment=assignment,
        items=_items(course, assignment, questions, points, manual, students),
        students=students,
        made_at=now or datetime.now(UTC),
        timezone=course.settings.timezone,
        due_at=due_at or definition.due,
        title=definition.title,
        template="\n".join(_template(course, assignment)),
        groups=[frozenset(group.members) for group in groups_of(course, assignment)],
    )


def graded_student(
    graded: Mapping[str, Any],
    scores: SubmissionScores,
    *,
    id: str,
    name: str = "",
    email: str = "",
    section: str = "",
    attempts: int | None = None,
    full_name: Callable[[str], str] = str,
) -> Student:
    """Return a student by the graded notebook, as parsed JSON, and by the scores in the gradebook.

    full_name: returns the name of a question in the assignment, from that in the notebook.
    Raises ValueError, KeyError or TypeError if no run of the kit left the notebook.
    """
    reports = intern_reports(graded_notebook.reports_in(graded))
    metadata = graded["metadata"].get(NAMESPACE, {})
    codes, own = _code_in(graded["cells"])
    return Student(
        id=id,
        name=name,
        email=email,
        section=section,
        attempts=attempts,
        submitted_at=scores.submitted_at,
        edition=str(metadata.get("edition", "")),
        answers={
            full_name(name): Answer(report.as_scored(scores.scores.get(full_name(name))), codes.get(name, ""))
            for name, report in reports.items()
        },
        scores={name: score for name, score in scores.scores.items() if score is not None},
        late=scores.late,
        claim=graded_notebook.claim_in(graded),
        waiting=tuple(scores.waiting),
        notes={full_name(name) if name else "": note for name, note in _notes_in(metadata).items()},
        own_code=own,
    )


def _merged(parts: Sequence[Student]) -> Student:
    """Return a student from what each notebook of a submission says."""
    first, *others = parts
    for other in others:
        first = replace(
            first,
            answers={**first.answers, **other.answers},
            notes={**first.notes, **other.notes},
            own_code="\n\n".join(filter(None, (first.own_code, other.own_code))),
        )
    return first


def _notes_in(metadata: Mapping[str, Any]) -> dict[str, Text]:
    """Return how answers were found or why they were lost, by question, and by an empty name why nothing was read."""
    if metadata.get("refused"):
        return {"": Text(**metadata["refused"])}
    notes = {**metadata.get("notes", {}), **metadata.get("elsewhere", {})}
    return {name: Text(**note) for name, note in notes.items()}


def _code_in(cells: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], str]:
    """Return the code of each answer, by question, and that of the student's own cells."""
    answers: dict[str, str] = {}
    own = []
    last = ""
    for cell in cells:
        metadata = cell_metadata(cell)
        source = whole_text(cell["source"])
        if metadata.get("part") == "answer":
            answers[str(metadata.get("question", "")) or grade_id(cell)] = source
        elif is_solution(cell):
            last = source
        elif "report" in metadata:  # of a test of nbgrader's own, which is about the answer before it
            answers.setdefault(graded_by(cell), last)
        elif metadata.get("own") and cell["cell_type"] == "code":
            own.append(source)
    return answers, "\n\n".join(own)


def _items(
    course: Course,
    assignment: str,
    questions: Mapping[str, Question],
    points: Mapping[str, float],
    manual: Collection[str],
    students: Sequence[Student],
) -> list[Item]:
    """Return the questions and manually graded cells in the order of the notebook."""
    titles = {name: answer.report.title for student in students for name, answer in student.answers.items()}
    drawn: dict[str, Mapping[str, tuple[Any, ...]]] = {}

    def numbers_of(pool: Pool) -> Mapping[str, tuple[Any, ...]]:
        """Return the numbers of each student, drawn once for all questions that share the pool."""
        if pool.name not in drawn:
            drawn[pool.name] = numbers_of_class(course.id, [student.id for student in students], pool)
        return drawn[pool.name]

    items = []
    forgeable = _forgeable(course, assignment)
    for name, maximum in points.items():
        question = questions.get(name)
        path = course.root / "solutions" / assignment / f"{name}.py"
        items.append(
            Item(
                name,
                question.title if question else titles.get(name, Text.same(name)),
                maximum,
                bonus=question is not None and question.bonus,
                manual=name in manual,
                forgeable=forgeable.get(name),
                path=str(path.relative_to(course.root)) if path.is_file() else "",
                parameters=_parameters(question),
                right_numbers=_right_numbers(question, numbers_of),
            )
        )
    return items


def _forgeable(course: Course, assignment: str) -> dict[str, Text]:
    """Return why tests of nbgrader's own ran among the student's code, by name."""
    reasons: dict[str, Text] = {}
    if not course.assignment(assignment).has_tests:
        return reasons
    tested = TestedAssignment(course, assignment)
    for notebook in tested.notebooks:
        with contextlib.suppress(CourseError):  # as grading said already
            if (proof := tested.known_proof(notebook, tested.plan(notebook))) is not None:
                part = SubmissionId("", assignment, notebook)
                for test, reason in proof.together.items():
                    reasons[part.full_name(test.removesuffix(GRADE_SUFFIX))] = reason.map(one_line)
    return reasons


def _parameters(question: Question | None) -> tuple[str, ...]:
    if question is None or question.is_number or question.reference is None:
        return ()
    return tuple(inspect.signature(question.reference).parameters)


def _right_numbers(
    question: Question | None, numbers_of: Callable[[Pool], Mapping[str, tuple[Any, ...]]]
) -> dict[str, str]:
    """Return the right answer to each student's own numbers; empty unless students have different ones."""
    if question is None or question.pool is None or not question.pool.variants or question.needs_tensorflow:
        return {}
    pool = question.pool
    return {
        student: str(question.right_number(pool.mapping(own))) for student, own in numbers_of(pool).items()
    }


def _template(course: Course, assignment: str) -> Iterable[str]:
    """Yield the text of the released notebooks and of the question files."""
    definition = course.assignment(assignment)
    for path in definition.releases:
        if path.is_file():
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                yield whole_text(cell["source"]) + "\n"
    for path in definition.question_files:
        if path.suffix == ".py":
            yield path.read_text(encoding="utf-8")
