"""The sections of the class, as the roster file has them."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.web.context import tool
from autograder.web.lti.accounts import load_roster


def load_sections() -> Mapping[str, str]:
    """Return the section of each student by student id; empty without a roster that has any.

    The file is read again once it has changed, so the newest sections hold without a restart.
    """
    path = tool.course.root / tool.course.settings.roster
    try:
        status = path.stat()
    except OSError:
        return {}
    version = (status.st_mtime_ns, status.st_size)
    sections: Mapping[str, str] = tool.sections.get(path, version, _read)
    return sections


def _read() -> dict[str, str]:
    roster = load_roster(tool.course)
    return {person.student_id: person.section for person in roster.people if person.section} if roster else {}
