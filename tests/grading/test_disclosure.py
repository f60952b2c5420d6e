"""What a page shows of answers that were called with hidden inputs, and what the public run is for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.course import Course
from autograder.errors import SessionLost
from autograder.grading import notebook_grader
from autograder.grading.disclosure import DIFFERS, NO_DATA, NOT_RIGHT, RAISED, disclose
from autograder.grading.draws import Draw, draw_cases, fit_draw
from autograder.grading.notebook_grader import GradingOptions, KernelOptions
from autograder.grading.report import CheckResult, Counterexample, Outcome, Quotes, Report
from autograder.sandbox.kernel import CellResult, Conversation, Kernel
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession
from autograder.submissions import rebuild
from autograder.text import Text
from tests.support import ROOT

GRU = "gru_parameters"
RIGHT = "def gru_params(d, u, reset_after=True):\n    return 3 * u * (d + u + 1 + bool(reset_after))"


def report(outcome: Outcome, message: str = "", quotes: Quotes = "", computed: str = "") -> Report:
    """A report of one check."""
    check = CheckResult("is_right", Text(), outcome, 1, Text.same(message), quotes)
    return Report("q", Text(), 1, (check,), computed=(Text(en=computed),) if computed else ())


def message_of(graded: Report) -> Text:
    """What its check says."""
    return graded.checks[0].message


class TestWithPublicRun:
    """Whatever an answer chose comes from the kernel that was asked about public inputs."""

    def test_messages_come_from_the_public_run(self) -> None:
        """Where both ended alike."""
        asked, public = (
            report("errored", "ValueError: 17", "error"),
            report("errored", "ValueError: 3", "error"),
        )
        assert message_of(disclose(asked, public)).en == "ValueError: 3"

    def test_another_outcome_is_told_as_that(self) -> None:
        """What happens on hidden inputs alone has no words of the answer's own."""
        assert message_of(disclose(report("failed", "17", "value"), report("passed"))) is DIFFERS

    def test_formulas_come_from_the_public_run(self) -> None:
        """Its coefficients could be what was asked."""
        asked, public = report("failed", "", "value", "17·units"), report("failed", "", "value", "4·units")
        assert [text.en for text in disclose(asked, public).computed] == ["4·units"]

    def test_right_answer_has_no_counterexample(self) -> None:
        """A public run that went wrong adds nothing to what was right."""
        public = replace(report("failed", "", "value"), counterexample=Counterexample("f(2, 3)", "7"))
        assert disclose(report("failed", "17", "value"), public).counterexample == public.counterexample
        assert disclose(report("passed"), public).counterexample is None

    def test_right_answer_is_told_no_formula(self) -> None:
        """A public run that went wrong adds nothing to what was right."""
        assert disclose(report("passed"), report("failed", "", "value", "4·units")).computed == ()

    @pytest.mark.parametrize(
        ("quotes", "shown"), [("error", RAISED), ("type", NO_DATA), ("value", NOT_RIGHT)]
    )
    def test_one_that_was_cut_short_tells_nothing(self, quotes: Quotes, shown: Text) -> None:
        """Where it ran out of time, nobody knows whether the answer behaves differently."""
        public = report("errored", "did not finish within 1 s")
        outcome: Outcome = "failed" if quotes == "value" else "errored"
        assert message_of(disclose(report(outcome, "(17, 42)", quotes), public)) is shown


class TestWithoutPublicRun:
    """No answer trains a model with public inputs."""

    @pytest.mark.parametrize(("quotes", "shown"), [("error", RAISED), ("type", NO_DATA)])
    def test_neither_text_nor_type_of_an_error_is_told(self, quotes: Quotes, shown: Text) -> None:
        """A student could name either after a hidden input."""
        assert message_of(disclose(report("errored", "E17: 17", quotes), None)) == shown

    @pytest.mark.parametrize(
        ("kind", "shown"),
        [
            ("a History", "a Keras model should come back, but what came back is of the type History"),
            ("None", "a Keras model should come back, but None came back (is a `return` missing?)"),
            ("a E17", NO_DATA.en),
        ],
    )
    def test_common_type_is_told(self, kind: str, shown: str) -> None:
        """What is often returned in the place of a model; a class of the student's own could bear any name."""
        reason = f"the answer did not give back a value that can be judged: it is {kind}, not a Keras model"
        assert message_of(disclose(report("errored", reason, "type"), None, models=True)).en == shown

    @pytest.mark.parametrize(
        ("message", "shown"),
        [
            ("shape should be (2, 3, 4), got (2, 4)", Text.same("shape should be (2, 3, 4), got (2, 4)")),
            ("shape should be (2, 3, 4), got (17, 12345)", NOT_RIGHT),
        ],
    )
    def test_long_number_is_not_told(self, message: str, shown: Text) -> None:
        """Sizes of honest arrays are small."""
        assert message_of(disclose(report("failed", message, "value"), None, models=True)) == shown

    def test_our_own_words_stay(self) -> None:
        """A time limit, or what an earlier check blocks, says nothing of the answer's."""
        assert message_of(disclose(report("errored", "did not finish within 20 s"), None)).en


LOOPS = "print('a look of my own')\nwhile True:\n    pass"


@pytest.mark.seal
class TestTwoRuns:
    """All that a page shows comes from a kernel that ended before hidden inputs were drawn."""

    @pytest.fixture
    def runs(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What happened: each session that opened and closed, with the seed of its inputs, and each cell of note."""
        happened: list[str] = []
        opening, running, grading = (
            notebook_grader.open_session,
            Kernel.converse_in_cell,
            notebook_grader._grade,
        )

        @contextlib.contextmanager
        def open_session(*given: Any, **named: Any) -> Iterator[Any]:
            happened.append("open")
            with opening(*given, **named) as session:
                yield session
            happened.append("close")

        def run(kernel: Kernel, source: str, limit: float, **options: bool) -> Conversation[CellResult]:
            if source == LOOPS:
                happened.append(f"loops for {limit:g} s")
            return running(kernel, source, limit, **options)

        def grade(question: Any, session: Any, options: GradingOptions, *given: Any) -> Report:
            happened.append("public" if options.is_public else "hidden")
            return grading(question, session, options, *given)

        def draw(question: Any, seed: int, again: int = 0) -> Draw:
            happened.append("drawn")
            return fit_draw(question, seed, again)

        monkeypatch.setattr(notebook_grader, "open_session", open_session)
        monkeypatch.setattr(notebook_grader, "_grade", grade)
        monkeypatch.setattr(notebook_grader, "fit_draw", draw)
        monkeypatch.setattr(Kernel, "converse_in_cell", run)
        return happened

    def graded(self, answer: str, last: str = "", limits: Limits | None = None) -> tuple[Report, str]:
        """The report on an answer and all outputs, with a last cell of the student's own."""
        course = Course.open(ROOT)
        path = course.assignment(GRU).release("en")
        release, submitted = nbformat.read(path, as_version=4), nbformat.read(path, as_version=4)
        for cell in submitted.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "gru_params":
                cell.source = answer
        submitted.cells.append(nbformat.v4.new_code_cell(last))
        notebook = rebuild.rebuild(submitted, release).notebook
        questions = [one for one in course.assignment(GRU).questions if one.id == "gru_params"]
        kernels = KernelOptions("counting", limits=limits or Limits(), need="preferred")
        graded = notebook_grader.grade_notebook(notebook, questions, GradingOptions(5), kernels)
        return graded.reports["gru_params"], str([cell.get("outputs") for cell in notebook.cells])

    @pytest.mark.parametrize("answer", [RIGHT, RIGHT.replace("3 *", "2 *")], ids=["right", "wrong"])
    def test_public_run_precedes_hidden_inputs(self, runs: list[str], answer: str) -> None:
        """It is made for every submission: whether it is worth making would depend on hidden inputs."""
        _, shown = self.graded(answer, "print('a look of my own')")
        assert runs == ["open", "public", "close", "drawn", "open", "hidden", "close"]
        assert "a look of my own" in shown

    def test_report_has_no_case(self) -> None:
        """They are beside it, for staff: whatever is made of a report cannot show one."""
        report, _ = self.graded(RIGHT.replace("3 *", "2 *"))
        assert report.score < report.points
        assert report.cases == ()

    def test_answer_judged_again_gets_other_inputs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that raises is judged again after the last cell, and may remember what it was called with."""
        grading, judged = notebook_grader._grade, []

        def grade(question: Any, session: Any, options: GradingOptions, draw: Draw, *given: Any) -> Report:
            if not options.is_public:
                judged.append(draw.cases)
            return grading(question, session, options, draw, *given)

        monkeypatch.setattr(notebook_grader, "_grade", grade)
        raises = (
            "calls, done = [], False\n\n\ndef gru_params(d, u, reset_after=True):\n    calls.append((d, u))\n"
            "    if not done:\n        raise ValueError\n    return 3 * u * (u + d + 1 + bool(reset_after))"
        )
        report, _ = self.graded(raises, "done = True")
        assert report.score == report.points
        first, second = judged
        assert first != second

    def test_it_runs_the_visible_example_without_the_tools_of_the_notebook(self) -> None:
        """The line above the example calls a tool, which is not there; a wrong answer that passes it is told so."""
        report, _ = self.graded(
            "def gru_params(d, u, reset_after=True):\n    return 120 + 15 * bool(reset_after)"
        )
        assert report.example == "passed"

    @pytest.mark.parametrize("answer", [RIGHT, "gru_params = ...", "pass"], ids=["right", "stub", "none"])
    def test_example_is_run_for_answers_that_fail_a_check(self, answer: str) -> None:
        """Nothing is to be learnt from one that fails because there is no answer."""
        report, _ = self.graded(answer)
        assert not report.example

    def test_outputs_are_those_of_the_public_run(self) -> None:
        """A counter of calls that is kept in a file is that of the public run alone."""
        wrong = (
            "def gru_params(d, u, reset_after=True):\n    open('seen', 'a').write(f'{d} {u};')\n    return 0"
        )
        _, shown = self.graded(wrong, "seen = open('seen').read()\nprint(len(seen.split(';')), seen)")
        question = next(one for one in Course.open(ROOT).assignment(GRU).questions if one.id == "gru_params")
        public = {
            case.args[:2] for case in draw_cases(question, np.random.default_rng([0, question.id_hash]))
        }
        assert {(int(d), int(u)) for d, u in re.findall(r"(\d+) (\d+);", shown)} == public

    def test_cell_that_took_too_long_has_less_time_in_the_judged_run(
        self, runs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it defines before its loop is there both times."""
        monkeypatch.setattr(Kernel, "processor_use", lambda _kernel, limit: (0.0, limit))
        _, shown = self.graded(RIGHT, LOOPS, Limits(cell=1))
        assert [one for one in runs if one.startswith("loops")] == ["loops for 1 s", "loops for 0.1 s"]
        assert "a look of my own" in shown

    def test_public_run_without_time_tells_nothing(
        self, runs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is no reason to say that an answer behaves differently."""
        monkeypatch.setattr(
            KernelSession, "seconds_left", property(lambda _: -1.0 if runs.count("open") == 1 else 60.0)
        )
        report, _ = self.graded(RIGHT.replace("3 *", "2 *"))
        assert NOT_RIGHT in [check.message for check in report.checks]
        assert DIFFERS not in [check.message for check in report.checks]

    def test_lost_kernels_are_no_students_zero(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where one kernel after another is lost, the submission is not graded."""

        def lost(_session: KernelSession, _source: str) -> Any:
            raise SessionLost

        monkeypatch.setattr(KernelSession, "run", lost)
        with pytest.raises(SessionLost, match="the fork server ended 3 times in a row"):
            self.graded(RIGHT)
