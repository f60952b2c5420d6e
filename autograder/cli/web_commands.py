"""The commands of the web tool. Each imports what it needs when it runs: --help works without the web packages."""

from __future__ import annotations

import argparse

from autograder.cli.platforms import add_lms_command
from autograder.cli.privacy import add_export_my_data_command, add_forget_command
from autograder.cli.serve import add_serve_command
from autograder.cli.worker import add_worker_command


def add_web_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to the parser of `autograder`."""
    add_serve_command(commands)
    add_worker_command(commands)
    add_lms_command(commands)
    add_forget_command(commands)
    add_export_my_data_command(commands)
