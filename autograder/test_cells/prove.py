"""Proves the tests of a notebook on the author's own solutions, and finds out in which kernel each can run."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode

from autograder.errors import AnswerError
from autograder.i18n import _
from autograder.notebooks.cells import grade_id, is_solution
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession
from autograder.test_cells.inspection import looks_inside
from autograder.test_cells.plan import Plan, Step
from autograder.test_cells.proof import Outcome, Proof
from autograder.test_cells.run import IS_NUMBER, REPLACED, NotebookRun
from autograder.text import Text

WANTED = _("c.CourseSettings.together names it")
REPLACES = _("it replaces a function or a limit that the student's code may use")
LEAVES = _("it shares names with a test that runs among the student's code")
OpenSessions = Callable[..., contextlib.AbstractContextManager[tuple[KernelSession, KernelSession]]]
"""Opens the session of a student and that of the tests, which lacks the files whose paths are given, if any are."""
WRITTEN = "autograder_written"
DEFINE_WRITTEN = f"""\
def {WRITTEN}():
    import os, pathlib
    home = pathlib.Path(os.environ["HOME"])
    return {{f"{{path.relative_to(home)}}": path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}}
"""
STATES = "autograder_states"
DEFINE_STATES = f"""\
def {STATES}(names):
    return {{name: repr(vars(value))[:50_000] for name in names if hasattr(value := globals()[name], "__dict__")}}
"""


def prove(
    plan: Plan,
    release: NotebookNode,
    open_sessions: OpenSessions,
    limits: Limits,
    *,
    together: Collection[str] = (),
) -> Proof:
    """Return the proof of a plan.

    release: its notebook, whose cells have ids. together: tests that the course wants among the student's code.
    """
    if not plan.tests:
        return Proof(plan)
    solved = solved_notebook(plan, release)
    changed: dict[str, frozenset[str]] = {}
    plan = replace(plan, changed=changed)
    with open_sessions() as (student, tests):
        watch = _Watch(plan, student, limits, changed)
        run = NotebookRun(plan, student, tests, limits)
        apart = run.outcomes(copy.deepcopy(solved), around=watch.around)
        first_error, author_seconds = run.first_error, run.author_seconds
        objects = run.recorded
        rewritten = watch.rewritten()
    if rewritten:
        # the author's are there, too, and a test that reads them would pass whatever a student writes
        with open_sessions(rewritten) as (student, tests):
            outcomes = NotebookRun(plan, student, tests, limits).outcomes(
                copy.deepcopy(solved), tests_only=True
            )
        apart |= {step.id: outcomes[step.id] for step in plan.tests if _passes(apart[step.id], step)}
    steps = {step.id: step for step in plan.tests}
    inside = {
        step.id: looks_inside(step) or (REPLACES if REPLACED in objects.get(step.id, ()) else None)
        for step in plan.tests
    }
    refused = {
        step.id: apart[step.id]
        for step in plan.tests
        if step.id in together or inside[step.id] or not _passes(apart[step.id], step)
    }
    apart_alone = {name for name in refused if _passes(refused[name], steps[name])}
    """Tests that only look inside, or that the course wants among the student's code."""
    outcomes, chosen = apart, {*refused}
    if refused or any(not key.endswith(IS_NUMBER) for found in objects.values() for key in found):

        def run_again(chosen: Collection[str]) -> dict[str, Outcome]:
            with open_sessions() as (student, tests):
                run = NotebookRun(plan, student, tests, limits, together=chosen, objects=objects)
                return run.outcomes(copy.deepcopy(solved), tests_only=True)

        outcomes, chosen = _settle(steps, chosen, apart_alone, run_again)
    reasons: dict[str, Text] = {}
    for name in chosen:
        if name in refused:
            wanted = WANTED if name in together else inside[name]
            reasons[name] = wanted or _why(refused[name])
        else:
            reasons[name] = LEAVES
    failing = {name: outcomes[name] for name, step in steps.items() if not _passes(outcomes[name], step)}
    reasons = {name: reason for name, reason in reasons.items() if name not in failing}
    objects = {name: found for name, found in objects.items() if found and name not in reasons}
    with open_sessions() as (student, tests):
        run = NotebookRun(plan, student, tests, limits, together=reasons, objects=objects)
        untouched = run.outcomes(copy.deepcopy(release), tests_only=True)
    free = tuple(step.id for step in plan.tests if step.points and untouched[step.id].earned > 0)
    partial = tuple(
        name for name, step in steps.items() if step.points and outcomes[name].shown == step.points
    )
    return Proof(
        plan, reasons, objects, failing, free, partial, first_error if failing else "", author_seconds
    )


def _settle(
    steps: Mapping[str, Step],
    chosen: set[str],
    apart_alone: Collection[str],
    run_again: Callable[[Collection[str]], dict[str, Outcome]],
) -> tuple[dict[str, Outcome], set[str]]:
    """Return which tests run among the student's code so that all pass that can, and how they end in that mix.

    Tests share names: one that runs apart needs what an earlier one left in the same kernel.

    steps: the tests, in their order. chosen: those that cannot run apart, and `apart_alone`, which rather do not.
    """
    apart_for_good, tried = set[str](), set[str]()
    may_return = {*apart_alone}
    while True:
        outcomes = run_again(chosen)
        lost = {name for name, step in steps.items() if not _passes(outcomes[name], step)}
        fallen = lost - chosen - apart_for_good
        back = lost & chosen & may_return
        if not fallen and not back:
            break
        mentioned = frozenset[str]().union(*(steps[name].mentioned for name in back - tried))
        tried |= back
        if defining := {name for name, step in steps.items() if step.defined & mentioned} - chosen:
            # among the student's code, they may pass with the tests that define what they mention
            may_return |= defining
            chosen = chosen | fallen | defining
            continue
        apart_for_good |= back
        chosen = (chosen | fallen) - back
    if lost and len(chosen) < len(steps):
        everything = run_again(steps)
        if sum(not _passes(everything[name], step) for name, step in steps.items()) < len(lost):
            return everything, {*steps}
    return outcomes, chosen


def solved_notebook(plan: Plan, release: NotebookNode) -> NotebookNode:
    """Return a release with the author's solutions in its code cells."""
    notebook = copy.deepcopy(release)
    solutions = {step.id: step.source for step in plan.steps if step.kind == "answer"}
    for cell in notebook.cells:
        if is_solution(cell) and grade_id(cell) in solutions:
            cell.source = solutions[grade_id(cell)]
    return notebook


def _passes(outcome: Outcome, step: Step) -> bool:
    return outcome.ungraded is None and not outcome.error and outcome.earned >= step.points


def _why(outcome: Outcome) -> Text:
    if outcome.ungraded is not None:
        return outcome.ungraded
    error = f"{outcome.error}: {outcome.message}".removesuffix(": ")
    return _("it fails apart from that code: {error}", error=error)


class _Watch:
    """Finds what solutions change: the values of names of the author's other cells, and files beside the notebook."""

    def __init__(
        self, plan: Plan, student: KernelSession, limits: Limits, changed: dict[str, frozenset[str]]
    ) -> None:
        self._student, self._limits, self._changed = student, limits, changed
        mentioned = frozenset().union(*(step.mentioned for step in plan.steps if step.kind != "answer"))
        shared = (step.defined for step in plan.steps if step.kind == "shared")
        self._names = sorted(frozenset().union(*shared) & mentioned)
        self._files = self._written()
        """When each file was last written by a cell other than a solution, by path."""

    @contextlib.contextmanager
    def around(self, step: Step) -> Iterator[None]:
        """Compare values before and after an answer cell, and files before and after one of the author's others."""
        if step.kind == "answer":
            before = self._values()
            yield
            after = self._values()
            self._changed[step.id] = frozenset(name for name in after if before.get(name) != after[name])
        elif self._files:
            written = self._written()
            yield
            self._files |= {path: now for path, now in self._written().items() if written.get(path) != now}
        else:
            yield

    def rewritten(self) -> list[str]:
        """Return the paths of the files beside the notebook that solutions or their calls in tests have changed."""
        now = self._written() if self._files else {}
        return [path for path, moment in self._files.items() if now and now.get(path) != moment]

    def _written(self) -> dict[str, int]:
        """Return when each file was written last, by path; nothing if the kernel cannot tell."""
        self._student.run(DEFINE_WRITTEN)
        try:
            return dict(self._student.call(WRITTEN).value)
        except AnswerError:
            return {}

    def _values(self) -> dict[str, Any]:
        if not self._names:
            return {}
        try:
            text = self._student.ask(self._limits.call, "answer", json.dumps({"values": self._names}))
            found: dict[str, Any] = json.loads(text)["found"]
            if objects := [
                name
                for name, data in found.items()
                if isinstance(data.get("value"), dict) and "object" in data["value"]
            ]:
                self._student.run(DEFINE_STATES)
                states: dict[str, str] = self._student.call(STATES, objects).value
                found |= {name: [found[name], state] for name, state in states.items()}
            return found
        except (AnswerError, ValueError, KeyError, TypeError, AttributeError):
            return {}
