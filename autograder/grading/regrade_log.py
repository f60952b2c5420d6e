"""The log of regrades: a readable file for each, with who changed which scores, when and why."""

from __future__ import annotations

import getpass
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _

FOLDER = Path("regrades")
STATES = Path("build", "regrades")
"""Folder of what a regrade has replaced, with a copy of the gradebook."""
LOG_COPY = "log.json"
"""The name of the copy of a log in the folder of its regrade."""
NAME = re.compile(r"(\d{3,})\.json")
EXPECTED: Mapping[str, type | tuple[type, ...]] = {
    "number": int, "at": str, "account": str, "because": str, "question": str, "keep_better": bool, "reasons": list,
    "versions": dict, "changes": list, "undone": (dict, type(None)),
}  # fmt: skip
OF_THE_DATA = ("question", "keep_better", "reasons", "versions", "changes")
"""The keys of a regrade's data that its log repeats."""
OF_A_CHANGE = ("student", "assignment", "question", "before", "after", "why")


def log_path(course: Course, number: int) -> Path:
    """Return the path of the log of a regrade."""
    return course.root / FOLDER / f"{number:03}.json"


def read_logs(course: Course) -> list[dict[str, Any]]:
    """Return the logs of all regrades of a course, the first one first.

    Raises CourseError if one cannot be read, or was edited so that something is missing.
    """
    return [_read(path) for path in _paths(course)]


def regrades_of(course: Course, assignment: str) -> list[dict[str, Any]]:
    """Return the regrades of an assignment in short: when, by whom, why, how many students moved, and if undone."""
    return [
        {
            "number": log["number"],
            "at": log["at"],
            "account": log["account"],
            "because": log["because"],
            "moved": len(
                {change["student"] for change in log["changes"] if change["assignment"] == assignment}
            ),
            "undone": log["undone"]["at"] if log["undone"] else None,
        }
        for log in read_logs(course)
        if assignment in log["versions"]
    ]


def next_number(course: Course) -> int:
    """Return the number of the next regrade."""
    return max((int(path.stem) for path in _paths(course)), default=0) + 1


def new_log(data: Mapping[str, Any], *, number: int, at: str, account: str, because: str) -> dict[str, Any]:
    """Return the log of a regrade that is not undone.

    data: what it changes, as `regrade_data` returns it. at: the time in ISO 8601. because: why.
    """
    return {
        "number": number,
        "at": at,
        "account": account,
        "because": because.strip(),
        **{name: data[name] for name in OF_THE_DATA},
        "undone": None,
    }


def write_log(course: Course, log: Mapping[str, Any]) -> None:
    """Write the log of a regrade."""
    atomic_write(log_path(course, log["number"]), log_text(log))


def log_text(log: Mapping[str, Any]) -> str:
    """Return a log as the text of its file, with a line for each score that moved."""
    changes = ",\n  ".join(json.dumps(change, ensure_ascii=False) for change in log["changes"])
    head = json.dumps({**log, "changes": []}, ensure_ascii=False, indent=1)
    return (
        head.replace('"changes": []', f'"changes": [\n  {changes}\n ]' if changes else '"changes": []') + "\n"
    )


def forget(course: Course, student: str) -> None:
    """Remove a student's changes from the logs, and the states by which regrades can be undone, which hold files.

    Raises CourseError if a log cannot be read.
    """
    for log in read_logs(course):
        changes = [change for change in log["changes"] if change["student"] != student]
        if len(changes) < len(log["changes"]):
            write_log(course, {**log, "changes": changes})
    shutil.rmtree(course.root / STATES, ignore_errors=True)


def rename_account(course: Course, account: str, name: str) -> None:
    """Replace the name of a person who regraded. Raises CourseError if a log cannot be read."""
    for log in read_logs(course):
        undone = log["undone"]
        if undone and undone.get("account") == account:
            undone = {**undone, "account": name}
        renamed = {**log, "account": name if log["account"] == account else log["account"], "undone": undone}
        if renamed != log:
            write_log(course, renamed)


def account() -> str:
    """Return the name of the account that runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # in a container the user may have no name
        return "?"


def _paths(course: Course) -> list[Path]:
    paths = [path for path in (course.root / FOLDER).glob("*.json") if NAME.fullmatch(path.name)]
    return sorted(paths, key=lambda path: int(path.stem))


def _read(path: Path) -> dict[str, Any]:
    try:
        log = json.loads(path.read_text(encoding="utf-8"))
        for name, kind in EXPECTED.items():
            if not isinstance(log[name], kind):
                raise TypeError(name)
        for change in log["changes"]:
            for name in OF_A_CHANGE:
                change[name]
        if log["number"] != int(path.stem):
            raise ValueError("number")
    except (OSError, ValueError, KeyError, TypeError) as error:
        copy = path.parent.parent / STATES / path.stem / LOG_COPY
        problem = (
            _(
                "{path} is not a log of a regrade any more ({kind}: {error}); put it back from {copy}",
                copy=copy,
            )
            if copy.is_file()
            else _(
                "{path} is not a log of a regrade any more ({kind}: {error}); restore it, from a backup or from "
                "version control"
            )
        )
        raise CourseError(problem.format(path=path, kind=type(error).__name__, error=error)) from error
    found: dict[str, Any] = log
    return found
