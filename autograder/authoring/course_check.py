"""Check a course for `autograder doctor`, without starting a kernel."""

from __future__ import annotations

import ast
import contextlib
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.nbgrader.registration import check_single_notebook, stamp_source
from autograder.nbgrader.tested_assignment import TestedAssignment
from autograder.nbgrader.totals import above_maximum, totals_of
from autograder.notebooks.cells import cell_metadata, grade_id, read_notebook
from autograder.questions.question import Question
from autograder.questions.variants import pools_of
from autograder.reports.finding import Finding
from autograder.roster import Roster, groups_of, misspelled
from autograder.sandbox.importable import is_importable
from autograder.sandbox.profiles import KERNEL_PROFILES
from autograder.submissions.statements import statements_of
from autograder.suggestions import unknown
from autograder.text import Text, joined, some_of
from autograder.verification.released import changed_since_proved

LINK = re.compile(r"\]\([^)]*")


def check_course(course: Course, on_progress: Callable[[str], None] = lambda text: None) -> Iterator[Finding]:
    """Yield the findings about a course whose settings are valid.

    on_progress: called with the name of each part that is looked at.
    """
    for name in course.assignments:
        on_progress(name)
        assignment = course.assignment(name)
        if assignment.has_questions:
            yield from _assignment(assignment)
        if assignment.has_tests:
            yield from _tests(course, name)
    on_progress(course.settings.roster)
    roster, finding = _roster(course)
    yield finding
    yield from _named_students(course)
    on_progress(course.submitted.name)
    yield from _submissions(course, roster)


def _tests(course: Course, name: str) -> Iterator[Finding]:
    """Yield what is known of nbgrader's own tests in an assignment."""
    assignment = TestedAssignment(course, name)
    with contextlib.suppress(CourseError):  # said of the notebook
        if missing := assignment.missing_imports():
            message = _(
                "kernels cannot import {modules}; run `autograder build {name}`",
                modules=", ".join(missing),
                name=name,
            )
            yield Finding(_("{assignment}: modules", assignment=name), False, message)
    for notebook in assignment.notebooks:
        place = Text.same(f"{name}/{notebook}")
        try:
            proof = assignment.known_proof(notebook, assignment.plan(notebook))
        except CourseError as error:
            yield Finding(place, False, error.message)
            continue
        if proof is None:
            message = _("its tests are not proved as they are; run `autograder build {name}`", name=name)
            yield Finding(place, False, message)
            continue
        number = len(proof.plan.tests)
        text: Text = ngettext("{n} test", "{n} tests", number)
        if proof.together:
            listed = some_of(sorted(proof.together))
            text = joined(
                "; ", [text, _("run among the student's code, which may forge them: {tests}", tests=listed)]
            )
        if proof.failing:
            listed = some_of(sorted(proof.failing))
            text = joined("; ", [text, _("failed by the author's solution: {tests}", tests=listed)])
        yield Finding(place, not proof.failing, text)


def _assignment(assignment: Assignment) -> Iterator[Finding]:
    broken = assignment.unreadable_questions
    for name, error in broken.items():
        yield Finding(Text.same(f"{assignment.name}: {name}"), False, error.message)
    if broken:
        return
    questions = assignment.questions
    if not assignment.is_built:
        yield _questions(assignment, questions)
    elif any(path.exists() for path in assignment.releases):
        yield _questions(assignment, questions)
        yield _release(assignment, questions)
        yield from _missing_modules(assignment)
    else:
        message = _("not built yet; run `autograder build {assignment}`", assignment=assignment.name)
        yield Finding(_("{assignment}: release", assignment=assignment.name), False, message)
    for name, pool in pools_of(questions).items():
        text = ngettext("{n} variant", "{n} variants", len(pool.variants))
        yield Finding(_("{assignment}: pool {name}", assignment=assignment.name, name=name), True, text)
    for question in questions:
        if isinstance(question.numbers, str) and question.pool is not None and not question.pool.variants:
            yield Finding(
                _("{assignment}: pool {name}", assignment=assignment.name, name=question.pool.name),
                False,
                _(
                    "no variants: every student gets the public numbers; run `autograder pool {assignment} {pool}`",
                    assignment=assignment.name,
                    pool=question.pool.name,
                ),
            )


def _questions(assignment: Assignment, questions: Sequence[Question]) -> Finding:
    name = _("{assignment}: questions", assignment=assignment.name)
    changed = [question.id for question in changed_since_proved(assignment)]
    if changed:
        message = _(
            "changed since they were proved: {questions}; run `autograder build {assignment}`",
            questions=", ".join(changed),
            assignment=assignment.name,
        )
        return Finding(name, False, message)
    points = sum(question.points for question in questions)
    return Finding(
        name, True, _("{number}, proved, {points} points", number=len(questions), points=format(points, "g"))
    )


def _release(assignment: Assignment, questions: Sequence[Question]) -> Finding:
    name = _("{assignment}: release", assignment=assignment.name)
    languages = assignment.course.languages
    try:
        check_single_notebook(assignment)
        stamped = _stamped(assignment, questions)
        stale = [
            language
            for language in languages
            if not (path := assignment.release(language)).is_file()
            or _shown(stamped, language) != _shown(read_notebook(path), language)
        ]
    except CourseError as error:
        return Finding(name, False, error.message)
    if stale:
        message = _(
            "not what source/ and solutions/ build ({languages}); run `autograder build {assignment}`",
            languages=", ".join(stale),
            assignment=assignment.name,
        )
        return Finding(name, False, message)
    return Finding(name, True, _("current, {languages}", languages=", ".join(languages)))


def _missing_modules(assignment: Assignment) -> Iterator[Finding]:
    """Yield what the release imports and this machine lacks, on which no wrong answer that needs it is graded."""
    release = next((path for path in assignment.releases if path.is_file()), None)
    if release is None:
        return
    cells = [cell for cell in read_notebook(release).cells if cell.cell_type == "code"]
    stubs = KERNEL_PROFILES[assignment.profile].stub_modules
    missing = {
        module: None
        for cell in cells
        for statement in statements_of(cell.source) or ()
        for module in _imported_modules(statement.node)
        if module.split(".", maxsplit=1)[0] not in stubs
        and not any(f"{module}.py" in other.source for other in cells)
        and not is_importable(module, release.parent)
    }
    if missing:
        yield Finding(
            _("{assignment}: modules", assignment=assignment.name),
            False,
            _(
                "not installed here: {modules}; the released notebook imports them, so install them on each machine "
                "that grades",
                modules=", ".join(missing),
            ),
        )


def _imported_modules(node: ast.AST) -> Iterator[str]:
    """Yield the modules that code imports, except where it may go on without them."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    elif not isinstance(node, ast.Try):
        for part in ast.iter_child_nodes(node):
            yield from _imported_modules(part)


def _stamped(assignment: Assignment, questions: Sequence[Question]) -> NotebookNode:
    """Return the source notebook that a build would write now."""
    with tempfile.TemporaryDirectory(prefix="check-") as temporary:
        stamp_source(assignment.course, Path(temporary), assignment.name, questions)
        return read_notebook(Path(temporary) / assignment.source.relative_to(assignment.course.root))


def _shown(notebook: NotebookNode, language: str) -> dict[str, str]:
    """Return what students see of a notebook in one language, by cell id.

    The release has no solutions, and links to pictures elsewhere: neither is compared.
    """
    return {
        cell["id"]: "" if grade_id(cell) else LINK.sub("](", cell["source"])
        for cell in notebook.cells
        if cell_metadata(cell).get("lang", language) == language
    }


def _roster(course: Course) -> tuple[Roster, Finding]:
    name = _("roster")
    try:
        roster = Roster.of(course)
    except CourseError as error:
        return Roster(), Finding(name, False, error.message)
    message = (
        ngettext("{n} student", "{n} students", len(roster.people))
        if roster
        else _("none; `autograder roster FILE` fills it from a file of your LMS")
    )
    return roster, Finding(name, True, message)


def _named_students(course: Course) -> Iterator[Finding]:
    """Check the students whom the settings and the file of groups name."""
    groups_file = course.settings.groups
    try:
        known = Roster.known(course)
        groups = [group for name in course.assignments for group in groups_of(course, name)]
    except CourseError as error:
        yield Finding(Text.same(groups_file), False, error.message)
        return
    members = [member for group in groups for member in group.members] if not known.folder else []
    for file, students in ((groups_file, members), ("c.CourseSettings.other_ids", course.settings.other_ids)):
        if strangers := misspelled(students, known):
            yield Finding(Text.same(file), False, joined("; ", strangers))


def _submissions(course: Course, roster: Roster) -> Iterator[Finding]:
    folder = course.submitted
    submissions = [
        SubmissionId(path.parent.name, path.name)
        for path in sorted(folder.glob("*/*"))
        if path.is_dir() and path.name in course.assignments
    ]
    renamed = _unknown_assignments(course)
    yield from renamed
    if not submissions:
        if not renamed:
            yield Finding(_("submissions"), True, _("none yet"))
        return
    students = {person.student_id for person in roster.people}
    strangers = sorted({submission.student for submission in submissions} - students) if roster else []
    if strangers:
        yield Finding(
            _("students who are not in the roster"),
            False,
            _(
                "{students}; add them, or rename their folders in {folder}",
                students=some_of(strangers),
                folder=folder,
            ),
        )
    waiting = [
        submission
        for submission in submissions
        if not any(course.graded_path(submission).parent.glob("*.ipynb"))
    ]
    numbers = [ngettext("{n} submission", "{n} submissions", len(submissions))]
    if waiting:
        numbers.append(_("{number} not graded yet: `autograder grade`", number=len(waiting)))
    yield Finding(_("submissions"), True, joined("; ", numbers))
    if len(waiting) < len(submissions):  # else there may be no gradebook, and reading would make one
        yield from _essays(course)


def _unknown_assignments(course: Course) -> list[Finding]:
    """Return a finding for each name in `submitted/` that the course has no assignment of, as after a renaming."""
    names = Counter(path.name for path in course.submitted.glob("*/*") if any(path.glob("*.ipynb")))
    return [
        Finding(
            _("submissions to {assignment}", assignment=name),
            False,
            ngettext(
                "{n} folder in {folder} ({problem}); if the assignment was renamed, give it its old name back, or "
                "rename this folder and the notebook in it",
                "{n} folders in {folder} ({problem}); if the assignment was renamed, give it its old name back, or "
                "rename these folders and the notebooks in them",
                number,
                folder=course.submitted,
                problem=unknown("assignment", name, course.assignments),
            ),
        )
        for name, number in sorted(names.items())
        if name not in course.assignments and not course.assignment(name).source.is_file()
    ]


def _essays(course: Course) -> Iterator[Finding]:
    too_high: dict[tuple[str, str], list[str]] = {}
    for score in above_maximum(course):
        too_high.setdefault((score.submission.assignment, score.cell), []).append(score.submission.student)
    for (assignment, cell), students in too_high.items():
        name = _("more points than {cell} of {assignment} has", cell=cell, assignment=assignment)
        yield Finding(name, False, some_of(students))
    cells = Counter(
        (submission.assignment, cell)
        for submission, total in totals_of(course).items()
        for cell in total.waiting
    )
    for (assignment, cell), number in sorted(cells.items()):
        yield Finding(
            _("waiting for a person: {cell} of {assignment}", cell=cell, assignment=assignment),
            True,
            ngettext("{n} submission", "{n} submissions", number),
        )
