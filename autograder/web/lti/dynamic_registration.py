"""Dynamic registration: the LMS opens an invitation, the tool sends its configuration and stores the LMS's data.

Without an invitation anyone could register their own LMS, be a teacher in it, and have our server call URLs of their
choice.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from pylti1p3.dynamic_registration import DynamicRegistration
from sqlalchemy import select

from autograder.errors import CourseError
from autograder.text import one_line
from autograder.web.db.database import Database
from autograder.web.db.models import Launch, Platform, now
from autograder.web.errors import NO_INVITATION, NOT_REGISTERED, RequestRejected
from autograder.web.http import LmsHttpClient, is_url
from autograder.web.lti.claims import ROSTER, SCORE, sound
from autograder.web.lti.platforms import PlatformDetails, register_platform
from autograder.web.lti.service_client import SIGNED_TOKEN

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
VALID = timedelta(days=1)


def invite(database: Database, base_url: str, *, moment: datetime | None = None) -> str:
    """Return a registration URL to enter in an LMS, valid for one registration within a day."""
    secret = secrets.token_urlsafe(32)
    with database.write() as session:
        session.add(
            Launch(state=secret, nonce=secrets.token_urlsafe(32), expires_at=(moment or now()) + VALID)
        )
    return f"{base_url}/lti/register/{secret}"


class _ToolConfiguration(DynamicRegistration):
    """The configuration of the tool."""

    client_name = "Autograder"
    description = "Notebooks that grade themselves / 스스로 채점되는 노트북"

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in self.lti_registration_data().items() if value}

    def get_initiate_login_uri(self) -> str:
        return f"{self.base_url}/lti/login"

    def get_jwks_uri(self) -> str:
        return f"{self.base_url}/lti/jwks"

    def get_redirect_uris(self) -> list[str]:
        return [self.get_target_link_uri()]

    def get_target_link_uri(self) -> str:
        return f"{self.base_url}/lti/launch"

    def get_domain(self) -> str:
        """Return host and port."""
        return urlsplit(self.base_url).netloc

    def get_logo_uri(self) -> str:
        return ""  # the tool has no logo

    def get_scopes(self) -> list[str]:
        return [SCORE, ROSTER]  # send scores and read the roster, nothing more

    def get_claims(self) -> list[str]:
        return ["iss", "sub", "name", "given_name", "family_name", "email"]

    def get_messages(self) -> list[dict[str, str]]:
        url = self.get_target_link_uri()
        return [
            {"type": "LtiResourceLinkRequest", "target_link_uri": url},
            {"type": "LtiDeepLinkingRequest", "target_link_uri": url, "label": self.client_name},
        ]


def register(
    database: Database, http: LmsHttpClient, base_url: str, secret: str, params: Mapping[str, str]
) -> Platform:
    """Register the LMS that opened an invitation, which the first call uses up. Stores the platform.

    params: `openid_configuration`, the URL of the LMS's configuration, and optionally `registration_token`.
    Raises RequestRejected.
    """
    invitation = select(Launch).where(
        Launch.state == secret,
        Launch.platform_id.is_(None),
        Launch.spent_at.is_(None),
        Launch.expires_at > now(),
    )
    url, token = params.get("openid_configuration", ""), params.get("registration_token", "")
    with database.read() as session:
        if not sound(secret) or session.scalars(invitation).first() is None:
            raise RequestRejected(NO_INVITATION)
    if not is_url(url):
        raise _failed("the LMS sent no https URL of its configuration")
    with database.write() as session:  # before anything is called: an invitation makes no second call
        launch = session.scalars(invitation.with_for_update()).first()
        if launch is None:
            raise RequestRejected(NO_INVITATION)
        launch.spent_at = now()
    configuration = _json(http, "GET", url)
    issuer, endpoint = configuration.get("issuer"), configuration.get("registration_endpoint")
    if not isinstance(issuer, str) or urlsplit(issuer).hostname != urlsplit(url).hostname:
        raise _failed("the issuer and the URL of its configuration are on different hosts")
    if not is_url(endpoint) or PLATFORM not in configuration:
        raise _failed("the configuration is not that of an LTI platform")
    head = {"Authorization": f"Bearer {token}"} if token.isascii() and token.isprintable() and token else {}
    try:
        registered = _json(
            http, "POST", str(endpoint), json=_ToolConfiguration(base_url).to_dict(), headers=head
        )
    except RequestRejected as refused:  # an LMS may echo the token
        hidden = [(word, value.replace(token, "…") if token else value) for word, value in refused.facts]
        raise RequestRejected(refused.reason, facts=tuple(hidden)) from None
    deployment = _object(registered, TOOL).get("deployment_id")
    try:
        return register_platform(
            database,
            PlatformDetails(
                issuer=issuer,
                client_id=_text(registered.get("client_id")),
                auth_login_url=_text(configuration.get("authorization_endpoint")),
                auth_token_url=_text(configuration.get("token_endpoint")),
                key_set_url=_text(configuration.get("jwks_uri")),
                audience=_text(configuration.get("authorization_server")) or None,
                deployments=[str(deployment)] if isinstance(deployment, (str, int)) else [],
                name=_text(_object(configuration, PLATFORM).get("product_family_code")),
            ),
        )
    except CourseError as error:
        raise _failed(str(error)) from None


def _json(http: LmsHttpClient, method: str, url: str, **kwargs: Any) -> dict[str, Any]:
    host = urlsplit(url).hostname
    try:
        response = http.request(method, url, **kwargs)
    except requests.RequestException as error:
        raise _failed(f"{host} cannot be reached: {type(error).__name__}") from None
    if response.status_code not in (200, 201):
        message = SIGNED_TOKEN.sub("…", response.text[:300])
        raise _failed(f"{host} says HTTP {response.status_code}: {message}")
    try:
        data = response.json()
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise _failed(f"{host} did not send a JSON object")
    return data


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) and sound(value) else ""


def _failed(reason: str) -> RequestRejected:
    return RequestRejected(NOT_REGISTERED, facts=(("reason", one_line(reason)[:400]),))
