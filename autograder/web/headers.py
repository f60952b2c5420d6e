"""What every page of ours tells the browser: who may frame it, and that nothing but our own files runs in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response

COOKIE = "__Host-lti-"
"""Browsers take a cookie of this name only from this very host, and only over HTTPS."""


SEALED: Mapping[str, tuple[str, ...]] = {
    "sandbox": (),
    "default-src": ("'none'",),
    "style-src": ("'unsafe-inline'",),
    "img-src": ("data:",),
    "form-action": ("'none'",),
    "base-uri": ("'none'",),
}
"""Of a page that holds a student's markup: nothing in it runs, nothing is fetched, and it is of no origin."""


def guard(
    response: Response, *, frames: Iterable[str], forms: Iterable[str] = (), sealed: bool = False
) -> Response:
    """Set the headers of a page. frames: origins that may show it. forms: where its forms go beside to us."""
    policy: Mapping[str, tuple[str, ...]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "connect-src": ("'self'",),
        "img-src": ("'self'",),
        "form-action": ("'self'", *forms),
        "base-uri": ("'none'",),
    }
    policy = {**(SEALED if sealed else policy), "frame-ancestors": ("'self'", *frames)}
    told = "; ".join(" ".join((name, *values)) for name, values in policy.items())
    response.headers["Content-Security-Policy"] = told
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def keep(response: Response, value: str, *, seconds: int) -> Response:
    """Have the browser keep a value that it got, inside the LMS's frame too, and send it back to nobody else."""
    response.set_cookie(
        cookie_of(value),
        value,
        max_age=seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


def let_go(response: Response, value: str) -> Response:
    """Have the browser forget a value that it kept."""
    response.delete_cookie(
        cookie_of(value), path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )
    return response


def cookie_of(value: str) -> str:
    """The cookie's name: one for each value, since a page of an LMS may open several activities at once."""
    return COOKIE + "".join(one for one in value[:16] if one.isascii() and (one.isalnum() or one in "-_"))
