"""The zip that an instructor uploads to Gradescope: the kit, one assignment, and two scripts."""

from __future__ import annotations

import csv
import io
import json
import shlex
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import visible_files
from autograder.grading.course_secret import KEY_FILE, ensure_secret, key_file_for
from autograder.i18n import _
from autograder.lms.gradescope import results, wheel
from autograder.lms.gradescope.metadata import Metadata
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.questions.question import Question, total_points
from autograder.roster import Roster
from autograder.submissions.selection import manual_points
from autograder.verification.proofs import check_proved

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
    check_proved(packed)
    ensure_secret(course)
    needs_tensorflow = packed.profile == "tensorflow"
    name, kit = wheel.wheel()
    people = _people(course)
    scripts = {
        "setup.sh": (SCRIPTS / "setup.sh").read_bytes(),
        "run_autograder": _run_autograder(assignment, minutes, course.languages),
    }
    files = {
        name: kit,
        "requirements.txt": "\n".join(_requirements(course, name, needs_tensorflow)).encode() + b"\n",
        **dict(_course_files(course, assignment)),
    }
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
        target, _points(questions), _points(questions, bonus=True), needs_tensorflow, len(people),
        manual_points(packed),
    )  # fmt: skip


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


def _requirements(course: Course, name: str, needs_tensorflow: bool) -> Iterator[str]:
    """Return the pip requirements: the kit and the course's versions; TensorFlow only if a question needs it."""
    yield f"./{name}[course]" if needs_tensorflow else f"./{name}"
    for library, version in course.settings.graded_with.items():
        if needs_tensorflow or library.lower() not in FRAMEWORK:
            yield f"{library}=={version}.*"


def _course_files(course: Course, assignment: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the course that grading reads, and no others."""
    yield CONFIG_FILE, (course.root / CONFIG_FILE).read_bytes()
    yield KEY_FILE, key_file_for(course, [assignment])
    plugin = str(course.config.AssignLatePenalties.get("plugin_class", ""))
    module = course.root / f"{plugin.split('.')[0]}.py"
    if plugin and module.is_file():  # a custom late policy of the course
        yield module.name, module.read_bytes()
    for path in course.assignment(assignment).question_files:
        yield path.relative_to(course.root).as_posix(), path.read_bytes()
    folders = []
    for language in course.languages:
        release = course.assignment(assignment).release(language)
        if not release.is_file():
            raise CourseError(
                _(
                    "{assignment} is not released in {language}: expected {release}; run `autograder build "
                    "{assignment}`",
                    assignment=assignment,
                    language=repr(language),
                    release=release,
                )
            )
        folders.append(release.parent)
    for folder in folders:
        for path in visible_files(folder):
            yield path.relative_to(course.root).as_posix(), path.read_bytes()


def _people(course: Course) -> list[tuple[str, str]]:
    """Return the id and e-mail address of the students in the roster; nothing else of it leaves the course."""
    return [(person.student_id, person.email) for person in Roster.of(course).people if person.email]


def _csv(rows: list[tuple[str, str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
