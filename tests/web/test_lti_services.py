"""Scores and rosters: whatever an LMS answers is a typed outcome, within time limits."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from autograder.errors import CourseError
from autograder.text import Text
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Person, Platform, ResourceLink, now
from autograder.web.http import is_url
from autograder.web.lti.claims import ROSTER, SCORE
from autograder.web.lti.service_client import (
    UNREACHABLE,
    UNREADABLE,
    Confirmed,
    Conflict,
    Outcome,
    RefusedByLms,
    TryAgain,
    retry_after,
)
from autograder.web.lti.services import (
    ENDLESS_ROSTER,
    NO_GRADE,
    NO_ROSTER,
    NO_SCORES,
    OTHER_HOST,
    Member,
    Services,
)
from autograder.web.lti.tool_keys import published_keys
from tests.web.loopback import ROLES, Handler, Lms, drip, lms, quick, silence

pytestmark = pytest.mark.long

MOMENT = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)


class Desk:
    """A tool's services, an LMS, and somebody with a score."""

    def __init__(self, database: Database, other: Lms) -> None:
        self.database, self.lms = database, other
        self.services = Services(database, quick())
        self.link, self.person, self.context = self.somebody(other.register(database))

    def somebody(self, platform: Platform) -> tuple[ResourceLink, Person, Context]:
        with self.database.write() as session:
            context = Context(
                platform_id=platform.id,
                deployment="1",
                lms_id="course",
                nrps_url=f"{self.lms.address}/members?rlid=1",
            )
            session.add(context)
            session.flush()
            link = ResourceLink(
                context_id=context.id,
                resource_link_id="link",
                assignment="shapes",
                lineitem_url=f"{self.lms.address}/ags/1?type_id=2",
                scopes=[SCORE],
            )
            person = Person(platform_id=platform.id, subject="user-1", pseudonym=f"p{platform.id}")
            session.add_all([link, person])
        return link, person, context

    def send(self, **changed: Any) -> Outcome:
        defaults: dict[str, Any] = {"score": 8, "maximum": 15, "comment": "좋아요", "timestamp": MOMENT}
        return self.services.send_score(self.link, self.person, **(defaults | changed))

    def asked(self, path: str) -> list[str]:
        return [body for asked, _, body in self.lms.asked if asked == path]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(tmp_path / "web.db")
    with lms() as other:
        yield Desk(database, other)
    database.close()


SCORES = "/ags/1/scores?type_id=2"


class TestAScore:
    """What comes back of it."""

    @pytest.mark.parametrize(
        ("status", "body"), [(200, None), (204, None), (201, {"resultUrl": "x"}), (202, None)]
    )
    def test_confirmed(self, desk: Desk, status: int, body: Any) -> None:
        """A score that the LMS takes is confirmed; the query of a line item stays at the end of the URL."""
        desk.lms.answer(SCORES, status, body)
        assert desk.send() == Confirmed()
        assert len(desk.asked(SCORES)) == 1

    def test_conflict(self, desk: Desk) -> None:
        """409 is a conflict, in the LMS's words."""
        desk.lms.answer(SCORES, 409, b"Refusing score with an earlier timestamp")
        assert desk.send() == Conflict(Text.same("HTTP 409: Refusing score with an earlier timestamp"))

    @pytest.mark.parametrize(
        ("header", "after"), [("120", 120.0), ("x", None), ("9" * 30, 86_400.0), ("²", None)]
    )
    def test_too_many_requests(self, desk: Desk, header: str, after: float | None) -> None:
        """429 is to be tried again, when the LMS says; nonsense says nothing, and nobody waits longer than a day."""
        desk.lms.answer(SCORES, 429, b"slow down", {"Retry-After": header.encode().decode("latin-1")})
        assert desk.send() == TryAgain(Text.same("HTTP 429: slow down"), after)

    def test_date_to_try_again(self) -> None:
        """Retry-After may be a date."""
        moment = now().replace(microsecond=0)
        until = format_datetime(moment + timedelta(seconds=90), usegmt=True)
        assert retry_after({"Retry-After": until}, moment) == 90
        assert retry_after({"Retry-After": until}, moment + timedelta(hours=1)) == 0

    @pytest.mark.parametrize("status", [400, 403, 404, 422])
    def test_refused(self, desk: Desk, status: int) -> None:
        """Any other 4xx is refused, in the LMS's own words, on one line and without markup."""
        html = b"<html><head><title>x</title></head><body><h1>No\n such</h1> user</body></html>"
        desk.lms.answer(SCORES, status, html, {"Content-Type": "text/html"})
        assert desk.send() == RefusedByLms(Text.same(f"HTTP {status}: No such user"), status)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
    def test_fault_of_the_lms(self, desk: Desk, status: int) -> None:
        """5xx is to be tried again."""
        desk.lms.answer(SCORES, status, b"oops")
        assert desk.send() == TryAgain(Text.same(f"HTTP {status}: oops"))

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirect(self, desk: Desk, status: int) -> None:
        """A redirect is not followed: the token would go with it."""
        desk.lms.answer(SCORES, status, None, {"Location": f"{desk.lms.address}/thief"})
        done = desk.send()
        assert isinstance(done, TryAgain)
        assert "redirects are not followed" in done.error.en
        assert done.error.ko.startswith("LMS가 제대로 답하지 않습니다: ")
        assert desk.asked("/thief") == []

    def test_page_in_the_place_of_an_answer(self, desk: Desk) -> None:
        """200 with the page of a login or of maintenance confirms nothing."""
        desk.lms.answer(SCORES, 200, b"<html>Please log in</html>", {"Content-Type": "text/html"})
        assert desk.send() == TryAgain(UNREADABLE)

    def test_answers_other_than_http_are_errors(self, desk: Desk) -> None:
        """An answer that is no HTTP, one that breaks off, one that lies about its encoding."""

        def nonsense(handler: Handler) -> None:
            handler.wfile.write(b"\x00\x01 nonsense\r\n\r\n")

        def broken(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        desk.lms.answers[SCORES] = nonsense
        assert isinstance(desk.send(), TryAgain)
        desk.lms.answers[SCORES] = broken
        assert isinstance(desk.send(), TryAgain)
        desk.lms.answer(SCORES, 200, b"not gzip", {"Content-Encoding": "gzip"})
        assert isinstance(desk.send(), TryAgain)
        desk.lms.answer(SCORES, 200, b"x" * 5_000_000)
        assert isinstance(desk.send(), TryAgain)

    @pytest.mark.parametrize("slow", [silence, drip], ids=["silent", "a byte now and then"])
    def test_slow(self, desk: Desk, slow: Any) -> None:
        """An LMS that says nothing, or a byte now and then, is left within the limits."""
        desk.lms.answers[SCORES] = slow
        begun = time.monotonic()
        assert isinstance(desk.send(), TryAgain)
        assert time.monotonic() - begun < 15

    def test_nobody_there(self, desk: Desk, tmp_path: Path) -> None:
        """An LMS that is down."""
        with lms() as gone:
            platform = gone.register(desk.database, client_id="gone")
            desk.link, desk.person, _ = desk.somebody(platform)
        assert desk.send() == TryAgain(UNREACHABLE)

    def test_scores_are_sent_final_with_their_comment(self, desk: Desk) -> None:
        """A final score with its comment; never one that is pending, which wipes the grade in Moodle."""
        desk.lms.answer(SCORES, 200)
        assert desk.send(score=17.5, submitted_at=MOMENT) == Confirmed()
        (body,) = desk.asked(SCORES)
        assert '"gradingProgress": "FullyGraded"' in body
        assert '"scoreGiven": 17.5' in body
        assert '"timestamp": "2027-03-01T09:30:00.000+00:00"' in body
        assert "Pending" not in body

    def test_activity_without_a_grade(self, desk: Desk) -> None:
        """Where there is nothing to send to, nothing is sent, and the reason says so."""
        desk.link.scopes = []
        assert desk.send() == RefusedByLms(NO_SCORES)
        desk.link.lineitem_url = None
        assert desk.send() == RefusedByLms(NO_GRADE)
        assert desk.lms.asked == []


class TestTokens:
    """Access tokens."""

    def test_one_serves_many_scores(self, desk: Desk) -> None:
        """A token is asked for once, signed with a key of our key set, for scores alone."""
        desk.lms.answer(SCORES, 200)
        for _ in range(3):
            assert desk.send() == Confirmed()
        (body,) = desk.asked("/token")
        form = {name: values[0] for name, values in parse_qs(body).items()}
        assert form["scope"] == SCORE
        (key,) = jwt.PyJWKSet.from_dict(published_keys(desk.database)).keys
        claims = jwt.decode(
            form["client_assertion"], key.key, algorithms=["RS256"], audience=f"{desk.lms.address}/token"
        )
        assert (claims["iss"], claims["sub"]) == ("client-1", "client-1")

    def test_each_client_has_its_own(self, desk: Desk) -> None:
        """Two clients of one issuer never share a token, as two institutions on hosted Canvas would."""
        desk.lms.answer(SCORES, 200)
        desk.send()
        desk.lms.answer("/token", 200, {"access_token": "SECRET-TOKEN-2", "expires_in": 3600})
        desk.link, desk.person, _ = desk.somebody(desk.lms.register(desk.database, client_id="client-2"))
        desk.send()
        used = [heads["Authorization"] for path, heads, _ in desk.lms.asked if path == SCORES]
        assert used == ["Bearer SECRET-TOKEN-1", "Bearer SECRET-TOKEN-2"]

    def test_it_expires(self, desk: Desk) -> None:
        """A token is not used in its last minute."""
        clock = [0.0]
        desk.services = Services(desk.database, quick(), clock=lambda: clock[0])
        desk.lms.answer(SCORES, 200)
        for clock[0] in (0.0, 3500.0, 3541.0):
            assert desk.send() == Confirmed()
        assert len(desk.asked("/token")) == 2

    def test_the_lms_forgot_it(self, desk: Desk) -> None:
        """A kept token that the LMS no longer knows is replaced at once; a fresh one is not."""
        desk.lms.answer(SCORES, 200)
        desk.send()
        desk.lms.answer(SCORES, 401, b"who?")
        assert desk.send() == RefusedByLms(Text.same("HTTP 401: who?"), 401)
        assert len(desk.asked("/token")) == 2

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"[]",
            b"null",
            {},
            {"access_token": 7},
            {"access_token": "a\nb"},
            {"access_token": "x", "expires_in": "y"},
        ],
    )
    def test_garbage(self, desk: Desk, answer: Any) -> None:
        """What is no token is to be tried again; one with a nonsense lifetime serves once."""
        desk.lms.answer(SCORES, 200)
        desk.lms.answer("/token", 200, answer)
        done = desk.send()
        assert done == (Confirmed() if "expires_in" in str(answer) else TryAgain(UNREADABLE))

    def test_refused(self, desk: Desk) -> None:
        """A client that the LMS does not know, as in Moodle before Activate."""
        desk.lms.answer("/token", 400, b'{"error": "invalid_client"}')
        assert desk.send() == RefusedByLms(Text.same('HTTP 400: {"error": "invalid_client"}'), 400)

    def test_no_log_and_no_word_holds_a_secret(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        """An LMS that sends back what it got does not bring a token or a signature into words or logs."""
        caplog.set_level(logging.DEBUG)

        def echo(handler: Handler) -> None:
            _, heads, body = desk.lms.asked[-1]
            data = f"{body.rpartition('client_assertion=')[2]} {heads} {body}".encode()
            handler.send_response(400)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)

        desk.lms.answers[SCORES] = echo
        first = desk.send()
        desk.lms.answers["/token"] = echo
        desk.services = Services(desk.database, quick())
        second = desk.send()
        assertion = parse_qs(desk.asked("/token")[-1])["client_assertion"][0]
        for done in (first, second):
            assert isinstance(done, RefusedByLms)
            for secret in ("SECRET-TOKEN-1", assertion, assertion[:40]):
                assert secret not in done.error.en + done.error.ko
                assert secret not in caplog.text


class TestTheRoster:
    """Who is in the course."""

    def test_all_pages(self, desk: Desk) -> None:
        """All pages are read; who has no role in the course, or no id, is left out."""
        learner, teacher = [f"{ROLES}#Learner"], [f"{ROLES}#Instructor"]
        first = [{"user_id": "a", "name": 'Kim, "Minji"', "email": "a@example.org", "roles": learner}]
        second = [
            {"user_id": "b", "roles": teacher, "status": "Inactive"},
            {"user_id": "c", "roles": []},
            {"roles": learner},
            7,
        ]
        following = f"{desk.lms.address}/members?page=2"
        desk.lms.answer("/members?rlid=1", 200, {"members": first}, {"Link": f'<{following}>; rel="next"'})
        desk.lms.answer("/members?page=2", 200, {"members": second})
        assert desk.services.members(desk.context) == (
            Member("a", 'Kim, "Minji"', "a@example.org", "student", True),
            Member("b", "", "", "teacher", False),
        )
        assert parse_qs(desk.asked("/token")[0])["scope"] == [ROSTER]

    def test_page_elsewhere(self, desk: Desk) -> None:
        """The token goes to no other host than the roster's."""
        desk.lms.answer(
            "/members?rlid=1", 200, {"members": []}, {"Link": '<https://thief.example/>; rel="next"'}
        )
        assert desk.services.members(desk.context) == RefusedByLms(OTHER_HOST)

    def test_no_end(self, desk: Desk) -> None:
        """A roster whose pages go round is left."""
        following = f"{desk.lms.address}/members?rlid=1"
        desk.lms.answer("/members?rlid=1", 200, {"members": []}, {"Link": f'<{following}>; rel="next"'})
        assert desk.services.members(desk.context) == TryAgain(ENDLESS_ROSTER)

    @pytest.mark.parametrize("answer", [b"", b"[]", b"{}", {"members": 7}, b"<html>"])
    def test_garbage(self, desk: Desk, answer: Any) -> None:
        """What is no roster is to be tried again."""
        desk.lms.answer("/members?rlid=1", 200, answer)
        assert desk.services.members(desk.context) == TryAgain(UNREADABLE)

    def test_none(self, desk: Desk) -> None:
        """A course whose LMS gives no roster."""
        desk.context.nrps_url = None
        assert desk.services.members(desk.context) == RefusedByLms(NO_ROSTER)


class TestRegisteringByHand:
    """From the platform's data."""

    def test_again(self, desk: Desk) -> None:
        """The same ids change the platform that is there; deployments are added to."""
        again = desk.lms.register(desk.database, deployments=["2"], name="Ours")
        with desk.database.read() as session:
            (platform,) = session.scalars(select(Platform).where(Platform.client_id == "client-1")).all()
        assert platform.id == again.id
        assert (platform.deployments, platform.name) == (["1", "2"], "Ours")

    @pytest.mark.parametrize(
        "url",
        [
            "http://lms.example/x",
            "ftp://a/",
            "javascript:alert(1)",
            "https://a;b/",
            "https://u:p@a/",
            "",
            "https://[x/",
        ],
    )
    def test_url_that_cannot_be(self, desk: Desk, url: str) -> None:
        """Only https, or http on this machine; never with a password in it."""
        assert not is_url(url)
        with pytest.raises(CourseError, match=r"token URL is .*; expected one that begins with https://"):
            desk.lms.register(desk.database, auth_token_url=url)

    def test_empty_id(self, desk: Desk) -> None:
        """The message says what to do."""
        with pytest.raises(
            CourseError, match="client id is ''; copy it from the LMS, character for character"
        ):
            desk.lms.register(desk.database, client_id="")


@settings(max_examples=60)
@given(st.integers(200, 599), st.binary(max_size=60))
def test_any_answer_is_an_outcome(desk: Desk, status: int, data: bytes) -> None:
    """Whatever status and body: an outcome, and 2xx alone confirms."""
    desk.lms.answer(SCORES, status, data)
    done = desk.send()
    assert isinstance(done, (Confirmed, TryAgain, Conflict, RefusedByLms))
    assert isinstance(done, Confirmed) <= (status < 300)


def test_netrc_does_not_replace_the_token(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords in the operator's .netrc are not sent to an LMS."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    desk.lms.answer(SCORES, 200)
    assert desk.send() == Confirmed()
    assert desk.lms.asked[-1][1]["Authorization"] == "Bearer SECRET-TOKEN-1"
