"""Memory that Linux holds on behalf of processes: page tables, mappings and what descriptors lead to."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .proc import sizes

DESCRIPTOR_BYTES = 10_000
"""A full pipe whose user has many, by two; measured on Linux 6.18."""
MAPPING_BYTES = 220
"""Measured on Linux 6.18 (`vm_area_struct` and its place in a tree). A process has at most 65,530 mappings."""
FEW_PROCESSES, READ_AT_ONCE = 8, 8


class Overhead:
    """Estimates the overhead of processes, again and again."""

    def __init__(self) -> None:
        self._mappings: dict[str, int] = {}
        """Number of mappings of processes, those read longest ago first."""

    def measure(self, tasks: list[str]) -> int:
        """Return the number of bytes. tasks: a /proc folder of each process."""
        tables = sum(sizes(f"{task}/status", ("VmPTE:",)) for task in tasks)
        return tables + DESCRIPTOR_BYTES * sum(map(_descriptor_count, tasks)) + self._mapping_bytes(tasks)

    def _mapping_bytes(self, tasks: list[str]) -> int:
        """Return the memory of mappings; of many processes, a part is read each time, since that takes long."""
        if len(tasks) <= FEW_PROCESSES:
            return 0
        known = {task: count for task, count in self._mappings.items() if task in set(tasks)}
        unknown = [task for task in tasks if task not in known]
        for task in [*unknown, *known][:READ_AT_ONCE]:
            known.pop(task, None)
            known[task] = _mapping_count(task)
        self._mappings = known
        return MAPPING_BYTES * sum(known.values()) * len(tasks) // len(known)


def _descriptor_count(task: str) -> int:
    """Return the number of open descriptors; before Linux 6.2, for how many there is room."""
    with contextlib.suppress(OSError):
        if (count := os.stat(f"{task}/fd").st_size) > 0:
            return count
    return sizes(f"{task}/status", ("FDSize:",), unit=1)


def _mapping_count(task: str) -> int:
    with contextlib.suppress(OSError):
        return Path(f"{task}/maps").read_bytes().count(b"\n")
    return 0
