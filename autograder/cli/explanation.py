"""Print the explanation of a question's result as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.grading.wording import OUTCOMES, SYMBOLS, exact, plain
from autograder.i18n import _
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "given": _("given"),
    "wanted": _("wanted"),
    "got": _("got"),
    "objection": _("objection"),
    "more": _("{more} more inputs are not shown here"),
    "unknown": _("(the check decides)"),
    "mistake": _("what seems to have happened"),
    "computed": _("what the function computes"),
    "note": _("please note"),
    "grant": _(
        "to grant what is not carried over, enter {score} as the score of {cell} in formgrader, or press the button "
        "on the student's page of the web tool"
    ),
    "same": _("the score is the one on record"),
    "differs": _(
        "the score is not the one on record: see whether the question or the program has changed "
        "since, and grade it again"
    ),
    "new": _("it has not been graded yet"),
}


def print_explanation(console: Console, replay: Mapping[str, Any], language: str) -> None:
    """Print what a replay found for a question: each check with its cases, and the diagnosis."""

    def translated(text: Mapping[str, str]) -> str:
        return escape(Text(**text).in_language(language))

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    console.print(
        f"[bold]{translated(replay['title'])}: {plain(replay['score'])} / {plain(replay['points'])}[/]",
        soft_wrap=True,
    )
    for check in replay["checks"]:
        shown_as = "too_easy" if check["too_easy"] else check["outcome"]
        outcome = f"{SYMBOLS[shown_as]} {OUTCOMES[shown_as].in_language(language)}"
        earned = f"{plain(check['earned'])} / {plain(check['points'])}"
        message = translated(check["message"])
        line = f"{outcome} ({earned}): {translated(check['text'])}"
        console.print(f"\n{line}\n  {message}" if message else f"\n{line}", soft_wrap=True)
        if not check["cases"]:
            continue
        titles = [word(name) for name in ("given", "wanted", "got", "objection")]
        rows: list[tuple[str, ...]] = []
        above = ""
        for case in check["cases"]:
            wanted = escape(case["wanted"]) or word("unknown")
            mark = SYMBOLS["passed" if case["passed"] else "failed"]
            message = translated(case["message"])
            repeated = message and message == above
            rows.append(
                (mark, escape(case["given"]), wanted, escape(case["got"]), "〃" if repeated else message)
            )
            above = message
        print_cases(console, titles, rows)
        if check["more"]:
            console.print(word("more").format(more=check["more"]))
    if replay["granted"] is not None:
        cell = replay["question"] + GRADE_SUFFIX
        console.print("\n" + word("grant").format(score=exact(replay["granted"]), cell=cell), soft_wrap=True)
    diagnosis = {
        "mistake": [named["text"] for named in replay["misconceptions"]],
        "computed": replay["computed"],
        "note": replay["notes"],
    }
    console.print()
    for name, texts in diagnosis.items():
        for text in texts:
            console.print(f"{word(name)}: {translated(text)}", soft_wrap=True)
    console.print(word({True: "same", False: "differs", None: "new"}[replay["same"]]), soft_wrap=True)
    versions = ", ".join(f"{name} {version}" for name, version in replay["versions"].items() if version)
    console.print(f"[dim]{escape(versions)}[/]", soft_wrap=True)


def print_cases(console: Console, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print cases as a table, or, where that is wider than the terminal, line by line: a folded array cannot be read.

    rows: a mark, and a value for each title.
    """
    table = Table("", *titles)
    for row in rows:
        table.add_row(*row)
    if console.measure(table, options=console.options.update(width=10**6)).maximum <= console.width:
        console.print(table)
        return
    for mark, *values in rows:
        lines = [f"{title}: {value}" for title, value in zip(titles, values, strict=True) if value]
        console.print(f"{mark} " + "\n  ".join(lines), soft_wrap=True)
