"""Files that are there as a whole or not at all, whenever a command is ended."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

FORMULA = ("=", "+", "-", "@", "\t", "\r")
PART = ".part"  # of a file that is still being written, or was when its command was killed


@contextlib.contextmanager
def atomic_file(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write to; put in the place of what was there at the end of the block, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=PART, delete=False) as file:
        part = Path(file.name)
        try:
            yield file
            file.close()
            part.chmod(mode & ~_umask())
            part.replace(path)
        except BaseException as error:
            with contextlib.suppress(OSError):  # of what is still to be written
                file.close()
            part.unlink()
            if isinstance(error, OSError) and not error.filename:
                error.filename = str(path)
            raise


def _umask() -> int:
    """What the operator keeps from others. To ask the system for it is to set it, which other threads would meet."""
    try:
        [told] = re.findall(
            r"^Umask:\s+([0-7]+)$", Path("/proc/self/status").read_text(errors="replace"), re.MULTILINE
        )
        return int(told, 8)
    except (OSError, ValueError):  # no Linux
        umask = os.umask(0o077)
        os.umask(umask)
        return umask


def atomic_write(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Put a file in the place of what was there, in one step; text is written in UTF-8.

    mode: of the file, of which the umask takes off what it takes off any file.
    """
    with atomic_file(path, mode=mode) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def as_cell(value: object) -> object:
    """Return a value for a CSV file that people open in a spreadsheet: no text is taken for a formula there."""
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def of_cell(text: str) -> str:
    """The text that `as_cell` put into a CSV file."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'").startswith(FORMULA)


def replace_all(fresh: Mapping[Path, Path]) -> None:
    """Put a copy of each file of `fresh` in the place that is its key, once all copies are written."""
    parts = {path: path.with_name(f".{path.name}{PART}") for path in fresh}
    try:
        for path, source in fresh.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copy(source, parts[path])
            except OSError as error:
                error.filename, error.filename2 = str(path), None
                raise
        for path, part in parts.items():
            part.replace(path)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise


def files_below(folder: Path) -> dict[str, bytes]:
    """Return what the files below a folder hold, by their paths in it; what is no file of a person's is left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and ".ipynb_checkpoints" not in path.parts
        and not (path.name.startswith(".") and path.suffix == PART)
    }
