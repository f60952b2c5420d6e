"""Moodle export: fill the grading worksheet and zip the feedback pages."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course import Course, SubmissionId
from autograder.engine.kept_grades import check_points
from autograder.errors import CourseError
from autograder.files import atomic_file
from autograder.grading.given_out import give_out
from autograder.i18n import _
from autograder.lms.comments import comment_lines, is_ours, openings
from autograder.lms.fill import Filled, Line, fill, plain_number
from autograder.lms.moodle.worksheet import Worksheet, comment_text
from autograder.lms.scores import class_scores
from autograder.nbgrader.gradebook_queries import check_pages
from autograder.roster import plain_name
from autograder.submissions.identify import lms_fields

EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class MoodleExport:
    """The result of an export to Moodle, and what Moodle will report."""

    filled: Filled
    worksheet: Path
    feedback: Path | None
    pages: int
    """Number of feedback pages in the zip."""
    updates: int
    """Number of grades that Moodle should report as updated."""
    comments_kept: int
    """Number of comments by others that were kept."""
    scaled: tuple[float, float] | None
    """The kit's maximum and Moodle's, where they differ."""


def fill_worksheet(
    course: Course,
    assignment: str,
    worksheet: Worksheet,
    target: Path,
    *,
    folders: Mapping[str, str] | None = None,
    replace_comments: bool = False,
) -> MoodleExport:
    """Write `worksheet.csv` and `feedback.zip` into `target`.

    folders: for a team assignment, the folder of each group in Moodle's zip of submissions, by the group's plain name;
    without it no zip is written. Raises CourseError if students may not see scores yet, if the assignment is not
    graded, or if a feedback page shows other scores or comments than the gradebook.
    """
    scores = class_scores(course, assignment)
    check_points(course, assignment)
    check_pages(course, assignment)
    lines = [
        Line(
            participant.row,
            participant.identifiers,
            participant.name or participant.number,
            participant.grade,
            locked=None if participant.changeable else _("locked in Moodle"),
            handed_in=participant.handed_in is not None,
            extended_until=participant.extended_until,
        )
        for participant in worksheet.participants
    ]
    filled = fill(scores, lines, worksheet.most, absent=course.settings.not_handed_in)
    cells = {
        (row, worksheet.columns["grade"]): _grade(worksheet, score) for row, score in filled.scores.items()
    }
    kept, ours = 0, openings(course, assignment)
    for participant in worksheet.participants:
        if "comment" in worksheet.columns and participant.row in filled.scores:
            lines_of = comment_lines(course, filled.standings[participant.row], assignment)
            theirs = participant.comment and not is_ours(participant.comment, ours)
            if theirs and not replace_comments:
                kept += 1
            elif lines_of:
                cells[participant.row, worksheet.columns["comment"]] = comment_text(lines_of)
    path = target / "worksheet.csv"
    give_out(course, filled.given_out(assignment), "autograder export moodle")
    worksheet.sheet.filled(cells).write(path)
    pages = _pages(course, assignment, worksheet, filled, folders)
    return MoodleExport(
        filled, path, _zip(target / "feedback.zip", pages), len(pages), _updates(worksheet, filled), kept,
        (scores.most, worksheet.most) if worksheet.most and worksheet.most != scores.most else None,
    )  # fmt: skip


def group_folders(submissions: Path) -> dict[str, str]:
    """Return the folders in Moodle's zip of team submissions, by the plain name of the group.

    Groups with ambiguous folders are left out. Raises CourseError if the file is not a zip.
    """
    try:
        with zipfile.ZipFile(submissions) as archive:
            folders = {PurePosixPath(name).parts[0] for name in archive.namelist() if name.strip("/")}
    except (OSError, zipfile.BadZipFile) as error:
        raise CourseError(
            _(
                "{submissions} is not the zip of submissions that Moodle gave: {error}",
                submissions=submissions,
                error=error,
            )
        ) from error
    named = [(plain_name(lms_fields(folder).get("name", "")), folder) for folder in folders]
    times = Counter(name for name, _ in named)
    return {name: folder for name, folder in named if times[name] == 1}


def _grade(worksheet: Worksheet, score: float) -> str:
    decimal_comma = (
        "," in worksheet.sheet.rows[1][worksheet.columns.get("most", 0)] and "most" in worksheet.columns
    )
    return plain_number(score).replace(".", ",") if decimal_comma else plain_number(score)


def _updates(worksheet: Worksheet, filled: Filled) -> int:
    return sum(
        participant.row in filled.scores
        and participant.grade.replace(",", ".") != f"{filled.scores[participant.row]:.2f}"
        for participant in worksheet.participants
    )


def _pages(
    course: Course, assignment: str, worksheet: Worksheet, filled: Filled, folders: Mapping[str, str] | None
) -> dict[str, Path]:
    pages: dict[str, Path] = {}
    for participant in worksheet.participants:
        if participant.row not in filled.scores:
            continue
        submission = SubmissionId(filled.standings[participant.row].student, assignment)
        if worksheet.is_of_a_team:
            folder = (folders or {}).get(plain_name(participant.group))
        else:
            # Moodle reads only the number, and fails on some characters in names
            folder = f"{plain_name(participant.name) or 'student'}_{participant.number}_assignsubmission_file"
        for name, page in course.feedback_pages(submission).items() if folder else ():
            pages.setdefault(f"{folder}/{name}", page)
    return pages


def _zip(path: Path, pages: Mapping[str, Path]) -> Path | None:
    if not pages:
        path.unlink(missing_ok=True)
        return None
    # the pages of a large class do not fit in memory
    with atomic_file(path) as packed, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in sorted(pages.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), page.read_bytes(), zipfile.ZIP_DEFLATED)
    return path
