"""Print the explanation of a question's result as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.grading.feedback import OUTCOMES, SYMBOLS, plain
from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "given": Text(ko="준 값", en="given"),
    "wanted": Text(ko="기대한 값", en="wanted"),
    "got": Text(ko="나온 값", en="got"),
    "objection": Text(ko="틀린 점", en="objection"),
    "more": Text(ko="입력 {more}개는 여기에 싣지 않았습니다.", en="{more} more inputs are not shown here"),
    "unknown": Text(ko="(검사가 판단)", en="(the check decides)"),
    "mistake": Text(ko="이렇게 푼 것으로 보입니다", en="what seems to have happened"),
    "computed": Text(ko="함수가 계산하는 것", en="what the function computes"),
    "note": Text(ko="알아 둘 것", en="please note"),
    "same": Text(ko="기록된 점수와 같습니다.", en="the score is the one on record"),
    "differs": Text(
        ko="기록된 점수와 다릅니다. 채점한 뒤에 문제나 프로그램이 바뀌었는지 보고, 다시 채점하세요.",
        en="the score is not the one on record: see whether the question or the program has changed since, and "
        "grade it again",
    ),
    "new": Text(ko="아직 채점한 기록이 없습니다.", en="it has not been graded yet"),
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
        outcome = f"{SYMBOLS[check['outcome']]} {OUTCOMES[check['outcome']].in_language(language)}"
        earned = f"{plain(check['earned'])} / {plain(check['points'])}"
        message = translated(check["message"])
        line = f"{outcome} ({earned}): {translated(check['text'])}"
        console.print(f"\n{line}\n  {message}" if message else f"\n{line}", soft_wrap=True)
        if not check["cases"]:
            continue
        table = Table("", word("given"), word("wanted"), word("got"), word("objection"))
        for column in table.columns:
            column.overflow = "fold"
        for case in check["cases"]:
            wanted = escape(case["wanted"]) or word("unknown")
            mark = SYMBOLS["passed" if case["passed"] else "failed"]
            table.add_row(
                mark, escape(case["given"]), wanted, escape(case["got"]), translated(case["message"])
            )
        console.print(table)
        if check["more"]:
            console.print(word("more").format(more=check["more"]))
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
    versions = ", ".join(f"{name} {version}" for name, version in replay["versions"].items())
    console.print(f"[dim]{escape(versions)}[/]", soft_wrap=True)
