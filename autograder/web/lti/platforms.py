"""The registered platforms, always looked up by issuer and client id: hosted LMSs share one issuer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pylti1p3.registration import Registration
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.web.db.database import Database
from autograder.web.db.models import Platform
from autograder.web.errors import INACTIVE_PLATFORM, UNKNOWN_PLATFORM, RequestRejected
from autograder.web.http import is_url, origin
from autograder.web.lti.claims import sound
from autograder.web.lti.tool_keys import SigningKey

CANVAS = "https://canvas.instructure.com"
CANVAS_PAGES = "https://*.instructure.com"
"""Hosted Canvas has one issuer, and its pages are on a separate host for each institution."""


@dataclass(frozen=True)
class PlatformDetails:
    """The details of an LMS, as it is registered."""

    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    key_set_url: str
    deployments: Sequence[str] = ()
    """Ids, added to the known ones."""
    audience: str | None = None
    """Of token requests, if it differs from the token URL."""
    name: str = ""


def register_platform(database: Database, details: PlatformDetails) -> Platform:
    """Store the registration of an LMS. A known one is updated and enabled.

    Raises CourseError if a URL is not an acceptable one, or an id is empty.
    """
    for field, url in (
        ("login URL", details.auth_login_url),
        ("token URL", details.auth_token_url),
        ("key set URL", details.key_set_url),
    ):
        if not is_url(url):
            raise CourseError(
                _(
                    "the platform's {field} is {url}; expected one that begins with https://",
                    field=field,
                    url=repr(url),
                )
            )
    for field, text in (("issuer", details.issuer), ("client id", details.client_id)):
        if not text or not sound(text):
            raise CourseError(
                _(
                    "the platform's {field} is {text}; copy it from the LMS, character for character",
                    field=field,
                    text=repr(text),
                )
            )
    with database.write() as session:
        platform = platform_by_ids(session, details.issuer, details.client_id)
        if platform is None:
            platform = Platform(issuer=details.issuer, client_id=details.client_id, deployments=[])
            session.add(platform)
        platform.auth_login_url, platform.auth_token_url = details.auth_login_url, details.auth_token_url
        platform.key_set_url, platform.audience = details.key_set_url, details.audience
        platform.deployments = sorted({*platform.deployments, *filter(None, details.deployments)})
        platform.name, platform.active = details.name or platform.name or "", True
    return platform


def platform_by_ids(session: Session, issuer: str, client_id: str) -> Platform | None:
    """Return the platform with these ids, enabled or not; None if it is unknown."""
    return session.scalars(
        select(Platform).where(Platform.issuer == issuer, Platform.client_id == client_id)
    ).first()


def find_platform(session: Session, issuer: str, client_id: str) -> Platform:
    """Return the platform with these ids. Raises RequestRejected if it is unknown or disabled."""
    platform = platform_by_ids(session, issuer, client_id)
    facts = (("issuer", issuer), ("client_id", client_id))
    if platform is None:
        raise RequestRejected(UNKNOWN_PLATFORM, facts=facts)
    if not platform.active:
        raise RequestRejected(INACTIVE_PLATFORM, facts=facts)
    return platform


def frame_origins(session: Session) -> tuple[str, ...]:
    """Return the origins that may frame our pages: those of the enabled platforms."""
    origins = set()
    for platform in session.scalars(select(Platform).where(Platform.active)):
        if platform.issuer == CANVAS:
            origins.add(CANVAS_PAGES)
        origins |= {origin(url) for url in (platform.issuer, platform.auth_login_url) if is_url(url)}
    return tuple(sorted(origins))


def registration_of(platform: Platform, key: SigningKey) -> Registration:
    """Return a platform in the form that the library's services need."""
    registration = _RegistrationWithKeyId(key.kid)
    registration.set_issuer(platform.issuer).set_client_id(platform.client_id)
    registration.set_auth_token_url(platform.auth_token_url).set_auth_login_url(platform.auth_login_url)
    registration.set_tool_private_key(key.private_pem)
    if platform.audience:
        registration.set_auth_audience(platform.audience)
    return registration


class _RegistrationWithKeyId(Registration):
    """A registration with our own key id; the library would derive one from a public key."""

    def __init__(self, kid: str) -> None:
        self._kid = kid

    def get_kid(self) -> str:
        return self._kid
