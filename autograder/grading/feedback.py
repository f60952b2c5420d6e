"""A report as text and as HTML, in the language of the edition that was handed in."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograder.grading.diagnosis import Named
from autograder.grading.question_grader import CheckResult, Report
from autograder.notebooks.stamp import answer_text
from autograder.questions.question import Question
from autograder.text import Text, intern_text, one_line

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
    """Points without a needless fraction."""
    return f"{round(points, 2):g}"


def as_text(report: Report, language: str) -> str:
    """The report in plain lines, for a terminal."""
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
    lines += [f"  = {told.in_language(language)}" for told in report.computed]
    lines += [f"  * {one_line(note.in_language(language))}" for note in report.notes]
    return "\n".join(lines)


def as_html(report: Report, language: str, *, tells: str = "diagnosis", solution: str = "") -> str:
    """The report as one HTML element; every text in it is escaped.

    tells: `score` leaves out all but the score; `solution` adds `solution`, the worked answer as code.
    """

    def word(name: str) -> str:
        return escape(WORDS[name].in_language(language))

    if report.ungraded:
        told = f"<p><strong>{escape(UNGRADED.in_language(language))}</strong></p>"
        return f'<div class="autograder-feedback" lang="{escape(language)}">{told}</div>'
    score = f"{plain(report.score)} / {plain(report.points)}"
    parts = [f"<p><strong>{word('score')}: {score}</strong></p>"]
    if tells != "score":
        parts.append(_checks(report, language))
        if report.misconceptions:
            items = [named.text.in_language(language) for named in report.misconceptions]
            heading = word("mistakes" if len(items) == 1 else "some_mistake")
            parts.append(f"<p>{heading}:</p>{_list(items)}")
        if report.computed:
            items = [told.in_language(language) for told in report.computed]
            parts.append(f"<p>{word('computed')}:</p>{_list(items)}")
    if report.notes:
        parts.append(f"<p>{word('notes')}:</p>{_list([n.in_language(language) for n in report.notes])}")
    if tells == "solution" and solution:
        parts.append(f"<p>{word('solution')}:</p><pre>{escape(solution)}</pre>")
    return f'<div class="autograder-feedback" lang="{escape(language)}">{"".join(parts)}</div>'


def _checks(report: Report, language: str) -> str:
    items = []
    for check in report.checks:
        outcome = escape(OUTCOMES[check.outcome].in_language(language))
        text = escape(check.text.in_language(language))
        message = escape(check.message.in_language(language))
        earned = f"{plain(check.earned)} / {plain(check.points)}"
        detail = f"<br>{message}" if message else ""
        items.append(
            f"<li>{SYMBOLS[check.outcome]} <strong>{outcome}</strong> ({earned}): {text}{detail}</li>"
        )
    if report.credit:
        credit, credited = (escape(WORDS[name].in_language(language)) for name in ("credit", "credited"))
        items.append(f"<li>{CREDIT} <strong>{credit}</strong> (+{plain(report.credit)}): {credited}</li>")
    return f'<ul style="list-style: none; padding-left: 0">{"".join(items)}</ul>'


def _list(items: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def worked(questions: Sequence[Question]) -> dict[str, str]:
    """The right answer to each question, as feedback shows it."""
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
) -> str:
    """Return a digest of what the gradebook says of a submission, by which its page tells whether it is current.

    scores: score and maximum of each cell.
    """
    told = {
        "scores": {name: [round(float(one), 4) for one in pair] for name, pair in scores.items()},
        "comments": {name: comment for name, comment in comments.items() if comment},
        "late": round(float(late_penalty or 0), 4),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def with_state(page: str, state: str) -> str:
    """Return a page that holds the state of the gradebook that it shows; `shown_in` reads it."""
    return f"{page.rstrip()}\n<!-- shows {state} -->\n"


def shown_in(page: Path) -> str:
    """Return the state of the gradebook that a page shows; empty where there is no page, or where it tells none."""
    try:
        with page.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            found = SHOWN.search(file.read())
    except OSError:
        return ""
    return found[1].decode() if found else ""


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain data, to be kept in a graded notebook."""
    return {
        "question": report.question,
        "title": report.title.to_dict(),
        "points": report.points,
        "score": report.score,
        "checks": [
            {
                "name": check.name,
                "text": check.text.to_dict(),
                "outcome": check.outcome,
                "points": check.points,
                "message": check.message.to_dict(),
            }
            for check in report.checks
        ],
        "misconceptions": [
            {"name": named.name, "text": named.text.to_dict(), "credit": named.credit}
            for named in report.misconceptions
        ],
        "computed": [told.to_dict() for told in report.computed],
        "notes": [note.to_dict() for note in report.notes],
        "fault": report.fault,
        "ungraded": report.ungraded,
    }


def from_dict(data: Mapping[str, Any]) -> Report:
    """The report that `to_dict` gave as data."""
    return Report(
        question=data["question"],
        title=_text(data["title"]),
        points=data["points"],
        checks=tuple(
            CheckResult(
                check["name"],
                _text(check["text"]),
                check["outcome"],
                check["points"],
                _text(check["message"]),
            )
            for check in data["checks"]
        ),
        misconceptions=tuple(
            Named(named["name"], _text(named["text"]), named["credit"]) for named in data["misconceptions"]
        ),
        computed=tuple(_text(told) for told in data.get("computed", ())),
        notes=tuple(_text(note) for note in data["notes"]),
        fault=data["fault"],
        ungraded=data.get("ungraded", ""),
    )


def _text(told: Mapping[str, str]) -> Text:
    return intern_text(told["ko"], told["en"])
