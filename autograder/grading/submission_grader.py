"""Grade a submission: the one way, for every command, worker and service.

The notebook that counts is selected, rebuilt from the release and graded in a sealed session. Notes on how answers were
found are added, and questions that must not grade get no score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from autograder.course import Course, SubmissionId
from autograder.errors import GraderError
from autograder.grading.corrections import corrected
from autograder.grading.course_secret import DRAW, HandIn, draw_record, key_of
from autograder.grading.disclosure import PUBLIC_SEED
from autograder.grading.draws import SharedDraws
from autograder.grading.failing_cases import FailingCases
from autograder.grading.fingerprint import Fingerprints
from autograder.grading.notebook_grader import (
    GradedQuestions,
    GradingOptions,
    KernelOptions,
    add_notes,
    grade_notebook,
    unreadable_reports,
)
from autograder.grading.report import CheckResult, Report
from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, graded_by, is_test, missing_questions
from autograder.notebooks.released_pools import EARLIER, earlier_pools, released_pools, shown_pool
from autograder.notebooks.self_check import promised_modules
from autograder.questions.question import Pool, Question, profile_of
from autograder.questions.variants import Owner
from autograder.roster import Roster, Unmatched, groups_of, members_by_student
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions import rebuild, selection
from autograder.submissions.parse import edition_of
from autograder.text import Text

FIRST = HandIn()
NONE_UNPROVED: Mapping[str, Text] = MappingProxyType({})


@dataclass(frozen=True)
class GradedSubmission:
    """A graded submission: its rebuilt notebook with the students' outputs, and the report of each question."""

    submission: SubmissionId
    notebook: NotebookNode
    reports: Mapping[str, Report]
    failing: Mapping[str, FailingCases] = field(default_factory=dict, repr=False)
    """By question, for staff alone."""


class NotebookTests(Protocol):
    """nbgrader's own tests in a notebook, with all that running them for one submission takes."""

    @property
    def release(self) -> NotebookNode:
        """The notebook as students get it, where nbgrader releases it."""
        ...

    @property
    def language(self) -> str:
        """The language of what students read in it."""
        ...

    @property
    def points(self) -> Mapping[str, float]:
        """The points of the tests, by name; see `graded_by`."""
        ...

    def files(self) -> AbstractContextManager[Path]:
        """Return a folder with the files that a student's code may read."""
        ...

    def run_public(self, notebook: NotebookNode) -> Any:
        """Run a rebuilt notebook with the tests that students have, and write the outputs of cells into it."""
        ...

    def judge(self, notebook: NotebookNode, public: Any) -> GradedQuestions:
        """Run hidden tests, and return the reports of all tests. public: what `run_public` returned."""
        ...


class CourseGrader:
    """An open course, with what the grading of every submission needs: releases, roster, versions and fork servers."""

    def __init__(self, course: Course, pool: ForkServerPool | None = None) -> None:
        """Create a grader. pool: belongs to the caller, who closes it; by default the course's own."""
        self.course = course
        self.pool = pool or ForkServerPool(private=(course.root,), fit=course.settings.fit)
        self.public_draws = SharedDraws(PUBLIC_SEED)
        self._releases: dict[Path, NotebookNode] = {}
        self._promised: dict[tuple[str, str], list[str]] = {}

    def release(self, assignment: str, language: str) -> NotebookNode:
        """Return the release of an edition, or of the first one if there is none in this language.

        Raises GraderError if it cannot be read.
        """
        path = self.course.assignment(assignment).release(language)
        if not path.exists():
            path = self.course.assignment(assignment).release()
        if path not in self._releases:
            try:
                self._releases[path] = nbformat.read(path, as_version=4)
            except (OSError, ValueError) as error:
                raise _no_release(path) from error
        return self._releases[path]

    def promised_modules(self, assignment: str, language: str) -> list[str]:
        """Return the modules that students may expect where an edition is graded.

        Raises GraderError if the release cannot be read.
        """
        key = assignment, language
        if key not in self._promised:
            release = self.release(assignment, language)
            self._promised[key] = promised_modules(release, self.course.settings.graded_with)
        return self._promised[key]

    @cached_property
    def roster(self) -> Roster:
        """The course's roster."""
        return Roster.of(self.course)

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """The fingerprints of what the grades of each assignment depend on."""
        return Fingerprints(self.course)


def grade_submission(
    grader: CourseGrader,
    submission: SubmissionId,
    files: Sequence[selection.File],
    *,
    known: Mapping[str, str],
    owner: Owner | None = None,
    hand_in: HandIn = FIRST,
    unproved: Mapping[str, Text] = NONE_UNPROVED,
    record_cases: str = "",
    tests: NotebookTests | None = None,
) -> GradedSubmission:
    """Grade the files of a submission.

    known: all students by their plain ids. owner: the submitter, if known otherwise than by the id of the submission.
    hand_in: which one of the student's it is.
    unproved: the reasons why single questions must not grade. record_cases: the question whose report includes every
    case. tests: those of nbgrader's own in the notebook. Raises GraderError for a fault of the grader.
    """
    assignment = submission.assignment
    release: Path | NotebookNode = grader.course.assignment(assignment).release()
    counting = files
    if tests and submission.part:
        release, counting = tests.release, selection.of_notebook(files, submission.notebook, tests.release)
    submitted = submitted_notebook(counting, release)
    submitted.metadata[NAMESPACE]["submitted"] = selection.digest(files)
    rebuilt = rebuild_submission(grader, assignment, submitted, unproved=unproved, tests=tests)
    return grade_rebuilt(
        grader, submission, rebuilt, known=known, owner=owner, hand_in=hand_in, unproved=unproved,
        record_cases=record_cases, tests=tests,
    )  # fmt: skip


def submitted_notebook(files: Sequence[selection.File], release: Path | NotebookNode) -> NotebookNode:
    """Return the notebook that counts in a submission, or an empty one with the reason why none can be read.

    release: the released notebook, or its file in any edition. Raises GraderError if it is needed but missing.
    """
    try:
        selected = selection.select_notebook(files, release)
    except (OSError, ValueError) as error:
        raise _no_release(release) from error
    metadata = selected.notebook.metadata.setdefault(NAMESPACE, {})
    metadata["submitted"] = selection.digest(files)
    if selected.refused is not None:
        metadata["refused"] = selected.refused.to_dict()
    metadata["elsewhere"] = {name: note.to_dict() for name, note in selected.elsewhere.items()}
    return selected.notebook


def rebuild_submission(
    grader: CourseGrader,
    assignment: str,
    submitted: NotebookNode,
    *,
    unproved: Mapping[str, Text] = NONE_UNPROVED,
    tests: NotebookTests | None = None,
) -> NotebookNode:
    """Return the release with a submitted notebook's answers and own cells; its metadata record how each was found.

    Raises GraderError if there is no release, or if it has questions without a file.
    """
    course = grader.course
    if tests and not course.assignment(assignment).is_built:
        language, release = tests.language, tests.release
    else:
        language = edition_of(submitted, course.languages, course.languages[0])
        release = grader.release(assignment, language)
    question_ids = {
        *unproved,
        *(tests.points if tests else ()),
        *(question.id for question in course.assignment(assignment).readable_questions),
    }
    for reason in missing_questions(release, question_ids, course.assignment(assignment).folder).values():
        raise GraderError(reason)
    metadata = submitted.metadata.get(NAMESPACE, {})
    elsewhere = {name: Text(**note) for name, note in metadata.get("elsewhere", {}).items()}
    rebuilt = rebuild.rebuild(submitted, release, elsewhere=elsewhere)
    rebuilt.notebook.metadata[NAMESPACE] = {
        "edition": release.metadata.get(NAMESPACE, {}).get("edition", language),
        "submitted": metadata.get("submitted", ""),
        "refused": metadata.get("refused"),
        "found": dict(rebuilt.found_by),
        "notes": {name: note.to_dict() for name, note in rebuilt.notes.items()},
        "definitions": {name: note.to_dict() for name, note in rebuilt.definitions.items()},
        "elsewhere": metadata.get("elsewhere", {}),
        "untouched": sorted(rebuilt.untouched),
    }
    if earlier := earlier_pools(release):
        pools = released_pools(release.cells)
        shown = {name: shown_pool([pools[name], *earlier[name]], submitted.cells) for name in earlier}
        rebuilt.notebook.metadata[NAMESPACE] |= {
            EARLIER: release.metadata[NAMESPACE][EARLIER],
            "shown": {
                name: earlier[name].index(pool) for name, pool in shown.items() if pool in earlier[name]
            },
        }
    return rebuilt.notebook


def _counting_pools(notebook: NotebookNode) -> dict[str, list[Pool | None]]:
    """Return the pools whose numbers count where earlier releases had others; see `GradingOptions.pools`."""
    counting = {}
    for name, earlier in earlier_pools(notebook).items():
        shown = notebook.metadata[NAMESPACE]["shown"].get(name)
        first = [] if shown is None else [earlier.pop(shown)]
        counting[name] = [*first, None, *earlier]
    return counting


def grade_rebuilt(
    grader: CourseGrader,
    submission: SubmissionId,
    notebook: NotebookNode,
    *,
    known: Mapping[str, str],
    owner: Owner | None = None,
    hand_in: HandIn = FIRST,
    unproved: Mapping[str, Text] = NONE_UNPROVED,
    record_cases: str = "",
    tests: NotebookTests | None = None,
) -> GradedSubmission:
    """Grade a notebook of `rebuild_submission`, into which the outputs are written; see `grade_submission`."""
    course, name = grader.course, submission.assignment
    assignment = course.assignment(name)
    metadata = notebook.metadata[NAMESPACE]
    metadata["record"] = grader.fingerprints.of(name)
    readable = assignment.readable_questions
    graded_in_cells = {graded_by(cell) for cell in notebook.cells}
    questions = [question for question in readable if question.id in graded_in_cells - set(unproved)]
    points_of_tests = tests.points if tests else {}
    failing: dict[str, FailingCases] = {}
    if metadata.get("refused"):
        reason = Text(**metadata["refused"])
        reports = unreadable_reports(questions, reason) | {
            name: _unread_test(name, points, reason) for name, points in points_of_tests.items()
        }
    else:
        reports = {}
        # nothing that an answer learns from hidden tests or inputs may reach the run of which a page tells
        public = tests.run_public(notebook) if tests else None
        if questions or not tests:
            graded = _by_questions(
                grader, submission, notebook, questions, owner=owner, known=known, hand_in=hand_in,
                record_cases=record_cases, tests=tests,
            )  # fmt: skip
            of_questions = graded.reports
            failing |= graded.failing
            ungraded = {name: report.ungraded for name, report in of_questions.items() if report.ungraded}
            unproved = {**unproved, **ungraded}
            reports |= of_questions
        if tests:
            graded = tests.judge(notebook, public)
            reports |= graded.reports
            failing |= graded.failing
        reports = _with_notes(metadata, reports)
    for question in questions:
        reports[question.id] = _without_unproved(question, reports[question.id], unproved)
    for cell in filter(is_test, notebook.cells):
        if graded_by(cell) not in reports:  # nbgrader would give full points for it
            unproved = {**unproved, graded_by(cell): _("the test was not run")}
    titles = {question.id: question.title for question in readable}
    for cell in notebook.cells:
        if (question_id := graded_by(cell)) in unproved:
            points = float(cell.metadata.nbgrader.get("points", 0))
            title = titles.get(question_id, Text.same(question_id))
            reports[question_id] = Report.not_graded(question_id, title, points, unproved[question_id])
    for question in readable:
        if question.id in reports:
            untouched = question.id in metadata["untouched"]
            reports[question.id] = corrected(question, reports[question.id], untouched=untouched)
    return GradedSubmission(submission, notebook, reports, failing)


def _by_questions(
    grader: CourseGrader,
    submission: SubmissionId,
    notebook: NotebookNode,
    questions: Sequence[Question],
    *,
    owner: Owner | None,
    known: Mapping[str, str],
    hand_in: HandIn,
    record_cases: str,
    tests: NotebookTests | None,
) -> GradedQuestions:
    """Return the graded questions of a notebook, into which the outputs are written; see `grade_submission`."""
    course, name = grader.course, submission.assignment
    assignment, metadata = course.assignment(name), notebook.metadata[NAMESPACE]
    owner = owner or owner_of(course, grader.roster, name, submission.student, known)
    key = key_of(course, name)
    seed = hand_in.seed
    if seed is None:
        seed = key.seed(notebook, submission.student, hand_in.id)
    metadata[DRAW] = draw_record(key, seed, hand_in.id)
    if tests and not assignment.is_built:
        promised = promised_modules(tests.release, course.settings.graded_with)
    else:
        promised = grader.promised_modules(name, metadata["edition"])
    grading = GradingOptions(
        seed,
        owner=replace(owner, strict=assignment.is_strict),
        untouched=metadata["untouched"],
        pools=_counting_pools(notebook),
        record_cases=record_cases,
        public_draws=grader.public_draws,
        promised_modules=promised,
    )
    of_edition = nullcontext(assignment.release(metadata["edition"]).parent)
    with tests.files() if tests and not assignment.is_built else of_edition as folder:
        kernels = KernelOptions(
            profile_of(assignment.readable_questions), folder, limits=course.limits, need=course.settings.seal,
            pool=grader.pool,
        )  # fmt: skip
        return grade_notebook(notebook, questions, grading, kernels)


def _unread_test(name: str, points: float, reason: Text) -> Report:
    """Return the report of a test of nbgrader's own on a notebook that cannot be read."""
    check = CheckResult(name, Text.same(name), "errored", points)
    return Report(name, Text.same(name), points, (check,), notes=(reason,), fault="missing")


def _with_notes(metadata: dict[str, Any], reports: dict[str, Report]) -> dict[str, Report]:
    """Return the reports with the notes on how answers were found. metadata: of the rebuilt notebook."""
    # it matters which definition counts where the answer is not right
    metadata["notes"] |= {
        name: note
        for name, note in metadata["definitions"].items()
        if name in reports and reports[name].score < reports[name].points
    }
    for notes in (metadata["notes"], metadata["elsewhere"]):
        reports = add_notes(reports, {name: Text(**note) for name, note in notes.items()})
    return reports


def _no_release(path: object) -> GraderError:
    return GraderError(_("no release to grade from at {path}: run `autograder build`", path=path))


def _without_unproved(question: Question, report: Report, unproved: Mapping[str, Text]) -> Report:
    """Return the report, without a score if an unproved question could have earned missing points by follow-through.

    An unproved question must not cost the student anything.
    """
    for name in question.followed_names:
        if name in unproved and report.score < report.points:
            reason = _(
                "it may follow from {name}, which is not graded: {reason}", name=name, reason=unproved[name]
            )
            return Report.not_graded(report.question, report.title, report.points, reason)
    return report


def owner_of(
    course: Course, roster: Roster, assignment: str, student: str, known: Mapping[str, str]
) -> Owner:
    """Return the submitter. Raises GraderError if there is a roster and the id is not in it."""
    groups = members_by_student(groups_of(course, assignment))
    if not roster:
        return Owner(course.id, student, known, groups.get(student, ()))
    person = roster.find_any(student)
    if isinstance(person, Unmatched):
        raise GraderError(
            _(
                "{problem}; fix {roster}, or rename the folder in {folder}",
                problem=person.text,
                roster=roster.path,
                folder=course.submitted,
            )
        )
    return Owner(course.id, person.student_id, known, groups.get(person.student_id, ()))
