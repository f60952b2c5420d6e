"""Make a course: from an example that comes with the package, or from an earlier term without anybody's data."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.authoring.term_archive import unpack
from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write, visible_files
from autograder.i18n import _, ngettext
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.permissions import STUDENT_DATA
from autograder.suggestions import unknown
from autograder.text import SOURCE_LANGUAGE, some_of, with_parents

EXAMPLES = Path(__file__).with_name("examples")
STARTER = "starter"
README = "README.md"
LINE = 110
KEPT = ("source", "solutions")
"""Folders that a new term copies from an earlier one, besides its settings, README and `.gitignore`."""
IGNORED = "\n".join(
    ("__pycache__/", ".ipynb_checkpoints/", ".venv/", *(f"/{name}" for name in STUDENT_DATA), "")
)
CONFIG = '''\
"""{about}"""

from autograder import configure

c = get_config()
configure(c, course_id={course_id}, languages={languages})

c.CourseSettings.timezone = "UTC"  # {timezone}
# {dates}
# c.CourseSettings.due = {{{assignment}: "2027-03-31T23:59+00:00"}}
# {solution}
# c.CourseSettings.feedback = {{{assignment}: "solution"}}
# c.CourseSettings.closes = {{{assignment}: "2027-04-03T23:59+00:00"}}
# {hidden}
# c.CourseSettings.scores_hidden_until = {{{assignment}: "2027-04-03T23:59+00:00"}}
'''
DATED = ("due", "closes", "scores_hidden_until")
"""Settings that hold dates of a term."""
ABOUT = _("Settings of the course, read by nbgrader and by `autograder`.")
TIMEZONE = _("such as Asia/Seoul: of the times in reports and on pages")
DATES = _("Due dates, with the offset of your time zone. They count for late penalties:")
SOLUTION = _("Feedback shows the worked solution from a time on:")
HIDDEN = _("Students see neither scores nor feedback before a time:")
NEW_DATES = _("Dates of the earlier term. Fill in those of the new one:")


def examples() -> list[str]:
    """Return the names of the examples that come with the package, the starter first."""
    names = [path.name for path in EXAMPLES.iterdir() if path.is_dir() and not path.name.startswith("_")]
    return sorted(names, key=lambda name: (name != STARTER, name))


def languages_of(example: str) -> list[str]:
    """Return the languages of an example's texts. Raises CourseError if there is no such example."""
    if example not in examples():
        raise CourseError(unknown("example", example, examples()))
    sources = (EXAMPLES / example / "source").rglob("*.ipynb")
    cells = [cell for path in sources for cell in json.loads(path.read_bytes())["cells"]]
    return sorted(
        {_language_of(cell) for cell in cells} - {""}, key=lambda tag: (tag != SOURCE_LANGUAGE, tag)
    )


def new_course(folder: Path, *, example: str, languages: Sequence[str], course_id: str = "") -> list[str]:
    """Write a course into `folder`, from an example, and return the names of its assignments.

    languages: of the course. Texts that the example does not have in one of them are in English, to be translated.
    course_id: nbgrader's id, by default from the name of the folder.
    Raises CourseError if there is no such example, or if a file exists that would be written.
    """
    languages_of(example)
    files: dict[Path, str | bytes] = {}
    for path in visible_files(EXAMPLES / example):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            text = texts_in(text, languages)
        elif path.suffix == ".ipynb":
            text = json.dumps(cells_in(json.loads(text), languages), ensure_ascii=False, indent=1) + "\n"
        files[path.relative_to(EXAMPLES / example)] = text
    assignments = sorted({path.parts[1] for path in files if path.parts[0] == "solutions"})
    first = languages[0]
    files[Path(CONFIG_FILE)] = CONFIG.format(
        course_id=_literal(course_id or _id_of(folder)),
        languages=_literal(list(languages)),
        assignment=_literal(assignments[0]),
        about=ABOUT.in_language(first),
        timezone=TIMEZONE.in_language(first),
        dates=DATES.in_language(first),
        solution=SOLUTION.in_language(first),
        hidden=HIDDEN.in_language(first),
    )
    files[Path(".gitignore")] = IGNORED
    files[Path(README)] = _readme(first, assignments[0])
    _write(folder, files)
    return assignments


def next_term(folder: Path, earlier: Path, *, course_id: str = "") -> list[str]:
    """Write a course with the questions of an earlier one into `folder`, and return the names of its assignments.

    earlier: the folder of a course, or an archive of `autograder archive`. Nothing about a student is taken over. The
    new course id gives students other variants, and a new secret is drawn for the hidden inputs. Dates become comments.
    Raises CourseError if `earlier` is no course, if its id would stay, or if a file exists that would be written.
    """
    if not earlier.exists():
        raise CourseError(_("{path} does not exist; expected a course or an archive of one", path=earlier))
    with tempfile.TemporaryDirectory(prefix="term-") as temporary:
        if earlier.is_file():
            unpack(earlier, Path(temporary), (CONFIG_FILE, README, ".gitignore", *KEPT))
            earlier = Path(temporary)
        course = Course.open(earlier)
        new_id = course_id or _id_of(folder)
        if new_id == course.id:
            raise CourseError(
                _(
                    "the new course would have the id of the earlier one, {course_id}, and students the same numbers; "
                    "give it another with --course-id",
                    course_id=course.id,
                )
            )
        config = (earlier / CONFIG_FILE).read_text(encoding="utf-8")
        files: dict[Path, str | bytes] = {
            path.relative_to(earlier): path.read_bytes()
            for name in KEPT
            for path in visible_files(earlier / name)
        }
        files |= {
            path.relative_to(earlier): path.read_bytes() for path in earlier.glob("README*") if path.is_file()
        }
        ignored = earlier / ".gitignore"
        files[Path(".gitignore")] = ignored.read_bytes() if ignored.exists() else IGNORED
        files[Path(CONFIG_FILE)] = _config_of_next(config, earlier / CONFIG_FILE, new_id, course.languages[0])
        _write(folder, files)
        return course.assignments


def texts_in(source: str, languages: Sequence[str]) -> str:
    """Return a question file with each `Text(...)` in `languages`; English stands in for a missing one."""
    lines = source.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    encoded = source.encode()

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column

    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Text"
        and node.keywords
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        by_tag = {
            str(keyword.arg): encoded[
                offset(keyword.value.lineno, keyword.value.col_offset) : offset(
                    keyword.value.end_lineno or 0, keyword.value.end_col_offset or 0
                )
            ].decode()
            for keyword in call.keywords
        }
        wanted = {tag: _best(by_tag, tag) for tag in languages}
        start = offset(call.lineno, call.col_offset)
        end = offset(call.end_lineno or 0, call.end_col_offset or 0)
        column = len(encoded[:start].decode().rpartition("\n")[2])
        indent = len(lines[call.lineno - 1]) - len(lines[call.lineno - 1].lstrip())
        encoded = encoded[:start] + _call(wanted, column, indent).encode() + encoded[end:]
    return encoded.decode()


def cells_in(notebook: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """Return a source notebook with its prose in `languages`; English stands in for a missing one."""
    cells: list[dict[str, Any]] = []
    prose: dict[str, dict[str, Any]] = {}
    for cell in (*notebook["cells"], None):
        language = _language_of(cell) if cell else ""
        if cell and language and language not in prose:
            prose[language] = cell
            continue
        for tag in languages if prose else ():
            chosen = _best(prose, tag)
            metadata = chosen["metadata"] | {"autograder": chosen["metadata"]["autograder"] | {"lang": tag}}
            old = _language_of(chosen)
            cells.append(
                chosen | {"id": f"{chosen['id'].removesuffix(f'-{old}')}-{tag}", "metadata": metadata}
            )
        prose = {language: cell} if cell and language else {}
        if cell and not language:
            cells.append(cell)
    return dict(notebook) | {"cells": cells}


def _best(by_tag: Mapping[str, Any], language: str) -> Any:
    """Return what is there for a language, else for the language without region, else for English, else any."""
    tags = (*with_parents(language), SOURCE_LANGUAGE, *by_tag)
    return next(by_tag[tag] for tag in tags if tag in by_tag)


def _call(texts: Mapping[str, str], column: int, indent: int) -> str:
    """Return the source of a call of `Text`, on one line if it fits."""
    if not all(tag.isidentifier() for tag in texts):
        entries = [f'"{tag}": {value}' for tag, value in texts.items()]
        opened, closed = "Text(**{", "})"
    else:
        entries = [f"{tag}={value}" for tag, value in texts.items()]
        opened, closed = "Text(", ")"
    line = f"{opened}{', '.join(entries)}{closed}"
    if "\n" not in line and column + len(line) + 2 < LINE:
        return line
    inner = " " * (indent + 4)
    return f"{opened}\n" + "".join(f"{inner}{entry},\n" for entry in entries) + " " * indent + closed


def _language_of(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("autograder", {}).get("lang", ""))


def _literal(value: object) -> str:
    """Return a Python literal with double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _id_of(folder: Path) -> str:
    """Return a course id from the name of a folder."""
    return re.sub(r"\W+", "-", folder.resolve().name).strip("-") or "course"


def _readme(language: str, assignment: str) -> str:
    tags = (*with_parents(language), SOURCE_LANGUAGE)
    path = next(path for tag in tags if (path := EXAMPLES / "_readme" / f"{tag}.md").exists())
    return path.read_text(encoding="utf-8").replace("ASSIGNMENT", assignment)


def _config_of_next(source: str, path: Path, course_id: str, language: str) -> str:
    """Return the settings of an earlier term with another course id, and with its dates as comments."""
    tree = ast.parse(source)
    ids = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "configure"
        for keyword in node.keywords
        if keyword.arg == "course_id" and isinstance(keyword.value, ast.Constant)
    ]
    if len(ids) != 1:
        raise CourseError(
            _(
                '{path}: expected one `configure(c, course_id="...", ...)`, with the id as a literal',
                path=path,
            )
        )
    lines = source.splitlines(keepends=True)
    [old] = ids
    line = lines[old.lineno - 1].encode()
    changed = line[: old.col_offset] + _literal(course_id).encode() + line[old.end_col_offset :]
    lines[old.lineno - 1] = changed.decode()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        if any(isinstance(target, ast.Attribute) and target.attr in DATED for target in targets):
            dated = range(node.lineno - 1, node.end_lineno or node.lineno)
            for number in dated:
                lines[number] = f"# {lines[number]}"
            lines[node.lineno - 1] = f"# {NEW_DATES.in_language(language)}\n" + lines[node.lineno - 1]
    return "".join(lines)


def _write(folder: Path, files: Mapping[Path, str | bytes]) -> None:
    """Write files below a folder, none of which exists yet."""
    existing = sorted(str(folder / path) for path in files if (folder / path).exists())
    if existing:
        raise CourseError(
            ngettext(
                "{files} already exists, and nothing was written; choose another folder, or change to it and use "
                "`autograder new`",
                "{files} already exist, and nothing was written; choose another folder, or change to it and use "
                "`autograder new`",
                len(existing),
                files=some_of(existing, 3),
            )
        )
    for path, content in files.items():
        atomic_write(folder / path, content)
