"""The public keys of the platforms, fetched from their key sets (JWKS) and cached."""

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
MIN_INTERVAL = 30.0
"""Minimum seconds between two fetches for unknown keys, so that forged key ids cause no load on the LMS."""


@dataclass(frozen=True)
class _KeySet:
    keys: tuple[jwt.PyJWK, ...]
    fetched: float

    def find(self, kid: str) -> jwt.PyJWK | None:
        return next((key for key in self.keys if key.key_id == kid), None)


class KeySets:
    """A cache of the key sets of all platforms."""

    def __init__(self, http: LmsHttpClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._http, self._clock = http, clock
        self._sets: dict[str, _KeySet] = {}
        self._lock = threading.Lock()

    def key(self, url: str, kid: str) -> jwt.PyJWK:
        """Return the RSA key with the id `kid` in the set at `url`; an unknown id has the set fetched again.

        Raises RequestRejected if the set cannot be fetched or has no such key.
        """
        key_set = self._sets.get(url)
        age = self._clock() - key_set.fetched if key_set else 0.0
        key = key_set.find(kid) if key_set and age < LIFETIME else None
        if key:
            return key
        if key_set is None or age >= MIN_INTERVAL:
            key_set = self._fetch(url)
        key = key_set.find(kid)
        if key is None:
            raise RequestRejected(
                FORGED, cause="signature: the LMS publishes no key with the id in the token"
            )
        return key

    def _fetch(self, url: str) -> _KeySet:
        try:
            response = self._http.get(url)
            if response.status_code != 200:
                raise RequestRejected(NO_KEYS)
            listed = response.json()["keys"]
            keys = tuple(key for data in listed if (key := _rsa_key(data)))
        except (requests.RequestException, ValueError, TypeError, KeyError, RecursionError) as error:
            raise RequestRejected(NO_KEYS) from error
        fetched = _KeySet(keys, self._clock())
        with self._lock:
            self._sets[url] = fetched
        return fetched


def _rsa_key(data: object) -> jwt.PyJWK | None:
    """Return a key of a set if it is for RS256, which LTI requires; sets may hold other keys as well."""
    if not isinstance(data, dict) or data.get("kty") != "RSA" or data.get("use", "sig") != "sig":
        return None
    if data.get("alg", "RS256") != "RS256" or "d" in data:
        return None
    try:
        return jwt.PyJWK(data, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
