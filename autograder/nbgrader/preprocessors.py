"""Our part of nbgrader's pipeline: the classes that `nbgrader_config.py` names.

nbgrader changes into the course's folder before it converts, so the course is the current folder.
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

from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.grading import feedback
from autograder.grading.budget import Budget
from autograder.grading.fingerprint import Fingerprints
from autograder.grading.hidden_inputs import key_of
from autograder.grading.notebook_grader import add_notes, grade_notebook, profile_of, refused
from autograder.grading.public_outputs import PublicOutputs
from autograder.grading.question_grader import Report
from autograder.nbgrader.gradebook import known_ids, ungraded_on_error
from autograder.notebooks import images
from autograder.notebooks.stamp import KERNELSPEC, NAMESPACE, cell_metadata, graded_by, missing_questions
from autograder.questions.question import Question
from autograder.questions.variants import Owner
from autograder.roster import Roster, Unmatched, groups_of, members_by_student
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.settings import NO_KERNEL
from autograder.submissions import rebuild
from autograder.text import Text
from autograder.verification.proofs import check_proved

Resources = dict[str, Any]
BUDGET = Budget()


class Edition(NbGraderPreprocessor):  # type: ignore[misc]
    """Keeps the cells of one language, with their pictures; the edition stands in the notebook's metadata."""

    language = Unicode("", help="Language of the edition; the course's first where empty.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook of one edition, without our stamps."""
        course = Course.open(Path.cwd())
        language = self.language or course.languages[0]
        nb.cells = [cell for cell in nb.cells if cell_metadata(cell).get("lang", language) == language]
        for cell in nb.cells:
            mine = cell.metadata.get(NAMESPACE)
            if mine is not None:
                mine.pop("stamp", None)
        mistakes = [*images.mistakes(nb, course.pictures)]
        if mistakes:
            raise CourseError("; ".join(mistakes))
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
    """nbgrader's `SaveCells`, with a kernel for the gradebook that does not exist: see `NO_KERNEL`."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        super()._create_notebook(nb)
        notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        notebook.kernelspec = json.dumps(dict(KERNELSPEC) | {"name": NO_KERNEL})
        self.gradebook.db.commit()


class CoursePreprocessor(NbGraderPreprocessor):  # type: ignore[misc]
    """A preprocessor that needs the course, which it opens once."""

    unproved: Mapping[str, str] | None = None
    """Why single questions must not grade, where that was found out already."""

    @cached_property
    def course(self) -> Course:
        """The course in the current folder."""
        return Course.open(Path.cwd())


class Rebuild(CoursePreprocessor):
    """Puts the student's answers and own cells into the released notebook of the edition handed in."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The rebuilt notebook; how each answer was found stands in its metadata."""
        with ungraded_on_error(resources["nbgrader"]):
            return self._rebuilt(nb, resources["nbgrader"]["assignment"]), resources

    def _rebuilt(self, nb: NotebookNode, assignment: str) -> NotebookNode:
        course = self.course
        language = rebuild.edition_of(nb, course.languages[0])
        path = course.release(assignment, language)
        if not path.exists():
            path = course.release(assignment, course.languages[0])
        try:
            release = self._releases[path] if path in self._releases else nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            raise GraderError(f"no release to grade from at {path}: run `autograder build`") from error
        self._releases[path] = release
        if self.unproved is None:  # nbgrader's own command proves nothing
            questions = course.questions(assignment)
            check_proved(course, assignment)
        else:
            questions = course.readable_questions(assignment)
        known = {*(self.unproved or {}), *(question.id for question in questions)}
        missing = missing_questions(release, known, course.root / "solutions" / assignment)
        for reason in missing.values():
            raise GraderError(reason)
        told = nb.metadata.get(NAMESPACE, {})
        elsewhere = {name: Text(**note) for name, note in told.get("elsewhere", {}).items()}
        submission = rebuild.rebuild(nb, release, elsewhere=elsewhere)
        submission.notebook.metadata[NAMESPACE] = {
            "edition": release.metadata.get(NAMESPACE, {}).get("edition", language),
            "submitted": told.get("submitted", ""),
            "refused": told.get("refused"),
            "found": dict(submission.found),
            "notes": {name: note.to_dict() for name, note in submission.notes.items()},
            "elsewhere": told.get("elsewhere", {}),
        }
        return submission.notebook

    @cached_property
    def _releases(self) -> dict[Path, NotebookNode]:
        return {}


class Grade(CoursePreprocessor):
    """In the place of `Execute`: runs the student's cells in a session, judges the answers outside it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with one finite number and the feedback in each grade cell.

        Raises GraderError where the fault is ours; the submission is then marked as not graded.
        """
        found = resources["nbgrader"]
        with ungraded_on_error(found):
            with Gradebook(found["db_url"]) as gradebook:
                known = known_ids(self.course, gradebook)
            written = BUDGET.apart(
                self._forked(nb, found["assignment"], found["student"], known),
                BUDGET.judging_seconds(self.course.limits),
            )
            return nbformat.reads(written, as_version=4), resources

    def _forked(
        self, nb: NotebookNode, assignment: str, student: str, known: Mapping[str, str]
    ) -> Callable[[], str]:
        """What grades a notebook in a fork of this process, by kernels of the warm parents that stay in this one."""
        parents = ForkServerPool.instance()
        parents.hide(self.course.root)
        parents.train(self.course.settings.fit)
        profile = profile_of(self.course.readable_questions(assignment))
        parents.get(KERNEL_PROFILES[profile], self.course.settings.seal)
        sources = parents.revive()

        def graded() -> str:
            parents.sources = sources
            self.grade(nb, assignment, student, known)
            return str(nbformat.writes(nb))

        return graded

    def grade(
        self,
        nb: NotebookNode,
        assignment: str,
        student: str,
        known: Mapping[str, str],
        *,
        owner: Owner | None = None,
        watched: str = "",
    ) -> dict[str, Report]:
        """Grade a rebuilt notebook and fill its grade cells; no gradebook is touched.

        student: who handed it in. known: all students by their plain ids. owner: who handed it in, where that is known
        otherwise than by an id. watched: the question whose report is to hold what was asked. The questions of
        `unproved` get no score. Raises GraderError where the fault is ours.
        """
        mine = nb.metadata[NAMESPACE]
        mine["record"] = self._records.of(assignment)
        unproved = self.unproved or {}
        readable = self.course.readable_questions(assignment)
        there = {graded_by(cell) for cell in nb.cells} - set(unproved)
        questions = [question for question in readable if question.id in there]  # others were never released
        if mine.get("refused"):
            reports = refused(questions, Text(**mine["refused"]))
        else:
            owner = owner or owner_of(self.course, self._roster, assignment, student, known)
            ForkServerPool.instance().hide(self.course.root)
            ForkServerPool.instance().train(self.course.settings.fit)
            reports = grade_notebook(
                nb,
                questions,
                seed=key_of(self.course, assignment).seed(nb),
                data_folder=self.course.release(assignment, mine["edition"]).parent,
                profile=profile_of(readable),
                limits=self.course.limits,
                need=self.course.settings.seal,
                owner=replace(owner, strict=self.course.settings.own_numbers == "strict"),
                watched=watched,
                usual=partial(self._usual.shown, assignment, mine["edition"], profile_of(readable)),
            )
            for notes in (mine["notes"], mine["elsewhere"]):
                reports = add_notes(reports, {name: Text(**note) for name, note in notes.items()})
        titles = {question.id: question.title for question in readable}
        for cell in nb.cells:
            name = graded_by(cell)
            if name in unproved:
                points = float(cell.metadata.nbgrader.get("points", 0))
                reports[name] = Report(
                    name, titles.get(name, Text(name, name)), points, (), ungraded=unproved[name]
                )
        for question in questions:
            reports[question.id] = _as_far_as_proved(question, reports[question.id], unproved)
        for cell in nb.cells:
            name = graded_by(cell)
            if name in reports:
                _fill(cell, reports[name], mine["edition"])
        return reports

    @cached_property
    def _usual(self) -> PublicOutputs:
        return PublicOutputs(self.course)

    @cached_property
    def _roster(self) -> Roster:
        return Roster.of(self.course)

    @cached_property
    def _records(self) -> Fingerprints:
        return Fingerprints(self.course)


def _as_far_as_proved(question: Question, report: Report, unproved: Mapping[str, str]) -> Report:
    """The report, without a score where one that it could follow from has none: it may cost the student nothing."""
    for name in question.formulas:
        if name in unproved and report.score < report.points:
            reason = f"it may follow from {name}, which is not graded: {unproved[name]}"
            return Report(report.question, report.title, report.points, (), ungraded=reason)
    return report


def owner_of(
    course: Course, roster: Roster, assignment: str, student: str, known: Mapping[str, str]
) -> Owner:
    """Who handed in. Raises GraderError where there is a roster and nobody in it has the id."""
    groups = members_by_student(groups_of(course, assignment))
    if not roster:
        return Owner(course.id, student, known, groups.get(student, ()))
    person = roster.find_any(student)
    if isinstance(person, Unmatched):
        raise GraderError(f"{person}; mend {roster.path}, or rename its folder in {course.submitted}")
    return Owner(course.id, person.student_id, known, groups.get(person.student_id, ()))


def _fill(cell: NotebookNode, report: Report, language: str) -> None:
    """Score and feedback as a grade cell's outputs: what nbgrader reads, and what people read.

    One that is not graded has no score: `read_off` takes none off it.
    """
    points = float(cell.metadata.nbgrader["points"])
    if points != report.points:
        raise GraderError(
            f"{report.question}: the gradebook says {points:g} points, its question file {report.points:g}; "
            "run `autograder build`"
        )
    score = min(points, max(0.0, float(round(report.score, 4))))
    cell.metadata[NAMESPACE] = dict(cell_metadata(cell)) | {"report": feedback.to_dict(report)}
    _show(cell, feedback.as_html(report, language), None if report.ungraded else score)


def _show(cell: NotebookNode, html: str, score: float | None) -> None:
    page = {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
    number = {
        "output_type": "execute_result", "data": {"text/plain": repr(score)}, "metadata": {}, "execution_count": 1,
    }  # fmt: skip
    cell.outputs = [nbformat.from_dict(output) for output in ([page] if score is None else [page, number])]
    cell.execution_count = 1


class RefreshFeedback(CoursePreprocessor):
    """Renders the kept reports anew: as much as the assignment's setting lets feedback tell today."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook whose grade cells tell what may be told."""
        course, assignment = self.course, resources["nbgrader"]["assignment"]
        told = [cell.metadata.nbgrader for cell in nb.cells if "nbgrader" in cell.metadata]
        cells = {cell.grade_id: cell for cell in told}
        resources["nbgrader"]["state"] = feedback.state_of(
            {name: (cell["score"], cell["points"]) for name, cell in cells.items() if "score" in cell},
            {name: cell.get("comment") for name, cell in cells.items()},
            resources["nbgrader"].get("late_penalty"),
        )
        tells = course.feedback_tells(assignment, datetime.now(UTC))
        solutions = feedback.worked(course.readable_questions(assignment)) if tells == "solution" else {}
        language = nb.metadata.get(NAMESPACE, {}).get("edition", course.languages[0])
        for cell in nb.cells:
            kept = cell_metadata(cell).get("report")
            if kept is not None:
                report = feedback.from_dict(kept)
                solution = solutions.get(report.question, "")
                html = feedback.as_html(report, language, tells=tells, solution=solution)
                _show(cell, html, None if report.ungraded else float(round(report.score, 4)))
                cell.metadata[NAMESPACE] = {}
        return nb, resources
