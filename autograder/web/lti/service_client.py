"""Calls to the services of an LMS: cached access tokens, and one of four outcomes for every answer."""

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

from autograder.i18n import _
from autograder.text import Text, one_line
from autograder.web.db.models import now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.claims import ROSTER

EXPIRY_MARGIN = 60.0
"""Seconds before its expiry from which a token is not used any more."""
MAX_WAIT = 86_400.0
SIGNED_TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
"""A signed token, such as ours when an LMS echoes a request."""

TIMEOUT = _("the LMS takes too long to respond")
UNREACHABLE = _("cannot connect to the LMS")
UNREADABLE = _("cannot read the response of the LMS")
UNEXPECTED = _("unexpected response from the LMS: {error}")


@dataclass(frozen=True)
class Confirmed:
    """The LMS has the score."""


@dataclass(frozen=True)
class TryAgain:
    """A temporary failure: the LMS does not respond, or not properly."""

    error: Text
    after: float | None = None
    """Seconds to wait, if the LMS says how long."""


@dataclass(frozen=True)
class Conflict:
    """The LMS has a score with the same timestamp or a later one: send it again with a later timestamp."""

    error: Text


@dataclass(frozen=True)
class RefusedByLms:
    """A permanent failure: the LMS rejects the request, and will reject it again."""

    error: Text
    status: int | None = None


Outcome = Confirmed | TryAgain | Conflict | RefusedByLms


class TokenCache:
    """Access tokens of the LMSs, kept until shortly before they expire."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """Return the token for a key; None if there is none or it is about to expire."""
        with self._lock:
            token, expires_at = self._tokens.get(key, ("", 0.0))
        return token if token and expires_at - EXPIRY_MARGIN > self._clock() else None

    def put(self, key: str, token: str, lifetime: float) -> None:
        """Keep a token for `lifetime` seconds."""
        with self._lock:
            self._tokens[key] = (token, self._clock() + lifetime)

    def drop(self, key: str) -> None:
        """Remove the token for a key."""
        with self._lock:
            self._tokens.pop(key, None)


class ServiceClient(ServiceConnector):
    """The library's connector, with our token cache; it turns every failure into an outcome."""

    def __init__(self, registration: Registration, http: LmsHttpClient, tokens: TokenCache) -> None:
        super().__init__(registration, http)
        self._tokens = tokens
        self._used: tuple[str, str] | None = None
        """The cache key and the token of the last call."""
        self._cached = False

    def call(self, request: Callable[[], Any]) -> Any:
        """Return the result of a request, or the TryAgain, Conflict or RefusedByLms that describes its failure."""
        result = self._attempt(request)
        if isinstance(result, RefusedByLms) and result.status == 401 and self._cached and self._used:
            self._tokens.drop(self._used[0])  # the LMS may have revoked it before it expired
            result = self._attempt(request)
        return result

    def members_page(self, url: str) -> tuple[Sequence[Any], str | None]:
        """Fetch one page of a roster. Returns its members and the URL of the next page."""
        page = self.make_service_request(
            [ROSTER], url, accept="application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        )
        body = page["body"]
        members = body.get("members") if isinstance(body, dict) else None
        if not isinstance(members, list):
            raise ValueError("the response has no members")
        return members, page["next_page_url"]

    def get_access_token(self, scopes: Sequence[str]) -> str:
        """Return an access token, as the library does. Raises ValueError if the response holds none."""
        self._cached = False
        try:
            token = super().get_access_token(scopes)
        except (KeyError, TypeError, AttributeError):
            raise ValueError("the response has no access token") from None
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise ValueError("the response has no access token")
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

    def _attempt(self, request: Callable[[], Any]) -> Any:
        try:
            return request()
        except LtiServiceException as error:
            return self._outcome(error.response)
        except requests.Timeout:
            return TryAgain(TIMEOUT)
        except requests.JSONDecodeError:
            return TryAgain(UNREADABLE)
        except requests.ConnectionError:
            return TryAgain(UNREACHABLE)
        except requests.RequestException as error:
            words = one_line(error)[:200]
            return TryAgain(UNEXPECTED.format(error=words))
        except (ValueError, RecursionError):
            return TryAgain(UNREADABLE)
        except LtiException as error:
            return RefusedByLms(Text.same(one_line(error)))

    def _outcome(self, response: requests.Response) -> TryAgain | Conflict | RefusedByLms:
        status = response.status_code
        if status < 400:
            return TryAgain(UNREADABLE)
        error = Text.same(f"HTTP {status}: {self._message(response)}".rstrip(": "))
        if status == 409 or (status == 400 and _is_about_timestamp(response.content)):
            return Conflict(error)
        if status == 429 or status == 408 or not 400 <= status < 500:
            return TryAgain(error, retry_after(response.headers, now()))
        return RefusedByLms(error, status)

    def _message(self, response: requests.Response) -> str:
        """Return the text of a response on one line, without any token that it echoes."""
        text = SIGNED_TOKEN.sub("…", response.content[:20_000].decode("utf-8", errors="replace"))
        if self._used:
            text = text.replace(self._used[1], "…")
        if "html" in response.headers.get("Content-Type", ""):
            text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>", " ", text)
        return one_line(text)[:300]


def _is_about_timestamp(body: bytes) -> bool:
    """Check whether an LMS rejects nothing but the timestamp: Open edX answers 400 to one that it has already."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and set(data) == {"timestamp"}


def retry_after(headers: Mapping[str, str], moment: datetime) -> float | None:
    """Return the seconds in a Retry-After header of either form, at most a day; None if there is no valid one."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_WAIT)
    try:
        until = parsedate_to_datetime(value)
        return min(max((until - moment).total_seconds(), 0.0), MAX_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
