"""Stamping of question cells into source notebooks, with detection of stamped cells that were edited by hand.

A stamped cell has the metadata `autograder: {question, part, stamp}`, or `shows` instead of `question` if it shows a
student's numbers; every other cell is the author's and is never modified. A cell for one language has `lang`. A cell
with `part: answer` and no text is a placeholder: its question is stamped there. A stamped cell is rewritten in its
place, so that the author's cells may be between two of them.
"""

from __future__ import annotations

import ast
import hashlib
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import QuestionError
from autograder.i18n import _, ngettext
from autograder.nbgrader_hooks import NO_LANGUAGE
from autograder.notebooks.cells import GRADE_SUFFIX, KERNELSPEC, MAX_ID, NAMESPACE, cell_metadata
from autograder.notebooks.released_pools import variants_text
from autograder.notebooks.self_check import (
    CHECK_ALL,
    check_code,
    example_guard,
    graded_imports,
    introduction,
    tools_code,
)
from autograder.questions.question import Pool, Question
from autograder.questions.syntax import function_source
from autograder.questions.variants import pools_of

GUARD = (
    "This cell is graded outside the notebook, by the course's own settings. If you read this, nbgrader ran "
    "without them: use the course's nbgrader_config.py."
)
STUDENT = "student"  # the group of cells that ask for the student id
RAISES = "raises-exception"  # Jupyter's tag for a cell that may raise without stopping "run all"
TOOLS = "tools"  # the group of the cells with the code behind the numbers and the tests, and their part
SELF_CHECK = "hand-in"  # the group of the self-check cells, and their part
ANCHORS = ("answer", "student", "numbers")  # the parts where a group in disorder is gathered
FOLDED: Mapping[str, Any] = {
    "jupyter": {"source_hidden": True},
    "cellView": "form",
    "transient": {"remove_source": True},
}
"""Metadata that hides the source of a code cell in JupyterLab, in Colab and in the pages of nbconvert.

nbconvert leaves the source out of scripts (`--to script`), too.
"""
ID_CELL = 'student_id = ""'
ASK_ID = _(
    "**Write your student id.** In the number problems, each student gets different numbers. Write your id between "
    "the quotes in the next cell, then run it and the cells below: each problem shows your numbers. Spaces, dashes and "
    "leading zeros make no difference. Without an id you see the public numbers, which are the same for everybody."
)
ASK_ID_STRICTLY = _("In this course only answers to your own numbers earn points.")


def new_notebook(assignment: str, languages: Sequence[str]) -> NotebookNode:
    """Return a source notebook with only a heading in each language."""
    cells = [
        _cell("markdown", f"title-{language}", f"# {assignment}", {"lang": language})
        for language in languages
    ]
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}}
    )


def stamp(
    notebook: NotebookNode,
    questions: Sequence[Question],
    languages: Sequence[str],
    graded_with: Mapping[str, str],
    course: str = "",
    *,
    strict: bool = False,
    due: Callable[[str], str] | None = None,
) -> NotebookNode:
    """Return the source notebook with the cells of every question stamped in their places, new ones last.

    The author's cells stay where they are, also between two cells of a question. A question whose cells are out of
    order, or on both sides of another question's, is gathered at its answer.
    strict: whether only answers to a student's own numbers earn points, which the notebook then says. due: returns the
    due date in a language, which the notebook says in front of its last cell.
    Raises QuestionError, with both texts, if a stamped cell was edited by hand.
    """
    stamped_cells = {question.id: question_cells(question, languages) for question in questions}
    paths = {question.id: question.path for question in questions}
    pools = pools_of(questions)
    # rewritten below, when the order of the questions is known
    imports = _imports_of(notebook, questions, graded_with)
    shown_cells = {TOOLS: _tools_cells(questions, languages, graded_with, imports)}
    shown_cells |= {pool.name: [_numbers_cell(course, pool)] for pool in pools.values()}
    if pools:
        shown_cells[STUDENT] = _student_cells(languages, strict=strict)
    for cell in notebook.cells:
        _check_unedited(cell, stamped_cells, paths)
    groups = {("question", name): fresh for name, fresh in stamped_cells.items()}
    groups |= {("shows", name): fresh for name, fresh in shown_cells.items()}
    cells = [cell for cell in notebook.cells if _group_of(cell) in (None, (SELF_CHECK, ""), *groups)]
    for fresh in groups.values():
        cells = _rewrite_group(cells, fresh)
    cells = _add_missing(
        cells,
        groups,
        {question.id: question.pool.name for question in questions if question.pool is not None},
    )
    order = [cell_metadata(cell).get("question") for cell in cells]
    questions = sorted(questions, key=lambda question: order.index(question.id))
    cells = _rewrite_group(cells, _tools_cells(questions, languages, graded_with, imports))
    last: list[NotebookNode] = []
    has_examples = not (questions and all(question.is_in_exam for question in questions))
    for language in languages:
        above = introduction(language, due, has_examples=has_examples)
        for kind, text in (("markdown", above), ("code", CHECK_ALL)):
            extra = {"part": SELF_CHECK, "lang": language, "stamp": _stamp_of(text)}
            last.append(_cell(kind, f"hand-in-{language}-{kind}", text, extra))
    cells = _rewrite_group(cells, last)
    if not any(_group_of(cell) == (SELF_CHECK, "") for cell in cells):
        cells += last
    stamped = nbformat.from_dict(dict(notebook, cells=cells, nbformat=4, nbformat_minor=5))
    stamped.metadata["kernelspec"] = dict(KERNELSPEC) | {"language": NO_LANGUAGE}
    return stamped


def _group_of(cell: NotebookNode) -> tuple[str, str] | None:
    """Return the group of a stamped cell: of a question, of a pool's numbers, or the self-check; else None."""
    ours = cell_metadata(cell)
    for kind in ("shows", "question"):
        if ours.get(kind) is not None:
            return kind, str(ours[kind])
    return (SELF_CHECK, "") if ours.get("part") == SELF_CHECK else None


def _rewrite_group(cells: Sequence[NotebookNode], fresh: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return `cells` with the group of `fresh` rewritten in its place, or unchanged if none of its cells is there.

    A missing cell is inserted next to its neighbour in the group. Of duplicates one is kept.
    """

    def key(cell: NotebookNode) -> tuple[str, str, str]:
        part = str(cell_metadata(cell).get("part"))
        return part, str(cell_metadata(cell).get("lang")), cell.cell_type if part == SELF_CHECK else ""

    group = _group_of(fresh[0])
    present: dict[tuple[str, str, str], int] = {}
    for number, cell in enumerate(cells):
        if _group_of(cell) == group:
            present.setdefault(key(cell), number)
    numbers = [present[key(cell)] for cell in fresh if key(cell) in present]
    inserted: dict[int, list[NotebookNode]] = {number: [] for number in numbers}
    if (
        numbers
        and numbers == sorted(numbers)
        and not _has_other_question(cells[numbers[0] : numbers[-1]], group)
    ):
        at = numbers[0]
        for cell in fresh:
            at = present.get(key(cell), at)
            inserted[at].append(cell)
    elif numbers:
        anchors = [number for number in numbers if cell_metadata(cells[number]).get("part") in ANCHORS]
        inserted[(anchors or numbers)[0]] = list(fresh)
    return [
        result
        for number, cell in enumerate(cells)
        for result in (inserted.get(number, ()) if _group_of(cell) == group else (cell,))
    ]


def _has_other_question(cells: Sequence[NotebookNode], group: tuple[str, str] | None) -> bool:
    """Return whether `cells` contain a cell of a question outside `group`."""
    return any(cell_metadata(cell).get("question") is not None and _group_of(cell) != group for cell in cells)


def _add_missing(
    cells: Sequence[NotebookNode],
    groups: Mapping[tuple[str, str], list[NotebookNode]],
    numbers: Mapping[str, str],
) -> list[NotebookNode]:
    """Return `cells` with the missing groups: questions last, numbers above the first question that needs them.

    The tools go below the author's first code cell, or above all stamped cells if these begin earlier.

    The self-check cells stay below all questions, else they are left out. numbers: the pool of each number question.
    """
    first = next(
        (index for index, cell in enumerate(cells) if _group_of(cell) == (SELF_CHECK, "")), len(cells)
    )
    if _has_other_question(cells[first:], None):
        cells = [cell for cell in cells if _group_of(cell) != (SELF_CHECK, "")]
        first = len(cells)
    present = {_group_of(cell) for cell in cells}
    new = [
        cell
        for group, fresh in groups.items()
        if group[0] == "question" and group not in present
        for cell in fresh
    ]
    result: list[NotebookNode] = []
    tools = groups.get(("shows", TOOLS), []) if ("shows", TOOLS) not in present else []
    for cell in (*cells[:first], *new, *cells[first:]):
        if tools and _group_of(cell) is not None:
            result += tools
            tools = []
        pool = numbers.get(str(cell_metadata(cell).get("question")))
        if ("shows", pool) in groups:
            for group in (("shows", STUDENT), ("shows", str(pool))):
                if group not in present:
                    result += groups[group]
                    present.add(group)
        result.append(cell)
        if tools and cell.cell_type == "code" and not cell_metadata(cell).get("demonstration"):
            result += tools
            tools = []
    return result


def _imports_of(
    notebook: NotebookNode, questions: Sequence[Question], graded_with: Mapping[str, str]
) -> list[str]:
    """Return the modules that grading is known to have: those of the course's packages, cells and examples."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code" and _group_of(cell) is None]
    sources += [example_text(question) for question in questions if question.examples is not None]
    return graded_imports(graded_with, sources)


def _tools_cells(
    questions: Sequence[Question],
    languages: Sequence[str],
    graded_with: Mapping[str, str],
    imports: Sequence[str],
) -> list[NotebookNode]:
    """Return the folded cell of each edition with the code behind the numbers and the tests."""
    cells = []
    for language in languages:
        source = tools_code(questions, language, graded_with, imports)
        extra = {"shows": TOOLS, "part": TOOLS, "lang": language, "stamp": _stamp_of(source)}
        cells.append(_cell("code", f"tools-{language}", source, extra))
        cells[-1].metadata |= {"deletable": False, "editable": False, **FOLDED}
    return cells


def _student_cells(languages: Sequence[str], *, strict: bool) -> list[NotebookNode]:
    """Return the cells where the student writes the id."""

    def cell(kind: str, cell_id: str, source: str, part: str, **extra: str) -> NotebookNode:
        marks = {"shows": STUDENT, "part": part, "stamp": _stamp_of(source)} | extra
        return _cell(kind, cell_id, source, marks)

    prompts = [
        cell(
            "markdown",
            f"student-{language}",
            f"{ASK_ID.in_language(language)} {more}".rstrip(),
            "id",
            lang=language,
        )
        for language in languages
        for more in [ASK_ID_STRICTLY.in_language(language) if strict else ""]
    ]
    return [*prompts, cell("code", "student", ID_CELL, "student")]


def _numbers_cell(course: str, pool: Pool) -> NotebookNode:
    """Return the cell that shows a problem with the student's numbers."""
    shows = pool.shows or ", ".join(f"{name} = {{{name}}}" for name in pool.names)
    source = (
        f"# @title {pool.name}\nshow_numbers({json.dumps(course)}, {json.dumps(pool.name)}, {pool.names!r}, "
        f"{json.dumps(shows, ensure_ascii=False)}, {variants_text(pool)})"
    )
    extra = {"shows": pool.name, "part": "numbers", "stamp": _stamp_of(source)}
    cell = _cell("code", f"numbers-{pool.name}", source, extra)
    cell.metadata |= {"nbgrader": _nbgrader(f"numbers-{pool.name}", locked=True), **FOLDED}
    return cell


def question_cells(question: Question, languages: Sequence[str]) -> list[NotebookNode]:
    """Return the cells of a question: statement in each language, answer, example if it has one, and grade cell."""
    name = question.id
    cells = [
        _question_cell(question, "markdown", "statement", statement_text(question, language), lang=language)
        for language in languages
    ]
    cells.append(_question_cell(question, "code", "answer", answer_text(question)))
    cells[-1].metadata["nbgrader"] = _nbgrader(name, solution=True)
    if question.examples is not None:
        cells.append(
            _question_cell(question, "code", "example", example_guard(name) + example_text(question))
        )
        cells[-1].metadata["nbgrader"] = _nbgrader(f"{name}-example", locked=True)
        # a missing answer should not keep "run all" from reaching the self-check
        cells[-1].metadata["tags"] = [RAISES]
    cells.append(_question_cell(question, "code", "grade", _grade_text(question)))
    cells[-1].metadata["nbgrader"] = _nbgrader(
        name + GRADE_SUFFIX, grade=True, locked=True, points=_plain(question.points)
    )
    cells[-1].metadata["tags"] = [RAISES]
    return cells


def statement_text(question: Question, language: str) -> str:
    """Return heading, points and statement as markdown."""
    points = _plain(question.points)
    number = points if isinstance(points, int) else 2  # a fraction, such as 2.5, is shown as several are
    if question.is_not_counted:
        unit = _("(not counted)")
    elif question.bonus:
        unit = ngettext("(bonus, {points} point)", "(bonus, {points} points)", number, points=points)
    else:
        unit = ngettext("({points} point)", "({points} points)", number, points=points)
    body = textwrap.dedent(question.statement.in_language(language)).strip()
    return f"### {question.title.in_language(language)} {unit.in_language(language)}\n\n{body}"


def answer_text(question: Question) -> str:
    """Return the source of the solved answer cell, with the solution between nbgrader's delimiters."""
    begin, end = "    ### BEGIN SOLUTION\n", "    ### END SOLUTION"
    assert question.reference is not None
    node = function_source(question, question.reference)
    if question.is_number:
        solved = textwrap.indent(_arithmetic(question, node), "    ")
        return f"{question.id} = (\n{begin}{solved}\n{end}\n)"
    head, body = _split(question, node)
    return f"{head}\n{begin}{body}\n{end}"


def example_text(question: Question) -> str:
    """Return the source of the public test: the body of the example function."""
    assert question.examples is not None
    _, body = _split(question, function_source(question, question.examples))
    return textwrap.dedent(body)


def _arithmetic(question: Question, node: ast.FunctionDef) -> str:
    """Return the reference's expression with the public numbers substituted for its parameters."""
    statement = node.body[-1]
    is_single = len(node.body) == 1 + (ast.get_docstring(node) is not None)
    if not is_single or not isinstance(statement, ast.Return) or statement.value is None:
        raise QuestionError(
            question.path, node.lineno, _("the reference of a number question is not a single expression"),
            _("write its body as one `return <expression>`"),
        )  # fmt: skip
    numbers = question.variants[0]

    class PutNumbers(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.expr:
            return ast.parse(repr(numbers[name.id]), mode="eval").body if name.id in numbers else name

    return ast.unparse(PutNumbers().visit(ast.parse(ast.unparse(statement.value), mode="eval")))


def _split(question: Question, node: ast.FunctionDef) -> tuple[str, str]:
    """Return the source of a function's head and of its body, both without its docstring.

    Statements tell students what a docstring would, in their language.
    """
    lines = Path(question.path).read_text(encoding="utf-8").splitlines()
    start, first = node.lineno - 1, node.body[0]
    end = first.lineno - 1
    while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1  # a comment above the first statement is part of the solution
    begin = end if ast.get_docstring(node) is None else first.end_lineno or end
    if end == start:
        raise QuestionError(
            question.path, node.lineno, _("the body of {function} is on the line of its def", function=node.name),
            _("put it on lines of its own"),
        )  # fmt: skip
    return "\n".join(lines[start:end]).rstrip(), "\n".join(lines[begin : node.end_lineno]).strip("\n")


def _grade_text(question: Question) -> str:
    """Return the visible test, which needs no words of either edition, below the guard in a hidden one."""
    guard = f"### BEGIN HIDDEN TESTS\nraise RuntimeError({GUARD!r})\n### END HIDDEN TESTS"
    return f"{guard}\n{check_code(question)}"


def _plain(points: float) -> int | float:
    return int(points) if points == int(points) else points


def _nbgrader(
    grade_id: str,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict[str, Any]:
    metadata = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    return metadata if points is None else metadata | {"points": points}


def _question_cell(
    question: Question, kind: str, part: str, source: str, *, lang: str | None = None
) -> NotebookNode:
    extra = {"question": question.id, "part": part, "stamp": _stamp_of(source)}
    suffix = f"{part}-{lang}" if lang else part
    cell_id = f"{question.id[: MAX_ID - 1 - len(suffix)]}-{suffix}"
    return _cell(kind, cell_id, source, extra | ({"lang": lang} if lang else {}))


def _cell(kind: str, cell_id: str, source: str, extra: Mapping[str, Any]) -> NotebookNode:
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return new(source, id=cell_id[:MAX_ID], metadata={NAMESPACE: dict(extra)})


def _stamp_of(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _check_unedited(
    cell: NotebookNode, stamped_cells: Mapping[str, list[NotebookNode]], paths: Mapping[str, str]
) -> None:
    """Raise QuestionError if a stamped cell holds a text that `stamp` did not write."""
    name, part, old = (str(cell_metadata(cell).get(key, "")) for key in ("question", "part", "stamp"))
    is_stamped = name in stamped_cells or part == SELF_CHECK or "shows" in cell_metadata(cell)
    if not is_stamped or not cell.source.strip() or _stamp_of(cell.source) == old:
        return
    fresh = next(
        (
            other.source
            for other in stamped_cells.get(name, [])
            if cell_metadata(other)["part"] == part
            and cell_metadata(other).get("lang") == cell_metadata(cell).get("lang")
        ),
        "(rewritten by every build)",
    )
    if cell.source == fresh:
        return
    raise QuestionError(
        paths.get(name, "the cells with the numbers" if "shows" in cell_metadata(cell) else "the last cells"),
        None,
        _(
            "cell {cell} of the source notebook was edited by hand\n--- in the notebook\n{found}\n--- in "
            "the question file\n{fresh}\n---",
            cell=cell.get("id"),
            found=cell.source,
            fresh=fresh,
        ),
        _("move the change to the question file and undo it in the notebook (or empty the cell)"),
    )


def worked_solutions(questions: Sequence[Question]) -> dict[str, str]:
    """Return the right answer to each question, as feedback shows it."""
    return {
        question.id: "\n".join(
            line for line in answer_text(question).splitlines() if not line.strip().startswith("### ")
        )
        for question in questions
    }
