"""The summary at the end of a grading run: scores, what the class misunderstood, what needs attention."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course import SubmissionId
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.engine.messages import LATE, Result, ScoreChange
from autograder.files import atomic_write, csv_file
from autograder.grading.wording import exact
from autograder.i18n import _, ngettext
from autograder.nbgrader.records import ScoreAboveMaximum
from autograder.nbgrader.totals import Total
from autograder.sandbox.seal import SEAL_DESCRIPTIONS, UNSEALED
from autograder.text import Text, some_of

MAX_CHANGES = 20
WORDS: Mapping[str, Text] = {
    "scores": _("Scores"),
    "student": _("student"),
    "assignment": _("assignment"),
    "score": _("score"),
    "late": _("late"),
    "look": _("answers to look at"),
    "not graded": _("not graded"),
    "waiting": _("waiting for a person"),
    "above": _("more than full points"),
    "cell": _("{cell} of {assignment} ({number}): {students}"),
    "more": _("{number} more"),
    "misunderstood": _("What the class misunderstood"),
    "students": _("students"),
    "question": _("question"),
    "mistake": _("mistake"),
    "none": _("wrote no id (each page says whose numbers counted)"),
    "nobody's": _("wrote an id that no student has (each page says whose numbers counted)"),
    "another's": _("wrote another student's id (judged on the numbers of the one who handed in)"),
    "unsealed": _("warning: student code of this run was not sealed; it could read and change what you can on "
"this machine"),
    LATE: _("late penalty"),
    "changes": _("Scores that the regrade changes (they are written next)"),
    "changes left": _("Scores that the regrade would change (--preview: none of them is written)"),
    "change": _("{question}: {up} up, {down} down, {new} with a score again, {lost} without one"),
    "by hand": _("(the score given by hand, {score}, stays)"),
    "all changes": _("all {number} changes: {path}"),
    "preview": _("preview: {graded} to grade, {kept} to keep, {ungraded} not to be graded; nothing was written"),
    "done": _("{graded} graded, {kept} kept from before, {ungraded} not graded"),
    "graded": _("graded"),
    "mean": _("mean"),
    "median": _("median"),
    "range": _("range"),
    "spread": _("from 0 to full marks"),
    "more mistakes": _("{number} more mistakes are in the report"),
}  # fmt: skip

MAX_STUDENTS = 10
MAX_LISTED = 12
"""Submissions up to which each has a line of its own."""
MAX_NAMED = 4
"""Questions of one submission that are named."""
MAX_MISTAKES = 10
BLOCKS = "▁▂▃▄▅▆▇█"
PARTS = 10
"""Parts of the range from 0 to full marks."""


def print_summary(
    console: Console,
    results: Sequence[Result],
    language: str,
    totals: Mapping[SubmissionId, Total] = MappingProxyType({}),
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print a run in short: scores, the commonest mistakes, and what needs attention.

    totals: the gradebook's totals; without one, the sum of the result is shown. names: of the students, by id.
    """

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    def show(text: Text) -> str:
        return text.in_language(language)

    if len(results) <= MAX_LISTED:
        console.print(_listed(results, language, totals, names))
    else:
        console.print(_at_a_glance(results, language, totals))
        if number := sum(bool(result.notes) for result in results):
            looks = ngettext(
                "{n} submission has answers to look at; they are in the report",
                "{n} submissions have answers to look at; they are in the report",
                number,
            )
            console.print(f"[yellow]{show(looks)}[/]")
    _print_misconceptions(console, results, language)
    _print_ungraded(console, results, language, names)
    ungraded = Counter(
        (result.submission.assignment, name, why)
        for result in results
        for name, why in result.ungraded.items()
    )
    for (assignment, name, reason), number in ungraded.items():
        line = ngettext(
            "{question}: not graded in {n} submission",
            "{question}: not graded in {n} submissions",
            number,
            question=f"{assignment} {name}",
        )
        console.print(f"[red]{escape(show(line))}:[/] {escape(show(reason))}", soft_wrap=True)
    for text in _waiting([result.submission for result in results if not result.reason], totals, language):
        console.print(f"[yellow]{word('waiting')}:[/] {escape(text)}", soft_wrap=True)
    for claim in ("none", "nobody's", "another's"):
        claims = [result for result in results if result.claim[0] == claim]
        if claims:
            listed = ", ".join(
                f"{result.submission.student} (“{result.claim[1]}”)"
                if result.claim[1]
                else result.submission.student
                for result in claims
            )
            console.print(f"[yellow]{word(claim)}:[/] {escape(listed)}", soft_wrap=True)
    seals = Counter(result.seal for result in results if result.seal)
    for seal, number in seals.most_common():
        console.print(
            show(
                ngettext(
                    "seal: {seal} ({n} submission)",
                    "seal: {seal} ({n} submissions)",
                    number,
                    seal=SEAL_DESCRIPTIONS[seal],
                )
            ),
            soft_wrap=True,
        )
    if any(seal == UNSEALED for seal in seals):
        console.print(f"[bold red]{word('unsealed')}[/]", soft_wrap=True)
    for why, number in Counter(
        result.regrade_reason for result in results if result.regrade_reason.reason
    ).most_common():
        line = ngettext(
            "graded again: {why} ({n} submission)",
            "graded again: {why} ({n} submissions)",
            number,
            why=why.text,
        )
        console.print(escape(show(line)), soft_wrap=True)
    _print_outdated(console, results, language)
    if renewed := sum(result.renewed for result in results):
        rendered = ngettext(
            "{n} feedback page rendered again, because its scores or comments had changed",
            "{n} feedback pages rendered again, because their scores or comments had changed",
            renewed,
        )
        console.print(show(rendered))


def _print_outdated(console: Console, results: Sequence[Result], language: str) -> None:
    """Print which scores that were given out follow what was there before, and why."""
    outdated = Counter(
        (result.submission.assignment, result.outdated) for result in results if result.outdated.reason
    )
    for (assignment, why), number in outdated.items():
        line = ngettext(
            "given out, so kept: {n} score of {assignment}, although {why}",
            "given out, so kept: {n} scores of {assignment}, although {why}",
            number,
            assignment=assignment,
            why=why.text,
        )
        console.print(f"[yellow]{escape(line.in_language(language))}[/]", soft_wrap=True)
    kept = Counter(result.submission.assignment for result in results if result.outdated.reason)
    newer = Counter(
        result.submission.assignment
        for result in results
        if result.state == "graded" and not result.outdated.reason
    )
    for assignment in kept.keys() & newer.keys():
        line = ngettext(
            "{assignment}: {n} submission was graded with the present questions; out of date in the class: {others}",
            "{assignment}: {n} submissions were graded with the present questions; out of date in the class: {others}",
            newer[assignment],
            assignment=assignment,
            others=kept[assignment],
        )
        console.print(f"[yellow]{escape(line.in_language(language))}[/]", soft_wrap=True)


def with_outdated(done: Text, outdated: int) -> Text:
    """Return the last line of a command, which says what to do about scores that are given out and out of date."""
    if not outdated:
        return done
    return ngettext(
        "{done}; {n} score that was given out is out of date: `autograder regrade`",
        "{done}; {n} scores that were given out are out of date: `autograder regrade`",
        outdated,
        done=done,
    )


def _label(student: str, names: Mapping[str, str]) -> str:
    """Return the id of a student, with the name if it is known."""
    name = names.get(student, "")
    return f"{student} ({name})" if name and name != student else student


def _listed(
    results: Sequence[Result],
    language: str,
    totals: Mapping[SubmissionId, Total],
    names: Mapping[str, str],
) -> Table:
    """Return a table with a line for each submission."""

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    table = Table(title=word("scores"))
    for name in ("student", "assignment"):
        table.add_column(word(name), overflow="fold")
    table.add_column(word("score"), justify="right")
    table.add_column(word("look"), overflow="fold")
    for result in sorted(results, key=lambda result: result.state == "ungraded"):
        score, looks = "–", [f"[red]{word('not graded')}[/]"]
        if result.state != "ungraded":
            total = totals.get(result.submission, Total(result.score, result.points))
            looks = [
                *([some_of(result.notes, MAX_NAMED)] if result.notes else []),
                *(f"[red]{word('not graded')}:[/] {escape(name)}" for name in result.ungraded),
            ]
            score = "–" if result.ungraded else _score_text(total, word("late"))
        student = escape(_label(result.submission.student, names))
        table.add_row(student, result.submission.assignment, score, ", ".join(looks))
    return table


def _at_a_glance(results: Sequence[Result], language: str, totals: Mapping[SubmissionId, Total]) -> Table:
    """Return a table with a line for each assignment: how many were graded, and how their scores are distributed."""
    table = Table(title=WORDS["scores"].in_language(language))
    for name in ("assignment", "graded", "mean", "median", "range", "spread"):
        justify: Literal["left", "right"] = "left" if name in ("assignment", "spread") else "right"
        heading, width = WORDS[name].in_language(language), PARTS if name == "spread" else None
        # headings wrap at spaces and names of assignments anywhere, so that nothing is cut at 80 columns
        table.add_column(heading, justify=justify, overflow="fold", width=width)
    scored: dict[str, list[Total]] = {}
    for result in results:
        group = scored.setdefault(result.submission.assignment, [])
        if result.state != "ungraded" and not result.ungraded:
            group.append(totals.get(result.submission, Total(result.score, result.points)))
    for assignment, group in scored.items():
        number = sum(result.submission.assignment == assignment for result in results)
        scores = [total.score for total in group]
        columns = [_points(None)] * 3 + [""]
        if scores:
            most = max(total.max_score for total in group)
            columns = [
                f"{statistics.fmean(scores):.1f} / {most:g}", f"{statistics.median(scores):g}",
                f"{min(scores):g}–{max(scores):g}", _blocks(scores, most),
            ]  # fmt: skip
        table.add_row(assignment, f"{len(group)} / {number}", *columns)
    return table


def _blocks(scores: Sequence[float], most: float) -> str:
    """Return the distribution of scores as a line of blocks, for each tenth of the points; a dot where nobody is."""
    counts = Counter(min(PARTS - 1, int(PARTS * score / most)) if most else 0 for score in scores)
    highest = max(counts.values())
    return "".join(
        BLOCKS[-(-counts[part] * (len(BLOCKS) - 1) // highest)] if counts[part] else "·"
        for part in range(PARTS)
    )


def _print_misconceptions(console: Console, results: Sequence[Result], language: str) -> None:
    """Print the commonest misconceptions, a line each."""
    counts = _count_misconceptions(results)
    if not counts:
        return
    console.print(f"[bold]{WORDS['misunderstood'].in_language(language)}[/]")
    commonest = counts[:MAX_MISTAKES]
    width = max(len(entry[1]) for entry in commonest)
    for students, question, _assignment, misconception in commonest:
        text = " ".join(misconception.text.in_language(language).split())
        console.print(
            f"{students:>4}  {question:<{width}}  {escape(text)}", no_wrap=True, overflow="ellipsis"
        )
    if (rest := len(counts) - MAX_MISTAKES) > 0:
        console.print(WORDS["more mistakes"].in_language(language).format(number=rest))


def _count_misconceptions(results: Sequence[Result]) -> list[tuple[int, str, str, NamedMisconception]]:
    """Return (students, question, assignment, misconception), the most frequent first."""
    counts = Counter(
        (report.question, result.submission.assignment, named)
        for result in results
        for report in result.reports.values()
        for named in report.misconceptions
    )
    return sorted(
        ((students, *key) for key, students in counts.items()),
        key=lambda item: (-item[0], item[2], item[1], item[3].name),
    )


def print_changes(
    console: Console, changes: Sequence[ScoreChange], language: str, path: Path, *, written: bool = True
) -> None:
    """Print which earlier scores a regrade changes: counts by question, then the first submissions.

    path: CSV file for all changes. written: whether the changes are written next.
    """

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    def label(change: ScoreChange) -> str:
        return word(LATE) if change.question == LATE else change.question

    def stays(change: ScoreChange) -> str:
        if change.by_hand is None:
            return ""
        return " " + word("by hand").format(score=exact(change.by_hand))

    console.print(f"[yellow]{word('changes' if written else 'changes left')}[/]")
    by_question: dict[tuple[str, str], list[ScoreChange]] = {}
    for change in changes:
        by_question.setdefault((change.submission.assignment, label(change)), []).append(change)
    for (assignment, question), group in by_question.items():
        lost = sum(change.after is None for change in group)
        new = sum(change.before is None for change in group)
        both = [
            change.after - change.before
            for change in group
            if change.before is not None and change.after is not None
        ]
        down = sum(difference < 0 for difference in both)
        line = word("change").format(
            question=f"{assignment} {question}", up=len(both) - down, down=down, new=new, lost=lost
        )
        console.print(f"  {escape(line)}")
    by_job: dict[SubmissionId, list[str]] = {}
    for change in changes:
        by_job.setdefault(change.submission, []).append(
            f"{label(change)} {_points(change.before)} → {_points(change.after)}{stays(change)}"
        )
    for job, lines in list(by_job.items())[:MAX_CHANGES]:
        console.print(f"  {escape(job.student)} {job.assignment}: {', '.join(lines)}", soft_wrap=True)
    rows = (
        (
            change.submission.student,
            change.submission.assignment,
            change.question,
            change.before,
            change.after,
            change.reason.in_language(language) + stays(change),
        )
        for change in changes
    )
    columns = ("student_id", "assignment", "question", "before", "after", "reason")
    atomic_write(path, csv_file([columns, *rows]))
    console.print(
        "  " + word("all changes").format(number=len(changes), path=escape(str(path))), soft_wrap=True
    )


def print_preview(console: Console, results: Sequence[Result], language: str) -> None:
    """Print what a run would not grade, and what it keeps, if nothing was written."""
    _print_ungraded(console, results, language, {})
    _print_outdated(console, results, language)


def _print_ungraded(
    console: Console, results: Sequence[Result], language: str, names: Mapping[str, str]
) -> None:
    """Print the submissions that could not be graded, with the reason."""
    title = WORDS["not graded"].in_language(language)
    for result in results:
        if result.reason:
            student, reason = _label(result.submission.student, names), result.reason.in_language(language)
            console.print(
                f"[red]{title}:[/] {escape(student)} {result.submission.assignment}: {escape(reason)}",
                soft_wrap=True,
            )


def run_totals(results: Sequence[Result], *, preview: bool) -> Text:
    """Return the number of results in each state."""
    counts = {
        state: sum(result.state == state for result in results) for state in ("graded", "kept", "ungraded")
    }
    return WORDS["preview" if preview else "done"].format(**counts)


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"


def _score_text(total: Total, late: str) -> str:
    return f"{total.score:g} / {total.max_score:g}" + (f" ({late} −{total.late:g})" if total.late else "")


def _waiting(
    jobs: Sequence[SubmissionId], totals: Mapping[SubmissionId, Total], language: str
) -> Iterator[str]:
    """Yield a line for each cell that waits for manual grading, with some of its students."""
    students: dict[tuple[str, str], list[str]] = {}
    for job in jobs:
        for cell in totals[job].waiting if job in totals else ():
            students.setdefault((job.assignment, cell), []).append(job.student)
    for (assignment, cell), names in students.items():
        listed = names[:MAX_STUDENTS]
        if len(names) > MAX_STUDENTS:
            listed.append(WORDS["more"].in_language(language).format(number=len(names) - MAX_STUDENTS))
        yield (
            WORDS["cell"]
            .in_language(language)
            .format(assignment=assignment, cell=cell, number=len(names), students=", ".join(listed))
        )


def print_above_maximum(console: Console, scores: Sequence[ScoreAboveMaximum], language: str) -> None:
    """Print the scores of people that are above the points of today, and what to do."""
    by_cell: dict[tuple[str, str, float], list[str]] = {}
    for score in scores:
        students = by_cell.setdefault((score.submission.assignment, score.cell, score.max_score), [])
        students.append(f"{score.submission.student} ({exact(score.score)})")
    for (assignment, cell, maximum), students in by_cell.items():
        text = _(
            "{cell} of {assignment} has {maximum} points now, and more was given to {students}: these scores stay "
            "until you give others, in formgrader or with `autograder essays`",
            cell=cell,
            assignment=assignment,
            maximum=exact(maximum),
            students=some_of(students),
        )
        title = WORDS["above"].in_language(language)
        console.print(f"[red]{title}:[/] {escape(text.in_language(language))}", soft_wrap=True)


def preliminary(totals: Mapping[SubmissionId, Total], language: str) -> str:
    """Return the note on rows of `grades.csv` that wait for manual grading, or an empty string."""
    number = sum(bool(total.waiting) for total in totals.values())
    note = ngettext(
        "{n} row of grades.csv is preliminary: a manual score is still to come",
        "{n} rows of grades.csv are preliminary: a manual score is still to come",
        number,
    )
    return note.in_language(language) if number else ""
