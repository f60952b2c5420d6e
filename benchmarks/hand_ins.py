"""The same right answers, handed in to a course of ours and to one of stock nbgrader, and the demo class."""

from __future__ import annotations

import itertools
import json
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from measuring import run
from nbgrader.api import Gradebook

from autograder.authoring import demo_class
from autograder.authoring.demo_class import DemoStudent
from autograder.course import Course
from autograder.notebooks.cells import KERNELSPEC, cell_metadata, grade_id, is_solution, question_of

ROOT = Path(__file__).resolve().parent.parent
STOCK_CONFIG = (
    "c = get_config()\nc.CourseDirectory.course_id = 'stock'\nc.ExecutePreprocessor.timeout = 600\n"
)
# what the checks of ours ask an answer for, as a grade cell or a test file of others would
ASKS = {
    "gru_params": "[gru_params(i, u, r) for i in (4, 10, 23) for u in (3, 9) for r in (True, False)]",
    "gru_weight_shapes": "[gru_weight_shapes(i, 9, True) for i in (4, 10, 23)]",
    "bilstm_params": "[bilstm_params(i, u) for i in (4, 10, 23) for u in (3, 9, 40)]",
    "bilstm_tagger_params": "[bilstm_tagger_params(i, 9, 4, how) for i in (4, 10) for how in ('concat', 'sum')]",
    "embedding_lstm_params": "[embedding_lstm_params(50, i, 9, mask) for i in (4, 10) for mask in (True, False)]",
    "lstm_params": "[lstm_params(i, u) for i in (4, 10, 23) for u in (3, 9, 40)]",
    "dense_params": "[dense_params(i, u) for i in (4, 10, 23) for u in (3, 9, 40)]",
    "stacked_params": "[stacked_params(i, [8, 4], 3) for i in (4, 10, 23)]",
    "encode": "encode(['John loves Jane', 'Jane loves Alex'], ['John', 'loves', 'Jane', 'Alex'])",
    "build_tagger": "[build_tagger(*given) for given in ((), ('gru', 0.3), ('lstm', 0.05), ('gru', 0.02))]",
    "train": "[train(build_tagger(cell, 0.1), np.eye(4, dtype='float32')[[[0, 1, 2], [2, 1, 3]]], "
    "np.array([[[0], [1], [2]], [[0], [1], [2]]], dtype='float32')) for cell in ('lstm', 'gru')]",
    "decode_tags": "decode_tags(np.full((2, 3, 3), 1 / 3), {0: 'S', 1: 'V', 2: 'O'})",
    "build_gru_stack": "build_gru_stack().get_weights()",
    "generalise": "[generalise(np.eye(4, dtype='float32')[[[0, 3, 1], [1, 3, 2], [2, 3, 0], [0, 3, 2]]], "
    "np.array([[tags]] * 4, dtype='float32').reshape(4, 3, 1)) for tags in ([1, 2, 0], [0, 2, 1])]",
    "tag_mixed_order": "tag_mixed_order(np.eye(8, dtype='float32')[np.arange(180).reshape(60, 3) % 8], "
    "np.tile(np.array([[1], [2], [0]], dtype='float32'), (60, 1, 1)))",
}  # fmt: skip


def right_answers(assignment: str) -> dict[str, str]:
    """Answers that earn everything, by question."""
    path = ROOT / "solutions" / assignment / "demo_class.toml"
    answers: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["right"]
    questions = Course.open(ROOT).assignment(assignment).questions
    public = {question.id: question.variants[0] for question in questions if question.is_number}
    return answers | {
        name: demo_class.with_numbers(answers[name], numbers) for name, numbers in public.items()
    }


def answered(assignment: str) -> Any:
    """Return the released notebook with the right answers in it."""
    notebook = nbformat.read(Course.open(ROOT).assignment(assignment).release("en"), as_version=4)
    answers = right_answers(assignment)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[grade_id(cell)].strip("\n")
    return notebook


def our_course(folder: Path, assignment: str, students: list[DemoStudent], env: Mapping[str, str]) -> Path:
    """Copy this course with the submissions of these students, and the assignment in its gradebook."""
    course = demo_class.copy_course(Course.open(ROOT), folder)
    demo_class.submit(course, students)
    run(["nbgrader", "generate_assignment", assignment], course.root, env)
    return course.root


def right_class(assignment: str, number: int) -> list[DemoStudent]:
    """Return students whose answers are all right."""
    answers = right_answers(assignment)
    return [DemoStudent(f"s{place:04}", assignment, "en", answers) for place in range(number)]


def mixed_class(assignment: str, number: int) -> list[DemoStudent]:
    """Return as many students of the demo class, again and again, whose files are whole. Most answers are wrong."""
    plain = [
        student
        for student in demo_class.read_class(ROOT / "solutions")
        if student.assignment == assignment and student.hand_in == "plain" and student.writes == student.id
    ]
    named = zip(range(number), itertools.cycle(plain), strict=False)
    return [replace(student, id=f"s{place:04}", writes=f"s{place:04}") for place, student in named]


def stock_course(folder: Path, assignment: str, number: int, env: Mapping[str, str]) -> Path:
    """Set up the same assignment and submissions for stock nbgrader, whose notebooks contain the tests."""
    students = right_class(assignment, number)
    ours = Course.open(our_course(folder.with_name(f"{folder.name}-handed-in"), assignment, students, env))
    source = nbformat.read(ours.assignment(assignment).source, as_version=4)
    source.cells = [cell for cell in source.cells if cell_metadata(cell).get("lang", "en") == "en"]
    # stock nbgrader refuses the language that the source names
    source.metadata["kernelspec"] = dict(KERNELSPEC)
    for cell in source.cells:
        name = question_of(cell)
        if name is not None:
            cell.source = ASKS.get(name, f"assert {name}")
    (folder / "source" / assignment).mkdir(parents=True)
    nbformat.write(source, folder / "source" / assignment / f"{assignment}.ipynb")
    (folder / "nbgrader_config.py").write_text(STOCK_CONFIG)
    shutil.copytree(ours.submitted, folder / "submitted")
    run(["nbgrader", "generate_assignment", assignment], folder, env)
    return folder


def expect_scores(course: Path, assignment: str, students: list[DemoStudent]) -> None:
    """Raise SystemExit unless nbgrader's gradebook has the score that each of these students is due, and each a page.

    All points are due to a student of whom no scores are known.
    """
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = {
            one.student.id: (one.score, one.max_score) for one in gradebook.assignment_submissions(assignment)
        }
    wrong = {
        student.id: found.get(student.id)
        for student in students
        if student.id not in found
        or found[student.id][0] != (sum(student.scores.values()) if student.scores else found[student.id][1])
        or not list(course.glob(f"feedback/{student.id}/{assignment}/*.html"))
    }
    if wrong or len(found) != len(students):
        raise SystemExit(f"{course}: {len(students)} submissions; of those, other than expected: {wrong}")


def fits_told(course: Path, assignment: str) -> list[str]:
    """How models were trained, a word for each graded submission of ours; none where there is no model."""
    graded = (json.loads(path.read_bytes()) for path in course.glob(f"autograded/*/{assignment}/*.ipynb"))
    told = (notebook["metadata"].get("autograder", {}).get("fit") for notebook in graded)
    return [fit[0] for fit in told if fit]
