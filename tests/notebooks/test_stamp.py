"""Stamping: question files into a source notebook, again and again, the author's own cells untouched."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from autograder.errors import QuestionError
from autograder.notebooks.cells import cell_metadata, question_of
from autograder.notebooks.stamp import (
    answer_text,
    example_text,
    new_notebook,
    question_cells,
    stamp,
    statement_text,
)
from autograder.questions.loader import load_question
from autograder.questions.question import Question

BOTH = ("ko", "en")
VERSIONS = {"numpy": "2.4"}

FUNCTION = '''\
"""Adds two numbers."""

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(ko="두 수의 합", en="The sum of two numbers"),
    statement=Text(
        ko="""
        합을 돌려주세요.
        """,
        en="""
        Return the sum:

            total(2, 5)
        """,
    ),
    sample=(2, 5),
    returns="int",
)


@question.answer
def total(first, second):
    """Sum of two whole numbers."""
    both = first + second
    return both


@question.example
def example(total):
    """Not shown."""
    assert total(2, 5) == 7
    assert total(0, 0) == 0


@question.cases
def cases(rng):
    return [Case(3, 4), Case(10, 6)]


@question.check(points=1.5, text=Text(ko="합이 맞는다", en="adds"))
def adds(got, case, want):
    expect.count(got, want)


@question.check(points=0.5, text=Text(ko="정수이다", en="is whole"))
def is_whole(got, case, want):
    expect.whole(got)
'''

NUMBER = '''\
"""How many weights?"""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제", en="Problem"),
    statement=Text(ko="식을 쓰세요.", en="Write the arithmetic."),
    numbers=({"inputs": 5, "units": 7},),
)


@question.answer
def weights(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=1, text=Text(ko="맞는다", en="is right"))
def is_right(got, case, want):
    expect.number(got, want)
'''


def load(folder: Path, text: str, name: str) -> Question:
    """A question of the given text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return load_question(path, BOTH)


def change(text: str, *changes: tuple[str, str]) -> str:
    """`text` with some places replaced; each must be there."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def total(tmp_path: Path) -> Question:
    """A function question."""
    return load(tmp_path, FUNCTION, "total")


@pytest.fixture
def weights(tmp_path: Path) -> Question:
    """A number question."""
    return load(tmp_path, NUMBER, "weights")


@pytest.fixture
def drawn(tmp_path: Path) -> Question:
    """A number question whose numbers differ from student to student."""
    variants = '({"inputs": 5, "units": 7}, {"inputs": 6, "units": 9}, {"inputs": 8, "units": 4})'
    text = change(NUMBER, ('({"inputs": 5, "units": 7},)', variants), ("def weights", "def drawn"))
    return load(tmp_path, text, "drawn")


def own(source: str, kind: str = "markdown", **metadata: Any) -> NotebookNode:
    """A cell of the author's."""
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return new(source, metadata=metadata)


def placeholder(name: str) -> NotebookNode:
    """The empty cell where a question shall go."""
    return nbformat.v4.new_code_cell("", metadata={"autograder": {"question": name, "part": "answer"}})


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A source notebook of the given cells."""
    return nbformat.v4.new_notebook(cells=list(cells))


def stamped(source: NotebookNode, *questions: Question, languages: tuple[str, ...] = BOTH) -> NotebookNode:
    """The notebook with its questions stamped."""
    return stamp(source, questions, languages, VERSIONS)


def parts(found: NotebookNode) -> list[str]:
    """Each cell but the tools as a short word: its question and part, or its text where it is the author's."""
    words = []
    for cell in found.cells:
        if cell_metadata(cell).get("part") == "tools":
            continue
        ours = cell_metadata(cell)
        word = " ".join(str(ours[key]) for key in ("question", "part", "lang") if key in ours)
        words.append(word if "part" in ours else cell.source)
    return words


def cell_of(found: NotebookNode, part: str, lang: str | None = None) -> NotebookNode:
    """The one cell of a part."""
    (cell,) = [
        one
        for one in found.cells
        if cell_metadata(one).get("part") == part and cell_metadata(one).get("lang") == lang
    ]
    return cell


HAND_IN = ["hand-in ko", "hand-in ko", "hand-in en", "hand-in en"]
TOTAL = ["total statement ko", "total statement en", "total answer", "total example", "total grade"]
WEIGHTS = ["weights statement ko", "weights statement en", "weights answer", "weights grade"]


class TestWhereQuestionsGo:
    """The order of the cells."""

    def test_new_notebook_gets_its_questions_last(self, total: Question, weights: Question) -> None:
        """Without placeholders the questions follow the heading, and the hand-in cells follow them."""
        found = stamped(new_notebook("sums", BOTH), total, weights)
        assert parts(found) == ["# sums", "# sums", *TOTAL, *WEIGHTS, *HAND_IN]

    def test_placeholder_says_where(self, total: Question, weights: Question) -> None:
        """A question stands where its placeholder stood, between the author's cells."""
        source = notebook(own("a"), placeholder("weights"), own("b"), placeholder("total"), own("c"))
        found = stamped(source, total, weights)
        assert parts(found) == ["a", *WEIGHTS, "b", *TOTAL, "c", *HAND_IN]

    def test_moved_answer_cell_moves_its_question(self, total: Question, weights: Question) -> None:
        """An author who drags the answer cell elsewhere moves the whole question there."""
        found = stamped(notebook(own("a"), own("b")), total, weights)
        answer = cell_of(stamped(notebook(), total), "answer")
        found.cells.remove(next(cell for cell in found.cells if cell.id == answer.id))
        found.cells.insert(1, answer)
        assert parts(stamped(found, total, weights)) == ["a", *TOTAL, "b", *WEIGHTS, *HAND_IN]

    def test_removed_question_vanishes(self, total: Question, weights: Question) -> None:
        """A question whose file is gone leaves no cell behind."""
        found = stamped(notebook(own("a")), total, weights)
        assert parts(stamped(found, weights)) == ["a", *WEIGHTS, *HAND_IN]
        assert "total" not in nbformat.writes(stamped(found, weights))

    def test_doubled_placeholder_stamps_once(self, total: Question) -> None:
        """A copied placeholder does not put the question there twice."""
        source = notebook(placeholder("total"), own("a"), placeholder("total"))
        assert parts(stamped(source, total)) == [*TOTAL, "a", *HAND_IN]

    def test_the_tools_list_the_questions_as_they_stand(self, total: Question, weights: Question) -> None:
        """The table before handing in follows the notebook, not the names of the files."""
        found = stamped(notebook(placeholder("weights"), placeholder("total")), total, weights)
        code = cell_of(found, "tools", "en").source
        assert code.index("'weights': (") < code.index("'total': (")

    @pytest.mark.parametrize("first", [(), (own("# a"), own("import a", "code"))])
    def test_the_tools_go_below_the_first_code_cell(
        self, total: Question, first: tuple[NotebookNode]
    ) -> None:
        """They are defined before any question, and an author may move them."""
        found = stamped(notebook(*first, placeholder("total"), own("b")), total)
        place = len(first)
        assert [cell.id for cell in found.cells[place : place + 2]] == ["tools-ko", "tools-en"]
        found.cells = [*found.cells[place : place + 2], *found.cells[:place], *found.cells[place + 2 :]]
        assert [cell.id for cell in stamped(found, total).cells] == [cell.id for cell in found.cells]

    def test_tools_and_numbers_are_folded(self, drawn: Question) -> None:
        """JupyterLab and Colab show neither the code of the tools nor that of the numbers."""
        found = stamped(notebook(), drawn)
        folded = [cell.id for cell in found.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
        assert folded == ["tools-ko", "tools-en", "numbers-drawn"]
        assert [cell.id for cell in found.cells if cell.metadata.get("cellView") == "form"] == folded
        assert all(cell.source.startswith("# @title ") for cell in found.cells if cell.id in folded)
        assert len(next(cell for cell in found.cells if cell.id == "numbers-drawn").source.splitlines()) == 2

    def test_page_leaves_out_the_code_of_tools_and_numbers(self, drawn: Question) -> None:
        """The HTML that nbconvert writes has no fold, so it shows such a cell's output only."""
        found = stamped(notebook(), drawn)
        numbers = next(cell for cell in found.cells if cell.id == "numbers-drawn")
        numbers.outputs = [nbformat.v4.new_output("stream", text="the numbers")]
        page, _ = HTMLExporter(template_name="basic").from_notebook_node(found)
        assert "the numbers" in page
        assert "check_all_answered" in page
        assert "@title" not in page

    def test_one_language_stamps_one_statement(self, total: Question) -> None:
        """A course in English has no Korean cell."""
        found = stamped(new_notebook("sums", ("en",)), total, languages=("en",))
        assert parts(found) == ["# sums", *[word for word in TOTAL if "ko" not in word], *HAND_IN[2:]]

    def test_lost_answer_cell_comes_back_where_it_was(self, total: Question, weights: Question) -> None:
        """An author who deleted the answer cell gets it back, once, behind the statement."""
        found = stamped(notebook(own("a")), total, weights)
        found.cells.remove(next(cell for cell in found.cells if cell.id == "total-answer"))
        assert parts(stamped(found, total, weights)) == ["a", *TOTAL, *WEIGHTS, *HAND_IN]

    def test_lost_statement_comes_back_above_its_answer(self, total: Question) -> None:
        """A cell that was the first of its question comes back above the next one, the author's above both."""
        found = stamped(notebook(own("a")), total)
        del found.cells[1:3]
        assert parts(stamped(found, total)) == ["a", *TOTAL, *HAND_IN]

    def test_example_that_is_new_stands_behind_the_answer(self, total: Question, tmp_path: Path) -> None:
        """A part that the file has got since then comes beside its neighbour, not behind the author's cell."""
        without = load(tmp_path, change(FUNCTION, ("@question.example\n", "")), "total")
        found = stamped(notebook(), without)
        found.cells.insert(5, own("hint"))
        found = stamped(found, load(tmp_path, FUNCTION, "total"))
        assert parts(found) == [*TOTAL[:4], "hint", *TOTAL[4:], *HAND_IN]

    def test_moved_question_takes_the_authors_cells_along(self, total: Question, weights: Question) -> None:
        """A question that was moved as a whole stays as it was moved, the hint in it too."""
        found = stamped(notebook(), weights, total)
        found.cells.insert(8, own("hint"))
        found.cells = [*found.cells[6:12], *found.cells[:6], *found.cells[12:]]
        expected = [*TOTAL[:2], "hint", *TOTAL[2:], *WEIGHTS, *HAND_IN]
        assert parts(found) == expected
        assert parts(stamped(found, weights, total)) == expected

    def test_two_questions_never_stand_in_each_other(self, total: Question, weights: Question) -> None:
        """Who moves only a part of a question moves all of it, with its answer."""
        found = stamped(notebook(own("a")), total, weights)
        found.cells = [*found.cells[:6], *found.cells[8:12], *found.cells[6:8], *found.cells[12:]]
        assert parts(found) == ["a", *TOTAL[:3], *WEIGHTS, *TOTAL[3:], *HAND_IN]
        assert parts(stamped(found, total, weights)) == ["a", *TOTAL, *WEIGHTS, *HAND_IN]

    def test_the_last_cells_stay_below_every_question(self, total: Question, weights: Question) -> None:
        """A question put below the table that looks at its answer moves the table down."""
        found = stamped(notebook(), total)
        found.cells += [own("thanks"), placeholder("weights")]
        assert parts(stamped(found, total, weights)) == [*TOTAL, "thanks", *WEIGHTS, *HAND_IN]

    def test_new_question_stands_above_the_last_cells(self, total: Question, weights: Question) -> None:
        """The author's words of farewell stay the last."""
        found = stamped(notebook(), total)
        found.cells.append(own("thanks"))
        assert parts(stamped(found, total, weights)) == [*TOTAL, *WEIGHTS, *HAND_IN, "thanks"]


CELLS = st.lists(
    st.one_of(
        st.sampled_from(["total", "weights"]).map(placeholder),
        st.builds(
            own,
            st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
            st.sampled_from(["code", "markdown"]),
            autograder=st.sampled_from([{}, {"lang": "ko"}, {"demonstration": True}]),
            tags=st.just(["mine"]),
        ),
    ),
    max_size=6,
)
INSERTED = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["code", "markdown"])), max_size=8)
bounded = settings(max_examples=40)


class TestAgainAndAgain:
    """A build may run any number of times."""

    @bounded
    @given(cells=CELLS)
    def test_stamping_twice_is_stamping_once(
        self, total: Question, weights: Question, cells: list[NotebookNode]
    ) -> None:
        """A stamped notebook stamped again is the same to the byte."""
        once = stamped(notebook(*cells), total, weights)
        assert nbformat.writes(stamped(once, total, weights)) == nbformat.writes(once)

    @bounded
    @given(cells=CELLS)
    def test_the_authors_cells_stay(
        self, total: Question, weights: Question, cells: list[NotebookNode]
    ) -> None:
        """Every cell of the author's is there, unchanged and in order."""
        before = [copy.deepcopy(cell) for cell in cells if not cell_metadata(cell).get("part")]
        found = stamped(notebook(*cells), total, weights)
        assert [cell for cell in found.cells if not cell_metadata(cell).get("part")] == before

    @bounded
    @given(inserted=INSERTED)
    @example(inserted=[(2, "markdown")])
    @example(inserted=[(4, "code")])
    def test_the_authors_cells_stay_where_they_were_put(
        self, total: Question, drawn: Question, inserted: list[tuple[int, str]]
    ) -> None:
        """A cell of the author's anywhere in a stamped notebook, inside a question too, moves no cell at all."""
        source = stamped(notebook(), total, drawn)
        for number, (place, kind) in enumerate(inserted):
            source.cells.insert(place, own(f"own {number}", kind))
        again = stamped(source, total, drawn)
        assert [cell.id for cell in again.cells] == [cell.id for cell in source.cells]
        assert nbformat.writes(stamped(again, total, drawn)) == nbformat.writes(again)

    @bounded
    @given(order=st.permutations(range(20)))
    def test_shuffled_cells_are_put_in_order_once(
        self, total: Question, drawn: Question, order: list[int]
    ) -> None:
        """However an author moved the cells, each is there once, and a second build moves none."""
        source = stamped(notebook(own("a")), total, drawn)
        ids = sorted(cell.id for cell in source.cells)
        assert len(ids) == len(order)
        source.cells = [source.cells[number] for number in order]
        again = stamped(source, total, drawn)
        assert sorted(cell.id for cell in again.cells) == ids
        assert nbformat.writes(stamped(again, total, drawn)) == nbformat.writes(again)
        for question in ("total", "drawn"):
            asked = [part for part in map(str, parts(again)) if part.startswith(question)]
            assert [part for part in asked if "grade" in part] == asked[-1:]

    @bounded
    @given(cells=CELLS)
    def test_the_result_is_a_valid_notebook(
        self, total: Question, weights: Question, cells: list[NotebookNode]
    ) -> None:
        """Ids are unique, and the notebook validates, wherever the questions stand."""
        found = stamped(notebook(*cells), total, weights)
        nbformat.validate(found)
        ids = [cell.id for cell in found.cells]
        assert len(ids) == len(set(ids))

    def test_the_given_notebook_is_left_alone(self, total: Question) -> None:
        """Stamping gives a new notebook; a refusal later loses nothing."""
        source = notebook(own("a"), placeholder("total"))
        before = copy.deepcopy(source)
        stamped(source, total)
        assert source == before

    def test_outputs_of_the_authors_cells_stay(self, total: Question) -> None:
        """A worked cell keeps its output and its count."""
        cell = own("1 + 1", "code")
        cell.outputs = [nbformat.v4.new_output("stream", text="2\n")]
        cell.execution_count = 5
        found = stamped(notebook(cell), total).cells[0]
        assert (found.outputs[0].text, found.execution_count) == ("2\n", 5)

    def test_ids_are_the_same_each_time(self, total: Question) -> None:
        """Cell ids are made of the question's name: two builds agree, and so do two machines."""
        found = stamped(notebook(), total)
        assert [cell.id for cell in found.cells] == [
            "tools-ko", "tools-en",
            "total-statement-ko", "total-statement-en", "total-answer", "total-example", "total-grade",
            "hand-in-ko-markdown", "hand-in-ko-code", "hand-in-en-markdown", "hand-in-en-code",
        ]  # fmt: skip

    def test_long_name_gives_ids_of_its_own(self, tmp_path: Path) -> None:
        """nbformat allows 64 characters; a name that fills them still gives each cell another id."""
        name = "a" * 60
        found = stamped(notebook(), load(tmp_path, FUNCTION.replace("total", name), name))
        nbformat.validate(found)
        ids = [cell.id for cell in found.cells]
        assert len(ids) == len(set(ids))


class TestHandEdits:
    """A stamped cell is edited in its question file, never in the notebook."""

    @pytest.mark.parametrize(
        ("part", "lang"),
        [("statement", "en"), ("statement", "ko"), ("answer", None), ("example", None), ("grade", None)],
    )
    def test_edited_cell_is_refused_with_both_texts(
        self, total: Question, part: str, lang: str | None
    ) -> None:
        """The author sees what stands in the notebook, what the file says, and which file to edit."""
        found = stamped(notebook(), total)
        cell = cell_of(found, part, lang)
        fresh, cell.source = cell.source, "edited by hand"
        with pytest.raises(QuestionError) as caught:
            stamped(found, total)
        assert caught.value.path == Path(total.path)
        assert caught.value.problem == (
            f"cell {cell.id} of the source notebook was edited by hand\n--- in the notebook\nedited by hand\n"
            f"--- in the question file\n{fresh}\n---"
        )
        assert caught.value.fix == (
            "move the change to the question file and undo it in the notebook (or empty the cell)"
        )

    def test_emptied_cell_is_stamped_anew(self, total: Question) -> None:
        """To empty the cell, as the message says, is enough."""
        found = stamped(notebook(), total)
        whole = nbformat.writes(found)
        cell_of(found, "answer").source = ""
        assert nbformat.writes(stamped(found, total)) == whole

    def test_edit_that_the_file_has_too_is_no_drift(self, total: Question, tmp_path: Path) -> None:
        """Once the change stands in the file as well, the build goes on."""
        found = stamped(notebook(), total)
        cell = cell_of(found, "example")
        cell.source = cell.source.replace("total(0, 0) == 0", "total(1, 1) == 2")
        changed = load(tmp_path, change(FUNCTION, ("total(0, 0) == 0", "total(1, 1) == 2")), "total")
        assert "total(1, 1) == 2" in cell_of(stamped(found, changed), "example").source

    def test_changed_file_restamps(self, total: Question, tmp_path: Path) -> None:
        """A change in the question file reaches the cell without a complaint."""
        found = stamped(notebook(own("a")), total)
        changed = load(tmp_path, change(FUNCTION, ("Return the sum", "Give the sum back")), "total")
        again = stamped(found, changed)
        assert "Give the sum back" in cell_of(again, "statement", "en").source
        assert parts(again) == parts(found)

    def test_example_taken_out_of_the_file_vanishes(self, total: Question, tmp_path: Path) -> None:
        """A part that the file no longer has leaves no cell."""
        found = stamped(notebook(), total)
        changed = load(tmp_path, change(FUNCTION, ("@question.example\n", "")), "total")
        assert parts(stamped(found, changed)) == [word for word in TOTAL if "example" not in word] + HAND_IN


class TestTheCellsOfAQuestion:
    """What is stamped."""

    def test_the_statement_has_title_and_points(self, total: Question, weights: Question) -> None:
        """The heading tells title and points in the language; the text loses its indentation alone."""
        assert statement_text(total, "en") == (
            "### The sum of two numbers (2 points)\n\nReturn the sum:\n\n    total(2, 5)"
        )
        assert statement_text(total, "ko") == "### 두 수의 합 [2점]\n\n합을 돌려주세요."
        assert statement_text(weights, "en").startswith("### Problem (1 point)\n")

    def test_half_points_are_told(self, tmp_path: Path) -> None:
        """Points that are no whole number keep their fraction."""
        question = load(tmp_path, change(FUNCTION, ("points=0.5", "points=1")), "total")
        assert statement_text(question, "en").startswith("### The sum of two numbers (2.5 points)")

    def test_bonus_is_told_in_the_heading(self, tmp_path: Path) -> None:
        """Who reads the heading knows that the points are not needed."""
        text = change(FUNCTION, ("    sample=(2, 5),", "    sample=(2, 5),\n    bonus=True,"))
        question = load(tmp_path, text, "total")
        assert statement_text(question, "en").startswith("### The sum of two numbers (bonus, 2 points)\n")
        assert statement_text(question, "ko").startswith("### 두 수의 합 [보너스 2점]\n")

    def test_function_answer_has_its_body_between_the_delimiters(self, total: Question) -> None:
        """The student keeps the head, which has no words; nbgrader cuts the rest."""
        assert answer_text(total) == (
            "def total(first, second):\n"
            "    ### BEGIN SOLUTION\n"
            "    both = first + second\n"
            "    return both\n"
            "    ### END SOLUTION"
        )

    @pytest.mark.parametrize("docstring", ['    """Sum of two whole numbers."""\n', ""])
    def test_comment_of_the_reference_is_cut_too(self, tmp_path: Path, docstring: str) -> None:
        """A remark above the first statement may tell the trick, so it belongs to the solution."""
        text = change(FUNCTION, ('    """Sum of two whole numbers."""\n', docstring))
        text = change(text, ("    both = first", "    # add them up\n    both = first"))
        shown, _, hidden = answer_text(load(tmp_path, text, "total")).partition("### BEGIN SOLUTION")
        assert "# add them up" in hidden
        assert "# add them up" not in shown

    def test_head_of_several_lines_is_kept(self, tmp_path: Path) -> None:
        """Parameters may stand on lines of their own."""
        text = change(FUNCTION, ("def total(first, second):", "def total(\n    first,\n    second,\n):"))
        shown, _, _ = answer_text(load(tmp_path, text, "total")).partition("    ### BEGIN SOLUTION")
        assert shown == "def total(\n    first,\n    second,\n):\n"

    def test_body_on_the_line_of_its_def_is_refused(self, tmp_path: Path) -> None:
        """A reference of one line has no body that could be cut."""
        text = FUNCTION[: FUNCTION.index("@question.answer")] + (
            "@question.answer\ndef total(first, second): return first + second\n\n\n"
        ) + FUNCTION[FUNCTION.index("@question.example") :]  # fmt: skip
        with pytest.raises(QuestionError, match="the body of total is on the line of its def") as caught:
            answer_text(load(tmp_path, text, "total"))
        assert caught.value.fix == "put it on lines of its own"

    def test_number_answer_is_its_arithmetic(self, weights: Question) -> None:
        """The solved cell has the public numbers in the place of the names."""
        assert answer_text(weights) == (
            "weights = (\n    ### BEGIN SOLUTION\n    7 * (5 + 1)\n    ### END SOLUTION\n)"
        )

    @bounded
    @example(inputs=5, units=-3, formula="units ** 2 + inputs")
    @given(
        inputs=st.integers(-9, 99),
        units=st.integers(-9, 99),
        formula=st.sampled_from(
            ["units * (inputs + 1)", "4 * units - inputs", "units ** 2 + inputs", "-units"]
        ),
    )
    def test_the_arithmetic_is_worth_what_the_reference_gives(
        self, tmp_path: Path, inputs: int, units: int, formula: str
    ) -> None:
        """Putting the numbers into the expression keeps its value, for negative ones too."""
        text = change(NUMBER, ("units * (inputs + 1)", formula), ('"inputs": 5', f'"inputs": {inputs}'))
        question = load(tmp_path, change(text, ('"units": 7', f'"units": {units}')), "weights")
        solved: dict[str, Any] = {}
        exec(answer_text(question), solved)
        value = {
            "units * (inputs + 1)": units * (inputs + 1),
            "4 * units - inputs": 4 * units - inputs,
            "units ** 2 + inputs": units * units + inputs,
            "-units": -units,
        }[formula]
        assert solved["weights"] == value

    def test_number_reference_must_be_one_expression(self, tmp_path: Path) -> None:
        """A reference that cannot become arithmetic is told where it stands."""
        text = change(
            NUMBER, ("    return units * (inputs + 1)", "    if units:\n        return units * (inputs + 1)")
        )
        with pytest.raises(QuestionError) as caught:
            answer_text(load(tmp_path, text, "weights"))
        assert caught.value.problem == "the reference of a number question is not a single expression"
        assert caught.value.fix == "write its body as one `return <expression>`"

    def test_number_reference_of_two_statements_is_refused(self, tmp_path: Path) -> None:
        """Names of the reference's own would be undefined in the answer cell."""
        text = change(
            NUMBER, ("    return units * (inputs + 1)", "    one = inputs + 1\n    return units * one")
        )
        with pytest.raises(
            QuestionError, match="the reference of a number question is not a single expression"
        ):
            answer_text(load(tmp_path, text, "weights"))

    def test_example_is_its_body(self, total: Question) -> None:
        """The student sees plain asserts, not the function around them."""
        assert example_text(total) == "assert total(2, 5) == 7\nassert total(0, 0) == 0"

    def test_nbgrader_knows_what_each_cell_is(self, total: Question) -> None:
        """Answer, example and grade cell carry nbgrader's metadata; the prose carries none."""
        cells = question_cells(total, BOTH)
        found = [cell.metadata.get("nbgrader") for cell in cells]
        plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        assert found == [
            None,
            None,
            plain | {"grade_id": "total", "solution": True},
            plain | {"grade_id": "total-example", "locked": True},
            plain | {"grade_id": "total-check", "grade": True, "locked": True, "points": 2},
        ]

    def test_the_grade_cell_raises_where_nbgrader_runs_it(self, total: Question) -> None:
        """A stock pipeline scores 0 with a message, not full marks."""
        source = question_cells(total, BOTH)[-1].source
        assert source.startswith("### BEGIN HIDDEN TESTS\nraise RuntimeError(")
        assert source.endswith('### END HIDDEN TESTS\ncheck_answered("total")')
        with pytest.raises(RuntimeError, match="graded outside the notebook, by the course's own settings"):
            exec(source, {})

    def test_every_code_cell_is_python(self, total: Question, weights: Question) -> None:
        """What is stamped can be run as it stands."""
        for cell in stamped(notebook(), total, weights).cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)


class TestMarks:
    """What a cell's metadata says."""

    @pytest.mark.parametrize(
        "metadata", [{}, {"autograder": None}, {"autograder": "total"}, {"autograder": [1]}]
    )
    def test_cell_without_our_metadata_has_no_mark(self, metadata: dict[str, Any]) -> None:
        """Metadata of another shape, as a student may make it, counts as none."""
        assert cell_metadata({"metadata": metadata}) == {}

    def test_grade_cell_stands_for_its_question(self, total: Question) -> None:
        """The question is read from the grade id, which a student's copy keeps."""
        answer, grade = question_cells(total, BOTH)[2], question_cells(total, BOTH)[-1]
        assert question_of(grade) == "total"
        assert question_of(answer) is None
        assert question_of({"metadata": {}}) is None
