"""A question file in the place of a test of nbgrader's own: the file is written, and the source notebook changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.authoring.scaffold import check_identifier, render
from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.nbgrader.gradebook_queries import graded_assignments
from autograder.nbgrader.tested_assignment import hidden_test_marks
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    NAMESPACE,
    grade_id,
    graded_by,
    is_solution,
    is_test,
    read_notebook,
)
from autograder.notebooks.stamp import GUARD
from autograder.suggestions import unknown
from autograder.test_cells.names import names_in

GRADED = _("# {name} is graded by hidden checks")


@dataclass(frozen=True)
class _Place:
    """A test in a source notebook, and the answer cell above it that defines what the question asks for."""

    path: Path
    notebook: NotebookNode
    test: NotebookNode
    answer: NotebookNode


def replace_test(course: Course, assignment: str, question: str, cell: str) -> tuple[Path, Path]:
    """Write a question that takes the place of a test, and return its file and the source notebook that was changed.

    question: the function that students define. cell: nbgrader's id of the test, after the name of its notebook and a
    slash if several notebooks have one of that name.
    The question has the points of the test, the author's solution as its reference, and the literal arguments in the
    test's assertions as its cases; the test itself stays in the file as a comment.
    Raises CourseError, before anything is changed, if there is no such test, no answer cell above it defines the
    function, or the assignment has scores: nbgrader changes no cell that was graded.
    """
    check_identifier(question)
    chosen = course.assignment(course.check_assignment(assignment))
    path = chosen.folder / f"{question}.py"
    if path.exists():
        raise CourseError(
            _("{path} already exists; add what {cell} tests to its cases and checks", path=path, cell=cell)
        )
    if assignment in graded_assignments(course):
        raise CourseError(
            _(
                "{assignment} has scores in the gradebook, and nbgrader changes no cells of an assignment that was "
                "graded; replace tests before the assignment is released",
                assignment=assignment,
            )
        )
    place = _find(chosen, question, cell)
    solution = ast.parse(place.answer.source)
    reference = next(_functions(solution, question), None)
    if reference is None:
        raise CourseError(
            _(
                "{question} is not a function in the answer cell {cell} of {path}; only functions can be asked for",
                question=question,
                cell=grade_id(place.answer),
                path=place.path,
            )
        )
    cases, expected = _cases(place.test.source, question)
    written = render(
        course, "replacement.py.j2",
        assignment=assignment, name=question, cell=graded_by(place.test), notebook=place.path.stem,
        points=place.test.metadata.nbgrader.get("points") or 0, needed=_needed(place, question),
        reference=ast.unparse(_without_docstring(reference)), parameters=ast.unparse(reference.args),
        cases=cases, check=_check_of(expected), test=place.test.source.splitlines(),
    )  # fmt: skip
    if course.is_released_by_nbgrader:
        _mark_cells(course, place, question)
    else:
        _make_placeholder(place, question)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, written)
    atomic_write(place.path, nbformat.writes(place.notebook) + "\n")
    return path, place.path


def _find(assignment: Assignment, question: str, cell: str) -> _Place:
    """Return the place of a test. Raises CourseError if there is none, or several, or no answer cell for it."""
    found: list[tuple[Path, NotebookNode, int]] = []
    tests: list[str] = []
    for path in sorted(assignment.sources.glob("*.ipynb")):
        notebook = read_notebook(path)
        for number, one in enumerate(notebook.cells):
            if is_test(one) and one.cell_type == "code":
                names = (grade_id(one), f"{path.stem}/{grade_id(one)}")
                tests.append(names[0])
                if cell in names:
                    found.append((path, notebook, number))
    if not found:
        raise CourseError(unknown("test", cell, tests))
    if len(found) > 1:
        listed = ", ".join(f"{path.stem}/{cell}" for path, _notebook, _number in found)
        raise CourseError(_("several notebooks have such a test; name one of {tests}", tests=listed))
    [(path, notebook, number)] = found
    above = [one for one in notebook.cells[:number] if one.cell_type == "code" and is_solution(one)]
    defined = {name: one for one in above for name in names_in(one.source).defined}
    if question not in defined:
        raise CourseError(
            _(
                "no answer cell above {cell} of {path} defines {question}; they define {names}",
                cell=cell,
                path=path,
                question=question,
                names=", ".join(sorted(defined)) or "–",
            )
        )
    return _Place(path, notebook, notebook.cells[number], defined[question])


def _functions(tree: ast.Module, name: str) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)


def _without_docstring(function: ast.FunctionDef) -> ast.FunctionDef:
    """Return a function without its docstring, which students read in the notebook, and without decorators."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    function.body = body or [ast.Pass()]
    function.decorator_list = []
    return function


def _cases(source: str, question: str) -> tuple[list[str], list[object]]:
    """Return the literal arguments of the question's calls in a test, and the literals that it compares with.

    Calls that are to raise an error, in `try` or `with`, are left out.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # such as a magic
        return [], []
    nodes = [
        node
        for statement in tree.body
        if not isinstance(statement, (ast.Try, ast.With))
        for node in ast.walk(statement)
    ]
    calls = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == question and _is_literal_call(node)
    ]
    cases = [f"Case({', '.join(map(ast.unparse, (*call.args, *call.keywords)))})" for call in calls]
    return [*dict.fromkeys(cases)], [literal for node in nodes for literal in _literals(node)]


def _is_literal_call(call: ast.Call) -> bool:
    return all(map(_is_literal, (*call.args, *(keyword.value for keyword in call.keywords)))) and all(
        keyword.arg for keyword in call.keywords
    )


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _literals(node: ast.AST) -> list[object]:
    """Return the literal sides of a comparison, or of a call of an assertion such as `assert_equal`."""
    sides: list[ast.expr] = []
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            sides = [left, right]
        case ast.Call(func=function, args=arguments) if "assert" in ast.unparse(function).lower():
            sides = list(arguments[:2])
    return [ast.literal_eval(side) for side in sides if _is_literal(side)]


def _check_of(expected: Sequence[object]) -> str:
    """Return the assertion that fits what a test expects; empty if none does."""
    kinds = {type(value) for value in expected}
    if kinds and kinds <= {int, float}:
        return "expect.close"
    return "expect.string" if kinds == {str} else ""


def _code_above(place: _Place) -> Iterator[ast.stmt]:
    """Yield the top-level statements of the author's cells up to the answer cell."""
    for cell in place.notebook.cells:
        if cell.cell_type == "code" and not graded_by(cell):
            try:
                yield from ast.parse(cell.source).body
            except SyntaxError:
                continue
        if cell is place.answer:
            return


def _needed(place: _Place, name: str) -> list[str]:
    """Return the author's statements that define what a function mentions, and what those mention in turn."""
    statements = [*_code_above(place)]
    defining = {
        defined: number
        for number, statement in enumerate(statements)
        for defined in names_in(ast.unparse(statement)).defined
    }
    needed: set[int] = set()
    names = {name}
    while names:
        new = {defining[one] for one in names if one in defining} - needed
        needed |= new
        found = [names_in(ast.unparse(statements[number])) for number in new]
        names = {name for one in found for name in one.mentioned | one.quoted}
    return [ast.unparse(statements[number]) for number in sorted(needed - {defining[name]})]


def _mark_cells(course: Course, place: _Place, question: str) -> None:
    """Make the test a grade cell of the question, which raises if nbgrader runs it without this package."""
    begin, end = hidden_test_marks(course)
    visible = GRADED.format(name=question).in_language(course.languages[0])
    guard = f"# {begin}\nraise RuntimeError({GUARD!r})\n# {end}"
    place.test.source = f"{visible}\n{guard}"
    place.test.metadata["nbgrader"] |= {"grade_id": question + GRADE_SUFFIX, "locked": True}
    place.test.metadata[NAMESPACE] = {"question": question, "part": "grade"}
    place.answer.metadata.setdefault(NAMESPACE, {"question": question, "part": "answer"})


def _make_placeholder(place: _Place, question: str) -> None:
    """Leave the answer cell empty and the test out: the next build stamps the question there."""
    place.answer.source = ""
    place.answer.metadata[NAMESPACE] = {"question": question, "part": "answer"}
    place.notebook.cells = [cell for cell in place.notebook.cells if cell is not place.test]
