"""The program `autograder`, also as `python -m autograder`."""

import sys
from collections.abc import Sequence

import autograder.startup  # noqa: F401 - before anything that imports nbformat


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see `autograder.cli.exit_codes`."""
    # here, since every worker process imports this module
    from autograder.cli.main import main as run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
