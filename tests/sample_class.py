"""A class made from the answer banks: real answers to a real assignment, of which each student has some right."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.authoring.demo_class import DemoStudent, read_class, submit
from autograder.course import Course, SubmissionId
from autograder.grading.course_secret import KEY_BYTES, KEY_FILE
from autograder.verification.answer_bank import read_bank
from tests.support import copy_course

LSTM = "lstm_parameters"
BEGAN = datetime(2026, 10, 26, 9, tzinfo=UTC)
SIZE = 40


def open_course(folder: Path) -> Course:
    """A copy of the course with one assignment, whose hidden inputs are the same every time."""
    root = copy_course(folder, LSTM)
    (root / KEY_FILE).write_text(f"course: {'5a' * KEY_BYTES}\n", encoding="utf-8")
    return Course.open(root)


def hand_in(course: Course) -> list[SubmissionId]:
    """Submit the notebooks of the class, the same every time, over a week."""
    students = _students(course)
    jobs = submit(course, students)
    for number, job in enumerate(jobs):
        moment = BEGAN + timedelta(days=7) * (number / len(jobs)) ** 0.4
        folder = course.submitted_folder(job)
        (folder / "timestamp.txt").write_text(f"{moment:%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")
    return jobs


def _students(course: Course) -> list[DemoStudent]:
    right = next(
        student.answers
        for student in read_class(course.root / "solutions")
        if student.hand_in == "plain" and all(student.scores.values()) and not student.extra
    )
    banks = {question.id: read_bank(question) for question in course.assignment(LSTM).questions}
    students = []
    for number in range(SIZE):
        chance = random.Random(number)
        skill = chance.betavariate(3, 2)
        answers = dict(right)
        for name, bank in banks.items():
            if bank.right:
                answers[name] = chance.choice(
                    bank.right if chance.random() < skill else bank.wrong[:12]
                ).source
        edition = chance.choice(("ko", "en"))
        students.append(DemoStudent(f"s{number + 1:02}", LSTM, edition, answers, writes=f"s{number + 1:02}"))
    mistaken = next(student for student in read_class(course.root / "solutions") if student.id == "no-bias")
    wrong = banks["max_lstm_units"].wrong[0].source
    for edition in ("en", "ko"):
        name = f"sample-{edition}"
        answers = dict(mistaken.answers) | {"max_lstm_units": wrong}
        students.append(DemoStudent(name, LSTM, edition, answers, writes=name))
    return students
