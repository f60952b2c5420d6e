"""Which definition of a name counts, and code of a student in cells that are not the student's."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.grading.course_secret import digest_of_code
from autograder.notebooks.cells import is_solution, question_of, runs_when_graded
from autograder.submissions.parse import parse_submitted
from autograder.submissions.statements import needed_by
from tests.submissions.test_rebuild import (
    assert_graded_as_released,
    cell,
    handed_in,
    own_of,
    rebuild,
    rebuilt,
    release,
    source_of,
)
from tests.test_cells.notebooks import STUB, Authored, answer, check

RIGHT = "def weights(n):\n    return 2 * n"
DRAFT = "def weights(n):\n    return n"
EXAMPLE = "assert weights(1) == 2"


def place_of(notebook: NotebookNode, id: str) -> int:
    return next(place for place, one in enumerate(notebook.cells) if one["id"] == id)


def with_code_in(id: str, source: str, **answers: str) -> rebuild.RebuiltSubmission:
    """A submission in which a cell of the release holds other code."""
    notebook = handed_in(**answers)
    notebook.cells[place_of(notebook, id)].source = source
    return rebuilt(notebook)


def without_metadata(notebook: NotebookNode) -> NotebookNode:
    for place, one in enumerate(notebook.cells):
        one.metadata, one["id"] = nbformat.from_dict({}), f"c{place}"
    return notebook


def value_of(submission: rebuild.RebuiltSubmission, question: str, expression: str) -> object:
    """What an expression gives at the check of a question, as Jupyter would run the rebuilt notebook."""
    names: dict[str, object] = {}
    for one in submission.notebook.cells:
        if runs_when_graded(one):
            exec(one.source, names)
        if question_of(one) == question:
            return eval(expression, names)
    raise AssertionError(question)


def test_answer_of_nbgraders_is_not_taken_from_another_answer() -> None:
    """An author may name an answer like a function of a later one: the first, left untouched, earns nothing."""
    authored = Authored([
        answer("f", "def f():\n    return 1"), check("f-test", "assert f() == 1"),
        answer("f_again", "def f():\n    return 1"), check("f_again-test", "assert f() == 1"),
    ])  # fmt: skip
    submission = rebuild.rebuild(authored.answered({"f": STUB}), authored.release)
    assert [cell.source for cell in submission.notebook.cells if is_solution(cell)] == [
        STUB,
        "def f():\n    return 1",
    ]


def test_answer_of_nbgraders_in_a_copy_of_another_is_found() -> None:
    """A student may delete an answer cell and write its answer in a copy of another one."""
    cells = [answer("f", "def f():\n    return 1"), answer("g", "def g():\n    return 2")]
    authored = Authored(cells)
    handed_in = authored.answered({})
    copied = copy.deepcopy(handed_in.cells[1])
    copied.source = handed_in.cells[0].source
    handed_in.cells = [handed_in.cells[1], copied]
    submission = rebuild.rebuild(handed_in, authored.release)
    answers = [cell.source for cell in submission.notebook.cells if is_solution(cell)]
    assert answers == ["def f():\n    return 1", "def g():\n    return 2"]


class TestCellsOfTheRelease:
    """What a student defines in a locked or example cell, a check or the tools is found."""

    @pytest.mark.parametrize("id", ["given", "weights-example", "weights-grade"])
    @pytest.mark.parametrize("kept", [True, False], ids=["added", "replaced"])
    def test_answer_in_a_cell_of_the_release_is_found(self, id: str, kept: bool) -> None:
        """The answer counts, and the student reads how it was found."""
        given = next(one.source for one in release().cells if one["id"] == id)
        submission = with_code_in(id, f"{RIGHT}\n{given if kept else ''}")
        assert source_of(submission, "weights-answer") == RIGHT
        assert "the one cell that defines weights was taken" in submission.notes["weights"].en
        assert value_of(submission, "weights", "weights(3)") == 6
        assert_graded_as_released(submission)

    @pytest.mark.parametrize("id", ["given", "weights-example", "weights-grade"])
    def test_helper_in_a_cell_of_the_release_runs_before_the_check(self, id: str) -> None:
        """In Jupyter it has run before the check calls the answer."""
        helper = "def double(n):\n    return 2 * n"
        submission = with_code_in(id, helper, weights="def weights(n):\n    return double(n)")
        assert own_of(submission) == [helper]
        assert value_of(submission, "weights", "weights(3)") == 6

    def test_helper_in_the_tools_is_found(self) -> None:
        """The tools themselves are not run when a notebook is graded."""
        tools = cell("tools-en", "def check_answered(name):\n    print(name)", ours={"part": "tools"})
        given = release()
        given.cells.insert(1, tools)
        notebook = copy.deepcopy(given)
        notebook.cells[1].source += "\n\ndef double(n):\n    return 2 * n"
        submission = rebuild.rebuild(rebuild_input(notebook), given)
        assert [
            one.source for one in submission.notebook.cells if one.metadata.get("autograder", {}).get("own")
        ] == ["def double(n):\n    return 2 * n"]

    def test_tools_of_another_release_are_not_code_of_the_student(self) -> None:
        """A notebook of an earlier release has other tools, which are neither run nor shown."""
        given = release()
        given.cells.insert(
            1, cell("tools-en", "def check_answered(name):\n    print(name)", ours={"part": "tools"})
        )
        notebook = copy.deepcopy(given)
        notebook.cells[1].source = "def check_answered(name):\n    return True"
        assert rebuild.rebuild(rebuild_input(notebook), given).notebook == given

    def test_helper_in_an_answer_cell_of_another_release_is_found(self) -> None:
        """A question that was removed leaves the code in its cell to the answers that need it."""
        notebook = handed_in(weights="def weights(n):\n    return double(n)")
        gone = cell("gone-answer", "def double(n):\n    return 2 * n", ours={"question": "gone", "part": "answer"},
                    grade_id="gone", solution=True)  # fmt: skip
        notebook.cells.insert(5, gone)
        assert value_of(rebuilt(notebook), "weights", "weights(3)") == 6

    def test_tests_and_prints_of_a_student_are_not_run(self) -> None:
        """Only definitions are taken over: a test that fails must not stop them."""
        submission = with_code_in("weights-example", f"assert weights(1) == 7\nprint(1)\n{RIGHT}\nweights(2)")
        assert source_of(submission, "weights-answer") == RIGHT
        assert own_of(submission) == []

    def test_definition_beside_lines_of_ipython_is_found(self) -> None:
        """A magic is not Python, and no reason to lose what stands beside it."""
        submission = with_code_in("weights-example", f"%matplotlib inline\n{RIGHT}")
        assert source_of(submission, "weights-answer") == RIGHT

    def test_given_value_stays_and_the_change_is_reported(self) -> None:
        """A slip in a locked cell costs a right answer nothing; a change on purpose is reported."""
        submission = with_code_in("given", "LIMIT = 99", weights="def weights(n):\n    return min(n, LIMIT)")
        assert value_of(submission, "weights", "weights(50)") == 10
        assert submission.notes["weights"].en == (
            "the change of LIMIT in cell 4 was left out: the cell is locked, and its own LIMIT counts"
        )
        assert submission.notes["weights"].ko == (
            "4번째 셀은 잠긴 셀이라 원래 있던 LIMIT을(를) 쓰고, 거기서 바꾼 내용은 쓰지 않았습니다."
        )
        assert "p1" not in submission.notes
        assert any("LIMIT = 99" in source for source in own_of(submission))

    @pytest.mark.parametrize("line", [f"{EXAMPLE} +", "files = !ls"])
    def test_code_that_is_not_python_is_found(self, line: str) -> None:
        """IPython runs some of it; else the student reads its error."""
        source = f"{RIGHT}\n{line}"
        assert source_of(with_code_in("weights-example", source), "weights-answer") == source

    def test_code_in_a_cell_of_the_release_decides_the_hidden_inputs(self) -> None:
        """Else a student could try other code on the same inputs."""
        digests = {
            digest_of_code(with_code_in("weights-example", source).notebook)
            for source in (EXAMPLE, f"x = 1\n{EXAMPLE}", f"x = 2\n{EXAMPLE}")
        }
        assert len(digests) == 3

    def test_code_after_a_check_does_not_change_an_earlier_answer(self) -> None:
        """A definition planted in the next question's cells comes too late."""
        submission = with_code_in("p2-grade", DRAFT, weights=RIGHT)
        assert value_of(submission, "weights", "weights(3)") == 6


class TestSeveralDefinitions:
    """Of several definitions the last one above the check counts, as in Jupyter."""

    @pytest.mark.parametrize("lost", [True, False], ids=["lost-metadata", "untouched-answer-cell"])
    def test_last_definition_above_the_check_counts(self, lost: bool) -> None:
        """A draft elsewhere takes nothing, and the student reads which one was taken."""
        notebook = handed_in()
        place = place_of(notebook, "weights-answer") + 1
        notebook.cells[place:place] = [nbformat.v4.new_code_cell(source) for source in (DRAFT, RIGHT)]
        notebook.cells.append(nbformat.v4.new_code_cell(DRAFT.replace("return n", "return 0")))
        if lost:
            del notebook.cells[place - 1]
        submission = rebuilt(without_metadata(notebook) if lost else notebook)
        assert submission.found_by["weights"] == "name"
        assert source_of(submission, "weights-answer") == RIGHT
        assert value_of(submission, "weights", "weights(3)") == 6
        assert submission.notes["weights"].en == (
            "the answer cell was untouched or had lost its mark, and 3 cells define weights; the last one above its "
            f"check was taken (cell {8 if lost else 9})"
        )

    def test_last_definition_counts_if_all_are_below_the_check(self) -> None:
        """There is nothing to judge above it."""
        notebook = handed_in()
        notebook.cells += [nbformat.v4.new_code_cell(source) for source in (DRAFT, RIGHT)]
        submission = rebuilt(notebook)
        assert source_of(submission, "weights-answer") == RIGHT
        assert submission.notes["weights"].en.endswith(
            "2 cells define weights; the last one was taken (cell 14)"
        )

    def test_definition_in_prose_does_not_outweigh_code(self) -> None:
        """What stands in a markdown cell has not run."""
        cells = [{"cell_type": "code", "source": RIGHT}, {"cell_type": "markdown", "source": DRAFT}]
        assert source_of(rebuilt({"cells": cells}), "weights-answer") == RIGHT

    def test_number_found_by_name_has_what_was_computed_above_it(self) -> None:
        """It also runs in its own place: in that of the answer cell, `n` is not known yet."""
        notebook = handed_in()
        place = place_of(notebook, "p1-answer") + 1
        notebook.cells[place:place] = [
            nbformat.v4.new_code_cell(source) for source in ("n = 4", "p1 = 3 * n")
        ]
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 3 * n"
        assert own_of(submission) == ["n = 4", "p1 = 3 * n"]

    def test_helper_beside_a_draft_in_a_copied_answer_cell_is_kept(self) -> None:
        """Both have run in Jupyter."""
        helper = f"def double(n):\n    return 2 * n\n\n{DRAFT}"
        notebook = handed_in(weights=helper)
        twin = copy.deepcopy(notebook.cells[place_of(notebook, "weights-answer")])
        twin.source = "def weights(n):\n    return double(n)"
        notebook.cells.insert(place_of(notebook, "weights-answer") + 1, twin)
        assert value_of(rebuilt(notebook), "weights", "weights(3)") == 6

    def test_both_parts_of_a_split_worked_cell_are_kept(self) -> None:
        """Some editors give both parts the id of the cell that they split."""
        notebook = handed_in()
        notebook.cells[1].source = "units = 5"
        twin = copy.deepcopy(notebook.cells[1])
        twin.source = "extra = 6"
        notebook.cells.insert(2, twin)
        submission = rebuilt(notebook)
        assert source_of(submission, "worked") == "units = 5"
        assert own_of(submission) == ["extra = 6"]

    @pytest.mark.parametrize(
        ("above", "counts"),
        [(True, "the definition in cell 8 counts, the last one above its check"),
         (False, "the definition in its answer cell counts")],
    )  # fmt: skip
    def test_second_definition_beside_an_answer_is_reported(self, above: bool, counts: str) -> None:
        """One place decides, and says which it is."""
        notebook = handed_in(weights=RIGHT)
        place = place_of(notebook, "weights-answer") + 1 if above else len(notebook.cells)
        notebook.cells.insert(place, nbformat.v4.new_code_cell(DRAFT))
        submission = rebuilt(notebook)
        assert submission.definitions["weights"].en == f"weights is defined in 2 cells; {counts}"
        assert value_of(submission, "weights", "weights(3)") == (3 if above else 6)
        assert "weights" not in submission.notes

    def test_one_definition_is_not_reported(self) -> None:
        """The stub defines the name as well, and is no second answer."""
        notebook = handed_in(p1="p1 = 72")
        notebook.cells.append(nbformat.v4.new_code_cell(RIGHT))
        assert rebuilt(notebook).definitions == {}

    def test_unread_cells_are_reported_where_an_answer_is_missing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The answer may be in them."""
        monkeypatch.setattr("autograder.submissions.parse.MAX_CELL_TEXT", 60)
        submission = rebuilt(handed_in(p1="p1 = 72", weights=RIGHT + "  # " + "x" * 60))
        assert submission.notes["weights"].en.startswith(
            "1 cell of the notebook was not read: it is malformed, longer"
        )
        assert "p1" not in submission.notes


def test_needed_statements_are_followed_through_functions_and_imports() -> None:
    """What an answer needs is found by the names that it reads, not by names of its own."""
    sources = [
        "import scipy.special as sp\nimport json",
        "def helper(x, json=1):\n    return sp.expit(x)",
        "other = json.dumps(1)",
        "def weights(n):\n    helper_value = helper(n)\n    return helper_value",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    assert [statement.text.split("\n")[0] for statement in needed_by("weights", notebook)] == [
        "def weights(n):",
        "def helper(x, json=1):",
        "import scipy.special as sp",
    ]


def rebuild_input(notebook: NotebookNode) -> NotebookNode:
    """A notebook as it is read from a student's file."""
    return parse_submitted(json.dumps(notebook).encode())
