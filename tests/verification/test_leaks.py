"""Leaks: each kind of private thing is planted in a released notebook once, and found."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.verification.leaks import search
from tests.questions.test_data_files import READS, question_with_data

HEAD = '''\
"""A question of the tests."""

import math

from autograder import Case, Fail, Question, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("title"), statement=text("statement"){settings})
'''

TOTAL = (
    HEAD.format(settings="")
    + '''

@question.answer
def total(first, second):
    """Sum of two whole numbers."""
    import decimal

    label = {"unit": "weights"}
    both=first+second
    if label:
        both += len(label) - 1
    return both


@question.example
def example(total):
    assert total(2, 5) == 7


@question.cases
def cases(rng):
    hidden_pairs = [(31, 47), (59, 83)]
    return [Case(first, second) for first, second in hidden_pairs]


@question.check(points=1, text=text("adds"))
def adds(got, case, want):
    if got is None:
        raise Fail(text("no sum at all"))
    expect.count(got, want)


@question.misconception(text=text("multiplied"), fails=[adds])
def multiplied(first, second):
    return first * second
'''
)

WEIGHTS = (
    HEAD.format(settings=', numbers=({"inputs": 12, "units": 28},)')
    + '''

@question.answer
def weights(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=1, text=text("is right"))
def is_right(got, case, want):
    expect.number(got, want)
'''
)

SMALL = WEIGHTS.replace('"inputs": 12, "units": 28', '"inputs": 1, "units": 28')

STUB = '''\
def total(first, second):
    """Sum of two whole numbers."""
    ...  # your answer'''


def load(folder: Path, name: str, source: str) -> Question:
    """A question of the given text."""
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return load_question(path, ("ko", "en"))


@pytest.fixture
def questions(tmp_path: Path) -> list[Question]:
    """A function question and a number question whose answer is 364."""
    return [load(tmp_path, "total", TOTAL), load(tmp_path, "weights", WEIGHTS)]


def clean() -> NotebookNode:
    """A released notebook that holds nothing private."""
    code, prose = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    worked = code("import decimal\nboth = 7\nprint(both)", id="worked")
    worked.outputs = [nbformat.v4.new_output("stream", text="7\n1364 3641 a364 364b\n")]
    return nbformat.v4.new_notebook(
        cells=[
            prose(
                "### The sum\n\nReturn the sum of `first` and `second`, at most 1364.",
                id="total-statement-en",
            ),
            code(STUB, id="total-answer"),
            code("assert total(2, 5) == 7", id="total-example"),
            code("weights = (\n    ...\n)", id="weights-answer"),
            worked,
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


def released(folder: Path, notebook: NotebookNode) -> Path:
    """A release folder with the one notebook in it."""
    path = folder / "release" / "en" / "sums" / "sums.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return folder / "release"


def leaks_of(folder: Path, notebook: NotebookNode, questions: list[Question]) -> list[str]:
    """What is found in a release of one notebook."""
    return [str(leak.what) for leak in search(released(folder, notebook), questions).leaks]


BODY = "`both = first + second` from total"
ANSWER = "its answer 364"


def code_cell(source: str) -> Callable[[NotebookNode], None]:
    """Plant a code cell."""
    return lambda notebook: notebook.cells.append(nbformat.v4.new_code_cell(source, id="planted"))


def prose_cell(source: str) -> Callable[[NotebookNode], None]:
    """Plant a markdown cell."""
    return lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell(source, id="planted"))


def output(kind: str, **fields: object) -> Callable[[NotebookNode], None]:
    """Plant an output."""
    return lambda notebook: notebook.cells[-1].outputs.append(nbformat.v4.new_output(kind, **fields))


def cell_metadata(notebook: NotebookNode) -> None:
    notebook.cells[0].metadata["note"] = {"todo": ["say that both = first + second"]}


def notebook_metadata(notebook: NotebookNode) -> None:
    notebook.metadata["solution"] = "both = first + second"


def metadata_key(notebook: NotebookNode) -> None:
    notebook.metadata["both = first + second"] = True


def attachment(notebook: NotebookNode) -> None:
    notebook.cells[0].attachments = {"hint.txt": {"text/plain": "both = first + second"}}


def picture(kind: bytes, data: bytes) -> Callable[[NotebookNode], None]:
    """Plant a picture that holds one chunk: of pixels where its kind is IDAT, else of something beside them."""
    raw = b"\x89PNG\r\n\x1a\n" + len(data).to_bytes(4) + kind + data + b"0000"
    held = {"a.png": {"image/png": base64.b64encode(raw).decode()}}
    return lambda notebook: notebook.cells.append(
        nbformat.v4.new_markdown_cell("", id="planted", attachments=held)
    )


def raw_cell(notebook: NotebookNode) -> None:
    notebook.cells.append(nbformat.v4.new_raw_cell("both = first + second", id="planted"))


STATEMENTS: dict[str, Callable[[NotebookNode], None]] = {
    "a code cell": code_cell("first, second = 2, 5\nboth = first + second"),
    "inside a function of a code cell": code_cell(
        "def f(first, second):\n    both = first + second\n    return both"
    ),
    "over two lines of a code cell": code_cell("first, second = 2, 5\nboth = (\n    first\n    + second\n)"),
    "a comment": code_cell("x = 1\n# both = first + second"),
    "a comment, closed up as the author has it": code_cell("x = 1\n# both=first+second"),
    "a cell that is no Python": code_cell("%timeit 1\nboth = first + second"),
    "a string": code_cell("hint = 'both = first + second'"),
    "markdown": prose_cell("The trick is `both = first + second`."),
    "markdown, closed up as the author has it": prose_cell("The trick is `both=first+second`."),
    "markdown over two lines": prose_cell("    both = first\n        + second"),
    "a raw cell": raw_cell,
    "printed output": output("stream", text="both = first + second\n"),
    "a shown value": output("execute_result", data={"text/plain": "'both = first + second'"}),
    "rich output": output("display_data", data={"text/html": "<code>both = first + second</code>"}),
    "a traceback": output("error", ename="E", evalue="", traceback=["----> 1 both = first + second"]),
    "cell metadata": cell_metadata,
    "notebook metadata": notebook_metadata,
    "a key of the metadata": metadata_key,
    "an attachment": attachment,
    "a picture's comment": picture(b"tEXt", b"both = first + second"),
}


class TestACleanRelease:
    """A release without private things."""

    def test_nothing_is_reported(self, tmp_path: Path, questions: list[Question]) -> None:
        """Stub, statement, example, an import, a name and longer numbers are no leak."""
        assert leaks_of(tmp_path, clean(), questions) == []

    def test_empty_release_holds_nothing(self, tmp_path: Path, questions: list[Question]) -> None:
        """Before the first build there is nothing to find."""
        assert search(tmp_path / "release", questions).leaks == []


class TestStatements:
    """A statement of a private body."""

    @pytest.mark.parametrize("place", STATEMENTS)
    def test_it_is_found_wherever_it_stands(
        self, tmp_path: Path, questions: list[Question], place: str
    ) -> None:
        """A line of the reference is found in any place of a notebook, and nothing else is told."""
        notebook = clean()
        STATEMENTS[place](notebook)
        assert leaks_of(tmp_path, notebook, questions) == [BODY]

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("x = 1\nlabel = {'unit': 'weights'}", "`label = {'unit': 'weights'}` from total"),
            ("both = 1\nboth += len(label) - 1", "`both += len(label) - 1` from total"),
            ("hidden_pairs = [(31, 47), (59, 83)]", "`hidden_pairs = [(31, 47), (59, 83)]` from cases"),
            ("raise Fail(text('no sum at all'))", "`raise Fail(text('no sum at all'))` from adds"),
            ("expect.count(got, want)", "`expect.count(got, want)` from adds"),
            ("def f(first, second):\n    return first * second", "`return first * second` from multiplied"),
        ],
    )
    def test_every_private_function_counts(
        self, tmp_path: Path, questions: list[Question], source: str, message: str
    ) -> None:
        """Reference, draws, checks and mistakes are all private, in either kind of quotes."""
        for quoted in (source, source.replace("'", '"')):
            for plant in (code_cell(quoted), prose_cell(quoted)):
                notebook = clean()
                plant(notebook)
                assert message in leaks_of(tmp_path, notebook, questions)

    @pytest.mark.parametrize(
        "source",
        [
            "both = first + second_half",
            "not_both = first + second",
            "self.both = first + second",
            "both = second + first",
            "def f(both):\n    return both",
            "import decimal",
            '"""Sum of two whole numbers."""',
        ],
    )
    def test_lookalikes_are_not_leaks(self, tmp_path: Path, questions: list[Question], source: str) -> None:
        """Part of a longer name, docstrings, imports and the bare return of a name are no leak."""
        notebook = clean()
        code_cell(source)(notebook)
        assert leaks_of(tmp_path, notebook, questions) == []


def answer_in_cell_id(notebook: NotebookNode) -> None:
    notebook.cells[-1].id = "p1-364"


def answer_in_metadata(notebook: NotebookNode) -> None:
    notebook.metadata["expected"] = {"weights": [1, 364]}


NUMBERS: dict[str, Callable[[NotebookNode], None]] = {
    "markdown": prose_cell("The layer holds 364 weights."),
    "markdown, emphasised": prose_cell("It holds **364**, not 363."),
    "a code cell": code_cell("assert weights == 364"),
    "a code cell, as a float": code_cell("assert weights == 364.0"),
    "printed output": output("stream", text="Total params: 364 (1.42 KB)\n"),
    "a shown value": output("execute_result", data={"text/plain": "364"}),
    "metadata, as a number": answer_in_metadata,
    "a cell id": answer_in_cell_id,
}


class TestAnswersOfNumberQuestions:
    """The answer of a number question as a token."""

    @pytest.mark.parametrize("place", NUMBERS)
    def test_it_is_found_wherever_it_stands(
        self, tmp_path: Path, questions: list[Question], place: str
    ) -> None:
        """The number is found in prose, code, output, metadata and ids."""
        notebook = clean()
        NUMBERS[place](notebook)
        assert leaks_of(tmp_path, notebook, questions) == [ANSWER]

    def test_its_arithmetic_is_found(self, tmp_path: Path, questions: list[Question]) -> None:
        """The solved cell with its numbers is as good as the answer."""
        notebook = clean()
        code_cell("weights = (\n    28 * (12 + 1)\n)")(notebook)
        assert leaks_of(tmp_path, notebook, questions) == ["its solution `28 * (12 + 1)`"]

    def test_its_formula_is_found(self, tmp_path: Path, questions: list[Question]) -> None:
        """The reference's own expression is private as well."""
        notebook = clean()
        prose_cell("Remember: `return units * (inputs + 1)`")(notebook)
        assert leaks_of(tmp_path, notebook, questions) == ["`return units * (inputs + 1)` from weights"]

    def test_short_answer_is_no_secret(self, tmp_path: Path) -> None:
        """A number of two digits stands everywhere; only three or more are looked for."""
        question = load(tmp_path, "weights", SMALL)
        notebook = clean()
        prose_cell("There were 56 examples.")(notebook)
        assert leaks_of(tmp_path, notebook, [question]) == []

    def test_pixels_are_no_numbers(self, tmp_path: Path, questions: list[Question]) -> None:
        """Neither the bytes of a picture nor the letters that they are written in are read as text."""
        notebook = clean()
        as_letters = base64.b64decode("AA+364/A")
        picture(b"IDAT", b" 364 " + as_letters)(notebook)
        assert "+364/" in str(notebook)
        assert leaks_of(tmp_path, notebook, questions) == []


class TestOtherFiles:
    """What else may lie in a release."""

    @pytest.mark.parametrize("name", ["solution.py", "data.csv", "notes"])
    def test_any_text_file_is_read(self, tmp_path: Path, questions: list[Question], name: str) -> None:
        """A file beside the notebook is released too."""
        release = released(tmp_path, clean())
        (release / "en" / "sums" / name).write_text("1,2\nboth = first + second\n", encoding="utf-8")
        (leak,) = search(release, questions).leaks
        assert (leak.path.name, str(leak.what)) == (name, BODY)

    def test_file_that_is_no_text_is_read_too(self, tmp_path: Path, questions: list[Question]) -> None:
        """Bytes that are no UTF-8 may still hold a line."""
        release = released(tmp_path, clean())
        (release / "weights.bin").write_bytes(b"\xff\xfe both = first + second \x80")
        assert [str(leak.what) for leak in search(release, questions).leaks] == [BODY]

    def test_leak_tells_file_thing_and_question(self, tmp_path: Path, questions: list[Question]) -> None:
        """The author reads where it stands, what it is and whose."""
        notebook = clean()
        prose_cell("364")(notebook)
        (leak,) = search(released(tmp_path, notebook), questions).leaks
        path = tmp_path / "release" / "en" / "sums" / "sums.ipynb"
        assert leak.text.en == f"{path}: holds its answer 364 of question weights"


def test_statement_that_only_reads_a_released_file_is_no_leak(tmp_path: Path) -> None:
    """A notebook may read its data file by the same line as the reference; what the reference does with it leaks."""
    text = READS.replace(
        '    return float(max(np.loadtxt("measure.csv").max(), floor))',
        '    values = np.loadtxt("measure.csv", ndmin=1)\n    top = values.max()\n    return float(max(top, floor))',
    )
    question = question_with_data(tmp_path / "course", text)
    notebook = clean()
    notebook.cells.append(nbformat.v4.new_code_cell('values = np.loadtxt("measure.csv", ndmin=1)', id="read"))
    assert leaks_of(tmp_path, notebook, [question]) == []
    notebook.cells.append(nbformat.v4.new_code_cell("top = values.max()", id="top"))
    assert leaks_of(tmp_path, notebook, [question]) == ["`top = values.max()` from largest"]
