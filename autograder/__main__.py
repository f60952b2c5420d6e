"""The program `autograder`, also as `python -m autograder`."""

import sys

import autograder.startup  # noqa: F401 - before anything that imports nbformat
from autograder.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
