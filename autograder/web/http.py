"""HTTP client for calls to an LMS: timeouts, no redirects, bounded response size."""

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
"""Host and port: no user name or password, and no character that would end a directive of a header."""
MAX_BYTES = 4_000_000
"""Maximum size of a response; a page of a roster with some thousand people is well below."""


class RedirectError(requests.RequestException):
    """The LMS answered with a redirect. It is never followed: a token would go with it."""


class ResponseTooLarge(requests.RequestException):
    """The response is too long, or takes too long as a whole."""


def is_url(url: object) -> bool:
    """Return whether we would call this URL: https, or http on this machine, without credentials."""
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
    """Return the origin of a URL as browsers write it: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


class LmsHttpClient(requests.Session):
    """A `requests` session for calls to an LMS.

    Any call may raise requests.RequestException: not https, a redirect, no connection, too slow, too long.
    """

    def __init__(self, *, connect: float = 5, read: float = 10, total: float = 20) -> None:
        super().__init__()
        self.headers["User-Agent"] = "autograder-lti"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.auth = _unchanged  # otherwise a .netrc would replace our token
        self.limits = (connect, read)
        self.total = total
        """Maximum seconds for a whole response; `read` limits only the pauses within it."""
        self.clock: Callable[[], float] = time.monotonic

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to an LMS. See `requests.Session.request`."""
        if not is_url(url):
            raise requests.exceptions.InvalidURL("the URL is not https")
        kwargs |= {"timeout": self.limits, "allow_redirects": False, "stream": True}
        end = self.clock() + self.total
        response = super().request(method, url, *args, **kwargs)
        try:
            body = bytearray()
            # read1 returns what has arrived; read would wait for more as long as a byte comes now and then
            while chunk := response.raw.read1(65_536, decode_content=True):
                body += chunk
                if len(body) > MAX_BYTES or self.clock() > end:
                    raise ResponseTooLarge("the response is too long or too slow")
        except ReadTimeoutError as error:
            raise requests.ReadTimeout("timeout within the response") from error
        except HTTPError as error:
            raise requests.ConnectionError("connection lost within the response") from error
        finally:
            response.close()
        response._content = bytes(body)
        if 300 <= response.status_code < 400:
            raise RedirectError(f"HTTP {response.status_code}: redirects are not followed")
        return response


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
