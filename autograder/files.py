"""Files that are there as a whole or not at all, whenever a command is ended."""

from __future__ import annotations

import tempfile
from pathlib import Path


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Put a file in the place of what was there, in one step; text is written in UTF-8."""
    raw = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        file.write(raw)
    try:
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink()
        raise
