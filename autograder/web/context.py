"""The application context: what page modules work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask.typing import ResponseReturnValue

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.http import LmsHttpClient
from autograder.web.lti.accounts import Launched
from autograder.web.lti.launch import LaunchFlow

Page = Callable[[Launched], ResponseReturnValue]
"""Shows a launched user the page that they came for."""


@dataclass(frozen=True)
class Tool:
    """The web tool, an LTI tool that serves one course."""

    database: Database
    course: Course
    base_url: str
    """Where browsers and LMSs reach the tool, without a trailing slash."""
    http: LmsHttpClient
    launching: LaunchFlow
    page: Page
    clock: Callable[[], datetime]

    @property
    def launch_url(self) -> str:
        """Return the URL to which an LMS sends launches."""
        return f"{self.base_url}/lti/launch"
