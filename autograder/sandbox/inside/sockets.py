"""Memory of sockets, which counts for no process."""

from __future__ import annotations

from pathlib import Path

from .proc import sizes

BUFFER_BYTES = 212_992
"""The most that one direction of a socket holds: Linux's `net.core.wmem_default` and `rmem_default`, which the system
call filter keeps, and for TCP, what `bound_buffers` sets."""


def bound_buffers() -> None:
    """Have TCP sockets of this network namespace hold no more than others. Raises OSError if that cannot be set."""
    for path in (Path("/proc/sys/net/ipv4/tcp_rmem"), Path("/proc/sys/net/ipv4/tcp_wmem")):
        if path.exists():
            least, usual, _ = map(int, path.read_text().split())
            path.write_text(f"{min(least, BUFFER_BYTES)} {min(usual, BUFFER_BYTES)} {BUFFER_BYTES}")


def most_bytes(network: str) -> int:
    """Return the most that the sockets of a network namespace may hold. network: its folder in /proc.

    All are counted, also those that no table of a protocol shows: closed ones with unread data, and those in transit.
    """
    return sizes(f"{network}/sockstat", ("sockets:",), place=2, unit=2 * BUFFER_BYTES)
