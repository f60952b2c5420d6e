"""One submission at Gradescope: find it and grade it as `autograder grade` does, without a gradebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.errors import GraderError
from autograder.grading.course_secret import HandIn
from autograder.grading.submission_grader import CourseGrader, grade_submission
from autograder.i18n import _
from autograder.lms.gradescope.metadata import Metadata
from autograder.lms.gradescope.results import ATTEMPT, GRADED_FROM, UNKNOWN, Marked
from autograder.nbgrader.late_policy import LatePolicy
from autograder.notebooks.cells import NAMESPACE, question_of
from autograder.notebooks.essays import manual_cells
from autograder.notebooks.stamp import worked_solutions
from autograder.questions.variants import Owner, plain_id, pools_of
from autograder.roster import Roster, RosterEntry
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.collect import find_counting_file
from autograder.submissions.selection import File
from autograder.text import Text, joined

NOTHING = _("there is no notebook in what was handed in; hand in the .ipynb file (found: {names})")
MAX_NAMES = 10


def open_course(root: Path, session: float) -> Course:
    """Open the course in `root`, with `session` seconds as the limit for a whole submission."""
    course = Course.open(root)
    limits = dict(course.config.CourseSettings.get("limits", {}))
    return course.with_settings(limits=limits | {"session": min(session, limits.get("session", session))})


def mark(
    course: Course, assignment: str, folder: Path, metadata: Metadata, *, private: Sequence[Path] = ()
) -> Marked:
    """Grade the submission in `folder`. Raises GraderError, CourseError or QuestionError for faults of the grader.

    private: paths that no kernel may read, in addition to the course.
    """
    questions = course.assignment(assignment).questions
    owner = _owner(course, metadata)
    hand_in = find_counting_file(course, folder, assignment)
    if hand_in is None or hand_in.refused:
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        listed = ", ".join(map(repr, names[:MAX_NAMES])) or "-"
        refused = NOTHING.format(names=listed)
        file = File("", refused=refused)
    else:
        file = File(hand_in.name, hand_in.raw)
    pool = ForkServerPool(private=(course.root, *private), fit=course.settings.fit)
    submission = SubmissionId(owner.student, assignment)
    with pool:
        graded = grade_submission(
            CourseGrader(course, pool),
            submission,
            [file],
            known=owner.known,
            owner=owner,
            hand_in=HandIn(metadata.created.isoformat() if metadata.created else ""),
        )  # a package holds proved questions only
        notebook, reports = graded.notebook, graded.reports
        if ungraded := {name: report.ungraded for name, report in reports.items() if report.ungraded}:
            # a total at Gradescope would count them as zero
            reasons = (
                _("{name} is not graded: {reason}", name=name, reason=why) for name, why in ungraded.items()
            )
            raise GraderError(joined("; ", reasons))
        ours = notebook.metadata[NAMESPACE]
        order = [question_of(cell) for cell in notebook.cells]
        questions.sort(key=lambda question: order.index(question.id))
        level = course.assignment(assignment).feedback_level(datetime.now(UTC))
        marked = Marked(
            questions, reports, ours["edition"], level, worked_solutions(questions) if level == "solution" else {},
            notes=tuple(_notes(course, assignment, metadata, owner, hand_in.name if hand_in else "", folder)),
            by_hand=manual_cells(notebook), seal=ours.get("seal", ""),
        )  # fmt: skip
        late = metadata.seconds_late
        penalty = LatePolicy(course).late_penalty(owner.student, marked.raw, late) if late > 0 else None
    return dataclasses.replace(marked, penalty=penalty or 0.0)


def _notes(
    course: Course, assignment: str, metadata: Metadata, owner: Owner, name: str, folder: Path
) -> list[Text]:
    notes: list[Text] = []
    if name:
        file_name = name.removeprefix(f"{folder}/").encode("utf-8", "replace").decode()
        notes.append(GRADED_FROM.format(name=file_name))
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
