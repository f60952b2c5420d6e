"""The application context: what the views of all pages work with.

`make_app` stores a `Tool` in the extensions of the application; views import `tool`, a proxy for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from werkzeug.local import LocalProxy

from autograder.course import Course
from autograder.web.cache import VersionedCache
from autograder.web.catalog import AssignmentCatalog
from autograder.web.db.database import Database
from autograder.web.http import LmsHttpClient
from autograder.web.lti.launch import LaunchFlow
from autograder.web.lti.services import Services
from autograder.web.submissions import SubmissionService

EXTENSION = "autograder"


@dataclass(frozen=True)
class Tool:
    """The web tool, an LTI tool that serves one course."""

    database: Database
    course: Course
    catalog: AssignmentCatalog
    submissions: SubmissionService
    base_url: str
    """The URL at which browsers and LMSs reach the tool, without a trailing slash."""
    http: LmsHttpClient
    launches: LaunchFlow
    services: Services
    """The services of the LMSs."""
    clock: Callable[[], datetime]
    reports: VersionedCache
    """The data of the report on each activity."""
    sections: VersionedCache
    """The sections of the roster file. Apart from the reports, since those take seconds to compute."""

    @property
    def launch_url(self) -> str:
        """Return the URL to which an LMS sends launches."""
        return f"{self.base_url}/lti/launch"


def _current_tool() -> Tool:
    current: Tool = current_app.extensions[EXTENSION]
    return current


tool: Tool = LocalProxy(_current_tool)  # type: ignore[assignment]
"""The tool of the application that handles the current request."""
