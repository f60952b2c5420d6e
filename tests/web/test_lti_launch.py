"""Launches: the good ones, and everything that an LMS, a browser or an attacker may send in their place."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from autograder.course import Course
from autograder.roster import RosterEntry, write
from autograder.web.app import make_app
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    FinalGrade,
    Launch,
    Membership,
    Person,
    Platform,
    ResourceLink,
    now,
)
from autograder.web.db.outbox import announce
from autograder.web.errors import RequestRejected
from autograder.web.headers import cookie_name
from autograder.web.lti.claims import DEEP_LINKING, SCORE, role_of
from autograder.web.lti.dynamic_registration import invite
from autograder.web.lti.platform_keys import KeySets
from autograder.web.lti.tool_keys import published_keys, rotate_key
from tests.support import copy_course
from tests.web.loopback import (
    AGS,
    KEY,
    LTI,
    NRPS,
    OTHER_KEY,
    ROLES,
    Browser,
    Clock,
    Lms,
    Web,
    begin,
    body,
    launch,
    lms,
    picking,
    public,
    quick,
    signed,
    tool,
    words,
)

pytestmark = pytest.mark.long

HARD_NAMES = ('Kim, "Minji"', "김민지", "=SUM(1,2)", "O'Neil", "Müller; Jörg", "<script>alert(1)</script>")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course") / "course", "shapes", "tagging")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, course: Path, clock: Clock) -> Iterator[tuple[Web, Lms]]:
    with (
        lms() as other,
        tool(tmp_path_factory.mktemp("web"), course, http=quick(), clock=clock) as made,
    ):
        other.register(made.database)
        yield made, other


@pytest.fixture
def web(here: tuple[Web, Lms], clock: Clock) -> Web:
    clock.ahead = timedelta()
    return here[0]


@pytest.fixture
def other(here: tuple[Web, Lms]) -> Lms:
    return here[1]


def launched(web: Web) -> int:
    """How many launches came through so far."""
    with web.database.read() as session:
        return session.scalars(select(func.count()).where(Launch.token.is_not(None))).one()


class TestALaunch:
    """What comes through, and what is kept of it."""

    @pytest.mark.parametrize("name", HARD_NAMES)
    def test_the_page_says_who(self, web: Web, other: Lms, name: str) -> None:
        """Any name is shown as it is, and none is markup."""
        page = launch(Browser(), web, other, name=name)
        assert page.status_code == 200, words(page)
        assert "<script>alert" not in page.text
        shown = words(page).replace("&lt;", "<").replace("&gt;", ">")
        assert f"Signed in as: {name} (" in shown
        assert "Output shapes of recurrent layers Your score – / 16 points" in shown

    def test_the_language_is_the_launches(self, web: Web, other: Lms) -> None:
        """A launch in Korean shows a page in Korean."""
        page = launch(Browser(), web, other, **{LTI + "launch_presentation": {"locale": "ko_KR"}})
        assert "사용자: 김민지" in words(page)
        assert '<html lang="ko">' in page.text

    def test_the_store_holds_what_the_launch_says(self, web: Web, other: Lms) -> None:
        """Person, course, activity, role and score service are kept; what a later launch leaves out stays."""
        launch(Browser(), web, other, sub="kept")
        launch(Browser(), web, other, sub="kept", name=None, email=None, **{AGS: None, NRPS: None})
        with web.database.read() as session:
            person = session.scalars(select(Person).where(Person.subject == "kept")).one()
            member = session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
            link = session.scalars(
                select(ResourceLink).where(ResourceLink.resource_link_id == "link-1")
            ).one()
            assert (person.name, person.email, person.student_id) == ("김민지", "minji@example.org", "kept")
            assert (member.role, link.assignment, member.context.title) == (
                "student",
                "shapes",
                "Recurrent networks",
            )
            assert link.lineitem_url == f"{other.address}/ags/1?type_id=2"
            assert member.context.nrps_url == f"{other.address}/members"

    @pytest.mark.parametrize("before", [None, "/ags/old"])
    def test_the_lms_is_told_what_stands_where_its_gradebook_is_new(
        self, web: Web, other: Lms, before: str | None
    ) -> None:
        """A launch that names a line item where there was none, or another, has the worker tell it; once."""
        named = {"lineitem": f"{other.address}{before}", "scope": [SCORE]} if before else None
        link = {LTI + "resource_link": {"id": f"late-{before}"}}
        launch(Browser(), web, other, **link, **{AGS: named})
        with web.database.write() as session:
            made = session.scalars(
                select(ResourceLink).where(ResourceLink.resource_link_id == f"late-{before}")
            ).one()
            person = session.scalars(select(Person).where(Person.subject == "user-1")).one()
            session.add(FinalGrade(course_link_id=made.id, person_id=person.id, score=3.0, stale=False))
            if before:
                announce(session, made.id, person.id, score=3.0, maximum=4.0, comment="")
        found = []
        for _ in range(2):
            launch(Browser(), web, other, "#Instructor", sub="teacher", **link)
            with web.database.write() as session:
                row = session.get_one(FinalGrade, (made.id, person.id))
                found.append(row.stale)
                row.stale = False
        assert found == [True, False]

    @pytest.mark.parametrize(
        ("roles", "role"),
        [
            (["#Learner"], "student"),
            (["#Instructor"], "teacher"),
            (["#Instructor", "/Instructor#TeachingAssistant"], "assistant"),
            (["#Instructor", "#Learner"], "teacher"),
            (["/Learner#NonCreditLearner"], "student"),
        ],
    )
    def test_roles(self, web: Web, other: Lms, roles: list[str], role: str) -> None:
        """The LMS's roles in the course are the person's; who assists is no teacher, though an instructor too."""
        assert launch(Browser(), web, other, *roles, sub="roles").status_code == 200
        with web.database.read() as session:
            found = select(Membership.role).join(Person).where(Person.subject == "roles")
            assert session.scalars(found).one() == role

    def test_role_elsewhere_is_none_here(self, web: Web, other: Lms) -> None:
        """Who teaches somewhere in the institution is nobody in this course."""
        roles = ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"]
        page = launch(Browser(), web, other, **{LTI + "roles": roles})
        assert page.status_code == 403
        assert "Your LMS names no role of yours in this course." in words(page)
        with pytest.raises(RequestRejected):
            role_of(("http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",))

    def test_link_without_an_assignment(self, web: Web, other: Lms) -> None:
        """A link that names no assignment of the course says what a teacher can do."""
        changed: dict[str, Any] = {
            LTI + "custom": {"assignment": "shape"},
            LTI + "resource_link": {"id": "empty"},
        }
        page = launch(Browser(), web, other, **changed)
        assert page.status_code == 404
        assert "write assignment=NAME into its custom parameters" in words(page)


def test_key_is_read_once_per_request(web: Web, other: Lms) -> None:
    """Neither the login, nor the way to the LMS, nor the launch reads the tool's key twice."""
    browser, reads = Browser(), list[str]()
    published_keys(web.database)  # so that there is one

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "FROM tool_key" in statement:
            reads.append(statement)

    event.listen(web.database.engine, "before_cursor_execute", count)
    try:
        asked = begin(browser, web, other)  # two requests
        token = signed(body(other, asked["nonce"]))
        form = {"state": asked["state"], "id_token": token}
        page = browser.post(f"{web.base_url}/lti/launch", data=form, allow_redirects=False)
    finally:
        event.remove(web.database.engine, "before_cursor_execute", count)
    assert page.status_code == 303
    assert len(reads) == 3


class TestWhoSomebodyIs:
    """Nobody is taken for somebody else."""

    @pytest.fixture(autouse=True)
    def known(self, course: Path) -> Iterator[None]:
        people = [
            RosterEntry("carol", name="Carol", email="carol@example.org"),
            RosterEntry("user-77", name="Dan", lti_subject="subject-dan"),
            RosterEntry("erin", student_number="2026-5"),
        ]
        write(course / "roster.csv", people)
        yield
        (course / "roster.csv").unlink()

    def id_of(self, web: Web, other: Lms, subject: str, **claims: Any) -> str | None:
        assert launch(Browser(), web, other, sub=subject, **claims).status_code == 200
        with web.database.read() as session:
            return session.scalars(select(Person.student_id).where(Person.subject == subject)).one()

    def test_the_roster_knows_them(self, web: Web, other: Lms) -> None:
        """By LTI subject, student number or address; a second account with the same address is somebody else."""
        assert self.id_of(web, other, "subject-dan", name="x", email="x@example.org") == "user-77"
        assert self.id_of(web, other, "s-carol", name="x", email="Carol@example.org") == "carol"
        assert self.id_of(web, other, "s-erin", **{LTI + "lis": {"person_sourcedid": "2026-5"}}) == "erin"
        assert self.id_of(web, other, "s-carol-2", name="x", email="carol@example.org") == "s-carol-2"

    def test_name_alone_identifies_nobody(self, web: Web, other: Lms) -> None:
        """Anybody may be called so; but a name that is another's speaks against an address."""
        assert self.id_of(web, other, "s-impostor", name="Carol", email="") == "s-impostor"
        assert self.id_of(web, other, "s-dan", name="Dan", email="carol@example.org") == "s-dan"

    def test_nobody_takes_an_id_by_its_subject(self, web: Web, other: Lms) -> None:
        """Whose subject reads like another student's id gets an id of their own, and keeps it."""
        first = self.id_of(web, other, "user-77", name="Eve", email="eve@example.org")
        assert first
        assert first.startswith("lti-")
        assert self.id_of(web, other, "USER-77", name="Eve", email="eve@example.org") not in (
            "user-77",
            "USER-77",
            first,
        )
        assert self.id_of(web, other, "user-77", name="Eve", email="eve@example.org") == first

    def test_subject_that_is_no_folder(self, web: Web, other: Lms) -> None:
        """A subject that cannot name a folder is no id."""
        found = self.id_of(web, other, "../../etc/passwd", name="y", email="y@example.org")
        assert found
        assert found.startswith("lti-")

    def test_id_with_hand_ins_stays(self, web: Web, other: Lms, course: Path) -> None:
        """Who becomes known to the roster after a hand-in keeps the id that the scores are under."""
        mail = {"name": "F", "email": "f@example.org"}
        assert self.id_of(web, other, "late", **mail) == "late"
        write(course / "roster.csv", [RosterEntry("frank", email="f@example.org")])
        assert self.id_of(web, other, "late", **mail) == "frank"
        with web.database.write() as session:
            person = session.scalars(select(Person).where(Person.subject == "late")).one()
            link = session.scalars(select(ResourceLink)).first()
            assert link
            session.add(Attempt(course_link_id=link.id, person_id=person.id, sha256="0", path="x"))
        write(course / "roster.csv", [RosterEntry("franz", email="f@example.org")])
        assert self.id_of(web, other, "late", **mail) == "frank"

    def test_number_of_the_institution(self, web: Web, other: Lms) -> None:
        """Whom the roster does not have goes by the LMS's ID number, if it is sound and nobody else's."""

        def number(text: str) -> dict[str, Any]:
            return {"name": "x", "email": "x@example.org", LTI + "lis": {"person_sourcedid": text}}

        assert self.id_of(web, other, "5", **number("20260005")) == "20260005"
        assert self.id_of(web, other, "6", **number("20260005")) == "6"  # somebody else's
        assert self.id_of(web, other, "7", **number("USER-77")) == "7"  # somebody's in the roster
        assert self.id_of(web, other, "8", **number("../8")) == "8"
        assert self.id_of(web, other, "9", **number("9 9")) == "9"
        assert self.id_of(web, other, "10", **number("")) == "10"

    def test_number_changes_no_id_with_hand_ins(self, web: Web, other: Lms) -> None:
        """Whoever handed in under the LMS's internal number keeps it when the ID number is filled in."""
        mail = {"name": "G", "email": "g@example.org"}
        assert self.id_of(web, other, "11", **mail) == "11"
        with web.database.write() as session:
            person = session.scalars(select(Person).where(Person.subject == "11")).one()
            link = session.scalars(select(ResourceLink)).first()
            assert link
            session.add(Attempt(course_link_id=link.id, person_id=person.id, sha256="0", path="x"))
        assert self.id_of(web, other, "11", **mail, **{LTI + "lis": {"person_sourcedid": "2026-11"}}) == "11"

    def test_roster_that_cannot_be_read(self, web: Web, other: Lms, course: Path) -> None:
        """With a broken roster nobody new gets an id, and everybody is launched."""
        (course / "roster.csv").write_text("no,roster\n", encoding="utf-8")
        assert self.id_of(web, other, "early") is None


def tampered(token: str) -> str:
    head, claims, signature = token.split(".")
    payload = json.loads(base64.urlsafe_b64decode(claims + "=="))
    payload[LTI + "roles"] = [f"{ROLES}#Instructor"]
    changed = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


def symmetric(claims: dict[str, Any]) -> str:
    """A token signed with the public key as if it were a password; libraries refuse to make one."""
    import hashlib
    import hmac

    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = json.dumps({"alg": "HS256", "typ": "JWT", "kid": "key-1"}).encode()
    text = b".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, json.dumps(claims).encode())
    )
    sign = base64.urlsafe_b64encode(hmac.new(pem, text, hashlib.sha256).digest()).rstrip(b"=")
    return (text + b"." + sign).decode()


def unsigned(claims: dict[str, Any]) -> str:
    return signed(claims, key=None, algorithm="none")


PAST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
FORGERIES: tuple[tuple[str, Any, int, str], ...] = (
    ("another key", lambda c: signed(c, key=OTHER_KEY), 401, "We cannot confirm"),
    ("an unknown key id", lambda c: signed(c, kid="key-9"), 401, "We cannot confirm"),
    ("changed after signing", lambda c: tampered(signed(c)), 401, "We cannot confirm"),
    ("alg none", unsigned, 401, "We cannot confirm"),
    ("HS256 with the public key", symmetric, 401, "We cannot confirm"),
    ("another hash", lambda c: signed(c, algorithm="RS512"), 401, "We cannot confirm"),
    ("expired", lambda c: signed(c | {"exp": PAST}), 400, "This launch has expired."),
    ("no expiry", lambda c: signed({k: v for k, v in c.items() if k != "exp"}), 401, "We cannot confirm"),
    ("from the future", lambda c: signed(c | {"iat": c["iat"] + 9000}), 401, "We cannot confirm"),
    ("wrong nonce", lambda c: signed(c | {"nonce": "mine"}), 401, "We cannot confirm"),
    ("nonce that is no text", lambda c: signed(c | {"nonce": ["x"]}), 401, "We cannot confirm"),
    ("wrong issuer", lambda c: signed(c | {"iss": "https://evil.example"}), 401, "We cannot confirm"),
    ("wrong audience", lambda c: signed(c | {"aud": "client-2"}), 401, "We cannot confirm"),
    ("no audience", lambda c: signed(c | {"aud": []}), 401, "We cannot confirm"),
    ("many audiences, no azp", lambda c: signed(c | {"aud": ["client-1", "x"]}), 401, "We cannot confirm"),
    ("another azp", lambda c: signed(c | {"azp": "x"}), 401, "We cannot confirm"),
    ("wrong deployment", lambda c: signed(c | {LTI + "deployment_id": "2"}), 403, "deployment"),
    ("deployment that is no text", lambda c: signed(c | {LTI + "deployment_id": {}}), 403, "deployment"),
    (
        "wrong version",
        lambda c: signed(c | {LTI + "version": "1.1"}),
        400,
        "something that this site does not do",
    ),
    (
        "wrong message",
        lambda c: signed(c | {LTI + "message_type": "X"}),
        400,
        "something that this site does not do",
    ),
    ("nobody", lambda c: signed({k: v for k, v in c.items() if k != "sub"}), 401, "We cannot confirm"),
    ("a person that is no text", lambda c: signed(c | {"sub": 7}), 401, "We cannot confirm"),
    ("half a character", lambda c: signed(c | {"name": "\ud800"}), 400, "cannot be read"),
    ("a NUL", lambda c: signed(c | {"sub": "a\0b"}), 400, "cannot be read"),
    ("roles that are none", lambda c: signed(c | {LTI + "roles": {"a": 1}}), 400, "cannot be read"),
    ("a link that is text", lambda c: signed(c | {LTI + "resource_link": "x"}), 400, "cannot be read"),
    ("no link", lambda c: signed(c | {LTI + "resource_link": {}}), 400, "cannot be read"),
    ("no token", lambda c: "", 400, "cannot be read"),
    ("no JWT", lambda c: "a.b.c", 401, "We cannot confirm"),
    ("not even ASCII", lambda c: "한.글.임", 401, "We cannot confirm"),
    ("a huge token", lambda c: "x" * 200_000, 400, "cannot be read"),
)


CAUSES = {
    "another key": "invalid token; signature: not made with the LMS's key",
    "an unknown key id": "invalid token; signature: the LMS publishes no key with the id in the token",
    "changed after signing": "invalid token; signature: not made with the LMS's key",
    "alg none": "invalid token; signature: not by RS256",
    "HS256 with the public key": "invalid token; signature: not by RS256",
    "another hash": "invalid token; signature: not by RS256",
    "expired": "expired; time: the token has expired (iat",
    "no expiry": "invalid token; a claim is missing",
    "from the future": "invalid token; time: the token was made in the future (iat",
    "wrong nonce": "invalid token; nonce: not the one of this login",
    "wrong issuer": "invalid token; issuer: not the one that is registered",
    "wrong audience": "invalid token; audience: not the client id",
    "many audiences, no azp": "invalid token; audience: several, and no azp",
    "another azp": "invalid token; audience: azp is not the client id",
    "wrong deployment": "unknown deployment; deployment: not among those that are registered",
    "a person that is no text": "invalid token; a malformed token",
    "no JWT": "invalid token; a malformed token",
}


@pytest.mark.parametrize("case", CAUSES)
def test_log_names_the_cause_of_a_refused_launch(
    web: Web, other: Lms, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Which part of it was wrong, and of which LMS; nothing of the token itself."""
    forge = next(one[1] for one in FORGERIES if one[0] == case)
    browser = Browser()
    asked = begin(browser, web, other)
    token = forge(body(other, asked["nonce"]))
    with caplog.at_level(logging.INFO, "autograder"):
        browser.post(f"{web.base_url}/lti/launch", data={"state": asked["state"], "id_token": token})
    (line,) = [one for one in caplog.messages if one.startswith("request rejected")]
    assert line.startswith(f"request rejected: {CAUSES[case]}")
    assert "no key with the id" in line or line.endswith(f"launched by {other.address}")
    secrets = [
        *token.split("."),
        asked["state"],
        asked["nonce"],
        "client-2",
        "evil",
        "user-1",
        "김민지",
        "minji",
    ]
    assert [secret for secret in secrets if len(secret) > 3 and secret in caplog.text] == []


def test_log_says_how_far_the_clock_of_an_lms_is_off(
    web: Web, other: Lms, caplog: pytest.LogCaptureFixture
) -> None:
    """In seconds, ahead of this machine's."""
    browser = Browser()
    asked = begin(browser, web, other)
    claims = body(other, asked["nonce"])
    token = signed(claims | {"iat": claims["iat"] + 95, "exp": claims["exp"] + 95})
    with caplog.at_level(logging.INFO, "autograder"):
        browser.post(f"{web.base_url}/lti/launch", data={"state": asked["state"], "id_token": token})
    (off,) = re.findall(r"made in the future \(iat \+(\d+) s, exp \+(\d+) s from", caplog.text)
    assert 90 <= int(off[0]) <= 95
    assert int(off[1]) - int(off[0]) == 300


@pytest.mark.parametrize(
    ("forge", "status", "says"), [one[1:] for one in FORGERIES], ids=[one[0] for one in FORGERIES]
)
def test_forged_launch(web: Web, other: Lms, forge: Any, status: int, says: str) -> None:
    """Each is a plain page in both languages, and nobody is launched."""
    browser, before = Browser(), launched(web)
    asked = begin(browser, web, other)
    form = {"state": asked["state"], "id_token": forge(body(other, asked["nonce"]))}
    page = browser.post(f"{web.base_url}/lti/launch", data=form)
    assert page.status_code == status, words(page)
    assert says in words(page)
    assert '<section lang="ko">' in page.text
    assert launched(web) == before
    # nor has it used up the state of the login, which whoever has neither cookie nor token cannot do
    form["id_token"] = signed(body(other, asked["nonce"]))
    assert browser.post(f"{web.base_url}/lti/launch", data=form).status_code == 200


class TestStateAndNonce:
    """Each is good for one launch, in the browser that began it."""

    def test_replay(self, web: Web, other: Lms) -> None:
        """The same form twice launches once, and so does the same token with another state."""
        browser = Browser()
        asked = begin(browser, web, other)
        form = {"state": asked["state"], "id_token": signed(body(other, asked["nonce"]))}
        jar = browser.cookies.copy()
        assert browser.post(f"{web.base_url}/lti/launch", data=form).status_code == 200
        browser.cookies = jar
        page = browser.post(f"{web.base_url}/lti/launch", data=form)
        assert page.status_code == 400
        assert "This launch was used already" in words(page)
        # as does a reload, when the browser has let go of the cookie
        assert "This launch was used already" in words(
            Browser().post(f"{web.base_url}/lti/launch", data=form)
        )
        form["state"] = begin(browser, web, other)["state"]
        page = browser.post(f"{web.base_url}/lti/launch", data=form)
        assert page.status_code == 401

    def test_logins_write_nothing(self, web: Web, other: Lms) -> None:
        """Anyone may begin one, as often as they like, and continue it without a token."""
        with web.database.read() as session:
            before = session.scalars(select(func.count(Launch.id))).one()
        for _ in range(20):
            browser = Browser()
            asked = begin(browser, web, other)
            form = {"state": asked["state"], "id_token": "x.y.z"}
            assert browser.post(f"{web.base_url}/lti/launch", data=form).status_code == 401
        with web.database.read() as session:
            assert session.scalars(select(func.count(Launch.id))).one() == before

    @pytest.mark.parametrize("change", ["platform", "expiry", "signature", "another login's signature"])
    def test_changed_state_is_no_login(self, web: Web, other: Lms, change: str) -> None:
        """Its platform, its expiry and its nonce are those of the login."""
        browser = Browser()
        asked, another = begin(browser, web, other), begin(browser, web, other)
        random, platform, expires, signature = asked["state"].split(".")
        changed = {
            "platform": (random, f"{platform}0", expires, signature),
            "expiry": (random, platform, f"{expires}0", signature),
            "signature": (random, platform, expires, "0" * 64),
            "another login's signature": (random, platform, expires, another["state"].split(".")[3]),
        }
        state = ".".join(changed[change])
        browser.cookies.set(cookie_name(state), state, domain="127.0.0.1")
        form = {"state": state, "id_token": signed(body(other, asked["nonce"]))}
        page = browser.post(f"{web.base_url}/lti/launch", data=form)
        assert page.status_code == 400
        assert "This launch has expired." in words(page)

    def test_many_at_once(self, web: Web, other: Lms) -> None:
        """Of eight equal launches at one moment one comes through."""
        browser = Browser()
        asked = begin(browser, web, other)
        form = {"state": asked["state"], "id_token": signed(body(other, asked["nonce"]))}
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        found: list[int] = []

        def go() -> None:
            answer = requests.post(
                f"{web.base_url}/lti/launch",
                data=form,
                headers={"Cookie": cookie},
                timeout=30,
                allow_redirects=False,
            )
            found.append(answer.status_code)

        threads = [threading.Thread(target=go) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(found) == [303] + [400] * 7

    def test_no_cookie(self, web: Web, other: Lms) -> None:
        """Another browser than the one that began the login is told what to do, and the state is not spent."""
        browser = Browser()
        asked = begin(browser, web, other)
        form = {"state": asked["state"], "id_token": signed(body(other, asked["nonce"]))}
        page = Browser().post(f"{web.base_url}/lti/launch", data=form)
        assert page.status_code == 400
        assert "Open the assignment in a new window of your LMS, or allow cookies" in words(page)
        assert browser.post(f"{web.base_url}/lti/launch", data=form).status_code == 200

    def test_state_of_somebody_else(self, web: Web, other: Lms) -> None:
        """A made-up state with a cookie to match is no login."""
        browser = Browser()
        browser.cookies.set("__Host-lti-aaaaaaaaaaaaaaaa", "a" * 20, domain="127.0.0.1")
        page = browser.post(f"{web.base_url}/lti/launch", data={"state": "a" * 20, "id_token": "x"})
        assert page.status_code == 400
        assert "This launch has expired." in words(page)

    def test_too_late(self, web: Web, other: Lms, clock: Clock) -> None:
        """Ten minutes after the login the launch has expired, though the token has not; a day later it is gone."""
        browser = Browser()
        asked = begin(browser, web, other)
        clock.ahead = timedelta(minutes=11)
        form = {"state": asked["state"], "id_token": signed(body(other, asked["nonce"]))}
        page = browser.post(f"{web.base_url}/lti/launch", data=form)
        assert page.status_code == 400
        assert "This launch has expired." in words(page)
        clock.ahead = timedelta(days=1)
        begin(Browser(), web, other)
        with web.database.read() as session:
            assert session.scalars(select(Launch).where(Launch.state == asked["state"])).all() == []

    def test_the_lms_says_no(self, web: Web, other: Lms) -> None:
        """An error in the place of a token is told as such."""
        browser = Browser()
        asked = begin(browser, web, other)
        page = browser.post(
            f"{web.base_url}/lti/launch", data={"state": asked["state"], "error": "login_required"}
        )
        assert page.status_code == 400
        assert "The LMS did not confirm your login." in words(page)


class TestCookiesAndHeaders:
    """What a browser is told."""

    def test_the_state_cookie(self, web: Web, other: Lms) -> None:
        """It works in a frame of another site, and no script reads it; after the launch it is gone."""
        browser = Browser()
        params = {"iss": other.address, "client_id": "client-1", "login_hint": "1"}
        response = browser.get(f"{web.base_url}/lti/login", params=params, allow_redirects=False)
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("__Host-lti-")
        for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/", "Max-Age=600"):
            assert f"; {word}" in cookie
        assert "Domain" not in cookie
        answer = launch(browser, web, other).history[0]
        kept = [one for one in answer.raw.headers.getlist("Set-Cookie") if "Max-Age=0" not in one]
        (gone,) = set(answer.raw.headers.getlist("Set-Cookie")) - set(kept)
        assert "Partitioned" in gone
        (visit,) = kept
        for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert f"; {word}" in visit

    def test_browser_without_cookies_is_shown_a_way_out(self, web: Web, other: Lms) -> None:
        """Before the LMS is asked, who keeps no cookies is offered a new window, where the same login begins anew."""
        params = {
            "iss": other.address,
            "client_id": "client-1",
            "login_hint": "5",
            "lti_message_hint": "h&=x",
        }
        page = Browser(cookies=False).get(f"{web.base_url}/lti/login", params=params)
        assert page.status_code == 200
        assert "Open the assignment in a new window" in words(page)
        assert 'target="_blank"' in page.text
        assert "<script" not in page.text
        again = html.unescape(page.text.split('href="/lti/again')[1].split('"')[0])
        window = Browser()
        response = window.go(f"{web.base_url}/lti/again{again}")
        assert response.headers["Location"].startswith(f"{other.address}/auth?")
        assert "login_hint=5&lti_message_hint=h%26%3Dx" in response.headers["Location"]

    @pytest.mark.parametrize("path", ["/lti/launch", "/lti/jwks", "/lti/none", "/", "/static/page.css"])
    def test_headers(self, web: Web, other: Lms, path: str) -> None:
        """Every answer runs nothing but our own files, is not kept, and sends no referrer."""
        heads = requests.get(f"{web.base_url}{path}", timeout=10).headers
        assert "script-src 'self'; style-src 'self';" in heads["Content-Security-Policy"]
        assert "unsafe" not in heads["Content-Security-Policy"]
        assert heads["X-Content-Type-Options"] == "nosniff"
        assert heads["Referrer-Policy"] == "no-referrer"
        assert heads["Cache-Control"] == "no-store"

    def test_static_files_are_kept_as_long_as_they_are_the_same(self, web: Web, other: Lms) -> None:
        """Each page names them by their content; under another name they are asked for anew."""
        page = launch(Browser(), web, other).text
        names = re.findall(r'(?:href|src)="(/(?:static|feedback)/[^"]+)"', page)
        assert len(names) >= 3
        for name in names:
            kept = requests.get(f"{web.base_url}{name}", timeout=10)
            assert (kept.status_code, kept.headers["Cache-Control"]) == (
                200,
                "public, max-age=31536000, immutable",
            )
            assert "Set-Cookie" not in kept.headers
            for changed in (name.partition("?")[0], name[:-1] + "x", name + "0"):
                again = requests.get(f"{web.base_url}{changed}", timeout=10)
                assert again.headers["Cache-Control"] == "no-store"
        assert launch(Browser(), web, other).headers["Cache-Control"] == "no-store"

    def test_static_files_ask_no_database(self, web: Web) -> None:
        """Which a page asks who may frame it."""
        asked = list[str]()

        def count(_: Any, __: Any, statement: str, *___: Any) -> None:
            asked.append(statement)

        event.listen(web.database.engine, "before_cursor_execute", count)
        try:
            assert requests.get(f"{web.base_url}/static/page.css", timeout=10).status_code == 200
            assert asked == []
        finally:
            event.remove(web.database.engine, "before_cursor_execute", count)

    def test_who_may_frame(self, web: Web, other: Lms) -> None:
        """A launched person's page is framed by registered platforms alone, and by the page that the launch names."""
        shown = {
            LTI + "launch_presentation": {"locale": "en", "return_url": "https://course.lms.example/x;y"}
        }
        policy = launch(Browser(), web, other, **shown).headers["Content-Security-Policy"]
        (frames,) = [one for one in policy.split("; ") if one.startswith("frame-ancestors")]
        assert frames == f"frame-ancestors 'self' {other.address} https://course.lms.example"

    def test_pages_hold_no_script_or_style_of_their_own(self, web: Web, other: Lms) -> None:
        """All scripts are files, no element has a style or a handler."""
        browser = Browser()
        pages = [
            launch(Browser(), web, other).text,
            launch(browser, web, other, "#Instructor", **picking(other)).text,
            Browser(cookies=False)
            .get(
                f"{web.base_url}/lti/login",
                params={"iss": other.address, "client_id": "client-1", "login_hint": "5"},
            )
            .text,
        ]
        for page in pages:
            assert " style=" not in page
            assert " on" not in "".join(
                part for part in page.split("<") if part.startswith(("button", "form", "a "))
            )
            assert "<script>" not in page


class TestPlatforms:
    """Who is not registered learns what to do."""

    @pytest.mark.parametrize(
        "changed", [{"iss": "https://new.example"}, {"client_id": "client-9"}, {"client_id": ""}]
    )
    def test_unknown(self, web: Web, other: Lms, changed: dict[str, str]) -> None:
        """Issuer and client id are looked up together, and both are shown."""
        params = {"iss": other.address, "client_id": "client-1", "login_hint": "1"} | changed
        page = requests.get(f"{web.base_url}/lti/login", params=params, timeout=10)
        assert page.status_code == 403
        assert "This LMS is not registered here." in words(page)
        assert f"issuer {params['iss']} client_id {params['client_id']}".strip() in words(page)

    def test_switched_off(self, web: Web, other: Lms) -> None:
        """A platform that is switched off between login and launch launches nobody."""
        other.register(web.database, client_id="client-off")
        browser = Browser()
        asked = begin(browser, web, other, client_id="client-off")
        with web.database.write() as session:
            session.scalars(select(Platform).where(Platform.client_id == "client-off")).one().active = False
        token = signed(body(other, asked["nonce"], aud="client-off"))
        page = browser.post(f"{web.base_url}/lti/launch", data={"state": asked["state"], "id_token": token})
        assert page.status_code == 403
        assert "switched off" in words(page)

    def test_one_issuer_with_two_clients(self, web: Web, other: Lms) -> None:
        """A token for one client id does not pass in the login of another of the same issuer."""
        other.register(web.database, client_id="client-2")
        browser = Browser()
        asked = begin(browser, web, other, client_id="client-2")
        token = signed(body(other, asked["nonce"], aud="client-1"))
        page = browser.post(f"{web.base_url}/lti/launch", data={"state": asked["state"], "id_token": token})
        assert page.status_code == 401

    def test_keys_are_fetched_once(self, tmp_path: Path, course: Path) -> None:
        """Two launches have the key set fetched once."""
        with lms() as fresh, tool(tmp_path, course, http=quick()) as made:
            fresh.register(made.database)
            assert launch(Browser(), made, fresh).status_code == 200
            assert launch(Browser(), made, fresh).status_code == 200
            assert [path for path, *_ in fresh.asked] == ["/keys"]

    def test_new_key(self) -> None:
        """An unknown key id has the set fetched again, though made-up ones not over and over; a set lasts an hour."""
        clock = [0.0]
        with lms() as fresh:
            sets, url = KeySets(quick(), clock=lambda: clock[0]), f"{fresh.address}/keys"
            assert sets.key(url, "key-1").key_id == "key-1"
            fresh.answer("/keys", 200, {"keys": [public(OTHER_KEY, "key-2")]})
            clock[0] = 31
            assert sets.key(url, "key-2").key_id == "key-2"
            for _ in range(5):
                with pytest.raises(RequestRejected, match="invalid token"):
                    sets.key(url, "key-9")
            assert len(fresh.asked) == 2
            clock[0] = 30 + 3600
            sets.key(url, "key-2")
            assert len(fresh.asked) == 2
            clock[0] += 2
            sets.key(url, "key-2")
            assert len(fresh.asked) == 3

    def test_key_sets_that_cannot_be_had(self, tmp_path: Path, course: Path) -> None:
        """No keys, no launch: a page that says to wait, whatever the LMS sends in their place."""
        from tests.web.loopback import drip, silence

        with lms() as broken, tool(tmp_path, course, http=quick()) as made:
            broken.register(made.database)
            for status, key_set in [(500, b""), (200, b"<html>"), (200, {"keys": 7}), (200, [1]), (302, b"")]:
                broken.answer("/keys", status, key_set, {"Location": f"{broken.address}/elsewhere"})
                page = launch(Browser(), made, broken)
                assert page.status_code == 503, (status, key_set, words(page))
                assert "The LMS's public keys cannot be fetched just now" in words(page)
            for slow in (silence, drip):
                broken.answers["/keys"] = slow
                assert launch(Browser(), made, broken).status_code == 503
            assert "/elsewhere" not in [path for path, *_ in broken.asked]
            broken.answer("/keys", 200, {"keys": [7, {"kty": "RSA"}, public(KEY, "key-1")]})
            assert launch(Browser(), made, broken).status_code == 200


class TestPicking:
    """A teacher picks an assignment."""

    def test_student_cannot(self, web: Web, other: Lms) -> None:
        """A student who reaches the page is turned away."""
        page = launch(Browser(), web, other, "#Learner", **picking(other))
        assert page.status_code == 403
        assert "Only those who teach this course can pick an assignment." in words(page)

    def test_the_page_lists_the_course(self, web: Web, other: Lms) -> None:
        """Titles and points stand there."""
        page = launch(Browser(), web, other, "#Instructor", **picking(other))
        assert "Output shapes of recurrent layers (16 points)" in words(page)
        assert "(27 points)" in words(page)

    @pytest.mark.parametrize(
        "settings", [{"deep_link_return_url": "javascript:alert(1)"}, {"accept_types": ["link"]}, {"data": 7}]
    )
    def test_settings_that_cannot_be(self, web: Web, other: Lms, settings: dict[str, Any]) -> None:
        """An answer that could go nowhere, or is of no use, is not begun."""
        page = launch(Browser(), web, other, "#Instructor", **picking(other, **settings))
        assert page.status_code == 400

    def test_only_the_browser_that_was_launched_picks(self, web: Web, other: Lms) -> None:
        """Another browser with the same form, a made-up token, an unknown assignment: each is a plain page."""
        browser = Browser()
        page = launch(browser, web, other, "#Instructor", **picking(other))
        token = page.text.split('name="token" value="')[1].split('"')[0]
        form = {"token": token, "assignment": "shapes"}
        assert Browser().post(f"{web.base_url}/lti/pick", data=form).status_code == 400
        assert browser.post(f"{web.base_url}/lti/pick", data=form | {"assignment": "../x"}).status_code == 404
        page = browser.post(f"{web.base_url}/lti/pick", data=form)
        assert page.status_code == 200
        assert f'<form id="send" method="post" action="{other.address}/picked">' in page.text
        assert "If nothing happens, press the button." in words(page)
        assert f"form-action 'self' {other.address}" in page.headers["Content-Security-Policy"]

    def test_the_answer_carries_the_data_back(self, web: Web, other: Lms) -> None:
        """What the LMS sent along comes back, signed with a key of our key set; without any, none comes back."""
        import jwt

        for sent, expected in ({}, "opaque"), ({"data": None}, None):
            browser = Browser()
            page = launch(browser, web, other, "#Instructor", **picking(other, **sent))
            token = page.text.split('name="token" value="')[1].split('"')[0]
            page = browser.post(f"{web.base_url}/lti/pick", data={"token": token, "assignment": "shapes"})
            answer = page.text.split('name="JWT" value="')[1].split('"')[0]
            *_, key = jwt.PyJWKSet.from_dict(published_keys(web.database)).keys
            answer = jwt.decode(
                answer, key.key, algorithms=["RS256"], audience=other.address, issuer="client-1"
            )
            assert answer.get("https://purl.imsglobal.org/spec/lti-dl/claim/data") == expected
            assert answer[LTI + "deployment_id"] == "1"


def nonce_of(answer: Any) -> str:
    """The nonce that the tool asks the LMS for."""
    [nonce] = parse_qs(urlsplit(answer.headers["Location"]).query)["nonce"]
    return nonce


def test_each_database(database: Database, course: Path) -> None:
    """On SQLite and on PostgreSQL: the key is made once, a launch comes through once, and a teacher picks."""
    with lms() as other:
        app = make_app(database, Course.open(course), base_url="https://tool.example", http=quick())
        platform = other.register(database)
        assert published_keys(database) == published_keys(database)
        client = app.test_client(use_cookies=False)
        params = {"iss": other.address, "client_id": "client-1", "login_hint": "1"}
        first = client.get("/lti/login", query_string=params)
        state = first.headers["Location"].split("state=")[1]
        heads = {"Cookie": first.headers["Set-Cookie"].split(";")[0]}
        nonce = nonce_of(client.get(first.headers["Location"], headers=heads))
        form = {"state": state, "id_token": signed(body(other, nonce, "#Instructor", **picking(other)))}
        page = client.post("/lti/launch", data=form, headers=heads)
        assert page.status_code == 200, page.text
        assert client.post("/lti/launch", data=form, headers=heads).status_code == 400
        token = page.text.split('name="token" value="')[1].split('"')[0]
        form = {"token": token, "assignment": "shapes"}
        heads = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
        page = client.post("/lti/pick", data=form, headers=heads)
        assert page.status_code == 200, page.text
        url = invite(database, "https://tool.example")
        assert client.get(url.removeprefix("https://tool.example")).status_code == 400
        assert platform.id


def test_keys_are_kept_and_turned(web: Web) -> None:
    """The key set shows public parts only; after a turn it holds both keys for a day, then the new one."""
    (first,) = published_keys(web.database)["keys"]
    assert set(first) == {"kty", "n", "e", "kid", "alg", "use"}
    second = rotate_key(web.database)
    assert [key["kid"] for key in published_keys(web.database)["keys"]] == [first["kid"], second.kid]
    later = now() + timedelta(days=1, minutes=1)
    assert [key["kid"] for key in published_keys(web.database, later)["keys"]] == [second.kid]
    assert "PRIVATE" not in repr(second)


def test_nothing_secret_is_logged(web: Web, other: Lms, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a launch nor a refusal leaves a token, a state or a name in any log, however chatty."""
    caplog.set_level(logging.DEBUG)
    browser = Browser()
    asked = begin(browser, web, other)
    token = signed(body(other, asked["nonce"]))
    caplog.clear()  # the test's own browser logs its addresses
    with web.app.test_client(use_cookies=False) as client:
        for _ in range(2):
            client.post(
                "/lti/launch",
                data={"state": asked["state"], "id_token": token},
                headers={"Cookie": "; ".join(f"{one.name}={one.value}" for one in browser.cookies)},
            )
    assert "launch of" in caplog.text
    assert "request rejected: launch already used" in caplog.text
    for secret in (token, token.split(".")[2], asked["state"], asked["nonce"], "김민지", "minji@example.org"):
        assert secret not in caplog.text


NAMES = st.sampled_from(
    [
        "iss",
        "client_id",
        "login_hint",
        "lti_message_hint",
        "state",
        "id_token",
        "token",
        "assignment",
        "error",
        "x",
    ]
)
PATHS = st.sampled_from(
    ["/lti/login", "/lti/launch", "/lti/pick", "/lti/go", "/lti/again", "/lti/register/x", "/lti/jwks"]
)


@settings(max_examples=150)
@given(
    PATHS,
    st.sampled_from(["GET", "POST"]),
    st.dictionaries(NAMES, st.text() | st.just("a.b.c")),
    st.binary(max_size=40),
)
def test_garbled_forms(web: Web, path: str, method: str, form: dict[str, str], raw: bytes) -> None:
    """Whatever is sent, the answer is a plain page with what to do, never an error of ours."""
    fields = {name: value.encode("utf-8", "replace") for name, value in form.items()}
    with web.app.test_client(use_cookies=False) as client:
        for answer in (
            client.open(
                path,
                method=method,
                query_string=fields if method == "GET" else None,
                data=None if method == "GET" else fields,
            ),
            client.open(path, method=method, data=raw, content_type="application/x-www-form-urlencoded"),
            client.open(path, method=method, data=raw, content_type="multipart/form-data; boundary=x"),
        ):
            assert answer.status_code in (200, 400, 403, 404, 405), answer.text
            if path != "/lti/jwks" or method == "POST":
                assert '<section lang="ko">' in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = st.sampled_from(
    ["sub", "name", "email", "aud", "azp", "iss", "exp", "iat", "nbf", "locale", AGS, NRPS, DEEP_LINKING]
    + [
        LTI + one
        for one in ("roles", "context", "resource_link", "custom", "launch_presentation", "message_type")
    ]
)


@settings(max_examples=60)
@given(st.dictionaries(CLAIMS, JSON, min_size=1, max_size=3), st.booleans())
def test_garbled_claims(web: Web, other: Lms, changed: dict[str, Any], picks: bool) -> None:
    """A registered platform that signs nonsense gets a plain page, too."""
    with web.app.test_client(use_cookies=False) as client:
        params = {"iss": other.address, "client_id": "client-1", "login_hint": "1"}
        first = client.get("/lti/login", query_string=params)
        state = first.headers["Location"].split("state=")[1]
        cookie = first.headers["Set-Cookie"].split(";")[0]
        nonce = nonce_of(client.get(first.headers["Location"], headers={"Cookie": cookie}))
        claims = {**body(other, nonce, "#Instructor"), **(picking(other) if picks else {}), **changed}
        try:
            token = signed(claims)
        except (TypeError, ValueError):
            return  # the library signs no such issuer
        answer = client.post(
            "/lti/launch", data={"state": state, "id_token": token}, headers={"Cookie": cookie}
        )
        assert answer.status_code in (200, 303, 400, 401, 403, 404), answer.text
        assert "sent no cookie" not in answer.text
