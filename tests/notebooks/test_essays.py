"""Essays out of notebooks in any state: found by mark or by place, or waiting for a person, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.submissions import rebuild
from autograder.submissions.parse import parse_submitted
from autograder.submissions.selection import answers_in
from autograder.text import Text

STUB = "YOUR ANSWER HERE"
ESSAYS = ("why", "how", "what")
BY_PLACE = "the answer cell of why was untouched or had lost its mark; the cell in its place was taken"
WAITS = (
    "For the grader: no answer to why was found in its cell or its place. The student added cells of their own; "
    "look through this notebook for the answer."
)


def cell(name: str, source: str, kind: str = "markdown", **nbgrader: Any) -> NotebookNode:
    """A cell of a release, by its id."""
    flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return new(source, id=name, metadata={"nbgrader": flags | nbgrader} if nbgrader else {})


def essay(name: str, kind: str = "markdown") -> NotebookNode:
    stub = STUB if kind == "markdown" else "# YOUR CODE HERE"
    return cell(name, stub, kind, grade_id=name, grade=True, solution=True, points=3)


def release(*, edition: str = "en") -> NotebookNode:
    """A release of a question, an essay, two essays side by side, a drawing that is code, and a task."""
    answer = cell("p1-answer", "p1 = ...", "code", grade_id="p1", solution=True)
    answer.metadata["autograder"] = {"question": "p1", "part": "answer"}
    return nbformat.v4.new_notebook(
        metadata={"autograder": {"assignment": "sheet", "edition": edition}},
        cells=[
            cell("title", "# Sheet"),
            answer,
            cell("p1-grade", "# p1: graded later", "code", grade_id="p1-check", grade=True, locked=True, points=2),
            cell("ask-why", "Why does it work?"),
            essay("why"),
            cell("ask-both", "How, and what?"),
            essay("how"),
            essay("what"),
            cell("ask-plot", "Draw it."),
            essay("plot", "code"),
            cell("task", "Discuss below.", grade_id="task", task=True, locked=True, points=4),
            cell("end", "That is all."),
        ],
    )  # fmt: skip


Edit = Callable[[list[NotebookNode]], None]


def place_of(cells: list[NotebookNode], name: str) -> int:
    return next(place for place, one in enumerate(cells) if one["id"] == name)


def prose(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def handed_in(edit: Edit = lambda cells: None, *, lost: bool = False, **answers: str) -> NotebookNode:
    """A notebook with answers. lost: as Colab saves it, without metadata and cell ids; edit: made before."""
    notebook = release()
    for one in notebook.cells:
        one.source = answers.get(str(one["id"]).removesuffix("-answer"), one.source)
    edit(notebook.cells)
    if lost:
        notebook.metadata = {}
        for place, one in enumerate(notebook.cells):
            one["id"], one.metadata = f"cell-{place}", nbformat.from_dict({})
    return notebook


def rebuilt(notebook: NotebookNode, *, edition: str = "en", **given: Any) -> rebuild.RebuiltSubmission:
    submitted = parse_submitted(json.dumps(notebook).encode())
    return rebuild.rebuild(submitted, release(edition=edition), **given)


def source_of(submission: rebuild.RebuiltSubmission, name: str) -> str:
    return {one["id"]: one.source for one in submission.notebook.cells}[name]


def own_of(submission: rebuild.RebuiltSubmission) -> list[str]:
    """The student's own cells."""
    ids = [(str(one["id"]), one.source) for one in submission.notebook.cells]
    return [source for name, source in ids if name.startswith("own-") and not name.startswith("own-note-")]


def notes_in(submission: rebuild.RebuiltSubmission) -> list[str]:
    """What stands below essays for whoever reads the notebook."""
    return [one.source for one in submission.notebook.cells if one["id"].startswith("own-note-")]


def put(text: str, after: str, kind: str = "markdown") -> Edit:
    """Let the student add a cell below another."""

    def edit(cells: list[NotebookNode]) -> None:
        new = prose(text) if kind == "markdown" else nbformat.v4.new_code_cell(text)
        cells.insert(place_of(cells, after) + 1, new)

    return edit


def remove(*names: str) -> Edit:
    def edit(cells: list[NotebookNode]) -> None:
        cells[:] = [one for one in cells if one["id"] not in names]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(cells: list[NotebookNode]) -> None:
        for one in edits:
            one(cells)

    return edit


class TestByPlace:
    """Without marks an essay is what stands between the released cells around it."""

    def test_essay_without_marks_is_found(self) -> None:
        """Its text is in the graded cell, and nothing of it is left over."""
        submission = rebuilt(handed_in(lost=True, why="Because."))
        assert source_of(submission, "why") == "Because."
        assert submission.found_by["why"] == "place"
        assert own_of(submission) == []

    def test_it_is_told(self) -> None:
        """A note in both languages, and below the answer in that of the edition."""
        submission = rebuilt(handed_in(lost=True, why="Because."))
        assert submission.notes["why"] == Text(
            ko="why의 답 칸이 비었거나 표시가 없어져서, 그 자리에 있는 셀을 답으로 보았습니다.", en=BY_PLACE
        )
        assert notes_in(submission) == [f"*{BY_PLACE}*"]
        assert notes_in(rebuilt(handed_in(lost=True, why="Because."), edition="ko")) == [
            "*why의 답 칸이 비었거나 표시가 없어져서, 그 자리에 있는 셀을 답으로 보았습니다.*"
        ]

    def test_split_essay_is_joined(self) -> None:
        """Several cells in its place are taken in order."""
        submission = rebuilt(handed_in(put("Second.", "why"), lost=True, why="First."))
        assert source_of(submission, "why") == "First.\n\nSecond."
        assert submission.notes["why"].en.endswith("the 2 cells in its place were taken together")

    def test_two_essays_in_one_gap_are_taken_in_order(self) -> None:
        """The last takes what is left."""
        submission = rebuilt(handed_in(put("More.", "what"), lost=True, how="So.", what="That."))
        assert source_of(submission, "how") == "So."
        assert source_of(submission, "what") == "That.\n\nMore."

    def test_of_two_in_one_gap_the_second_stays_untouched(self) -> None:
        """Its stub keeps its place, though both stubs say the same."""
        submission = rebuilt(handed_in(lost=True, how="Text."))
        assert source_of(submission, "how") == "Text."
        assert source_of(submission, "what") == STUB

    def test_of_two_in_one_gap_the_first_waits_where_it_is_untouched(self) -> None:
        """The text below its cell is taken for the second, and may have been meant for the first."""
        submission = rebuilt(handed_in(lost=True, what="Text."))
        assert source_of(submission, "what") == "Text."
        assert source_of(submission, "how").startswith("For the grader: no answer to how was found")

    @pytest.mark.parametrize("lost", [False, True])
    def test_answer_in_a_new_cell_below_an_untouched_one_counts(self, lost: bool) -> None:
        """Students write below the cell instead of in it."""
        submission = rebuilt(handed_in(put("Because.", "why"), lost=lost))
        assert source_of(submission, "why") == "Because."
        assert submission.found_by["why"] == "place"
        assert own_of(submission) == []

    @pytest.mark.parametrize("below", ["how", "what"])
    def test_of_two_untouched_ones_the_one_above_the_new_cell_is_meant(self, below: str) -> None:
        """A cell belongs to the stub right above it."""
        submission = rebuilt(handed_in(put("Text.", below), lost=True))
        assert {name: source_of(submission, name) for name in ("how", "what")} == {
            name: "Text." if name == below else STUB for name in ("how", "what")
        }

    def test_answer_written_into_a_code_cell_counts(self) -> None:
        """A new cell is a code cell first; a text that Python cannot read is prose."""
        submission = rebuilt(handed_in(put("It works because of that.", "why", "code")))
        assert source_of(submission, "why") == "It works because of that."

    def test_code_below_an_untouched_essay_is_no_answer(self) -> None:
        """What Python reads stays a cell of the student's own."""
        submission = rebuilt(handed_in(put("print(p1)", "why", "code")))
        assert source_of(submission, "why") == STUB
        assert own_of(submission) == ["print(p1)"]

    @pytest.mark.parametrize("lost", [False, True])
    def test_answer_written_into_the_prompt_counts(self, lost: bool) -> None:
        """The release's own text comes back in its cell, so the student's would be gone."""
        edited = {"ask-why": "Why does it work?\n\nBecause."}
        submission = rebuilt(handed_in(lost=lost, **edited))
        assert source_of(submission, "why") == edited["ask-why"]
        assert source_of(submission, "ask-why") == "Why does it work?"

    def test_manual_code_cell_is_found_too(self) -> None:
        """Among code cells, and prose stays where it is."""
        edit = put("My idea.", "ask-plot")
        submission = rebuilt(handed_in(edit, lost=True, plot="draw(p1)"))
        assert source_of(submission, "plot") == "draw(p1)"
        assert own_of(submission) == ["My idea."]

    def test_split_essay_with_its_marks_is_joined(self) -> None:
        """An editor gives both halves the mark."""

        def split(cells: list[NotebookNode]) -> None:
            here = place_of(cells, "why")
            second = nbformat.from_dict(json.loads(json.dumps(cells[here])))
            second["id"], second.source = "half", "Second."
            cells.insert(here + 1, second)

        submission = rebuilt(handed_in(split, why="First."))
        assert source_of(submission, "why") == "First.\n\nSecond."
        assert submission.notes["why"] == Text(
            ko="why의 답 칸이 2개 있어서 이어서 답으로 보았습니다.",
            en="there were 2 answer cells for why; they were taken together",
        )


class TestNotSwallowed:
    """A cell that is plainly elsewhere stays the student's own."""

    def test_note_beside_a_worked_on_essay_stays(self) -> None:
        """The essay is found by its mark, so nothing is looked for."""
        submission = rebuilt(handed_in(put("A note.", "why"), why="Because."))
        assert source_of(submission, "why") == "Because."
        assert own_of(submission) == ["A note."]
        assert dict(submission.notes) == {}

    def test_note_at_a_question_stays(self) -> None:
        """Between a code answer and the essay stand released cells."""
        submission = rebuilt(handed_in(put("A note.", "p1-answer"), lost=True, p1="p1 = 3", why="Because."))
        assert source_of(submission, "why") == "Because."
        assert own_of(submission) == ["A note."]

    def test_untouched_essay_stays_so_beside_a_note_elsewhere(self) -> None:
        """nbgrader gives it its 0 as "No response"."""
        submission = rebuilt(handed_in(put("A note.", "p1-answer"), p1="p1 = 3"))
        assert source_of(submission, "why") == STUB
        assert dict(submission.notes) == {}

    @pytest.mark.parametrize("text", ["", "  \n", f"{STUB}\n"])
    def test_emptied_essay_is_an_untouched_one(self, text: str) -> None:
        """The stub comes back to the byte, by which nbgrader knows it."""
        assert source_of(rebuilt(handed_in(why=text)), "why") == STUB


class TestWaiting:
    """Where a text may be an answer, the essay waits for a person."""

    def test_essay_moved_away_without_marks_waits(self) -> None:
        """Its cell says where to look, in the language of the edition."""

        def move(cells: list[NotebookNode]) -> None:
            cells.insert(2, cells.pop(place_of(cells, "why")))

        submission = rebuilt(handed_in(move, lost=True, why="Because."))
        assert source_of(submission, "why") == WAITS
        assert own_of(submission) == ["Because."]
        assert submission.found_by["why"] == "nowhere"
        assert source_of(rebuilt(handed_in(move, lost=True, why="Because."), edition="ko"), "why") == (
            "채점하시는 분께: why의 답을 답 칸에서도 그 자리에서도 찾지 못했습니다. 학생이 따로 만든 셀이 있으니, 답이 "
            "거기에 있는지 이 노트북에서 찾아보세요."
        )

    def test_text_at_the_end_lets_an_untouched_essay_wait(self) -> None:
        """Below the last released cell it has no place that would tell whose it is."""
        submission = rebuilt(handed_in(lambda cells: cells.append(prose("My answers: because."))))
        assert source_of(submission, "why") == WAITS

    def test_drawing_waits_in_a_comment(self) -> None:
        """The cell is code, and is run."""
        submission = rebuilt(handed_in(both(remove("plot"), put("draw(p1)", "title", "code"))))
        assert source_of(submission, "plot").startswith("# For the grader: no answer to plot was found")

    def test_text_between_two_essays_stays_with_the_one_above(self) -> None:
        """It may go on with that answer: it stays where it is, and the untouched essay below it waits."""
        submission = rebuilt(handed_in(put("More.", "how"), how="So."))
        assert source_of(submission, "how") == "So."
        assert own_of(submission) == ["More."]
        assert source_of(submission, "what").startswith("For the grader: no answer to what was found")

    def test_answer_in_another_notebook_lets_it_wait(self) -> None:
        """Of several notebooks one is graded; the cell tells which holds another answer."""
        note = Text(ko="b.ipynb에 있습니다.", en="b.ipynb holds another answer to why")
        submission = rebuilt(handed_in(), elsewhere={"why": note})
        assert source_of(submission, "why") == "b.ipynb holds another answer to why"

    def test_another_answer_in_another_notebook_is_told_below(self) -> None:
        """The answer that counts stays as it is."""
        note = Text(ko="b.ipynb에 있습니다.", en="b.ipynb holds another answer to why")
        submission = rebuilt(handed_in(why="Because."), elsewhere={"why": note})
        assert source_of(submission, "why") == "Because."
        assert notes_in(submission) == ["*b.ipynb holds another answer to why*"]


class TestTask:
    """A task is answered in cells below it."""

    @pytest.mark.parametrize("lost", [False, True])
    def test_cells_below_a_task_stay_there(self, lost: bool) -> None:
        """The person who grades it finds it under the task."""
        submission = rebuilt(handed_in(put("I think so.", "task"), lost=lost))
        ids = [one["id"] for one in submission.notebook.cells]
        assert submission.notebook.cells[ids.index("task") + 1].source == "I think so."
        assert source_of(submission, "plot") == "# YOUR CODE HERE"

    def test_answer_written_into_the_task_is_kept(self) -> None:
        """The released text comes back, with the student's version below it."""
        submission = rebuilt(handed_in(task="Discuss below.\n\nI think so."))
        assert source_of(submission, "task") == "Discuss below."
        assert own_of(submission) == ["Discuss below.\n\nI think so."]


class TestWorkedOn:
    """`collect` counts the answers that a notebook holds."""

    def test_essay_found_by_its_place_counts(self) -> None:
        """As one that has its mark."""
        answers = {"p1": "p1 = 3", "why": "Because."}
        submitted = parse_submitted(json.dumps(handed_in(lost=True, **answers)).encode())
        assert answers_in(submitted, release()) == answers

    def test_the_sentence_of_one_that_waits_does_not(self) -> None:
        """It is ours."""
        notebook = handed_in(lambda cells: cells.append(prose("A note.")))
        assert answers_in(parse_submitted(json.dumps(notebook).encode()), release()) == {}


NAMES = [str(one["id"]) for one in release().cells]
OWN = st.lists(
    st.tuples(st.integers(0, len(NAMES)), st.sampled_from(["A note.", "Another note.", "print(1)"])),
    max_size=3,
)


@settings(max_examples=100)
@given(
    lost_marks=st.sets(st.sampled_from(NAMES)),
    lost_ids=st.sets(st.sampled_from(NAMES)),
    own=OWN,
    answered=st.sets(st.sampled_from(ESSAYS)),
    below=st.sets(st.sampled_from(ESSAYS)),
    gone=st.sets(st.sampled_from(NAMES), max_size=3),
    moved=st.none() | st.tuples(st.sampled_from(ESSAYS), st.integers(0, len(NAMES))),
)
def test_no_essay_is_lost(
    lost_marks: set[str],
    lost_ids: set[str],
    own: list[tuple[int, str]],
    answered: set[str],
    below: set[str],
    gone: set[str],
    moved: tuple[str, int] | None,
) -> None:
    """Whatever marks are lost: a text is in its essay's cell, or that cell differs from its stub, so that it waits.

    An answer stands in the essay's cell or in a new one below it; notes stand anywhere, other cells are deleted, and
    one answer is moved.
    """
    notebook = release()
    for name in answered - below:
        notebook.cells[place_of(notebook.cells, name)].source = f"The answer to {name}."
    for name in answered & below:
        notebook.cells.insert(place_of(notebook.cells, name) + 1, prose(f"The answer to {name}."))
    if moved is not None and moved[0] in answered - below:
        notebook.cells.insert(moved[1], notebook.cells.pop(place_of(notebook.cells, moved[0])))
    notebook.cells = [one for one in notebook.cells if one["id"] not in gone - (answered - below)]
    for place, text in own:
        new = nbformat.v4.new_code_cell(text) if text == "print(1)" else prose(text)
        notebook.cells.insert(place, new)
    for place, one in enumerate(notebook.cells):
        if one["id"] in lost_marks:
            one.metadata = nbformat.from_dict({})
        if one["id"] in lost_ids:
            one["id"] = f"lost-{place}"
    submission = rebuilt(notebook)
    for name in answered:
        text = source_of(submission, name)
        assert f"The answer to {name}." in text or text != STUB
    written = "\n".join(one.source for one in submission.notebook.cells)
    for name in answered:
        assert f"The answer to {name}." in written
