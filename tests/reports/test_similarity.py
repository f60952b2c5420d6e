"""Shared unusual work: a copied pair is found, and nobody else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.grading.report import CheckResult, Report
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.reports.similarity import SCAN, shared_work, words_in
from tests.reports.simulated import START, Plan, simulate, text

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
class TestClasses:
    """Simulated classes, in which students use the words that students use."""

    @pytest.mark.parametrize("students", [12, 44, 120])
    def test_nobody_is_listed_who_copied_from_nobody(self, seed: int, students: int) -> None:
        """In classes of three sizes, with common and rare words, thoughts of one's own, and weak students."""
        assert shared_work(simulate(seed, students=students)) == []

    def test_copied_pair_is_found_alone(self, seed: int) -> None:
        """And nobody beside it."""
        [cluster] = shared_work(simulate(seed, students=44, plan=Plan(copied=((3, 7),))))
        assert [student.id for student in cluster.students] == ["s0003", "s0007"]


def class_of(codes: list[str], *, template: str = "", size: int = 40) -> ClassResults:
    """A class in which the first students hand in these codes, right, and the others a plain answer each."""
    item = Item("q", text("Question"), 1.0, parameters=("a", "b"))
    passed = Report("q", item.title, 1.0, (CheckResult("c", text("check"), "passed", 1.0),))
    students = [
        Student(f"s{place}", answers={"q": Answer(passed, code)}, scores={"q": 1.0})
        for place, code in enumerate([*codes, *["def q(a, b):\n    return a + b"] * (size - len(codes))])
    ]
    return ClassResults("c", "a", [item], students, START, template=template)


class TestStructure:
    """The structure of code accuses nobody."""

    def test_two_right_one_liners_with_other_names(self) -> None:
        """The same formula under names of one's own."""
        assert shared_work(class_of(["def q(a, b):\n    size = a * (b + 1)\n    return 4 * size",
                                     "def q(a, b):\n    width = a * (b + 1)\n    return 4 * width"])) == []  # fmt: skip

    def test_two_equal_one_liners(self) -> None:
        """To the letter, without anything that one of them made up."""
        assert shared_work(class_of(["def q(a, b):\n    return 4 * a * (a + b + 1)"] * 2)) == []

    def test_one_odd_name_is_a_coincidence(self) -> None:
        """Alone it lists nobody."""
        assert (
            shared_work(class_of(["def q(a, b):\n    zebra_stripes = a\n    return zebra_stripes"] * 2)) == []
        )


THOUGHTS = """def q(a, b):
    # the lecture slide forgot the peephole, so leave it out
    wobble = a * b
    # ask the tutor whether this zigzag belongs here
    return wobble"""


class TestWords:
    """Comments, strings and names."""

    def test_two_comments_of_ones_own(self) -> None:
        """Shared by two, they are listed with what they are, the heaviest first."""
        [cluster] = shared_work(class_of([THOUGHTS, THOUGHTS]))
        [pair] = cluster.pairs
        assert [(one.kind, one.shared, one.holders) for one in pair.evidence[:2]] == [
            ("comment", "the lecture slide forgot the peephole, so leave it out", 2),
            ("comment", "ask the tutor whether this zigzag belongs here", 2),
        ]

    def test_comment_of_the_release_is_no_evidence(self) -> None:
        """Comments that the notebook holds too."""
        assert shared_work(class_of([THOUGHTS, THOUGHTS], template=THOUGHTS)) == []

    def test_comment_that_many_share_is_no_evidence(self) -> None:
        """A page that a third of the class has read."""
        assert shared_work(class_of([THOUGHTS] * 14)) == []

    def test_group_that_submits_together_is_left_out(self) -> None:
        """Its members have the same work."""
        results = replace(class_of([THOUGHTS, THOUGHTS]), groups=[frozenset({"s0", "s1"})])
        assert shared_work(results) == []

    def test_comments_strings_and_defined_names_are_read(self) -> None:
        """Comments and strings of two words, and the names that it defines; not what it calls."""
        code = (
            "def f(größe):\n"
            "    for kk, place in enumerate(größe):  # walk along it\n"
            "        print('one by one', place)"
        )
        assert words_in(code) == (
            ("comment", "walk along it"), ("string", "one by one"), ("name", "größe"), ("name", "place"),
        )  # fmt: skip

    def test_code_that_does_not_parse_is_read_as_text(self) -> None:
        """Its comments count."""
        assert words_in("def f(:\n    # still a comment") == (("comment", "still a comment"),)

    @pytest.mark.parametrize("quote", ["'", '"'])
    def test_unclosed_string_is_scanned_once(self, quote: str) -> None:
        """One search takes it to the end of its line; one from each of its quotes would take seconds."""
        line = quote + f"\\{quote}" * 5_000
        assert [match.span() for match in SCAN.finditer(line)] == [(0, len(line))]
        assert words_in(f"{line}\ntotal = 1") == (("name", "total"),)


class TestNumbers:
    """Numbers of another student."""

    def results(self, taken: int, *, of: str = "s1") -> ClassResults:
        """The first student has, in so many of four questions, the right number of another."""
        items = [Item(f"n{n}", text("Number"), 1.0, right_numbers={f"s{s}": str(4000 + 97 * s + n) for s in range(30)})
                 for n in range(4)]  # fmt: skip
        students = []
        for number in range(30):
            answers = {}
            for place, item in enumerate(items):
                borrowed = number == 0 and place < taken
                got = item.right_numbers[of if borrowed else f"s{number}"]
                message = text(f"got {got}, which is not right" if borrowed else "")
                check = CheckResult("c", text("check"), "failed" if borrowed else "passed", 1.0, message)
                answers[item.id] = Answer(Report(item.id, item.title, 1.0, (check,)), f"{item.id} = {got}")
            students.append(Student(f"s{number}", answers=answers, scores=dict.fromkeys(answers, 1.0)))
        return ClassResults("c", "a", items, students, START)

    def test_two_numbers_of_another_student(self) -> None:
        """Are listed, with whose they are."""
        [cluster] = shared_work(self.results(2))
        assert {(one.kind, one.shared) for one in cluster.pairs[0].evidence} == {
            ("numbers", "4097"), ("numbers", "4098"),
        }  # fmt: skip
        assert [student.id for student in cluster.students] == ["s0", "s1"]

    def test_one_number_is_a_coincidence(self) -> None:
        """Alone it lists nobody."""
        assert shared_work(self.results(1)) == []

    def test_the_id_of_another_student(self) -> None:
        """In a notebook it is enough."""
        results = self.results(0)
        first = replace(results.students[0], claim=("another's", "s5"))
        [cluster] = shared_work(replace(results, students=[first, *results.students[1:]]))
        assert [student.id for student in cluster.students] == ["s0", "s5"]
