"""System call filter, built rule by rule as classic BPF (Documentation/userspace-api/seccomp_filter)."""

from __future__ import annotations

import ctypes
import itertools
import os
import struct
import types
from collections.abc import Iterable, Mapping

from .libc import syscall

MACHINES: Mapping[str, tuple[int, int]] = types.MappingProxyType(
    {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}
)
"""AUDIT_ARCH and the number of `seccomp`, by machine."""
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, KILL_PROCESS, ANSWER = 0x7FFF0000, 0x80000000, 0x00050000
SET_MODE_FILTER, ALL_THREADS = 1, 1

Code = tuple[int, int, int, int]
"""Operation, value, and the number of instructions to skip if a comparison holds or fails."""


class Filter:
    """Rules for system calls; the first rule that matches a call decides.

    A call is given by its number on this machine; None, for a call that this machine does not have, adds no rule.
    An `error` is an errno; 0 makes the call succeed without doing anything.
    """

    def __init__(self) -> None:
        self._code: list[bytes] = []
        self._add(LOAD, ARCHITECTURE)
        self._add(EQUAL, MACHINES[os.uname().machine][0], yes=1)
        self._add(RETURN, KILL_PROCESS)
        self._add(LOAD, NUMBER)

    def answer(self, call: int | None, error: int) -> None:
        """Return an error from a call, whatever its arguments."""
        if call is not None:
            self._add(EQUAL, call, no=1)
            self._add(RETURN, ANSWER | error)

    def answer_with_bits(self, call: int | None, argument: int, bits: int, error: int) -> None:
        """Return an error from a call if any of `bits` is set in an argument."""
        self.look_at(call, argument, [(ANY_BIT, bits, 0, 1), (RETURN, ANSWER | error, 0, 0)])

    def answer_without_bits(self, call: int | None, argument: int, bits: int, error: int) -> None:
        """Return an error from a call if none of `bits` is set in an argument."""
        self.look_at(call, argument, [(ANY_BIT, bits, 1, 0), (RETURN, ANSWER | error, 0, 0)])

    def answer_unless(self, call: int | None, argument: int, values: tuple[int, ...], error: int) -> None:
        """Return an error from a call if an argument is not one of `values`."""
        code = [(EQUAL, value, len(values) - index, 0) for index, value in enumerate(values)]
        self.look_at(call, argument, [*code, (RETURN, ANSWER | error, 0, 0)])

    def look_at(self, call: int | None, argument: int, code: list[Code]) -> None:
        """Run code for one call with the low half of an argument loaded; both machines are little-endian."""
        if call is not None:
            self._add(EQUAL, call, no=len(code) + 2)
            self._add(LOAD, ARGUMENTS + 8 * argument)
            for operation, value, yes, no in code:
                self._add(operation, value, yes=yes, no=no)
            self._add(LOAD, NUMBER)

    def allow(self, calls: Iterable[int]) -> None:
        """Allow these calls; all others that no rule has matched yet are unknown from here on.

        Consecutive numbers take one comparison. The system evaluates this once per number and caches most results.
        """
        for _, run in itertools.groupby(enumerate(sorted(set(calls))), lambda pair: pair[1] - pair[0]):
            numbers = [number for _, number in run]
            self._add(AT_LEAST, numbers[-1] + 1, yes=2)
            self._add(AT_LEAST, numbers[0], no=1)
            self._add(RETURN, ALLOW)

    def install(self, unknown: int | None = None, *, all_threads: bool = False) -> None:
        """Install the filter on this thread and all threads that it starts. Needs no_new_privs. Raises OSError.

        unknown: error returned from calls without a rule; None allows them.
        all_threads: install it on the running threads as well.
        """
        self._add(RETURN, ALLOW if unknown is None else ANSWER | unknown)
        program = ctypes.create_string_buffer(b"".join(self._code))
        header = struct.pack("HxxxxxxP", len(self._code), ctypes.addressof(program))
        number = MACHINES[os.uname().machine][1]
        flags = ALL_THREADS if all_threads else 0
        if syscall(number, SET_MODE_FILTER, flags, header, what="seccomp"):
            raise OSError("seccomp: another thread has a different filter")

    def _add(self, operation: int, value: int, *, yes: int = 0, no: int = 0) -> None:
        self._code.append(struct.pack("HBBI", operation, yes, no, value & 0xFFFFFFFF))
