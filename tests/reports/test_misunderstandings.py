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

    def test_formula_comes_with_the_line_that_names_it(self) -> None:
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

    def test_mistake_of_one_student_is_not_listed(self) -> None:
        """Unless its formula was found."""
        assert all(one.behaviour.formula or len(one.behaviour.members) > 1 for one in unlisted(simulate(2)))

    def test_wrong_number_is_not_listed(self) -> None:
        """Everyone has other numbers: two wrong ones have nothing in common."""
        assert not any(one.item.right_numbers for one in unlisted(simulate(2)))

    def test_wrong_number_with_a_fraction_is_not_listed(self) -> None:
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
    def test_formula_as_python(self, formula: str, python: str) -> None:
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

    def test_formula_is_read_off_its_message(self) -> None:
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
