"""What the commands ask."""

from __future__ import annotations

import argparse
import io
import sys

import pytest

from autograder.cli.options import Terminal, agrees


class Keyboard(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        """Return whether it is one."""
        return True


@pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_end_of_input_is_a_no(monkeypatch: pytest.MonkeyPatch, typed: str, answer: bool) -> None:
    """As Ctrl-D gives it: nothing is changed, and there is no traceback."""
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    console = Terminal(file=io.StringIO())
    assert agrees(argparse.Namespace(yes=False, language="en"), console) is answer
