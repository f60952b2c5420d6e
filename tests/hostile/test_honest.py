"""No honest answer is ever lost: odd notebooks, graded as a class under the seal, keep their marks."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.demo_class import with_numbers
from autograder.course import Course, SubmissionId
from autograder.engine.batch import grade_class
from autograder.engine.messages import Result
from autograder.questions.variants import Owner
from autograder.sandbox.seal import UNSEALED
from tests.hostile.corpus import asked_for, params
from tests.hostile.honest import (
    FAILING,
    HONEST,
    MACHINE,
    SHOWING,
    TOGETHER,
    Honest,
    Notebook,
    own_cell,
    place_of,
    student_cell,
    untouched,
)  # fmt: skip
from tests.hostile.seals import ALONE, SEALS, only, only_one
from tests.support import ROOT, copy_course

pytestmark = [pytest.mark.seal, pytest.mark.long]

COUNTING = [one for one in HONEST if one.assignment != "tagging"]
TAGGING = [one for one in HONEST if one.assignment == "tagging"]
ASKING = [one for one in (*SHOWING, *FAILING, *TOGETHER, *MACHINE) if not one.forks and not one.costly]
WRONG = Honest(
    "wrong",
    "It is as odd as the others, and one answer is wrong.",
    first=["import warnings\nwarnings.warn('x')"],
    answers={"g1": "g1 = (\n    3 * 25 * (12 + 25 + 2)\n)"},
)


def right_answers(course: Course, one: Honest) -> dict[str, str]:
    """What the demo class answers where it is right, for one's own numbers or the public ones."""
    path = ROOT / "solutions" / one.assignment / "demo_class.toml"
    right: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["right"]
    chosen = Owner(course.id).choose_variant(one.name if one.id_cell else "")
    for question in course.assignment(one.assignment).questions:
        if question.is_number:
            right[question.id] = with_numbers(right[question.id], chosen.numbers(question))
    return right


def notebook_of(course: Course, one: Honest) -> bytes:
    """The file that is handed in: the release with the answers and the student's own cells in it."""
    notebook: Notebook = json.loads(
        course.assignment(one.assignment).release(one.edition).read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    cells = untouched(notebook)
    for name, answer in {**right_answers(course, one), **one.answers}.items():
        cells[name]["source"] = answer.strip("\n")
    if one.id_cell:
        student_cell(notebook)["source"] = one.id_cell
    for name, source in one.between.items():
        notebook["cells"].insert(place_of(notebook, name), own_cell(source.strip("\n"), f"between-{name}"))
    first, last = (
        [own_cell(source.strip("\n"), f"{where}-{place}") for place, source in enumerate(sources)]
        for where, sources in (("first", one.first), ("last", one.last))
    )
    notebook["cells"][1:1] = first
    notebook["cells"] += last
    one.mutate(notebook)
    return one.save(notebook)


def grade(folder: Path, notebooks: Sequence[Honest]) -> dict[str, Result]:
    """Hand the notebooks in as one class and grade it; results by notebook."""
    course = Course.open(copy_course(folder / "course", *sorted({one.assignment for one in notebooks})))
    for one in notebooks:
        beside = course.submitted / one.name / one.assignment
        for name, data in {**one.files, f"{one.assignment}.ipynb": notebook_of(course, one)}.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / name).write_bytes(data)
    results = grade_class(course, [SubmissionId(one.name, one.assignment) for one in notebooks], workers=2)
    return {one.id: result for one, result in zip(notebooks, results, strict=True)}


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> dict[str, Result]:
    """The class that counts."""
    return grade(tmp_path_factory.mktemp("counting"), [*asked_for(COUNTING, pytestconfig), WRONG])


@pytest.fixture(scope="module")
def tagging(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> dict[str, Result]:
    """The class that trains models."""
    return grade(tmp_path_factory.mktemp("tagging"), asked_for(TAGGING, pytestconfig))


def lost(result: Result) -> str:
    """What a teacher would be told of the marks that are not there."""
    if not result.reports:
        return f"{result.state}: {result.reason}"
    found: list[Any] = []
    for name, report in result.reports.items():
        if report.score < report.points:
            found.append(f"{name} {report.score:g}/{report.points:g} fault={report.fault}")
            found += [f"  {check.name}: {check.outcome} {check.message.en}" for check in report.checks]
            found += [f"  note: {note.en}" for note in report.notes]
    return "\n".join(found)


def assert_keeps_its_marks(one: Honest, result: Result) -> None:
    """Full marks, or a message that shows which were lost and why."""
    if one.forks and result.seal in ALONE:
        pytest.skip("this machine's seal lets no student code start a process")
    assert result.state == "graded" and result.points > 0, f"{one.odd}\n{lost(result)}"
    assert result.score == result.points, f"{one.odd}\n{lost(result)}"


@pytest.mark.parametrize("one", params(COUNTING))
def test_it_keeps_its_marks(one: Honest, counting: dict[str, Result]) -> None:
    """An odd notebook with right answers earns all of its points."""
    assert_keeps_its_marks(one, counting[one.id])


@pytest.fixture(scope="module")
def under_landlock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Those that ask the system for something, where Landlock and the filter are all there is."""
    if only_one:
        pytest.skip("another seal is tried on this machine")
    with only(SEALS["landlock"]):
        return grade(tmp_path_factory.mktemp("landlock"), ASKING)


@pytest.mark.full
@pytest.mark.parametrize("one", [pytest.param(one, id=one.id) for one in ASKING])
def test_it_keeps_its_marks_under_landlock(one: Honest, under_landlock: dict[str, Result]) -> None:
    """Whoever starts no process earns all of its points there, too."""
    assert under_landlock[one.id].seal in ("landlock", "")
    assert_keeps_its_marks(one, under_landlock[one.id])


@pytest.mark.full
@pytest.mark.tensorflow
@pytest.mark.parametrize("one", params(TAGGING))
def test_it_keeps_its_marks_with_tensorflow(one: Honest, tagging: dict[str, Result]) -> None:
    """An odd notebook that trains a model earns all of its points."""
    assert_keeps_its_marks(one, tagging[one.id])


def test_wrong_answer_among_them_is_not_paid(counting: dict[str, Result]) -> None:
    """The marks are earned: one wrong number costs its point and nothing else."""
    result = counting[WRONG.id]
    assert result.reports["g1"].score == 0
    assert result.score == result.points - result.reports["g1"].points


def test_all_were_graded_under_a_seal(counting: dict[str, Result]) -> None:
    """None that was graded was run without the operating system's seal."""
    seals = {result.seal for result in counting.values() if result.state == "graded"}
    assert seals
    assert seals.isdisjoint({"", UNSEALED})


def test_no_two_are_the_same() -> None:
    """Every notebook has an id, a student and an oddity of its own."""
    for part in ("id", "odd", "name"):
        values = [getattr(one, part) for one in HONEST]
        assert len(values) == len(set(values)), part
