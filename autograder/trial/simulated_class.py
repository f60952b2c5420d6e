"""A class of any size: notebooks made from the release, with answers from the answer banks."""

from __future__ import annotations

import ast
import copy
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution, read_notebook
from autograder.questions.question import Question
from autograder.questions.syntax import function_source
from autograder.questions.variants import Owner
from autograder.verification.answer_bank import read_bank

ABSENT = 0.04
"""Share of the class that hands nothing in."""
UNANSWERED = 0.05
"""Share of the answers that are left out."""
SECTIONS = "ABCD"


@dataclass(frozen=True)
class SimulatedStudent:
    """A student of the class."""

    number: int
    """From 1."""
    language: str
    """Of the notebook and the pages."""

    @property
    def id(self) -> str:
        """The student id."""
        return f"s{self.number:04d}"

    @property
    def name(self) -> str:
        """A name that says what it is."""
        return f"학생 {self.number}" if self.language == "ko" else f"Student {self.number}"

    @property
    def section(self) -> str:
        """The section of the class, by turns: students of each language are in each section."""
        return SECTIONS[self.number // 2 % len(SECTIONS)]


def students(course: Course, number: int) -> list[SimulatedStudent]:
    """Return a class whose students have the course's languages in turn."""
    languages = course.languages
    return [SimulatedStudent(count, languages[count % len(languages)]) for count in range(1, number + 1)]


def hand_ins(
    course: Course, assignment: str, people: Sequence[SimulatedStudent]
) -> Iterator[tuple[SimulatedStudent, bytes]]:
    """Yield the notebooks that a class hands in to an assignment, the same ones each time. Some hand nothing in.

    Each student gives right answers with a probability of their own; wrong ones are more often the first of a bank.
    """
    of_course = course.assignment(assignment)
    questions = of_course.questions
    releases = {language: read_notebook(of_course.release(language)) for language in course.languages}
    draw = random.Random(assignment)  # noqa: S311 - no secret
    for student in people:
        ability, is_absent = draw.betavariate(3, 1.5), draw.random() < ABSENT
        answers = {question.id: _answer(course, question, student, ability, draw) for question in questions}
        if any(answers.values()) and not is_absent:
            yield student, _notebook(releases[student.language], student, answers)


def _answer(
    course: Course, question: Question, student: SimulatedStudent, ability: float, draw: random.Random
) -> str:
    """Return an answer cell's code; empty for none."""
    chosen, is_right = draw.random(), draw.random() < ability
    if draw.random() < UNANSWERED:
        return ""
    if question.is_number:
        numbers = Owner(course.id).choose_variant(student.id).numbers(question)
        wrong = [misconception.answer for misconception in question.misconceptions]
        compute = question.reference if is_right or not wrong else wrong[int(chosen**2 * len(wrong))]
        assert compute is not None
        return f"{question.id} = {compute(**numbers)!r}"
    bank = read_bank(question)
    answers = [answer.source for answer in (bank.right if is_right else bank.wrong)]
    if not answers:
        of_file: list[Any] = [misconception.answer for misconception in question.misconceptions]
        chosen_from = [question.reference] if is_right or not of_file else of_file
        answers = [_source(question, answer) for answer in chosen_from]
    return answers[int(chosen**2 * len(answers))].strip("\n")


def _source(question: Question, answer: Any) -> str:
    """Return the code of an answer of the question file, under the name that students define."""
    function = function_source(question, answer)
    function.decorator_list, function.name = [], question.id
    return ast.unparse(function)


def _notebook(release: NotebookNode, student: SimulatedStudent, answers: dict[str, str]) -> bytes:
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        if cell_metadata(cell).get("part") == "student":
            cell.source = f"student_id = {student.id!r}"
        elif is_solution(cell) and answers.get(grade_id(cell)):
            cell.source = answers[grade_id(cell)]
    return json.dumps(notebook, ensure_ascii=False).encode()
