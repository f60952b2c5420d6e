"""The answers of students, as staff see them: the same cards as the students, of any attempts of the activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.feedback.page import Room, card_values
from autograder.i18n import _
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, FinalGrade, Override, RegradeRequest
from autograder.web.pages.results import QuestionResult, displayed_overrides, question_results
from autograder.web.visits import Visit


@dataclass(frozen=True)
class ShownAttempt:
    """An attempt with its questions."""

    attempt: Attempt
    ordinal: int
    """Its number among the student's attempts, from 1."""
    counting: int | None
    """The number of the attempt that counts; None if none does."""
    results: Sequence[QuestionResult]
    """In the order of the notebook; empty while it is not graded."""
    no_answers: Text | None
    """Why there are no answers to show; None if there are."""
    has_file: bool
    """Whether the submitted file is there."""

    @property
    def counts(self) -> bool:
        """Whether it is the attempt that counts."""
        return self.ordinal == self.counting

    def result(self, question: str) -> QuestionResult | None:
        """Return the result of a question, if it has one."""
        return next((result for result in self.results if result.card.name == question), None)


def load_attempts(
    session: Session, visit: Visit, attempts: Iterable[Attempt], final_grades: Mapping[int, FinalGrade]
) -> dict[int, ShownAttempt]:
    """Load attempts of the activity with their questions, by id. final_grades: by person.

    It takes as many queries for many attempts as for one.
    """
    attempts = list(attempts)
    link, info = visit.link.id, tool.catalog.info(visit.assignment)
    people = {attempt.person_id for attempt in attempts}
    numbers = defaultdict(list)
    for number, person in session.execute(
        select(Attempt.id, Attempt.person_id)
        .where(Attempt.course_link_id == link, Attempt.person_id.in_(people))
        .order_by(Attempt.id)
    ):
        numbers[person].append(number)
    overrides = defaultdict(list)
    for override in session.scalars(
        select(Override)
        .where(Override.course_link_id == link, Override.person_id.in_(people))
        .order_by(Override.id)
    ):
        overrides[override.person_id].append(override)
    requests = defaultdict(list)
    for request in session.scalars(
        select(RegradeRequest)
        .where(RegradeRequest.attempt_id.in_([attempt.id for attempt in attempts]))
        .order_by(RegradeRequest.id)
    ):
        requests[request.attempt_id].append(request)
    shown = {}
    for attempt in attempts:
        grade, ids = final_grades.get(attempt.person_id), numbers[attempt.person_id]
        counting = None if grade is None else grade.attempt_id
        shown[attempt.id] = ShownAttempt(
            attempt,
            ids.index(attempt.id) + 1,
            ids.index(counting) + 1 if counting in ids else None,
            question_results(
                attempt,
                visit.language,
                tool.submissions.graded_file(attempt),
                overrides=displayed_overrides(grade, overrides[attempt.person_id], info),
                requests=requests[attempt.id],
                solutions={},
            ),
            _no_answers(attempt),
            tool.submissions.submitted_file(attempt).is_file(),
        )
    return shown


def card_context(visit: Visit) -> dict[str, Any]:
    """Return what the template of a page with the cards of `question.html` needs."""
    language = visit.language
    return {"room": Room.for_staff(language), **card_values(language, "diagnosis", for_staff=True)}


def _no_answers(attempt: Attempt) -> Text | None:
    if tool.submissions.graded_file(attempt).is_file() or not attempt.report:
        return None
    if tool.submissions.submitted_file(attempt).is_file():
        return _("The graded notebook is missing. Grade the attempt again to see the answer here.")
    return _("The file of this attempt has been deleted, so its answer cannot be shown.")
