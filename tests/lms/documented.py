"""The form of `results.json`, stated from Gradescope's documentation and from nothing of ours.

https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
import math
from typing import Any

VISIBILITY = ("hidden", "after_due_date", "after_published", "visible")
FORMAT = ("text", "html", "simple_format", "md", "ansi")
NUMBER = (int, float)
TOP: dict[str, Any] = {
    "score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": FORMAT, "test_output_format": FORMAT,
    "test_name_format": FORMAT, "visibility": VISIBILITY, "stdout_visibility": VISIBILITY, "extra_data": dict,
    "tests": list, "leaderboard": list,
}  # fmt: skip
TEST: dict[str, Any] = {
    "score": NUMBER, "max_score": NUMBER, "status": ("passed", "failed"), "name": str, "name_format": FORMAT,
    "number": str, "output": str, "output_format": FORMAT, "tags": list, "visibility": VISIBILITY, "extra_data": dict,
}  # fmt: skip


def check(result: Any) -> None:
    """Raise AssertionError where a result is not of the documented form."""
    json.dumps(result)
    _check(result, TOP)
    assert "score" in result or "tests" in result
    for test in result.get("tests", []):
        _check(test, TEST)


def _check(found: Any, form: dict[str, Any]) -> None:
    assert isinstance(found, dict)
    for name, value in found.items():
        assert name in form, f"{name} is not documented"
        wanted = form[name]
        if wanted is NUMBER:
            assert isinstance(value, NUMBER) and not isinstance(value, bool) and math.isfinite(value), (
                name,
                value,
            )
        elif isinstance(wanted, tuple):
            assert value in wanted, (name, value)
        else:
            assert isinstance(value, wanted), (name, value)
