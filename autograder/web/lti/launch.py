"""From an LMS's login request to a launch that holds: each state and nonce is good for one."""

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

PATIENCE = timedelta(minutes=10)
"""From the login to the launch; the person may have to log in to the LMS in between."""
LEEWAY = 60
"""Seconds that the LMS's clock may differ from ours."""
HINTS = ("login_hint", "lti_message_hint", "lti_deployment_id")
MAX_TOKEN = 100_000


@dataclass(frozen=True)
class Login:
    """A login that was begun."""

    state: str
    url: str
    """Of the LMS, which then sends the launch."""


class LaunchFlow:
    """Begins logins and checks launches, with the platforms and states of a database."""

    def __init__(
        self,
        database: Database,
        key_sets: KeySets,
        launch_url: str,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database, self._key_sets, self._launch_url, self._clock = database, key_sets, launch_url, clock

    def begin(self, params: Mapping[str, str]) -> Login:
        """Begin the login that an LMS asks for. Raises Refused: from no LMS that we know, or garbled."""
        told = {name: params.get(name, "") for name in ("iss", "client_id", *HINTS)}
        if not told["iss"] or not told["login_hint"] or not all(map(sound, told.values())):
            raise RequestRejected(UNREADABLE)
        with self._database.read() as session:
            platform = find_platform(session, told["iss"], told["client_id"])
        return self._begin(platform, {name: told[name] for name in HINTS if told[name]})

    def begin_again(self, state: str) -> Login:
        """Begin the same login once more, in a window that may keep cookies. Raises Refused."""
        launch, platform = self._waiting(state)
        return self._begin(platform, launch.params)

    def waiting(self, state: str) -> str:
        """The LMS's URL for a login that was begun. Raises Refused where there is none, or no longer."""
        launch, platform = self._waiting(state)
        return self._url(platform, launch)

    def accept(self, form: Mapping[str, str], cookie: str) -> tuple[Launch, Platform, Claims]:
        """The launch in what an LMS had the browser send; its state is spent, whatever comes of it.

        cookie: what the browser holds for the state; it began the login, then.
        Raises Refused.
        """
        state, token = form.get("state", ""), form.get("id_token", "")
        self._waiting(state)  # a reload is told that it is one, though the browser has let go of the cookie
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
            expires_at=moment + PATIENCE,
        )
        with self._database.write() as session:
            session.execute(delete(Launch).where(Launch.expires_at < moment - PATIENCE))
            session.add(launch)
        return Login(launch.state, self._url(platform, launch))

    def _url(self, platform: Platform, launch: Launch) -> str:
        """The LMS's URL that answers the login with a launch."""
        asked = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": self._launch_url,
            "state": launch.state,
            "nonce": launch.nonce,
        } | {name: value for name, value in launch.params.items() if name != "lti_deployment_id"}
        return f"{platform.auth_login_url}{'&' if '?' in platform.auth_login_url else '?'}{urlencode(asked)}"

    def _waiting(self, state: str) -> tuple[Launch, Platform]:
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
        """The login with this state, which no other launch can have from now on."""
        launch, platform = self._waiting(state)
        spend = (
            update(Launch)
            .where(Launch.id == launch.id, Launch.spent_at.is_(None))
            .values(spent_at=self._clock(), params={})
            .returning(Launch.id)
        )
        with self._database.write() as session:
            if session.execute(spend).first() is None:
                raise RequestRejected(SPENT)
            # looked up again: it may have been switched off since the login
            find_platform(session, platform.issuer, platform.client_id)
        return launch, platform

    def _verified(self, token: str, platform: Platform) -> dict[str, Any]:
        """The claims of a token that the platform signed for us just now. Raises Refused."""
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
