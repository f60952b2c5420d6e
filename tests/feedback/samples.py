"""Reports and graded notebooks of which pages are made, and a parser that reads those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.feedback import cards
from autograder.feedback.cards import CellGrade
from autograder.feedback.page import Page, render
from autograder.grading.report import CheckResult, Report, to_dict
from autograder.text import Text

VOID = {"br", "img", "meta", "hr"}
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too' <img src=x onerror=alert(1)>"


def report(**changes: object) -> Report:
    """A report with one check of every outcome, a mistake and a note."""
    whole = {
        "question": "lstm_params",
        "title": Text(ko="LSTM의 가중치", en="Weights of an LSTM"),
        "points": 6.5,
        "checks": (
            CheckResult("any_size", Text(ko="어떤 크기든", en="any size"), "passed", 2.5),
            CheckResult(
                "big", Text(ko="큰 층", en="a big layer"), "failed", 2.0,
                Text(ko="개수가 맞지 않습니다.", en="the count is not right"),
            ),
            CheckResult(
                "fast", Text(ko="빠르게", en="in time"), "errored", 1.0,
                Text(ko="2초 안에 끝나지 않았습니다.", en="did not finish within 2 s"),
            ),
            CheckResult(
                "whole", Text(ko="정수", en="a whole number"), "blocked", 1.0,
                Text(ko="먼저 통과해야 합니다: 큰 층", en="needs first: a big layer"),
            ),
        ),
        "misconceptions": (NamedMisconception("no_bias", Text(ko="편향이 빠졌습니다", en="the bias is missing")),),
        "notes": (Text(ko="이름으로 찾았습니다.", en="found by its name"),),
    }  # fmt: skip
    return Report(**{**whole, **changes})


class Parsed(HTMLParser):
    """The tags, attributes and text of an HTML fragment, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)
        self.elements.append((tag, attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all_of(self, tag: str, name: str) -> list[str]:
        """The values of an attribute of all elements of a kind."""
        return [
            dict(attrs)[name] or "" for found, attrs in self.elements if found == tag and name in dict(attrs)
        ]


def cell(
    kind: str, source: str, *, outputs: list[dict[str, Any]] | None = None, **metadata: Any
) -> dict[str, Any]:
    """A cell as a graded notebook has it."""
    outputs = [] if outputs is None else outputs
    code = {"outputs": outputs, "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "c", "source": source, "metadata": metadata, **code}


def answer(name: str, source: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    """An answer cell; with `grade=True` and points, one that a person grades."""
    outputs = more.pop("outputs", None)
    marks = {"grade_id": name, "solution": True, "grade": False, "task": False, "locked": False} | more
    ours = {"question": name, "part": "answer"}
    return cell(kind, source, outputs=outputs, nbgrader=marks, autograder=ours)


def grade_cell(one: Report) -> dict[str, Any]:
    """The grade cell of a question, with its report."""
    marks = {"grade_id": f"{one.question}-check", "solution": False, "grade": True, "points": one.points}
    return cell(
        "code", "# check", nbgrader=marks, autograder={"question": one.question, "report": to_dict(one)}
    )


def own(kind: str, source: str, **more: Any) -> dict[str, Any]:
    """A cell that the student added."""
    return cell(kind, source, autograder={"own": True}, **more)


def notebook(*cells: dict[str, Any], edition: str = "en", untouched: Sequence[str] = ()) -> dict[str, Any]:
    """A graded notebook of some cells."""
    return {
        "cells": list(cells),
        "metadata": {"autograder": {"edition": edition, "untouched": untouched}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cards_of(
    graded: dict[str, Any], grades: Mapping[str, CellGrade] | None = None, **more: Any
) -> list[cards.Card]:
    """The cards of a graded notebook."""
    return cards.cards(
        graded, graded["metadata"]["autograder"]["edition"], grades or {}, **({"solutions": {}} | more)
    )


def page(graded: dict[str, Any], grades: Mapping[str, CellGrade] | None = None, **more: Any) -> str:
    """The page of a graded notebook."""
    shown = cards_of(graded, grades, solutions=more.pop("solutions", {}))
    fields = {
        "title": cards.title_of(graded, "lstm"),
        "language": graded["metadata"]["autograder"]["edition"],
        "cards": shown,
        "score": sum(card.score or 0 for card in shown),
        "points": sum(card.points for card in shown),
        "written": tuple(cards.written(graded)),
    }
    return render(Page(**(fields | more)))
