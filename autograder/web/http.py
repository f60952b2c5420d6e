"""HTTP to an LMS: within time limits, never to anywhere else than asked, never more than we can hold."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
"""No name and password, and nothing that would end a directive of a header."""
MAX_BYTES = 4_000_000
"""A page of a roster of some thousand people is well below."""


class RedirectError(requests.RequestException):
    """The LMS answered with a redirect, which is never followed: a token would go with it."""


class ResponseTooLarge(requests.RequestException):
    """The LMS's answer is too long, or takes too long as a whole."""


def is_url(url: object) -> bool:
    """Whether `url` is one we would call: https, or http on this machine, without a password in it."""
    if not isinstance(url, str) or len(url) > 2000 or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return bool(safe and HOST.fullmatch(parts.netloc))


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as a browser names an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


class LmsHttpClient(requests.Session):
    """A session of `requests` for calls to an LMS.

    Any call may raise requests.RequestException: no https, a redirect, nobody there, too slow, too long.
    """

    def __init__(self, *, connect: float = 5, read: float = 10, whole: float = 20) -> None:
        super().__init__()
        self.headers["User-Agent"] = "autograder-lti"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.auth = _as_it_is  # or a .netrc would put itself in the place of our token
        self.limits = (connect, read)
        self.whole = whole
        """Seconds that an answer may take in all; `read` bounds only the pauses within it."""
        self.clock: Callable[[], float] = time.monotonic

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Call an LMS. See `requests.Session.request`."""
        if not is_url(url):
            raise requests.exceptions.InvalidURL("the URL is not https")
        kwargs |= {"timeout": self.limits, "allow_redirects": False, "stream": True}
        end = self.clock() + self.whole
        response = super().request(method, url, *args, **kwargs)
        try:
            body = bytearray()
            # read1 gives what has come; read would wait for more, as long as a byte comes now and then
            while chunk := response.raw.read1(65_536, decode_content=True):
                body += chunk
                if len(body) > MAX_BYTES or self.clock() > end:
                    raise ResponseTooLarge("the answer is too long or too slow")
        except ReadTimeoutError as error:
            raise requests.ReadTimeout("the answer stopped coming") from error
        except HTTPError as error:
            raise requests.ConnectionError("the answer broke off") from error
        finally:
            response.close()
        response._content = bytes(body)
        if 300 <= response.status_code < 400:
            raise RedirectError(f"HTTP {response.status_code}: a redirect, which is not followed")
        return response


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
