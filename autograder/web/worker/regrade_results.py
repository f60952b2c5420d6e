"""The results of a regrade of a class as data, of which its page, its JSON and its log are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, load_only

from autograder.course import Course, SubmissionId
from autograder.engine.messages import Regrade, ScoreChange
from autograder.engine.regrade_data import GradedAgain, as_data
from autograder.notebooks.cells import cell_of
from autograder.text import Text
from autograder.web.db.models import Attempt, ClassRegrade, FinalGrade, Person, RegradedAttempt


def change_to_row(change: ScoreChange) -> dict[str, Any]:
    """Return a change as its row has it."""
    return {
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "why": change.reason.to_dict(),
        "carried": change.carried,
        "stays": change.stays,
    }


def regrade_rows(session: Session, regrade: ClassRegrade, *, counting: bool) -> list[RegradedAttempt]:
    """Return the attempts of a regrade, with their people. counting: only those that count, or only the others."""
    query = (
        select(RegradedAttempt)
        .join(RegradedAttempt.attempt)
        .join(Attempt.person)
        .where(RegradedAttempt.regrade_id == regrade.id, RegradedAttempt.counts.is_(counting))
        .options(
            contains_eager(RegradedAttempt.attempt).options(
                load_only(Attempt.person_id), contains_eager(Attempt.person)
            )
        )
        .order_by(Person.name, Person.id, RegradedAttempt.id)
    )
    return list(session.scalars(query))


def regrade_data_of(
    session: Session, course: Course, regrade: ClassRegrade, rows: Iterable[RegradedAttempt]
) -> dict[str, Any]:
    """Return what a regrade changes of some attempts, as `as_data` does."""
    rows = list(rows)
    by_hand = _scores_by_hand(session, regrade, {row.attempt.person_id for row in rows})
    names, changes = {}, []
    submissions = {row.id: SubmissionId(student_of(row), regrade.assignment) for row in rows}
    for row in rows:
        submission = submissions[row.id]
        names[submission.student] = row.attempt.person.name
        cells = by_hand.get(row.attempt.person_id, {})
        changes += [_change(submission, change, cells) for change in row.changes]
    again = GradedAgain(
        [
            (submissions[row.id], row.why)
            for row in rows
            if row.why and row.state not in ("waiting", "ungraded")
        ],
        [(submissions[row.id], row.reason) for row in rows if row.reason],
        changes,
        names,
    )
    return as_data(course, Regrade(regrade.question, keep_better=regrade.keep_better), again)


def student_of(row: RegradedAttempt) -> str:
    """Return the id of the student in data for people; of an account without one, its number."""
    person = row.attempt.person
    return person.student_id or f"#{person.id}"


def _change(submission: SubmissionId, change: Mapping[str, Any], cells: Mapping[str, Any]) -> ScoreChange:
    cell = cells.get(cell_of(change["question"], cells), {})
    return ScoreChange(
        submission,
        change["question"],
        change["before"],
        change["after"],
        Text(**change["why"]),
        by_hand=cell.get("score"),
        carried=change["carried"],
        stays=change["stays"],
    )


def _scores_by_hand(
    session: Session, regrade: ClassRegrade, people: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Return the grade cells to which a person gave the score, by student."""
    query = select(FinalGrade.person_id, FinalGrade.cells).where(
        FinalGrade.course_link_id == regrade.course_link_id, FinalGrade.person_id.in_(people)
    )
    return {
        person: {name: cell for name, cell in cells.items() if cell.get("manual")}
        for person, cells in session.execute(query)
    }
