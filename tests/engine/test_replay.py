"""Why these points: what a replay shows is what was judged, and nothing of a student's acts on who reads it."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.cli.explanation import print_cases
from autograder.cli.options import Terminal
from autograder.course import Course, SubmissionId
from autograder.engine.batch import grade_class, replay_submission
from autograder.engine.replay import MAX_CASES, ReplayResult
from autograder.grading.value_format import MAX_VALUE, arguments, short
from autograder.notebooks.cells import cell_metadata
from autograder.questions.loader import load_question
from autograder.questions.question import Case
from autograder.text import visible
from tests.support import ROOT, cli, copy_course

pytestmark = [pytest.mark.seal, pytest.mark.long]
LSTM, CELLS, TAGGING = "lstm_parameters", "cells", "tagging"
LIMITS = 'c.CourseSettings.limits = {"call": 2, "cell": 30}\n'
ESCAPE = "\x1b"
LIE = """
class Lie(int):
    def __repr__(self):
        return "{right}"
    __str__ = __repr__

def lstm_params(input_dim, units):
    return Lie(7)
"""


def right_answers(assignment: str) -> dict[str, str]:
    """The right answers of the class that `autograder demo` grades."""
    text = (ROOT / "solutions" / assignment / "demo_class.toml").read_text(encoding="utf-8")
    right: dict[str, str] = tomllib.loads(text)["right"]
    return right


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """This repository's course, with limits that a test can wait for."""
    root = copy_course(tmp_path_factory.mktemp("why") / "course", LSTM, CELLS, TAGGING)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(LIMITS)
    yield Course.open(root)


def hand_in(course: Course, student: str, answers: Mapping[str, str], assignment: str = LSTM) -> SubmissionId:
    """A submission: the release, right answers where `answers` says nothing else."""
    notebook = nbformat.read(course.assignment(assignment).release("en"), as_version=4)
    given = right_answers(assignment) | dict(answers)
    for cell in notebook.cells:
        name = cell_metadata(cell).get("question")
        if cell_metadata(cell).get("part") == "answer" and name in given:
            cell.source = given[name]
    path = course.submitted / student / assignment / f"{assignment}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return SubmissionId(student, assignment)


def seen(course: Course, answer: str, question: str = "lstm_params", assignment: str = LSTM) -> ReplayResult:
    """What a replay sees of an answer."""
    job = hand_in(course, "kim", {question: answer}, assignment)
    return replay_submission(course, job, question)


def only(found: ReplayResult) -> Any:
    """The last check, which looks at the whole answer."""
    assert "failed" not in found, found
    return found["checks"][-1]


class TestWhatIsSeen:
    """Inputs, what was wanted, what came back."""

    def test_right_answer_passes_every_case(self, course: Course) -> None:
        """Each case shows the arguments by name and twice the same number."""
        found = seen(course, right_answers(LSTM)["lstm_params"])
        check = only(found)
        assert check["outcome"] == "passed"
        assert (check["points"], check["earned"]) == (2, 2)
        assert len(check["cases"]) == 14
        assert all(case["passed"] and case["got"] == case["wanted"] for case in check["cases"])
        first = {"given": "input_dim=1, units=70", "wanted": "20160", "got": "20160"}
        assert first.items() <= check["cases"][0].items()
        assert found["misconceptions"] == found["computed"] == []

    def test_wrong_answer_is_shown_with_its_diagnosis(self, course: Course) -> None:
        """What came back stands beside what was wanted, the mistake is named, and what the function computes."""
        found = seen(course, "def lstm_params(input_dim, units):\n    return 4 * units * (input_dim + units)")
        check = only(found)
        assert check["outcome"] == "failed"
        assert check["earned"] == 0
        case = next(case for case in check["cases"] if case["given"] == "input_dim=70, units=1")
        assert (case["wanted"], case["got"], case["passed"]) == ("288", "284", False)
        assert case["message"]["en"] == "a whole number came back, but the count is not right"
        assert [named["name"] for named in found["misconceptions"]] == ["no_bias"]
        assert found["score"] == 2  # both kernels are counted

    def test_failing_inputs_come_first(self, course: Course) -> None:
        """An answer that is wrong for one size shows that size on top."""
        source = "def lstm_params(d, u):\n    return 4 * u * (d + u + 1) + (d == 900)"
        cases = only(seen(course, source))["cases"]
        assert [case["passed"] for case in cases] == [False] + [True] * 13
        assert cases[0]["given"] == "input_dim=900, units=257"

    def test_number_question_shows_its_numbers(self, course: Course) -> None:
        """The one case is the variant that the student was judged on."""
        [case] = only(seen(course, "p1 = 12", "p1"))["cases"]
        assert case["given"].startswith("timesteps=")
        assert case["got"] == "12"
        assert not case["passed"]

    def test_arrays_are_shown_with_their_shape(self, course: Course) -> None:
        """Each of six arrays is there, and each is told in both states that came back."""
        answer = "def lstm_step(x, h, c, kernel, recurrent_kernel, bias):\n    return h[:, :1], c"
        found = seen(course, answer, "lstm_step", CELLS)
        case = next(case for check in found["checks"] for case in check["cases"] if not case["passed"])
        for name in ("x=array (", "kernel=array (", "recurrent_kernel=array (", "bias=array ("):
            assert name in case["given"]
        assert case["got"].startswith("(array (1, 1) float32: [[")
        assert case["wanted"].startswith("(array (1, 4) float32: [[")

    def test_changed_arguments_are_compared_with_those_before(self, course: Course) -> None:
        """A check that looks at the arguments shows them as they were and as they are."""
        answer = "def lstm_step(x, h, c, kernel, recurrent_kernel, bias):\n    c[:] = 0.5\n    return h, c"
        found = seen(course, answer, "lstm_step", CELLS)
        changed = [check for check in found["checks"] if any("0.5" in one["got"] for one in check["cases"])]
        assert any("0.5" not in case["wanted"] for check in changed for case in check["cases"])

    @pytest.mark.full
    @pytest.mark.tensorflow
    def test_model_is_shown_by_its_layers(self, course: Course) -> None:
        """Layers, sizes and how it learns; what was wanted only the check knows."""
        answer = right_answers(TAGGING)["build_tagger"].replace("GRU(3,", "GRU(5,")
        found = seen(course, answer, "build_tagger", TAGGING)
        assert "failed" not in found, found
        cases = [case for check in found["checks"] for case in check["cases"]]
        wrong = next(case for case in cases if not case["passed"])
        assert wrong["got"].startswith("model (None, 3, 4) → (None, 3, 3); GRU(units=5, ")
        assert "sparse_categorical_crossentropy" in wrong["got"]
        assert wrong["wanted"] == ""
        assert any(case["passed"] and "LSTM(units=3" in case["got"] for case in cases)

    def test_it_tells_what_ran(self, course: Course) -> None:
        """Versions, and the question file by its digest."""
        versions = seen(course, "x = 1")["versions"]
        assert set(versions) == {"autograder", "python", "numpy", "question"}
        assert all(versions.values())


class TestAnswersThatFail:
    """What gives nothing to judge is told in its own words."""

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ("def lstm_params(d, u):\n    raise ValueError('no \\x1b[2J idea')", "raised ValueError: no "),
            ("def lstm_params(d, u):\n    while True: pass", "did not finish within 2 s"),
            ("def lstm_params(d, u):\n    import os; os._exit(1)", "ended the kernel"),
            ("lstm_params = None", "'NoneType' object is not callable"),
            ("def lstm_params(d, u) return 1", "there is no answer"),
        ],
        ids=["raises", "hangs", "exits", "no function", "no Python"],
    )
    def test_it_is_told(self, course: Course, answer: str, message: str) -> None:
        """Every case says what happened; nothing came back, and nothing is earned."""
        found = seen(course, answer)
        check = only(found)
        assert check["outcome"] == "errored"
        assert len(check["cases"]) == 14
        for case in check["cases"]:
            assert (case["got"], case["passed"]) == ("", False)
            assert message in case["message"]["en"]
        assert found["score"] == 0
        assert ESCAPE not in json.dumps(found, ensure_ascii=False)

    def test_unreadable_notebooks_are_reported(self, course: Course) -> None:
        """The reason stands among the notes."""
        path = course.submitted / "lee" / LSTM / f"{LSTM}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{ no notebook")
        found = replay_submission(course, SubmissionId("lee", LSTM), "lstm_params")
        assert found["score"] == 0
        assert only(found)["cases"] == []
        assert "notebook" in found["notes"][0]["en"]


class TestNothingActs:
    """What a student's values hold is shown, not obeyed."""

    def test_value_that_lies_about_itself_is_shown_as_it_is(self, course: Course) -> None:
        """Its own `repr` is never asked."""
        for case in only(seen(course, LIE.format(right="192")))["cases"]:
            assert case["got"] == "7"

    def test_escape_codes_are_made_visible(self, course: Course) -> None:
        """A string that clears the screen, one that turns the line around, and one that ends it."""
        answer = "def lstm_params(d, u):\n    return ['\\x1b[2J\\x07', '\\u202e', 'a\\nb', {'\\x9b': 1}]"
        found = seen(course, answer)
        assert only(found)["cases"][0]["got"] == r"['\x1b[2J\x07', '\u202e', 'a\nb', {'\x9b': 1}]"
        shown = json.dumps(found, ensure_ascii=False)
        assert all(letter.isprintable() for letter in shown)

    @pytest.mark.parametrize(
        "value",
        [
            "'x' * 90000",
            "dict.fromkeys(range(900), 'y' * 80)",
            pytest.param("__import__('numpy').ones((600, 600))", marks=pytest.mark.full),
            pytest.param("[[[[1] * 10] * 10] * 10] * 10", marks=pytest.mark.full),
            pytest.param("10 ** 39", marks=pytest.mark.full),
            pytest.param("__import__('numpy').zeros((4,) * 8)", marks=pytest.mark.full),
        ],
    )
    def test_long_values_are_cut(self, course: Course, value: str) -> None:
        """However much comes back, a line of it is kept."""
        check = only(seen(course, f"def lstm_params(d, u):\n    return {value}"))
        assert check["outcome"] == "failed"
        for case in check["cases"]:
            assert 0 < len(case["got"]) <= MAX_VALUE

    @pytest.mark.full
    def test_many_cases_are_cut(self, course: Course, tmp_path: Path) -> None:
        """Forty are kept, and it is said how many are not."""
        root = copy_course(tmp_path / "course", LSTM)
        path = root / "solutions" / LSTM / "lstm_params.py"
        text = path.read_text(encoding="utf-8")
        assert "[:20].reshape(10, 2)" in text
        path.write_text(text.replace("[:20].reshape(10, 2)", "[:60].reshape(30, 2).repeat(2, axis=0)"))
        check = only(seen(Course.open(root), "def lstm_params(d, u):\n    return 0"))
        assert (len(check["cases"]), check["more"]) == (MAX_CASES, 24)


class TestSame:
    """A replay is the grading, once more."""

    @pytest.mark.full
    def test_it_earns_what_was_recorded(self, course: Course) -> None:
        """Of whatever kind the question is; before it is graded there is nothing to compare with."""
        job = hand_in(course, "park", {"lstm_params": "def lstm_params(d, u):\n    return 4 * u * (d + u)"})
        assert replay_submission(course, job, "lstm_params")["same"] is None
        [result] = grade_class(course, [job])
        for name in ("lstm_params", "p1", "stacked_params"):
            report = result.reports[name]
            found = replay_submission(course, job, name)
            assert found["same"] is True, name
            assert found["score"] == report.score
            assert [check["outcome"] for check in found["checks"]] == [one.outcome for one in report.checks]
            assert [check["message"] for check in found["checks"]] == [
                one.message.to_dict() for one in report.checks
            ]

    def test_it_says_when_it_earns_something_else(self, course: Course) -> None:
        """As where the file has changed since."""
        job = hand_in(course, "choi", {})
        grade_class(course, [job])
        hand_in(course, "choi", {"lstm_params": "lstm_params = 1"})
        assert replay_submission(course, job, "lstm_params")["same"] is False

    def test_nothing_is_changed(self, course: Course) -> None:
        """Neither a file of the course nor its gradebook."""
        job = hand_in(course, "jung", {})
        grade_class(course, [job])

        def files() -> dict[str, tuple[int, int]]:
            found = (
                path for path in course.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts
            )
            return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

        before = files()
        replay_submission(course, job, "lstm_params")
        assert files() == before

    def test_our_own_fault_is_told_as_such(self, course: Course, tmp_path: Path) -> None:
        """A check that raises gives no picture, and no wrong one."""
        root = copy_course(tmp_path / "course", LSTM)
        path = root / "solutions" / LSTM / "lstm_params.py"
        text = path.read_text(encoding="utf-8").replace("expect.count(got, want)", "raise OSError('gone')")
        path.write_text(text, encoding="utf-8")
        found = seen(Course.open(root), right_answers(LSTM)["lstm_params"])
        assert list(found) == ["failed"]
        assert "check counts_every_layer raised OSError: gone" in found["failed"]["en"]


class TestCommand:
    """`autograder explain`."""

    def test_it_prints_a_table(self, course: Course) -> None:
        """Cases, verdicts and diagnosis, in the language asked for; escape codes do nothing."""
        answer = "def lstm_params(d, u):\n    return 4 * u * (d + u) if d != 900 else '\\x1b[2J'"
        hand_in(course, "kim", {"lstm_params": answer})
        words = {
            "en": ("given", "wanted", "got", "✘ failed (0 / 2): counts the parameters of a layer of any size",
                   "it has not been graded yet"),
            "ko": ("준 값", "기대한 값", "나온 값", "✘ 틀림 (0 / 2): 어떤 크기의 층이든 개수가 맞는다",
                   "아직 채점한 기록이 없습니다."),
        }  # fmt: skip
        for language, expected in words.items():
            done = cli("explain", "kim", LSTM, "lstm_params", "--language", language, cwd=course.root)
            assert done.returncode == 0, done.stdout + done.stderr
            for word in (*expected, "input_dim=70,", "'\\x1b[2J'"):
                assert word in done.stdout, (word, done.stdout)
            assert ESCAPE not in done.stdout

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("kim", LSTM, "lstm_param"), "no question 'lstm_param'; did you mean lstm_params"),
            (("kin", LSTM, "lstm_params"), "no student 'kin'; did you mean kim?"),
            (("kim", "lstm", "lstm_params"), "no assignment 'lstm'"),
        ],
    )
    def test_unknown_name_is_told(self, course: Course, words: tuple[str, ...], message: str) -> None:
        """With the near ones."""
        hand_in(course, "kim", {})
        done = cli("explain", *words, cwd=course.root)
        assert done.returncode == 2
        assert message in done.stderr


class TestText:
    """Texts from anybody."""

    @pytest.mark.parametrize(
        ("text", "most", "shown"),
        [
            ("plain 한글", 20, "plain 한글"),
            ("\x1b[31m", 20, r"\x1b[31m"),
            ("a\tb\r\n", 20, r"a\tb\r\n"),
            ("\ud800", 20, r"\ud800"),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcde…"),
            ("\x1b\x1b", 6, r"\x1b\…"),
        ],
    )
    def test_it_is_visible_and_short(self, text: str, most: int, shown: str) -> None:
        """What is not printable shows as what it is, and the end of what is too long as …"""
        assert visible(text, most) == shown

    def test_case_that_fits_no_call_is_shown_all_the_same(self, course: Course) -> None:
        """By place and by name, as it was drawn."""
        question = load_question(course.root / "solutions" / LSTM / "lstm_params.py", course.languages)
        assert arguments(question, Case(1, 2, 3, more="x")) == "1, 2, 3, more='x'"
        assert arguments(question, Case(1, units=2)) == "input_dim=1, units=2"

    def test_number_of_numpy_is_shown_as_a_number(self) -> None:
        """Alone and in a list: how Python writes its type says nothing about an answer."""
        assert short([np.float64(0.5), np.int64(3), np.bool_(True), np.str_("a")]) == "[0.5, 3, True, 'a']"
        assert short(np.float32(0.1)) == "0.1"

    def test_case_wider_than_the_terminal_is_not_folded(self) -> None:
        """Each value has a line of its own, as long as it is; a table is for short ones."""
        array = short(np.arange(20.0).reshape(2, 10))
        console = Terminal(file=io.StringIO(), width=80)
        print_cases(console, ["given", "got"], [("✘", "n=2", array), ("✔", "n=1", "3")])
        assert console.file.getvalue() == f"✘ given: n=2\n  got: {array}\n✔ given: n=1\n  got: 3\n"

    def test_empty_answer_is_no_empty_text(self) -> None:
        """None and an empty list show as such."""
        assert [short(value) for value in (None, [], "", ())] == ["None", "[]", "''", "()"]
