"""Reading /proc."""

from __future__ import annotations

from pathlib import Path


def sizes(path: str, names: tuple[str, ...], *, place: int = 1, unit: int = 1024) -> int:
    """Return the sum of some sizes in a /proc file, in bytes; 0 if the process has ended.

    names: with which their lines begin. place: of the size among the words of its line.
    """
    read = [line.split() for line in lines(path) if line.startswith(tuple(name.encode() for name in names))]
    return sum(int(words[place]) * unit for words in read if len(words) > place and words[place].isdigit())


def lines(path: str) -> list[bytes]:
    """Return the lines of a /proc file as bytes, since names in it may contain other line ends; empty if it is gone."""
    try:
        return Path(path).read_bytes().split(b"\n")
    except OSError:
        return []
