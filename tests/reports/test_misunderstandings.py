"""What a class misunderstood, with a name or without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.diagnosis.formula_text import recovered_formula
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import Report
from autograder.reports.behaviours import group_answers
from autograder.reports.misunderstandings import (
    as_python,
    first_plain_function,
    misunderstandings,
    stub,
    unlisted,
)
from autograder.text import Text
from tests.reports.simulated import Plan, simulate


class TestNamed:
    """Misconceptions with a name."""

    @pytest.mark.parametrize("seed", range(4))
    def test_one_held_by_a_third_is_the_first(self, seed: int) -> None:
        """With everyone who holds it, and an example."""
        results = simulate(seed, students=90, plan=Plan(spread={"q3": 1 / 3}))
        [first, *_] = misunderstandings(results)
        assert (first.item.id, first.known.name) == ("q3", "planted")
        holders = {
            student.id
            for student in results.students
            if any(known.name == "planted" for known in student.answers["q3"].report.misconceptions)
        }
        assert {student.id for student in first.students} == holders
        assert 20 <= len(holders) <= 42
        assert first.example.startswith("def q3(a, b):")


class TestUnlisted:
    """Wrong answers without a name."""

    def test_a_formula_comes_with_the_line_that_names_it(self) -> None:
        """Ready to paste, as Python."""
        results = simulate(1, students=90)
        [first, *_] = [one for one in unlisted(results) if one.behaviour.formula == "2·a² + b"]
        name = first.stub.splitlines()[4].split("(")[0]
        failed = [check.name for check in first.behaviour.report.checks if check.outcome == "failed"]
        assert first.stub == (
            "@question.misconception(\n"
            '    text=Text(ko="…", en="…"),\n'
            f"    fails=[{', '.join(failed)}],\n"
            ")\n"
            f"{name}(a, b):\n"
            "    return 2*a**2 + b\n"
        )

    def test_the_lines_are_in_the_languages_of_the_course(self) -> None:
        """Pasted into a course in English, a Korean text would be one too many."""
        results = simulate(1, students=90)
        [first, *_] = unlisted(results)
        item = replace(first.item, title=Text(en="Parameters"))
        assert 'text=Text(en="…"),' in stub(item, first.behaviour)

    def test_what_one_student_did_alone_is_not_listed(self) -> None:
        """Unless its formula was found."""
        assert all(one.behaviour.formula or len(one.behaviour.members) > 1 for one in unlisted(simulate(2)))

    def test_a_wrong_number_is_not_listed(self) -> None:
        """Everyone has other numbers: two wrong ones have nothing in common."""
        assert not any(one.item.right_numbers for one in unlisted(simulate(2)))

    def test_a_wrong_number_with_a_fraction_is_not_listed(self) -> None:
        """Its message does not show the number, and it is as little like another."""
        results = simulate(1, students=90)
        alike = [one for one in unlisted(results) if not one.behaviour.report.computed]
        assert alike
        numbers = replace(
            results, items=tuple(replace(one, right_numbers={"amy": "0.5"}) for one in results.items)
        )
        assert not [one for one in unlisted(numbers) if not one.behaviour.report.computed]

    @pytest.mark.parametrize(
        ("formula", "python"),
        [
            ("4·units² + 1/2·units - 3", "4*units**2 + (1/2)*units - 3"),
            ("units·input_dim³", "units*input_dim**3"),
        ],
    )
    def test_a_formula_as_python(self, formula: str, python: str) -> None:
        """Powers and fractions."""
        assert as_python(formula) == python


class TestBehaviours:
    """Groups of answers that do the same."""

    def test_every_answer_is_in_one_group(self) -> None:
        """Right ones first, missing ones last."""
        results = simulate(3)
        for item in results.items:
            groups = group_answers(results, item)
            assert sum(len(group.members) for group in groups) == len(results.students)
            assert groups[0].kind == "right"
            assert "missing" not in [group.kind for group in groups[:-1]]

    def test_counts_of_inputs_make_no_difference(self) -> None:
        """A message quotes how many of a student's own hidden inputs failed."""
        results = simulate(3)
        [group] = [one for one in group_answers(results, results.items[0]) if one.kind == "alike"][:1]
        student, answer = group.members[0]

        def saying(message: str) -> Report:
            [first, *rest] = answer.report.checks
            checks = (replace(first, outcome="failed", message=Text(en=message)), *rest)
            return replace(answer.report, checks=checks)

        answers = [replace(answer, report=saying(f"not right ({n} of the 14 inputs tried)")) for n in (3, 5)]
        people = [
            replace(student, id=f"t{place}", answers={group.report.question: one})
            for place, one in enumerate(answers)
        ]
        [only] = group_answers(replace(results, students=people), results.items[0])
        assert only.title.en == "Not right"

    def test_a_formula_is_read_off_its_message(self) -> None:
        """As `diagnosis` writes it; other remarks are no formula."""
        results = simulate(3)
        found = [
            recovered_formula(answer.report.computed)
            for student in results.students
            for answer in student.answers.values()
            if answer.report.computed
        ]
        assert found
        assert all("a² + b" in formula for formula in found)
        assert recovered_formula([NamedMisconception("x", results.items[0].title).text]) == ""


PLAIN = [
    "def f(units, d=2):\n    return 4 * units * (units + d) + 1",
    "def f(xs):\n    total = 0\n    for x in xs:\n        total += x if x > 0 else -x\n    return total",
    "def f(xs):\n    return sum([x ** 2 for x in xs[1:]]) // max(len(xs), 1)",
]
HARMFUL = [
    "import os\ndef f(a):\n    return a",
    "def f(a):\n    import os\n    return a",
    "def f(a):\n    return a.__class__",
    "def f(a):\n    return open(a)",
    "def f(a):\n    return getattr(a, 'x')",
    "def f(a):\n    return eval",
    "def f(a=print(1)):\n    return a",
    "@print\ndef f(a):\n    return a",
    "def f(a):\n    return (lambda: a)()",
    "def f(a):\n    return [print][0](a)",
    "def f(a):\n    def g():\n        return a\n    return g()",
    "def f(a):\n    while True:\n        pass",
    "def f(a):\n    return 9 ** a",
    "def f(a):\n    return [a] * 10 ** 9",
    "def f(a):\n    return f'{a}'",
    "def f(a):\n    return __builtins__",
    "def f(α):\n    return 1",
    "def f(a):\n    return 1" + " + 1" * 60,
    "def f(a):\n" + "    a += 1\n" * 200 + "    return a",
    "def f(a):\n    'only words'",
    "def f(a: int",
    "def f(a=range(9)):\n    return a",
    "def f(*a: print(1)):\n    return a",
    "def f(a, *, b=1):\n    return a",
    "def f(a):\n    return TABLE",
    "def f(a):\n    a[0] = 1\n    return a",
    "def f(a):\n    for a[0] in a:\n        pass\n    return a",
    "def f(a):\n    return sum(range(10 ** 8))",
    "def f(a):\n    return list(range(a * a))",
    "def f(a):\n    return (9 ** 8) ** 8",
    "def f(a, a):\n    return a",
    "def f(a):\n    return [b async for b in a]",
]  # fmt: skip


@pytest.mark.parametrize("code", PLAIN)
def test_a_plain_function_is_offered_under_a_new_name(code: str) -> None:
    """As it was written."""
    assert first_plain_function([code], "f", "unlisted_1") == code.replace("def f(", "def unlisted_1(")


@pytest.mark.parametrize("code", HARMFUL)
def test_code_that_could_do_more_than_compute_is_not_offered(code: str) -> None:
    """Whoever pastes it runs it; a plain one of another student is taken instead."""
    assert first_plain_function([code], "f", "g") == ""
    assert first_plain_function([code, PLAIN[0]], "f", "f") == PLAIN[0]


def test_what_is_offered_shows_all_that_runs() -> None:
    """Comments, docstrings and annotations go, and with them what a line hides far to the right."""
    code = 'def f(a: "x" = 1) -> "y":\n    """Say."""\n    b = a' + " " * 160 + "; b += 1  # no\n    return b"
    assert first_plain_function([code], "f", "g") == "def g(a=1):\n    b = a\n    b += 1\n    return b"
