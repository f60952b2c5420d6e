"""Style sheets and scripts: browsers keep them for good, under URLs that change with their content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

KEPT = "public, max-age=31536000, immutable"


def add_versions(app: Flask) -> None:
    """Add a digest of the content to the URLs of static files, in all templates of the application."""

    @lru_cache
    def digest(endpoint: str, name: str) -> str:
        blueprint = endpoint.rpartition(".")[0]
        owner = app.blueprints[blueprint] if blueprint else app
        path = Path(owner.static_folder or "", name)
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint.rpartition(".")[2] == "static" and "filename" in values:
            values["v"] = digest(endpoint, values["filename"])

    @app.after_request
    def keep(response: Response) -> Response:
        # a page of a newer version may ask an older process, whose content must not stay
        if is_static() and response.status_code in (200, 304):
            current = digest(request.endpoint or "", (request.view_args or {})["filename"])
            if current and request.args.get("v") == current:
                response.headers["Cache-Control"] = KEPT
        return response


def is_static() -> bool:
    """Return whether the request is for a static file, which holds nothing of anybody."""
    return (request.endpoint or "").rpartition(".")[2] == "static"
