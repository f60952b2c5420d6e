"""A call to an LMS's service, with an access token that is kept, and what comes of it as one of four outcomes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from autograder.text import one_line
from autograder.web.db.models import now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.claims import ROSTER

SOON = 60.0
"""A token that expires within so many seconds is not used any more."""
MAX_WAIT = 86_400.0
UNREADABLE = "the LMS's answer cannot be read"
TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
"""A signed token, as ours is when an LMS sends back what it got."""


@dataclass(frozen=True)
class Confirmed:
    """The LMS has the score."""


@dataclass(frozen=True)
class TryAgain:
    """The LMS does not answer as it should just now."""

    told: str
    after: float | None = None
    """Seconds to wait, where the LMS says how long."""


@dataclass(frozen=True)
class Conflict:
    """The LMS has a score of the same time or a later one: send it again with a later timestamp."""

    told: str


@dataclass(frozen=True)
class RefusedByLms:
    """The LMS does not take it, and will not the next time either."""

    told: str
    status: int | None = None


Outcome = Confirmed | TryAgain | Conflict | RefusedByLms


class TokenCache:
    """Access tokens that LMSs gave us, until shortly before they expire."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """The token for a key, where it is still good."""
        with self._lock:
            token, until = self._held.get(key, ("", 0.0))
        return token if token and until - SOON > self._clock() else None

    def put(self, key: str, token: str, lasts: float) -> None:
        """Keep a token for `lasts` seconds."""
        with self._lock:
            self._held[key] = (token, self._clock() + lasts)

    def drop(self, key: str) -> None:
        """Forget the token for a key."""
        with self._lock:
            self._held.pop(key, None)


class ServiceClient(ServiceConnector):
    """The library's connector, with our token cache; whatever it meets comes back as an outcome."""

    def __init__(self, registration: Registration, http: LmsHttpClient, tokens: TokenCache) -> None:
        super().__init__(registration, http)
        self._tokens = tokens
        self._used: tuple[str, str] | None = None
        """The key in the cache, and the token, of the last call."""
        self._cached = False

    def called(self, call: Callable[[], Any]) -> Any:
        """What a call gives, or TryAgain, Conflict or RefusedByLms for what went wrong with it."""
        done = self._called(call)
        if isinstance(done, RefusedByLms) and done.status == 401 and self._cached and self._used:
            self._tokens.drop(self._used[0])  # the LMS may have forgotten it before its time
            done = self._called(call)
        return done

    def members_page(self, url: str) -> tuple[Sequence[Any], str | None]:
        """One page of a roster, and the URL of the next."""
        page = self.make_service_request(
            [ROSTER], url, accept="application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        )
        body = page["body"]
        members = body.get("members") if isinstance(body, dict) else None
        if not isinstance(members, list):
            raise ValueError("no members in the answer")
        return members, page["next_page_url"]

    def get_access_token(self, scopes: Sequence[str]) -> str:
        """See the library. Whatever an LMS sends in the place of a token is a ValueError."""
        self._cached = False
        try:
            token = super().get_access_token(scopes)
        except (KeyError, TypeError, AttributeError):
            raise ValueError("no access token in the answer") from None
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise ValueError("no access token in the answer")
        self._used = (self._scope_key(scopes), token)
        return token

    def _scope_key(self, scopes: Any) -> str:
        ids = (self._registration.get_issuer(), self._registration.get_client_id(), *sorted(scopes))
        return "\n".join(map(str, ids))

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        token = self._tokens.get(scope_key)
        self._cached = token is not None
        return token

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: Any) -> None:
        if isinstance(access_token, str) and isinstance(expires_in, (int, float)):
            self._tokens.put(scope_key, access_token, min(float(expires_in), MAX_WAIT))

    def _called(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except LtiServiceException as error:
            return self._outcome(error.response)
        except requests.Timeout:
            return TryAgain("the LMS takes too long to answer")
        except requests.JSONDecodeError:
            return TryAgain(UNREADABLE)
        except requests.ConnectionError:
            return TryAgain("the LMS cannot be reached")
        except requests.RequestException as error:
            return TryAgain(f"the LMS does not answer as it should: {one_line(error)[:200]}")
        except (ValueError, RecursionError):
            return TryAgain(UNREADABLE)
        except LtiException as error:
            return RefusedByLms(one_line(error))

    def _outcome(self, response: requests.Response) -> TryAgain | Conflict | RefusedByLms:
        status = response.status_code
        if status < 400:
            return TryAgain(UNREADABLE)
        told = f"HTTP {status}: {self._words(response)}".rstrip(": ")
        if status == 409 or (status == 400 and _about_the_time(response.content)):
            return Conflict(told)
        if status == 429 or status == 408 or not 400 <= status < 500:
            return TryAgain(told, wait(response.headers, now()))
        return RefusedByLms(told, status)

    def _words(self, response: requests.Response) -> str:
        """What the LMS says, on one line; a token that it repeats is taken out."""
        text = TOKEN.sub("…", response.content[:20_000].decode("utf-8", errors="replace"))
        if self._used:
            text = text.replace(self._used[1], "…")
        if "html" in response.headers.get("Content-Type", ""):
            text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>", " ", text)
        return one_line(text)[:300]


def _about_the_time(body: bytes) -> bool:
    """Whether all that an LMS has against a score is its timestamp: Open edX says so with 400 for one that it has."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and set(told) == {"timestamp"}


def wait(headers: Mapping[str, str], moment: datetime) -> float | None:
    """Seconds in a Retry-After header, whichever form it has; at most a day."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:9]), MAX_WAIT)
    try:
        until = parsedate_to_datetime(told)
        return min(max((until - moment).total_seconds(), 0.0), MAX_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
