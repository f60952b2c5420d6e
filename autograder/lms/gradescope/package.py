"""The zip that an instructor uploads to Gradescope: the kit, one assignment, and two scripts."""

from __future__ import annotations

import csv
import importlib.metadata
import io
import json
import shlex
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.course import Course, SubmissionId
from autograder.engine.tested_class import prove_assignments
from autograder.errors import CourseError
from autograder.grading.course_secret import KEY_FILE, ensure_secret, key_file_for
from autograder.grading.versions import version_of
from autograder.i18n import _
from autograder.lms.gradescope import results, wheel
from autograder.lms.gradescope.metadata import Metadata
from autograder.lms.gradescope.submission import PROOFS
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.registration import ensure_registered, unreleased
from autograder.nbgrader.tested_assignment import TestedAssignment
from autograder.plain_data import to_data
from autograder.questions.question import Question, total_points
from autograder.roster import Roster
from autograder.submissions.selection import manual_points, points_of_tests
from autograder.test_cells.proof import Proof
from autograder.text import Text, some_of
from autograder.verification.released import check_proved, unproved_questions

SCRIPTS = Path(__file__).parent
FRAMEWORK = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras")
KILLED_PART = 0.95  # share of Gradescope's time limit
MINUTES = 10  # Gradescope's default


@dataclass(frozen=True)
class Packed:
    """What was written, and what an instructor should know about it."""

    path: Path
    points: float
    """Without bonus points: the number to enter at Gradescope."""
    bonus: float
    needs_tensorflow: bool
    students: int
    """Number of students in the roster with an e-mail address."""
    by_hand: Mapping[str, float]
    """Points of the manually graded cells, by grade id."""


def package(course: Course, assignment: str, *, target: Path | None = None, minutes: int = MINUTES) -> Packed:
    """Write the zip, by default `build/gradescope/<assignment>.zip`; the same course gives the same bytes.

    Raises CourseError if grading lacks something, QuestionError if a question file is broken.
    """
    course.check_assignment(assignment)
    packed = course.assignment(assignment)
    questions, _ = packed.questions, packed.attempts
    proofs = _proofs(packed)
    if questions:
        ensure_secret(course)
    modules = TestedAssignment(course, assignment).profile.modules if proofs else ()
    needs_tensorflow = packed.profile == "tensorflow" or not {*modules}.isdisjoint(FRAMEWORK)
    name, kit = wheel.wheel()
    people = _people(course)
    scripts = {
        "setup.sh": (SCRIPTS / "setup.sh").read_bytes(),
        "run_autograder": _run_autograder(assignment, minutes, course.languages),
    }
    files = {
        name: kit,
        "requirements.txt": "\n".join(_requirements(course, name, needs_tensorflow, modules)).encode()
        + b"\n",
        **dict(_course_files(course, assignment)),
    }
    if proofs:
        files[PROOFS] = json.dumps(to_data(proofs), ensure_ascii=False, sort_keys=True).encode()
    if people:
        files[course.settings.roster] = _csv([("student_id", "email"), *people])
    target = target or course.root / "build" / "gradescope" / f"{assignment}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in scripts.items():
            wheel.add(archive, path, data.replace(b"\r\n", b"\n"), executable=True)
        for path, data in files.items():
            wheel.add(archive, path, data)
    return Packed(
        target,
        total_points([_points(questions), *points_of_tests(packed).values()]),
        _points(questions, bonus=True),
        needs_tensorflow,
        len(people),
        manual_points(packed),
    )


def _proofs(assignment: Assignment) -> Mapping[str, Proof]:
    """Return the proofs of nbgrader's own tests by notebook; empty if `autograder build` releases a notebook of none.

    Raises CourseError if a question is not proved, or if the author's solution fails a test with points: nobody's
    submission would be graded at Gradescope.
    """
    course, name = assignment.course, assignment.name
    if assignment.is_built:
        check_proved(assignment)
        if not assignment.has_tests:
            return {}
        ensure_registered(course, [name])
    else:
        for reason in (*unreleased(course, [name]).values(), *unproved_questions(assignment).values()):
            raise CourseError(reason)
    with GradebookWriter(course) as gradebook:
        proofs = prove_assignments(course, [name], recorded=gradebook.recorded)[name]
    if isinstance(proofs, CourseError):
        raise proofs
    failing = [
        SubmissionId("", name, notebook).full_name(step.id)
        for notebook, proof in proofs.items()
        for step in proof.plan.tests
        if step.points and step.id in proof.failing
    ]
    if failing:
        raise CourseError(
            _(
                "the author's own solution does not pass {tests}; see `autograder build {assignment}`",
                tests=some_of(failing),
                assignment=name,
            )
        )
    return proofs


def _points(questions: list[Question], *, bonus: bool = False) -> float:
    return total_points(question.points for question in questions if question.bonus is bonus)


def _run_autograder(assignment: str, minutes: int, languages: Sequence[str]) -> bytes:
    values = {
        "@RESULT@": json.dumps(results.not_graded(Metadata(), languages)),
        "@SECONDS@": f"{minutes * 60 * KILLED_PART:.0f}",
        "@ASSIGNMENT@": shlex.quote(assignment),
        "@MINUTES@": str(minutes),
        "@LANGUAGES@": shlex.quote(",".join(languages)),
    }
    script = (SCRIPTS / "run_autograder.sh").read_text(encoding="utf-8")
    for mark, text in values.items():
        script = script.replace(mark, text)
    return script.encode()


def _requirements(
    course: Course, name: str, needs_tensorflow: bool, modules: Collection[str]
) -> Iterator[str]:
    """Yield the pip requirements: the kit and the course's versions; TensorFlow only if it is needed.

    modules: those that nbgrader's own tests import, for which the versions installed here are required.
    """
    yield f"./{name}[course]" if needs_tensorflow else f"./{name}"
    given = course.settings.graded_with
    for library, version in given.items():
        if needs_tensorflow or library.lower() not in FRAMEWORK:
            yield f"{library}=={version}.*"
    installed = importlib.metadata.packages_distributions() if modules else {}
    libraries = {library for module in modules for library in installed.get(module.split(".")[0], ())}
    for library in sorted(libraries - {*given}):
        yield f"{library}=={version_of(library)}"


def _course_files(course: Course, assignment: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the course that grading reads, and no others."""
    packed = course.assignment(assignment)
    for name, path in course.config_files.items():
        yield name, path.read_bytes()
    if packed.has_questions:
        yield KEY_FILE, key_file_for(course, [assignment])
    plugin = str(course.config.AssignLatePenalties.get("plugin_class", ""))
    module = course.root / f"{plugin.split('.')[0]}.py"
    if plugin and module.is_file():  # a custom late policy of the course
        yield module.name, module.read_bytes()
    for release in packed.releases:
        if not release.is_file():
            raise CourseError(_not_released(packed, release))
    for name, path in packed.grading_files.items():
        yield name, path.read_bytes()


def _not_released(assignment: Assignment, release: Path) -> Text:
    if not assignment.is_built:
        return _(
            "expected {release}; run `nbgrader generate_assignment {assignment}`",
            release=release,
            assignment=assignment.name,
        )
    return _(
        "{assignment} is not released in {language}: expected {release}; run `autograder build {assignment}`",
        assignment=assignment.name,
        language=repr(release.parents[1].name),
        release=release,
    )


def _people(course: Course) -> list[tuple[str, str]]:
    """Return the id and e-mail address of the students in the roster; nothing else of it leaves the course."""
    return [(person.student_id, person.email) for person in Roster.of(course).people if person.email]


def _csv(rows: list[tuple[str, str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
