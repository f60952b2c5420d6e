"""What everybody's notebook shows is found out once for a state of the course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.grading import public_outputs
from autograder.grading.public_outputs import CACHE_FOLDER, PublicOutputs
from tests.support import copy_course

GRU = "gru_parameters"
SHOWN = frozenset({("print(1)", '[{"text": "1"}]')})


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one assignment."""
    return Course.open(copy_course(tmp_path / "course", GRU))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each run of a release."""
    made: list[str] = []

    def release_outputs(*given: Any, **named: Any) -> public_outputs.CellOutputs:
        made.append("run")
        return SHOWN

    monkeypatch.setattr(public_outputs, "release_outputs", release_outputs)
    return made


def test_a_release_is_run_once_for_all_workers(course: Course, runs: list[str]) -> None:
    """Another process reads what the first one kept."""
    one = PublicOutputs(course)
    assert [one.outputs_of(GRU, "en", "counting"), one.outputs_of(GRU, "en", "counting")] == [SHOWN, SHOWN]
    assert PublicOutputs(course).outputs_of(GRU, "en", "counting") == SHOWN
    assert runs == ["run"]


def test_another_release_is_run(course: Course, runs: list[str]) -> None:
    """What an earlier one showed says nothing of it."""
    PublicOutputs(course).outputs_of(GRU, "en", "counting")
    path = course.assignment(GRU).release("en")
    path.write_bytes(path.read_bytes() + b"\n")
    PublicOutputs(course).outputs_of(GRU, "en", "counting")
    assert runs == ["run", "run"]


@pytest.mark.parametrize("kept", ["", "[]", '{"digest": "0", "shown": []}'], ids=["empty", "list", "other"])
def test_what_cannot_be_read_is_found_out_again(course: Course, runs: list[str], kept: str) -> None:
    """A file that was cut off stops nobody."""
    PublicOutputs(course).outputs_of(GRU, "en", "counting")
    (course.root / CACHE_FOLDER / f"{GRU}-en.json").write_text(kept, encoding="utf-8")
    assert PublicOutputs(course).outputs_of(GRU, "en", "counting") == SHOWN
    assert runs == ["run", "run"]
