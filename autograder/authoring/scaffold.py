"""Scaffold a question from a template, in the languages of the course."""

from __future__ import annotations

import json
import keyword
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import jinja2
import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.notebooks import images
from autograder.notebooks.cells import NAMESPACE, cell_metadata, grade_id, read_notebook
from autograder.notebooks.stamp import SELF_CHECK, new_notebook
from autograder.text import Text

QuestionKind = Literal["function", "number", "model", "manual", "manual-code"]
MAX_LINE = 110

ASKED = Text(
    en="### An essay\n\nWrite here what students are asked, for example: explain in three sentences why …",
    ko="### 서술형 문제\n\n여기에 물음을 쓰세요. 보기: 왜 그런지 세 문장으로 설명하세요.",
)
ASKED_CODE = Text(
    en="### A plot\n\nWrite here what students are asked, for example: draw … and label the axes.",
    ko="### 그림 그리기\n\n여기에 물음을 쓰세요. 보기: …을 그리고 축에 이름을 붙이세요.",
)
MODEL_CODE = Text(
    en="# Write the model answer here. Students get an empty cell; a person grades their code and what it shows.",
    ko="# 여기에 모범 답안을 쓰세요. 학생에게는 빈 셀이 나가고, 사람이 코드와 그 결과를 채점합니다.",
)
MODEL_ANSWER = Text(
    en="Write the model answer here. Students get an empty cell, and a person grades what they write.",
    ko="여기에 모범 답안을 쓰세요. 학생에게는 빈 셀이 나가고, 사람이 채점합니다.",
)


def new_question(
    course: Course, assignment: str, question: str, *, kind: QuestionKind = "function"
) -> tuple[Path, ...]:
    """Write a question from the template of a kind, ready to build, and return the files written.

    A manual question is cells in the source notebook, any other a question file; a number question has a pool, too.
    Raises CourseError if a name is not a Python identifier, or the question already exists.
    """
    for name in (assignment, question):
        check_identifier(name)
    if assignment == images.FOLDER:
        raise CourseError(
            _(
                "source/{assignment}/ is reserved for pictures; give the assignment another name",
                assignment=assignment,
            )
        )
    if kind in ("manual", "manual-code"):
        return (_new_manual_question(course, assignment, question, is_code=kind == "manual-code"),)
    folder = course.assignment(assignment).folder
    pool = f"{question}_numbers"
    names = {f"{kind}.py.j2": folder / f"{question}.py"}
    if kind == "number":
        names["pool.json.j2"] = folder / f"{pool}.json"
    for path in names.values():
        if path.exists():
            raise CourseError(_("{path} already exists; choose another name or edit it", path=path))
    for template, path in names.items():
        atomic_write(path, render(course, template, name=question, assignment=assignment, pool=pool))
    return tuple(names.values())


def check_identifier(name: str) -> None:
    """Raise CourseError if a name is not a Python identifier."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CourseError(
            _(
                "{name} is not a Python identifier; use letters, digits and _, not a digit first, no keyword",
                name=repr(name),
            )
        )


def render(course: Course, template: str, **values: Any) -> str:
    """Return a question file from a template, with its texts in the languages of the course."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.authoring"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python and JSON, not HTML
    )

    def text(indent: int = 4, **texts: str) -> str:
        return _text(Text(**texts), course.languages, indent)

    def words(**texts: str) -> str:
        in_languages = (Text(**texts).in_language(language) for language in course.languages)
        return " ".join(dict.fromkeys(in_languages))

    return environment.get_template(template).render(text=text, words=words, **values)


def _text(text: Text, languages: Sequence[str], indent: int) -> str:
    """Return Python that makes a text in the languages of a course; in those that the template lacks, in English."""
    parts = {}
    for language in languages:
        words = text.in_language(language)
        quoted = json.dumps(words, ensure_ascii=False)
        parts[language] = f'"""\n{words.lstrip()}"""' if "\n" in words else quoted
    if not all(language.isidentifier() for language in languages):
        listed = ", ".join(f'"{language}": {part}' for language, part in parts.items())
        return f"Text(**{{{listed}}})"
    arguments = [f"{language}={part}" for language, part in parts.items()]
    line = f"Text({', '.join(arguments)})"
    if "\n" not in line and len(line) + indent <= MAX_LINE - 20:
        return line
    space = " " * (indent + 4)
    return "Text(\n" + "".join(f"{space}{argument},\n" for argument in arguments) + " " * indent + ")"


def _new_manual_question(course: Course, assignment: str, question: str, *, is_code: bool) -> Path:
    """Add the prompt in each language, and the cell for the answer, to the source notebook; return its path."""
    prompt, model = (ASKED_CODE, MODEL_CODE) if is_code else (ASKED, MODEL_ANSWER)
    path = course.assignment(assignment).source
    notebook = read_notebook(path) if path.exists() else new_notebook(assignment, course.languages)
    if any(grade_id(cell) == question for cell in notebook.cells):
        raise CourseError(
            _("{path} already has a cell {name}; choose another name or edit it", path=path, name=question)
        )
    cells = [_prompt(question, prompt, language) for language in course.languages]
    separator = "\n" if is_code else " / "
    answer = separator.join(dict.fromkeys(model.in_language(language) for language in course.languages))
    flags: dict[str, Any] = {
        "schema_version": 3, "grade_id": question, "grade": True, "solution": True, "locked": False, "task": False,
        "points": 3, "cell_type": "code" if is_code else "markdown",
    }  # fmt: skip
    new = nbformat.v4.new_code_cell if is_code else nbformat.v4.new_markdown_cell
    cells.append(new(answer, id=question[:64], metadata={"nbgrader": flags}))
    parts = [cell_metadata(cell).get("part") for cell in notebook.cells]
    index = parts.index(SELF_CHECK) if SELF_CHECK in parts else len(parts)
    notebook.cells[index:index] = cells
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, nbformat.writes(notebook) + "\n")
    return path


def _prompt(question: str, asked: Text, language: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(
        asked.in_language(language),
        id=f"{question[:50]}-ask-{language}",
        metadata={NAMESPACE: {"lang": language}},
    )
