"""What an author's decorators make of a question, and that a loaded question no longer changes."""

from __future__ import annotations

import ast
import dataclasses
import pickle

import numpy as np
import pytest

from autograder import Case, Check, Misconception, Question, Text
from autograder.questions.syntax import walk_statements

LINE = Text(ko="합이 맞는다", en="the sum is right")


def bare_question(**settings: object) -> Question:
    """A question that has its texts and nothing else."""
    return Question(Text(ko="합", en="Sum"), Text(ko="더하세요.", en="Add."), **settings)


def accepts_all(got: object, case: Case, want: object) -> None:
    """A judge that is silent on anything."""


def total(first: int, second: int) -> int:
    """Sum of two numbers."""
    return first + second


class TestTheDecorators:
    """Each keeps what it decorates under its own name in the question."""

    @pytest.mark.parametrize(
        ("decorator", "kept_as"),
        [("answer", "reference"), ("example", "examples"), ("cases", "draw_cases"), ("asks", "ask")],
    )
    def test_plain_decorator_gives_its_function_back(self, decorator: str, kept_as: str) -> None:
        """A decorated function stays usable in the question file, unchanged."""
        question = bare_question()
        assert getattr(question, decorator)(total) is total
        assert getattr(question, kept_as) is total

    def test_check_becomes_data(self) -> None:
        """`check` gives back the named check that `fails=` and `needs=` refer to."""
        check = bare_question().check(points=2, text=LINE)(accepts_all)
        assert check == Check("accepts_all", LINE, 2, accepts_all, None, None, "value")

    def test_misconception_becomes_data(self) -> None:
        """`misconception` gives back a named mistake that earns nothing unless it says so."""
        question = bare_question()
        check = question.check(points=2, text=LINE)(accepts_all)
        known = question.misconception(text=LINE, fails=[check])(total)
        assert known == Misconception("total", LINE, total, (check,))

    def test_misconception_has_the_section_of_its_question(self) -> None:
        """Unless it names its own."""
        above, own = Text(ko="더하기", en="Adding"), Text(ko="곱하기", en="Multiplying")
        question = bare_question(section=above)
        check = question.check(points=2, text=LINE)(accepts_all)
        assert question.misconception(text=LINE, fails=[check])(total).section == above
        assert question.misconception(text=LINE, fails=[check], section=own)(total).section == own

    def test_checks_and_misconceptions_keep_their_order(self) -> None:
        """The rubric reads from top to bottom as the file does."""
        question = bare_question()
        for _ in range(3):
            question.check(points=1, text=LINE)(accepts_all)
            question.misconception(text=LINE, fails=question.checks)(total)
        assert [len(known.fails) for known in question.misconceptions] == [1, 2, 3]
        assert len(question.checks) == 3


class TestAQuestion:
    """What a question tells about itself."""

    def test_points_are_the_sum_of_the_rubric(self) -> None:
        """Points are typed once, at the checks."""
        question = bare_question()
        question.check(points=2, text=LINE)(accepts_all)
        question.check(points=0.5, text=LINE)(accepts_all)
        assert question.points == 2.5

    def test_numbers_make_a_number_question(self) -> None:
        """A question with variants asks for a number, one without for a function."""
        assert bare_question(numbers=({"units": 7},)).is_number
        assert not bare_question().is_number

    def test_two_questions_share_no_rubric(self) -> None:
        """A check of one question is not a check of the next."""
        one, other = bare_question(), bare_question()
        one.check(points=1, text=LINE)(accepts_all)
        assert other.checks == ()

    def test_seal_gives_it_its_identity(self) -> None:
        """A sealed question knows its id, its assignment and its file."""
        question = bare_question()
        question.seal(id="total", assignment="sums", path="sums/total.py")
        assert (question.id, question.assignment, question.path) == ("total", "sums", "sums/total.py")

    def test_sealed_question_refuses_change(self) -> None:
        """Setting anything after loading raises, and says of which question."""
        question = bare_question()
        question.seal(id="total", assignment="sums", path="total.py")
        with pytest.raises(
            AttributeError, match="question 'total' is loaded; its title can no longer change"
        ):
            question.title = LINE

    def test_sealed_question_refuses_more_checks(self) -> None:
        """A decorator after loading raises instead of adding points unseen."""
        question = bare_question()
        question.seal(id="total", assignment="sums", path="total.py")
        with pytest.raises(AttributeError, match="its checks can no longer change"):
            question.check(points=1, text=LINE)(accepts_all)
        assert question.points == 0


class TestACase:
    """The arguments of one hidden call."""

    def test_it_keeps_positional_and_named_arguments_apart(self) -> None:
        """What was written positionally is passed positionally."""
        case = Case(3, 4, units=7)
        assert (case.args, case.kwargs) == ((3, 4), {"units": 7})

    def test_it_does_not_change(self) -> None:
        """A check cannot put other arguments into a case."""
        with pytest.raises(dataclasses.FrozenInstanceError):
            Case(3).args = (4,)

    def test_equal_arguments_make_equal_cases(self) -> None:
        """Two draws can be compared."""
        assert Case(3, units=7) == Case(3, units=7)
        assert Case(3) != Case(4)

    def test_trials_are_not_passed_to_the_answer(self) -> None:
        """`tried_on` keeps the call and adds what the checks find as `trials`; the case itself stays as it was."""
        plain = Case(1, second=2)
        case = plain.tried_on([3, 4])
        assert case.passed_to(total) == 3
        assert (case.args, dict(case.kwargs), case.trials) == ((1,), {"second": 2}, [3, 4])
        assert plain.trials is None

    @pytest.mark.parametrize("argument", [[1], {"a": 1}, (1, [2]), np.zeros(1), "text", 7, None])
    def test_arguments_survive_a_call(self, argument: object) -> None:
        """It gets a copy of what can be changed, the same one where an argument is given twice; never of `trials`."""
        trials = np.zeros(1)
        case = Case(argument, again=argument).tried_on(trials)
        first, again = case.passed_to(lambda first, again: (first, again))
        is_changeable = isinstance(argument, (list, dict, tuple, np.ndarray))
        assert (first is argument) != is_changeable
        assert first is again
        assert case.args[0] is argument
        assert case.trials is trials

    def test_misconception_is_called_once_for_a_case(self) -> None:
        """Later calls repeat the value or the error of the first. A pickled case does not keep them."""
        calls = []

        def inverse(number: int) -> float:
            calls.append(number)
            return 1 / number

        case, zero = Case(2), Case(0)
        assert (case.given_by(inverse), case.given_by(inverse)) == (0.5, 0.5)
        for _time in range(2):
            with pytest.raises(ZeroDivisionError):
                zero.given_by(inverse)
        assert calls == [2, 0]
        sent = pickle.loads(pickle.dumps(case))
        assert (sent, sent.given_by(inverse)) == (case, 0.5)
        assert calls == [2, 0, 2]


class TestACheck:
    """Which cases a check looks at."""

    def test_it_covers_every_case_by_itself(self) -> None:
        """Without `when` a check looks at all cases."""
        check = bare_question().check(points=1, text=LINE)(accepts_all)
        assert check.covers(Case(1))
        assert check.covers(Case())

    def test_when_chooses(self) -> None:
        """With `when` a check looks only at the cases for which it holds."""
        when = lambda case: case.args[0] > 2  # noqa: E731
        check = bare_question().check(points=1, text=LINE, when=when)(accepts_all)
        assert check.covers(Case(3))
        assert not check.covers(Case(2))


def test_statements_are_walked_in_the_order_of_the_library() -> None:
    """`walk_statements` yields what `ast.walk` does, but for expressions, in every kind of statement."""
    source = """
@first(lambda: 1)
def outer(a=[x for x in y]):
    for i in range(3):
        while i:
            with open(a) as b:
                i -= 1
        else:
            pass
    try:
        f = lambda: 2
    except* ValueError:
        del f
    else:
        x = 1 if y else 2
    finally:
        return x
match z:
    case [1, *_] if z:
        class Inner:
            def method(self): ...
    case _:
        if z:
            async def other():
                async for u in v:
                    await u
        elif y:
            raise z
"""
    tree = ast.parse(source)
    kinds = (ast.mod, ast.stmt, ast.excepthandler, ast.match_case)
    expected = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    assert list(walk_statements(tree)) == expected
