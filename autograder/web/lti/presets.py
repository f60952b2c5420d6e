"""The LTI endpoints of known LMSs, so that the host is enough to register one.

They are taken from each LMS's documentation, and were tested against Moodle and Open edX; see `docs/lti-*.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.errors import CourseError
from autograder.i18n import _

SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)


@dataclass(frozen=True)
class KnownLms:
    """The URLs of an LMS, with the placeholders `{host}`, `{client}` and `{number}` for each installation."""

    name: str
    issuer: str
    login: str
    token: str
    keys: str
    number: str = ""
    """Where to find `{number}`, for LMSs that have one."""
    deployment: str = ""
    """The deployment id, if it is always the same."""

    def filled(self, host: str, client: str, number: str) -> dict[str, str]:
        """Return the registration data by option name. Raises CourseError if the number is missing."""
        if self.number and not number:
            raise CourseError(_("{lms} also needs --number: {what}", lms=self.name, what=self.number))
        parts = {"host": host.rstrip("/"), "client": client, "number": number}
        urls = {
            "issuer": self.issuer,
            "login_url": self.login,
            "token_url": self.token,
            "keys_url": self.keys,
        }
        return {name: url.format(**parts) for name, url in urls.items()} | {"name": self.name}


MOODLE = KnownLms(
    "Moodle",
    "{host}",
    "{host}/mod/lti/auth.php",
    "{host}/mod/lti/token.php",
    "{host}/mod/lti/certs.php",
)
CANVAS = KnownLms(
    "Canvas",
    "https://canvas.instructure.com",
    "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "https://sso.canvaslms.com/login/oauth2/token",
    "https://sso.canvaslms.com/api/lti/security/jwks",
)
OWN_CANVAS = KnownLms(
    "Canvas",
    "{host}",
    "{host}/api/lti/authorize_redirect",
    "{host}/login/oauth2/token",
    "{host}/api/lti/security/jwks",
)
BLACKBOARD = KnownLms(
    "Blackboard",
    "https://blackboard.com",
    "https://developer.blackboard.com/api/v1/gateway/oidcauth",
    "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
    "https://developer.blackboard.com/api/v1/management/applications/{client}/jwks.json",
)
OPENEDX = KnownLms(
    "Open edX",
    "{host}",
    "{host}/api/lti_consumer/v1/launch/",
    "{host}/api/lti_consumer/v1/token/{number}",
    "{host}/api/lti_consumer/v1/public_keysets/{number}",
    number="the last part of the Keyset URL that Studio shows below the component",
    deployment="1",
)
SAKAI = KnownLms(
    "Sakai",
    "{host}",
    "{host}/imsoidc/lti13/oidc_auth",
    "{host}/imsblis/lti13/token/{number}",
    "{host}/imsblis/lti13/keyset",
    number="the last part of the token URL that Sakai shows for the tool",
    deployment="1",
)


def for_people(base_url: str) -> list[tuple[str, str]]:
    """Return what to enter in an LMS by hand: the LMSs' names for a field, and its value."""
    launch = f"{base_url}/lti/launch"
    return [
        ("tool URL, target link URI", launch),
        ("login URL, OpenID Connect initiation URL", f"{base_url}/lti/login"),
        ("redirect URI", launch),
        ("key set URL, JWKS", f"{base_url}/lti/jwks"),
        ("deep linking, content selection URL", launch),
        ("custom parameter, where the LMS has no content selection", "assignment=NAME"),
    ]


def for_canvas(base_url: str) -> dict[str, Any]:
    """Return the tool's configuration for a Canvas developer key, "Paste JSON"."""
    launch, host = f"{base_url}/lti/launch", base_url.partition("://")[2]
    placements = [
        {
            "placement": name,
            "message_type": "LtiDeepLinkingRequest",
            "target_link_uri": launch,
            "text": "Autograder",
        }
        for name in ("assignment_selection", "link_selection")
    ]
    return {
        "title": "Autograder",
        "description": "Notebooks that grade themselves / 스스로 채점되는 노트북",
        "target_link_uri": launch,
        "oidc_initiation_url": f"{base_url}/lti/login",
        "public_jwk_url": f"{base_url}/lti/jwks",
        "scopes": list(SCOPES),
        "extensions": [
            {
                "domain": host,
                "platform": "canvas.instructure.com",
                "privacy_level": "public",
                "settings": {"text": "Autograder", "placements": placements},
            }
        ],
        "custom_fields": {},
    }
