"""Untrusted notebooks: what is taken from them, what is not, and what is refused."""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import json
import os
import shutil
import struct
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from autograder.course import Course
from autograder.errors import UnreadableSubmission
from autograder.nbgrader.converters import config_of
from autograder.nbgrader.submission_reader import prepare_submission
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks import markdown
from autograder.questions.syntax import parse_source
from autograder.submissions import rebuild
from autograder.submissions.file_kind import explain_file
from autograder.submissions.parse import MAX_PARSED, edition_of, names_defined, parse_submitted
from autograder.submissions.safe_read import read_bytes, set_aside
from tests.markup import MARKUP, fetching
from tests.support import command, course_of_one_question, small_course

bounded = settings(max_examples=100)

STUB = "p1 = (\n    ...  # write your answer here\n)"
FUNCTION_STUB = 'def weights(n):\n    """Weights."""\n    ...  # write your answer here'
SECOND_STUB = "p2 = (\n    ...  # write your answer here\n)"
NO_CELLS = "the file handed in holds no notebook cells; hand in the .ipynb file"
NO_FILE = (
    "not read: the submission is too large or is not a regular file; submit the .ipynb itself, its outputs "
    "cleared"
)


def cell(
    id: str, source: str, kind: str = "code", *, ours: dict[str, Any] | None = None, **nbgrader: Any
) -> NotebookNode:
    """A cell of a release, with our metadata and nbgrader's."""
    metadata: dict[str, Any] = {"autograder": ours} if ours is not None else {}
    if nbgrader:
        flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        metadata["nbgrader"] = flags | nbgrader
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return new(source, id=id, metadata=metadata)


def answer(name: str, stub: str) -> NotebookNode:
    return cell(
        f"{name}-answer", stub, ours={"question": name, "part": "answer"}, grade_id=name, solution=True
    )


def grade(name: str, points: int) -> NotebookNode:
    return cell(
        f"{name}-grade", f"# {name}: graded after you hand in ({points})",
        ours={"question": name, "part": "grade"},
        grade_id=f"{name}-check", grade=True, locked=True, points=points,
    )  # fmt: skip


def release() -> NotebookNode:
    """A released notebook: prose, a worked cell, a locked one, three questions of ours, one manual question."""
    return copy.deepcopy(_release())


@functools.cache
def _release() -> NotebookNode:
    return nbformat.v4.new_notebook(
        metadata={"autograder": {"assignment": "counting", "edition": "en"}},
        cells=[
            cell("title-en", "# Counting", "markdown", ours={"lang": "en"}),
            cell("worked", "units = 4\nprint(units)"),
            cell("slow", "import time", ours={"demonstration": True}),
            cell("given", "LIMIT = 10", grade_id="given", locked=True),
            answer("p1", STUB),
            grade("p1", 3),
            answer("weights", FUNCTION_STUB),
            cell("weights-example", "assert weights(1) == 2", ours={"part": "example"},
                 grade_id="weights-example", locked=True),
            grade("weights", 4),
            answer("p2", SECOND_STUB),
            grade("p2", 2),
            cell("essay", "Why?", "markdown", grade_id="essay", solution=True, grade=True, points=5),
        ],
    )  # fmt: skip


def handed_in(**answers: str) -> NotebookNode:
    """A submission: the release with answers in its cells, as Jupyter would save it."""
    notebook = release()
    for one in notebook.cells:
        name = one.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            one.source = answers[name]
    return notebook


def rebuilt(notebook: Any) -> rebuild.RebuiltSubmission:
    """What intake makes of a notebook, handed in as a file's bytes."""
    return rebuild.rebuild(parse_submitted(json.dumps(notebook).encode()), release())


def source_of(submission: rebuild.RebuiltSubmission, id: str) -> str:
    return {one["id"]: one.source for one in submission.notebook.cells}[id]


def own_of(submission: rebuild.RebuiltSubmission) -> list[str]:
    """The student's own cells, in order."""
    ours = {one["id"] for one in release().cells}
    return [one.source for one in submission.notebook.cells if one["id"] not in ours]


def assert_graded_as_released(submission: rebuild.RebuiltSubmission) -> None:
    """Grade, locked and prose cells are the release's to the byte, in its order, and nothing else is graded."""
    kept = {one["id"]: one for one in submission.notebook.cells}
    order = [
        one["id"]
        for one in submission.notebook.cells
        if one["id"] in {cell["id"] for cell in release().cells}
    ]
    assert order == [one["id"] for one in release().cells]
    for one in release().cells:
        nbgrader = one.metadata.get("nbgrader", {})
        if (nbgrader.get("grade") and not nbgrader.get("solution")) or nbgrader.get("locked"):
            assert kept[one["id"]] == one
        if nbgrader:
            assert kept[one["id"]].metadata == one.metadata
            assert kept[one["id"]].cell_type == one.cell_type
    graded = [one["id"] for one in submission.notebook.cells if one.metadata.get("nbgrader", {}).get("grade")]
    assert graded == ["p1-grade", "weights-grade", "p2-grade", "essay"]


def refusal(raw: bytes) -> UnreadableSubmission:
    with pytest.raises(UnreadableSubmission) as error:
        parse_submitted(raw)
    return error.value


class TestRefusals:
    """A file that is no notebook is refused, with a reason that a student can use."""

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"PK\x03\x04",
            b"<html>sign in</html>",
            b'{"cells": [',
            b"\xff\xfe{\x00}\x00",
            b"[" * 200_000,
            b"9" * 5000,
            '{"cells": []}'.encode("utf-16"),
        ],
        ids=lambda raw: repr(raw[:12]),
    )
    def test_files_other_than_json_are_refused(self, raw: bytes) -> None:
        """The reason says what the file is and what to do."""
        assert refusal(raw).reason == explain_file(raw)

    @pytest.mark.parametrize(
        "raw",
        [b"null", b"[]", b"5", b'"cells"', b"{}", b'{"cells": {}}', b'{"cells": null}', b'{"cells": "x"}',
         b'{"worksheets": 5}', b'{"worksheets": null}'],
    )  # fmt: skip
    def test_json_without_cells_is_refused(self, raw: bytes) -> None:
        """The reason names the kind of file that is wanted."""
        error = refusal(raw)
        assert error.reason.en == NO_CELLS
        assert error.reason.ko == "제출한 파일에 노트북의 셀이 없습니다. .ipynb 파일을 제출하세요."

    def test_byte_order_mark_is_no_reason_to_refuse(self) -> None:
        """Editors on Windows put one in front."""
        raw = b"\xef\xbb\xbf" + json.dumps(handed_in(p1="p1 = 72")).encode()
        assert parse_submitted(raw).cells[4].source == "p1 = 72"

    def test_symlink_is_not_followed(self, tmp_path: Path) -> None:
        """A link in a submission could point at any file of the grader's."""
        (tmp_path / "real.ipynb").write_text(json.dumps(handed_in()))
        (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
        assert parse_submitted(read_bytes(tmp_path / "real.ipynb")).cells
        with pytest.raises(UnreadableSubmission) as error:
            parse_submitted(read_bytes(tmp_path / "link.ipynb"))
        assert error.value.reason.en == NO_FILE

    def test_pipe_is_not_waited_on(self, tmp_path: Path) -> None:
        """A FIFO in the place of a file would hang the batch."""
        os.mkfifo(tmp_path / "pipe.ipynb")
        with pytest.raises(UnreadableSubmission) as error:
            parse_submitted(read_bytes(tmp_path / "pipe.ipynb"))
        assert error.value.reason.en == NO_FILE

    def test_folder_is_no_file(self, tmp_path: Path) -> None:
        """A folder that is called as a notebook is refused like the others."""
        (tmp_path / "folder.ipynb").mkdir()
        with pytest.raises(UnreadableSubmission) as error:
            parse_submitted(read_bytes(tmp_path / "folder.ipynb"))
        assert error.value.reason.en == NO_FILE

    def test_missing_file_is_refused(self, tmp_path: Path) -> None:
        """A file that went away is refused like the others."""
        with pytest.raises(UnreadableSubmission):
            parse_submitted(read_bytes(tmp_path / "gone.ipynb"))

    def test_file_that_is_too_big_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The cap is looked at before the file is."""
        path = tmp_path / "big.ipynb"
        path.write_text(json.dumps({"cells": [], "padding": "x" * 1000}))
        assert parse_submitted(read_bytes(path)).cells == []
        monkeypatch.setattr("autograder.submissions.safe_read.MAX_FILE", 1000)
        with pytest.raises(UnreadableSubmission) as error:
            parse_submitted(read_bytes(path))
        assert error.value.reason.en == NO_FILE

    def test_notebook_of_too_many_cells_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What stands beyond the cap is not looked at."""
        monkeypatch.setattr("autograder.submissions.parse.MAX_CELLS", 3)
        assert len(parse_submitted(json.dumps(handed_in()).encode()).cells) == 3


class TestFinding:
    """Where an answer is found, and what the student is told of it."""

    def test_by_its_grade_id(self) -> None:
        """nbgrader's own mark comes first, and nothing needs telling."""
        notebook = handed_in(p1="p1 = 72")
        notebook.cells[4]["id"] = "changed"
        submission = rebuilt(notebook)
        assert submission.found_by["p1"] == "grade id"
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert "p1" not in submission.notes

    @pytest.mark.parametrize("where", ["id", "metadata"])
    def test_by_its_cell_id(self, where: str) -> None:
        """Without nbgrader's metadata the cell's id tells, also where Colab keeps it."""
        notebook = handed_in(p1="p1 = 72")
        one = notebook.cells[4]
        one.metadata = {"id": "p1-answer"} if where == "metadata" else {}
        if where == "metadata":
            del one["id"]
        submission = rebuilt(notebook)
        assert submission.found_by["p1"] == "cell id"
        assert source_of(submission, "p1-answer") == "p1 = 72"

    @pytest.mark.parametrize(
        "source",
        [
            "p1 = 72",
            "p1: int = 72",
            "a, p1 = 1, 72",
            "# my answer\n\np1 = (\n    72\n)",
            "p1 = 72\n!ls",  # no Python, but IPython
        ],
    )
    def test_by_the_name_that_it_defines(self, source: str) -> None:
        """Where every mark is lost the one cell that defines the name is the answer, and the student is told."""
        submission = rebuilt({"cells": [{"cell_type": "code", "source": source}]})
        assert submission.found_by["p1"] == "name"
        assert source_of(submission, "p1-answer") == source
        assert submission.notes["p1"].en == (
            "the answer cell was untouched or had lost its mark; the one cell that defines p1 was taken"
        )
        assert own_of(submission) == []

    def test_answer_moved_into_another_cell(self) -> None:
        """An answer written below its untouched cell is taken, and stands in the answer's place."""
        notebook = handed_in()
        notebook.cells.insert(6, nbformat.v4.new_code_cell("def weights(n):\n    return 2 * n"))
        submission = rebuilt(notebook)
        assert submission.found_by["weights"] == "name"
        assert source_of(submission, "weights-answer") == "def weights(n):\n    return 2 * n"
        assert own_of(submission) == []

    def test_answer_written_into_another_answer_s_cell(self) -> None:
        """Two answers in one cell are both found."""
        submission = rebuilt(handed_in(p1="p1 = 72\np2 = 5"))
        assert source_of(submission, "p1-answer") == "p1 = 72\np2 = 5"
        assert source_of(submission, "p2-answer") == "p1 = 72\np2 = 5"
        assert submission.found_by["p2"] == "name"

    def test_name_that_is_only_used_or_compared_is_not_defined(self) -> None:
        """`p1 == 72` and `print(p1)` are no answers."""
        cells = [{"cell_type": "code", "source": text} for text in ("p1 == 72", "print(p1)", "p1 == 1\n!ls")]
        assert rebuilt({"cells": cells}).found_by["p1"] == "nowhere"

    def test_answer_cell_that_was_worked_on_wins_over_a_name(self) -> None:
        """A scratch cell that defines the same name stays the student's own."""
        notebook = handed_in(p1="p1 = 72")
        notebook.cells.append(nbformat.v4.new_code_cell("p1 = 99"))
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert own_of(submission) == ["p1 = 99"]

    def test_last_of_several_definitions_counts(self) -> None:
        """As in Jupyter; the student is told how many there are, and which one was taken."""
        cells = [{"cell_type": "code", "source": f"p1 = {number}"} for number in (99, 72)]
        submission = rebuilt({"cells": cells})
        assert submission.found_by["p1"] == "name"
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert submission.notes["p1"].en == (
            "the answer cell was untouched or had lost its mark, and 2 cells define p1; the last one above its "
            "check was taken (cell 2)"
        )
        assert submission.notes["p1"].ko == (
            "답 칸이 비었거나 표시가 없어졌고 p1을(를) 정의한 셀이 2개라서, 채점 칸 위의 마지막 것(2번째 셀)을 답으로 "
            "보았습니다."
        )

    def test_answer_that_is_nowhere_is_told_so(self) -> None:
        """A deleted answer cell leaves the stub in its place."""
        submission = rebuilt({"cells": []})
        assert dict(submission.found_by) == dict.fromkeys(("p1", "weights", "p2", "essay"), "nowhere")
        assert source_of(submission, "p1-answer") == STUB
        assert (
            submission.notes["p1"].en == "no cell with the answer to p1 was found in the notebook handed in"
        )

    @pytest.mark.parametrize("first", [True, False])
    def test_of_a_copied_cell_the_one_worked_on_counts(self, first: bool) -> None:
        """A copy left untouched does not hide the answer, whichever stands first."""
        notebook = handed_in(p1="p1 = 72")
        twin = copy.deepcopy(notebook.cells[4])
        twin.source = STUB
        notebook.cells.insert(5 if first else 4, twin)
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert (
            submission.notes["p1"].en == "there were 2 answer cells for p1; the last one worked on was taken"
        )
        assert own_of(submission) == []

    def test_of_two_worked_copies_the_last_counts(self) -> None:
        """As running the notebook from top to bottom would give."""
        notebook = handed_in(p1="p1 = 99")
        twin = copy.deepcopy(notebook.cells[4])
        twin.source = "p1 = 72"
        notebook.cells.insert(5, twin)
        assert source_of(rebuilt(notebook), "p1-answer") == "p1 = 72"

    def test_of_copies_the_one_that_defines_the_name_counts(self) -> None:
        """A copy used as scratch paper is not the answer."""
        notebook = handed_in(p1="p1 = 72")
        twin = copy.deepcopy(notebook.cells[4])
        twin.source = "print(units)"
        notebook.cells.insert(5, twin)
        assert source_of(rebuilt(notebook), "p1-answer") == "p1 = 72"

    @pytest.mark.parametrize("kind", ["markdown", "raw", "heading", None])
    def test_answer_retyped_to_markdown_counts(self, kind: str | None) -> None:
        """A slip of the keyboard turns a code cell into markdown: its text is the answer all the same."""
        notebook = handed_in(p1="p1 = 72")
        notebook.cells[4].cell_type = kind
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert_graded_as_released(submission)

    @pytest.mark.parametrize("answered", [True, False])
    def test_code_that_a_statement_shows_is_no_answer(self, answered: bool) -> None:
        """A statement may show the function to repair; where all marks were lost, it is still the release's."""
        shown = "Repair it.\n\n```python\ndef weights(n):\n    return m\n```"
        given = release()
        given.cells.insert(1, cell("weights-statement-en", shown, "markdown", ours={"part": "statement"}))
        notebook = copy.deepcopy(given)
        for place, one in enumerate(notebook.cells):
            if answered and one["id"] == "weights-answer":
                one.source = "def weights(n):\n    return n"
            one["id"], one.metadata = f"cell-{place}", nbformat.from_dict({})
        submission = rebuild.rebuild(parse_submitted(json.dumps(notebook).encode()), given)
        want = "def weights(n):\n    return n" if answered else FUNCTION_STUB
        assert source_of(submission, "weights-answer") == want
        assert submission.found_by["weights"] == ("name" if answered else "nowhere")

    def test_emptied_answer_cell_is_an_untouched_one(self) -> None:
        """Without any text the stub's place is empty, and a definition elsewhere is taken."""
        notebook = handed_in(p1="  \n")
        notebook.cells.append(nbformat.v4.new_code_cell("p1 = 72"))
        assert source_of(rebuilt(notebook), "p1-answer") == "p1 = 72"
        assert "p1" not in rebuilt(notebook).untouched

    def test_comments_and_white_space_leave_a_stub_untouched(self) -> None:
        """Nothing is answered by them."""
        notebook = handed_in(p1="p1 = (...)  # 4 gates?", weights=f"# later\n{FUNCTION_STUB}", p2="# p2 = 72")
        assert rebuilt(notebook).untouched == {"p1", "weights", "p2", "essay"}
        assert rebuilt(handed_in(p1="p1 = (4)  # ...", essay="# Because.")).untouched == {"weights", "p2"}

    def test_manual_answer_is_taken_too(self) -> None:
        """nbgrader's own manual cells keep what the student wrote, and nothing is told of it."""
        submission = rebuilt(handed_in(essay="Because."))
        assert source_of(submission, "essay") == "Because."
        assert submission.found_by["essay"] == "grade id"
        assert dict(submission.notes) == {}

    def test_old_notebook_with_worksheets_is_read(self) -> None:
        """nbformat 3 keeps its cells in worksheets and their text in `input`."""
        submission = rebuilt({"worksheets": [{"cells": [{"cell_type": "code", "input": ["p1 =", " 72"]}]}]})
        assert source_of(submission, "p1-answer") == "p1 = 72"


class TestTheRest:
    """Beside the answers only the student's own cells and edited worked cells are taken."""

    def test_untouched_notebook_gives_the_release(self) -> None:
        """Nothing is added and nothing is lost."""
        submission = rebuilt(handed_in())
        assert submission.notebook == release()
        assert submission.untouched == {"p1", "weights", "p2", "essay"}
        assert set(submission.found_by.values()) == {"grade id"}
        assert submission.notes == {}

    def test_own_cells_keep_their_places(self) -> None:
        """A student's cell stands after the released cell that it stood after; one at the top stays there."""
        notebook = handed_in()
        notebook.cells.insert(5, nbformat.v4.new_code_cell("helper = 1"))
        notebook.cells.insert(5, nbformat.v4.new_markdown_cell("a note"))
        notebook.cells.insert(0, nbformat.v4.new_code_cell("first = 1"))
        notebook.cells.append(nbformat.v4.new_code_cell("last = 1"))
        submission = rebuilt(notebook)
        sources = [one.source for one in submission.notebook.cells]
        assert sources[0] == "first = 1"
        assert sources[-1] == "last = 1"
        place = sources.index(STUB)
        assert sources[place + 1 : place + 3] == ["a note", "helper = 1"]
        assert_graded_as_released(submission)

    def test_own_cells_bring_no_metadata_and_no_outputs(self) -> None:
        """Only type and text of a cell are the student's."""
        own = nbformat.v4.new_code_cell(
            "helper = 1",
            metadata={"tags": ["hide"], "nbgrader": {"points": 100}, "autograder": {"demonstration": True}},
            outputs=[nbformat.v4.new_output("stream", text="100")],
        )
        notebook = handed_in()
        notebook.cells.append(own)
        last = rebuilt(notebook).notebook.cells[-1]
        assert last.metadata == {"autograder": {"own": True}}
        assert last.outputs == []

    def test_edited_worked_cell_is_the_student_s(self) -> None:
        """A worked cell that a student changed runs as changed, where it stood."""
        notebook = handed_in()
        notebook.cells[1].source = "units = 5"
        submission = rebuilt(notebook)
        assert source_of(submission, "worked") == "units = 5"
        assert_graded_as_released(submission)

    def test_edited_demonstration_is_run(self) -> None:
        """A slow cell that is skipped while grading is not skipped once an answer may stand in it."""
        notebook = handed_in()
        notebook.cells[2].source = "helper = 1"
        by_id = {one["id"]: one for one in rebuilt(notebook).notebook.cells}
        assert by_id["slow"].source == "helper = 1"
        assert "autograder" not in by_id["slow"].metadata

    def test_untouched_demonstration_stays_one(self) -> None:
        """A slow cell that nobody changed is still skipped."""
        by_id = {one["id"]: one for one in rebuilt(handed_in()).notebook.cells}
        assert by_id["slow"].metadata == {"autograder": {"demonstration": True}}

    @pytest.mark.parametrize("id", ["given", "p1-grade", "weights-example", "title-en"])
    def test_locked_cells_and_prose_are_always_the_release_s(self, id: str) -> None:
        """Whatever a student wrote over them: what was defined there is in a cell of the student's own."""
        notebook = handed_in()
        one = next(one for one in notebook.cells if one["id"] == id)
        one.source = "assert True\nprint(LIMIT)"
        assert rebuilt(notebook).notebook == release()
        one.source = "MINE = 10**9\nassert True"
        submission = rebuilt(notebook)
        assert_graded_as_released(submission)
        assert own_of(submission) == ([] if id == "title-en" else ["MINE = 10**9"])

    def test_deleted_cells_are_back(self) -> None:
        """Without its grade cells a submission has them again."""
        notebook = handed_in(p1="p1 = 72")
        notebook.cells = [one for one in notebook.cells if not one.metadata.get("nbgrader", {}).get("grade")]
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert_graded_as_released(submission)

    def test_changed_points_are_ignored(self) -> None:
        """The release's points stay, whatever the submission says."""
        notebook = handed_in(p1="p1 = 72")
        for one in notebook.cells:
            if "nbgrader" in one.metadata:
                one.metadata["nbgrader"] |= {"points": 1000, "grade": True, "locked": False}
        submission = rebuilt(notebook)
        points = [one.metadata["nbgrader"].get("points") for one in submission.notebook.cells
                  if one.metadata.get("nbgrader", {}).get("grade")]  # fmt: skip
        assert points == [3, 4, 2, 5]
        assert_graded_as_released(submission)

    def test_grade_cell_of_the_student_s_own_is_dropped(self) -> None:
        """A cell that claims to be graded is not ours and not taken."""
        notebook = handed_in()
        notebook.cells.append(cell("mine", "100", grade_id="bonus", grade=True, points=100))
        submission = rebuilt(notebook)
        assert submission.notebook == release()

    def test_lost_ids_do_not_double_the_released_cells(self) -> None:
        """Where ids and metadata are gone, a cell with the release's own text is the release's."""
        notebook = handed_in(p1="p1 = 72")
        for place, one in enumerate(notebook.cells):
            one.metadata = {}
            one["id"] = f"cell-{place}"
        submission = rebuilt(notebook)
        assert source_of(submission, "p1-answer") == "p1 = 72"
        assert own_of(submission) == []
        assert_graded_as_released(submission)

    def test_the_release_itself_is_never_changed(self) -> None:
        """Rebuilding one submission leaves nothing behind for the next."""
        released = release()
        notebook = handed_in(p1="p1 = 72")
        notebook.cells[1].source = "units = 5"
        rebuild.rebuild(parse_submitted(json.dumps(notebook).encode()), released)
        assert released == release()

    def test_the_checks_of_this_module_see_a_changed_grade_cell(self) -> None:
        """`assert_graded_as_released` fails where points, text or order are not the release's."""
        for spoil in (
            lambda cells: cells[5].metadata["nbgrader"].update(points=100),
            lambda cells: cells[3].update(source="LIMIT = 0"),
            lambda cells: cells.reverse(),
            lambda cells: cells.append(cell("x", "100", grade_id="x-check", grade=True, points=9)),
        ):
            submission = rebuilt(handed_in())
            spoil(submission.notebook.cells)
            with pytest.raises(AssertionError):
                assert_graded_as_released(submission)


class TestEdition:
    """Which language's edition was handed in."""

    @pytest.mark.parametrize(("tag", "expected"), [("ko", "ko"), ("en", "en"), ("fr", "en"), (5, "en")])
    def test_by_its_metadata(self, tag: Any, expected: str) -> None:
        """The notebook's own word counts where it is a language of ours."""
        submitted = parse_submitted(
            json.dumps({"cells": [], "metadata": {"autograder": {"edition": tag}}}).encode()
        )
        assert edition_of(submitted, ("ko", "en"), "en") == expected

    def test_by_the_ids_of_its_prose(self) -> None:
        """Without metadata the statements tell, whatever the default is."""
        cells = [{"cell_type": "markdown", "source": "x", "id": "p1-statement-en"}]
        submitted = parse_submitted(json.dumps({"cells": cells}).encode())
        assert edition_of(submitted, ("ko", "en"), "ko") == "en"

    def test_by_the_languages_of_the_course(self) -> None:
        """Its own tags count, and no others: prose in none of its languages tells nothing."""
        cells = [{"cell_type": "markdown", "source": "x", "id": "p1-statement-pt-BR"}]
        submitted = parse_submitted(json.dumps({"cells": cells}).encode())
        assert edition_of(submitted, ("de", "pt-BR"), "de") == "pt-BR"
        assert edition_of(submitted, ("de",), "de") == "de"

    def test_by_default(self) -> None:
        """Where nothing tells, the course's first language."""
        submitted = parse_submitted(b'{"cells": []}')
        assert edition_of(submitted, ("ko", "en"), "ko") == "ko"
        assert edition_of(submitted, ("ko", "en"), "en") == "en"


class TestNames:
    """Which names a cell defines at its top level."""

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("a = b = 1", {"a", "b"}),
            ("a, (b, *c) = x", {"a", "b", "c"}),
            ("def f(x):\n    y = 1", {"f"}),
            ("async def f(): ...\nclass C:\n    d = 1", {"f", "C"}),
            ("a: int = 1\nb: int", {"a", "b"}),
            ("if True:\n    a = 1", set()),
            ("a == 1", set()),
            ("%matplotlib inline\na = 1\ndef f(x):\n    return x", {"a", "f"}),
            ("a = (", {"a"}),
            ("", set()),
        ],
    )
    def test_names_at_the_top_level(self, source: str, expected: set[str]) -> None:
        """Assignments, functions and classes, also beside lines that only IPython reads."""
        assert names_defined(nbformat.v4.new_code_cell(source)) == expected

    @pytest.mark.parametrize(
        "source",
        ["(" * 5000, "[" * 100_000, "-" * 100_000 + "1", "a" + ".b" * 60_000, "\0", "x = '\\d'", "\ud800".encode(
            "utf-8", "replace").decode(), "if x:\n" * 200, "lambda: " * 20_000 + "1"],
        ids=range(9),
    )  # fmt: skip
    def test_hostile_text_raises_nothing(self, source: str) -> None:
        """Text that Python's own parser gives up on, or warns of, defines what the eye sees or nothing."""
        assert names_defined(nbformat.v4.new_code_cell(source)) <= {"x", "a"}


# JSON in the shape of a notebook, in which anything may stand in the place of anything
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
IDS = st.sampled_from([one["id"] for one in release().cells])
GRADE_IDS = st.sampled_from(["p1", "p1-check", "weights", "weights-check", "given", "essay", "other"])
SOURCES = st.sampled_from(
    ["", STUB, "p1 = 72", "p2 = 5", "def weights(n):\n    return n", "LIMIT = 0", "assert False", "p1 = ("]
)
NBGRADER = st.fixed_dictionaries(
    {},
    optional={
        "grade_id": GRADE_IDS | ANYTHING,
        "grade": ANYTHING,
        "solution": ANYTHING,
        "locked": ANYTHING,
        "points": ANYTHING,
        "schema_version": ANYTHING,
    },
)
OURS = st.fixed_dictionaries(
    {},
    optional={
        "part": st.sampled_from(["answer", "grade", "example", "statement"]) | ANYTHING,
        "question": GRADE_IDS | ANYTHING,
        "cell_id": IDS | ANYTHING,
        "demonstration": ANYTHING,
        "own": ANYTHING,
    },
)
CELLS = st.lists(
    st.fixed_dictionaries(
        {"source": SOURCES | st.lists(SOURCES | ANYTHING, max_size=3) | ANYTHING},
        optional={
            "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | ANYTHING,
            "id": IDS | ANYTHING,
            "metadata": st.fixed_dictionaries(
                {},
                optional={
                    "nbgrader": NBGRADER | ANYTHING,
                    "autograder": OURS | ANYTHING,
                    "id": IDS | ANYTHING,
                },
            )
            | ANYTHING,
            "outputs": ANYTHING,
        },
    )
    | ANYTHING,
    max_size=6,
)


class TestAnything:
    """No notebook, however made, raises anything but UnreadableSubmission or changes what is graded."""

    @bounded
    @given(CELLS)
    def test_any_cells_are_rebuilt_and_graded_as_released(self, cells: list[Any]) -> None:
        """Whatever the cells say of themselves, the graded cells are the release's and the result is valid."""
        submission = rebuilt({"cells": cells})
        assert_graded_as_released(submission)
        nbformat.validate(submission.notebook)
        assert set(submission.found_by) == {"p1", "weights", "p2", "essay"}
        assert json.dumps(submission.notebook, ensure_ascii=False).encode("utf-8")

    @bounded
    @given(
        st.dictionaries(st.sampled_from(["cells", "worksheets", "metadata", "nbformat"]), ANYTHING | CELLS)
        | ANYTHING
    )
    @example({"worksheets": [{"cells": 5}]})
    @example({"worksheets": [{"cells": [5]}, 5]})
    @example({"cells": [{"source": "\ud800", "metadata": {"nbgrader": {"grade_id": "\ud800"}}}]})
    @example({"cells": [], "metadata": {"autograder": {"edition": "\ud800"}}})
    def test_any_object_is_a_notebook_or_refused(self, data: Any) -> None:
        """Arbitrary JSON gives a notebook that can be rebuilt, or an UnreadableSubmission."""
        try:
            submitted = parse_submitted(json.dumps(data).encode())
        except UnreadableSubmission as refused:
            assert refused.reason.en == NO_CELLS
            return
        assert edition_of(submitted, ("ko", "en"), "ko") in ("ko", "en")
        assert_graded_as_released(rebuild.rebuild(submitted, release()))

    @bounded
    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_notebook_or_refused(self, raw: bytes) -> None:
        """Arbitrary bytes raise nothing else."""
        try:
            parse_submitted(raw)
        except UnreadableSubmission as refused:
            assert refused.reason == explain_file(raw) or refused.reason.en == NO_CELLS

    @pytest.mark.parametrize("depth", [100, 400, 900])
    @pytest.mark.parametrize("name", ["nbgrader", "autograder"])
    def test_deep_metadata_is_a_notebook_or_refused(self, name: str, depth: int) -> None:
        """Metadata nested deeply raise no RecursionError, wherever they stand."""
        deep = '{"a":' * depth + "1" + "}" * depth
        metadata = f'{{"{name}": {deep}}}'
        raw = f'{{"cells": [{{"source": "p1 = 72", "metadata": {metadata}}}], "metadata": {metadata}}}'
        try:
            submitted = parse_submitted(raw.encode())
        except UnreadableSubmission:
            return
        assert_graded_as_released(rebuild.rebuild(submitted, release()))

    @bounded
    @given(st.integers(0, 11), st.integers(0, 11), st.text(max_size=30))
    def test_cell_moved_anywhere_with_any_text_keeps_the_grade_cells(
        self, from_place: int, to_place: int, text: str
    ) -> None:
        """Moving and rewriting any one released cell changes no graded one."""
        notebook = handed_in(p1="p1 = 72")
        moved = notebook.cells.pop(from_place)
        moved.source = text
        notebook.cells.insert(to_place, moved)
        assert_graded_as_released(rebuilt(notebook))


class TestSetAside:
    """What is no plain file of a submission is moved away, and into nothing that an earlier one left."""

    def hand_in(self, root: Path) -> Path:
        folder = root / "submitted" / "mal" / "a"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def test_link_that_was_moved_away_before_is_not_passed_through(self, tmp_path: Path) -> None:
        """A first submission leaves a link, a second one a file below its name: a question file stays what it is."""
        question = tmp_path / "solutions" / "a" / "q.py"
        question.parent.mkdir(parents=True)
        question.write_text("ours")
        submitted, place = tmp_path / "submitted", tmp_path / "build" / "refused"
        folder = self.hand_in(tmp_path)
        (folder / "data").symlink_to(question.parent)
        [moved] = set_aside(submitted, ("mal", "a"), place)
        assert moved.is_symlink()
        assert not (folder / "data").exists()
        (folder / "data").mkdir()
        (folder / "other").write_text("theirs")
        os.link(folder / "other", folder / "data" / "q.py")
        set_aside(submitted, ("mal", "a"), place)
        assert question.read_text() == "ours"
        assert not (folder / "data" / "q.py").exists()

    def test_file_of_holes_is_not_copied(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """It takes no room where it is, and all that it says in every copy; the log tells, and the rest is kept."""
        root = small_course(tmp_path / "course")
        folder = self.hand_in(root)
        for name, size in (("timestamp.txt", 30), ("words.csv", 1000), ("holes.bin", 500_000_000)):
            (folder / name).touch()
            os.truncate(folder / name, size)
        with contextlib.chdir(root):
            prepare_submission("a", "mal", [str(folder / "a.ipynb")])
        assert sorted(path.name for path in folder.iterdir()) == ["timestamp.txt", "words.csv"]
        [moved] = (root / "build" / "refused").rglob("holes.bin")
        assert f"a of mal: not a plain file, or too much data; moved to {moved}" in caplog.text

    @pytest.mark.parametrize(("files", "size"), [(1200, 0), (7, 9_000_000)])
    def test_the_time_of_a_submission_is_kept_among_many_files(
        self, tmp_path: Path, files: int, size: int
    ) -> None:
        """Of more data than is copied some is left, and what the exchange wrote is not: lateness depends on it."""
        folder = self.hand_in(tmp_path)
        for number in range(files):
            (folder / f"a{number:04}").touch()
            os.truncate(folder / f"a{number:04}", size)
        (folder / "timestamp.txt").write_text("2027-03-24 22:10:00 UTC")
        moved = set_aside(tmp_path / "submitted", ("mal", "a"), tmp_path / "refused")
        left = [path for path in folder.iterdir() if path.name != "timestamp.txt"]
        assert (folder / "timestamp.txt").exists()
        assert len(left) + len(moved) == files
        assert len(left) == (999 if not size else 5)

    def test_unmovable_path_stops_that_student_alone(self, tmp_path: Path) -> None:
        """nbgrader would log the error and go on, following the link; the next student is graded."""
        course = course_of_one_question(tmp_path / "course")
        for name in ("mal", "zoe"):
            folder = course.submitted / name / "arithmetic"
            shutil.copytree(course.assignment("arithmetic").release("en").parent, folder)
        (course.submitted / "mal" / "arithmetic" / "data").symlink_to("/etc")
        (course.root / "build").mkdir(exist_ok=True)
        (course.root / "build" / "refused").write_text("a file in the way")
        done = command("nbgrader", "autograde", "arithmetic", cwd=course.root)
        assert done.returncode != 0
        assert "cannot prepare the submission for grading" in done.stderr
        assert "error processing assignment 'arithmetic' for student 'mal'" in done.stderr
        assert "for student 'zoe'" not in done.stderr
        assert [path.name for path in course.autograded.iterdir()] == ["zoe"]
        with Gradebook(course.gradebook_url) as gradebook:
            assert [one.student.id for one in gradebook.assignment_submissions("arithmetic")] == ["zoe"]


class TestTime:
    """When a submission was handed in, as nbgrader's own command and ours read it."""

    @pytest.fixture
    def slip(self, tmp_path: Path) -> Path:
        folder = tmp_path / "submitted" / "mal" / "a"
        folder.mkdir(parents=True)
        return folder / "timestamp.txt"

    @pytest.fixture
    def read(self, tmp_path: Path, slip: Path) -> Callable[[], datetime | None]:
        """What nbgrader's command reads."""
        config = config_of(Course.open(small_course(tmp_path)), tmp_path, "")
        converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
        converter.exporter_class(parent=converter, config=config)
        return lambda: converter.coursedir.get_existing_timestamp(str(slip.parent))

    def test_time_is_in_utc(self, slip: Path, read: Callable[[], datetime | None]) -> None:
        """As nbgrader keeps it."""
        slip.write_text("2026-03-02 13:37:45 Asia/Seoul\n")
        assert read() == submitted_at(slip.parent) == datetime(2026, 3, 2, 4, 37, 45)

    @pytest.mark.parametrize(
        "written", ["", "the day after tomorrow", "9" * 200_000, "9999-12-31 23:59:59 -1400"]
    )
    def test_invalid_timestamps_count_as_none(
        self, slip: Path, read: Callable[[], datetime | None], written: str
    ) -> None:
        """nbgrader itself would fail."""
        slip.write_text(written)
        assert read() is None

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_nobody_waits_for_it(self, slip: Path, read: Callable[[], datetime | None]) -> None:
        """nbgrader reads it before anything is moved away."""
        os.mkfifo(slip)
        assert read() is None

    @pytest.mark.parametrize("zone", ["/{}", ":/{}", "../../../{}"])
    def test_no_file_is_read_for_its_zone(self, slip: Path, zone: str) -> None:
        """One that was handed in as well takes the writer of the gradebook as long as it likes."""
        seoul = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 32400, 0, 0)
        with tempfile.NamedTemporaryFile() as file:  # in a path that is short enough for a time
            file.write(seoul + b"KST\0")
            file.flush()
            slip.write_text(f"2026-03-02 13:37:45 {zone.format(file.name.removeprefix('/'))}")
            assert submitted_at(slip.parent) is None


class TestMarkdown:
    """What a student wrote as markdown is shown by whoever renders it, and nothing of it runs."""

    @pytest.mark.parametrize(
        "source",
        [
            "My *own* words, and `code < more`.", "# A heading\n\n- one\n- two\n\n1. three", "a < b and c > d & e",
            "See [here](https://example.org) or <https://example.org>.", "$a_1 < \\frac{b}{c}$",
            "```python\nprint(1 < 2)\n```", "| a | b |\n|---|:-:|\n| 1 | 2 |", "~~no~~ **yes**\n\n> as they said",
        ],
    )  # fmt: skip
    def test_prose_stays_as_it_is(self, source: str) -> None:
        """Whatever people write in it."""
        assert markdown.harmless(source) == source

    @pytest.mark.parametrize("source", [*MARKUP, *fetching("http://127.0.0.1"), "```mermaid\n<b>\n```"])
    def test_active_content_is_shown_as_typed(self, source: str) -> None:
        """In a block of code that it cannot close, where it is not shown as code anyway."""
        shown = markdown.harmless(source)
        assert shown == source or shown.splitlines()[1:-1] == source.splitlines()
        html = markdown2html_mistune(shown)
        assert "<" not in markdown.TAG.sub("", html)

    @given(st.text(max_size=300), st.lists(st.sampled_from(MARKUP), max_size=3), st.integers(0, 300))
    def test_whatever_is_written_nothing_in_its_page_runs(
        self, text: str, pieces: list[str], at: int
    ) -> None:
        """However it is cut and joined."""
        source = text[:at] + "".join(pieces) + text[at:]
        shown = markdown.harmless(source)
        assert "<" not in markdown.TAG.sub("", markdown2html_mistune(shown))


def test_cell_is_parsed_once_however_many_answers_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """And none beyond a number of letters, in which names are found all the same."""
    parsed: list[str] = []

    def parse(source: str) -> ast.Module:
        parsed.append(source)
        return parse_source(source)

    monkeypatch.setattr("autograder.submissions.parse.parse_source", parse)
    release = nbformat.v4.new_notebook()
    for number in range(5):
        release.cells.append(
            cell(f"q{number}-answer", STUB, ours={"part": "answer"}, grade_id=f"q{number}", solution=True)
        )
    filler = [f"x{number} = [{'1, ' * 20_000}]" for number in range(10)]
    cells = [*(nbformat.v4.new_code_cell(source) for source in filler), nbformat.v4.new_code_cell("q4 = 4")]
    raw = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    found = rebuild.rebuild(parse_submitted(raw), release)
    assert found.found_by == {
        "q0": "nowhere",
        "q1": "nowhere",
        "q2": "nowhere",
        "q3": "nowhere",
        "q4": "name",
    }
    assert len(parsed) == len(set(parsed))
    assert sum(map(len, parsed)) <= MAX_PARSED
