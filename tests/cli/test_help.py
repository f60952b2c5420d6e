"""The help of every command, in the language of the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from autograder.cli.help_format import ARGPARSE, Examples
from autograder.cli.main import _parser, main
from autograder.text import Text

SAME = {"Blackboard Learn", "LMSs"}
"""Names, which may read the same in Korean."""


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from parsers(command)


def texts(parser: argparse.ArgumentParser) -> Iterator[object]:
    """Yield what a parser's help says."""
    yield from (parser.description, *(group.title for group in parser._action_groups[2:]))
    for action in parser._actions:
        yield from (action.help, *(choice.help for choice in getattr(action, "_choices_actions", ())))
    for line in parser.epilog or ():
        yield from line[1:] if isinstance(line, tuple) else ()
    yield getattr(parser.epilog, "note", None)


@pytest.mark.parametrize("parser", parsers(_parser()), ids=lambda parser: parser.prog)
def test_every_sentence_is_in_korean_too(parser: argparse.ArgumentParser) -> None:
    """Descriptions, options, titles and what the examples do; argparse's own words are translated as they are shown."""
    assert parser.epilog is None or isinstance(parser.epilog, Examples)
    for text in filter(None, texts(parser)):
        if str(text) not in SAME | {*ARGPARSE}:
            assert isinstance(text, Text), text
            assert text.ko != text.en, text


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (
            "ko_KR.UTF-8",
            ["사용법: autograder grade", "옵션:", "인자:", "이 도움말을 보여 주고", "예:", "제출물 하나"],
        ),
        (
            "C",
            ["usage: autograder grade", "options:", "show this help message", "examples:", "one submission"],
        ),
    ],
)
def test_the_help_is_in_the_language_of_the_terminal(
    locale: str, shown: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With argparse's own words."""
    monkeypatch.setenv("LC_ALL", locale)
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    output = capsys.readouterr().out
    assert [text for text in shown if text not in output] == []


def test_wrong_value_is_refused_in_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence that says what is expected."""
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    with pytest.raises(SystemExit):
        main(["grade", "--jobs", "0"])
    assert "1부터 256까지의 수여야 하는데 '0'입니다" in capsys.readouterr().err
