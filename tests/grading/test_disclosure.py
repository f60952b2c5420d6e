"""What is told of answers that were asked about hidden inputs, and what a second run of a notebook is for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

import nbformat
import pytest

from autograder.course import Course
from autograder.errors import AnswerError, SessionLost
from autograder.grading import notebook_grader
from autograder.grading.disclosure import DIFFERS, NO_DATA, NOT_AGAIN, NOT_RIGHT, RAISED, WITHHELD, disclose
from autograder.grading.notebook_grader import GradingOptions, KernelOptions
from autograder.grading.report import CheckResult, Outcome, Quotes, Report
from autograder.sandbox.kernel import CellResult, Kernel
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


class TestWithARehearsal:
    """Whatever an answer chose comes from the kernel that was asked about public inputs."""

    def test_the_message_is_that_of_the_rehearsal(self) -> None:
        """Where both ended alike."""
        asked, public = (
            report("errored", "ValueError: 17", "error"),
            report("errored", "ValueError: 3", "error"),
        )
        assert message_of(disclose(asked, public)).en == "ValueError: 3"

    def test_another_outcome_is_told_as_that(self) -> None:
        """What happens on hidden inputs alone has no words of the answer's own."""
        assert message_of(disclose(report("failed", "17", "value"), report("passed"))) is DIFFERS

    def test_a_formula_is_that_of_the_rehearsal(self) -> None:
        """Its coefficients could be what was asked."""
        asked, public = report("failed", "", "value", "17·units"), report("failed", "", "value", "4·units")
        assert [text.en for text in disclose(asked, public).computed] == ["4·units"]

    def test_a_right_answer_is_told_no_formula(self) -> None:
        """A rehearsal that went wrong adds nothing to what was right."""
        assert disclose(report("passed"), report("failed", "", "value", "4·units")).computed == ()

    @pytest.mark.parametrize(
        ("quotes", "shown"), [("error", RAISED), ("type", NO_DATA), ("value", NOT_RIGHT)]
    )
    def test_one_that_was_cut_short_tells_nothing(self, quotes: Quotes, shown: Text) -> None:
        """Where it ran out of time, nobody knows whether the answer behaves differently."""
        public = report("errored", "did not finish within 1 s")
        outcome: Outcome = "failed" if quotes == "value" else "errored"
        assert message_of(disclose(report(outcome, "(17, 42)", quotes), public)) is shown

    def test_an_answer_that_hung_is_not_asked_again(self) -> None:
        """It would wait for its limit twice; one that only raised is asked."""
        judged = notebook_grader.SessionResult({"q": report("errored", "ValueError: 17", "error")})
        assert judged.doubtful == {"q"}
        judged.hung.answers["q"] = AnswerError("timed out", Text())
        assert judged.doubtful == set()


class TestWithoutOne:
    """A notebook that trains models is run once."""

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
    def test_a_common_type_is_told(self, kind: str, shown: str) -> None:
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
    def test_a_long_number_is_not_told(self, message: str, shown: Text) -> None:
        """Sizes of honest arrays are small."""
        assert message_of(disclose(report("failed", message, "value"), None, models=True)) == shown

    def test_our_own_words_stay(self) -> None:
        """A time limit, or what an earlier check blocks, says nothing of the answer's."""
        assert message_of(disclose(report("errored", "did not finish within 20 s"), None)).en


LOOPS = "print('a look of my own')\nwhile True:\n    pass"


@pytest.mark.seal
class TestSecondRun:
    """A rehearsal costs a run of the notebook, so it is made only where it can tell something."""

    usual: ClassVar[notebook_grader.CellOutputs]

    @pytest.fixture(autouse=True, scope="class")
    def _usual(self) -> None:
        """What everybody's cells show."""
        path = Course.open(ROOT).assignment(GRU).release("en")
        type(self).usual = notebook_grader.release_outputs(
            nbformat.read(path, as_version=4), KernelOptions("counting", path.parent, need="preferred")
        )
        assert self.usual

    @pytest.fixture
    def sessions(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        """The cells that each session ran."""
        opened: list[list[str]] = []
        opening, running = notebook_grader.open_session, Kernel.run

        @contextlib.contextmanager
        def open_session(*given: Any, **named: Any) -> Iterator[Any]:
            opened.append([])
            with opening(*given, **named) as session:
                yield session

        def run(kernel: Kernel, source: str, limit: float) -> CellResult:
            opened[-1].append(source)
            return running(kernel, source, limit)

        monkeypatch.setattr(notebook_grader, "open_session", open_session)
        monkeypatch.setattr(Kernel, "run", run)
        return opened

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
        reports = notebook_grader.grade_notebook(
            notebook,
            questions,
            GradingOptions(5),
            KernelOptions("counting", limits=limits or Limits(), need="preferred"),
            public_outputs=lambda: self.usual,
        )
        return reports["gru_params"], str([cell.get("outputs") for cell in notebook.cells])

    @pytest.mark.parametrize(
        ("answer", "last", "runs"),
        [
            (RIGHT, "", 1),
            (RIGHT, "print('a look of my own')", 2),
            (RIGHT.replace("3 *", "2 *"), "", 2),
        ],
        ids=["right", "prints", "wrong"],
    )
    def test_it_is_made_where_there_is_something_to_tell(
        self, sessions: list[list[str]], answer: str, last: str, runs: int
    ) -> None:
        """Right answers in the released notebook, whose own cells print, are run once."""
        _, shown = self.graded(answer, last)
        assert len(sessions) == runs
        assert ("a look of my own" in shown) == bool(last)

    def test_it_runs_the_visible_example_without_the_tools_of_the_notebook(self) -> None:
        """The line above the example calls a tool, which is not there; a wrong answer that passes it is told so."""
        report, _ = self.graded(
            "def gru_params(d, u, reset_after=True):\n    return 120 + 15 * bool(reset_after)"
        )
        assert report.example == "passed"

    def test_a_cell_that_took_too_long_is_not_run_again(self, sessions: list[list[str]]) -> None:
        """Its outputs are left out, with the reason; the others come from the second run."""
        _, shown = self.graded(RIGHT.replace("3 *", "2 *"), LOOPS, Limits(cell=1))
        assert [ran.count(LOOPS) for ran in sessions] == [1, 0]
        assert NOT_AGAIN.en in shown
        assert "a look of my own" not in shown

    def test_one_without_time_tells_nothing(
        self, sessions: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is no reason to say that an answer behaves differently, and it stands for no outputs."""
        monkeypatch.setattr(
            KernelSession, "seconds_left", property(lambda _: 60.0 if len(sessions) == 1 else -1.0)
        )
        report, shown = self.graded(RIGHT.replace("3 *", "2 *"), "print('a look of my own')")
        assert len(sessions) == 2
        assert NOT_RIGHT in [check.message for check in report.checks]
        assert DIFFERS not in [check.message for check in report.checks]
        assert "a look of my own" not in shown

    @pytest.mark.parametrize("end", ["over", "lost"])
    def test_there_is_none_where_it_could_not_end(
        self, sessions: list[list[str]], monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        """After a session that used up its time, or where kernels are lost, the score stands and less is told."""
        if end == "over":
            sealed, ended = KernelSession.seal.fget, list[KernelSession]()  # type: ignore[attr-defined]

            def read_last(session: KernelSession) -> str:
                ended.append(session)
                return str(sealed(session))

            monkeypatch.setattr(KernelSession, "seal", property(read_last))
            monkeypatch.setattr(KernelSession, "exhausted", property(lambda session: session in ended))
        else:
            run = KernelSession.run

            def lost(session: KernelSession, source: str) -> Any:
                if len(sessions) > 1:
                    raise SessionLost
                return run(session, source)

            monkeypatch.setattr(KernelSession, "run", lost)
        report, shown = self.graded(RIGHT.replace("3 *", "2 *"), "print('a look of my own')")
        assert len(sessions) == (1 if end == "over" else 1 + notebook_grader.LOST_SESSIONS)
        assert NOT_RIGHT in [check.message for check in report.checks]
        assert WITHHELD.en in shown
