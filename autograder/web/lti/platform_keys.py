"""The public keys that platforms sign with, fetched from them and kept for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import jwt
import requests

from autograder.web.errors import FORGED, NO_KEYS, RequestRejected
from autograder.web.http import LmsHttpClient

LIFETIME = 3600.0
PAUSE = 30.0
"""Seconds between two looks for a key that is not there, so that made-up key ids cost the LMS nothing."""


@dataclass(frozen=True)
class _KeySet:
    keys: tuple[jwt.PyJWK, ...]
    fetched: float

    def find(self, kid: str) -> jwt.PyJWK | None:
        return next((key for key in self.keys if key.key_id == kid), None)


class KeySets:
    """The key sets of all platforms."""

    def __init__(self, http: LmsHttpClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._http, self._clock = http, clock
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()

    def key(self, url: str, kid: str) -> jwt.PyJWK:
        """The RSA key with the id `kid` in the set at `url`; a key id that is not known has the set fetched again.

        Raises Refused: the set cannot be had, or has no such key.
        """
        known = self._sets.get(url)
        age = self._clock() - known.fetched if known else 0.0
        found = known.find(kid) if known and age < LIFETIME else None
        if found:
            return found
        if known is None or age >= PAUSE:
            known = self._fetch(url)
        found = known.find(kid)
        if found is None:
            raise RequestRejected(FORGED)
        return found

    def _fetch(self, url: str) -> _KeySet:
        try:
            response = self._http.get(url)
            if response.status_code != 200:
                raise RequestRejected(NO_KEYS)
            listed = response.json()["keys"]
            keys = tuple(key for one in listed if (key := _rsa(one)))
        except (requests.RequestException, ValueError, TypeError, KeyError, RecursionError) as error:
            raise RequestRejected(NO_KEYS) from error
        fetched = _KeySet(keys, self._clock())
        with self._lock:
            self._sets[url] = fetched
        return fetched


def _rsa(told: object) -> jwt.PyJWK | None:
    """A key of a set, where it is one for RS256, which LTI prescribes; sets hold others beside."""
    if not isinstance(told, dict) or told.get("kty") != "RSA" or told.get("use", "sig") != "sig":
        return None
    if told.get("alg", "RS256") != "RS256" or "d" in told:
        return None
    try:
        return jwt.PyJWK(told, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
