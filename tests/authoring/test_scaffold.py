"""`autograder new`: each template builds at once, in the languages of the course alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import scaffold
from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError
from autograder.questions.loader import load_question
from autograder.text import Text
from autograder.verification.laws import violations
from tests.support import cli, small_course

HANGUL = re.compile("[가-힣]")


def course_in(folder: Path, *languages: str) -> Course:
    return Course.open(small_course(folder, languages=languages))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """An English course with a question of each kind but model, as the command writes them."""
    course = course_in(tmp_path_factory.mktemp("scaffold"), "en")
    kinds = {"add_two": "function", "conv_params": "number", "why": "manual", "drawn": "manual-code"}
    for name, kind in kinds.items():
        done = cli("new", "sheet", name, "--kind", kind, cwd=course.root)
        assert done.returncode == 0, done.stdout + done.stderr
    return course


def test_every_kind_builds_at_once(course: Course) -> None:
    """A function, a number with its pool, and a manual question build without a change."""
    built = build(course, solutions=False)
    assert (built.questions, built.points) == (2, 4)
    assert built.by_hand == {("sheet", "why"): 3.0, ("sheet", "drawn"): 3.0}


def test_manual_code_asks_for_code(course: Course) -> None:
    """The release of a manual question for code has an empty code cell, below its prompt."""
    build(course, solutions=False)
    cells = nbformat.read(course.assignment("sheet").release(), as_version=4).cells
    place = next(index for index, cell in enumerate(cells) if cell["id"] == "drawn")
    assert (cells[place].cell_type, cells[place].source) == ("code", "...")
    assert cells[place - 1].source.startswith("### A plot")


def test_the_pool_of_a_number_is_filled(course: Course) -> None:
    """A class of 240 gets different numbers without another command."""
    pool = json.loads((course.assignment("sheet").folder / "conv_params_numbers.json").read_text("utf-8"))
    assert len(pool["variants"]) == 240


def test_model_obeys_every_law(tmp_path: Path) -> None:
    """The template of a model question is sound, also in a kernel with TensorFlow."""
    [path] = new_question(course_in(tmp_path, "en"), "sheet", "build_net", kind="model")
    question = load_question(path, ("en",))
    assert [str(violation.text) for violation in violations(question, examples=True)] == []


@pytest.mark.parametrize("kind", ["function", "number", "model", "manual", "manual-code"])
def test_only_the_languages_of_the_course(tmp_path: Path, kind: str) -> None:
    """A course in English reads no Korean, and one in Korean has no text in English beside its own."""
    for language in ("en", "ko"):
        course = course_in(tmp_path / language, language)
        written = new_question(course, "sheet", "answer", kind=kind)  # type: ignore[arg-type]
        text = written[0].read_text(encoding="utf-8")
        assert bool(HANGUL.search(text)) == (language == "ko")
        assert ("en=" in text) == (language == "en" and not kind.startswith("manual"))


def test_language_that_the_template_lacks() -> None:
    """A course in another language gets the English texts under its own tag, to translate."""
    assert scaffold._text(Text(en="a sum", ko="합"), ("de",), 4) == 'Text(de="a sum")'
    assert scaffold._text(Text(en="a sum", ko="합"), ("pt-BR",), 4) == 'Text(**{"pt-BR": "a sum"})'


def test_manual_question_stands_above_the_last_cells(course: Course) -> None:
    """Added after a build, it does not stand below the advice to look before handing in."""
    new_question(course, "sheet", "explain", kind="manual")
    notebook = nbformat.read(course.assignment("sheet").source, as_version=4)
    ids = [cell["id"] for cell in notebook.cells]
    assert ids.index("explain") < ids.index("hand-in-en-markdown")
    with pytest.raises(CourseError, match=r"sheet\.ipynb already has a cell explain"):
        new_question(course, "sheet", "explain", kind="manual")
