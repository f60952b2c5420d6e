"""Data files of an assignment: question code opens them by the names that students use."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.grading.draws import draw_number
from autograder.grading.own_calls import compute_side_by_side
from autograder.questions.data_files import InFolder
from autograder.questions.loader import load_assignment, load_question, text_of
from autograder.questions.question import Question
from autograder.sandbox.wire import Reply
from autograder.verification.laws import violations

READS = '''\
"""The largest value of a series, above a floor."""

import numpy as np

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(en="The largest value"),
    statement=Text(en="Return the largest value of `measure.csv`, or the floor."),
)
SIZE = len(np.loadtxt("measure.csv"))


@question.answer
def largest(floor):
    """Largest value."""
    return float(max(np.loadtxt("measure.csv").max(), floor))


@question.example
def example(largest):
    assert largest(0.0) == np.loadtxt("measure.csv").max()


@question.cases
def cases(rng):
    return [Case(float(floor)) for floor in np.loadtxt("measure.csv") * 2]


@question.check(points=1, text=Text(en="is right"))
def is_right(got, case, want):
    open("measure.csv").close()
    expect.close(got, want)


@question.misconception(text=Text(en="The smallest."), fails=[is_right])
def smallest(floor):
    return float(np.loadtxt("measure.csv").min())
'''


def question_with_data(root: Path, text: str = READS) -> Question:
    """Return the question `largest` of a course in `root` with the data file `measure.csv`."""
    folder, data = root / "solutions" / "rain", root / "source" / "rain"
    for made in (folder, data):
        made.mkdir(parents=True, exist_ok=True)
    (data / "measure.csv").write_text("3\n8\n5\n", encoding="utf-8")
    (data / "rain.ipynb").write_text("{}", encoding="utf-8")
    (folder / "largest.py").write_text(text, encoding="utf-8")
    return load_question(folder / "largest.py", ("en",))


@pytest.fixture
def question(tmp_path: Path) -> Question:
    """A question with a data file."""
    return question_with_data(tmp_path)


def test_reference_examples_cases_and_checks_read_a_released_file(question: Question) -> None:
    """Each function of a question file opens a data file by its name alone, and every law holds."""
    assert [str(violation.text) for violation in violations(question)] == []


def test_working_folder_is_as_before_after_each_call(question: Question) -> None:
    """The working folder changes for the author's functions only, also where one raises."""
    before = Path.cwd()
    assert [case.args for case in draw_number(question, 0).cases] == [(6.0,), (16.0,), (10.0,)]
    assert question.reference is not None
    with pytest.raises(TypeError):
        question.reference("no number")
    assert Path.cwd() == before


def test_question_without_data_files_runs_where_it_is(tmp_path: Path) -> None:
    """Without a data file, the functions of a question are those of its file."""
    text = READS.replace('np.loadtxt("measure.csv")', "np.array([3, 8, 5])").replace(
        '    open("measure.csv").close()\n', ""
    )
    question_with_data(tmp_path)
    (tmp_path / "source" / "rain" / "measure.csv").unlink()
    (tmp_path / "solutions" / "rain" / "largest.py").write_text(text, encoding="utf-8")
    question = load_question(tmp_path / "solutions" / "rain" / "largest.py", ("en",))
    assert not isinstance(question.reference, InFolder)


def test_missing_file_is_a_fault_of_the_question_with_its_line(tmp_path: Path) -> None:
    """A file that is not there is named with the line that opens it."""
    question = question_with_data(
        tmp_path, READS.replace('max(np.loadtxt("measure.csv")', 'max(np.loadtxt("m.csv")')
    )
    with pytest.raises(
        GraderError,
        match=r"largest\.py:17: largest raised FileNotFoundError: m\.csv not found\.; put .* source/rain/",
    ):
        draw_number(question, 0)


def test_data_folder_is_not_on_the_import_path(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python file among the data is not imported, also where the working folder is on the path."""
    path = Path(question.data_files[0]).with_name("planted_beside_data.py")
    path.write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "path", ["", *sys.path])

    def imports() -> None:
        __import__("planted_beside_data")

    with pytest.raises(ModuleNotFoundError):
        InFolder(imports, path.parent)()


def test_two_threads_do_not_share_a_working_folder(tmp_path: Path) -> None:
    """Functions of two assignments that run at the same time in two threads each see their own folder."""
    folders = [tmp_path / name for name in ("one", "two")]
    seen: list[bool] = []

    def look(folder: Path) -> None:
        for _ in range(200):
            seen.append(InFolder(lambda: Path.cwd() == folder, folder)())

    for folder in folders:
        folder.mkdir()
    before = Path.cwd()
    threads = [threading.Thread(target=look, args=[folder]) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seen), all(seen), Path.cwd()) == (400, True, before)


def test_followed_functions_are_called_from_the_folder_of_the_grader(tmp_path: Path) -> None:
    """Where computations wait for values side by side, each goes on in its folder, and the grader in its own."""
    before, asked_in = Path.cwd(), []

    class Kernel:
        def call_all(self, name, calls, seed):
            asked_in.append(Path.cwd())
            return [Reply(args[0] + 1, None) for args, _kwargs in calls]

    def search(own) -> tuple[int, bool]:
        value = 0
        for _ in range(3):
            value = own("next", value)
        return value, Path.cwd() == tmp_path

    computed = compute_side_by_side([InFolder(search, tmp_path)] * 2, Kernel(), {"next": 1})  # type: ignore[arg-type]
    assert computed == [(3, True), (3, True)]
    assert {*asked_in, Path.cwd()} == {before}


def test_changed_data_file_changes_the_proved_text(question: Question) -> None:
    """A question is proved again after a change of a data file that it names."""
    before = text_of(question)
    question.data_files[0].write_text("9\n", encoding="utf-8")
    assert text_of(question) != before


def test_changed_data_file_is_read_again(question: Question) -> None:
    """Questions are loaded again after a change of a data file, which a file may have read at its top."""
    folder = Path(question.path).parent
    [first] = load_assignment(folder, ("en",))
    question.data_files[0].write_text("9\n7\n", encoding="utf-8")
    [second] = load_assignment(folder, ("en",))
    assert first is not second


def test_data_of_the_release_serve_where_there_are_no_sources(tmp_path: Path) -> None:
    """On a machine that has only the release, its data files are read."""
    question_with_data(tmp_path)
    (tmp_path / "release" / "en").mkdir(parents=True)
    (tmp_path / "source" / "rain").rename(tmp_path / "release" / "en" / "rain")
    question = load_question(tmp_path / "solutions" / "rain" / "largest.py", ("en",))
    assert len(draw_number(question, 0).cases) == 3
