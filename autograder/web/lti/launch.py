"""The LTI launch, from the login request to a verified launch; each state and nonce is valid once.

A login stores nothing, because anyone may begin one: its state is a signed token, and its nonce follows from the state.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from autograder.web.db.database import Database
from autograder.web.db.models import Launch, Platform, now
from autograder.web.errors import (
    EXPIRED,
    FORGED,
    NO_COOKIE,
    SPENT,
    TURNED_DOWN,
    UNKNOWN_DEPLOYMENT,
    UNREADABLE,
    RequestRejected,
)
from autograder.web.lti.claims import LTI, Claims, read, sound
from autograder.web.lti.platform_keys import KeySets
from autograder.web.lti.platforms import find_platform
from autograder.web.lti.tool_keys import signing_key

MAX_LOGIN = timedelta(minutes=10)
"""From the login to the launch; the user may have to log in to the LMS in between."""
LEEWAY = 60
"""Allowed difference in seconds between the LMS's clock and ours."""
HINTS = ("login_hint", "lti_message_hint")
"""Parameters of a login request that are returned to the LMS."""
MAX_TOKEN = 100_000
CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (jwt.InvalidSignatureError, "signature: not made with the LMS's key"),
    (jwt.InvalidAlgorithmError, "signature: not by RS256"),
    (jwt.ExpiredSignatureError, "time: the token has expired"),
    (jwt.ImmatureSignatureError, "time: the token was made in the future"),
    (jwt.InvalidIssuedAtError, "time: iat is no number"),
    (jwt.InvalidAudienceError, "audience: not the client id"),
    (jwt.InvalidIssuerError, "issuer: not the one that is registered"),
    (jwt.MissingRequiredClaimError, "a claim is missing"),
)
"""What the log says of a token that is not valid."""


@dataclass(frozen=True)
class Login:
    """A login that was started."""

    state: str
    hints: Mapping[str, str]
    """The parameters of the login request that are returned to the LMS, by name."""


class LaunchFlow:
    """Starts logins and verifies launches, with the platforms and states of a database."""

    def __init__(
        self, database: Database, key_sets: KeySets, launch_url: str, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database, self._key_sets, self._launch_url, self._clock = database, key_sets, launch_url, clock

    def begin(self, params: Mapping[str, str]) -> Login:
        """Start the login that an LMS requests. Raises RequestRejected for an unknown LMS or bad data."""
        values = {name: params.get(name, "") for name in ("iss", "client_id", "lti_deployment_id")}
        hints = _hints(params)
        if not values["iss"] or not all(map(sound, values.values())):
            raise RequestRejected(UNREADABLE)
        with self._database.read() as session:
            platform = find_platform(session, values["iss"], values["client_id"])
        return Login(_new_state(self._key(), platform, self._clock()), hints)

    def restart(self, params: Mapping[str, str]) -> Login:
        """Start the same login again, in a window that may set cookies. Raises RequestRejected."""
        key = self._key()
        platform = self._platform_of(key, params.get("state", ""))
        return Login(_new_state(key, platform, self._clock()), _hints(params))

    def login_url(self, params: Mapping[str, str]) -> str:
        """Return the LMS's authorization URL for a login that was started; the LMS then sends the launch.

        params: its state and hints. Raises RequestRejected if the state is unknown or expired.
        """
        state, key = params.get("state", ""), self._key()
        platform, hints = self._platform_of(key, state), _hints(params)
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": self._launch_url,
            "state": state,
            "nonce": _nonce(key, state),
        } | hints
        return f"{platform.auth_login_url}{'&' if '?' in platform.auth_login_url else '?'}{urlencode(query)}"

    def accept(self, form: Mapping[str, str], cookie: str) -> tuple[Launch, Platform, Claims]:
        """Verify the launch in the form that the LMS had the browser submit, and use up its state.

        cookie: the browser's cookie for the state, which shows that it started the login.
        Raises RequestRejected.
        """
        state, token, key = form.get("state", ""), form.get("id_token", ""), self._key()
        # first, so that a reload gets its own message, although the cookie is gone by then
        platform = self._platform_of(key, state)
        if not hmac.compare_digest(state.encode(), cookie.encode()):
            raise RequestRejected(NO_COOKIE)
        if form.get("error"):
            raise RequestRejected(TURNED_DOWN)
        if not token or len(token) > MAX_TOKEN:
            raise RequestRejected(UNREADABLE)
        body = self._verified(token, platform)
        nonce = _nonce(key, state)
        if not hmac.compare_digest(str(body["nonce"]).encode(errors="replace"), nonce.encode()):
            raise RequestRejected(FORGED, cause=_at(platform, "nonce: not the one of this login"))
        deployment = body.get(LTI + "deployment_id")
        if not isinstance(deployment, str) or deployment not in platform.deployments:
            facts = (
                ("issuer", platform.issuer),
                ("client_id", platform.client_id),
                ("deployment_id", str(deployment)[:200].encode(errors="replace").decode()),
            )
            cause = _at(platform, "deployment: not among those that are registered")
            raise RequestRejected(UNKNOWN_DEPLOYMENT, facts=facts, cause=cause)
        claims = read(body)
        return self._spend(platform, state, nonce), platform, claims

    def _key(self) -> bytes:
        """Read the key that signs states, which follows from the tool's key."""
        return hashlib.sha256(
            b"state of a login\0" + signing_key(self._database).private_pem.encode()
        ).digest()

    def _platform_of(self, key: bytes, state: str) -> Platform:
        """Return the platform of a login that was started. Raises RequestRejected if it is unknown, expired or used."""
        if not state or not sound(state):
            raise RequestRejected(UNREADABLE)
        content, _, signature = state.rpartition(".")
        if not hmac.compare_digest(signature.encode(), _signature(key, content).encode()):
            raise RequestRejected(
                EXPIRED, cause="state: not made by this tool, or before its key was changed"
            )
        _random, platform_id, expires = content.split(".")
        with self._database.read() as session:
            platform = session.get(Platform, int(platform_id))
            spent = session.scalars(select(Launch.id).where(Launch.state == state)).first()
            if spent is not None:
                raise RequestRejected(SPENT)
            if platform is None or int(expires) <= self._clock().timestamp():
                raise RequestRejected(EXPIRED, cause="time: the login took more than 10 minutes")
            return platform

    def _spend(self, platform: Platform, state: str, nonce: str) -> Launch:
        """Use up the state of a verified login, so that no other launch can have it, and return the launch."""
        moment = self._clock()
        launch = Launch(
            platform_id=platform.id, state=state, nonce=nonce, created_at=moment,
            expires_at=moment + MAX_LOGIN, spent_at=moment,
        )  # fmt: skip
        try:
            with self._database.write() as session:
                # checked again: it may have been disabled since the login
                find_platform(session, platform.issuer, platform.client_id)
                session.execute(delete(Launch).where(Launch.expires_at < moment - MAX_LOGIN))
                session.add(launch)
        except IntegrityError:
            raise RequestRejected(SPENT) from None
        return launch

    def _verified(self, token: str, platform: Platform) -> dict[str, Any]:
        """Return the claims of a valid token that the platform signed for this tool. Raises RequestRejected."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise RequestRejected(FORGED, cause=_at(platform, "signature: the token has no key id"))
            body: dict[str, Any] = jwt.decode(
                token,
                self._key_sets.key(platform.key_set_url, kid).key,
                algorithms=["RS256"],
                audience=platform.client_id,
                issuer=platform.issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "sub", "exp", "iat", "nonce"]},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError, OverflowError) as error:
            reason = EXPIRED if isinstance(error, jwt.ExpiredSignatureError) else FORGED
            raise RequestRejected(reason, cause=_at(platform, self._cause(error, token))) from None
        audience, party = body["aud"], body.get("azp")
        if party is None and isinstance(audience, list) and len(audience) > 1:
            raise RequestRejected(FORGED, cause=_at(platform, "audience: several, and no azp"))
        if party is not None and party != platform.client_id:
            raise RequestRejected(FORGED, cause=_at(platform, "audience: azp is not the client id"))
        return body

    def _cause(self, error: Exception, token: str) -> str:
        """Return why a token is not valid, for the log; of its content only how far its times are off."""
        cause = next((text for kind, text in CAUSES if isinstance(error, kind)), "a malformed token")
        if not isinstance(error, (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError)):
            return cause
        claims = jwt.decode(token, options={"verify_signature": False})  # it was verified before its times
        moment = datetime.now(UTC).timestamp()
        ahead = [
            f"{name} {int(claims[name]) - moment:+.0f} s" for name in ("iat", "nbf", "exp") if name in claims
        ]
        return f"{cause} ({', '.join(ahead)} from this machine's clock)"


def _at(platform: Platform, cause: str) -> str:
    return f"{cause}, launched by {platform.issuer}"


def _new_state(key: bytes, platform: Platform, moment: datetime) -> str:
    expires = int((moment + MAX_LOGIN).timestamp())
    content = f"{secrets.token_urlsafe(16)}.{platform.id}.{expires}"
    return f"{content}.{_signature(key, content)}"


def _signature(key: bytes, content: str) -> str:
    return hmac.digest(key, b"state\0" + content.encode(), "sha256").hex()


def _nonce(key: bytes, state: str) -> str:
    return hmac.digest(key, b"nonce\0" + state.encode(), "sha256").hex()


def _hints(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a login that the LMS gets back. Raises RequestRejected for bad data."""
    hints = {name: params[name] for name in HINTS if params.get(name)}
    if "login_hint" not in hints or not all(map(sound, hints.values())):
        raise RequestRejected(UNREADABLE)
    return hints
