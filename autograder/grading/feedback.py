"""Render a report as text, and tell whether a feedback page is current."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.grading.report import Report
from autograder.notebooks.stamp import answer_text
from autograder.questions.question import Question
from autograder.text import Text, one_line

OUTCOMES: Mapping[str, Text] = {
    "passed": Text(ko="통과", en="passed"),
    "carried": Text(ko="앞의 답에 따라 인정", en="carried over"),
    "failed": Text(ko="틀림", en="failed"),
    "errored": Text(ko="실행되지 않음", en="did not run"),
    "blocked": Text(ko="보지 않음", en="not looked at"),
}
SYMBOLS: Mapping[str, str] = {"passed": "✔", "carried": "↪", "failed": "✘", "errored": "!", "blocked": "–"}
CREDIT = "◐"
WORDS: Mapping[str, Text] = {
    "score": Text(ko="점수", en="Score"),
    "points": Text(ko="점", en="points"),
    "credit": Text(ko="부분 점수", en="partial credit"),
    "credited": Text(ko="아래의 실수는 일부를 맞힌 것으로 봅니다", en="for the mistake named below"),
    "mistakes": Text(ko="이렇게 푼 것으로 보입니다", en="What seems to have happened"),
    "some_mistake": Text(
        ko="다음 가운데 하나 이상으로 보입니다", en="One or more of these seem to have happened"
    ),
    "computed": Text(ko="함수가 계산하는 것", en="What the function computes"),
    "notes": Text(ko="알아 둘 것", en="Please note"),
    "solution": Text(ko="풀이", en="Worked solution"),
}

UNGRADED = Text(
    ko="아직 채점하지 않았습니다. 답은 그대로 있고, 채점하면 점수와 피드백이 여기에 나옵니다.",
    en="Not graded yet. Your answer is kept; its score and feedback will stand here.",
)


def plain(points: float) -> str:
    """Format points without a needless fraction."""
    return f"{round(points, 2):g}"


def as_text(report: Report, language: str) -> str:
    """Render the report as plain lines, for a terminal."""
    if report.ungraded:
        return f"{report.title.in_language(language)}: {UNGRADED.in_language(language)}"
    lines = [f"{report.title.in_language(language)}: {plain(report.score)} / {plain(report.points)}"]
    for check in report.checks:
        message = one_line(check.message.in_language(language))
        outcome = OUTCOMES[check.outcome].in_language(language)
        line = f"  {SYMBOLS[check.outcome]} {check.text.in_language(language)} ({outcome})"
        lines.append(f"{line}: {message}" if message else line)
    if report.credit:
        credit, credited = (WORDS[name].in_language(language) for name in ("credit", "credited"))
        lines.append(f"  {CREDIT} {credit} (+{plain(report.credit)}): {credited}")
    lines += [f"  → {named.text.in_language(language)}" for named in report.misconceptions]
    lines += [f"  = {text.in_language(language)}" for text in report.computed]
    lines += [f"  * {one_line(note.in_language(language))}" for note in report.notes]
    return "\n".join(lines)


def worked_solutions(questions: Sequence[Question]) -> dict[str, str]:
    """Return the right answer to each question, as feedback shows it."""
    return {
        question.id: "\n".join(
            line for line in answer_text(question).splitlines() if not line.strip().startswith("### ")
        )
        for question in questions
    }


SHOWN = re.compile(rb"<!-- shows ([0-9a-f]{16}) -->\s*$")
TAIL = 100


def state_of(
    scores: Mapping[str, tuple[float, float]],
    comments: Mapping[str, str | None],
    late_penalty: float | None,
    waiting: Collection[str] = (),
) -> str:
    """Return a digest of a submission's scores and comments in the gradebook; a current page holds the same.

    scores: score and maximum of each cell. waiting: manually graded cells without a score.
    """
    state = {
        "scores": {name: [round(float(value), 4) for value in pair] for name, pair in scores.items()},
        "comments": {name: comment for name, comment in comments.items() if comment},
        "late": round(float(late_penalty or 0), 4),
        "waiting": sorted(waiting),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def with_state(page: str, state: str) -> str:
    """Return the page with the gradebook state that it shows appended; `shown_in` reads it."""
    return f"{page.rstrip()}\n<!-- shows {state} -->\n"


def shown_in(page: Path) -> str:
    """Return the gradebook state that a page shows; empty if the page is missing or holds none."""
    try:
        with page.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            match = SHOWN.search(file.read())
    except OSError:
        return ""
    return match[1].decode() if match else ""
