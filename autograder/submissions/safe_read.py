"""Safe reading of submitted files: no links, no pipes, bounded sizes."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import UnreadableSubmission
from autograder.text import Text

MAX_FILE = 50_000_000
MAX_DATA, MAX_DATA_FILES = 50_000_000, 1_000
OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")


def read_bytes(path: Path, below: Path | None = None) -> bytes:
    """A regular file's bytes, without following a link and without waiting on a pipe.

    below: a folder above the file; no folder between the two may be a link either.
    Raises Refusal for anything else, and for a file that is too big.
    """
    refused = Text(
        ko="제출한 것이 너무 크거나 보통 파일이 아니어서(링크 등) 읽지 않았습니다. "
        "출력을 지운 노트북 파일을 제출하세요.",
        en="what was handed in is too big, or no regular file (but a link, say), and was not read; "
        "hand in the notebook file itself, its outputs cleared",
    )
    parts = path.relative_to(below).parts if below is not None else (path.name,)
    try:
        descriptor = _open_without_links(below or path.parent, parts)
    except OSError:
        raise UnreadableSubmission(refused) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or status.st_size > MAX_FILE:
        os.close(descriptor)
        raise UnreadableSubmission(refused)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE)


def _open_without_links(start: Path, parts: Sequence[str]) -> int:
    """Open the file that `parts` lead to from the folder `start`, none of them a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if os.open not in os.supports_dir_fd:  # Windows: links there take an administrator to make
        return os.open(start.joinpath(*parts), flags)
    folder = os.open(start, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts[:-1]:
        try:
            inner = os.open(part, flags | os.O_DIRECTORY, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    try:
        return os.open(parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)


def set_aside(root: Path, parts: Sequence[str], place: Path) -> list[Path]:
    """Move out of the folder that `parts` lead to from `root` all but folders, regular files and notebooks.

    A part that is itself a link is moved. So are data files where there are more of them, or of more bytes, than are
    copied for every submission; a file with holes counts as long as it says it is. Returns what was moved, now in a
    folder of its own below `place`: what an earlier submission left there, such as a link, is never passed through.
    """
    suspects = [root.joinpath(*parts[: count + 1]) for count in range(len(parts))]
    aside = [path for path in suspects if path.is_symlink()][:1]
    if not aside:
        data: list[Path] = []
        for where, folders, names in os.walk(suspects[-1]):
            for path in (Path(where, name) for name in (*folders, *names)):
                if path.suffix != ".ipynb":
                    (data if is_plain(path) else aside).append(path)
        aside += _too_many([path for path in data if not path.is_dir()])
    moved: list[Path] = []
    if not aside:
        return moved
    place.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="from-", dir=place))
    for path in aside:
        target = fresh / path.relative_to(root)
        # only folders of the submission lie between: links are not walked into
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        moved.append(target)
    return moved


def _too_many(data: list[Path]) -> list[Path]:
    """Of a submission's data files those beyond what is copied: the small ones are kept, the exchange's own first."""
    sizes = {path: path.lstat().st_size for path in data}
    ordered = sorted(data, key=lambda path: (path.name not in OF_THE_EXCHANGE, sizes[path], path))
    total, beyond = 0, []
    for number, path in enumerate(ordered):
        total += sizes[path]
        if number >= MAX_DATA_FILES or total > MAX_DATA:
            beyond.append(path)
    return beyond


def is_plain(path: Path) -> bool:
    """Whether it is a folder, or a regular file of one name."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)
