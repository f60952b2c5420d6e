"""Dynamic registration: with an invitation, from the host that is registered, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from autograder.web.db.models import Platform, now
from autograder.web.lti.dynamic_registration import PLATFORM, TOOL, invite
from tests.support import copy_course
from tests.web.loopback import Browser, Lms, Web, confirm, launch, lms, quick, tool, words


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    with tool(folder, copy_course(folder / "course", "shapes"), http=quick()) as made:
        yield made


@pytest.fixture
def other(web: Web) -> Iterator[Lms]:
    with lms() as made:
        offer(made)
        made.answer("/register", 201, {"client_id": "client-1", TOOL: {"deployment_id": "1"}})
        yield made


def offer(other: Lms, **changed: Any) -> None:
    """Publish the LMS's own data."""
    configuration = {
        "issuer": other.address,
        "authorization_endpoint": f"{other.address}/auth",
        "token_endpoint": f"{other.address}/token",
        "jwks_uri": f"{other.address}/keys",
        "registration_endpoint": f"{other.address}/register",
        PLATFORM: {"product_family_code": "moodle"},
    }
    other.answer("/config", 200, configuration | changed)


def opened(url: str, other: Lms, **changed: str) -> requests.Response:
    """What the LMS has an administrator's browser open."""
    params = {"openid_configuration": f"{other.address}/config", "registration_token": "SECRET-REG"} | changed
    return requests.get(url, params=params, timeout=20)


def registered(web: Web, other: Lms) -> list[Platform]:
    with web.database.read() as session:
        return list(session.scalars(select(Platform).where(Platform.issuer == other.address)))


def test_lms_registers_itself(web: Web, other: Lms) -> None:
    """It learns what we are and want, we learn its data; the page says to activate; confirmed courses launch."""
    page = opened(invite(web.database, web.base_url), other)
    assert page.status_code == 200, words(page)
    assert "In Moodle, press 'Activate'" in words(page)
    assert 'src="/static/close.js?v=' in page.text
    path, heads, body = other.asked[-1]
    assert (path, heads["Authorization"]) == ("/register", "Bearer SECRET-REG")
    asked = json.loads(body)
    assert asked["initiate_login_uri"] == f"{web.base_url}/lti/login"
    assert asked["redirect_uris"] == [f"{web.base_url}/lti/launch"]
    assert asked["jwks_uri"] == f"{web.base_url}/lti/jwks"
    assert asked["token_endpoint_auth_method"] == "private_key_jwt"
    assert [one["type"] for one in asked[TOOL]["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    ]
    (platform,) = registered(web, other)
    assert (platform.client_id, platform.deployments, platform.name) == ("client-1", ["1"], "moodle")
    assert "not connected with the tool yet" in words(launch(Browser(), web, other))
    confirm(web.database, platform, "1", "course-1")
    assert launch(Browser(), web, other).status_code == 200


def test_invitation_is_good_for_one(web: Web, other: Lms) -> None:
    """The second time, a day later, and where it was never given: nobody is registered, and nothing is called."""
    url = invite(web.database, web.base_url)
    assert opened(url, other).status_code == 200
    old = invite(web.database, web.base_url, moment=now() - timedelta(days=1, minutes=1))
    calls = len(other.asked)
    for bad in (url, old, f"{web.base_url}/lti/register/made-up"):
        page = opened(bad, other)
        assert page.status_code == 403
        assert "Ask whoever runs this site for a new one." in words(page)
    assert len(other.asked) == calls


def test_invitation_is_no_login(web: Web, other: Lms) -> None:
    """Its secret is the state of no launch."""
    secret = invite(web.database, web.base_url).rpartition("/")[2]
    page = requests.get(f"{web.base_url}/lti/again", params={"state": secret}, timeout=10)
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"issuer": "https://other.example"}, "on different hosts"),
        ({"issuer": 7}, "on different hosts"),
        ({"registration_endpoint": "http://lms.example/r"}, "not that of an LTI platform"),
        ({PLATFORM: None, "registration_endpoint": None}, "not that of an LTI platform"),
    ],
)
def test_data_that_cannot_be(web: Web, other: Lms, changed: dict[str, Any], says: str) -> None:
    """The page says what is wrong, and the invitation is used up: it has the tool call somebody once."""
    offer(other, **changed)
    url = invite(web.database, web.base_url)
    page = opened(url, other)
    assert page.status_code == 400
    assert says in words(page)
    assert registered(web, other) == []
    offer(other)
    assert opened(url, other).status_code == 403
    assert opened(invite(web.database, web.base_url), other).status_code == 200


@pytest.mark.parametrize("url", ["http://lms.example/c", "file:///etc/passwd", "https://[", ""])
def test_configuration_that_we_do_not_call(web: Web, other: Lms, url: str) -> None:
    """Nothing but https is opened."""
    page = opened(invite(web.database, web.base_url), other, openid_configuration=url)
    assert page.status_code == 400
    assert "no https URL" in words(page)


@pytest.mark.parametrize(
    ("status", "answer"), [(500, b"x"), (200, b"<html>"), (200, [1]), (302, b""), (400, b"SECRET-REG?")]
)
def test_answer_that_is_none(web: Web, other: Lms, status: int, answer: Any) -> None:
    """Whatever the registration endpoint answers is a plain page, without the token that we sent."""
    other.answer("/register", status, answer, {"Location": f"{other.address}/elsewhere"})
    page = opened(invite(web.database, web.base_url), other)
    assert page.status_code == 400
    assert "The registration did not work." in words(page)
    assert "SECRET-REG" not in page.text
    assert registered(web, other) == []
