"""A student's feedback in a few lines, for the comment field of an LMS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

from autograder.course import Course, SubmissionId
from autograder.grading.report import Report
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.lms.scores import StudentScore
from autograder.nbgrader.graded_notebook import reports_in
from autograder.notebooks.cells import GRADE_SUFFIX, NAMESPACE
from autograder.notebooks.essays import manual_texts
from autograder.text import one_line

LATE = _("Handed in late: −{points}")
MORE = _("The feedback file tells more.")
IN_LMS = _("Open the assignment in your LMS for the whole report.")


def comment_lines(course: Course, standing: StudentScore, assignment: str) -> list[str]:
    """Return a line for each question, with the named mistakes, a line for each essay, then further notes.

    Empty if nothing is graded. Written in the language of the submitted edition; shows as much as the feedback policy
    allows today.
    """
    try:
        graded = json.loads(course.graded_path(SubmissionId(standing.student, assignment)).read_bytes())
    except (OSError, ValueError):
        return []
    language = graded["metadata"].get(NAMESPACE, {}).get("edition", course.languages[0])
    level = course.assignment(assignment).feedback_level(datetime.now(UTC))
    reports = reports_in(graded).values()
    by_hand = {name: score for name, (score, _) in standing.by_hand.items()}
    lines = [
        line
        for report in reports
        for line in question_lines(
            report, language, why=level != "score", score=by_hand.get(f"{report.question}{GRADE_SUFFIX}")
        )
    ]
    if not lines:
        return []
    for name in manual_texts(graded["cells"]):
        if name in standing.by_hand:
            earned, most = standing.by_hand[name]
            lines.append(f"{name}: {plain(earned)} / {plain(most)}")
    notes = dict.fromkeys(one_line(note.in_language(language)) for report in reports for note in report.notes)
    late = [LATE.in_language(language).format(points=plain(standing.late))] if standing.late else []
    return [*lines, *late, *(f"* {note}" for note in notes), MORE.in_language(language)]


def openings(course: Course, assignment: str) -> tuple[str, ...]:
    """Return what such a comment may begin with: the title of a question, in any language."""
    return tuple(
        text
        for question in course.assignment(assignment).questions
        for text in question.title.to_dict().values()
        if text
    )


def is_ours(comment: str, openings: tuple[str, ...]) -> bool:
    """Return whether a comment is one of the kit's, however the LMS joined its lines, and nothing was added to it."""
    text = unescape(comment)
    return text.startswith(openings) and text.endswith((*MORE.to_dict().values(), *IN_LMS.to_dict().values()))


def question_lines(report: Report, language: str, *, why: bool, score: float | None = None) -> Iterator[str]:
    """Yield a question's score and, if `why`, the named mistakes, and why nothing is carried over.

    score: the score given by a person, if any.
    """
    earned = report.score if score is None else score
    report = report.as_scored(earned)
    unpaid = (check.message for check in report.checks if check.too_easy)
    yield f"{report.title.in_language(language)}: {plain(earned)} / {plain(report.points)}"
    if why:
        for text in (
            *(named.text for named in report.misconceptions),
            *report.computed,
            *dict.fromkeys(unpaid),
        ):
            yield f"– {one_line(text.in_language(language))}"
