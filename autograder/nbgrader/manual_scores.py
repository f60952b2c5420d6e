"""Scores and comments of manually graded cells, from a spreadsheet into the gradebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.gradebook_queries import manual_cells
from autograder.nbgrader.grades_csv import QUESTION_COLUMNS
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.records import ManualCell, ManualScore
from autograder.roster import Roster, id_of, rows_of
from autograder.text import Text, joined

NEEDED = ("assignment", "student_id", "question")
NOTHING_NEW = ManualScore(None)
MAX_LISTED = 20
"""Wrong lines that an error lists: in a file of another kind, every line is wrong."""


@dataclass(frozen=True)
class Recorded:
    """The outcome of recording scores."""

    scores: int
    comments: int
    replaced: tuple[Text, ...]
    """Scores that replace another score of a person."""
    assignments: tuple[str, ...]
    """The assignments whose pages and grades are to be written again."""


def record(course: Course, path: Path) -> Recorded:
    """Record the scores and comments of a CSV file: all of them, or none if a line is wrong.

    The file is `question_scores.csv` with scores filled in, or has at least its columns assignment, student_id and
    question. An empty score or comment leaves what is recorded. Lines of automatically graded questions are ignored.

    Raises CourseError, with every wrong line, where one names no manually graded cell of a submission, repeats one,
    or has no score that the cell can have.
    """
    with open_gradebook(course) as gradebook:
        cells = manual_cells(gradebook)
    roster = Roster.known(course)
    graded = {submission.student for submission, _name in cells}
    scores: dict[tuple[SubmissionId, str], ManualScore] = {}
    lines: dict[tuple[SubmissionId, str], int] = {}
    replaced: list[Text] = []
    wrong: list[Text] = []
    for line, row in rows_of(path, QUESTION_COLUMNS, needed=NEEDED):
        if row.get("graded_by") == "autograder":
            continue
        try:
            submission = _submission(row["assignment"], row["student_id"], course, roster, graded)
            key = submission, row["question"]
            cell = _cell(key, cells)
            if key in lines:
                raise CourseError(_("line {line} is about the same cell", line=lines[key]))
            lines[key] = line
            score = _score(row.get("score", ""), cell, is_new=row.get("state", "waiting") == "waiting")
        except CourseError as error:
            wrong.append(_("{path}:{line}: {error}", path=path, line=line, error=error.message))
            continue
        manual = ManualScore(
            None if score == cell.score and not cell.waits else score,
            "" if row.get("comment") == cell.comment else row.get("comment", ""),
        )
        if manual == NOTHING_NEW:
            continue
        scores[key] = manual
        if score is not None and cell.score is not None and score != cell.score:
            replaced.append(
                _(
                    "{question} of {student}: {before} → {after}",
                    question=key[1],
                    student=submission.student,
                    before=f"{cell.score + cell.extra:g}",
                    after=f"{score + cell.extra:g}",
                )
            )
    if wrong:
        raise CourseError(_refusal(wrong))
    with GradebookWriter(course) as gradebook:
        gradebook.score_manually(scores)
    return Recorded(
        scores=sum(manual.score is not None for manual in scores.values()),
        comments=sum(bool(manual.comment) for manual in scores.values()),
        replaced=tuple(replaced),
        assignments=tuple(sorted({submission.assignment for submission, _cell in scores})),
    )


def _submission(
    assignment: str, student: str, course: Course, known: Roster, graded: Set[str]
) -> SubmissionId:
    """Return the submission that a line is about. Raises CourseError for an unknown assignment or student.

    graded: students of the gradebook; without a roster, their submissions may be gone.
    """
    course.check_assignment(assignment)
    is_graded = bool(known.folder) and student in graded
    return SubmissionId(student if is_graded else id_of(known.find_any(student)), assignment)


def _cell(key: tuple[SubmissionId, str], cells: Mapping[tuple[SubmissionId, str], ManualCell]) -> ManualCell:
    """Return the manually graded cell that a line is about. Raises CourseError if there is none."""
    submission, name = key
    if key in cells:
        return cells[key]
    if not any(graded == submission for graded, _name in cells):
        raise CourseError(
            _(
                "no manually graded cell of {student} in {assignment}: nothing was submitted, or it was not graded yet "
                "(`autograder grade`)",
                student=submission.student,
                assignment=submission.assignment,
            )
        )
    raise CourseError(
        _(
            "{assignment} has no manually graded cell {name}; it has {names}",
            assignment=submission.assignment,
            name=name,
            names=", ".join(sorted(cell for graded, cell in cells if graded == submission)),
        )
    )


def _score(text: str, cell: ManualCell, *, is_new: bool) -> float | None:
    """Return the score that a line gives, without extra credit; None for an empty text.

    is_new: whether the cell waited for its score when the file was written. Raises CourseError for a score that the
    cell cannot have, and for an old score of an answer that has changed since.
    """
    if not text:
        return None
    try:
        score = float(text) - cell.extra
    except ValueError:
        score = math.nan
    if not 0 <= score <= cell.max_score:  # nor NaN
        raise CourseError(
            _(
                "the score is {text}; expected a number from {lowest} to {highest}, such as 1.5",
                text=repr(text),
                lowest=f"{cell.extra:g}",
                highest=f"{cell.max_score + cell.extra:g}",
            )
        )
    if cell.waits and not is_new:
        raise CourseError(
            _(
                "the answer has changed since this score was given: read it, then write waiting into the column state, "
                "or leave the score empty"
            )
        )
    return score


def _refusal(wrong: list[Text]) -> Text:
    """Return the message that nothing is recorded, with the wrong lines."""
    more = len(wrong) - MAX_LISTED
    left_out = [ngettext("… and {n} more", "… and {n} more", more)] if more > 0 else []
    first = ngettext(
        "nothing was recorded, since {n} line is wrong:",
        "nothing was recorded, since {n} lines are wrong:",
        len(wrong),
    )
    return joined("\n  ", [first, *wrong[:MAX_LISTED], *left_out])
