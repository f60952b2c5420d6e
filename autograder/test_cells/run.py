"""Runs a notebook by its plan: the student's cells in one sealed kernel, the author's cells and tests in another.

Nothing of a student's is decoded here: this process only carries the messages of the two kernels.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode

from autograder.errors import AnswerError
from autograder.grading.notebook_grader import cell_failed, run_cell
from autograder.i18n import LANGUAGES, _
from autograder.sandbox.kernel import Conversation
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession
from autograder.sandbox.wire import MAX_PARTS
from autograder.test_cells.names import as_python, given_anew
from autograder.test_cells.plan import Plan, Step, is_run
from autograder.test_cells.proof import CANNOT_CROSS, Outcome
from autograder.text import Text, one_line, visible

MAX_MESSAGE = 600
MAX_SIDE = 120
TOO_BIG = '{"fault": "not data"'
"""Beginning of the agent's reply in the place of one that is too long."""
VACUOUS = _(
    "the test passed, but {places} is empty or has missing values, unlike in the author's solution, and "
    "comparisons may hold for any such value"
)
ABOVE = _("the test returned {value}, but is worth {points} points")
IS_NUMBER = " is a number"
"""End of what tells a kernel that the author's solution has a number at a place; it lets nothing in."""
REPLACED = "call() beside a replacement"
"""What tells that a test has replaced a function that the student's code may use."""
INPUTS = ("_i", "_ii", "_iii")
"""IPython's names of the cells that ran last, the latest first."""
LAST_VALUE = "_"
"""IPython's name of what the cell before shows as its value."""
OF_EVERY_KERNEL = frozenset(
    [*dir(builtins), "get_ipython", "display", "In", "Out", "exit", "quit", LAST_VALUE, "__", "___", *INPUTS]
)
"""Names that are not a student's unless an author's solution defines them."""


class NotebookRun:
    """One run of a notebook. The outputs of the student's cells are written into it."""

    def __init__(
        self,
        plan: Plan,
        student: KernelSession,
        tests: KernelSession,
        limits: Limits,
        *,
        together: Collection[str] = (),
        objects: Mapping[str, Collection[str]] | None = None,
        hidden: bool = True,
    ) -> None:
        """Prepare a run.

        student, tests: sessions with kernels that converse. together: ids of the tests that run in the student's
        kernel. objects: what objects of the student's may be used in the other one, and where, by test, and under ""
        in all of them; None to record what is. hidden: whether hidden tests are run as well.
        """
        self._plan, self._student, self._tests, self._limits = plan, student, tests, limits
        self._together, self._hidden = set(together), hidden
        here = [step for step in plan.steps if step.kind == "test" and step.id in self._together]
        self._needed_here = frozenset[str]().union(*(step.mentioned for step in here))
        """Names that tests mention which run in the student's kernel."""
        self._to_come = {step.id for step in plan.tests} - self._together
        """The tests that are still to run in a kernel of their own."""
        self._of_student: set[str] = set()
        """Names that the student's cells have defined last."""
        self._of_author: set[str] = set()
        """Names that the author's cells have defined last."""
        self._objects = objects
        self._admitted: Collection[str] | None = ()
        """The objects admitted last."""
        self.recorded: dict[str, frozenset[str]] = {}
        """Objects of the student's that tests used, in the form of `objects`."""
        self._lost = False
        """Whether the kernel of the tests has ended."""
        self._answer_failed: Text | None = None
        """How the last answer cell stopped, if it did."""
        self.first_error = ""
        """The first cell of the notebook that stopped, other than a test, and its error; empty if none did."""
        self.author_seconds = 0.0
        """How long the author's cells took in the kernel of the tests."""
        self._ran_out = False
        """Whether the last test had no time left for a call."""
        self._answer_seconds = 0.0
        """How long the student's code was called in the last test."""

    def outcomes(
        self,
        notebook: NotebookNode,
        *,
        around: Callable[[Step], contextlib.AbstractContextManager[None]] | None = None,
        tests_only: bool = False,
    ) -> dict[str, Outcome]:
        """Run a notebook and return the outcomes of its tests by id.

        around: surrounds each released cell but tests. tests_only: whether the run ends with the last test, because
        the outputs of later cells are not needed.
        """
        outcomes: dict[str, Outcome] = {}
        sources: list[str] = []
        self._begin()
        for cell in notebook.cells:
            if tests_only and len(outcomes) == len(self._plan.tests):
                break
            if not is_run(cell):
                continue
            step = self._plan.step_of(cell)
            if step is not None and step.kind == "test":
                self._tell_inputs(step, sources)
                outcomes[step.id] = replace(self._test(step), answer_failed=self._answer_failed)
                self._of_student.discard(LAST_VALUE)
                sources.append(step.released)
                self._to_come.discard(step.id)
                is_there = step.id in self._together
                if step.used_later or (not is_there and self._needed_here & step.defined):
                    self._student.run(step.released)
                continue
            sources.append(cell.source)
            with around(step) if around and step else contextlib.nullcontext():
                ran = run_cell(cell, self._student)
            self._of_student.add(LAST_VALUE)
            if ran.error and step is not None and not self.first_error:
                self.first_error = f"{step.id}: {ran.error}: {ran.detail}".removesuffix(": ")
            if step is not None and step.kind == "answer":
                stopped = ran.error and ran.error != "NotImplementedError"
                self._answer_failed = cell_failed(f"{ran.error}: {ran.detail}") if stopped else None
                names = step.defined | self._plan.changed.get(step.id, frozenset())
                self._of_student |= names
                self._of_author -= names
            elif step is not None:
                self._run_shared(step)
        return outcomes

    def _begin(self) -> None:
        """Tell the kernel of the tests, if any is to run there, which texts are the author's."""
        if not self._to_come:
            return
        try:
            reply = self._tests.ask(self._limits.call, "watch", sorted(self._plan.texts))
            self._lost = "value" not in json.loads(reply)  # nothing is run there without
        except AnswerError:
            self._lost = True

    @contextlib.contextmanager
    def _admitting(self, step: Step) -> Iterator[None]:
        """Let objects of the student's into the kernel of the tests for a step, or record which it uses."""
        if self._objects is None:
            self._admit(None)
        elif self._objects:
            admitted = sorted({*self._objects.get(step.id, ()), *self._objects.get("", ())})
            if admitted != self._admitted:
                self._admit(admitted)
        yield
        if self._objects is None and not self._lost:
            found = self._admit(None)
            of_all = frozenset(key for key in found if step.kind != "test" or _is_of_all_tests(key))
            self.recorded[""] = self.recorded.get("", frozenset()) | of_all
            self.recorded[step.id] = frozenset(found) - of_all

    def _admit(self, objects: list[str] | None) -> list[str]:
        with contextlib.suppress(AnswerError, ValueError, KeyError, TypeError):
            found: list[str] = json.loads(self._tests.ask(self._limits.call, "admit", objects))["value"]
            self._admitted = objects
            return found
        return []

    def _tell_inputs(self, step: Step, sources: list[str]) -> None:
        """Give IPython's names of the last inputs, where a test mentions one, to the kernel in which it runs."""
        inputs = dict(zip(INPUTS, reversed(sources), strict=False)) | {"In": ["", *sources, step.released]}
        names = step.mentioned & inputs.keys()
        if not names:
            return
        code = "\n".join(f"{name} = {inputs[name]!r}" for name in sorted(names))
        if step.id in self._together:
            self._student.run(code)
        elif not self._lost:
            self._carry(self._tests.converse_in_cell(code), self._limits.cell)

    def _run_shared(self, step: Step) -> None:
        """Run a cell of the author's in the kernel of the tests, too, as long as tests are to come there."""
        if self._together:
            with contextlib.suppress(AnswerError):
                names = sorted(step.defined - self._plan.answer_names)
                self._student.ask(self._limits.call, "keep", names)
        if self._to_come and not self._lost:
            with self._admitting(step):
                self._synchronize(step)
                began = time.monotonic()
                self._carry(self._tests.converse_in_cell(step.source), self._limits.cell)
                self.author_seconds += time.monotonic() - began
        self._of_author |= step.defined
        self._of_student -= step.defined

    def _test(self, step: Step) -> Outcome:
        source = as_python(step.source if self._hidden else step.released)
        token = secrets.token_hex(16)
        blocked: dict[str, str] = {}
        try:
            if step.id in self._together:
                text = self._student.ask(self._limits.cell, "test_here", source, token, sorted(step.defined))
            elif self._lost:
                return Outcome(ungraded=_("the kernel of the tests had ended"))
            else:
                with self._admitting(step):
                    blocked = self._synchronize(step)
                    read = sorted(self._mentioned(step) - given_anew(source))
                    work = self._tests.converse(self._limits.cell, "test", source, token, read)
                    text = self._carry(work, self._limits.cell)
        except AnswerError as error:
            if step.id in self._together:
                return Outcome(error=error.fault, stopped=error.message)
            if error.fault == "timed out":
                self._check_waiting()
            if error.fault == "timed out" and self._is_slow_itself:
                return self._slow
            if error.fault == "timed out":
                return Outcome(
                    error=error.fault,
                    stopped=_("the test took longer than {limit:g} s", limit=self._limits.cell),
                )
            self._lost = True
            return Outcome(ungraded=_("the kernel of the tests ended: {reason}", reason=error.message))
        self._of_author |= step.defined
        self._of_student -= step.defined
        outcome = _read_outcome(text, token, step)
        if outcome.error == "timed out" and self._ran_out:
            self._check_waiting()
        if outcome.error == "timed out" and self._ran_out and self._is_slow_itself:
            return self._slow
        if blocked and (outcome.error or outcome.earned < step.points) and outcome.stopped is None:
            return Outcome(ungraded=_cannot_cross(blocked))
        return outcome

    def _mentioned(self, step: Step) -> Set[str]:
        return step.mentioned if self._hidden else step.mentioned_openly

    def _check_waiting(self) -> None:
        """Raise Starved if a test reached its limit since one of the kernels waited for a processor."""
        for session in (self._student, self._tests):
            session.check_waiting(self._limits.cell)

    @property
    def _is_slow_itself(self) -> bool:
        """Whether most of the time of the last test was its own."""
        return self._answer_seconds < self._limits.cell / 2

    @property
    def _slow(self) -> Outcome:
        limit = f"{self._limits.cell:g}"
        return Outcome(
            ungraded=_("the test took longer than {limit} s, most of them in its own code", limit=limit)
        )

    def _synchronize(self, step: Step) -> dict[str, str]:
        """Bring the student's values to the kernel of the tests, as far as a step mentions them.

        Returns the names of those that cannot cross, with the reasons.
        """
        mentioned = self._mentioned(step)
        unknown = mentioned - self._of_author - OF_EVERY_KERNEL
        names = sorted(unknown - step.defined | mentioned & self._of_student)
        if not names:
            return {}
        try:
            values = self._student.ask(self._limits.call, "answer", json.dumps({"values": names}))
            if values.startswith(TOO_BIG):
                return dict.fromkeys(names, "together they are too big")
            answers, assigned = sorted(self._of_student), sorted(self._plan.assigned_names)
            report = json.loads(
                self._tests.ask(self._limits.call, "receive", values, names, answers, assigned)
            )
            blocked = report["blocked"].items()
            return {str(name): str(reason) for name, reason in blocked if name not in step.defined}
        except (AnswerError, ValueError, KeyError, TypeError, AttributeError):
            # no kernel answers so that is left as it is; the test then fails, as the names are missing
            return {}

    def _carry(self, work: Conversation[Any], limit: float) -> Any:
        """Carry the messages between the two kernels until work of the tests' is done, and return its result."""
        end = time.monotonic() + limit
        self._answer_seconds, self._ran_out = 0.0, False
        call: Conversation[str] | None = None
        try:
            request = next(work)
            while True:
                called = time.monotonic()
                try:
                    self._ran_out = end - called < self._limits.call
                    if called >= end:
                        raise AnswerError(
                            "timed out", _("the test took longer than {limit:g} s", limit=limit)
                        )
                    if call is None:
                        left = min(self._limits.call, end - called)
                        call = self._student.converse(left, "answer", request)
                        reply = next(call)
                    else:
                        reply = call.send(request)
                except StopIteration as done:
                    reply, call = done.value, None
                except AnswerError as error:
                    if call is not None:
                        call.close()
                    reply, call = json.dumps({"stopped": error.message.to_dict()}), None
                answered, asked = time.monotonic(), call is not None
                request = work.send(reply)
                # what the student's code asks for takes of its own time: it may ask without end
                self._answer_seconds += (time.monotonic() if asked else answered) - called
        except StopIteration as done:
            return done.value
        finally:
            if call is not None:
                call.close()


def _is_of_all_tests(key: str) -> bool:
    """Return whether an object may be used in every test: by its name, or any of its special methods."""
    if key.endswith(IS_NUMBER):
        return False
    place, colon, _role = key.rpartition(": ")
    if not colon:
        return "(" not in key
    return place.removesuffix(" class").removesuffix(" exception").rstrip("[]").isidentifier()


def _cannot_cross(reasons: Mapping[str, str]) -> Text:
    """Say why values could not cross. reasons: as a kernel tells them, by name of the value, which may be empty."""
    texts = [(f"{name}: " if name else "", _both_languages(reason)) for name, reason in reasons.items()]
    words = {
        language: "; ".join(one_line(name + str(getattr(text, language))) for name, text in texts)
        for language in LANGUAGES
    }
    return CANNOT_CROSS.format(reason=Text(**words))


def _read_outcome(text: str, token: str, step: Step) -> Outcome:
    """Return the outcome that a kernel reports; what is malformed has failed."""
    try:
        assert sum(map(text.count, "[{,")) <= MAX_PARTS
        data = json.loads(text)
        assert isinstance(data, dict)
    except (ValueError, AssertionError, RecursionError):
        data = {}

    def field_of(name: str) -> str:
        value = data.get(name)
        return visible(value, MAX_MESSAGE) if isinstance(value, str) else ""

    if field_of("stopped"):
        return Outcome(error="timed out", stopped=_both_languages(data["stopped"]))
    if field_of("blocked"):
        return Outcome(ungraded=_cannot_cross({"": data["blocked"]}))
    asserted = _asserted(data.get("asserted"))
    outcome = Outcome(
        error=field_of("error"),
        message=field_of("message"),
        asserted=asserted,
        printed=_shown(data.get("printed")),
    )
    if data.get("done") != token:
        return outcome if outcome.error else Outcome(error="stopped")
    if warned := field_of("warned"):
        return Outcome(error="stderr", message=warned)
    if places := field_of("vacuous"):
        return Outcome(ungraded=VACUOUS.format(places=places))
    shown = data.get("shown")
    if not isinstance(shown, str) or not shown:
        return Outcome(earned=step.points)
    number = data.get("number")
    try:
        number = float(number) if isinstance(number, str) else None
        return Outcome(earned=points_of(shown, step.points), shown=number)
    except ValueError:
        value = visible(shown, MAX_SIDE)
        return Outcome(ungraded=ABOVE.format(value=value, points=f"{step.points:g}"))


def _shown(printed: Any) -> str:
    return visible(" ".join(printed.split()), MAX_MESSAGE) if isinstance(printed, str) else ""


def _asserted(data: Any) -> Text | None:
    """Return what a kernel reports of a failed assertion; None if it reports nothing, or nothing of the kind."""
    if not isinstance(data, dict) or not isinstance(sides := data.get("sides"), list):
        return None
    shown = [
        [visible(text, MAX_SIDE).replace("`", "'") for text in side]
        for side in sides
        if isinstance(side, list) and len(side) == 2 and all(isinstance(text, str) and text for text in side)
    ]
    operator, test = (visible(data.get(name), MAX_SIDE).replace("`", "'") for name in ("operator", "test"))
    match shown:
        case [[code, value], [wanted, same]] if operator == "==" and wanted == same and code != value:
            return _("`{code}` gave `{value}`, expected `{wanted}`", code=code, value=value, wanted=wanted)
        case [[wanted, same], [code, value]] if operator == "==" and wanted == same and code != value:
            return _("`{code}` gave `{value}`, expected `{wanted}`", code=code, value=value, wanted=wanted)
        case [[code, value], [wanted, other]] if operator == "==":
            return _(
                "`{code}` gave `{value}`, expected `{other}`, the value of `{wanted}`",
                code=code,
                value=value,
                other=other,
                wanted=wanted,
            )
        case [[code, value]] if code == test:
            return _("`{code}` gave `{value}`", code=code, value=value)
    values = [f"`{code} = {value}`" for code, value in shown if code != value and not value.startswith("<")]
    if values:
        return _("`{test}` is false; {values}", test=test, values=", ".join(dict.fromkeys(values)))
    return _("`{test}` is false", test=test) if test else None


def _both_languages(data: str) -> Text:
    try:
        texts = json.loads(data)
        words = {language: texts[language] for language in LANGUAGES}
        assert all(isinstance(text, str) for text in words.values())
        return Text(**{language: visible(text, MAX_MESSAGE) for language, text in words.items()})
    except (ValueError, TypeError, LookupError, AssertionError, RecursionError):
        return Text.same(visible(data, MAX_MESSAGE))


def points_of(shown: str, maximum: float) -> float:
    """Return what nbgrader gives for a value that a test shows: a number from 0 counts, and all else is full credit.

    Raises ValueError for a number above the maximum.
    """
    try:
        points = float(shown)
    except ValueError:
        return maximum
    if points > maximum:
        raise ValueError(f"{points} points are more than {maximum}")
    return points if points >= 0 else maximum
