"""The last cell of a notebook: what a student reads before handing in, run as a student runs it."""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import io
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograder import Question, Text
from autograder.notebooks.self_check import self_check_cells

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
    """Source of the code cell in one language."""
    (_, _), (code, told) = self_check_cells(questions, [language], graded_with or {})
    assert told == language
    return code


def printed(code: str, **answers: Any) -> str:
    """What the cell prints in a notebook that defines `answers`."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, dict(answers))
    return out.getvalue()


def told(question: Question, *, language: str = "en", **answers: Any) -> str:
    """What the cell says of the one question."""
    name, _, state = printed(code_of(question, language=language), **answers).splitlines()[0].partition(" ")
    assert name == question.id
    return state.strip()


def adds(first: int, second: int) -> int:
    return first + second


def raises(first: int, second: int) -> int:
    raise ValueError("no such size")


ADDING = {"sample": (2, 5), "returns": "int"}

FUNCTIONS = {
    # name: (the answer, in English, in Korean)
    "right": (adds, "ok", "확인"),
    "wrong but whole": (lambda first, second: 0, "ok", "확인"),
    "untouched placeholder": (
        ...,
        "missing: its cell is untouched or did not run",
        "없음: 답 칸이 비었거나 실행되지 않았습니다",
    ),
    "raises": (raises, "raised an error: ValueError: no such size", "오류: ValueError: no such size"),
    "too few parameters": (
        lambda first: first,
        "raised an error: TypeError: <lambda>() takes 1 positional argument but 2 were given",
        "오류: TypeError: <lambda>() takes 1 positional argument but 2 were given",
    ),
    "no function": (
        7,
        "of another type: expected function, got int",
        "자료형이 다릅니다: 기대한 것은 function, 받은 것은 int",
    ),
    "gives a string": (
        lambda first, second: "7",
        "of another type: expected int, got str",
        "자료형이 다릅니다: 기대한 것은 int, 받은 것은 str",
    ),
    "gives nothing": (
        lambda first, second: None,
        "of another type: expected int, got NoneType",
        "자료형이 다릅니다: 기대한 것은 int, 받은 것은 NoneType",
    ),
    "gives a truth value": (
        lambda first, second: True,
        "of another type: expected int, got bool",
        "자료형이 다릅니다: 기대한 것은 int, 받은 것은 bool",
    ),
    "gives a fraction": (
        lambda first, second: 3.5,
        "of another type: expected int, got float",
        "자료형이 다릅니다: 기대한 것은 int, 받은 것은 float",
    ),
}


class TestFunctionAnswers:
    """An answer that is a function is tried with the public sample."""

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_the_state_is_told_in_both_languages(self, name: str) -> None:
        """Each state of an answer reads as its edition does."""
        answer, english, korean = FUNCTIONS[name]
        assert told(function_question(**ADDING), total=answer) == english
        assert told(function_question(**ADDING), language="ko", total=answer) == korean

    def test_an_absent_answer_is_missing(self) -> None:
        """A name that is not defined is told as an untouched cell, in both languages."""
        assert told(function_question(**ADDING)) == "missing: its cell is untouched or did not run"
        assert (
            told(function_question(**ADDING), language="ko") == "없음: 답 칸이 비었거나 실행되지 않았습니다"
        )

    def test_without_a_sample_it_is_not_called(self) -> None:
        """A training function is looked at, not run."""
        assert told(function_question(returns="model"), total=raises) == "ok"

    def test_without_a_type_anything_will_do(self) -> None:
        """Where no type is named, an answer that runs is ok."""
        assert told(function_question(sample=(2, 5)), total=lambda first, second: None) == "ok"

    def test_a_sample_of_no_arguments_calls_it(self) -> None:
        """An empty sample is a call without arguments, not no call."""
        assert told(function_question(sample=(), returns="int"), total=lambda: 1 // 0).startswith(
            "raised an error: ZeroDivisionError"
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
        assert told(question, total=lambda: right) == "ok"
        assert told(question, total=lambda: wrong) == (
            f"of another type: expected {returns}, got {type(wrong).__name__}"
        )

    def test_the_sample_reaches_the_answer_as_written(self) -> None:
        """Nested lists, strings and None are given as they stand in the question file."""
        question = function_question(sample=([[1, 2], ["a"]], {"x": None}))
        seen: list[Any] = []
        assert told(question, total=lambda *given: seen.extend(given)) == "ok"
        assert seen == [[[1, 2], ["a"]], {"x": None}]


class TestNumberAnswers:
    """An answer that is a number."""

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (364, "ok"),
            (0, "ok"),
            (364.0, "ok"),
            (..., "missing: its cell is untouched or did not run"),
            ("364", "of another type: expected int, got str"),
            (None, "of another type: expected int, got NoneType"),
            (True, "of another type: expected int, got bool"),
            (1.5, "of another type: expected int, got float"),
            ((364,), "of another type: expected int, got tuple"),
        ],
    )
    def test_the_state_is_told(self, answer: Any, state: str) -> None:
        """A right and a wrong number are both ok: whether it is right is graded later."""
        assert told(number_question(), p1=answer) == state

    def test_an_absent_number_is_missing(self) -> None:
        """A cell that was not run defines nothing."""
        assert told(number_question()) == "missing: its cell is untouched or did not run"

    @pytest.mark.parametrize("answer", [float("nan"), float("inf")])
    def test_what_is_no_number_is_not_ok(self, answer: float) -> None:
        """NaN and infinity are told, and do not stop the cell."""
        assert told(number_question(), p1=answer) != "ok"


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
        assert told(number_question(), p1=answer) == "ok"

    def test_an_array_of_counts_is_a_list(self) -> None:
        """Grading takes an array for a list of counts, so here it is ok too."""
        question = function_question(sample=(), returns="list")
        assert told(question, total=lambda: np.array([1, 2])) == "ok"


class TestTheCell:
    """The cell as a whole."""

    def test_each_question_has_its_line_in_order(self) -> None:
        """One line a question, in the order of the notebook, the names in a column."""
        questions = [number_question("p2"), number_question("p1"), function_question(**ADDING)]
        lines = printed(code_of(*questions), p1=1, total=raises).splitlines()[:3]
        assert lines == [
            "p2                       missing: its cell is untouched or did not run",
            "p1                       ok",
            "total                    raised an error: ValueError: no such size",
        ]

    def test_one_broken_answer_hides_no_other(self) -> None:
        """After an answer that raises the next one is looked at."""
        questions = [function_question("first", **ADDING), function_question("second", **ADDING)]
        lines = printed(code_of(*questions), first=raises, second=adds).splitlines()
        assert lines[1].split() == ["second", "ok"]

    def test_versions_stand_side_by_side(self) -> None:
        """What is installed here and what grades are told, a missing package as a dash."""
        numpy = importlib.metadata.version("numpy")
        graded_with = {"numpy": "2.4", "no-such-package": "1.0"}
        assert printed(code_of(graded_with=graded_with)).splitlines() == [
            "",
            "versions here and where it is graded",
            f"numpy                    here {numpy}, grading 2.4",
            "no-such-package          here -, grading 1.0",
        ]
        assert printed(code_of(language="ko", graded_with=graded_with)).splitlines()[1:] == [
            "이 컴퓨터와 채점 환경의 버전",
            f"numpy                    이 컴퓨터 {numpy}, 채점 2.4",
            "no-such-package          이 컴퓨터 -, 채점 1.0",
        ]

    def test_it_leaves_the_answers_alone(self) -> None:
        """Looking at a number or a function does not change the notebook's names."""
        namespace: dict[str, Any] = {"p1": 3, "total": adds}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code_of(number_question(), function_question(**ADDING)), namespace)
        assert (namespace["p1"], namespace["total"]) == (3, adds)
        assert namespace.keys() - {"__builtins__"} == {"p1", "total", "look_before_handing_in"}

    def test_it_runs_again(self) -> None:
        """A student may run the cell as often as they like."""
        code = code_of(number_question())
        assert printed(code + "\n" + code, p1=3).count("ok") == 2

    def test_it_imports_nothing_of_ours(self) -> None:
        """A student needs the standard library alone for it."""
        tree = ast.parse(code_of(number_question()))
        names = [
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        ]
        assert "importlib.metadata" in names
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
        assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))

    def test_each_language_has_its_two_cells(self) -> None:
        """Prose and code for one language, then for the next."""
        cells = list(self_check_cells([number_question()], ["ko", "en"], {}))
        assert [language for _, language in cells] == ["ko", "ko", "en", "en"]
        assert cells[0][0].startswith("## 제출하기 전에")
        assert cells[2][0].startswith("## Before you hand in")
        ast.parse(cells[1][0])
        ast.parse(cells[3][0])

    def test_the_prose_names_the_word_that_the_cell_prints(self) -> None:
        """The word that a student is to look for is the word printed."""
        for language, word in (("ko", "확인"), ("en", "ok")):
            (prose, _), _ = self_check_cells([number_question()], [language], {})
            assert word in prose
            assert told(number_question(), language=language, p1=1) == word


def test_the_due_date_stands_where_students_hand_in() -> None:
    """In the prose above the last cell, in its language; nothing stands there without one."""
    told = [
        text
        for text, _ in self_check_cells([], ("ko", "en"), {}, due=lambda language: f"May 5 in {language}")
    ]
    assert told[0].endswith("\n\n**마감: May 5 in ko**")
    assert told[2].endswith("\n\n**Due: May 5 in en**")
    assert not any("Due" in text for text, _ in self_check_cells([], ("en",), {}))
