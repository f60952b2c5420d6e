"""Build a release: stamp the sources, let nbgrader generate each edition, prove the result, swap it in.

Everything happens in a temporary course with a scratch gradebook. If the build is refused, `source/`, `release/` and
the gradebook are unchanged; the gradebook is written last.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.authoring.certificate import certify
from autograder.authoring.pool_changes import changed_numbers, unfilled_pools
from autograder.authoring.solved_notebooks import SolvedNotebook, run_solved
from autograder.authoring.verify import TRIVIAL, ProofResults, prove_all
from autograder.course import Course
from autograder.errors import AutograderError, CourseError, GraderError, QuestionError
from autograder.files import files_below, replace_all
from autograder.grading.versions import version_of
from autograder.i18n import _, language_name, ngettext
from autograder.nbgrader import converters
from autograder.nbgrader.registration import check_single_notebook, register, stamp_source
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.notebooks import images
from autograder.notebooks.cells import grade_id, is_test
from autograder.notebooks.essays import manual_cells
from autograder.notebooks.prompt_languages import missing_texts
from autograder.permissions import make_open
from autograder.questions.question import Question, total_points
from autograder.sandbox.fork_server import ForkServerPool
from autograder.text import Text, joined
from autograder.verification.proofs import proofs_of_grading
from autograder.verification.released import changed_since_proved, released_questions
from autograder.verification.sections import unknown_sections
from autograder.verification.trivial_answers import SHARE

OnProgress = Callable[[Text], None]


NOTHING_WRITTEN = _("nothing was written")


class BuildRefused(CourseError):
    """The release would violate a law; nothing was written."""

    def __init__(self, problems: Sequence[Text], *, what: Text = NOTHING_WRITTEN) -> None:
        self.problems = list(problems)
        title = ngettext("{what}, for {n} reason:", "{what}, for {n} reasons:", len(problems), what=what)
        super().__init__(joined("\n- ", [title, *problems]))


@dataclass
class BuildResult:
    """The result of a build."""

    assignments: list[str] = field(default_factory=list)
    questions: int = 0
    points: float = 0.0
    by_hand: dict[tuple[str, str], float] = field(default_factory=dict)
    """Points of each manually graded cell, by assignment and grade id."""
    tests: dict[tuple[str, str], float] = field(default_factory=dict)
    """Points of each test of nbgrader's own, by assignment and grade id."""
    changed: list[str] = field(default_factory=list)
    """Files of `source/` and `release/` that changed."""
    warnings: list[Text] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    """Questions whose answer bank is still too small."""
    certificate: Path | None = None


def build(
    course: Course,
    assignments: Sequence[str] = (),
    *,
    on_progress: OnProgress = lambda text: None,
    solutions: bool = True,
    check_only: bool = False,
    jobs: int = 1,
    force: bool = False,
) -> BuildResult:
    """Build the release of `assignments`, or of all, and certify it.

    on_progress: called with a short description of each step. solutions: whether to run and write the solved notebooks.
    check_only: write nothing but the certificate, and refuse if the release differs from what the sources build.
    jobs: number of proofs that run in parallel. force: also prove what was proved before and has not changed.
    Raises QuestionError for a mistake in a question file, BuildRefused if a law is violated or a cell raises.
    """
    chosen = [course.check_assignment(name) for name in assignments]
    chosen = chosen or [name for name in course.assignments if course.assignment(name).is_built]
    if not chosen:
        raise CourseError(
            _("the course has no questions yet; create one with `autograder new <assignment> <question>`")
        )
    on_progress(_("reading the question files"))
    refusal = _("the release does not hold") if check_only else NOTHING_WRITTEN
    if unreadable := [*_source_mistakes(course, chosen)]:
        _refuse([*unreadable, *_law_mistakes(course, chosen, on_progress)], refusal)
    questions = {name: course.assignment(name).questions for name in chosen}
    if unfilled := [*unfilled_pools(questions)]:
        raise BuildRefused(unfilled)
    built = BuildResult(chosen, sum(map(len, questions.values())))
    built.points = total_points(question.points for group in questions.values() for question in group)
    built.warnings = _version_warnings(course)
    with tempfile.TemporaryDirectory(prefix="build-") as temporary:
        root = Path(temporary)
        shutil.copy(course.root / CONFIG_FILE, root / CONFIG_FILE)
        converters.copy_gradebook(course, root / "gradebook.db")
        url = f"sqlite:///{root / 'gradebook.db'}"
        mistakes: list[AutograderError | Text] = []
        for name in chosen:
            on_progress(_("{assignment}: stamping the source notebook", assignment=name))
            try:
                stamp_source(course, root, name, questions[name])
                mistakes += _prose_mistakes(course, root, name, questions[name])
            except AutograderError as error:
                mistakes.append(error)
        _refuse(mistakes, refusal)
        for name in chosen:
            for language in course.languages:
                on_progress(
                    _(
                        "{assignment}: releasing the edition in {language}",
                        assignment=name,
                        language=language_name(language),
                    )
                )
                converters.generate_assignment(course, name, language, root=root, gradebook_url=url)
            released = nbformat.read(
                root / course.assignment(name).release(language).relative_to(course.root), as_version=4
            )
            built.by_hand |= {(name, cell): points for cell, points in manual_cells(released).items()}
            built.tests |= {
                (name, grade_id(cell)): float(cell.metadata.nbgrader.points)
                for cell in filter(is_test, released.cells)
            }
        proved = prove_all(course, root, questions, jobs=jobs, force=force, on_progress=on_progress)
        if proved.problems:  # a proof that failed has no figures to warn of
            raise BuildRefused(proved.problems, what=refusal)
        built.warnings += [
            _("could not search the release for answers of {name}: {error}", name=name, error=error)
            for name, error in proved.unsearched.items()
        ]
        built.warnings += [
            *_trivial_warnings(proved),
            *_follower_warnings(questions),
            *_slow_warnings(proved),
            *(
                warning
                for name in chosen
                for warning in changed_numbers(course.assignment(name), questions[name])
            ),
        ]
        built.drafts = proved.drafts
        built.changed = [*_changed_files(course.root, root, chosen, course.languages)]
        if check_only and built.changed:
            listed: list[Text] = [
                _("{path} is not what source/ and solutions/ build", path=path) for path in built.changed
            ]
            listed.append(_("run `autograder build` and commit what it writes"))
            raise BuildRefused(listed, what=_("the release is not current"))
        solved = [
            SolvedNotebook(course, root, name, language) for name in chosen for language in course.languages
        ]
        raised = run_solved(solved, url, on_progress, written=not check_only) if solutions else []
        if raised:
            raise BuildRefused(raised, what=refusal)
        if check_only:
            built.certificate = certify(course, questions, proved)
            return built
        _check_gradebook(course)
        on_progress(_("swapping the release in"))
        _swap(course, root, chosen)
        for name in chosen:
            register(course.assignment(name))
        built.certificate = certify(course, questions, proved)
        for notebook in solved:
            notebook.write()
    return built


def _source_mistakes(course: Course, assignments: Sequence[str]) -> Iterator[AutograderError]:
    """Yield what is wrong with question files, and each notebook too many."""
    for name in assignments:
        assignment = course.assignment(name)
        try:
            check_single_notebook(assignment)
        except AutograderError as error:
            yield error
        for mistake in assignment.unreadable_questions.values():
            yield from (mistake, *mistake.more)


def _law_mistakes(course: Course, assignments: Sequence[str], on_progress: OnProgress) -> list[Text]:
    """Return which laws of grading are violated by the readable questions that have changed since they were proved.

    They are listed with the mistakes of unreadable files. Without a seal on this machine, no question is proved.
    """
    problems: list[Text] = []
    with contextlib.suppress(GraderError), ForkServerPool() as pool:
        for name in assignments:
            assignment = course.assignment(name)
            unproved = {question.id for question in changed_since_proved(assignment)}
            proved = {question.id for question in released_questions(assignment)} - unproved
            changed = [question for question in assignment.readable_questions if question.id not in proved]
            for _question, proof in proofs_of_grading(assignment, changed, pool, on_progress):
                problems += proof.problems
    return problems


def _refuse(mistakes: Iterable[AutograderError | Text], what: Text) -> None:
    """Raise a single error as it is, else BuildRefused with all mistakes. A file that others follow is named once."""
    different = {mistake if isinstance(mistake, Text) else mistake.message: mistake for mistake in mistakes}
    if not different:
        return
    first = next(iter(different.values()))
    if len(different) > 1 or isinstance(first, Text):
        raise BuildRefused([*different], what=what)
    raise QuestionError(*first.arguments) if isinstance(first, QuestionError) else first


def _prose_mistakes(course: Course, root: Path, name: str, questions: Sequence[Question]) -> Iterator[Text]:
    """Yield pictures that cannot be shown, missing titles and prompts, and sections to read again that do not exist."""
    path = course.assignment(name).source.relative_to(course.root)
    notebook = nbformat.read(root / path, as_version=4)
    for mistake in (
        *images.mistakes(notebook, course.pictures),
        *missing_texts(notebook.cells, course.languages),
    ):
        yield joined(": ", [Text.same(path), mistake])
    for question in questions:
        for violation in unknown_sections(question, notebook.cells, course.languages):
            yield violation.text


def _check_gradebook(course: Course) -> None:
    """Raise SQLite's error if the real gradebook is not writable, before anything is written."""
    path = course.root / "gradebook.db"
    if course.gradebook_url == f"sqlite:///{path}" and path.exists():
        with contextlib.closing(sqlite3.connect(path)) as gradebook:
            gradebook.execute("BEGIN IMMEDIATE")
            gradebook.rollback()


def _version_warnings(course: Course) -> list[Text]:
    return [
        _(
            "graded_with requires {package} {version}, but {installed} is installed; to grade with that version, "
            "change c.CourseSettings.graded_with in {file}",
            package=package,
            version=version,
            installed=version_of(package) or _("none"),
            file=CONFIG_FILE,
        )
        for package, version in course.settings.graded_with.items()
        if not version_of(package).startswith(version)
    ]


def _trivial_warnings(proved: ProofResults) -> Iterator[Text]:
    """Yield the assignments in which trivial functions, and what follows from them, earn too much."""
    for (assignment, _question, kind), figures in proved.figures.items():
        if kind == TRIVIAL and figures["points"] > SHARE * figures["of"]:
            yield _(
                "{assignment}: functions that return {answer}, and answers that follow from them, earn {points:g} of "
                "{all:g} points; mark the misconception that they show with trivial=True, or ask more with enough=",
                assignment=assignment,
                answer=Text(**figures["answer"]),
                points=figures["points"],
                all=figures["of"],
            )


def _slow_warnings(proved: ProofResults) -> Iterator[Text]:
    """Yield the questions whose reference is slow."""
    for (_assignment, question, kind), figures in proved.figures.items():
        if kind == "laws" and "slow" in figures:
            yield _(
                "{question}: its cases and its reference take {seconds:g} s for one draw of hidden inputs, which every "
                "submission costs; draw fewer or smaller cases, or make the reference faster",
                question=question,
                seconds=figures["slow"],
            )


def _follower_warnings(questions: Mapping[str, Sequence[Question]]) -> Iterator[Text]:
    """Yield once which questions follow functions of which neither a formula nor the author can say enough."""
    undeclared = [
        question.id
        for group in questions.values()
        for question in group
        if question.followed is not None
        and question.followed.enough is None
        and not all(followed.terms for followed in question.followed.questions.values())
    ]
    if undeclared:
        yield _(
            "{questions}: what follows from a wrong answer is carried over only if a misconception explains all its "
            "values; declare with enough= what else keeps the question as hard",
            questions=", ".join(undeclared),
        )


def _built_folders(assignments: Sequence[str], languages: Sequence[str]) -> Iterator[Path]:
    for name in assignments:
        yield Path("source") / name
        for language in languages:
            yield Path("release") / language / name


def _changed_files(
    here: Path, built: Path, assignments: Sequence[str], languages: Sequence[str]
) -> Iterator[str]:
    for folder in _built_folders(assignments, languages):
        old, new = files_below(here / folder), files_below(built / folder)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield str(folder / name)


def _swap(course: Course, root: Path, assignments: Sequence[str]) -> None:
    """Replace the old files by the built ones; a concurrent reader finds each file, old or new."""
    new_files: dict[Path, Path] = {}
    removed: list[Path] = []
    for folder in _built_folders(assignments, course.languages):
        old, new = files_below(course.root / folder), files_below(root / folder)
        new_files |= {
            course.root / folder / name: root / folder / name
            for name, content in new.items()
            if old.get(name) != content
        }
        removed += [course.root / folder / name for name in old.keys() - new.keys()]
    for path in new_files:
        if path.is_relative_to(course.root / "release"):
            make_open(path.parent)
    replace_all(new_files)
    for path in removed:
        path.unlink()
        with contextlib.suppress(OSError):  # the folder is not empty
            path.parent.rmdir()
