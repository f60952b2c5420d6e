"""The commands that bring hand-ins and scores into and out of an LMS."""

from __future__ import annotations

import argparse


def add_lms_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to the parser of `autograder`."""
