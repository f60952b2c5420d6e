"""The services of an LMS: send a score to its gradebook, fetch its roster.

Both use the URLs that launches stored in the database, never one from a browser's request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade

from autograder.i18n import _
from autograder.text import Text
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Person, Platform, ResourceLink, Role
from autograder.web.errors import RequestRejected
from autograder.web.http import LmsHttpClient, is_url, origin
from autograder.web.lti.claims import SCORE, role_of, sound
from autograder.web.lti.platforms import registration_of
from autograder.web.lti.service_client import (
    Confirmed,
    Conflict,
    Outcome,
    RefusedByLms,
    ServiceClient,
    TokenCache,
    TryAgain,
)
from autograder.web.lti.tool_keys import signing_key

MAX_PAGES = 500

NO_GRADE = _("the LMS has no grade column for this activity")
NO_SCORES = _("the LMS does not allow the tool to send scores")
NO_ROSTER = _("the LMS does not allow the tool to read the roster")
OTHER_HOST = _("the next page of the roster is on another host")
ENDLESS_ROSTER = _("the roster has too many pages")


@dataclass(frozen=True)
class Member:
    """A member of an LMS course. Texts are empty if the LMS does not send them."""

    subject: str
    name: str
    email: str
    role: Role
    active: bool
    student_number: str | None = None
    """As the institution writes it; None if the LMS does not send it in its roster."""


class Services:
    """Calls the services of all platforms. Thread-safe."""

    def __init__(
        self, database: Database, http: LmsHttpClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database, self._http = database, http
        self._tokens = TokenCache(clock)

    def send_score(
        self,
        link: ResourceLink,
        person: Person,
        *,
        score: float,
        maximum: float,
        comment: str,
        timestamp: datetime,
        submitted_at: datetime | None = None,
    ) -> Outcome:
        """Send a final score to the LMS.

        score: sent unchanged; with bonus points it may exceed `maximum`, and some LMSs cap it.
        comment: plain text. LMSs drop the earlier comment when a score comes without one, so send it each time.
        timestamp: at least one second later than any sent before: Moodle compares whole seconds.
        """
        if not link.lineitem_url:
            return RefusedByLms(NO_GRADE)
        if SCORE not in link.scopes:
            return RefusedByLms(NO_SCORES)
        grade = (
            Grade()
            .set_user_id(person.subject)
            .set_score_given(score)
            .set_score_maximum(maximum)
            .set_comment(comment)
            .set_timestamp(_iso(timestamp))
            .set_activity_progress("Completed")
            .set_grading_progress("FullyGraded")  # anything else wipes the grade in Moodle
        )
        if submitted_at is not None:
            grade.set_submitted_at(_iso(submitted_at))
        client = self._client(person.platform_id)
        service = AssignmentsGradesService(client, {"scope": [SCORE], "lineitem": link.lineitem_url})
        result = client.call(partial(service.put_grade, grade))
        return result if isinstance(result, (TryAgain, Conflict, RefusedByLms)) else Confirmed()

    def members(self, context: Context) -> tuple[Member, ...] | TryAgain | RefusedByLms:
        """Fetch all pages of an LMS course's roster; people without a role in the course are left out."""
        if not context.nrps_url:
            return RefusedByLms(NO_ROSTER)
        client = self._client(context.platform_id)
        members: dict[str, Member] = {}
        url = context.nrps_url
        for _page in range(MAX_PAGES):
            result = client.call(partial(client.members_page, url))
            if isinstance(result, Conflict):
                return RefusedByLms(result.error, 409)
            if isinstance(result, (TryAgain, RefusedByLms)):
                return result
            page, next_url = result
            members |= {member.subject: member for data in page if (member := _member(data))}
            if next_url is None:
                return tuple(members.values())
            url = str(next_url)
            if not is_url(url) or origin(url) != origin(context.nrps_url):  # it would receive the token
                return RefusedByLms(OTHER_HOST)
        return TryAgain(ENDLESS_ROSTER)

    def token_error(self, platform_id: int) -> Text | None:
        """Request an access token for scores, and return why the LMS gives none; None if it gives one.

        The LMS fetches our key set for it, so this is the only way to see whether it can.
        """
        client = self._client(platform_id)
        result = client.call(partial(client.get_access_token, [SCORE]))
        return result.error if isinstance(result, (TryAgain, Conflict, RefusedByLms)) else None

    def _client(self, platform_id: int) -> ServiceClient:
        key = signing_key(self._database)
        with self._database.read() as session:
            platform = session.get_one(Platform, platform_id)
        return ServiceClient(registration_of(platform, key), self._http, self._tokens)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _member(data: object) -> Member | None:
    if not isinstance(data, dict):
        return None
    values = {name: data.get(name) for name in ("user_id", "name", "email", "status")}
    texts = {name: text if isinstance(text, str) and sound(text) else "" for name, text in values.items()}
    roles = data.get("roles")
    try:
        role = role_of(
            tuple(name for name in roles if isinstance(name, str)) if isinstance(roles, list) else ()
        )
    except RequestRejected:
        return None
    if not texts["user_id"]:
        return None
    active = texts["status"] in ("", "Active")
    number = data.get("lis_person_sourcedid")
    number = number.strip() if isinstance(number, str) and sound(number) else None
    return Member(texts["user_id"], texts["name"], texts["email"], role, active, number or None)
