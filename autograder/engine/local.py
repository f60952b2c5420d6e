"""Grades a class on this machine, one submission after the other, through nbgrader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from autograder import pipeline
from autograder.build import register
from autograder.course import Course, unknown
from autograder.errors import CourseError, GraderError
from autograder.export import is_ungraded
from autograder.nbgrader import submitted_path
from autograder.notebook import NAMESPACE

State = Literal["graded", "kept", "ungraded"]


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    student: str
    assignment: str


@dataclass(frozen=True)
class Result:
    """What became of one submission: graded now, kept from before, or not graded and why."""

    job: Job
    state: State
    reason: str = ""


def jobs_of(course: Course, assignments: Sequence[str], students: Sequence[str] = ()) -> list[Job]:
    """The submissions in `submitted/`, by assignment and student.

    Raises CourseError, with the near names, for a student or an assignment that is not there.
    """
    folder = course.root / "submitted"
    there = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for student in students:
        if student not in there:
            raise CourseError(f"{unknown('student', student, there)} (looked in {folder})")
    chosen = [course.check_assignment(name) for name in assignments] or course.assignments
    jobs = [
        Job(student, assignment)
        for assignment in chosen
        for student in (students or there)
        if (folder / student / assignment).is_dir()
    ]
    if not jobs:
        raise CourseError(
            f"nothing to grade: expected {folder}/<student>/<assignment>/<assignment>.ipynb for "
            f"{', '.join(chosen)}; `autograder collect` puts hand-ins there"
        )
    return jobs


def grade_class(
    course: Course,
    jobs: Iterable[Job],
    *,
    force: bool = False,
    done: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade every job and write its feedback; a fault of one never stops the others.

    force: grade anew what is graded already and has not changed. done: told each result as it comes.
    Interrupted, it has lost nothing: what is graded is in the gradebook, and a second run goes on.
    """
    jobs = list(jobs)
    for assignment in dict.fromkeys(job.assignment for job in jobs):
        if not _is_registered(course, assignment):
            register(course, assignment)
    results = []
    for job in jobs:
        result = _grade(course, job, force=force)
        results.append(result)
        done(result)
    return results


def _grade(course: Course, job: Job, *, force: bool) -> Result:
    submitted = submitted_path(course, job.student, job.assignment, job.assignment)
    if not submitted.exists() and not submitted.is_symlink():
        return Result(
            job, "ungraded", f"expected {submitted.name} in {submitted.parent}; run `autograder collect`"
        )
    if not force and _is_kept(course, job, submitted):
        return Result(job, "kept")
    try:
        pipeline.autograde(course, job.assignment, job.student)
        pipeline.generate_feedback(course, job.assignment, job.student)
    except (GraderError, CourseError) as error:
        return Result(job, "ungraded", str(error))
    return Result(job, "graded")


def graded_path(course: Course, job: Job) -> Path:
    """Where nbgrader keeps the graded notebook."""
    return course.root / "autograded" / job.student / job.assignment / f"{job.assignment}.ipynb"


def _is_kept(course: Course, job: Job, submitted: Path) -> bool:
    """Whether this very file is graded already."""
    try:
        graded = nbformat.read(graded_path(course, job), as_version=4)
        digest = hashlib.sha256(submitted.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return False
    if graded.metadata.get(NAMESPACE, {}).get("submitted") != digest:
        return False
    with Gradebook(course.gradebook_url) as gradebook:
        try:
            return not is_ungraded(gradebook.find_submission(job.assignment, job.student))
        except MissingEntry:
            return False


def _is_registered(course: Course, assignment: str) -> bool:
    """Whether the gradebook knows every question of the assignment, for the points it is worth."""
    wanted = {f"{question.id}-check": question.points for question in course.questions(assignment)}
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            cells = gradebook.find_notebook(assignment, assignment).grade_cells
        except MissingEntry:
            return False
        known = {cell.name: cell.max_score for cell in cells}
    return all(known.get(name) == points for name, points in wanted.items())
