"""The examples in the documentation run as they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import autograder
from autograder import Fail
from autograder.authoring.pool_generator import fill
from autograder.course import Course
from autograder.questions.loader import load_question
from autograder.verification.laws import violations
from tests.support import ROOT, small_course

PAGES = {"en": ROOT / "docs" / "api.md", "ko": ROOT / "docs" / "api.ko.md"}
FILE = re.compile(r"^`(?P<name>[\w.]+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPET = re.compile(r"(?<!`:\n\n)^```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FAILS = re.compile(r"#\s*Fail: (?P<message>.*)$")
both = pytest.mark.parametrize("language", PAGES)


def files(language: str) -> dict[str, str]:
    """The example files of a page, by name."""
    text = PAGES[language].read_text(encoding="utf-8")
    return {match["name"]: match["text"] for match in FILE.finditer(text)}


def statements(language: str) -> Iterator[tuple[str, str]]:
    """Every statement of the short examples of a page, with the message of the Fail that its comment announces."""
    for match in SNIPPET.finditer(PAGES[language].read_text(encoding="utf-8")):
        lines = match["text"].splitlines()
        for node in ast.parse(match["text"]).body:
            source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            announced = FAILS.search(source)
            yield source, announced["message"] if announced else ""


@pytest.fixture(scope="module", params=PAGES)
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with the example files of a page, in its language."""
    root = small_course(tmp_path_factory.mktemp("docs"), languages=(request.param,))
    folder = root / "solutions" / "examples"
    folder.mkdir(parents=True)
    for name, text in files(request.param).items():
        (folder / name).write_text(text, encoding="utf-8")
    return Course.open(root)


def test_example_file_obeys_every_law(course: Course) -> None:
    """Each question file of the page is one that `build` would accept, with its pool filled."""
    folder = course.root / "solutions" / "examples"
    for pool in folder.glob("*.json"):
        fill(course, "examples", pool.stem, size=20)
    paths = sorted(folder.glob("*.py"))
    assert len(paths) >= 7
    for path in paths:
        question = load_question(path, course.languages)
        assert [str(violation.text) for violation in violations(question)] == []


@both
def test_short_example_does_what_its_comment_says(language: str) -> None:
    """A line with `# Fail: ...` raises Fail with this message; any other raises nothing."""
    names = {name: getattr(autograder, name) for name in autograder.__all__} | {"np": np}
    tried = set()
    for source, message in statements(language):
        tried |= set(re.findall(r"expect\.(\w+)", source))
        try:
            exec(source, names)
            error_text = ""
        except Fail as error:
            error_text = error.message.in_language(language)
        assert error_text == message, source
    documented = {name for name in vars(autograder.expect) if name[0].islower() and callable_of(name)}
    assert documented - tried <= {"output", "kind_of"}


def callable_of(name: str) -> bool:
    """Whether a name of `expect` is a judgement: a function defined there."""
    found = getattr(autograder.expect, name)
    return callable(found) and getattr(found, "__module__", "") == autograder.expect.__name__


def test_both_pages_have_the_same_examples() -> None:
    """An example that is added to one page is added to the other."""
    assert list(files("ko")) == list(files("en"))
    assert len(list(statements("ko"))) == len(list(statements("en")))


@both
def test_every_name_that_an_author_imports_is_documented(language: str) -> None:
    """Whatever `autograder` exports for question files stands on the page."""
    text = PAGES[language].read_text(encoding="utf-8")
    needed = set(autograder.__all__) - {
        "Check",
        "Misconception",
        "configure",
        "seal_grading",
    }  # types, and calls of the settings
    assert {name for name in needed if not re.search(rf"\b{name}\b", text)} == set()


def test_links_between_pages_lead_somewhere() -> None:
    """A relative link in docs/ or the README names a file that exists."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    missing = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists() and Path(link).name != "NAME.png"
    ]
    assert missing == []


def test_the_steps_of_grading_are_where_the_page_says() -> None:
    """Each function stands in its file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| step | function |\n|---|---|\n")[2].partition("\n\n")[0]
    steps = re.findall(r"^\| .* \| `(.*\.py)`: `(\w+)` \|$", table, re.MULTILINE)
    assert len(steps) == len(table.splitlines()) > 0
    for file, function in steps:
        code = (ROOT / "autograder" / file).read_text(encoding="utf-8")
        assert re.search(rf"^ *(def|class) {function}\b", code, re.MULTILINE), file
