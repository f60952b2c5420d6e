"""The tools of a notebook: what a student reads of an answer and of the versions, run as a student runs it."""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib.metadata
import io
import re
import sys
import types
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograder import Question, Text
from autograder.notebooks.self_check import (
    CHECK_ALL,
    INTRO,
    check_code,
    example_guard,
    graded_imports,
    introduction,
    tools_code,
)

TITLE = Text(ko="제목", en="Title")


def function_question(name: str = "total", **settings: Any) -> Question:
    """A question whose answer is a function."""
    question = Question(TITLE, TITLE, **settings)
    question.seal(id=name, assignment="sums", path=f"{name}.py")
    return question


def number_question(name: str = "p1") -> Question:
    """A question whose answer is a number."""
    return function_question(name, numbers=({"units": 7},))


def code_of(*questions: Question, language: str = "en", graded_with: dict[str, str] | None = None) -> str:
    """Source of the tools and of the last cell in one language."""
    return f"{tools_code(questions, language, graded_with or {})}\n{CHECK_ALL}"


def printed(code: str, **answers: Any) -> str:
    """What the cells print in a notebook that defines `answers`."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, dict(answers))
    return out.getvalue()


def below_the_example(seen: Any, checked: Any) -> str:
    """What the check prints after an example that saw one answer; its own may be another."""
    question = function_question(**ADDING)
    space = {"total": seen}
    exec(tools_code([question], "en", {}), space)
    with contextlib.suppress(space["NotAnswered"]):
        exec(example_guard("total"), space)
    space["total"] = checked
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(check_code(question), space)
    return out.getvalue()


def feedback(question: Question, *, language: str = "en", **answers: Any) -> str:
    """What the cell says of the one question."""
    name, _, state = printed(code_of(question, language=language), **answers).splitlines()[0].partition(" ")
    assert name == question.id
    return state.strip()


def adds(first: int, second: int) -> int:
    return first + second


def raises(first: int, second: int) -> int:
    raise ValueError("no such size")


class Adder:
    """An answer that is no function, and can be called like one."""

    def __call__(self, first: int, second: int) -> int:
        """Return the sum."""
        return first + second


ADDING = {"sample": (2, 5), "returns": "int"}


def untouched(first: int, second: int) -> int: ...  # type: ignore[empty-body]


def explained(first: int, second: int) -> int:  # type: ignore[empty-body]
    """A stub with a docstring."""


def forgets(first: int, second: int) -> None:
    print(first + second)


FUNCTIONS = {
    # name: (the answer, in English, in Korean)
    "right": (adds, "answered", "답 있음"),
    "cached": (functools.cache(adds), "answered", "답 있음"),
    "given some arguments": (
        functools.partial(lambda scale, a, b: scale * (a + b), 4),
        "answered",
        "답 있음",
    ),
    "an object that can be called": (Adder(), "answered", "답 있음"),
    "wrong but whole": (lambda first, second: 0, "answered", "답 있음"),
    "untouched placeholder": (..., "not answered yet", "아직 답하지 않았습니다"),
    "untouched stub": (untouched, "not answered yet", "아직 답하지 않았습니다"),
    "stub with a docstring": (explained, "not answered yet", "아직 답하지 않았습니다"),
    "returns the placeholder": (lambda first, second: ..., "not answered yet", "아직 답하지 않았습니다"),
    "without a return": (
        forgets,
        "returned nothing; is there a `return`?",
        "돌려준 값이 없습니다. `return`이 있습니까?",
    ),
    "raises": (
        raises,
        "stopped with ValueError: no such size",
        "오류로 멈췄습니다: ValueError: no such size",
    ),
    "too few parameters": (
        lambda first: first,
        "stopped with TypeError: <lambda>() takes 1 positional argument but 2 were given",
        "오류로 멈췄습니다: TypeError: <lambda>() takes 1 positional argument but 2 were given",
    ),
    "no function": (7, "wrong type: expected a function, got int", "자료형이 다릅니다: 함수 대신 int"),
    "gives a string": (
        lambda first, second: "7",
        "wrong type: expected a whole number, got str",
        "자료형이 다릅니다: 정수 대신 str",
    ),
    "gives a truth value": (
        lambda first, second: True,
        "wrong type: expected a whole number, got bool",
        "자료형이 다릅니다: 정수 대신 bool",
    ),
    "gives a fraction": (
        lambda first, second: 3.5,
        "wrong type: expected a whole number, got float",
        "자료형이 다릅니다: 정수 대신 float",
    ),
}


class TestFunctionAnswers:
    """An answer that is a function is tried with the public sample."""

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_the_state_is_told_in_both_languages(self, name: str) -> None:
        """Each state of an answer reads as its edition does."""
        answer, english, korean = FUNCTIONS[name]
        assert feedback(function_question(**ADDING), total=answer) == english
        assert feedback(function_question(**ADDING), language="ko", total=answer) == korean

    def test_absent_answer_is_told_as_such(self) -> None:
        """A name that is not defined may be that of a cell that did not run."""
        assert feedback(function_question(**ADDING)) == "not answered yet, or its cell has not been run"

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (raises, "answered (this check does not call the function)"),
            (adds, "answered (this check does not call the function)"),
            (untouched, "not answered yet"),
            (explained, "not answered yet"),
            (forgets, "returned nothing; is there a `return`?"),
        ],
    )
    def test_without_a_sample_it_is_read_and_not_called(self, answer: Any, state: str) -> None:
        """A training function is not run; a stub, and a function that cannot return a value, are seen all the same."""
        assert feedback(function_question(returns="model"), total=answer) == state

    def test_without_a_sample_and_a_type_it_may_return_nothing(self) -> None:
        """A function may train the model that it is given."""
        assert (
            feedback(function_question(), total=forgets) == "answered (this check does not call the function)"
        )
        assert feedback(function_question(), total=untouched) == "not answered yet"

    def test_without_a_type_any_value_will_do(self) -> None:
        """If no type is named, an answer that returns a value is there."""
        assert feedback(function_question(sample=(2, 5)), total=lambda first, second: "7") == "answered"

    def test_sample_of_no_arguments_calls_it(self) -> None:
        """An empty sample is a call without arguments, not no call."""
        assert feedback(function_question(sample=(), returns="int"), total=lambda: 1 // 0).startswith(
            "stopped with ZeroDivisionError"
        )

    @pytest.mark.parametrize(
        ("returns", "right", "wrong"),
        [
            ("list", [1, 2], 3),
            ("list", (1, 2), "12"),
            ("array", np.zeros(2), [0.0, 0.0]),
            ("model", type("Model", (), {"get_weights": lambda self: []})(), 3),
        ],
    )
    def test_the_type_is_looked_at(self, returns: Any, right: Any, wrong: Any) -> None:
        """A list, an array and a model are told from what they are not."""
        question = function_question(sample=(), returns=returns)
        assert feedback(question, total=lambda: right) == "answered"
        assert feedback(question, total=lambda: wrong).startswith("wrong type: expected ")

    def test_the_sample_reaches_the_answer_as_written(self) -> None:
        """Nested lists, strings and None are given as they stand in the question file."""
        question = function_question(sample=([[1, 2], ["a"]], {"x": None}))
        seen: list[Any] = []
        assert feedback(question, total=lambda *given: [seen.extend(given)]) == "answered"
        assert seen == [[[1, 2], ["a"]], {"x": None}]

    def test_array_reaches_the_answer_as_an_array(self) -> None:
        """With its dtype, also within a list, and in a notebook that has not imported NumPy yet."""
        sample = (np.array([[1, 2]]), [np.array([0.5], "float32"), np.float64(2)])
        seen: list[Any] = []
        assert (
            feedback(function_question(sample=sample), total=lambda *given: [seen.extend(given)])
            == "answered"
        )
        whole, (half, two) = seen
        assert (whole.tolist(), half.tolist(), half.dtype, two) == ([[1, 2]], [0.5], np.float32, 2.0)

    def test_missing_and_infinite_numbers_of_a_sample_reach_the_answer(self) -> None:
        """Numbers that Python writes without a literal are given as they are, also in an array."""
        sample = (np.array([1.0, np.nan]), [float("-inf"), np.float32("nan")], Fraction(1, 3), Decimal("0.1"))
        seen: list[Any] = []
        assert (
            feedback(function_question(sample=sample), total=lambda *given: [seen.extend(given)])
            == "answered"
        )
        column, (low, missing), *exact = seen
        np.testing.assert_array_equal(column, [1.0, np.nan])
        assert (low, missing != missing, exact) == (-np.inf, True, [Fraction(1, 3), Decimal("0.1")])

    def test_answer_that_changes_its_arguments_changes_no_sample(self) -> None:
        """Each run gets the sample as written."""
        question = function_question(sample=([4, 2],), returns="int")
        out = printed(f"{code_of(question)}\n{CHECK_ALL}", total=lambda units: units.pop())
        assert out.count("answered") == 2


ROWS = np.zeros((3, 4))
PAIRS = {
    # name: (the type of each part, what came back, in English, in Korean)
    "a tuple": ("array", (ROWS, ROWS), "answered", "답 있음"),
    "a list": ("array", [ROWS, ROWS], "answered", "답 있음"),
    "both in one array": ("array", np.stack([ROWS, ROWS]), "answered", "답 있음"),
    "one array": (
        "array",
        ROWS,
        "wrong number of values: expected two arrays, got one",
        "값의 개수가 다릅니다: 배열 두 개 대신 하나",
    ),
    "three arrays": (
        "array",
        [ROWS] * 3,
        "wrong number of values: expected two arrays, got list of length 3",
        "값의 개수가 다릅니다: 배열 두 개 대신 길이가 3인 list",
    ),
    "none at all": (
        "array",
        (),
        "wrong number of values: expected two arrays, got tuple of length 0",
        "값의 개수가 다릅니다: 배열 두 개 대신 길이가 0인 tuple",
    ),
    "one that is missing": (
        "array",
        (ROWS, None),
        "wrong type: expected two arrays, got tuple with None in it",
        "자료형이 다릅니다: 배열 두 개 대신 None이(가) 든 tuple",
    ),
    "another type": (
        "array",
        {"h": ROWS, "c": ROWS},
        "wrong type: expected two arrays, got dict",
        "자료형이 다릅니다: 배열 두 개 대신 dict",
    ),
    "two numbers": ("float", (4, Fraction(3, 2)), "answered", "답 있음"),
    "two numbers in arrays": ("float", (np.array(4.0), np.float32(3)), "answered", "답 있음"),
    "one number": (
        "float",
        4.0,
        "wrong number of values: expected two numbers, got one",
        "값의 개수가 다릅니다: 수 두 개 대신 하나",
    ),
    "a string": (
        "float",
        "4, 3",
        "wrong type: expected two numbers, got str",
        "자료형이 다릅니다: 수 두 개 대신 str",
    ),
}


class TestParts:
    """A function that returns several values at once."""

    @pytest.mark.parametrize("name", PAIRS)
    def test_the_parts_are_counted(self, name: str) -> None:
        """What came back is told in both languages."""
        returns, value, english, korean = PAIRS[name]
        question = function_question(sample=(), returns=returns, parts=2)
        assert feedback(question, total=lambda: value) == english
        assert feedback(question, language="ko", total=lambda: value) == korean

    def test_many_parts_are_told_in_digits(self) -> None:
        """Only small numbers are words."""
        question = function_question(sample=(), returns="int", parts=7)
        told = "wrong number of values: expected 7 whole numbers, got tuple of length 2"
        assert feedback(question, total=lambda: (1, 2)) == told

    def test_without_a_return_nothing_came_back(self) -> None:
        """Parts make no difference to that."""
        question = function_question(sample=(2, 5), returns="array", parts=2)
        assert feedback(question, total=forgets) == "returned nothing; is there a `return`?"


class TestNumberAnswers:
    """An answer that is a number."""

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (364, "answered"),
            (0, "answered"),
            (364.0, "answered"),
            (..., "not answered yet"),
            ("364", "wrong type: expected a whole number, got str"),
            (None, "not answered yet"),
            ((), "not answered yet"),
            ([], "not answered yet"),
            ("", "not answered yet"),
            (True, "wrong type: expected a whole number, got bool"),
            (1.5, "wrong type: expected a whole number, got float"),
            ((364,), "wrong type: expected a whole number, got tuple"),
        ],
    )
    def test_the_state_is_told(self, answer: Any, state: str) -> None:
        """A right and a wrong number are both answered: whether it is right is graded later."""
        assert feedback(number_question(), p1=answer) == state

    @pytest.mark.parametrize(("returns", "answer"), [("list", []), ("list", ()), ("str", "")])
    def test_empty_answer_of_the_right_type_is_there(self, returns: Any, answer: Any) -> None:
        """An empty list or string may be right."""
        question = function_question("p1", numbers=({"units": 7},), returns=returns)
        assert feedback(question, p1=answer) == "answered"

    @pytest.mark.parametrize("answer", [float("nan"), float("inf")])
    def test_numbers_that_are_not_finite_are_reported(self, answer: float) -> None:
        """NaN and infinity are told, and do not stop the cell."""
        assert feedback(number_question(), p1=answer) == "wrong type: expected a whole number, got float"


class TestAgreementWithGrading:
    """The cell does not send a student away with an answer that grading accepts."""

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(364, id="int"),
            pytest.param(364.0, id="float"),
            pytest.param(np.int64(364), id="NumPy int"),
            pytest.param(np.uint8(64), id="NumPy byte"),
            pytest.param(np.float32(364), id="NumPy float"),
            pytest.param(np.array(364), id="array without axes"),
            pytest.param(Fraction(364), id="Fraction"),
            pytest.param(Decimal(364), id="Decimal"),
        ],
    )
    def test_every_whole_number_is_ok(self, answer: Any) -> None:
        """What counts as a whole number in grading is ok here."""
        assert feedback(number_question(), p1=answer) == "answered"

    def test_array_of_counts_is_a_list(self) -> None:
        """Grading takes an array for a list of counts, so here it is ok too."""
        question = function_question(sample=(), returns="list")
        assert feedback(question, total=lambda: np.array([1, 2])) == "answered"


class TestTheVisibleTest:
    """The cell below an answer, which nbgrader validates."""

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_fails_without_an_answer_and_says_what_it_does_not_check(self, language: str) -> None:
        """A stub fails it, in the words of the edition alone."""
        code = f"{tools_code([function_question(**ADDING)], language, {})}\n{check_code(function_question())}"
        with pytest.raises(Exception) as caught:
            exec(code, {"total": untouched})
        expected = {
            "en": "total: not answered yet\nThis cell does not check whether an answer is right.",
            "ko": "total: 아직 답하지 않았습니다\n이 셀은 답이 맞는지는 확인하지 않습니다.",
        }
        assert str(caught.value) == expected[language]
        assert caught.value._render_traceback_() == [expected[language]]  # type: ignore[attr-defined]

    def test_it_passes_a_wrong_answer_and_says_when_it_is_graded(self) -> None:
        """A value of the right type passes, and is not called right."""
        code = f"{tools_code([function_question(**ADDING)], 'en', {})}\n{check_code(function_question())}"
        assert printed(code, total=lambda first, second: 0) == (
            "total: answered\nWhether the answer is right is checked only after you hand in.\n"
        )


class TestTheLineAboveAnExample:
    """An example does not run while the answer is missing. A wrong answer fails there with its own error."""

    @pytest.mark.parametrize(
        ("answers", "state"),
        [
            ({"total": untouched}, "not answered yet"),
            ({}, "not answered yet, or its cell has not been run"),
        ],
    )
    def test_it_says_that_there_is_no_answer(self, answers: dict[str, Any], state: str) -> None:
        """One line stands where a traceback would, for a stub and for none."""
        code = tools_code([function_question(**ADDING)], "en", {}) + "\n" + example_guard("total") + "1 / 0"
        with pytest.raises(Exception) as caught:
            exec(code, answers)
        assert caught.value._render_traceback_() == [f"total: {state}"]  # type: ignore[attr-defined]

    def test_check_after_a_stopped_example_raises_no_second_error(self) -> None:
        """One red box stands for one missing answer."""
        assert below_the_example(untouched, untouched) == (
            "total: not answered yet\nThis cell does not check whether an answer is right.\n"
        )

    def test_check_raises_where_nbgrader_validates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """*Validate* looks at the cells that score alone: without the error it would call the notebook complete."""
        monkeypatch.setenv("NBGRADER_VALIDATING", "1")
        with pytest.raises(Exception, match="total: not answered yet"):
            below_the_example(untouched, untouched)

    @pytest.mark.parametrize(("seen", "checked"), [(untouched, lambda first, second: "7"), (adds, untouched)])
    def test_check_raises_unless_the_example_said_the_same(self, seen: Any, checked: Any) -> None:
        """An answer of the wrong type, and one that was deleted after the example ran."""
        with pytest.raises(Exception, match=r"total: (wrong type|not answered yet)"):
            below_the_example(seen, checked)

    @pytest.mark.parametrize("answer", [adds, raises, forgets, lambda first, second: "7"])
    def test_it_lets_the_example_speak_of_an_answer_that_is_there(self, answer: Any) -> None:
        """An answer that is wrong, raises or returns nothing reaches the example."""
        code = tools_code([function_question(**ADDING)], "en", {}) + "\n" + example_guard("total")
        assert printed(code + "print('the example runs')", total=answer) == "the example runs\n"


class TestCellsThatUseAnswers:
    """Cells of the lesson that run a student's functions ask first whether they are there."""

    USE = "if is_answered('total', 'p1'):\n    print('compared')"

    def test_missing_answers_are_listed_instead_of_a_traceback(self) -> None:
        """Each missing answer has its line, and what uses them is not run."""
        code = f"{tools_code([function_question(**ADDING), number_question()], 'en', {})}\n{self.USE}"
        assert printed(code, total=untouched, p1=...) == "total: not answered yet\np1: not answered yet\n"
        assert printed(code, total=adds, p1=...) == "p1: not answered yet\n"

    def test_nothing_is_told_of_answers_that_are_there(self) -> None:
        """The cell prints what it shows alone."""
        code = f"{tools_code([function_question(**ADDING), number_question()], 'en', {})}\n{self.USE}"
        assert printed(code, total=adds, p1=3) == "compared\n"


class TestPredictions:
    """A reader's guess, in a cell of its own, beside the result that the next cell computes."""

    def told(self, result: str, language: str = "en", **guesses: Any) -> list[str]:
        """What the cell with the result prints, and the cell that counts."""
        code = tools_code([function_question(**ADDING)], language, {})
        return printed(f"{code}\ncompare_guess('units', {result})\ncount_guesses()", **guesses).splitlines()

    @pytest.mark.parametrize(
        ("guess", "result"),
        [
            (8, "8"),
            (False, "False"),
            ("svo", "'SVO'"),
            ([1, 8], "(1, 8)"),
            (np.int64(8), "8"),
            (1.2, "1.0, within=0.3"),
            (((1, 3, 8), (1, 8)), "[(1, 3, 8), (1, 8)]"),
        ],
    )
    def test_guess_that_is_the_result_is_right(self, guess: Any, result: str) -> None:
        """Numbers, truth, words and shapes, whether in tuples or lists."""
        first, *_, last = self.told(result, guess_units=guess)
        assert first.endswith(" | right")
        assert last == "right: 1 of 1 guesses"

    @pytest.mark.parametrize(
        ("guess", "result"),
        [(16, "8"), (True, "False"), ((8,), "(1, 8)"), ("eight", "8"), (None, "8"), (1.5, "1.0, within=0.3")],
    )
    def test_any_other_is_different(self, guess: Any, result: str) -> None:
        """A guess of another type raises nothing."""
        first, *_, last = self.told(result, guess_units=guess)
        assert first.endswith(" | different")
        assert last == "right: 0 of 1 guesses"

    @pytest.mark.parametrize("guesses", [{}, {"guess_units": ...}])
    def test_result_without_a_guess_is_shown_and_not_counted(self, guesses: dict[str, Any]) -> None:
        """The reader may run on without guessing."""
        assert self.told("8", **guesses)[0] == "guess: - | result: 8"
        assert self.told("8", **guesses)[-1] == "right: 0 of 0 guesses"

    def test_guess_is_counted_once_however_often_its_cell_is_run(self) -> None:
        """The last run counts."""
        code = tools_code([function_question(**ADDING)], "en", {})
        again = "guess_units = 9\ncompare_guess('units', 8)\nguess_units = 8\ncompare_guess('units', 8)"
        assert printed(f"{code}\n{again}\ncount_guesses()").splitlines()[-1] == "right: 1 of 1 guesses"

    def test_it_speaks_the_language_of_the_edition(self) -> None:
        """No English word is printed in Korean."""
        assert self.told("8", "ko", guess_units=8) == [
            "예상: 8 | 결과: 8 | 맞음",
            f"{'units':24} 예상: 8 | 결과: 8 | 맞음",
            "예상 1개 가운데 1개가 맞았습니다",
        ]

    def test_the_last_cell_does_not_count_it(self) -> None:
        """A prediction is no answer."""
        code = code_of(function_question(**ADDING))
        assert "guess" not in printed(f"{code}", total=adds, guess_units=8)


class TestTheCell:
    """The cell as a whole."""

    def test_without_versions_there_is_no_heading(self) -> None:
        """A course that pins no version prints the states alone."""
        assert printed(code_of(number_question()), p1=3) == "p1                       answered\n"

    def test_each_question_has_its_line_in_order(self) -> None:
        """One line a question, in the order of the notebook, the names in a column."""
        questions = [number_question("p2"), number_question("p1"), function_question(**ADDING)]
        lines = printed(code_of(*questions), p1=1, total=raises).splitlines()[:3]
        assert lines == [
            "p2                       not answered yet, or its cell has not been run",
            "p1                       answered",
            "total                    stopped with ValueError: no such size",
        ]

    def test_one_broken_answer_hides_no_other(self) -> None:
        """After an answer that raises the next one is looked at."""
        questions = [function_question("first", **ADDING), function_question("second", **ADDING)]
        lines = printed(code_of(*questions), first=raises, second=adds).splitlines()
        assert lines[1].split() == ["second", "answered"]

    def test_versions_stand_side_by_side(self) -> None:
        """What is installed here and what grades are told, a missing package as a dash."""
        numpy = importlib.metadata.version("numpy")
        graded_with = {"numpy": "2.4", "no-such-package": "1.0"}
        assert printed(code_of(graded_with=graded_with)).splitlines() == [
            "",
            "package versions, here and in grading",
            f"numpy                    here {numpy}, grading 2.4",
            "no-such-package          here -, grading 1.0",
        ]
        assert printed(code_of(language="ko", graded_with=graded_with)).splitlines()[1:] == [
            "이 컴퓨터와 채점 환경의 패키지 버전",
            f"numpy                    이 컴퓨터 {numpy}, 채점 2.4",
            "no-such-package          이 컴퓨터 -, 채점 1.0",
        ]

    @pytest.mark.parametrize(
        ("cells", "missing"),
        [
            (["import scipy.special as sp, json", "from pandas import Series"], "pandas, scipy"),
            (["try:\n    import scipy\nexcept ImportError:\n    pass"], "scipy"),
            (
                [
                    "import numpy as np\nfrom keras.layers import LSTM\nimport os.path\nfrom IPython import display"
                ],
                "",
            ),
            (["get_ipython().run_cell_magic('writefile', 'mine.py', 'x = 1')", "import mine"], ""),
            (["x = (", 'TEXT = ("from left"\n    "import nothing")'], ""),
        ],
    )
    def test_imports_that_grading_may_lack_are_listed(self, cells: list[str], missing: str) -> None:
        """A student reads them before handing in; `In` is what Jupyter keeps of the cells that were run."""
        code = f"{tools_code([], 'en', {}, ['keras', 'numpy'])}\n{CHECK_ALL}"
        told = "imported here, and perhaps not installed where answers are graded"
        assert printed(code, In=["", *cells]) == (f"\n{told}: {missing}\n" if missing else "")
        assert printed(code) == ""

    def test_grading_has_the_packages_of_the_course_and_what_its_cells_import(self) -> None:
        """The list is the same wherever the release is built."""
        cells = ["import matplotlib.pyplot as plt, os\nfrom fractions import Fraction", "x = 1"]
        graded_with = {"tensorflow": "2", "scikit-learn": "1"}
        assert graded_imports(graded_with, cells) == ["keras", "matplotlib", "numpy", "sklearn", "tensorflow"]

    def test_package_of_another_name_is_found_by_its_module(self) -> None:
        """A module that another distribution installs, as tensorflow-cpu does, has a version too."""
        module = types.ModuleType("odd_module")
        module.__version__ = "3.1"  # type: ignore[attr-defined]
        sys.modules["odd_module"] = module
        try:
            assert "here 3.1, grading 3" in printed(code_of(graded_with={"odd_module": "3"}))
        finally:
            del sys.modules["odd_module"]

    def test_it_runs_again(self) -> None:
        """A student may run the cell as often as they like."""
        code = code_of(number_question())
        assert printed(code + "\n" + code, p1=3).count("answered") == 2

    def test_it_imports_nothing_of_ours(self) -> None:
        """A student needs the standard library alone for it."""
        tree = ast.parse(code_of(number_question()))
        names = [
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        ]
        assert "importlib.metadata" in names
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
        assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))

    def test_edition_holds_its_own_language_alone(self) -> None:
        """No Korean is in the tools of the English edition, whose words the Korean one does not have."""
        questions = [number_question(), function_question(**ADDING)]
        assert not re.search("[가-힣]", tools_code(questions, "en", {}))
        assert "graded after you hand in" not in tools_code(questions, "ko", {})

    def test_the_prose_names_the_word_that_the_cell_prints(self) -> None:
        """The word that a student is to look for is the word printed."""
        for language, word in (("ko", "답 있음"), ("en", "answered")):
            assert word in INTRO.in_language(language)
            assert feedback(number_question(), language=language, p1=1) == word


def test_the_due_date_stands_where_students_hand_in() -> None:
    """In the prose above the last cell, in its language; nothing stands there without one."""
    introductions = {
        language: introduction(language, lambda language: f"May 5 in {language}") for language in ("ko", "en")
    }
    assert introductions["ko"].endswith("\n\n**마감: May 5 in ko**")
    assert introductions["en"].endswith("\n\n**Due: May 5 in en**")
    assert "Due" not in introduction("en")
