"""The summary at the end of a grading run: scores, what the class misunderstood, what needs attention."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course import SubmissionId
from autograder.engine.messages import LATE, Change, Result
from autograder.files import as_cell, atomic_write
from autograder.nbgrader.totals import Total
from autograder.reports.misconceptions import shared_misconceptions
from autograder.sandbox.seal import SEAL_DESCRIPTIONS, UNSEALED
from autograder.text import Text

MAX_CHANGES = 20
WORDS: Mapping[str, Text] = {
    "scores": Text(ko="점수", en="Scores"),
    "student": Text(ko="학생", en="student"),
    "assignment": Text(ko="과제", en="assignment"),
    "score": Text(ko="점수", en="score"),
    "late": Text(ko="늦음", en="late"),
    "look": Text(ko="살펴볼 답", en="answers to look at"),
    "not graded": Text(ko="채점하지 못함", en="not graded"),
    "question not graded": Text(ko="{question}: 채점하지 못함 (제출물 {number}개)",
                                en="{question}: not graded in {number} submission(s)"),
    "waiting": Text(ko="사람이 채점할 것", en="waiting for a person"),
    "cell": Text(ko="{assignment}의 {cell} ({number}명): {students}",
                 en="{cell} of {assignment} ({number}): {students}"),
    "more": Text(ko="외 {number}명", en="{number} more"),
    "preliminary": Text(ko="grades.csv의 점수 {number}개는 임시 점수입니다. 사람이 채점할 것이 남아 있습니다.",
                        en="{number} row(s) of grades.csv are preliminary: a manual score is still to come"),
    "misunderstood": Text(ko="학생들이 잘못 이해한 것", en="What the class misunderstood"),
    "students": Text(ko="학생 수", en="students"),
    "question": Text(ko="문제", en="question"),
    "mistake": Text(ko="잘못", en="mistake"),
    "none": Text(ko="학번을 쓰지 않음 (공개된 수로 채점)", en="wrote no id (judged on the public numbers)"),
    "nobody's": Text(ko="명단에 없는 학번을 씀 (노트북이 보여 준 수로 채점)",
                     en="wrote an id that no student has (judged on the numbers that the notebook showed)"),
    "another's": Text(ko="다른 학생의 학번을 씀 (제출한 학생의 수로 채점)",
                      en="wrote another student's id (judged on the numbers of the one who handed in)"),
    "seal": Text(ko="봉인: {seal} (제출물 {number}개)", en="seal: {seal} ({number} submission(s))"),
    "again": Text(ko="다시 채점함: {why} (제출물 {number}개)", en="graded again: {why} ({number} submission(s))"),
    "unsealed": Text(
        ko="경고: 봉인 없이 채점한 제출물이 있습니다. 학생 코드가 이 컴퓨터의 파일을 읽고 고칠 수 있었습니다.",
        en="warning: student code of this run was not sealed; it could read and change what you can on this machine",
    ),
    LATE: Text(ko="지각 감점", en="late penalty"),
    "changes": Text(ko="다시 채점해서 바뀌는 점수 (이제 기록합니다)",
                    en="Scores that the regrade changes (they are written next)"),
    "changes left": Text(ko="다시 채점하면 바뀔 점수 (--preview: 기록하지 않습니다)",
                         en="Scores that the regrade would change (--preview: none of them is written)"),
    "change": Text(ko="{question}: 오름 {up}, 내림 {down}, 점수가 다시 생김 {new}, 점수가 없어짐 {lost}",
                   en="{question}: {up} up, {down} down, {new} with a score again, {lost} without one"),
    "all changes": Text(ko="바뀐 점수 {number}개 모두: {path}", en="all {number} changes: {path}"),
    "renewed": Text(ko="새로 만든 피드백 페이지 {number}개 (점수나 의견이 바뀜)",
                    en="{number} feedback page(s) made anew, whose scores or comments had changed"),
    "preview": Text(ko="미리 보기: 채점할 것 {graded}, 그대로 둘 것 {kept}, 채점하지 못할 것 {ungraded}. "
                       "아무것도 기록하지 않았습니다.",
                    en="preview: {graded} to grade, {kept} to keep, {ungraded} not to be graded; nothing was written"),
    "done": Text(ko="새로 채점 {graded}, 그대로 둠 {kept}, 채점하지 못함 {ungraded}",
                 en="{graded} graded, {kept} kept from before, {ungraded} not graded"),
}  # fmt: skip

MAX_STUDENTS = 10


def print_summary(
    console: Console,
    results: Sequence[Result],
    language: str,
    totals: Mapping[SubmissionId, Total] = MappingProxyType({}),
) -> None:
    """Print the tables of a run. totals: the gradebook's totals; without one, the sum of the result is shown."""

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    table = Table(title=word("scores"))
    for name in ("student", "assignment"):
        table.add_column(word(name), overflow="fold")
    table.add_column(word("score"), justify="right")
    table.add_column(word("look"), overflow="fold")
    reasons = {result.submission: result.reason for result in results if result.state == "ungraded"}
    for result in results:
        if result.submission not in reasons:
            total = totals.get(result.submission, Total(result.score, result.points))
            looks = [
                *result.notes,
                *(f"[red]{word('not graded')}:[/] {escape(name)}" for name in result.ungraded),
            ]
            shown = "–" if result.ungraded else _score_text(total, word("late"))
            table.add_row(
                escape(result.submission.student), result.submission.assignment, shown, ", ".join(looks)
            )
    for job in reasons:
        table.add_row(escape(job.student), job.assignment, "–", f"[red]{word('not graded')}[/]")
    console.print(table)
    misconceptions = shared_misconceptions(results)
    if misconceptions:
        table = Table(title=word("misunderstood"))
        table.add_column(word("students"), justify="right")
        table.add_column(word("question"))
        table.add_column(word("mistake"), overflow="fold")
        for shared in misconceptions:
            text = shared.misconception.text.in_language(language)
            table.add_row(str(shared.students), shared.question, escape(text))
        console.print(table)
    for job, reason in reasons.items():
        console.print(
            f"[red]{word('not graded')}:[/] {escape(job.student)} {job.assignment}: {escape(reason)}",
            soft_wrap=True,
        )
    ungraded = Counter(
        (result.submission.assignment, name, why)
        for result in results
        for name, why in result.ungraded.items()
    )
    for (assignment, name, reason), number in ungraded.items():
        line = word("question not graded").format(question=f"{assignment} {name}", number=number)
        console.print(f"[red]{escape(line)}:[/] {escape(reason)}", soft_wrap=True)
    for line in _waiting(
        [result.submission for result in results if result.submission not in reasons], totals, language
    ):
        console.print(f"[yellow]{word('waiting')}:[/] {escape(line)}", soft_wrap=True)
    for claim in ("none", "nobody's", "another's"):
        claims = [result for result in results if result.claim[0] == claim]
        if claims:
            listed = ", ".join(
                " ".join(filter(None, (result.submission.student, result.claim[1]))) for result in claims
            )
            console.print(f"[yellow]{word(claim)}:[/] {escape(listed)}", soft_wrap=True)
    seals = Counter(result.seal for result in results if result.seal)
    for seal, number in seals.most_common():
        console.print(
            word("seal").format(seal=SEAL_DESCRIPTIONS[seal].in_language(language), number=number),
            soft_wrap=True,
        )
    if any(seal == UNSEALED for seal in seals):
        console.print(f"[bold red]{word('unsealed')}[/]", soft_wrap=True)
    for why, number in Counter(
        result.regrade_reason for result in results if result.regrade_reason.reason
    ).most_common():
        line = word("again").format(why=why.text.in_language(language), number=number)
        console.print(escape(line), soft_wrap=True)
    counts = {
        state: sum(result.state == state for result in results) for state in ("graded", "kept", "ungraded")
    }
    console.print(word("done").format(**counts))
    if renewed := sum(result.renewed for result in results):
        console.print(word("renewed").format(number=renewed))


def print_changes(
    console: Console, changes: Sequence[Change], language: str, path: Path, *, written: bool = True
) -> None:
    """Print which earlier scores a regrade changes: counts by question, then the first submissions.

    path: CSV file for all changes. written: whether the changes are written next.
    """

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    def label(change: Change) -> str:
        return word(LATE) if change.question == LATE else change.question

    console.print(f"[yellow]{word('changes' if written else 'changes left')}[/]")
    by_question: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        by_question.setdefault((change.submission.assignment, label(change)), []).append(change)
    for (assignment, question), group in by_question.items():
        lost, new = (
            sum(change.after is None for change in group),
            sum(change.before is None for change in group),
        )
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
            f"{label(change)} {_points(change.before)} → {_points(change.after)}"
        )
    for job, lines in list(by_job.items())[:MAX_CHANGES]:
        console.print(f"  {escape(job.student)} {job.assignment}: {', '.join(lines)}", soft_wrap=True)
    with io.StringIO() as rows:
        writer = csv.writer(rows)
        writer.writerow(("student_id", "assignment", "question", "before", "after"))
        writer.writerows(
            (
                as_cell(change.submission.student),
                change.submission.assignment,
                change.question,
                change.before,
                change.after,
            )
            for change in changes
        )
        atomic_write(path, rows.getvalue())
    console.print(
        "  " + word("all changes").format(number=len(changes), path=escape(str(path))), soft_wrap=True
    )


def print_preview(console: Console, results: Sequence[Result], language: str) -> None:
    """Print what a run would have done, if nothing was written."""

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    for result in results:
        if result.state == "ungraded":
            line = (
                f"{escape(result.submission.student)} {result.submission.assignment}: {escape(result.reason)}"
            )
            console.print(f"[red]{word('not graded')}:[/] {line}", soft_wrap=True)
    counts = {
        state: sum(result.state == state for result in results) for state in ("graded", "kept", "ungraded")
    }
    console.print(word("preview").format(**counts))


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


def preliminary(totals: Mapping[SubmissionId, Total], language: str) -> str:
    """Return the note on rows of `grades.csv` that wait for manual grading, or an empty string."""
    number = sum(bool(total.waiting) for total in totals.values())
    return WORDS["preliminary"].in_language(language).format(number=number) if number else ""
