"""The preprocessors that `configure` adds to nbgrader's pipeline.

nbgrader changes into the course's folder before it converts, so the current folder is the course.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder.course import Assignment, Course, SubmissionId
from autograder.errors import CourseError, GraderError
from autograder.feedback.page import render_report
from autograder.grading import feedback
from autograder.grading.course_secret import key_of
from autograder.grading.fingerprint import Fingerprints
from autograder.grading.notebook_grader import (
    add_notes,
    grade_notebook,
    unreadable_reports,
)
from autograder.grading.public_outputs import PublicOutputs
from autograder.grading.report import Report, to_dict
from autograder.i18n import _
from autograder.nbgrader import submission_reader
from autograder.nbgrader.gradebook import is_waiting, known_ids, ungraded_on_error
from autograder.notebooks import images
from autograder.notebooks.cells import (
    KERNELSPEC,
    NAMESPACE,
    cell_metadata,
    graded_by,
    missing_questions,
    notebook_json,
)
from autograder.questions.question import Question, profile_of
from autograder.questions.variants import Owner
from autograder.roster import Roster, Unmatched, groups_of, members_by_student
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.settings import NO_KERNEL
from autograder.submissions import rebuild
from autograder.submissions.collect import attempt_of
from autograder.submissions.parse import edition_of
from autograder.text import Text, joined
from autograder.verification.proofs import check_proved

Resources = dict[str, Any]


class Edition(NbGraderPreprocessor):  # type: ignore[misc]
    """Keeps the cells of one language, with their images, and records the edition in the notebook's metadata."""

    language = Unicode("", help="Language of the edition; if empty, the course's first.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook of one edition, without stamps."""
        course = Course.open(Path.cwd())
        language = self.language or course.languages[0]
        nb.cells = [cell for cell in nb.cells if cell_metadata(cell).get("lang", language) == language]
        for cell in nb.cells:
            metadata = cell.metadata.get(NAMESPACE)
            if metadata is not None:
                metadata.pop("stamp", None)
        mistakes = [*images.mistakes(nb, course.pictures)]
        if mistakes:
            raise CourseError(joined("; ", mistakes))
        images.embed(nb, course.pictures)
        nb.metadata["kernelspec"] = nbformat.from_dict(dict(KERNELSPEC))
        nb.metadata[NAMESPACE] = {
            "course": course.id,
            "assignment": resources["nbgrader"]["assignment"],
            "edition": language,
            "drafts": list(nb.metadata.get(NAMESPACE, {}).get("drafts", ())),
        }
        return nb, resources


class SaveCells(preprocessors.SaveCells):  # type: ignore[misc]
    """nbgrader's `SaveCells`, which here writes a kernel that does not exist into the gradebook; see `NO_KERNEL`."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        super()._create_notebook(nb)
        notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        notebook.kernelspec = json.dumps(dict(KERNELSPEC) | {"name": NO_KERNEL})
        self.gradebook.db.commit()


class CoursePreprocessor(NbGraderPreprocessor):  # type: ignore[misc]
    """Base of preprocessors that need the course, which is opened once."""

    unproved: Mapping[str, Text] | None = None
    """The reasons why single questions must not grade; None if that has not been checked."""

    @cached_property
    def course(self) -> Course:
        """The course in the current folder."""
        return Course.open(Path.cwd())


class Rebuild(CoursePreprocessor):
    """Puts the student's answers and own cells into the released notebook of the submitted edition."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the rebuilt notebook, whose metadata record how each answer was found."""
        with ungraded_on_error(resources["nbgrader"]):
            return self._rebuilt(nb, self.course.assignment(resources["nbgrader"]["assignment"])), resources

    def _rebuilt(self, nb: NotebookNode, assignment: Assignment) -> NotebookNode:
        language = edition_of(nb, self.course.languages, self.course.languages[0])
        path = assignment.release(language)
        if not path.exists():
            path = assignment.release()
        try:
            release = self._releases[path] if path in self._releases else nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            raise GraderError(
                _("no release to grade from at {path}: run `autograder build`", path=path)
            ) from error
        self._releases[path] = release
        if self.unproved is None:  # nbgrader's own command proves nothing
            questions = assignment.questions
            check_proved(assignment)
        else:
            questions = assignment.readable_questions
        known = {*(self.unproved or {}), *(question.id for question in questions)}
        missing = missing_questions(release, known, assignment.folder)
        for reason in missing.values():
            raise GraderError(reason)
        metadata = nb.metadata.get(NAMESPACE, {})
        elsewhere = {name: Text(**note) for name, note in metadata.get("elsewhere", {}).items()}
        submission = rebuild.rebuild(nb, release, elsewhere=elsewhere)
        submission.notebook.metadata[NAMESPACE] = {
            "edition": release.metadata.get(NAMESPACE, {}).get("edition", language),
            "submitted": metadata.get("submitted", ""),
            "refused": metadata.get("refused"),
            "found": dict(submission.found_by),
            "notes": {name: note.to_dict() for name, note in submission.notes.items()},
            "elsewhere": metadata.get("elsewhere", {}),
            "untouched": sorted(submission.untouched),
        }
        return submission.notebook

    @cached_property
    def _releases(self) -> dict[Path, NotebookNode]:
        return {}


class Grade(CoursePreprocessor):
    """Replaces `Execute`: runs the notebook in a sealed session and grades it from outside."""

    @cached_property
    def pool(self) -> ForkServerPool:
        """The fork servers, of a worker if it has set them."""
        return ForkServerPool(private=(self.course.root,), fit=self.course.settings.fit)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with one finite number and the feedback in each grade cell.

        Raises GraderError for a fault of the grader. The submission is then marked as not graded.
        """
        submission = resources["nbgrader"]
        with ungraded_on_error(submission):
            with Gradebook(submission["db_url"]) as gradebook:
                known = known_ids(self.course, gradebook)
            graded = submission_reader.BUDGET.run_in_fork(
                self._grade_in_fork(nb, submission["assignment"], submission["student"], known),
                submission_reader.BUDGET.judging_seconds(self.course.limits),
            )
            return nbformat.reads(graded, as_version=4), resources

    def _grade_in_fork(
        self, nb: NotebookNode, assignment: str, student: str, known: Mapping[str, str]
    ) -> Callable[[], str]:
        """Return a function that grades a notebook in a fork of this process, whose fork servers stay in this one."""
        pool = self.pool
        profile = self.course.assignment(assignment).profile
        pool.get(KERNEL_PROFILES[profile], self.course.settings.seal)
        sources = pool.revive()

        def grade() -> str:
            pool.addresses = sources
            self.grade(nb, assignment, student, known)
            return notebook_json(nb)

        return grade

    def grade(
        self,
        nb: NotebookNode,
        assignment: str,
        student: str,
        known: Mapping[str, str],
        *,
        owner: Owner | None = None,
        record_cases: str = "",
    ) -> dict[str, Report]:
        """Grade a rebuilt notebook and fill its grade cells, without touching a gradebook.

        student: the submitter's id. known: all students by their plain ids. owner: the submitter, if known otherwise
        than by an id. record_cases: the question whose report includes every case. The questions in `unproved` get no
        score. Raises GraderError for a fault of the grader.
        """
        metadata = nb.metadata[NAMESPACE]
        metadata["record"] = self._records.of(assignment)
        unproved = self.unproved or {}
        readable = self.course.assignment(assignment).readable_questions
        released = {graded_by(cell) for cell in nb.cells} - set(unproved)
        questions = [question for question in readable if question.id in released]
        if metadata.get("refused"):
            reports = unreadable_reports(questions, Text(**metadata["refused"]))
        else:
            owner = owner or owner_of(self.course, self._roster, assignment, student, known)
            reports = grade_notebook(
                nb,
                questions,
                seed=key_of(self.course, assignment).seed(nb),
                data_folder=self.course.assignment(assignment).release(metadata["edition"]).parent,
                profile=profile_of(readable),
                limits=self.course.limits,
                need=self.course.settings.seal,
                owner=replace(owner, strict=self.course.settings.own_numbers == "strict"),
                record_cases=record_cases,
                untouched=metadata["untouched"],
                pool=self.pool,
                public_outputs=partial(
                    self._public_outputs.outputs_of, assignment, metadata["edition"], profile_of(readable)
                ),
            )
            for notes in (metadata["notes"], metadata["elsewhere"]):
                reports = add_notes(reports, {name: Text(**note) for name, note in notes.items()})
        titles = {question.id: question.title for question in readable}
        for cell in nb.cells:
            name = graded_by(cell)
            if name in unproved:
                points = float(cell.metadata.nbgrader.get("points", 0))
                reports[name] = Report(
                    name, titles.get(name, Text.same(name)), points, (), ungraded=unproved[name]
                )
        for question in questions:
            reports[question.id] = _without_unproved(question, reports[question.id], unproved)
        for cell in nb.cells:
            name = graded_by(cell)
            if name in reports:
                _fill(cell, reports[name], metadata["edition"])
        return reports

    @cached_property
    def _public_outputs(self) -> PublicOutputs:
        return PublicOutputs(self.course, self.pool)

    @cached_property
    def _roster(self) -> Roster:
        return Roster.of(self.course)

    @cached_property
    def _records(self) -> Fingerprints:
        return Fingerprints(self.course)


def _without_unproved(question: Question, report: Report, unproved: Mapping[str, Text]) -> Report:
    """Return the report, without a score if an unproved question could have earned missing points by follow-through.

    An unproved question must not cost the student anything.
    """
    for name in question.formulas:
        if name in unproved and report.score < report.points:
            reason = _(
                "it may follow from {name}, which is not graded: {reason}", name=name, reason=unproved[name]
            )
            return Report(report.question, report.title, report.points, (), ungraded=reason)
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


def _fill(cell: NotebookNode, report: Report, language: str) -> None:
    """Write score and feedback as a grade cell's outputs: one for nbgrader to read, one for people.

    A cell that is not graded gets no score, so that `read_scores` finds none.
    """
    points = float(cell.metadata.nbgrader["points"])
    if points != report.points:
        raise GraderError(
            _(
                "{question}: {points} points in the gradebook, but {in_file} in its question file; "
                "run `autograder build`",
                question=report.question,
                points=f"{points:g}",
                in_file=f"{report.points:g}",
            )
        )
    score = min(points, max(0.0, float(round(report.score, 4))))
    cell.metadata[NAMESPACE] = dict(cell_metadata(cell)) | {"report": to_dict(report)}
    _show(cell, render_report(report, language, for_staff=True), None if report.ungraded else score)


def _show(cell: NotebookNode, html: str, score: float | None) -> None:
    page = {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
    number = {
        "output_type": "execute_result", "data": {"text/plain": repr(score)}, "metadata": {}, "execution_count": 1,
    }  # fmt: skip
    cell.outputs = [nbformat.from_dict(output) for output in ([page] if score is None else [page, number])]
    cell.execution_count = 1


class RefreshFeedback(CoursePreprocessor):
    """Adds what the feedback page shows besides scores and comments, as far as the feedback setting allows today."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook unchanged, and the resources with what the exporter reads."""
        graded = resources["nbgrader"]
        assignment = self.course.assignment(graded["assignment"])
        if graded.get("db_url"):  # nbgrader's own command; a worker has no gradebook
            graded |= _in_gradebook(self.course, graded)
        metadata = [cell.metadata.nbgrader for cell in nb.cells if "nbgrader" in cell.metadata]
        cells = {cell.grade_id: cell for cell in metadata}
        tells = assignment.feedback_tells(datetime.now(UTC))
        handed_in = graded.get("handed_in")
        graded |= {
            "state": feedback.state_of(
                {name: (cell["score"], cell["points"]) for name, cell in cells.items() if "score" in cell},
                {name: cell.get("comment") for name, cell in cells.items()},
                graded.get("late_penalty"),
                graded.get("waiting", ()),
            ),
            "tells": tells,
            "solutions": feedback.worked_solutions(assignment.readable_questions)
            if tells == "solution"
            else {},
            "handed_in": datetime.fromisoformat(handed_in).astimezone(self.course.zone)
            if handed_in
            else None,
        }
        return nb, resources


def _in_gradebook(course: Course, graded: Mapping[str, Any]) -> dict[str, Any]:
    """Return when a submission was handed in, and which of its cells wait for a person."""
    with Gradebook(graded["db_url"]) as gradebook:
        notebook = gradebook.find_submission_notebook(
            graded["notebook"], graded["assignment"], graded["student"]
        )
        timestamp = notebook.assignment.timestamp
        return {
            "waiting": tuple(sorted(grade.name for grade in notebook.grades if is_waiting(grade))),
            "handed_in": "" if timestamp is None else timestamp.replace(tzinfo=UTC).isoformat(),
            "attempt": attempt_of(course, SubmissionId(graded["student"], graded["assignment"])),
        }
