"""The commands that bring hand-ins and scores into and out of an LMS."""

from __future__ import annotations

import argparse

from autograder.cli.deadlines import add_times_command
from autograder.cli.export import add_export_command
from autograder.cli.package import add_package_command
from autograder.cli.quiz import add_quiz_command
from autograder.cli.roster import add_roster_command


def add_lms_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to the parser of `autograder`."""
    add_roster_command(commands)
    add_times_command(commands)
    add_export_command(commands)
    add_quiz_command(commands)
    add_package_command(commands)
