"""The commands that bring hand-ins and scores into and out of an LMS."""

from __future__ import annotations

import argparse

from autograder.lms.export_command import add_export_command
from autograder.lms.quiz_command import add_quiz_command
from autograder.lms.roster_command import add_roster_command
from autograder.lms.times_command import add_times_command


def add_lms_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to the parser of `autograder`."""
    add_roster_command(commands)
    add_times_command(commands)
    add_export_command(commands)
    add_quiz_command(commands)
