"""Atomic writes: a file is complete or absent, whenever a command is killed. And CSV cells safe for spreadsheets."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

CELL_START = r"(^|[;|\t\r\n])"
"""Where a spreadsheet may begin a cell: it may divide at semicolons or tabs, too."""
BEGINNING = r"""["']*[=+\-@＝＋－＠\t\r]"""
"""How a formula may begin, in quotes or not; also in the wide characters of Korean and Japanese."""
FORMULA = re.compile(f"{CELL_START}(?={BEGINNING})")
ESCAPED = re.compile(f"{CELL_START}'(?={BEGINNING})")
PART = ".part"  # a file that is still being written, or was when its command was killed


@contextlib.contextmanager
def atomic_file(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` atomically at the end of the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=PART, delete=False) as file:
        part = Path(file.name)
        try:
            yield file
            file.close()
            part.chmod(mode & ~_umask())
            part.replace(path)
        except BaseException as error:
            with contextlib.suppress(OSError):  # flushing the rest may fail again
                file.close()
            part.unlink()
            if isinstance(error, OSError) and not error.filename:
                error.filename = str(path)
            raise


def _umask() -> int:
    """Return the process's umask. os.umask() can only read it by setting it, which affects other threads."""
    try:
        [octal] = re.findall(
            r"^Umask:\s+([0-7]+)$", Path("/proc/self/status").read_text(errors="replace"), re.MULTILINE
        )
        return int(octal, 8)
    except (OSError, ValueError):  # not Linux
        umask = os.umask(0o077)
        os.umask(umask)
        return umask


def atomic_write(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Write a file atomically; text is encoded as UTF-8.

    mode: of the file; the umask applies as for any file.
    """
    with atomic_file(path, mode=mode) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def csv_file(rows: Iterable[Iterable[object]]) -> bytes:
    """Return a CSV file for spreadsheets, UTF-8 with the byte order mark by which they recognize it.

    No text in it is taken for a formula. None is an empty cell; a lone surrogate becomes a question mark.
    """
    text = io.StringIO()
    csv.writer(text).writerows(map(as_cell, row) for row in rows)
    return text.getvalue().encode("utf-8-sig", errors="replace")


def as_cell(value: object) -> object:
    """Return a value escaped for a CSV file, so that a spreadsheet takes no part of a text for a formula."""
    return FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def of_cell(text: str) -> str:
    """Return the text that `as_cell` escaped."""
    return ESCAPED.sub(r"\1", text)


def replace_all(fresh: Mapping[Path, Path]) -> None:
    """Replace each key of `fresh` by a copy of the file that is its value, once all copies are written."""
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


def visible_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order, without hidden ones, Python's caches and notebook checkpoints."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part[0] == "." or part == "__pycache__" for part in parts):
            yield path


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files below a folder, by relative path, without checkpoints and temporary files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and ".ipynb_checkpoints" not in path.parts
        and not (path.name.startswith(".") and path.suffix == PART)
    }
