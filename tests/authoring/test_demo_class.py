"""The main job: our own class, graded and compared with what it deserves."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.authoring import demo_class
from autograder.cli.demo import submission_to_show
from autograder.course import DEMO_MARK, Course
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.engine.messages import Result
from autograder.errors import CourseError
from autograder.grading.report import Report
from autograder.reports import read_class
from autograder.text import Text
from tests.support import ROOT, command, copy_course, small_course


def grade(root: Path, folder: Path, *words: str) -> str:
    """Run the command and return what it prints; every score and every diagnosis is what the class deserves."""
    done = command("autograder", "demo", "--folder", str(folder), "--language", "en", *words, cwd=root)
    assert done.returncode == 0, done.stdout
    assert "is what the class deserves" in done.stdout
    for left in ("gradebook.db", "feedback", "grades.csv"):
        assert (folder / left).exists()
    return done.stdout


@pytest.mark.full
@pytest.mark.long
def test_assignments_that_train_models_run_only_on_request(tmp_path: Path) -> None:
    """Without --all, those that count get what they deserve; the last lines say what to open and to run."""
    root = copy_course(tmp_path / "course", "shapes", "tagging")
    output = grade(root, tmp_path / "demo")
    assert not list((tmp_path / "demo" / "submitted").glob("*/tagging"))
    assert re.search(r"open \S+/feedback/\S+\.html\n.*\n.*open \S+/reports/\w+\.en\.html\n", output)
    assert "autograder init ../my_course\n" in output
    assert "autograder demo --all\n    also what trains models: tagging" in output


@pytest.mark.full
@pytest.mark.long
@pytest.mark.tensorflow
def test_the_whole_class_gets_what_it_deserves(tmp_path: Path) -> None:
    """As the README runs it."""
    grade(ROOT, tmp_path / "demo", "--all")


def test_the_class_is_large_and_varied() -> None:
    """Every assignment, both editions, and every way of handing in that is no accident of one notebook."""
    students = demo_class.read_class(ROOT / "solutions")
    assert len(students) >= 24
    assert {student.assignment for student in students} == {
        "lstm_parameters", "gru_parameters", "shapes", "tagging", "cells",
    }  # fmt: skip
    assert {student.edition for student in students} == {"ko", "en"}
    assert {"plain", "copied cell", "broken file"} <= {student.hand_in for student in students}


def test_result_that_differs_is_told() -> None:
    """The comparison is not silent about a score, a mistake or a missing result."""
    student = demo_class.read_class(ROOT / "solutions")[0]
    found = demo_class.compare([student], [])
    assert {one.found for one in found} == {"not graded"}
    wrong = dataclasses.replace(student, scores={"g1": 17.0})
    assert demo_class.compare([wrong], [Result(student.submission, "graded")])[0].expected == "17"


def test_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    """The demo empties only what an earlier demo made."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CourseError, match="is not empty and does not hold a demo"):
        demo_class.copy_course(Course.open(ROOT), tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_class_file_with_a_mistake_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "lstm_parameters").mkdir()
    (tmp_path / "lstm_parameters" / "demo_class.toml").write_text(
        "[[student]]\nid = 'kim'\n", encoding="utf-8"
    )
    with pytest.raises(CourseError, match=r"lstm_parameters/demo_class\.toml: KeyError"):
        demo_class.read_class(tmp_path)


def test_demo_shows_a_page_in_the_language_of_the_reader() -> None:
    """Of those with a named mistake, one whose edition the reader reads; else any."""
    students = demo_class.read_class(ROOT / "solutions")
    results = [
        Result(student.submission, "graded", reports={"q": report_of(student)}) for student in students
    ]
    for language in ("en", "ko", "en-GB"):
        chosen = submission_to_show(students, results, language, "ko")
        student = next(one for one in students if one.submission == chosen)
        assert (student.edition or "ko") == language[:2]
        assert student.mistakes
    assert submission_to_show(students, results, "de", "ko") in {one.submission for one in students}


def report_of(student: demo_class.DemoStudent) -> Report:
    named = NamedMisconception("mistake", Text(en="A mistake."))
    return Report("q", Text(en="Q"), 1, (), misconceptions=(named,) if student.mistakes else ())


@pytest.mark.parametrize(("is_demo", "absent"), [(True, 0), (False, 1)])
def test_report_of_a_demo_leaves_out_students_of_other_assignments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_demo: bool, absent: int
) -> None:
    """Each student of a simulated class has one assignment: nothing is missing in the others."""
    root = small_course(tmp_path / "course")
    (root / "submitted" / "amy" / "cells").mkdir(parents=True)
    if is_demo:
        (root / DEMO_MARK).touch()
    book = SimpleNamespace(people={"amy": ("", ""), "ben": ("", "")}, submissions={}, points={}, manual={})
    monkeypatch.setattr(read_class, "read_class_scores", lambda *given: book)
    monkeypatch.setattr(
        read_class, "class_results", lambda course, name, students, **given: [one.state for one in students]
    )
    states = read_class.read_class(Course.open(root), "cells")
    assert states.count("absent") == absent
