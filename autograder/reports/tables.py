"""The summary at the end of a run: scores, what the class misunderstood, what needs a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbgrader.api import Gradebook
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course import Course
from autograder.engine.local import Result
from autograder.export import write_grades
from autograder.reports.summary import Graded, misunderstood
from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "scores": Text(ko="점수", en="Scores"),
    "student": Text(ko="학생", en="student"),
    "assignment": Text(ko="과제", en="assignment"),
    "score": Text(ko="점수", en="score"),
    "look": Text(ko="살펴볼 답", en="answers to look at"),
    "not graded": Text(ko="채점하지 못함", en="not graded"),
    "misunderstood": Text(ko="학생들이 잘못 이해한 것", en="What the class misunderstood"),
    "students": Text(ko="학생 수", en="students"),
    "question": Text(ko="문제", en="question"),
    "mistake": Text(ko="잘못", en="mistake"),
    "done": Text(ko="새로 채점 {graded}, 그대로 둠 {kept}, 채점하지 못함 {ungraded}",
                 en="{graded} graded, {kept} kept from before, {ungraded} not graded"),
}  # fmt: skip


def print_summary(
    console: Console, course: Course, graded: Sequence[Graded], results: Sequence[Result], language: str
) -> None:
    """Print the tables of a run."""

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    table = Table(title=word("scores"))
    for name in ("student", "assignment"):
        table.add_column(word(name), overflow="fold")
    table.add_column(word("score"), justify="right")
    table.add_column(word("look"), overflow="fold")
    reasons = {result.job: result.reason for result in results if result.state == "ungraded"}
    for one in graded:
        if one.job not in reasons:
            table.add_row(
                escape(one.job.student),
                one.job.assignment,
                f"{one.score:g} / {one.points:g}",
                ", ".join(one.notes),
            )
    for job in reasons:
        table.add_row(escape(job.student), job.assignment, "–", f"[red]{word('not graded')}[/]")
    console.print(table)
    found = misunderstood(graded)
    if found:
        table = Table(title=word("misunderstood"))
        table.add_column(word("students"), justify="right")
        table.add_column(word("question"))
        table.add_column(word("mistake"), overflow="fold")
        for shared in found:
            text = shared.mistake.text.in_language(language)
            table.add_row(str(shared.students), shared.question, escape(text))
        console.print(table)
    for job, reason in reasons.items():
        console.print(
            f"[red]{word('not graded')}:[/] {escape(job.student)} {job.assignment}: {escape(reason)}",
            soft_wrap=True,
        )
    counts = {
        state: sum(result.state == state for result in results) for state in ("graded", "kept", "ungraded")
    }
    console.print(word("done").format(**counts))


def write_grades_file(course: Course) -> list[tuple[str, str]]:
    """Write `grades.csv` into the course; returns what is not graded and so left blank."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        return write_grades(gradebook, course.root / "grades.csv")
