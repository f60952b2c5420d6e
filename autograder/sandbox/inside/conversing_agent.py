"""The agent of kernels that run nbgrader's own tests: it also speaks with the agent of another kernel."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from .agent import Agent
from .author_test import Guard, run_test
from .peer import MAX_TEXT, Blocked, Peer


class ConversingAgent(Agent):
    """An agent whose kernel calls functions of another one, and is called."""

    max_reply = MAX_TEXT

    def __init__(self, shell: Any, ask: Callable[[str], str]) -> None:
        super().__init__(shell.user_ns, shell.transform_cell)
        self._shell, self._guard = shell, Guard()
        self._peer = Peer(shell.user_ns, ask)

    def do_answer(self, request: str) -> dict[str, Any]:
        """Carry out a request of the other kernel."""
        return self._peer.answer(json.loads(request))

    def do_watch(self, texts: list[str]) -> dict[str, Any]:
        """Become the agent of the kernel of the tests, which runs no text as code but these; see `TextGuard`."""
        self._peer.belong_to_tests(texts)
        return {"value": None}

    def do_receive(
        self, values: str, names: list[str], answers: list[str], assigned: list[str]
    ) -> dict[str, Any]:
        """Bind values of the other kernel to names; see `Peer.receive`."""
        return self._peer.receive(json.loads(values), names, answers, assigned)

    def do_admit(self, objects: list[str] | None) -> dict[str, Any]:
        """Let objects of the other kernel in: those that are listed, or all, while what comes is recorded.

        Returns the list of what was recorded since the last call.
        """
        return {"value": self._peer.objects.admit(None if objects is None else frozenset(objects))}

    def do_test(self, source: str, token: str, names: list[str]) -> dict[str, Any]:
        """Run a test with functions and values of the other kernel; see `run_test`. names: that it reads."""
        self._peer.begin_test(names)
        return self._outcome(source, token, self._peer.end_test)

    def do_test_here(self, source: str, token: str, defined: list[str]) -> dict[str, Any]:
        """Run a test among the student's code, after putting back what tests judge by; see `run_test`.

        defined: names that it defines, which later tests see as it left them.
        """
        self._guard.restore(self.namespace)
        return self._outcome(source, token, lambda: self._guard.keep_again(self.namespace, defined))

    def do_keep(self, names: list[str]) -> dict[str, Any]:
        """Keep what names mean now, for tests that run among the student's code."""
        self._guard.keep(self.namespace, names)
        return {"value": None}

    def _outcome(self, source: str, token: str, end: Callable[[], None]) -> dict[str, Any]:
        self._peer.check_copies()  # of a cell before it
        self._peer.blocked = self._peer.stopped = ""
        outcome = run_test(source, self._shell, token)
        self._peer.check_copies()
        outcome |= {"blocked": self._peer.blocked, "stopped": self._peer.stopped}
        outcome["vacuous"] = ", ".join(sorted(self._peer.vacuous.places))
        self._peer.vacuous.end_step()
        with contextlib.suppress(Blocked):
            end()
        return outcome
