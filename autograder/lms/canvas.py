"""Canvas export: fill one column of an exported gradebook file, and send feedback through the API.

Written from the source of Canvas's importer and exporter; not run against a Canvas.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Course, SubmissionId
from autograder.engine.kept_grades import check_points
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.grading.given_out import give_out
from autograder.i18n import _
from autograder.lms.comments import comment_lines
from autograder.lms.fill import Filled, Line, fill, plain_number
from autograder.lms.scores import StudentScore, class_scores
from autograder.lms.sheet import TEST_STUDENT, Sheet
from autograder.nbgrader.gradebook_queries import check_pages
from autograder.roster import plain_name

if TYPE_CHECKING:
    from canvasapi import Canvas

TITLE = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)")
LAST_OF_A_STUDENT = "Section"
EXCUSED = "EX"


@dataclass(frozen=True)
class Gradebook:
    """A Canvas gradebook file and the column of one assignment in it."""

    sheet: Sheet
    column: int
    assignment_id: str
    """Canvas's id of the assignment; empty if the header does not give it."""
    most: float
    """Points possible; 0 if the file does not give them."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class CanvasExport:
    """The result of an export to Canvas."""

    filled: Filled
    path: Path
    scaled: tuple[float, float] | None
    """The kit's maximum and Canvas's, where they differ."""


def gradebook(sheet: Sheet, assignment: str, *, column: str = "") -> Gradebook:
    """Return a sheet as a Canvas gradebook. column: the title of the assignment in Canvas, if it differs.

    Raises CourseError if the sheet is not a gradebook, or if no column or more than one has the title.
    """
    header = [name.strip() for name in sheet.header]
    ids = [index for index, name in enumerate(header) if name == "ID"]
    sections = [index for index, name in enumerate(header) if name == LAST_OF_A_STUDENT]
    if not ids or not sections or header[0] not in ("Student", "LastName"):
        raise CourseError(
            _(
                "{path} is not a Canvas gradebook: expected Student, ID, ..., Section, found {header}. "
                "Export it there: Grades, Export, Export Entire Gradebook",
                path=sheet.path,
                header=", ".join(header[:6]),
            )
        )
    column_index = _column(sheet, header, sections[0], column or assignment)
    match = TITLE.fullmatch(header[column_index])
    first = next((row for row in range(1, len(sheet.rows)) if sheet.cell(row, ids[0])), len(sheet.rows))
    possible = [row for row in range(1, first) if sheet.cell(row, 0).startswith("Points Possible")]
    rows = [row for row in range(first, len(sheet.rows)) if sheet.cell(row, 0) != TEST_STUDENT]
    lines = tuple(_line(sheet, header, row, ids[0], column_index) for row in rows)
    most = _number(sheet, possible[0], column_index) if possible else 0.0
    return Gradebook(sheet, column_index, match["id"] if match else "", most, lines)


def export(
    course: Course, assignment: str, gradebook: Gradebook, target: Path, *, keep_bonus: bool = False
) -> CanvasExport:
    """Write the gradebook file with the scores in its column to `target`.

    keep_bonus: allow scores above the points possible. Raises CourseError if students may not see scores yet, or if
    the assignment is not graded.
    """
    course.assignment(assignment).check_shown(datetime.now(UTC))
    scores = class_scores(course, assignment)
    check_points(course, assignment)
    filled = fill(
        scores, gradebook.lines, gradebook.most, absent=course.settings.not_handed_in, keep_bonus=keep_bonus
    )
    cells = {(row, gradebook.column): plain_number(score) for row, score in filled.scores.items()}
    give_out(course, filled.given_out(assignment), "autograder export canvas")
    gradebook.sheet.filled(cells).write(target)
    differ = gradebook.most and gradebook.most != scores.most
    return CanvasExport(filled, target, (scores.most, gradebook.most) if differ else None)


def send_feedback(
    course: Course,
    assignment: str,
    gradebook: Gradebook,
    filled: Filled,
    canvas: Canvas,
    *,
    course_id: str,
    sent: Path,
    done: Callable[[str], None] = lambda student: None,
) -> Iterator[tuple[str, str]]:
    """Comment on each graded submission in Canvas, with the feedback page; yield each failed student and the reason.

    sent: a file that records what was sent, so that a second run sends only what is new. Raises CourseError if it is
    damaged, if Canvas does not show the assignment, or if a page is not current.
    """
    from canvasapi.exceptions import CanvasException

    check_pages(course, assignment)
    before = _sent_before(sent)
    try:
        in_canvas: Any = canvas.get_course(course_id).get_assignment(gradebook.assignment_id)
    except (CanvasException, OSError) as error:
        raise CourseError(
            _(
                "Canvas does not show assignment {number} of course {course_id}: {kind} {error}; check the "
                "URL, the token and the course id",
                number=gradebook.assignment_id,
                course_id=course_id,
                kind=type(error).__name__,
                error=error,
            )
        ) from error
    for line in gradebook.lines:
        standing = filled.standings.get(line.row)
        if standing is None or standing.state != "settled":
            continue
        try:
            submission = in_canvas.get_submission(line.identifiers["canvas_id"])
            for kind, content, send in _parts(course, standing, assignment, submission):
                key = f"{gradebook.assignment_id}/{line.identifiers['canvas_id']}/{kind}"
                digest = hashlib.sha256(content).hexdigest()
                if content and before.get(key) != digest:
                    send()
                    before[key] = digest
                    atomic_write(sent, json.dumps(before, indent=1))
        except Exception as error:  # an error for one student must not stop the others
            yield standing.student, f"{type(error).__name__}: {error}"
        done(standing.student)


def _sent_before(sent: Path) -> dict[str, str]:
    try:
        return dict(json.loads(sent.read_text(encoding="utf-8"))) if sent.is_file() else {}
    except ValueError as error:
        raise CourseError(
            _(
                "{sent} is damaged, so what was sent is unknown: {error}; delete it to send everything again",
                sent=sent,
                error=error,
            )
        ) from error


def _parts(
    course: Course, standing: StudentScore, assignment: str, submission: Any
) -> Iterator[tuple[str, bytes, Callable[[], None]]]:
    """Yield the parts of a submission's comment: kind, content, and the function that sends it."""
    text = "\n".join(comment_lines(course, standing, assignment))
    pages = course.feedback_pages(SubmissionId(standing.student, assignment))

    def send_page(page: Path) -> None:
        uploaded, answer = submission.upload_comment(str(page))
        if not uploaded:
            raise CourseError(_("Canvas did not take the feedback page: {answer}", answer=answer))

    yield "text", text.encode(), lambda: submission.edit(comment={"text_comment": text})
    for number, page in enumerate(pages.values()):
        kind = "page" if number == 0 else f"page {number + 1}"
        yield kind, page.read_bytes(), partial(send_page, page)


def _column(sheet: Sheet, header: list[str], section: int, wanted: str) -> int:
    titles = {index: header[index] for index in range(section + 1, len(header))}
    exact = [index for index, title in titles.items() if title == wanted]
    near = [
        index for index, title in titles.items() if plain_name(_title(title)) == plain_name(_title(wanted))
    ]
    matching = exact or near
    if len(matching) != 1:
        columns = [title for title in titles.values() if TITLE.fullmatch(title)]
        raise CourseError(
            _(
                "{path}: {number} columns are named {wanted}; name one with --column: {columns}",
                path=sheet.path,
                number=len(matching),
                wanted=repr(wanted),
                columns=", ".join(columns),
            )
        )
    return matching[0]


def _title(header: str) -> str:
    match = TITLE.fullmatch(header)
    return match["title"] if match else header


def _line(sheet: Sheet, header: list[str], row: int, id_column: int, column: int) -> Line:
    def cell(name: str) -> str:
        return sheet.cell(row, header.index(name)) if name in header else ""

    name = cell("Student") or ", ".join(filter(None, (cell("LastName"), cell("FirstName"))))
    login, current = cell("SIS Login ID"), sheet.cell(row, column)
    identifiers = {
        "canvas_id": sheet.cell(row, id_column),
        "student_number": cell("SIS User ID"),
        "email": login if "@" in login else "",
        "student_id": login,
        "name": name,
    }
    excused = current.upper() == EXCUSED
    return Line(
        row,
        identifiers,
        name,
        "" if current in ("-", "N/A") else current,
        _("excused in Canvas") if excused else None,
    )


def _number(sheet: Sheet, row: int, column: int) -> float:
    text = sheet.cell(row, column)
    plain = (
        text.replace(".", "").replace(",", ".") if re.search(r",\d{1,2}$", text) else text.replace(",", "")
    )
    try:
        return float(plain or 0)
    except ValueError:
        raise CourseError(
            _("{path}: {text} is not a number of points possible", path=sheet.path, text=repr(text))
        ) from None
