"""Question files into questions: each mistake an author can make is named, placed and mended."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import QuestionError
from autograder.questions.loader import load_assignment, load_question, text_of
from autograder.questions.question import Question
from autograder.questions.syntax import function_source, private_functions

BOTH = ("ko", "en")
TEMPLATE = "compare with the template that `autograder new` writes"

SOUND = '''\
"""Adds two numbers."""

from autograder import Case, Check, Question, Text, expect

question = Question(
    title=Text(ko="두 수의 합", en="The sum of two numbers"),
    statement=Text(ko="합을 돌려주세요.", en="Return the sum."),
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
    assert total(2, 5) == 7


@question.cases
def cases(rng):
    return [Case(3, 4), Case(10, 6)]


@question.check(points=1, text=Text(ko="정수이다", en="is whole"))
def is_whole(got, case, want):
    expect.whole(got)


@question.check(points=2, text=Text(ko="합이 맞는다", en="adds"), needs=is_whole)
def adds(got, case, want):
    expect.count(got, want)


@question.misconception(text=Text(ko="곱했습니다.", en="Multiplied."), fails=[adds])
def multiplied(first, second):
    return first * second


@question.misconception(text=Text(ko="나누었습니다.", en="Divided."), fails=[is_whole])
def divided(first, second):
    return first / second
'''

NUMBER = '''\
"""How many weights?"""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제", en="Problem"),
    statement=Text(ko="식을 쓰세요.", en="Write the arithmetic."),
    numbers=({"inputs": 5, "units": 7}, {"inputs": 3, "units": 4}),
)


@question.answer
def total(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=1, text=Text(ko="맞는다", en="is right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.misconception(text=Text(ko="편향", en="The bias is missing."), fails=[is_right])
def no_bias(inputs, units):
    return units * inputs
'''

ADDS = '@question.check(points=2, text=Text(ko="합이 맞는다", en="adds"), needs=is_whole)'
WHOLE = '@question.check(points=1, text=Text(ko="정수이다", en="is whole"))'
MULTIPLIED = '@question.misconception(text=Text(ko="곱했습니다.", en="Multiplied."), fails=[adds])'
DIVIDED = '@question.misconception(text=Text(ko="나누었습니다.", en="Divided."), fails=[is_whole])'
STRANGER = 'Check("stranger", Text(), 1, print)'


def write(folder: Path, text: str = SOUND, name: str = "total") -> Path:
    """A question file in the assignment `sums`."""
    path = folder / "sums" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def change(text: str, old: str, new: str) -> str:
    """`text` with one mistake planted; the place must be there."""
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, fragment: str) -> int:
    """Number of the last line that holds `fragment`."""
    return max(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def mistake(folder: Path, text: str, languages: tuple[str, ...] = BOTH) -> QuestionError:
    """What loading says of a file with a mistake."""
    with pytest.raises(QuestionError) as caught:
        load_question(write(folder, text), languages)
    return caught.value


class TestASoundFile:
    """What loading makes of a file without mistakes."""

    def test_it_gives_the_question(self, tmp_path: Path) -> None:
        """The question is named for its file and its folder, and sealed."""
        path = write(tmp_path)
        question = load_question(path, BOTH)
        assert (question.id, question.assignment, question.path) == ("total", "sums", str(path))
        assert [check.name for check in question.checks] == ["is_whole", "adds"]
        assert question.points == 3
        with pytest.raises(AttributeError, match="question 'total' is loaded"):
            question.source = "elsewhere"

    def test_number_question_needs_no_cases(self, tmp_path: Path) -> None:
        """A number question loads with its variants alone."""
        assert load_question(write(tmp_path, NUMBER), BOTH).is_number

    def test_language_the_course_lacks_may_be_missing(self, tmp_path: Path) -> None:
        """A course in English needs no Korean."""
        text = SOUND.replace('ko="두 수의 합", ', "")
        assert load_question(write(tmp_path, text), ("en",)).title.ko == ""

    def test_tensorflow_may_be_imported_in_a_body(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An import inside a body is not run by loading."""
        monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
        text = change(SOUND, "    both = first", "    import tensorflow\n    both = first")
        load_question(write(tmp_path, text), BOTH)
        assert "tensorflow" not in sys.modules

    def test_numpy_and_the_standard_library_may_stand_at_the_top(self, tmp_path: Path) -> None:
        """What the trusted process has anyway may be imported anywhere."""
        text = change(SOUND, "from autograder", "import math\nimport numpy.linalg\nfrom autograder")
        assert load_question(write(tmp_path, text), BOTH).id == "total"

    def test_byte_order_mark_does_no_harm(self, tmp_path: Path) -> None:
        """Some editors put a mark before UTF-8; Python reads such files, and so do we."""
        path = write(tmp_path)
        path.write_text(SOUND, encoding="utf-8-sig")
        assert load_question(path, BOTH).id == "total"

    def test_it_leaves_no_bytecode(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Loading writes nothing beside the question file, and changes no setting of Python."""
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        path = write(tmp_path)
        load_question(path, BOTH)
        assert list(path.parent.iterdir()) == [path]
        assert sys.dont_write_bytecode is False

    def test_assignment_is_read_in_the_order_of_its_files(self, tmp_path: Path) -> None:
        """Questions come by file name; a file whose name starts with _ is none."""
        for name in ("total", "_draft", "another", "second"):
            write(tmp_path, SOUND.replace("total", name), name)
        found = load_assignment(tmp_path / "sums", BOTH)
        assert [question.id for question in found] == ["another", "second", "total"]

    def test_unchanged_assignment_is_loaded_once(self, tmp_path: Path) -> None:
        """And anew after every change, be it within a moment and as long as what stood there."""
        file = write(tmp_path, NUMBER)

        def found() -> dict[str, Question]:
            return {question.id: question for question in load_assignment(file.parent, BOTH)}

        first = found()["total"]
        assert found()["total"] is first
        write(tmp_path, NUMBER.replace("inputs + 1", "inputs + 2"))
        assert found()["total"].right_number(first.variants[0]) == first.right_number(first.variants[0]) + 7
        write(tmp_path, SOUND.replace("total", "another"), "another")
        assert set(found()) == {"another", "total"}
        file.unlink()
        assert set(found()) == {"another"}

    def test_two_files_of_one_name_stay_apart(self, tmp_path: Path) -> None:
        """Two assignments may each have a question of the same name."""
        other = tmp_path / "other"
        other.mkdir()
        one = load_question(write(tmp_path), BOTH)
        two = load_question(write(other, SOUND.replace("first + second", "first - second")), BOTH)
        assert one.reference is not None
        assert two.reference is not None
        assert (one.reference(5, 3), two.reference(5, 3)) == (8, 2)


SHARES = SOUND.replace("Text, expect", "Text, expect\nfrom ._shared import twice").replace(
    "both = first + second", "both = twice(first) + second"
)
SHARED = "def twice(number):\n    doubled = 2 * number\n    return doubled\n"


class TestSharedCode:
    """Question files of an assignment may share code."""

    def test_question_uses_it(self, tmp_path: Path) -> None:
        """It is found while the question is loaded, and leaves no module behind."""
        before = set(sys.modules)
        write(tmp_path, SHARED, "_shared")
        question = load_question(write(tmp_path, SHARES), BOTH)
        assert question.reference is not None
        assert question.reference(2, 5) == 9
        assert set(sys.modules) == before

    def test_change_of_it_counts(self, tmp_path: Path) -> None:
        """The questions are loaded again, and their text is another."""
        write(tmp_path, SHARED, "_shared")
        folder = write(tmp_path, SHARES).parent
        [before] = load_assignment(folder, BOTH)
        text = text_of(before)
        write(tmp_path, SHARED.replace("2 * number", "3 * number"), "_shared")
        [after] = load_assignment(folder, BOTH)
        assert after.reference is not None
        assert after.reference(2, 5) == 11
        assert text_of(after) != text

    def test_its_functions_are_private(self, tmp_path: Path) -> None:
        """No statement of it may stand in a release."""
        write(tmp_path, SHARED, "_shared")
        question = load_question(write(tmp_path, SHARES), BOTH)
        assert "twice" in {name for name, _ in private_functions(question)}

    def test_it_is_missing(self, tmp_path: Path) -> None:
        """The line that imports it is named."""
        error = mistake(tmp_path, SHARES)
        assert error.problem == f"there is no {tmp_path / 'sums' / '_shared.py'}"
        assert error.line == line_of(SHARES, "._shared")

    def test_it_imports_as_little_as_a_question(self, tmp_path: Path) -> None:
        """The mistake is named in the shared file."""
        shared = write(tmp_path, "import tensorflow\n" + SHARED, "_shared")
        error = mistake(tmp_path, SHARES)
        assert (error.path, error.line) == (shared, 1)
        assert error.problem == "it imports 'tensorflow' at its top"


PLANTED = {
    # name: (what is replaced, by what, what stands in the line told, problem, mend)
    "syntax error": (
        "def total(first, second):", "def total(first, second)", "def total(first, second)",
        "the file is not valid Python: expected ':'", "fix the syntax error",
    ),
    "tensorflow at the top": (
        "from autograder import", "import tensorflow as tf\nfrom autograder import", "import tensorflow",
        "it imports 'tensorflow' at its top",
        "import only autograder, NumPy, the standard library and ._shared there; a body that needs "
        "TensorFlow imports it inside, and the question says needs_tensorflow=True",
    ),
    "keras from tensorflow at the top": (
        "from autograder import", "from tensorflow.keras import layers\nfrom autograder import", "from tensorflow",
        "it imports 'tensorflow.keras' at its top",
        "import only autograder, NumPy, the standard library and ._shared there; a body that needs "
        "TensorFlow imports it inside, and the question says needs_tensorflow=True",
    ),
    "a neighbour imported": (
        "from autograder import", "from .other import total\nfrom autograder import", "from .other",
        "it imports 'other' at its top",
        "import only autograder, NumPy, the standard library and ._shared there; a body that needs "
        "TensorFlow imports it inside, and the question says needs_tensorflow=True",
    ),
    "raises while loading": (
        "question = Question(", "half = 1 / 0\nquestion = Question(", "half = 1 / 0",
        "loading it raised ZeroDivisionError: division by zero", TEMPLATE,
    ),
    "wrong keyword of a question": (
        "    title=", "    titel=", "question = Question(",
        "loading it raised TypeError: Question.__init__() got an unexpected keyword argument 'titel'",
        "did you mean 'title'?",
    ),
    "wrong keyword of a check": (
        "points=2", "poins=2", "poins=2",
        "loading it raised TypeError: Question.check() got an unexpected keyword argument 'poins'",
        "did you mean 'points'?",
    ),
    "wrong keyword of a misconception": (
        "fails=[adds]", "fail=[adds]", "fail=[adds]",
        "loading it raised TypeError: Question.misconception() got an unexpected keyword argument 'fail'",
        "did you mean 'fails'?",
    ),
    "wrong language": (
        'en="Multiplied."', 'eng="Multiplied."', None,
        "its text of misconception multiplied has no 'en'", 'write it: Text(..., en="...")',
    ),
    "a check used above its definition": (
        WHOLE, WHOLE[:-1] + ", needs=adds)", "needs=adds",
        "loading it raised NameError: name 'adds' is not defined", TEMPLATE,
    ),
    "no title in one language": (
        'ko="두 수의 합", ', "", None,
        "its title has no 'ko'", 'write it: Text(..., ko="...")',
    ),
    "blank statement": (
        'en="Return the sum."', 'en=" "', None,
        "its statement has no 'en'", 'write it: Text(..., en="...")',
    ),
    "no text of a check in one language": (
        ', en="adds"', "", None,
        "its text of check adds has no 'en'", 'write it: Text(..., en="...")',
    ),
    "no text of a misconception in one language": (
        'ko="곱했습니다.", ', "", None,
        "its text of misconception multiplied has no 'ko'", 'write it: Text(..., ko="...")',
    ),
    "one part": (
        'returns="int",', 'returns="int", parts=1,', None,
        "its parts is 1",
        'give how many values an answer has, 2 or more, and the type of each: parts=2, returns="array"',
    ),
    "parts without a type": (
        'returns="int",', "parts=2,", None,
        "its parts is 2",
        'give how many values an answer has, 2 or more, and the type of each: parts=2, returns="array"',
    ),
    "a section of a misconception in one language": (
        "fails=[adds]", 'fails=[adds], section=Text(en="Sums")', None,
        "its section of misconception multiplied has no 'ko'", 'write it: Text(..., ko="...")',
    ),
    "a section of the question in one language": (
        'returns="int",', 'returns="int", section=Text(en="Sums"),', None,
        "its section has no 'ko'", 'write it: Text(..., ko="...")',
    ),
    "asked in a quiz in one language": (
        'returns="int",', 'returns="int", in_quiz=Text(ko="얼마인가요?"),', None,
        "its in_quiz has no 'en'", 'write it: Text(..., en="...")',
    ),
    "a function asked in a quiz": (
        'returns="int",', 'returns="int", in_quiz=Text(ko="얼마인가요?", en="How many?"),', "@question.answer",
        "it has in_quiz= and no numbers=", "a quiz asks number questions only: remove in_quiz=",
    ),
    "no reference": (
        "@question.answer\n", "", None,
        "it has no reference", "decorate the right answer with @question.answer",
    ),
    "another name of the reference": (
        "def total(", "def sum_up(", "@question.answer",
        "the reference is called 'sum_up'", "the file is total.py, so name the reference total (or rename the file)",
    ),
    "no cases": (
        "@question.cases\n", "", None,
        "it draws no cases", "decorate a function of a generator with @question.cases",
    ),
    "a check without points": (
        "points=2", "points=0", "points=0",
        "check adds is worth 0 points", "give it more than 0",
    ),
    "a check with negative points": (
        "points=2", "points=-1", "points=-1",
        "check adds is worth -1 points", "give it more than 0",
    ),
    "a check with no number of points": (
        "points=2", 'points=float("nan")', "nan",
        "check adds is worth nan points", "give it more than 0",
    ),
    "a check of two arguments": (
        "def adds(got, case, want):", "def adds(got, want):", ADDS,
        "check adds does not take three arguments", "write def adds(got, case, want)",
    ),
    "needs a check of another question": (
        "needs=is_whole", f"needs={STRANGER}", "stranger",
        "check adds needs a check that is not above it", "move it below",
    ),
    "a misconception that fails nothing": (
        "fails=[adds]", "fails=[]", "fails=[]",
        "misconception multiplied fails no check", "name in fails= what it must fail",
    ),
    "a misconception that fails a stranger": (
        "fails=[adds]", f"fails=[{STRANGER}]", "stranger",
        "misconception multiplied names an unknown check", "known: ['is_whole', 'adds']",
    ),
    "a misconception that fails a name": (
        "fails=[adds]", 'fails=["adds"]', 'fails=["adds"]',
        "misconception multiplied names an unknown check", "known: ['is_whole', 'adds']",
    ),
    "a misconception of other parameters": (
        "def multiplied(first, second):", "def multiplied(second, first):", MULTIPLIED,
        "misconception multiplied takes (second, first)", "give it the reference's parameters: (first, second)",
    ),
    "two misconceptions of one name": (
        "def divided(", "def multiplied(", DIVIDED,
        "two misconceptions are called multiplied", "give each its own name",
    ),
    "a mistake worth full points": (
        "fails=[adds])", "fails=[adds], credit=3)", "credit=3",
        "misconception multiplied earns 3 of 3 points", "let a wrong answer earn less than full points",
    ),
    "a mistake that costs": (
        "fails=[adds])", "fails=[adds], credit=-1)", "credit=-1",
        "misconception multiplied earns -1 of 3 points", "let a wrong answer earn less than full points",
    ),
    "a mistake that nobody can compute": (
        "    sample=", "    needs_tensorflow=True,\n    sample=", MULTIPLIED,
        "misconception multiplied cannot be computed while grading",
        "say with seen_in= how to recognize it from what the answer gave",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_mistake_is_named_placed_and_mended(tmp_path: Path, name: str) -> None:
    """A planted mistake is told with the file, the line, what is wrong and how to mend it."""
    old, new, marker, problem, mend = PLANTED[name]
    text = change(SOUND, old, new)
    found = mistake(tmp_path, text)
    line = line_of(text, marker) if marker else None
    where = f"{tmp_path / 'sums' / 'total.py'}" + (f":{line}" if line else "")
    assert str(found) == f"{where}: {problem}\n  fix: {mend}"
    assert (found.path, found.line) == (tmp_path / "sums" / "total.py", line)


class TestOtherMistakes:
    """Mistakes that no single replacement plants."""

    def test_no_question(self, tmp_path: Path) -> None:
        """A file without a question says which line is missing."""
        found = mistake(tmp_path, '"""Nothing."""\n')
        assert found.problem == "the file holds no `question = Question(...)`"
        assert found.fix == TEMPLATE

    def test_question_of_another_type(self, tmp_path: Path) -> None:
        """`question` must be a Question, whatever else it is."""
        assert mistake(tmp_path, "question = 3\n").problem == "the file holds no `question = Question(...)`"

    def test_no_check(self, tmp_path: Path) -> None:
        """A question without a rubric is worth nothing, and said to be so."""
        found = mistake(tmp_path, SOUND[: SOUND.index(WHOLE)])
        assert found.problem == "it has no check"
        assert found.fix == "decorate a hidden test with @question.check(points=..., text=...)"

    def test_two_checks_of_one_name(self, tmp_path: Path) -> None:
        """The second check of a name is told where it stands."""
        text = SOUND.replace("adds", "is_whole")
        found = mistake(tmp_path, text)
        assert found.problem == "two checks are called is_whole"
        assert found.fix == "give each its own name"
        assert found.line == line_of(text, "points=2")

    def test_file_in_another_encoding(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is told to be saved as UTF-8."""
        path = write(tmp_path)
        path.write_bytes(SOUND.encode("cp949"))
        with pytest.raises(QuestionError, match="the file is not UTF-8\n  fix: save it as UTF-8"):
            load_question(path, BOTH)

    def test_keyword_like_no_other(self, tmp_path: Path) -> None:
        """A keyword near to none lists those there are, and only what an author may write."""
        found = mistake(tmp_path, change(SOUND, "    sample=", "    zzz=1,\n    sample="))
        assert found.fix.startswith("known names: title, statement, source, numbers, terms, sample, returns")
        assert "self" not in found.fix.split(", ")

    def test_variant_of_other_names(self, tmp_path: Path) -> None:
        """Each variant of a number question gives the reference's parameters, the second too."""
        text = change(NUMBER, '{"inputs": 3, "units": 4}', '{"inputs": 3, "cells": 4}')
        found = mistake(tmp_path, text)
        assert found.problem == "a variant gives inputs, cells, another inputs, units"
        assert found.fix == "give the same names in each variant of numbers="

    def test_variants_of_other_names_than_the_reference(self, tmp_path: Path) -> None:
        """The names of the numbers are the reference's parameters."""
        text = NUMBER.replace('"units":', '"cells":')
        found = mistake(tmp_path, text)
        assert found.problem == "a variant gives inputs, cells; the reference takes inputs, units"
        assert found.fix == "give exactly the reference's parameters in each variant of numbers="
        assert found.line == line_of(text, "@question.answer")

    def test_variant_too_short(self, tmp_path: Path) -> None:
        """A variant that leaves a parameter out is found before a student sees it."""
        found = mistake(tmp_path, change(NUMBER, '"inputs": 5, ', ""))
        assert found.problem == "a variant gives inputs, units, another units"

    def test_the_first_mistake_of_an_assignment_stops_it(self, tmp_path: Path) -> None:
        """An assignment with one broken file gives no questions at all."""
        write(tmp_path, SOUND.replace("total", "another"), "another")
        write(tmp_path, change(SOUND, "points=2", "points=0"))
        with pytest.raises(QuestionError, match="check adds is worth 0 points"):
            load_assignment(tmp_path / "sums", BOTH)

    def test_import_at_the_top_but_in_a_block(self, tmp_path: Path) -> None:
        """An import under `try` at the top runs while loading, so it is refused like any other."""
        block = "try:\n    import no_such_package\nexcept ImportError:\n    pass\nfrom autograder import"
        found = mistake(tmp_path, change(SOUND, "from autograder import", block))
        assert found.problem == "it imports 'no_such_package' at its top"

    def test_one_mapping_in_the_place_of_variants(self, tmp_path: Path) -> None:
        """`numbers=({...})` without its comma is not read letter by letter."""
        text = change(NUMBER, ', {"inputs": 3, "units": 4})', ")")
        assert "i, n, p, u, t, s" not in str(mistake(tmp_path, text))

    def test_one_mapping_with_a_name_of_one_letter(self, tmp_path: Path) -> None:
        """`numbers=({"n": 5})` without its comma is a mistake, not a question."""
        text = change(NUMBER, '({"inputs": 5, "units": 7}, {"inputs": 3, "units": 4})', '({"n": 5})')
        text = text.replace("inputs, units", "n").replace("units", "n").replace("inputs", "n")
        assert "numbers=" in mistake(tmp_path, text).fix

    @pytest.mark.parametrize(
        ("old", "new", "named"),
        [
            pytest.param(
                'Text(ko="두 수의 합", en="The sum of two numbers")', '"The sum"', "title", id="title"
            ),
            pytest.param('Text(ko="합이 맞는다", en="adds")', '"adds"', "check adds", id="text"),
            pytest.param("points=2", 'points="2"', "check adds", id="points"),
            pytest.param("needs=is_whole", 'needs="is_whole"', "check adds", id="needs"),
            pytest.param('returns="int"', 'returns="integer"', "returns", id="returns"),
            pytest.param("sample=(2, 5)", "sample=2", "sample", id="sample"),
        ],
    )
    def test_setting_of_another_type(self, tmp_path: Path, old: str, new: str, named: str) -> None:
        """A text that is no Text, points that are no number and the like are the author's to mend."""
        assert named in mistake(tmp_path, change(SOUND, old, new)).problem


@settings(max_examples=100)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_a_named_mistake(tmp_path: Path, text: str) -> None:
    """Whatever stands in a file, loading says that it is no question, and where."""
    path = write(tmp_path, text)
    with pytest.raises(QuestionError) as caught:
        load_question(path, BOTH)
    assert str(caught.value).startswith(str(path))


class TestSourcesOfFunctions:
    """What leaks and notebooks read from a question's file."""

    def test_function_is_found_by_its_place(self, tmp_path: Path) -> None:
        """Of two functions of one name the one meant is found."""
        text = change(
            SOUND, "@question.answer", "def total(first, second):\n    return 0\n\n\n@question.answer"
        )
        question = load_question(write(tmp_path, text), BOTH)
        assert question.reference is not None
        assert ast.unparse(function_source(question, question.reference).body[1]) == "both = first + second"

    def test_lambda_is_refused(self, tmp_path: Path) -> None:
        """A reference must be a `def`, since its text becomes the answer cell."""
        text = change(SOUND, "@question.answer\ndef total", "def plain")
        text += "\n\nquestion.answer(lambda first, second: first + second).__name__ = 'total'\n"
        question = load_question(write(tmp_path, text), BOTH)
        assert question.reference is not None
        with pytest.raises(QuestionError, match="total is not a plain function") as caught:
            function_source(question, question.reference)
        assert caught.value.line == line_of(text, "lambda")

    def test_bodies_are_the_private_functions(self, tmp_path: Path) -> None:
        """Reference, draws, checks and mistakes are private; the example is for everyone."""
        question = load_question(write(tmp_path), BOTH)
        found = {name for name, _ in private_functions(question)}
        assert found == {"total", "cases", "is_whole", "adds", "multiplied", "divided"}
