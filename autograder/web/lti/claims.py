"""What a launch says, read from a token whose signature holds; a platform may still send anything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    """The score service of one activity, as the launch names it."""

    lineitem: str | None
    lineitems: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class DeepLinkingRequest:
    """That the teacher is to pick an assignment, and where the choice goes to."""

    return_url: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Claims:
    """One launch. Texts are empty where the LMS tells nothing."""

    deployment: str
    subject: str
    role: Role
    name: str
    email: str
    student_number: str
    """As the institution writes it, where the LMS holds it: Moodle's "ID number"."""
    locale: str
    context_id: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    assignment: str
    """From the custom parameter of that name."""
    service: Service | None
    members_url: str | None
    picking: DeepLinkingRequest | None
    return_url: str | None = field(default=None)
    """A page of the LMS: where its frame may come from, beside the platform's own URLs."""


def read(body: Mapping[str, Any]) -> Claims:
    """The launch in a token's claims. Raises Refused: of another kind or version, no role, or garbled."""
    if _text(body.get(LTI + "version")) != "1.3.0":
        raise RequestRejected(NOT_SUPPORTED)
    kind = _text(body.get(LTI + "message_type"))
    if kind not in ("LtiResourceLinkRequest", "LtiDeepLinkingRequest"):
        raise RequestRejected(NOT_SUPPORTED)
    link, context = _object(body, LTI + "resource_link"), _object(body, LTI + "context")
    shown = _object(body, LTI + "launch_presentation")
    claims = Claims(
        deployment=_text(body.get(LTI + "deployment_id")),
        subject=_text(body.get("sub")),
        role=role_of(_texts(body.get(LTI + "roles"))),
        name=_text(body.get("name"))
        or " ".join(filter(None, (_text(body.get("given_name")), _text(body.get("family_name"))))),
        email=_text(body.get("email")),
        student_number=_text(_object(body, LTI + "lis").get("person_sourcedid")),
        locale=_text(shown.get("locale")) or _text(body.get("locale")),
        context_id=_text(context.get("id")),
        context_title=_text(context.get("title")) or _text(context.get("label")),
        resource_link_id=_text(link.get("id")),
        resource_link_title=_text(link.get("title")),
        assignment=_text(_object(body, LTI + "custom").get("assignment")),
        service=_service(_object(body, AGS)),
        members_url=_url(_object(body, NRPS).get("context_memberships_url")),
        picking=_picking(_object(body, DEEP_LINKING)) if kind == "LtiDeepLinkingRequest" else None,
        return_url=_url(shown.get("return_url")),
    )
    if not claims.subject or not (claims.resource_link_id or claims.picking):
        raise RequestRejected(UNREADABLE)
    return claims


def role_of(roles: tuple[str, ...]) -> Role:
    """What somebody is in the course, from the LMS's role names. Raises Refused where they are nothing in it.

    Only roles in the course count: Canvas sends an institution's Instructor for whoever teaches anything. Who assists
    has an instructor's role beside in some LMSs, and the narrower one is meant.
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


def language_of(locale: str, languages: tuple[str, ...]) -> Literal["ko", "en"]:
    """The language to show a page in: the launch's where we have it, else the course's first one."""
    told = locale.replace("_", "-").split("-")[0].lower()
    if told:
        return "ko" if told == "ko" else "en"
    return "ko" if languages[0] == "ko" else "en"


def sound(text: str) -> bool:
    """Whether a text can be stored anywhere: no lone surrogate, no NUL, not endless."""
    return len(text) <= MAX_TEXT and "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _membership(role: str) -> tuple[str, str] | None:
    """The principal role and the one within it, of a role in the course: `.../membership/Instructor#Grader`."""
    if role.startswith(MEMBERSHIP):
        rest, _, name = role.removeprefix(MEMBERSHIP).partition("#")
        return (rest.removeprefix("/"), name) if rest.startswith("/") else (name, "") if not rest else None
    return (
        None if ":" in role or "#" in role else (role, "")
    )  # the short form, as in the standard's own examples


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
    return tuple(_text(one) for one in value)


def _url(value: object) -> str | None:
    """A URL we would call; one of another kind is as good as none."""
    return _text(value) if is_url(value) else None


def _object(body: Mapping[str, Any], claim: str) -> Mapping[str, Any]:
    value = body.get(claim)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestRejected(UNREADABLE)
    return value


def _service(told: Mapping[str, Any]) -> Service | None:
    if not told:
        return None
    return Service(_url(told.get("lineitem")), _url(told.get("lineitems")), _texts(told.get("scope")))


def _picking(told: Mapping[str, Any]) -> DeepLinkingRequest:
    url = _url(told.get("deep_link_return_url"))
    if url is None:
        raise RequestRejected(UNREADABLE)
    if "ltiResourceLink" not in _texts(told.get("accept_types")):
        raise RequestRejected(NOT_SUPPORTED)
    data = told.get("data")
    if data is not None and not (isinstance(data, str) and len(data) < 100_000 and data.isprintable()):
        raise RequestRejected(UNREADABLE)
    return DeepLinkingRequest(url, {"deep_link_return_url": url} | ({} if data is None else {"data": data}))
