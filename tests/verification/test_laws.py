"""The laws that every question obeys: each is broken once, and seen to be told."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.build import BuildRefused
from autograder.errors import AnswerError
from autograder.grading.direct_session import DirectSession
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.verification.laws import violations

SOUND = '''\
"""Smallest and largest of a list."""

from autograder import Case, Fail, Question, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("ends"), statement=text("Return the ends."), sample=([2, 1],), returns="list")


@question.answer
def spread(values):
    """Smallest and largest of a list."""
    low, high = min(values), max(values)
    return [low, high]


@question.example
def example(spread):
    assert spread([2, 3, 1]) == [1, 3]


@question.cases
def cases(rng):
    return [Case([int(n) for n in rng.permutation(90)[:4] + 10]) for _ in range(6)]


@question.check(points=2, text=text("the lowest"))
def lowest(got, case, want):
    expect.counts(got, want, where=slice(0, 1))


@question.check(points=2, text=text("the highest"))
def highest(got, case, want):
    expect.counts(got, want, where=slice(1, 2))


@question.misconception(text=text("the ends unsorted"), fails=[lowest, highest])
def unsorted_ends(values):
    return [values[0], values[-1]]


@question.misconception(text=text("the lowest twice"), fails=[highest])
def lowest_twice(values):
    return [min(values), min(values)]
'''

WITH_TENSORFLOW = '''\
from autograder import Case, Fail, Question, Text


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("three"), statement=text("Return 3."), sample=(), returns="int", needs_tensorflow=True)


@question.answer
def three():
    """Three."""
    return 3


@question.example
def example(three):
    assert three() == 4, "four"


@question.cases
def cases(rng):
    return [Case()]


@question.check(points=2, text=text("three"))
def is_three(got, case, want):
    if got != 3:
        raise Fail(text("another"))
'''

NUMBER = '''\
"""Weights of a Dense layer."""

from autograder import Question, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(
    title=text("weights"),
    statement=text("Write the arithmetic."),
    numbers=({"inputs": 5, "units": 7}, {"inputs": 3, "units": 4}),
)


@question.answer
def weights(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=1, text=text("the count is right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.misconception(text=text("no bias"), fails=[is_right])
def no_bias(inputs, units):
    return units * inputs


@question.misconception(text=text("one bias in all"), fails=[is_right])
def one_bias(inputs, units):
    return units * inputs + 1
'''

MORE_CHECK = """
@question.check(points={points}, text=text("one more"))
def one_more(got, case, want):
    {body}


@question.misconception(text=text("one number"), fails=[lowest, highest, one_more])
def only_the_width(values):
    return max(values) - min(values)
"""


def load(folder: Path, name: str, text: str) -> Question:
    """A question of the given text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return load_question(path, ("ko", "en"))


def broken(
    folder: Path, *changes: tuple[str, str], more: str = "", name: str = "spread"
) -> dict[int, list[str]]:
    """The laws that a sound question breaks once `changes` are made, with what is told of each."""
    text = {"spread": SOUND, "weights": NUMBER}[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    found: dict[int, list[str]] = {}
    for violation in violations(load(folder, name, text + more)):
        found.setdefault(violation.law, []).append(str(violation.problem))
    return found


DESIGN = '''\
"""A straight line, judged by where it runs."""

from autograder import Case, Question, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("a line"), statement=text("Return [a, b] with a * x + b >= x * x for all x."))


@question.answer
def design():
    """Slope and intercept."""
    return [0, 100]


@question.cases
def cases(rng):
    return [Case().tried_on([int(x) for x in rng.permutation(10)[:5]] + [10])]


@question.check(points=2, text=text("above the parabola"))
def is_above(got, case, want):
    line = expect.sequence(got, text("two numbers"))
    expect.shown(len(line) == 2 and all(line[0] * x + line[1] >= x * x for x in case.trials))


@question.misconception(text=text("too low"), fails=[is_above])
def too_low():
    return [1, 1]
'''


class TestSoundQuestions:
    """A question that obeys every law is told nothing."""

    @pytest.mark.parametrize("name", ["spread", "weights"])
    def test_no_law_is_broken(self, tmp_path: Path, name: str) -> None:
        """A sound function question and a sound number question yield nothing."""
        assert broken(tmp_path, name=name) == {}


class TestLaw1:
    """The reference earns full points, for several seeds."""

    def test_reference_that_its_check_refuses(self, tmp_path: Path) -> None:
        """A reference that earns less is told with the check and its message."""
        found = broken(
            tmp_path, ("return [low, high]", "return [low, low]"), ("want, where=slice(1, 2)", "[0, 1]")
        )
        assert list(found) == [1]
        assert found[1][0].startswith(
            "the reference earns 2 of 4; highest failed: a whole number came back, but the count is not right"
        )

    def test_reference_that_fails_for_one_seed_only(self, tmp_path: Path) -> None:
        """More than one seed is tried: a reference that is wrong for some draws is found."""
        changes = [
            ("def cases(rng):", "def cases(rng):\n    draws.append(rng)"),
            ('"""Smallest and largest of a list."""\n', "draws = []\n"),
            ("    expect.counts(got, want, where=slice(1, 2))", "    expect.count(len(draws), 1)"),
        ]
        assert list(broken(tmp_path, *changes)) == [1]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("    low, high =", "    low, high = 1 // 0, 0\n    low, high =", "spread raised ZeroDivisionError"),
            ("    return [Case(", "    return 1 // 0\n    return [Case(", "cases raised ZeroDivisionError"),
            ("    expect.counts(got, want, where=slice(0, 1))", "    assert not got", "check lowest raised "),
        ],
    )  # fmt: skip
    def test_function_of_the_file_that_raises(self, tmp_path: Path, old: str, new: str, message: str) -> None:
        """A reference, a draw or a check that raises is told, not a traceback."""
        found = broken(tmp_path, (old, new))
        assert list(found) == [1]
        assert message in found[1][0]

    def test_case_that_is_no_data(self, tmp_path: Path) -> None:
        """A draw that gives what cannot be sent to a kernel is told, not a traceback."""
        changes = [
            ("return [Case([int(n) for n in rng.permutation(90)[:4] + 10]) for _ in range(6)]",
             "return [Case({3, 4})]"),
        ]  # fmt: skip
        assert list(broken(tmp_path, *changes)) == [1]


class TestLaw2:
    """The untouched stub earns 0."""

    def test_check_that_none_passes(self, tmp_path: Path) -> None:
        """A check that is silent on None gives points to who wrote nothing."""
        body = "if got is not None: expect.sequence(got, text('a list'))"
        found = broken(tmp_path, more=MORE_CHECK.format(points=1, body=body))
        assert found == {2: ["the untouched stub earns points"]}


class TestLaw3:
    """The reference passes its examples."""

    def test_example_that_the_reference_fails(self, tmp_path: Path) -> None:
        """A public test that is wrong itself would fail every student."""
        found = broken(tmp_path, ("== [1, 3]", "== [3, 1]"))
        message = (
            "the reference does not pass its examples: AssertionError at `assert spread([2, 3, 1]) == [3, 1]`"
        )
        assert found == {3: [message]}

    @pytest.mark.tensorflow
    def test_example_that_a_reference_with_tensorflow_fails(self, tmp_path: Path) -> None:
        """It runs where the reference does, in a kernel."""
        question = load(tmp_path, "three", WITH_TENSORFLOW)
        message = [str(one.text) for one in violations(question, examples=True) if one.law == 3]
        assert message == [
            f"{question.path}: law 3: the reference does not pass its examples: AssertionError: four"
        ]

    def test_example_that_raises(self, tmp_path: Path) -> None:
        """A public test that stops for another reason is told with it."""
        found = broken(tmp_path, ("    assert spread([2, 3, 1])", "    assert spred([2, 3, 1])"))
        assert found == {
            3: [
                "the reference does not pass its examples: NameError: name 'spred' is not defined "
                "at `assert spred([2, 3, 1]) == [1, 3]`"
            ]
        }


class TestLaw4:
    """Each misconception fails exactly the checks it names."""

    def test_misconception_that_fails_more_than_it_names(self, tmp_path: Path) -> None:
        """Which checks failed and which are named is told side by side."""
        found = broken(tmp_path, ("fails=[lowest, highest]", "fails=[lowest]"))
        assert list(found) == [4]
        assert found[4][0].startswith(
            "misconception unsorted_ends fails ['highest', 'lowest'], its file says ['lowest']; "
        )

    def test_misconception_that_fails_less_than_it_names(self, tmp_path: Path) -> None:
        """A check named that passes is told too."""
        found = broken(tmp_path, ("fails=[highest]", "fails=[lowest, highest]"))
        assert list(found) == [4]
        assert found[4][0].startswith(
            "misconception lowest_twice fails ['highest'], its file says ['highest', 'lowest']; "
        )

    def test_misconception_that_is_right(self, tmp_path: Path) -> None:
        """A mistake that earns everything is none."""
        found = broken(tmp_path, ("return [min(values), min(values)]", "return [min(values), max(values)]"))
        assert found[4][0].startswith("misconception lowest_twice fails [], its file says ['highest']")

    def test_two_that_nothing_tells_apart(self, tmp_path: Path) -> None:
        """A student would be told both, and the class be counted twice; the author reads of a pair once."""
        more = (
            '\n\n@question.misconception(text=text("the lowest again"), fails=[highest])\n'
            "def lowest_again(values):\n    return sorted(values)[:1] * 2\n"
        )
        message = "in every case: draw one that tells them apart, or merge them"
        assert broken(tmp_path, more=more) == {
            4: [f"misconception lowest_twice gives the same as lowest_again {message}"]
        }

    def test_blocked_check_is_not_failed(self, tmp_path: Path) -> None:
        """A check blocked by an earlier one is not to be named."""
        found = broken(tmp_path, ('text=text("the highest")', 'text=text("the highest"), needs=lowest'))
        assert list(found) == [4]
        assert found[4][0].startswith(
            "misconception unsorted_ends fails ['lowest'], its file says ['highest', 'lowest']; "
        )
        assert "highest not looked at: needs first: the lowest" in found[4][0]

    def test_misconception_that_cannot_be_recognised(self, tmp_path: Path) -> None:
        """A mistake that only raises, and says nothing in its error, would never be named to a student."""
        found = broken(tmp_path, ("return [values[0], values[-1]]", "raise ValueError"))
        assert found == {4: ["misconception unsorted_ends is not recognized from its values"]}


class TestLaw5:
    """Every check is failed by some misconception."""

    def test_check_that_nothing_fails(self, tmp_path: Path) -> None:
        """A check never seen to fail may be one that cannot."""
        found = broken(
            tmp_path, ("fails=[lowest, highest]", "fails=[highest]"), ("[values[0],", "[min(values),")
        )
        assert found == {5: ["no misconception fails check lowest: add one that does"]}

    def test_question_without_misconceptions(self, tmp_path: Path) -> None:
        """Every check is told where there is no misconception at all."""
        text = NUMBER[: NUMBER.index("@question.misconception")]
        assert [str(violation.text) for violation in violations(load(tmp_path, "weights", text))] == [
            f"{tmp_path / 'weights.py'}: law 5: no misconception fails check is_right: add one that does"
        ]


class TestLaw6:
    """Trivial answers earn less than half."""

    def test_points_for_the_form_alone(self, tmp_path: Path) -> None:
        """A check of the type worth most of the points lets zeros, an echo and the like earn them."""
        body = "expect.sequence(got, text('a list'))"
        found = broken(tmp_path, more=MORE_CHECK.format(points=6, body=body))
        assert list(found) == [6]
        assert "the trivial answer zeros earns 6 of 10" in found[6]
        assert "the trivial answer ones earns 6 of 10" in found[6]
        assert "the trivial answer [] earns 6 of 10" in found[6]
        assert "the trivial answer an echo of the input earns 6 of 10" in found[6]

    def test_half_is_too_much(self, tmp_path: Path) -> None:
        """Half of the points is not less than half."""
        body = "expect.sequence(got, text('a list'))"
        assert list(broken(tmp_path, more=MORE_CHECK.format(points=4, body=body))) == [6]
        assert list(broken(tmp_path, more=MORE_CHECK.format(points=3, body=body))) == []

    def test_the_same_inputs_every_time(self, tmp_path: Path) -> None:
        """Where every case has one answer, a constant earns everything."""
        found = broken(
            tmp_path,
            ("return [Case([int(n) for n in rng.permutation(90)[:4] + 10]) for _ in range(6)]",
             "return [Case([5, 3, 9, 4])]"),
        )  # fmt: skip
        assert found == {6: ["the trivial answer the right answer to one case earns 4 of 4"]}

    def test_function_without_arguments_is_a_constant(self, tmp_path: Path) -> None:
        """What a design question asks for is a constant, so that its right answer is no trivial one."""
        assert list(violations(load(tmp_path, "design", DESIGN))) == []

    def test_number_of_the_statement(self, tmp_path: Path) -> None:
        """A number question whose answer stands in its own statement is told with the name."""
        changes = [
            ("return units * (inputs + 1)", "return inputs + 1 - 1"),
            ("return units * inputs + 1", "return units + 17"),
        ]
        found = broken(tmp_path, *changes, name="weights")
        assert found == {6: ["the trivial answer its own inputs earns 1 of 1"]}


class TestLaw9:
    """Same seed, same report."""

    def test_check_that_remembers(self, tmp_path: Path) -> None:
        """A check whose judgement depends on what it saw before is found."""
        changes = [
            ('"""Smallest and largest of a list."""\n', "seen = set()\n"),
            (  # three seeds draw six cases each; the seed of this law draws the nineteenth
                "    expect.counts(got, want, where=slice(1, 2))",
                "    new = str(case.args) not in seen and len(seen) >= 18\n"
                "    seen.add(str(case.args))\n"
                "    expect.counts(got, [0, 0] if new else want, where=slice(1, 2))",
            ),
        ]
        assert broken(tmp_path, *changes) == {9: ["the same seed gives different reports"]}


class TestLaw10:
    """In no variant does a mistake give the right number, or two mistakes the same one."""

    def test_mistake_that_is_right_in_some_variant(self, tmp_path: Path) -> None:
        """A variant in which the mistake cannot be told from the answer is named."""
        found = broken(tmp_path, ('{"inputs": 3, "units": 4}', '{"inputs": 3, "units": 1}'), name="weights")
        assert found == {
            10: ["one_bias gives the same number as the reference in variant {'inputs': 3, 'units': 1}"]
        }

    def test_two_mistakes_that_give_the_same_number(self, tmp_path: Path) -> None:
        """Two mistakes that no number tells apart are named together."""
        found = broken(tmp_path, ("units * inputs + 1", "inputs * units"), name="weights")
        assert found[10] == [
            "one_bias gives the same number as no_bias in variant {'inputs': 5, 'units': 7} and 1 more",
        ]
        assert list(found) == [10]

    def test_check_that_refuses_the_answer_of_a_variant(self, tmp_path: Path) -> None:
        """A student who gets this variant could not be right."""
        refuses = ("expect.number(got, want)", "expect.number(got, want + (case.kwargs['inputs'] == 3))")
        [found] = broken(tmp_path, refuses, name="weights")[16]
        assert found == (
            "in variant {'inputs': 3, 'units': 4}, the reference fails check is_right for the arguments [3, 4]"
        )

    def test_listed_pair(self, tmp_path: Path) -> None:
        """Two mistakes that say of each other that they may give the same number break no law."""
        same = ("units * inputs + 1", "inputs * units")
        listed = (
            'text=text("one bias in all"), fails=[is_right]',
            'text=text("one bias in all"), fails=[is_right], like=["no_bias"]',
        )
        assert broken(tmp_path, same, listed, name="weights") == {}

    def test_answers_of_different_lengths(self, tmp_path: Path) -> None:
        """What one student has to compute is as long as what another has."""
        more = ('{"inputs": 3, "units": 4}', '{"inputs": 3, "units": 4}, {"inputs": 40, "units": 9}')
        found = broken(tmp_path, more, name="weights")
        assert found == {10: ["the students' answers have [2, 3] digits: give all of them equally many"]}


class TestLaw11:
    """The terms of a counting function give the reference, in one way only."""

    TERMS = '''"""Weights of a layer."""

from autograder import Case, Question, Term, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("count"), statement=text("Count."), terms=(Term("a*b", text("weights")), Term("1")))


@question.answer
def count(a, b):
    """Weights. a, b: int."""
    return 3 * a * b


@question.cases
def cases(rng):
    return [Case(a, b) for a, b in ((2, 3), (4, 5), (6, 7), (8, 9), (1, 6))]


@question.check(points=1, text=text("right"))
def right(got, case, want):
    expect.count(got, want)


@question.misconception(text=text("once"), fails=[right])
def once(a, b):
    return a * b
'''

    def laws(self, folder: Path, old: str, new: str) -> dict[int, str]:
        text = self.TERMS.replace(old, new)
        return {one.law: str(one.problem) for one in violations(load(folder, "count", text))}

    def test_terms_that_fit(self, tmp_path: Path) -> None:
        """Nothing is broken where the formula is the only one."""
        assert self.laws(tmp_path, "", "") == {}

    def test_term_that_is_missing(self, tmp_path: Path) -> None:
        """A reference that has more terms than are declared is told."""
        found = self.laws(tmp_path, "return 3 * a * b", "return 3 * a * b + a")
        assert found == {
            11: "no sum of its terms gives what the reference returns: the reference is wrong, or terms= lacks a term"
        }

    def test_too_few_inputs(self, tmp_path: Path) -> None:
        """Inputs that leave the formula open are told."""
        assert self.laws(tmp_path, "(6, 7), (8, 9), (1, 6)", "(4, 5)") == {
            11: "there are 3 drawn inputs, which leaves the formula open: draw at least 4"
        }

    def test_terms_that_the_inputs_do_not_tell_apart(self, tmp_path: Path) -> None:
        """They are named: at inputs where b is always 3, a term in a is as good as one in a*b."""
        text = self.TERMS.replace('Term("1")', 'Term("a"), Term("1")')
        text = text.replace("((2, 3), (4, 5), (6, 7), (8, 9), (1, 6))", "((n, 3) for n in range(2, 9))")
        (found,) = violations(load(tmp_path, "count", text))
        assert (
            str(found.problem)
            == "the terms a*b, a cannot be told apart at the drawn inputs: draw more inputs"
        )


class TestAViolation:
    """How a broken law reads."""

    def test_it_tells_file_law_and_problem(self, tmp_path: Path) -> None:
        """An author sees where to look, which law it is and what is wrong."""
        text = SOUND.replace("== [1, 3]", "== [3, 1]")
        (found,) = violations(load(tmp_path, "spread", text))
        assert found.question == "spread"
        assert str(found.text) == (
            f"{tmp_path / 'spread.py'}: law 3: the reference does not pass its examples: AssertionError "
            "at `assert spread([2, 3, 1]) == [3, 1]`"
        )

    def test_refused_build_tells_it_in_korean(self, tmp_path: Path) -> None:
        """In the words of the catalog, whatever the language of the process that found it."""
        (found,) = violations(load(tmp_path, "spread", SOUND.replace("== [1, 3]", "== [3, 1]")))
        refused = BuildRefused(pickle.loads(pickle.dumps([found.text])))  # as a worker returns it
        assert refused.message.ko == (
            "아무것도 쓰지 않았습니다. 이유는 1가지입니다:\n"
            f"- {tmp_path / 'spread.py'}: 법칙 3: 정답이 예를 통과하지 못합니다: "
            "`assert spread([2, 3, 1]) == [3, 1]`에서 AssertionError"
        )


class TestDirectSession:
    """The session of an author's own functions behaves as a kernel's would."""

    def test_call_gives_what_crosses_the_wire(self) -> None:
        """The answer's value comes back as data: a tuple stays one, a NumPy scalar keeps its type."""
        reply = DirectSession(lambda value: (value, np.int8(3))).call("f", 2)
        assert reply.value == (2, 3)
        assert type(reply.value[1]) is np.int8
        assert reply.arguments is None

    def test_named_arguments_reach_the_answer(self) -> None:
        """A case may name its arguments."""
        assert DirectSession(lambda units: units + 1).call("f", units=4).value == 5

    def test_changed_arguments_come_back(self) -> None:
        """What an answer did to its list is told, and the caller's list is as it was."""
        given = [3, 1, 2]
        reply = DirectSession(lambda values: values.sort()).call("f", given)
        assert reply.arguments == ([1, 2, 3],)
        assert given == [3, 1, 2]

    def test_answer_that_raises(self) -> None:
        """An exception of the answer is the answer's."""
        with pytest.raises(AnswerError, match="raised: ZeroDivisionError"):
            DirectSession(lambda: 1 // 0).call("f")

    @pytest.mark.parametrize("value", [object(), {1, 2}, lambda: 1])
    def test_value_that_is_no_data(self, value: Any) -> None:
        """What cannot cross the wire is the answer's fault, returned or asked for by name."""
        with pytest.raises(AnswerError, match="not data: its type is "):
            DirectSession(lambda: value).call("f")
        with pytest.raises(AnswerError, match="not data: its type is "):
            DirectSession(value).get("f")


def test_random_reference_is_told_how_to_ask_for_a_simulation(tmp_path: Path) -> None:
    """A reference that gives another value each time breaks law 1, and the message says where a seed is explained."""
    draws = (
        "    low, high = min",
        "    import random\n\n    values = [*values, random.random()]\n    low, high = min",
    )
    [problem] = broken(tmp_path, draws)[1]
    assert "called twice with the same arguments, it gave two different values" in problem
    assert "give the answer a seed as an argument: see “Simulations” in `autograder docs api`" in problem
