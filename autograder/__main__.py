"""`python -m autograder`."""

import sys

from autograder.cli.main import main

sys.exit(main())
