"""What of these tests runs where."""

from __future__ import annotations

import os
import sys

# a machine of one's own takes root to make, on Linux
collect_ignore = [] if sys.platform == "linux" and os.geteuid() == 0 else ["test_gradescope_run.py"]
