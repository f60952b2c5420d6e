"""The LMS's own services: a score goes to its gradebook, and its roster comes from there.

Both are called from what launches left in the store, never from a browser's request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade

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


@dataclass(frozen=True)
class Member:
    """Somebody in the LMS's course. Texts are empty where the LMS tells nothing."""

    subject: str
    name: str
    email: str
    role: Role
    active: bool


class Services:
    """Calls the services of all platforms; may be shared by threads."""

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

        score: as it stands; it may be above `maximum` where bonus is in it, which some LMSs cap.
        comment: plain text. LMSs drop the comment before when a score comes without one, so send it each time.
        timestamp: later than any sent before, by a second at least: Moodle compares no finer.
        """
        if not link.lineitem_url:
            return RefusedByLms("the LMS keeps no grade for this activity")
        if SCORE not in link.scopes:
            return RefusedByLms("the LMS does not let the tool send scores")
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
        connector = self._connector(person.platform_id)
        service = AssignmentsGradesService(connector, {"scope": [SCORE], "lineitem": link.lineitem_url})
        done = connector.called(partial(service.put_grade, grade))
        return done if isinstance(done, (TryAgain, Conflict, RefusedByLms)) else Confirmed()

    def members(self, context: Context) -> tuple[Member, ...] | TryAgain | RefusedByLms:
        """The people of an LMS course, from all pages of its roster; who has no role in the course is left out."""
        if not context.nrps_url:
            return RefusedByLms("the LMS does not let the tool read the roster")
        connector = self._connector(context.platform_id)
        found: dict[str, Member] = {}
        url = context.nrps_url
        for _ in range(MAX_PAGES):
            done = connector.called(partial(connector.members_page, url))
            if isinstance(done, Conflict):
                return RefusedByLms(done.told, 409)
            if isinstance(done, (TryAgain, RefusedByLms)):
                return done
            told, following = done
            found |= {member.subject: member for one in told if (member := _member(one))}
            if following is None:
                return tuple(found.values())
            url = str(following)
            if not is_url(url) or origin(url) != origin(context.nrps_url):  # the token would go with it
                return RefusedByLms("the next page of the roster is at another host")
        return TryAgain("the roster has no end")

    def why_no_token(self, platform_id: int) -> str:
        """What stands in the way of an access token for scores; empty where the LMS gives one.

        The LMS fetches our key set for it: this is the one way to see whether it can.
        """
        connector = self._connector(platform_id)
        done = connector.called(partial(connector.get_access_token, [SCORE]))
        return done.told if isinstance(done, (TryAgain, Conflict, RefusedByLms)) else ""

    def _connector(self, platform_id: int) -> ServiceClient:
        key = signing_key(self._database)
        with self._database.read() as session:
            platform = session.get_one(Platform, platform_id)
        return ServiceClient(registration_of(platform, key), self._http, self._tokens)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _member(told: object) -> Member | None:
    if not isinstance(told, dict):
        return None
    texts = {name: told.get(name) for name in ("user_id", "name", "email", "status")}
    clean = {name: text if isinstance(text, str) and sound(text) else "" for name, text in texts.items()}
    roles = told.get("roles")
    try:
        role = role_of(tuple(one for one in roles if isinstance(one, str)) if isinstance(roles, list) else ())
    except RequestRejected:
        return None
    if not clean["user_id"]:
        return None
    active = clean["status"] in ("", "Active")
    return Member(clean["user_id"], clean["name"], clean["email"], role, active)
