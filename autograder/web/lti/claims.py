"""Parses the claims of a verified token; a platform may still send anything in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autograder.i18n import interface_language
from autograder.web.db.models import Role
from autograder.web.errors import NO_ROLE, NOT_SUPPORTED, UNREADABLE, RequestRejected
from autograder.web.http import is_url

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SCORE: Literal["https://purl.imsglobal.org/spec/lti-ags/scope/score"] = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/score"
)
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
MAX_TEXT = 4000


@dataclass(frozen=True)
class Service:
    """The score service (AGS) of one activity."""

    lineitem: str | None
    lineitems: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class DeepLinkingRequest:
    """A request that the teacher selects an assignment, and the URL to return it to."""

    return_url: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Claims:
    """The claims of a launch. Texts are empty if the LMS does not send them."""

    deployment: str
    issued_at: float
    """When the LMS made the token, in seconds of its clock; 0 if it does not say."""
    subject: str
    role: Role
    name: str
    email: str
    student_number: str
    """As the institution writes it, if the LMS stores it: Moodle's "ID number"."""
    locale: str
    context_id: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    assignment: str
    """From the custom parameter `assignment`."""
    service: Service | None
    members_url: str | None
    picking: DeepLinkingRequest | None
    return_url: str | None
    """A page of the LMS: an origin that may frame ours, besides the platform's own URLs."""


def read(body: Mapping[str, Any]) -> Claims:
    """Parse the claims of a token. Raises RequestRejected for another message type or version, no role, or bad data."""
    if _text(body.get(LTI + "version")) != "1.3.0":
        raise RequestRejected(NOT_SUPPORTED)
    kind = _text(body.get(LTI + "message_type"))
    if kind not in ("LtiResourceLinkRequest", "LtiDeepLinkingRequest"):
        raise RequestRejected(NOT_SUPPORTED)
    link, context = _object(body, LTI + "resource_link"), _object(body, LTI + "context")
    presentation = _object(body, LTI + "launch_presentation")
    claims = Claims(
        deployment=_text(body.get(LTI + "deployment_id")),
        issued_at=_seconds(body.get("iat")),
        subject=_text(body.get("sub")),
        role=role_of(_texts(body.get(LTI + "roles"))),
        name=_text(body.get("name"))
        or " ".join(filter(None, (_text(body.get("given_name")), _text(body.get("family_name"))))),
        email=_text(body.get("email")),
        student_number=_text(_object(body, LTI + "lis").get("person_sourcedid")),
        locale=_text(presentation.get("locale")) or _text(body.get("locale")),
        context_id=_text(context.get("id")),
        context_title=_text(context.get("title")) or _text(context.get("label")),
        resource_link_id=_text(link.get("id")),
        resource_link_title=_text(link.get("title")),
        assignment=_text(_object(body, LTI + "custom").get("assignment")),
        service=_service(_object(body, AGS)),
        members_url=_url(_object(body, NRPS).get("context_memberships_url")),
        picking=_deep_linking(_object(body, DEEP_LINKING)) if kind == "LtiDeepLinkingRequest" else None,
        return_url=_url(presentation.get("return_url")),
    )
    if not claims.subject or not (claims.resource_link_id or claims.picking):
        raise RequestRejected(UNREADABLE)
    return claims


def role_of(roles: tuple[str, ...]) -> Role:
    """Return a person's role in the course from the LMS's role names. Raises RequestRejected if there is none.

    Only roles in the course count: Canvas sends the institution role Instructor for anyone who teaches anything. Some
    LMSs send an assistant the instructor role as well; the narrower role wins.
    """
    inside = {name for role in roles if (name := _membership(role))}
    if any(sub.startswith("TeachingAssistant") for _, sub in inside) or ("TeachingAssistant", "") in inside:
        return "assistant"
    main = {name for name, _ in inside}
    if main & {"Instructor", "Administrator"}:
        return "teacher"
    if main & {"Learner", "Member"}:
        return "student"
    raise RequestRejected(NO_ROLE)


def language_of(locale: str, languages: tuple[str, ...]) -> str:
    """Return the language of a page: that of the launch if supported, else English; without one, the course's first."""
    return interface_language(locale or languages[0])


def sound(text: str) -> bool:
    """Check whether a text can be stored: no lone surrogate, no NUL, at most `MAX_TEXT` characters."""
    return (
        len(text) <= MAX_TEXT
        and "\0" not in text
        and not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def _membership(role: str) -> tuple[str, str] | None:
    """Split a role in the course into principal and sub-role: `.../membership/Instructor#Grader`."""
    if role.startswith(MEMBERSHIP):
        rest, _, name = role.removeprefix(MEMBERSHIP).partition("#")
        return (rest.removeprefix("/"), name) if rest.startswith("/") else (name, "") if not rest else None
    # the short form, as in the examples of the standard
    return None if ":" in role or "#" in role else (role, "")


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 2**40 else 0.0


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not sound(value):
        raise RequestRejected(UNREADABLE)
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 1000:
        raise RequestRejected(UNREADABLE)
    return tuple(_text(item) for item in value)


def _url(value: object) -> str | None:
    """Return the value if it is an acceptable URL, else None."""
    return _text(value) if is_url(value) else None


def _object(body: Mapping[str, Any], claim: str) -> Mapping[str, Any]:
    value = body.get(claim)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestRejected(UNREADABLE)
    return value


def _service(data: Mapping[str, Any]) -> Service | None:
    if not data:
        return None
    return Service(_url(data.get("lineitem")), _url(data.get("lineitems")), _texts(data.get("scope")))


def _deep_linking(data: Mapping[str, Any]) -> DeepLinkingRequest:
    url = _url(data.get("deep_link_return_url"))
    if url is None:
        raise RequestRejected(UNREADABLE)
    if "ltiResourceLink" not in _texts(data.get("accept_types")):
        raise RequestRejected(NOT_SUPPORTED)
    opaque = data.get("data")
    if opaque is not None and not (
        isinstance(opaque, str) and len(opaque) < 100_000 and opaque.isprintable()
    ):
        raise RequestRejected(UNREADABLE)
    return DeepLinkingRequest(
        url, {"deep_link_return_url": url} | ({} if opaque is None else {"data": opaque})
    )
