"""One submission at Gradescope: find it and grade it as `autograder grade` does, without a gradebook."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.engine.tested_class import parts_of
from autograder.errors import GraderError
from autograder.grading.course_secret import HandIn
from autograder.grading.report import Report
from autograder.grading.submission_grader import CourseGrader, GradedSubmission, grade_submission
from autograder.i18n import _
from autograder.lms.gradescope.metadata import Metadata
from autograder.lms.gradescope.results import ATTEMPT, GRADED_FROM, UNKNOWN, Marked
from autograder.nbgrader.late_policy import LatePolicy
from autograder.nbgrader.tested_assignment import SealedTests, TestedAssignment
from autograder.notebooks.cells import NAMESPACE, graded_by
from autograder.notebooks.essays import manual_cells
from autograder.notebooks.stamp import worked_solutions
from autograder.plain_data import from_data
from autograder.questions.question import Question
from autograder.questions.variants import Owner, plain_id, pools_of
from autograder.roster import Roster, RosterEntry
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.archives import SubmittedFile
from autograder.submissions.collect import find_counting_files
from autograder.submissions.selection import File, read_attached
from autograder.test_cells.proof import Proof
from autograder.text import Text, joined

NOTHING = _("there is no notebook in what was handed in; hand in the .ipynb file (found: {names})")
MAX_NAMES = 10
PROOFS = "proofs.json"
"""The file of a package with what was proved of nbgrader's own tests."""


def open_course(root: Path, assignment: str, session: float) -> Course:
    """Open the course in `root`, with `session` seconds as the limit for a whole submission to an assignment.

    Its notebooks share them, and so do the questions and the tests in one.
    """
    course = Course.open(root)
    packed = course.assignment(assignment)
    session /= len(packed.notebooks) * (2 if packed.has_questions and packed.has_tests else 1)
    limits = dict(course.config.CourseSettings.get("limits", {}))
    return course.with_settings(limits=limits | {"session": min(session, limits.get("session", session))})


def mark(
    course: Course, assignment: str, folder: Path, metadata: Metadata, *, private: Sequence[Path] = ()
) -> Marked:
    """Grade the submission in `folder`. Raises GraderError, CourseError or QuestionError for faults of the grader.

    private: paths that no kernel may read, in addition to the course.
    """
    owner = _owner(course, metadata)
    submission = SubmissionId(owner.student, assignment)
    handed_in = find_counting_files(course, folder, assignment)
    pool = ForkServerPool(private=(course.root, *private), fit=course.settings.fit)
    with pool:
        grader, tests = CourseGrader(course, pool), _tests(course, assignment, folder, pool)
        graded = [
            grade_submission(
                grader,
                part,
                _files(handed_in, part, folder),
                known=owner.known,
                owner=owner,
                hand_in=HandIn(metadata.created.isoformat() if metadata.created else ""),
                tests=tests.get(part.notebook),
            )  # a package holds proved questions only
            for part in parts_of(course, submission)
        ]
    reports = {name: report for one in graded for name, report in _reports(one)}
    if ungraded := {name: report.ungraded for name, report in reports.items() if report.ungraded}:
        # a total at Gradescope would count them as zero
        reasons = (
            _("{name} is not graded: {reason}", name=name, reason=why) for name, why in ungraded.items()
        )
        raise GraderError(joined("; ", reasons))
    questions = course.assignment(assignment).questions
    level = course.assignment(assignment).feedback_level(datetime.now(UTC))
    marked = Marked(
        reports,
        graded[0].notebook.metadata[NAMESPACE]["edition"],
        bonus={name for name, report in reports.items() if _is_bonus(report, questions)},
        level=level,
        solutions=worked_solutions(questions) if level == "solution" else {},
        notes=tuple(_notes(course, assignment, metadata, owner, handed_in.values(), folder)),
        by_hand={
            one.submission.full_name(name): points
            for one in graded
            for name, points in manual_cells(one.notebook).items()
        },
        seal=next(filter(None, (one.notebook.metadata[NAMESPACE].get("seal", "") for one in graded)), ""),
    )
    late = metadata.seconds_late
    penalty = LatePolicy(course).late_penalty(owner.student, marked.raw, late) if late > 0 else None
    return dataclasses.replace(marked, penalty=penalty or 0.0)


def _tests(course: Course, assignment: str, folder: Path, pool: ForkServerPool) -> dict[str, SealedTests]:
    """Return nbgrader's own tests that were packed, by notebook. folder: with what was handed in."""
    path = course.root / PROOFS
    if not path.is_file():
        return {}
    proofs = from_data(json.loads(path.read_bytes()), dict[str, Proof])
    is_built = course.assignment(assignment).is_built
    attached = () if is_built else read_attached(folder, below=folder.parent)
    tested = TestedAssignment(course, assignment)
    return {name: SealedTests(tested, name, proof, pool, attached) for name, proof in proofs.items()}


def _files(handed_in: Mapping[str, SubmittedFile], part: SubmissionId, folder: Path) -> list[File]:
    """Return the file that counts for a notebook; none if others were handed in."""
    file = handed_in.get(part.notebook)
    if file is None and handed_in:
        return []
    if file is None or file.refused:
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        listed = ", ".join(map(repr, names[:MAX_NAMES])) or "-"
        return [File("", refused=NOTHING.format(names=listed))]
    return [File(f"{part.notebook}.ipynb" if part.part else file.name, file.raw)]


def _reports(graded: GradedSubmission) -> Iterator[tuple[str, Report]]:
    """Yield the reports on a notebook in the order of its cells, by full name."""
    part = graded.submission
    for name in filter(None, map(graded_by, graded.notebook.cells)):
        if (report := graded.reports.get(name)) is not None:
            title = report.title.map(part.full_name) if part.part else report.title
            yield part.full_name(name), dataclasses.replace(report, title=title)


def _is_bonus(report: Report, questions: Sequence[Question]) -> bool:
    return any(question.bonus for question in questions if question.id == report.question)


def _notes(
    course: Course,
    assignment: str,
    metadata: Metadata,
    owner: Owner,
    files: Iterable[SubmittedFile],
    folder: Path,
) -> list[Text]:
    names = [file.name.removeprefix(f"{folder}/").encode("utf-8", "replace").decode() for file in files]
    notes: list[Text] = [GRADED_FROM.format(name=", ".join(names))] if names else []
    if not owner.student and pools_of(course.assignment(assignment).questions):
        notes.append(UNKNOWN)
    allowed = course.assignment(assignment).attempts
    if allowed is not None:
        numbers = {"allowed": allowed, "attempt": metadata.attempt}
        notes.append(ATTEMPT.format(**numbers))
    return notes


def _owner(course: Course, metadata: Metadata) -> Owner:
    """Return the student by e-mail address; of a group, the first member who is in the roster."""
    roster = Roster.of(course)
    student_ids = {plain_id(person.student_id): person.student_id for person in roster.people}
    people = [roster.find({"email": email}) for email in metadata.emails]
    members = tuple(person.student_id for person in people if isinstance(person, RosterEntry))
    return Owner(course.id, next(iter(members), ""), student_ids, members)
