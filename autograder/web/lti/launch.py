"""The LTI launch, from the login request to a verified launch; each state and nonce is valid once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from sqlalchemy import delete, select, update

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

MAX_LOGIN = timedelta(minutes=10)
"""From the login to the launch; the user may have to log in to the LMS in between."""
LEEWAY = 60
"""Allowed difference in seconds between the LMS's clock and ours."""
HINTS = ("login_hint", "lti_message_hint", "lti_deployment_id")
MAX_TOKEN = 100_000


@dataclass(frozen=True)
class Login:
    """A login that was started."""

    state: str
    url: str
    """The LMS's authorization URL; the LMS then sends the launch."""


class LaunchFlow:
    """Starts logins and verifies launches, with the platforms and states of a database."""

    def __init__(
        self, database: Database, key_sets: KeySets, launch_url: str, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database, self._key_sets, self._launch_url, self._clock = database, key_sets, launch_url, clock

    def begin(self, params: Mapping[str, str]) -> Login:
        """Start the login that an LMS requests. Raises RequestRejected for an unknown LMS or bad data."""
        values = {name: params.get(name, "") for name in ("iss", "client_id", *HINTS)}
        if not values["iss"] or not values["login_hint"] or not all(map(sound, values.values())):
            raise RequestRejected(UNREADABLE)
        with self._database.read() as session:
            platform = find_platform(session, values["iss"], values["client_id"])
        return self._begin(platform, {name: values[name] for name in HINTS if values[name]})

    def restart(self, state: str) -> Login:
        """Start the same login again, in a window that may set cookies. Raises RequestRejected."""
        launch, platform = self._pending(state)
        return self._begin(platform, launch.params)

    def login_url(self, state: str) -> str:
        """Return the LMS's URL for a login that was started. Raises RequestRejected if it is unknown or expired."""
        launch, platform = self._pending(state)
        return self._url(platform, launch)

    def accept(self, form: Mapping[str, str], cookie: str) -> tuple[Launch, Platform, Claims]:
        """Verify the launch in the form that the LMS had the browser submit; its state is used up in any case.

        cookie: the browser's cookie for the state, which shows that it started the login.
        Raises RequestRejected.
        """
        state, token = form.get("state", ""), form.get("id_token", "")
        self._pending(
            state
        )  # first, so that a reload gets its own message, although the cookie is gone by then
        if not hmac.compare_digest(state.encode(), cookie.encode()):
            raise RequestRejected(NO_COOKIE)
        launch, platform = self._spend(state)
        if form.get("error"):
            raise RequestRejected(TURNED_DOWN)
        if not token or len(token) > MAX_TOKEN:
            raise RequestRejected(UNREADABLE)
        body = self._verified(token, platform)
        if not hmac.compare_digest(str(body["nonce"]).encode(errors="replace"), launch.nonce.encode()):
            raise RequestRejected(FORGED)
        deployment = body.get(LTI + "deployment_id")
        if not isinstance(deployment, str) or deployment not in platform.deployments:
            facts = (
                ("issuer", platform.issuer),
                ("client_id", platform.client_id),
                ("deployment_id", str(deployment)[:200].encode(errors="replace").decode()),
            )
            raise RequestRejected(UNKNOWN_DEPLOYMENT, facts=facts)
        return launch, platform, read(body)

    def _begin(self, platform: Platform, params: Mapping[str, str]) -> Login:
        moment = self._clock()
        launch = Launch(
            platform_id=platform.id,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            params=dict(params),
            created_at=moment,
            expires_at=moment + MAX_LOGIN,
        )
        with self._database.write() as session:
            session.execute(delete(Launch).where(Launch.expires_at < moment - MAX_LOGIN))
            session.add(launch)
        return Login(launch.state, self._url(platform, launch))

    def _url(self, platform: Platform, launch: Launch) -> str:
        """Return the LMS's authorization URL."""
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": self._launch_url,
            "state": launch.state,
            "nonce": launch.nonce,
        } | {name: value for name, value in launch.params.items() if name != "lti_deployment_id"}
        return f"{platform.auth_login_url}{'&' if '?' in platform.auth_login_url else '?'}{urlencode(query)}"

    def _pending(self, state: str) -> tuple[Launch, Platform]:
        if not state or not sound(state):
            raise RequestRejected(UNREADABLE)
        with self._database.read() as session:
            launch = session.scalars(select(Launch).where(Launch.state == state)).first()
            platform = launch.platform if launch else None
        if launch is None or platform is None or launch.expires_at <= self._clock():
            raise RequestRejected(EXPIRED)
        if launch.spent_at is not None:
            raise RequestRejected(SPENT)
        return launch, platform

    def _spend(self, state: str) -> tuple[Launch, Platform]:
        """Use up the state of a login, so that no other launch can have it."""
        launch, platform = self._pending(state)
        spend = (
            update(Launch)
            .where(Launch.id == launch.id, Launch.spent_at.is_(None))
            .values(spent_at=self._clock(), params={})
            .returning(Launch.id)
        )
        with self._database.write() as session:
            if session.execute(spend).first() is None:
                raise RequestRejected(SPENT)
            # checked again: it may have been disabled since the login
            find_platform(session, platform.issuer, platform.client_id)
        return launch, platform

    def _verified(self, token: str, platform: Platform) -> dict[str, Any]:
        """Return the claims of a valid token that the platform signed for this tool. Raises RequestRejected."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise RequestRejected(FORGED)
            body: dict[str, Any] = jwt.decode(
                token,
                self._key_sets.key(platform.key_set_url, kid).key,
                algorithms=["RS256"],
                audience=platform.client_id,
                issuer=platform.issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "sub", "exp", "iat", "nonce"]},
            )
        except jwt.ExpiredSignatureError:
            raise RequestRejected(EXPIRED) from None
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError, OverflowError):
            raise RequestRejected(FORGED) from None
        audience, party = body["aud"], body.get("azp")
        if party is None and isinstance(audience, list) and len(audience) > 1:
            raise RequestRejected(FORGED)
        if party is not None and party != platform.client_id:
            raise RequestRejected(FORGED)
        return body
