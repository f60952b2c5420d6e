"""What is told of answers that were asked about hidden inputs, and what a second run of a notebook is for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from support import ROOT

from autograder import grader, intake
from autograder.course import Course
from autograder.disclosure import DIFFERS, NO_DATA, NOT_RIGHT, RAISED, disclosed
from autograder.grading import CheckResult, Outcome, Quotes, Report
from autograder.sandbox.limits import Limits
from autograder.text import Text

GRU = "gru_parameters"
RIGHT = "def gru_params(d, u, reset_after=True):\n    return 3 * u * (d + u + 1 + bool(reset_after))"


def report(outcome: Outcome, message: str = "", quotes: Quotes = "", computed: str = "") -> Report:
    """A report of one check."""
    check = CheckResult("is_right", Text(), outcome, 1, Text(message, message), quotes)
    return Report("q", Text(), 1, (check,), computed=(Text(en=computed),) if computed else ())


def message_of(told: Report) -> Text:
    """What its check says."""
    return told.checks[0].message


class TestWithARehearsal:
    """Whatever an answer chose comes from the kernel that was asked about public inputs."""

    def test_the_message_is_that_of_the_rehearsal(self) -> None:
        """Where both ended alike."""
        asked, public = (
            report("errored", "ValueError: 17", "error"),
            report("errored", "ValueError: 3", "error"),
        )
        assert message_of(disclosed(asked, public)).en == "ValueError: 3"

    def test_another_outcome_is_told_as_that(self) -> None:
        """What happens on hidden inputs alone has no words of the answer's own."""
        assert message_of(disclosed(report("failed", "17", "value"), report("passed"))) is DIFFERS

    def test_a_formula_is_that_of_the_rehearsal(self) -> None:
        """Its coefficients could be what was asked."""
        asked, public = report("failed", "", "value", "17·units"), report("failed", "", "value", "4·units")
        assert [told.en for told in disclosed(asked, public).computed] == ["4·units"]

    def test_a_right_answer_is_told_no_formula(self) -> None:
        """A rehearsal that went wrong adds nothing to what was right."""
        assert disclosed(report("passed"), report("failed", "", "value", "4·units")).computed == ()


class TestWithoutOne:
    """A notebook that trains models is run once."""

    @pytest.mark.parametrize(("quotes", "told"), [("error", RAISED), ("type", NO_DATA)])
    def test_neither_text_nor_type_of_an_error_is_told(self, quotes: Quotes, told: Text) -> None:
        """A student could name either after a hidden input."""
        assert message_of(disclosed(report("errored", "E17: 17", quotes), None)) == told

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ("shape should be (2, 3, 4), got (2, 4)", Text("shape should be (2, 3, 4), got (2, 4)")),
            ("shape should be (2, 3, 4), got (17, 12345)", NOT_RIGHT),
        ],
    )
    def test_a_long_number_is_not_told(self, message: str, told: Text) -> None:
        """Sizes of honest arrays are small."""
        assert message_of(disclosed(report("failed", message, "value"), None)).ko == told.ko

    def test_our_own_words_stay(self) -> None:
        """A time limit, or what an earlier check blocks, says nothing of the answer's."""
        assert message_of(disclosed(report("errored", "did not finish within 20 s"), None)).en


@pytest.mark.seal
class TestSecondRun:
    """A rehearsal costs a run of the notebook, so it is made only where it can tell something."""

    @pytest.fixture
    def sessions(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """A line for each session that is opened."""
        opened, opening = [], grader.open_session

        @contextlib.contextmanager
        def counted(*given: Any, **named: Any) -> Iterator[Any]:
            opened.append("session")
            with opening(*given, **named) as session:
                yield session

        monkeypatch.setattr(grader, "open_session", counted)
        return opened

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
        self, sessions: list[str], answer: str, last: str, runs: int
    ) -> None:
        """Right answers in the released notebook, whose own cells print, are run once."""
        course = Course.open(ROOT)
        path = course.release(GRU, "en")
        release = nbformat.read(path, as_version=4)
        usual = grader.shown_by_release(
            release, profile="counting", data_folder=path.parent, limits=Limits(), need="preferred"
        )
        assert usual
        sessions.clear()
        submitted = nbformat.read(path, as_version=4)
        for cell in submitted.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "gru_params":
                cell.source = answer
        submitted.cells.append(nbformat.v4.new_code_cell(last))
        notebook = intake.rebuild(submitted, release).notebook
        questions = [one for one in course.questions(GRU) if one.id == "gru_params"]
        grader.grade_notebook(notebook, questions, seed=5, need="preferred", usual=lambda: usual)
        assert len(sessions) == runs
        assert ("a look of my own" in str([cell.get("outputs") for cell in notebook.cells])) == bool(last)
