"""Our part of nbgrader's pipeline: the classes that `nbgrader_config.py` names.

nbgrader changes into the course's folder before it converts, so the course is the current folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.api
import nh3
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.exporters.html import contextfilter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from nbgrader import preprocessors
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode
from traitlets.log import get_logger

from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.grading import feedback
from autograder.grading.budget import Budget
from autograder.grading.fingerprint import Fingerprints
from autograder.grading.hidden_inputs import key_of, prepare
from autograder.grading.notebook_grader import add_notes, grade_notebook, profile_of, refused
from autograder.grading.public_outputs import PublicOutputs
from autograder.grading.question_grader import Report
from autograder.notebooks import images
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    KERNELSPEC,
    NAMESPACE,
    cell_metadata,
    graded_by,
    missing_questions,
)
from autograder.notebooks.markdown import ACTIVE_TEX
from autograder.permissions import make_closed
from autograder.questions.question import Question
from autograder.questions.variants import Owner, plain_id
from autograder.roster import Roster, Unmatched, groups_of, members_by_student
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.settings import NO_KERNEL, check_hooks
from autograder.submissions import rebuild, selection
from autograder.submissions.parse import edition_of
from autograder.submissions.safe_read import set_aside
from autograder.text import Text
from autograder.verification.proofs import check_proved

Resources = dict[str, Any]
BUDGET = Budget()


def put_environment_on_path() -> None:
    """nbgrader calls `alembic` by name: let it be found though the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


@lru_cache
def newest_schema() -> str:
    """Return the revision of the newest gradebook, as `alembic heads` prints it.

    nbgrader starts `alembic` as a process for it whenever it makes a gradebook, which takes two seconds.
    """
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


# nbgrader imports this module before it opens a gradebook, whichever of its commands runs
put_environment_on_path()
nbgrader.api.get_alembic_version = newest_schema


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


def refuse_other_stages(converter: Any) -> None:
    """Stop one of nbgrader's commands whose settings lack a stage of ours. Raises NbGraderException.

    It sees the command's own settings, with what was given on its command line.
    """
    try:
        check_hooks(converter.config, "the configuration of nbgrader")
    except CourseError as error:
        converter.log.error(str(error))
        raise NbGraderException(str(error)) from error


class SubmissionReader(NotebookExporter):  # type: ignore[misc]
    """Reads the notebook of a submission that counts; where none can be read, an empty one with the reason."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        refuse_other_stages(self)
        if isinstance(self.parent, Autograde):
            self.parent.run_pre_convert_hook = partial(prepare_or_stop, self.parent)

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Convert the notebook that counts in the file's folder, or nbgrader's own in `autograded`."""
        path = Path(filename).absolute()
        course = Course.open(Path.cwd())
        if path.is_relative_to(course.autograded):  # nbgrader reads what we rebuilt
            notebook = nbformat.read(path, as_version=4)
        else:
            files = selection.read_files(path.parent, course.languages, below=course.submitted)
            files = files or (selection.read_file(path, below=course.submitted),)
            with no_score_where_it_fails((resources or {}).get("nbgrader", {})):
                notebook = submitted_notebook(files, course.release(path.parent.name, course.languages[0]))
        output: tuple[str, Resources] = self.from_notebook_node(notebook, resources=resources, **kw)
        return output


def submitted_notebook(files: Sequence[selection.File], release: Path) -> NotebookNode:
    """The notebook that counts in a submission, or an empty one with the reason why none can be read.

    release: the released notebook of any edition. Raises GraderError where it is needed and not there.
    """
    try:
        counted = selection.select_notebook(files, release)
    except (OSError, ValueError) as error:
        raise GraderError(f"no release to grade from at {release}: run `autograder build`") from error
    mine = counted.notebook.metadata.setdefault(NAMESPACE, {})
    mine["submitted"] = selection.digest(files)
    if counted.refused is not None:
        mine["refused"] = counted.refused.to_dict()
    mine["elsewhere"] = {name: note.to_dict() for name, note in counted.elsewhere.items()}
    return counted.notebook


class Unprepared(SystemExit):
    """A submission that must not be converted.

    It is no `Exception`, since nbgrader only logs what its hook raises, and would go on and follow the links.
    """


def prepare_or_stop(converter: Autograde) -> None:
    """What nbgrader does before it converts a submission, but that a fault in it stops that student: see `Unprepared`.

    Raises GraderError, before anything is written: nbgrader tells of it at its end, and goes on with the others.
    """
    try:
        type(converter).run_pre_convert_hook(converter)
    except Unprepared as error:
        raise GraderError(str(error)) from error


def prepare_submission(assignment: str, student: str, notebooks: list[str]) -> None:
    """Before nbgrader grades a submission: move away what is no regular file, and name the notebook it looks for.

    nbgrader would follow a link to any file of this machine, and wait for ever on a pipe. It would skip notebooks
    of other names than the assignment's, and `SubmissionReader` finds the one that counts under that name. Called by
    nbgrader as its `pre_convert_hook`, from the course's folder; what is added to `notebooks` is graded.

    What cannot be moved away raises Unprepared, of which `prepare_or_stop` makes a fault of that student's alone. The
    whole command ends, before any score is touched, where the secret of the course is lost. What formgrader grades is
    written with Jupyter's umask: the folders for it are closed here.
    """
    try:
        course = Course.open(Path.cwd())
        prepare(course)
        make_closed(course.autograded)
        make_closed(course.feedback)
    except Exception as error:
        get_logger().error("nothing can be graded: %s", error)
        raise SystemExit(1) from error
    try:
        for folder in {Path(notebook).absolute().parent for notebook in notebooks}:
            if folder.is_relative_to(course.submitted):
                parts = folder.relative_to(course.submitted).parts
                for path in set_aside(course.submitted, parts, course.root / "build" / "refused"):
                    get_logger().warning(
                        "%s of %s: not a plain file, or too much data; moved to %s", assignment, student, path
                    )
    except Exception as error:
        raise Unprepared(f"the submission cannot be prepared for grading: {error}") from error
    expected = {
        str(Path(notebook).with_name(f"{Path(notebook).parent.name}.ipynb")) for notebook in notebooks
    }
    notebooks.extend(expected - set(notebooks))


class OfTheCourse(NbGraderPreprocessor):  # type: ignore[misc]
    """A preprocessor that needs the course, which it opens once."""

    unproved: Mapping[str, str] | None = None
    """Why single questions must not grade, where that was found out already."""

    @cached_property
    def course(self) -> Course:
        """The course in the current folder."""
        return Course.open(Path.cwd())


class Rebuild(OfTheCourse):
    """Puts the student's answers and own cells into the released notebook of the edition handed in."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The rebuilt notebook; how each answer was found stands in its metadata."""
        with no_score_where_it_fails(resources["nbgrader"]):
            return self._rebuilt(nb, resources["nbgrader"]["assignment"]), resources

    def _rebuilt(self, nb: NotebookNode, assignment: str) -> NotebookNode:
        course = self.course
        language = edition_of(nb, course.languages[0])
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
            "found": dict(submission.found_by),
            "notes": {name: note.to_dict() for name, note in submission.notes.items()},
            "elsewhere": told.get("elsewhere", {}),
        }
        return submission.notebook

    @cached_property
    def _releases(self) -> dict[Path, NotebookNode]:
        return {}


class Grade(OfTheCourse):
    """In the place of `Execute`: runs the student's cells in a session, judges the answers outside it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with one finite number and the feedback in each grade cell.

        Raises GraderError where the fault is ours; the submission is then marked as not graded.
        """
        found = resources["nbgrader"]
        with no_score_where_it_fails(found):
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


def known_ids(course: Course, gradebook: Gradebook) -> dict[str, str]:
    """The students of the roster, of the gradebook, and those who handed in, by each of their plain ids."""
    folder = course.submitted
    listed = [(path.name, path.name) for path in folder.iterdir()] if folder.is_dir() else []
    for student in gradebook.students:
        listed += [(name, student.id) for name in (student.lms_user_id, student.id) if name]
    for person in Roster.of(course).people:
        names = (person.student_id, person.student_number, person.hub_user, person.email)
        listed += [(name, person.student_id) for name in names if name]
    return {plain_id(name): student for name, student in listed}


def mark_ungraded(gradebook: Gradebook, student: str, assignment: str) -> None:
    """Take back the automatic scores of a submission: what we could not grade has none."""
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            if grade.cell.name.endswith(GRADE_SUFFIX):
                grade.auto_score = None
    gradebook.db.commit()


@contextlib.contextmanager
def no_score_where_it_fails(found: Mapping[str, str]) -> Iterator[None]:
    """Take back a submission's scores where the block raises: nbgrader writes 0 before it grades an odd file name.

    found: what nbgrader's resources say of the submission; without a `db_url` no gradebook is touched.
    """
    try:
        yield
    except Exception:
        if found.get("db_url"):
            with Gradebook(found["db_url"]) as gradebook:
                mark_ungraded(gradebook, found["student"], found["assignment"])
        raise


class TellFeedback(OfTheCourse):
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


DRAWN = Text(ko="노트북이 그린 그림", en="a picture drawn by the notebook")
ELSEWHERE = Text(ko="[다른 곳의 그림: {words} {address}]", en="[picture from elsewhere: {words} {address}]")
BY_STUDENT = Text(ko="학생이 쓴 글", en="Written by the student")
BY_STUDENT_STYLE = "border-left: 4px solid #8a6d3b; padding-left: 1em"


PRETTY_TEXT, PRETTY_SECONDS, REMEMBERED = 10_000, 15.0, 500
ATTACHED = re.compile(r"(!\[[^\]]*\])\(\s*<?attachment:[^)]*\)")
PICTURE_STYLE = "max-width: min(100%, 700px)"
PICTURE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
FORMULAS = re.compile(r'<script src="[^"]*/mathjax/[^"]*">')
# nbconvert's loader asks a service for whatever version is the newest. What the script loads in turn is of its version,
# and has no checksum: MathJax 2 asks for none
MATHJAX = (
    '<script src="https://cdn.jsdelivr.net/npm/mathjax@2.7.7/MathJax.js?config=TeX-AMS_CHTML-full,Safe" '
    'integrity="sha512-Fv0JVzxvrWFLhiUP8wZYR6VwBZQt0XqB9MhHZE+12lObqIDzg3LOJcCCiRy6g4MCX/MlG+R9IRCWZAHjo9iBgw==" '
    'crossorigin="anonymous">'
)


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """nbgrader's feedback page, with everything that came as markdown cleaned before a browser sees it.

    nbgrader's template renders markdown itself and ignores `sanitize_html`.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        refuse_other_stages(self)

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """The page. nbconvert would parse it once more for alternative texts, which takes as long as all the rest."""
        language = nb.metadata.get(NAMESPACE, {}).get("edition", "en")
        self._until, self._language = time.monotonic() + PRETTY_SECONDS, language
        self.register_filter("highlight_code", self.highlight)
        self.register_filter("filter_data_type", WidgetsDataTypeFilter({}, parent=self, resources=resources))
        html, resources = super(HTMLExporter, self).from_notebook_node(
            nb, self._init_resources(resources), **kw
        )
        html = html.replace('<img src="data:', f'<img alt="{DRAWN.in_language(language)}" src="data:')
        html = FORMULAS.sub(MATHJAX, html, count=1)
        return feedback.with_state(html, resources["nbgrader"].get("state", "")), resources

    def _is_plain(self, source: str) -> bool:
        """Whether a text is shown as it is: highlighters take minutes for some that students may write."""
        return len(source) > PRETTY_TEXT or time.monotonic() > self._until

    def highlight(self, source: str, **given: Any) -> str:
        """Code as HTML, in colours where that is quick."""
        if self._is_plain(source):
            return f'<div class="highlight"><pre>{escape(source)}</pre></div>'
        return self._highlighted(source)

    @cached_property
    def _highlighted(self) -> Callable[[str], str]:
        """Most cells of a class are the release's: they are highlighted once."""
        in_colours = Highlight2HTML(pygments_lexer="ipython3", parent=self)
        return lru_cache(REMEMBERED)(lambda source: str(in_colours(source)))

    @contextfilter  # type: ignore[untyped-decorator]
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML in which nothing runs or is fetched, and that tells what is the student's own.

        The release's pictures are in it, of a pasted one the name, of one from elsewhere the address.
        """
        cell = context.get("cell", {})
        if self._is_plain(source):
            html = f"<pre>{escape(source)}</pre>"
        else:
            shown = images.released_images(cell)
            html = self._prose(source, tuple(shown), self._language)
            for name, data in shown.items():
                html = html.replace(
                    f'<img src="attachment/{name}"',
                    f'<img style="{PICTURE_STYLE}" src="data:{images.PNG};base64,{data}"',
                )
        if not cell_metadata(cell).get("own") or cell_metadata(cell).get("ours"):
            return html
        label = BY_STUDENT.in_language(self._language)
        return f'<div class="by-student" style="{BY_STUDENT_STYLE}"><p><small>{label}</small></p>{html}</div>'

    @cached_property
    def _prose(self) -> Callable[[str, tuple[str, ...], str], str]:
        """What markdown becomes, with the places of pictures in it: most cells of a class are the release's."""
        return lru_cache(REMEMBERED)(self._rendered)

    def _rendered(self, source: str, names: tuple[str, ...], language: str) -> str:
        def without_elsewhere(found: re.Match[str]) -> str:
            told = {name: unescape(value) for name, value in re.findall(r' ([\w-]+)="([^"]*)"', found[1])}
            address = told.get("src", "")
            if address in {f"attachment/{name}" for name in names}:
                return found[0]
            text = ELSEWHERE.in_language(language).format(words=told.get("alt", ""), address=address)
            return f"<span>{escape(text)}</span>"

        for name in names:
            source = source.replace(f"](attachment:{name})", f"](attachment/{name})")
        source = ATTACHED.sub(r"\1", ACTIVE_TEX.sub(r"\1", source))
        try:
            html = super().markdown2html({}, source)
        except Exception:  # whatever a student writes, there is a page
            html = f"<pre>{escape(source)}</pre>"
        clean = nh3.clean(html, url_schemes={"http", "https", "mailto"})
        return PICTURE.sub(without_elsewhere, clean)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's filters, but for those of markdown."""
        yield from super().default_filters()
        yield "markdown2html", self.markdown2html
        # of notebooks older than Jupyter; its pattern takes minutes for some texts
        yield "strip_files_prefix", lambda html: html
