"""Security headers and cookies of every page: who may frame it, and that it runs nothing but our own files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response

COOKIE = "__Host-lti-"
"""Prefix of our cookies. Browsers accept such a name only from this very host, and only over HTTPS."""
COOKIE_ATTRIBUTES: Mapping[str, Any] = {
    "path": "/", "secure": True, "httponly": True, "samesite": "None", "partitioned": True,
}  # fmt: skip
SEALED: Mapping[str, tuple[str, ...]] = {
    "sandbox": (),
    "default-src": ("'none'",),
    "style-src": ("'unsafe-inline'",),
    "img-src": ("data:",),
    "form-action": ("'none'",),
    "base-uri": ("'none'",),
}
"""Policy of a page with a student's markup: nothing in it runs, nothing is fetched, and it has no origin."""


def set_security_headers(
    response: Response, *, frames: Iterable[str], forms: Iterable[str] = (), sealed: bool = False
) -> Response:
    """Set the security headers of a page.

    frames: origins that may frame it. forms: origins that its forms may submit to, besides our own.
    sealed: whether it holds a student's markup.
    """
    policy: Mapping[str, tuple[str, ...]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "connect-src": ("'self'",),
        "img-src": ("'self'", "data:"),
        "form-action": ("'self'", *forms),
        "base-uri": ("'none'",),
    }
    policy = {**(SEALED if sealed else policy), "frame-ancestors": ("'self'", *frames)}
    directives = "; ".join(" ".join((name, *values)) for name, values in policy.items())
    response.headers["Content-Security-Policy"] = directives
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def set_cookie(response: Response, value: str, *, seconds: int) -> Response:
    """Store a value in the browser, also within the LMS's frame, to be sent back to this host alone."""
    response.set_cookie(cookie_name(value), value, max_age=seconds, **COOKIE_ATTRIBUTES)
    return response


def delete_cookie(response: Response, value: str) -> Response:
    """Delete the cookie of a value from the browser."""
    response.delete_cookie(cookie_name(value), **COOKIE_ATTRIBUTES)
    return response


def cookie_name(value: str) -> str:
    """Return the cookie's name: one per value, since a page of an LMS may open several activities at once."""
    return COOKIE + "".join(
        char for char in value[:16] if char.isascii() and (char.isalnum() or char in "-_")
    )
