"""Dynamic registration: the LMS opens our invitation, we introduce the tool, it tells its data, we store them.

Without an invitation anybody could register an LMS of their own, be a teacher in it, and have our server call URLs
of their choice.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from pylti1p3.dynamic_registration import DynamicRegistration
from sqlalchemy import select, update

from autograder.errors import CourseError
from autograder.text import one_line
from autograder.web.db.database import Database
from autograder.web.db.models import Launch, Platform, now
from autograder.web.errors import NO_INVITATION, NOT_REGISTERED, RequestRejected
from autograder.web.http import LmsHttpClient, is_url
from autograder.web.lti.claims import ROSTER, SCORE, sound
from autograder.web.lti.platforms import register_platform
from autograder.web.lti.service_client import SIGNED_TOKEN

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
VALID = timedelta(days=1)


def invite(database: Database, base_url: str, *, moment: datetime | None = None) -> str:
    """A registration URL to enter into an LMS: good for one registration, within a day."""
    secret = secrets.token_urlsafe(32)
    with database.write() as session:
        session.add(
            Launch(state=secret, nonce=secrets.token_urlsafe(32), expires_at=(moment or now()) + VALID)
        )
    return f"{base_url}/lti/register/{secret}"


class ToolConfiguration(DynamicRegistration):
    """What the tool says of itself."""

    client_name = "Autograder"
    description = "Notebooks that grade themselves / 스스로 채점되는 노트북"

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def told(self) -> dict[str, Any]:
        """The whole of it, as JSON."""
        return {name: value for name, value in self.lti_registration_data().items() if value}

    def get_initiate_login_uri(self) -> str:
        """Where an LMS begins a login."""
        return f"{self.base_url}/lti/login"

    def get_jwks_uri(self) -> str:
        """Where our public keys are."""
        return f"{self.base_url}/lti/jwks"

    def get_redirect_uris(self) -> list[str]:
        """Where an LMS sends a launch."""
        return [self.get_target_link_uri()]

    def get_target_link_uri(self) -> str:
        """Where an LMS sends a launch."""
        return f"{self.base_url}/lti/launch"

    def get_domain(self) -> str:
        """Host and port."""
        return urlsplit(self.base_url).netloc

    def get_logo_uri(self) -> str:
        """We have none."""
        return ""

    def get_scopes(self) -> list[str]:
        """Scores out, the roster in; nothing more."""
        return [SCORE, ROSTER]

    def get_claims(self) -> list[str]:
        """What we want to know of a person."""
        return ["iss", "sub", "name", "given_name", "family_name", "email"]

    def get_messages(self) -> list[dict[str, str]]:
        """That a teacher can pick an assignment."""
        url = self.get_target_link_uri()
        return [
            {"type": "LtiResourceLinkRequest", "target_link_uri": url},
            {"type": "LtiDeepLinkingRequest", "target_link_uri": url, "label": self.client_name},
        ]


def register(
    database: Database, http: LmsHttpClient, base_url: str, secret: str, params: Mapping[str, str]
) -> Platform:
    """Answer an LMS that opened an invitation. The platform is stored, and the invitation is used up.

    params: `openid_configuration`, the URL of the LMS's own data, and perhaps `registration_token`.
    Raises Refused.
    """
    invitation = select(Launch).where(
        Launch.state == secret,
        Launch.platform_id.is_(None),
        Launch.spent_at.is_(None),
        Launch.expires_at > now(),
    )
    with database.read() as session:
        if not sound(secret) or session.scalars(invitation).first() is None:
            raise RequestRejected(NO_INVITATION)
    url, token = params.get("openid_configuration", ""), params.get("registration_token", "")
    if not is_url(url):
        raise _failed("the LMS gives no https URL of its configuration")
    told = _json(http, "GET", url)
    issuer, endpoint = told.get("issuer"), told.get("registration_endpoint")
    if not isinstance(issuer, str) or urlsplit(issuer).hostname != urlsplit(url).hostname:
        raise _failed("the issuer and the URL of its configuration are at different hosts")
    if not is_url(endpoint) or PLATFORM not in told:
        raise _failed("the configuration is not that of an LTI platform")
    head = {"Authorization": f"Bearer {token}"} if token.isascii() and token.isprintable() and token else {}
    try:
        given = _json(http, "POST", str(endpoint), json=ToolConfiguration(base_url).told(), headers=head)
    except RequestRejected as refused:  # an LMS may send back what it got
        hidden = [(word, value.replace(token, "…") if token else value) for word, value in refused.facts]
        raise RequestRejected(refused.reason, facts=tuple(hidden)) from None
    deployment = _inside(given, TOOL).get("deployment_id")
    with database.write() as session:
        spend = update(Launch).where(Launch.state == secret, Launch.spent_at.is_(None)).values(spent_at=now())
        if session.execute(spend.returning(Launch.id)).first() is None:
            raise RequestRejected(NO_INVITATION)
    try:
        return register_platform(
            database,
            issuer=issuer,
            client_id=_text(given.get("client_id")),
            auth_login_url=_text(told.get("authorization_endpoint")),
            auth_token_url=_text(told.get("token_endpoint")),
            key_set_url=_text(told.get("jwks_uri")),
            audience=_text(told.get("authorization_server")) or None,
            deployments=[str(deployment)] if isinstance(deployment, (str, int)) else [],
            name=_text(_inside(told, PLATFORM).get("product_family_code")),
        )
    except CourseError as error:
        raise _failed(str(error)) from None


def _json(http: LmsHttpClient, method: str, url: str, **kwargs: Any) -> dict[str, Any]:
    try:
        response = http.request(method, url, **kwargs)
    except requests.RequestException as error:
        raise _failed(f"{urlsplit(url).hostname} cannot be reached: {type(error).__name__}") from None
    if response.status_code not in (200, 201):
        raise _failed(
            f"{urlsplit(url).hostname} says HTTP {response.status_code}: {SIGNED_TOKEN.sub('…', response.text[:300])}"
        )
    try:
        told = response.json()
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise _failed(f"{urlsplit(url).hostname} sends no JSON object")
    return told


def _inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) and sound(value) else ""


def _failed(told: str) -> RequestRejected:
    return RequestRejected(NOT_REGISTERED, facts=(("reason", one_line(told)[:400]),))
