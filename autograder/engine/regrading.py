"""Writes regrades and takes them back: whatever is killed on the way, the old state or the new one can be reached.

A regrade is graded into a folder first. Then one file, `PENDING`, says what is to be written, and from then on the
regrade is finished by whoever comes next: each step may be repeated.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from autograder.course import Course, SubmissionId
from autograder.engine.batch import Listener, regrade_class, render_pages
from autograder.engine.kept_grades import kept_notebook
from autograder.engine.messages import Regrade, Result, ScoreChange
from autograder.engine.regrade_data import regrade_data
from autograder.errors import AutograderError, CourseError
from autograder.feedback.page_state import without_mark
from autograder.files import atomic_write
from autograder.grading.given_out import PENDING
from autograder.grading.regrade_log import (
    LOG_COPY,
    account,
    log_path,
    log_text,
    new_log,
    next_number,
    read_logs,
    write_log,
)
from autograder.i18n import _
from autograder.nbgrader.converters import copy_gradebook
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.records import GradeRecord, ScoreState
from autograder.nbgrader.registration import ensure_registered
from autograder.notebooks.cells import GRADE_SUFFIX, NAMESPACE
from autograder.text import some_of

Side = Literal["before", "after"]


@dataclass(frozen=True)
class Regraded:
    """What a regrade changes."""

    results: Sequence[Result]
    data: Mapping[str, Any]
    """See `regrade_data`."""
    log: Path | None = None
    """The log of a regrade that was written."""


@dataclass(frozen=True)
class Undone:
    """A regrade that was taken back."""

    log: Mapping[str, Any]
    submissions: Sequence[SubmissionId]
    """Those whose scores are as before."""
    left: Sequence[SubmissionId]
    """Those that were handed in again since, and stay."""
    manual: Sequence[str]
    """Scores that people gave since, and that stay."""


def preview_regrade(
    course: Course,
    submissions: Sequence[SubmissionId],
    regrade: Regrade,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    listener: Listener,
    on_graded: Callable[[GradeRecord], None] = lambda graded: None,
) -> Regraded:
    """Return what a regrade would change; nothing is written. See `regrade_class`."""
    changes: list[ScoreChange] = []
    results = regrade_class(
        course, submissions, regrade, workers=workers, scheduler=scheduler, preview=True,
        listener=replace(listener, on_changes=changes.extend, on_graded=on_graded),
    )  # fmt: skip
    return Regraded(results, regrade_data(course, results, changes, regrade))


def apply_regrade(
    course: Course,
    submissions: Sequence[SubmissionId],
    regrade: Regrade,
    because: str,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    listener: Listener,
) -> Regraded:
    """Write a regrade, with a backup of the gradebook before it and a log. See `regrade_class`.

    because: a sentence that says why. Raises as `regrade_class` does, before anything is written.
    """
    number = next_number(course)
    folder = _folder(course, number)
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was stopped before it wrote anything
    before, after = _States(folder / "before"), _States(folder / "after")
    regraded = preview_regrade(
        course, submissions, regrade, workers=workers, scheduler=scheduler, listener=listener,
        on_graded=after.add_graded,
    )  # fmt: skip
    graded = after.submissions
    if not graded:
        return regraded
    with GradebookWriter(course) as gradebook:
        for submission in graded:
            before.add(submission, gradebook.score_state(submission))
            before.keep_files(course, submission)
    copy_gradebook(course, folder / "gradebook.db")
    log = new_log(regraded.data, number=number, at=_now(course), account=account(), because=because)
    _begin(course, {"side": "after", "submissions": _as_data(graded), "taken_back": [], "log": log})
    finish_interrupted(course)
    return replace(regraded, log=log_path(course, number))


def undo_regrade(course: Course, *, overwrite: Collection[str] = (), keep_manual: bool = False) -> Undone:
    """Take back the last regrade that is not undone, with a backup of the gradebook before it.

    overwrite: the scores given by hand since that are taken back too, as student/assignment/question. keep_manual:
    whether the others of them stay; the regrade below them is taken back.
    Raises CourseError, with nothing written, if there is no regrade to undo, if people gave scores since that
    neither option names, or if the gradebook has other scores than the regrade wrote.
    """
    log = _to_undo(course)
    folder = _folder(course, log["number"])
    before, after = _States(folder / "before"), _States(folder / "after")
    back, left, others = [], [], []
    manual: dict[str, tuple[SubmissionId, str]] = {}
    with GradebookWriter(course) as gradebook:
        for submission in after.submissions:
            kept, written = kept_notebook(course, submission), after.state(submission)
            if kept is not None and _submitted(kept) != _submitted(
                json.loads(after.notebook(submission) or "")
            ):
                left.append(submission)
                continue
            now = gradebook.score_state(submission)
            if {cell: now.scores.get(cell) for cell in written.scores} != written.scores:
                others.append(_name(submission))
            was = before.state(submission)
            for cell, score in now.manual.items():
                if score != was.manual.get(cell):
                    manual[_name(submission, cell)] = submission, cell
            back.append(submission)
    if others:
        raise CourseError(
            _(
                "the gradebook has other scores than {path} wrote: {names}. They were graded since, so the regrade "
                "cannot be undone as a whole; the gradebook of before is {backup}",
                path=log_path(course, log["number"]),
                names=some_of(others),
                backup=folder / "gradebook.db",
            )
        )
    for name in overwrite:
        if name not in manual:
            raise CourseError(
                _(
                    "--overwrite {name}: no such score was given by hand since the regrade; these were: {names}",
                    name=name,
                    names=some_of([*manual]) or "–",
                )
            )
    rest = [name for name in manual if name not in overwrite]
    if rest and not keep_manual:
        raise CourseError(
            _(
                "scores were given by hand since the regrade: {names}. Name each that is to be overwritten "
                "(--overwrite {first}), or leave the others as they are (--keep-manual)",
                names=some_of(rest),
                first=rest[0],
            )
        )
    copy_gradebook(course, folder / "gradebook-before-undo.db")
    undone = {"at": _now(course), "account": account(), "left": _as_data(left)}
    _begin(course, {
        "side": "before",
        "submissions": _as_data(back),
        "taken_back": [[_as_data([manual[name][0]])[0], manual[name][1]] for name in overwrite],
        "log": {**log, "undone": undone},
    })  # fmt: skip
    finish_interrupted(course)
    return Undone({**log, "undone": undone}, back, left, rest)


def finish_interrupted(course: Course) -> dict[str, Any] | None:
    """Write what is pending, if anything is. Return the log of the regrade, which says whether it is undone."""
    path = course.root / PENDING
    try:
        pending = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    log: dict[str, Any] = pending["log"]
    folder = _folder(course, log["number"])
    states = _States(folder / pending["side"])
    submissions = _of_data(pending["submissions"])
    taken_back = {(_of_data([one])[0], cell) for one, cell in pending["taken_back"]}
    names = list(dict.fromkeys(submission.assignment for submission in submissions))
    with contextlib.suppress(AutograderError):  # a question file is broken: points stay as they are
        ensure_registered(course, [name for name in names if course.assignment(name).is_built])
    with GradebookWriter(course) as gradebook:
        gradebook.put_states({one: states.state(one) for one in submissions}, taken_back=taken_back)
    for submission in submissions:
        if (notebook := states.notebook(submission)) is None:
            course.graded_path(submission).unlink(missing_ok=True)
        else:
            atomic_write(course.graded_path(submission), notebook, mode=0o444)
        shown = course.feedback_path(submission)
        if (page := states.page(submission)) is not None:
            atomic_write(shown, page)
        elif shown.is_file():  # what it says may change where no score does
            atomic_write(shown, without_mark(shown.read_bytes()))
    with contextlib.suppress(AutograderError):  # the next `grade` renders them
        render_pages(course, list(dict.fromkeys(submission.whole for submission in submissions)))
    write_log(course, log)
    atomic_write(folder / LOG_COPY, log_text(log))
    path.unlink()
    return log


class _States:
    """The states of submissions in a folder: scores, graded notebook, and the page of before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add_graded(self, graded: GradeRecord) -> None:
        """Add the state that a regrade gives a submission."""
        self.add(graded.submission, ScoreState(graded.auto_scores, graded.auto_comments))
        self._path(graded.submission, ".ipynb").write_text(graded.notebook, encoding="utf-8")

    def add(self, submission: SubmissionId, state: ScoreState) -> None:
        """Add the scores of a submission."""
        path = self._path(submission, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(state)), encoding="utf-8")

    def keep_files(self, course: Course, submission: SubmissionId) -> None:
        """Add the graded notebook and the page of a submission as they are."""
        for path, suffix in (
            (course.graded_path(submission), ".ipynb"),
            (course.feedback_path(submission), ".html"),
        ):
            if path.is_file():
                self._path(submission, suffix).write_bytes(path.read_bytes())

    @property
    def submissions(self) -> list[SubmissionId]:
        """The submissions that have a state, by assignment and student."""
        found = []
        for path in self._folder.glob("*/*/*.json"):
            assignment, student = path.parent.parent.name, path.parent.name
            found.append(SubmissionId(student, assignment, path.stem if path.stem != assignment else ""))
        return sorted(found, key=lambda one: (one.assignment, one.student, one.part))

    def state(self, submission: SubmissionId) -> ScoreState:
        """Return the scores of a submission."""
        return ScoreState(**json.loads(self._path(submission, ".json").read_text(encoding="utf-8")))

    def notebook(self, submission: SubmissionId) -> str | None:
        """Return the graded notebook of a submission, if it had one."""
        path = self._path(submission, ".ipynb")
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def page(self, submission: SubmissionId) -> bytes | None:
        """Return the page of a submission, if it had one."""
        path = self._path(submission, ".html")
        return path.read_bytes() if path.is_file() else None

    def _path(self, submission: SubmissionId, suffix: str) -> Path:
        return self._folder / submission.assignment / submission.student / f"{submission.notebook}{suffix}"


def _to_undo(course: Course) -> dict[str, Any]:
    """Return the log of the last regrade that is not undone. Raises CourseError if it cannot be taken back."""
    log = next((log for log in reversed(read_logs(course)) if not log["undone"]), None)
    if log is None:
        raise CourseError(_("there is no regrade to undo"))
    path, folder = log_path(course, log["number"]), _folder(course, log["number"])
    if log.get("web"):
        raise CourseError(
            _(
                "{path} was written by the web tool; undo it there, on the page *Regrade* of the activity",
                path=path,
            )
        )
    copy = folder / LOG_COPY
    if not copy.is_file():
        raise CourseError(
            _(
                "{path} cannot be undone: {folder}, with the scores of before, is missing; restore it from a "
                "backup, or put the question file back and run `autograder regrade`",
                path=path,
                folder=folder,
            )
        )
    if json.loads(copy.read_text(encoding="utf-8")) != log:
        raise CourseError(
            _(
                "{path} was edited since the regrade wrote it; put it back from {copy}, then run this again",
                path=path,
                copy=copy,
            )
        )
    found: dict[str, Any] = log
    return found


def _begin(course: Course, pending: Mapping[str, Any]) -> None:
    """Say what is to be written: from now on, `finish_interrupted` writes it."""
    atomic_write(course.root / PENDING, json.dumps(pending, ensure_ascii=False))


def _folder(course: Course, number: int) -> Path:
    """Return the folder with the states before and after a regrade."""
    return course.root / PENDING.parent / f"{number:03}"


def _submitted(notebook: Any) -> Any:
    return notebook["metadata"].get(NAMESPACE, {}).get("submitted")


def _name(submission: SubmissionId, cell: str = "") -> str:
    parts = (submission.student, submission.assignment, submission.part, cell.removesuffix(GRADE_SUFFIX))
    return "/".join(filter(None, parts))


def _as_data(submissions: Sequence[SubmissionId]) -> list[list[str]]:
    return [[one.student, one.assignment, one.part] for one in submissions]


def _of_data(data: Sequence[Sequence[str]]) -> list[SubmissionId]:
    return [SubmissionId(*one) for one in data]


def _now(course: Course) -> str:
    return datetime.now(course.zone).isoformat(timespec="seconds")
