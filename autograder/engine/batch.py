"""Grades a batch: reads submissions, hands them to workers, and writes the results one submission at a time.

What workers need, which takes long to import, is imported where it is known that there is work.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course, SubmissionId
from autograder.engine.kept_grades import (
    OF_THE_SUBMISSION,
    KeptGrades,
    attached_files,
    exchange_files,
    hand_in_of,
    kept_notebook,
    kept_reports,
    kept_texts,
    submitted_files,
)
from autograder.engine.messages import (
    LATE,
    Executor,
    GradeTask,
    Regrade,
    RenderTask,
    ReplayTask,
    Result,
    ScoreChange,
    WorkItem,
    WorkResult,
    changes,
    grade_with,
    intern_reports,
    render_with,
    scores_that_stay,
    together,
)
from autograder.engine.tested_class import Proofs, parts_of, prove_assignments, questions_of
from autograder.errors import AutograderError, CourseError, GraderError, QuestionError, message_of, part_done
from autograder.files import atomic_write
from autograder.grading.course_secret import ensure_secret
from autograder.grading.fingerprint import NO_REASON, RegradeReason, difference, questions_digest
from autograder.grading.given_out import GivenOut, begin_record, check_no_regrade_pending, given_out
from autograder.i18n import _
from autograder.nbgrader.converters import config_of, copy_gradebook
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.graded_notebook import record_in, reports_in, with_earlier
from autograder.nbgrader.records import GradeRecord, RecordedNotebook
from autograder.nbgrader.registration import ensure_registered, unreleased
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.suggestions import unknown
from autograder.test_cells.proof import Proof
from autograder.text import Text, some_of
from autograder.verification.released import unproved_questions

if TYPE_CHECKING:
    from autograder.engine.replay import ReplayResult

MAX_TRIES = 3
POLL_SECONDS = 0.5


def find_submissions(
    course: Course, assignments: Sequence[str], students: Sequence[str] = ()
) -> list[SubmissionId]:
    """Return the submissions in `submitted/`, by assignment and student.

    Raises CourseError, with suggestions, for an unknown student or assignment, and for a student without a submission
    to any of the assignments.
    """
    folder = course.submitted
    folders = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for student in students:
        if student not in folders:
            raise CourseError(
                _(
                    "{problem} (searched {folder})",
                    problem=unknown("student", student, folders),
                    folder=folder,
                )
            )
    chosen = [course.check_assignment(name) for name in assignments] or [
        name for name in course.assignments if name not in course.settings.finished
    ]
    if not chosen:
        raise CourseError(
            _(
                "every assignment is in c.CourseSettings.finished; name those that are to be graded again: {names}",
                names=", ".join(course.assignments),
            )
        )
    submissions = [
        submission
        for assignment in chosen
        for student in (students or folders)
        if course.submitted_folder(submission := SubmissionId(student, assignment)).is_dir()
    ]
    absent = [name for name in students if name not in {submission.student for submission in submissions}]
    if submissions and absent:
        raise CourseError(
            _(
                "no submission of {students} to {chosen} in {folder}",
                students=some_of(absent),
                chosen=", ".join(chosen),
                folder=folder,
            )
        )
    if not submissions:
        raise CourseError(
            _(
                "no submissions to grade: expected notebooks in {folder}/<student>/<assignment>/ for {chosen}; import "
                "them with `autograder collect`",
                folder=folder,
                chosen=", ".join(chosen),
            )
        )
    return submissions


@dataclass(frozen=True)
class Listener:
    """Functions to call while a class is graded."""

    on_result: Callable[[Result], None] = lambda result: None
    """With each result as it arrives."""
    on_message: Callable[[Text], None] = lambda text: None
    """With cluster status messages, and at the end with the way in which models were trained."""
    on_progress: Callable[[Text], None] = lambda text: None
    """With each question that is proved again because it changed; one that fails gives no score."""
    on_changes: Callable[[Sequence[ScoreChange]], None] = lambda changes: None
    """With the scores of earlier runs that change, before any of them is written."""
    on_graded: Callable[[GradeRecord], None] = lambda graded: None
    """With each submission that a preview graded, whole."""


NOBODY = Listener()


def grade_class(
    course: Course,
    submissions: Iterable[SubmissionId],
    *,
    workers: int = 1,
    apart: bool = False,
    force: bool = False,
    scheduler: str | None = None,
    preview: bool = False,
    listener: Listener = NOBODY,
) -> list[Result]:
    """Grade every submission and write its feedback. A fault in one never stops the others.

    workers: number of submissions graded in parallel on this machine.
    apart: whether even a single worker is a separate process, which can be killed if a submission uses too much of it.
    force: grade unchanged submissions again.
    scheduler: address of the cluster to grade on instead of this machine; None for the course's setting.
    preview: write nothing.
    listener: is called while the run goes on.
    A score that is given out changes only with what concerns its submission, and its result says if it is out of date;
    `regrade_class` changes the others.

    Raises, before anything is written, GraderError if no seal works on this machine, NoSecret if grades depend on a
    secret that is lost, and CourseError if the scheduler cannot be reached.
    An interrupted or killed run loses nothing: finished grades are in the gradebook, and the next run continues.
    """
    check_no_regrade_pending(course)
    run = _Run(workers, apart, scheduler, listener, preview=preview, force=force)
    return _grade(course, submissions, run)


def regrade_class(
    course: Course,
    submissions: Iterable[SubmissionId],
    regrade: Regrade,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    preview: bool = False,
    listener: Listener = NOBODY,
) -> list[Result]:
    """Grade those submissions again whose scores are given out and out of date, and no other; see `grade_class`.

    Where a question cannot be graded now, its score stays, and stays out of date.
    """
    check_no_regrade_pending(course)
    run = _Run(workers, True, scheduler, listener, preview=preview, regrade=regrade)
    return _grade(course, submissions, run)


def render_pages(course: Course, submissions: Iterable[SubmissionId]) -> None:
    """Render those feedback pages again that differ from the gradebook, and grade nothing."""
    _grade(course, submissions, _Run(1, False, "", NOBODY, preview=False, pages=True))


@dataclass(frozen=True)
class _Run:
    """The way in which a class is graded; see `grade_class`."""

    workers: int
    apart: bool
    scheduler: str | None
    listener: Listener
    _: KW_ONLY
    preview: bool
    force: bool = False
    regrade: Regrade | None = None
    pages: bool = False
    """Whether pages are rendered, and nothing graded."""


def _grade(course: Course, submissions: Iterable[SubmissionId], run: _Run) -> list[Result]:
    """Grade submissions; see `grade_class`."""
    submissions, listener, preview, regrade = list(submissions), run.listener, run.preview, run.regrade
    out = given_out(course)
    if not preview:
        begin_record(course)
    free = GivenOut({}) if regrade is not None and regrade.everything else out
    if any(course.assignment(submission.assignment).has_questions for submission in submissions):
        ensure_secret(course)
    with contextlib.ExitStack() as stack:
        if preview:
            course = stack.enter_context(_with_scratch_gradebook(course))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regrade-")))
        results = _Results(course, listener.on_result)
        for result in _unregistered(course, submissions):
            results.add_whole(result)
        registered = [submission for submission in submissions if submission not in results.whole]
        assignments = list(dict.fromkeys(submission.assignment for submission in registered))
        digests = {name: questions_digest(course, name) for name in assignments}
        unproved = {
            name: unproved_questions(course.assignment(name), on_progress=listener.on_progress)
            for name in assignments
        }
        gradebook = stack.enter_context(GradebookWriter(course))
        tests: Mapping[str, Proofs] = prove_assignments(
            course, assignments, recorded=gradebook.recorded, on_progress=listener.on_progress
        )
        for submission in registered:
            if isinstance(unfit := tests.get(submission.assignment), CourseError):
                results.add_whole(Result(submission, "ungraded", unfit.message))
        kept = KeptGrades(course, gradebook, free, force=run.force or free is not out)
        todo: dict[SubmissionId, RegradeReason] = {}
        stale: dict[SubmissionId, Result] = {}
        late: set[SubmissionId] = set()
        for submission in registered:
            if submission in results.whole:
                continue
            for part in parts_of(course, submission):
                earlier = kept.lookup(part)
                if run.pages:
                    if isinstance(earlier, Result) and kept.has_stale_page(part):
                        stale[part] = earlier
                    else:
                        results.add(Result(part, "kept"))
                elif regrade is not None and free is out:
                    if part not in out:  # `grade_class` grades it
                        results.add(Result(part, "kept"))
                    elif isinstance(earlier, RegradeReason):
                        if earlier.reason in OF_THE_SUBMISSION:  # as well
                            results.add(Result(part, "kept"))
                        else:
                            todo[part] = earlier if earlier.reason else RegradeReason("notebook")
                    elif earlier.outdated.reason:
                        todo[part] = earlier.outdated
                    else:
                        results.add(earlier)
                elif isinstance(earlier, RegradeReason):
                    todo[part] = earlier
                elif part in free and kept.has_other_points(part, earlier.reports):
                    results.add(earlier)  # a page would show the score of then out of the points of today
                elif part in free and not kept.has_same_penalty(part):
                    stale[part] = earlier
                    late.add(part)
                elif kept.has_stale_page(part) and not preview:
                    stale[part] = earlier
                else:
                    results.add(earlier)
        if todo or stale:
            from autograder.engine.factory import open_executor

            proofs = {name: found for name, found in tests.items() if not isinstance(found, CourseError)}
            plan = _Plan(todo, stale, late, unproved, digests, proofs, free, regrade)
            batch = _Batch(course, gradebook, plan, folder, listener, preview=preview)
            names = sorted({submission.assignment for submission in (*todo, *stale)})
            number = max(1, min(run.workers, len(todo) + len(stale)))
            executor = open_executor(
                course,
                names if todo else [],  # rendering pages needs no kernel
                workers=number,
                apart=run.apart,
                scheduler=run.scheduler if todo else "",
                on_message=listener.on_message,
            )
            with part_done(lambda: batch.has_written), contextlib.closing(executor):
                for result in batch.results(executor):
                    results.add(result)
                if executor.fit.mode:
                    listener.on_message(executor.fit.text)
    return [results.whole[submission] for submission in submissions]


class _Results:
    """The results of whole submissions, each put together once all of its notebooks have one."""

    def __init__(self, course: Course, on_result: Callable[[Result], None]) -> None:
        self.whole: dict[SubmissionId, Result] = {}
        self._course, self._on_result = course, on_result
        self._parts: dict[SubmissionId, dict[SubmissionId, Result]] = {}

    def add(self, result: Result) -> None:
        """Add the result of a notebook."""
        whole = result.submission.whole
        parts = self._parts.setdefault(whole, {})
        parts[result.submission] = result
        expected = parts_of(self._course, whole)
        if len(parts) == len(expected):
            self.add_whole(together([self._parts[whole][part] for part in expected]))

    def add_whole(self, result: Result) -> None:
        """Add the result of a submission."""
        self.whole[result.submission] = result
        self._on_result(result)


@contextlib.contextmanager
def _with_scratch_gradebook(course: Course) -> Iterator[Course]:
    """Yield the course with a copy of its gradebook. Raises CourseError if the gradebook is not an SQLite file."""
    if not course.gradebook_url.startswith("sqlite:///"):
        raise CourseError(
            _("a preview needs an SQLite gradebook, but the gradebook is {url}", url=course.gradebook_url)
        )
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        copy = Path(folder, "gradebook.db")
        copy_gradebook(course, copy)
        yield Course(course.root, config_of(course, course.root, f"sqlite:///{copy}"))


def _unregistered(course: Course, submissions: Sequence[SubmissionId]) -> Iterator[Result]:
    """Yield a result, with the reason, for each submission to an assignment that cannot be registered.

    Raises CourseError or QuestionError if no assignment can be registered.
    """
    names = list(dict.fromkeys(submission.assignment for submission in submissions))
    built = [name for name in names if course.assignment(name).is_built]
    reasons = unreleased(course, [name for name in names if name not in built])
    errors: dict[str, AutograderError] = {}
    for name in built:
        try:
            ensure_registered(course, [name])
        except (CourseError, QuestionError) as error:
            errors[name] = error
    if errors and len(errors) == len(names):
        raise errors[names[0]]
    reasons |= {name: error.message for name, error in errors.items()}
    for submission in submissions:
        if submission.assignment in reasons:
            yield Result(submission, "ungraded", reasons[submission.assignment])


def replay_submission(course: Course, submission: SubmissionId, question: str) -> ReplayResult:
    """Replay one question of a submission in the course's folder; see `replay`.

    Raises CourseError, with suggestions, for an unknown question, and GraderError if no seal works on this machine.
    """
    from autograder.engine.factory import open_executor
    from autograder.engine.replay import plain_words, replay

    name = submission.assignment
    for refused in _unregistered(course, [submission]):
        raise CourseError(refused.reason or Text())
    with GradebookWriter(course) as gradebook:
        found = prove_assignments(course, [name], recorded=gradebook.recorded)
        questions = questions_of(course, submission, found.get(name))
        if question not in questions:
            raise CourseError(unknown("question", question, [*questions]))
        submission, question = questions[question]
        recorded, students = gradebook.recorded(submission), gradebook.known_ids()
    proofs = found.get(name)
    kept = kept_reports(course, submission).get(question)
    submitted = submitted_files(course, submission)
    hand_in = hand_in_of(course, submission, submitted)
    task = GradeTask(
        submission, submitted, recorded, students, hand_in=hand_in,
        tests=proofs[submission.notebook] if isinstance(proofs, Mapping) else None,
        attached=attached_files(course, submission),
    )  # fmt: skip
    replayed = ReplayTask(task, question, kept.score if kept else None)
    executor = open_executor(course, [submission.assignment], workers=1, apart=True, scheduler="")
    with contextlib.closing(executor):
        executor.submit(WorkItem(submission, replay, replayed))
        while True:
            for finished in executor.completed(POLL_SECONDS):
                if finished.error:
                    return {"failed": plain_words(finished.error)}
                result: ReplayResult = finished.value
                return result


@dataclass(frozen=True)
class _Plan:
    """The work of a batch."""

    todo: Mapping[SubmissionId, RegradeReason]
    """The submissions to grade, each with the reason for a regrade."""
    stale: Mapping[SubmissionId, Result]
    """Kept grades whose pages are rendered again."""
    late: Collection[SubmissionId]
    """Those of them, given out, whose late penalty is written first."""
    unproved: Mapping[str, Mapping[str, Text]]
    """By assignment, see `unproved_questions`."""
    digests: Mapping[str, str]
    """Of the question files that were proved, by assignment."""
    tests: Mapping[str, Mapping[str, Proof]]
    """The proofs of nbgrader's own tests, by assignment and notebook."""
    given_out: GivenOut
    regrade: Regrade | None
    """What changes of the scores that are given out; None if they stay."""

    def keeps_score(self, submission: SubmissionId) -> bool:
        """Return whether a score on record stays, because it is given out and the submission did not change."""
        return submission in self.given_out and self.todo[submission].reason not in OF_THE_SUBMISSION


class _Batch:
    """Submissions in progress: read, graded by a worker, written, rendered by a worker, kept.

    A regrade that changes a score is deferred until all are graded, so that the changes are announced before they are
    written. Its notebook waits in a file.
    """

    def __init__(
        self,
        course: Course,
        gradebook: GradebookWriter,
        plan: _Plan,
        folder: Path,
        listener: Listener,
        *,
        preview: bool,
    ) -> None:
        """Prepare a batch. folder: for deferred notebooks. preview: write nothing."""
        self._course, self._gradebook, self._plan, self._folder = course, gradebook, plan, folder
        self._listener, self._preview = listener, preview
        self._waiting = deque([*plan.todo, *plan.stale])
        self._in_progress: dict[SubmissionId, GradeRecord | None] = {}
        """The graded submission while its page is rendered; None before it is graded."""
        self._deferred: dict[SubmissionId, GradeRecord] = {}
        """Graded submissions that change a score, without their notebooks."""
        self._to_write: dict[SubmissionId, GradeRecord] = {}
        """Deferred submissions whose changes have been announced."""
        self._announced: set[SubmissionId] = set()
        self._alone: deque[SubmissionId] = deque()
        """Submissions whose code got too little processor time, to be graded once more, with nothing beside them."""
        self._starved: set[SubmissionId] = set()
        self._tries: Counter[SubmissionId] = Counter()
        self._outdated: dict[SubmissionId, RegradeReason] = {}
        """Submissions with a score that stays and is out of date."""
        self._recorded: dict[tuple[str, str], RecordedNotebook] = {}
        self._changes: list[ScoreChange] = []
        self.has_written = False
        """Whether a score or a page of the course was written or removed."""
        self._known = gradebook.known_ids()

    def results(self, executor: Executor) -> Iterator[Result]:
        """Yield every result as it arrives."""
        self._executor = executor
        while self._waiting or self._in_progress or self._alone or self._deferred:
            if not self._waiting and not self._in_progress and self._alone:
                self._waiting.append(self._alone.popleft())
            elif not self._waiting and not self._in_progress:
                self._listener.on_changes(self._changes)
                self._to_write, self._deferred = self._deferred, {}
                self._announced |= self._to_write.keys()
                self._waiting.extend(self._to_write)
            # submissions in progress are held in memory, so there are few
            while self._waiting and len(self._in_progress) < 2 * executor.slots:
                result = self._start(self._waiting.popleft())
                if result is not None:
                    yield result
            for finished in executor.completed(POLL_SECONDS):
                result = self._advance(finished)
                if result is not None:
                    yield result
        if self._preview and self._changes:
            self._listener.on_changes(self._changes)

    def _start(self, submission: SubmissionId) -> Result | None:
        try:
            if submission in self._plan.late and submission not in self._announced:
                self._note_late_penalty(submission, None)
                if self._preview:
                    return self._plan.stale[submission]
                self._deferred[submission] = GradeRecord(submission)
                return None
            if submission in self._plan.late:
                self._to_write.pop(submission, None)
                self._gradebook.write_late_penalty(submission)
                self.has_written = True
            if submission in self._to_write:
                graded = self._to_write.pop(submission)
                if graded.reason:
                    return self._mark_ungraded(submission, graded.reason)
                text = self._deferred_path(submission).read_text(encoding="utf-8")
                self._write(replace(graded, notebook=text))
                return None
            if submission in self._plan.stale:
                notebook = self._course.graded_path(submission).read_text(encoding="utf-8")
                self._in_progress[submission] = None
                page = RenderTask(submission, notebook, self._gradebook.scores(submission))
                self._executor.submit(WorkItem(submission, render_with, page))
                return None
        except Exception as error:  # a fault in one submission must not stop the others
            return self._reject(submission, message_of(error))
        submitted = submitted_files(self._course, submission)
        assignment = submission.assignment
        tests = self._plan.tests.get(assignment, {}).get(submission.notebook)
        if not submitted and tests is None:
            folder = self._course.submitted_folder(submission)
            reason = _(
                "expected {file} in {folder}; run `autograder collect`",
                file=f"{assignment}.ipynb",
                folder=folder,
            )
            return self._reject(submission, reason)
        released = assignment, submission.notebook
        if released not in self._recorded:
            self._recorded[released] = self._gradebook.recorded(submission)
        self._in_progress[submission] = None
        task = GradeTask(
            submission, submitted, self._recorded[released], self._known,
            hand_in=hand_in_of(self._course, submission, submitted), regrade_reason=self._plan.todo[submission],
            unproved=self._plan.unproved.get(assignment, {}), questions=self._plan.digests[assignment],
            tests=tests, attached=attached_files(self._course, submission),
            prefetch=tests is None and self._has_successor(submission),
        )  # fmt: skip
        self._executor.submit(WorkItem(submission, grade_with, task))
        return None

    def _has_successor(self, submission: SubmissionId) -> bool:
        """Return whether each worker will get another submission to the same assignment after this one."""
        slots = self._executor.slots
        if not len(self._waiting) >= slots > 0:
            return False
        successor = self._waiting[slots - 1]
        return successor.assignment == submission.assignment and successor not in self._plan.stale

    def _advance(self, finished: WorkResult) -> Result | None:
        submission = finished.key
        graded = self._in_progress.pop(submission)
        if finished.lost:
            self._tries[submission] += 1
            if self._tries[submission] < MAX_TRIES:
                if graded is not None:
                    self._to_write[submission] = self._save_notebook(graded)
                self._waiting.appendleft(submission)
                return None
        if finished.error:
            error = finished.error
            if finished.lost:
                error = _("{number} times in a row: {error}", number=MAX_TRIES, error=error)
            return self._reject(submission, error)
        try:
            if submission in self._plan.stale:
                self.has_written = True
                atomic_write(self._course.feedback_path(submission), finished.value)
                return replace(self._plan.stale[submission], renewed=True)
            if graded is not None:
                keep_graded(self._course, graded, finished.value)
                return self._graded(graded)
            graded = finished.value
            if graded.is_starved and submission not in self._starved:
                self._starved.add(submission)
                self._alone.append(submission)
                return None
            if graded.reason:
                return self._reject(submission, graded.reason)
            if self._plan.keeps_score(submission):
                graded = self._hold(graded)
                if not graded.notebook:  # every score stays
                    return Result(
                        submission, "kept", reports=kept_reports(self._course, submission),
                        outdated=self._outdated[submission],
                    )  # fmt: skip
            changes_a_score = self._note_changes(submission, graded)
            if self._preview:
                self._listener.on_graded(graded)
                return self._graded(graded)
            if changes_a_score:
                self._deferred[submission] = self._save_notebook(graded)
                return None
            self._write(graded)
        except Exception as error:  # a fault in one submission must not stop the others
            return self._reject(submission, message_of(error))
        return None

    def _note_changes(self, submission: SubmissionId, graded: GradeRecord) -> bool:
        """Note which scores of an earlier run change. Return whether any does."""
        if submission in self._announced or not self._plan.todo[submission].reason:
            return False
        by_hand = self._gradebook.scores_by_hand(submission)
        changed = [
            replace(change, by_hand=by_hand.get(change.question))
            for change in changes(
                submission,
                kept_reports(self._course, submission),
                graded.reports,
                self._recorded_scores(submission),
            )
        ]
        self._changes += changed
        if graded.reports:
            changed += self._note_late_penalty(submission, None if graded.reason else graded.auto_scores)
        return bool(changed)

    def _recorded_scores(self, submission: SubmissionId) -> dict[str, float]:
        """Return the automatic scores in the gradebook, by question."""
        scores = self._gradebook.auto_scores(submission)
        return {cell.removesuffix(GRADE_SUFFIX): score for cell, score in scores.items()}

    def _note_late_penalty(
        self, submission: SubmissionId, auto_scores: Mapping[str, float | None] | None
    ) -> list[ScoreChange]:
        """Note and return the change of a late penalty, if there is one. auto_scores: see `late_penalties`."""
        changed = []
        with contextlib.suppress(Exception):  # the course's late policy failed: writing the score reports it
            before, today = self._gradebook.late_penalties(submission, auto_scores)
            if before != today:
                reason = _("the late policy, the due date or an extension is another")
                changed.append(ScoreChange(submission, LATE, -before, -today, reason))
        self._changes += changed
        return changed

    def _hold(self, graded: GradeRecord) -> GradeRecord:
        """Return a submission, given out and graded again, with those scores on record that a regrade does not change.

        Where nothing is left to write, it has no notebook.
        """
        submission, regrade = graded.submission, self._plan.regrade
        kept = kept_notebook(self._course, submission)
        reports = {} if kept is None else reports_in(kept)
        before = {name: report.recorded_score for name, report in reports.items()}
        recorded = self._recorded_scores(submission)
        before |= recorded
        held, by_choice = scores_that_stay(submission, before, reports, graded.reports, regrade)
        self._changes += [
            replace(change, stays=True)
            for change in changes(submission, reports, graded.reports, recorded)
            if change.question in by_choice
        ]
        names = held + by_choice
        if not names:
            return graded
        if held:
            self._outdated[submission] = _outdated(kept, graded)
        can_keep = all(name in reports and reports[name].recorded_score == before[name] for name in names)
        if not can_keep or (held and not self._fills(graded, before, names)):
            self._outdated.setdefault(submission, _outdated(kept, graded))
            return replace(graded, notebook="")
        return with_earlier(graded, kept, names, is_current=not held)

    def _fills(self, graded: GradeRecord, before: Mapping[str, float | None], names: Collection[str]) -> bool:
        """Return whether a score would be written that is not on record. names: of the questions whose score stays."""
        in_gradebook = self._recorded_scores(graded.submission)
        return any(
            name not in in_gradebook if name in names else report.recorded_score != before.get(name)
            for name, report in graded.reports.items()
        )

    def _reject(self, submission: SubmissionId, reason: Text) -> Result | None:
        """Leave a submission without a score. An existing score is removed only once that has been announced."""
        if submission in self._plan.stale:
            problem = _(
                "the grade is kept, but its feedback page could not be rendered: {reason}", reason=reason
            )
            return Result(submission, "ungraded", problem)
        if self._plan.keeps_score(submission) and self._gradebook.auto_scores(submission):
            problem = _(
                "the score that was given out stays, but cannot be graded again: {reason}", reason=reason
            )
            return Result(submission, "ungraded", problem)
        changes_a_score = self._note_changes(submission, GradeRecord(submission))
        if self._preview:
            return Result(submission, "ungraded", reason)
        if changes_a_score:
            self._deferred[submission] = GradeRecord(submission, reason=reason)
            return None
        return self._mark_ungraded(submission, reason)

    def _graded(self, graded: GradeRecord) -> Result:
        return Result(
            graded.submission, "graded", reports=intern_reports(graded.reports), seal=graded.seal,
            claim=graded.claim, regrade_reason=self._plan.todo[graded.submission], essays=graded.essays,
            outdated=self._outdated.get(graded.submission, NO_REASON),
        )  # fmt: skip

    def _save_notebook(self, graded: GradeRecord) -> GradeRecord:
        """Save the graded notebook to a file. Return the rest, which is small."""
        self._deferred_path(graded.submission).write_text(graded.notebook, encoding="utf-8")
        return replace(graded, notebook="", reports=intern_reports(graded.reports), failing={})

    def _deferred_path(self, submission: SubmissionId) -> Path:
        return self._folder / hashlib.sha256(repr(submission).encode()).hexdigest()

    def _write(self, graded: GradeRecord) -> None:
        """Write the scores and submit the page for rendering."""
        submission = graded.submission
        scores = self._gradebook.write(graded, before=kept_texts(self._course, submission))
        self.has_written = True
        self._in_progress[submission] = graded
        page = RenderTask(submission, graded.notebook, scores)
        self._executor.submit(WorkItem(submission, render_with, page))

    def _mark_ungraded(self, submission: SubmissionId, reason: Text) -> Result:
        try:
            self._gradebook.mark_ungraded(submission)
        except SQLAlchemyError as error:
            raise GraderError(
                _("cannot write the gradebook: {error}; earlier grades are kept", error=error)
            ) from error
        self.has_written = True
        for path in (self._course.graded_path(submission), self._course.feedback_path(submission)):
            path.unlink(missing_ok=True)
        return Result(submission, "ungraded", reason)


def _outdated(kept: Any, graded: GradeRecord) -> RegradeReason:
    """Return why a score on record is out of date. kept: its notebook; None if that is missing or damaged."""
    if kept is None:
        return RegradeReason("notebook")
    changed = difference(record_in(kept), record_in(json.loads(graded.notebook)), of_scores=True)
    return changed if changed.reason else RegradeReason("differs")


def keep_graded(course: Course, graded: GradeRecord, page: str) -> None:
    """Write the feedback page, then the graded notebook, whose presence says that everything else is written."""
    submission = graded.submission
    page_path, notebook_path = course.feedback_path(submission), course.graded_path(submission)
    for name, content in exchange_files(course, submission).items():
        for folder in (page_path.parent, notebook_path.parent):
            atomic_write(folder / name, content)
    atomic_write(page_path, page)
    atomic_write(notebook_path, graded.notebook, mode=0o444)
