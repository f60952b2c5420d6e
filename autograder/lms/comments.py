"""A student's feedback in a few lines, for the comment field of an LMS."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.feedback.cards import Card, title_of
from autograder.grading.report import Report
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.lms.scores import StudentScore
from autograder.nbgrader.graded_notebook import reports_in
from autograder.notebooks.cells import NAMESPACE, cell_metadata, grade_id, is_test, read_notebook
from autograder.notebooks.essays import is_essay, is_task
from autograder.notebooks.headings import Place
from autograder.text import one_line

LATE = _("Handed in late: −{points}")
MORE = _("The feedback file tells more.")
TEACHER = _("– From your teacher: {reason}")
MAX_COMMENT = 500
"""Characters of a teacher's comment; the feedback page has all of it."""
MAX_LENGTH = 2000
"""Characters of all lines; some LMSs cut or refuse a longer comment."""
SHORTER = (300, 150, 80, 0)
"""Characters to which explanations are cut, one after another, until all lines fit."""
CUT = "…"
EXPLANATIONS = ("– ", "* ")
"""How lines begin that explain a score."""
IN_LMS = _("Open the assignment in your LMS for the whole report.")


def comment_lines(course: Course, standing: StudentScore, assignment: str) -> list[str]:
    """Return a line for each question, with the named mistakes, and each essay, in the order of the notebook.

    What a person wrote about one follows it; further notes come last. Empty if nothing is graded. Written in the
    language of the submitted edition; shows as much as the feedback policy allows today.
    """
    level = course.assignment(assignment).feedback_level(datetime.now(UTC))
    lines: list[str] = []
    notes: dict[str, None] = {}
    language = ""
    for notebook in course.assignment(assignment).notebooks:
        submission = SubmissionId(standing.student, assignment, notebook)
        try:
            graded = json.loads(course.graded_path(submission).read_bytes())
        except (OSError, ValueError):
            return []
        language = graded["metadata"].get(NAMESPACE, {}).get("edition", course.languages[0])
        lines += _cell_lines(graded, standing, submission, language, why=level != "score")
        notes |= {
            one_line(note.in_language(language)): None
            for report in reports_in(graded).values()
            for note in report.notes
        }
    if not lines:
        return []
    notes = {note: None for note in notes if f"– {note}" not in lines}
    late = [LATE.in_language(language).format(points=plain(standing.late))] if standing.late else []
    return fitted([*lines, *late, *(f"* {note}" for note in notes)], MORE.in_language(language))


def fitted(lines: Sequence[str], last: str) -> list[str]:
    """Return the lines of a comment, then the last one: at most `MAX_LENGTH` characters, and without backticks.

    Explanations are cut before scores are left out.
    """
    last = _plain(last)
    room = MAX_LENGTH - len(last)
    whole = [_plain(line) for line in lines]
    for longest in (MAX_LENGTH, *SHORTER):
        kept = [_cut(line, longest) for line in whole if longest or not line.startswith(EXPLANATIONS)]
        if sum(len(line) + 1 for line in kept) <= room:
            return [*kept, last]
    while sum(len(line) + 1 for line in (*kept, CUT)) > room:
        kept.pop()
    return [*kept, CUT, last]


def _cut(line: str, longest: int) -> str:
    is_long = line.startswith(EXPLANATIONS) and len(line) > longest
    return line[: longest - 1] + CUT if is_long else line


def _plain(text: str) -> str:
    """Return a text without the backticks that set code in a page; an LMS would show them."""
    return text.replace("`", "")


def _cell_lines(
    graded: Mapping[str, Any], standing: StudentScore, submission: SubmissionId, language: str, *, why: bool
) -> Iterator[str]:
    """Yield the lines on each question and essay of a graded notebook."""
    reports, titles = reports_in(graded), essay_titles(graded, submission.assignment)
    for cell in graded["cells"]:
        name = submission.full_name(grade_id(cell))
        if "report" in cell_metadata(cell):
            report = reports[cell_metadata(cell)["report"]["question"]]
            score, _most = standing.by_hand.get(name, (None, 0.0))
            yield from question_lines(report, language, why=why, score=score)
            comment = standing.comments.get(submission.full_name(report.question), "")
            yield from teacher_lines(comment, language)
        elif grade_id(cell) in titles and name in standing.by_hand:
            earned, most = standing.by_hand[name]
            yield f"{titles[grade_id(cell)]}: {plain(earned)} / {plain(most)}"
            yield from teacher_lines(standing.comments.get(name, ""), language)


def essay_titles(notebook: Mapping[str, Any], assignment: str) -> dict[str, str]:
    """Return the heading above each manually graded cell, by grade id; with the id where several have the same.

    A cell with no heading but the notebook's title above it has its id.
    """
    titles: dict[str, str] = {}
    place, title = Place(), title_of(notebook, assignment)
    for cell in notebook["cells"]:
        place.move(cell)
        if is_essay(cell) or is_task(cell):
            titles[grade_id(cell)] = place.heading if place.heading != title else ""
    times = Counter(titles.values())
    return {
        name: name if not heading else heading if times[heading] == 1 else f"{heading} ({name})"
        for name, heading in titles.items()
    }


def openings(course: Course, assignment: str) -> tuple[str, ...]:
    """Return what such a comment may begin with: the title of a question or an essay, in any language, or a test."""
    definition = course.assignment(assignment)
    releases = [read_notebook(path) for path in definition.releases if path.is_file()]
    essays = [title for release in releases for title in essay_titles(release, assignment).values()]
    tests = [f"{grade_id(cell)}: " for release in releases for cell in release.cells if is_test(cell)]
    titles = [text for question in definition.questions for text in question.title.to_dict().values()]
    shown = [*filter(None, [*titles, *essays, *tests])]
    return tuple(dict.fromkeys([*shown, *map(_plain, shown)]))


def teacher_lines(comment: str, language: str) -> list[str]:
    """Return the line with what a person wrote; none for an empty comment."""
    words = one_line(comment)
    if len(words) > MAX_COMMENT:
        words = words[:MAX_COMMENT] + "…"
    return [TEACHER.in_language(language).format(reason=words)] if words else []


def is_ours(comment: str, openings: tuple[str, ...]) -> bool:
    """Return whether a comment is one of the kit's, however the LMS joined its lines, and nothing was added to it."""
    text = unescape(comment)
    return text.startswith(openings) and text.endswith((*MORE.to_dict().values(), *IN_LMS.to_dict().values()))


def question_lines(report: Report, language: str, *, why: bool, score: float | None = None) -> Iterator[str]:
    """Yield a question's score, its corrections and, if `why`, what its card says first of the mistakes.

    That is why there was no answer to judge, or the named mistakes, or the first message of a check; then why nothing
    is carried over.

    score: the score given by a person, if any.
    """
    earned = report.score if score is None else score
    report = report.as_scored(earned)
    card = Card(report.question, "", report.points, earned, report)
    first = card.first_message
    unpaid = (check.message for check in report.checks if check.too_easy)
    yield f"{report.title.in_language(language)}: {plain(earned)} / {plain(report.points)}"
    yield from (f"– {one_line(text.in_language(language))}" for text in report.corrections)
    if why:
        texts = (
            *card.lost,
            *(named.text for named in report.misconceptions),
            *report.computed,
            *([first.message] if first and not card.lost else []),
            *unpaid,
        )
        for text in dict.fromkeys(texts):
            yield f"– {one_line(text.in_language(language))}"
