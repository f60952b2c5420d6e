"""Which numbers a student gets, in the notebook and in the grader."""

from __future__ import annotations

import contextlib
import io
import json
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.grading.notebook_grader import GradingOptions, KernelOptions, grade_notebook
from autograder.nbgrader.gradebook import known_ids
from autograder.notebooks.cells import cell_metadata
from autograder.questions.loader import load_question
from autograder.questions.question import Pool, Question
from autograder.questions.variants import (
    Owner,
    chance_of_sharing,
    numbers_of_class,
    own_numbers,
    plain_id,
)
from autograder.submissions import rebuild
from autograder.submissions.parse import parse_submitted
from tests.support import ROOT, cli, small_course

COURSE = Course.open(ROOT)
PROBLEM = load_question(ROOT / "solutions" / "lstm_parameters" / "p1.py", ("ko", "en"))
POOL = PROBLEM.pool
IDS = st.text(st.characters(codec="utf-8"), max_size=30)


def drawn(student: str, variants: tuple[tuple[Any, ...], ...]) -> tuple[Any, ...]:
    return own_numbers("rnn", student, "problem1", variants)


class TestPlainId:
    """People write one id in many ways."""

    @pytest.mark.parametrize(
        "written",
        [
            "2026-1234",
            "2026 1234",
            " 20261234 ",
            "２０２６１２３４",
            "0020261234",
            "2026–1234",
            "2026.1234",
            20261234,
        ],
    )
    def test_ways_to_write_it(self, written: object) -> None:
        """Spaces, dashes, full-width digits, zeros in front, no quotes: the same id."""
        assert plain_id(written) == "20261234"

    def test_capital_letters(self) -> None:
        """An id of letters is one whatever their case."""
        assert plain_id("Kim-Minsu") == plain_id("kim_minsu") == "kimminsu"

    def test_korean_as_some_systems_write_it(self) -> None:
        """Letters that a system has taken apart are put together."""
        assert plain_id(unicodedata.normalize("NFD", "학생1")) == "학생1"

    @given(IDS)
    def test_plain_is_plain(self, written: str) -> None:
        """A plain id is its own plain id."""
        assert plain_id(plain_id(written)) == plain_id(written)

    def test_nothing_is_nothing(self) -> None:
        """Blanks, dashes and zeros alone are no id."""
        assert plain_id(" - 000 ") == ""


class TestTheDraw:
    """A public hash of course, student and problem draws the numbers."""

    def test_the_same_again(self) -> None:
        """Regrading gives the same numbers, however the id is written."""
        assert POOL is not None
        assert drawn("2026-0017", POOL.variants) == drawn("２０２６００１７", POOL.variants)

    def test_it_is_pinned(self) -> None:
        """The draw is part of what students hold in hand: it may never change (by sha256sum, by hand)."""
        variants = ((3, 9), (5, 7), (2, 11), (4, 6))
        assert [own_numbers("rnn", student, "p", variants) for student in ("1", "2", "3", "kim")] == [
            (5, 7), (4, 6), (5, 7), (4, 6),
        ]  # fmt: skip

    def test_classmates_differ(self) -> None:
        """Of 2,000 students each variant gets its share, none more than three times the mean."""
        assert POOL is not None
        counts = Counter(drawn(f"2026{number:04}", POOL.variants) for number in range(2000))
        assert len(counts) == len(POOL.variants)
        assert max(counts.values()) < 3 * 2000 / len(POOL.variants)

    @given(st.integers(0, 10**9), st.integers(0, 239))
    def test_removed_variant_moves_its_holders_alone(self, student: int, gone: int) -> None:
        """Taking a variant out of the pool changes nothing for those who did not hold it."""
        assert POOL is not None
        before = drawn(str(student), POOL.variants)
        left = tuple(numbers for numbers in POOL.variants if numbers != POOL.variants[gone])
        after = drawn(str(student), left)
        assert (after == before) == (before != POOL.variants[gone])

    def test_the_chance_that_two_share_an_answer(self) -> None:
        """With every answer held by one variant, it is one in as many as there are variants."""
        assert chance_of_sharing(PROBLEM) == pytest.approx(1 / 240)


class TestWhoseNumbersCount:
    """The id in a notebook is a claim; who handed in is known."""

    OWNER = Owner("rnn", "2026-0001", {"20260001": "2026-0001", "20260002": "2026-0002", "kim": "2026-0001"})

    def test_the_owner_s(self) -> None:
        """One's own id, in whatever form: one's own numbers, and nothing to tell."""
        chosen = self.OWNER.choose_variant("2026 0001")
        assert (chosen.claim, chosen.student, chosen.note) == ("own", "20260001", None)

    def test_another_id_of_one_s_own(self) -> None:
        """A student whom the LMS knows under a second id may write that one: its numbers were shown."""
        chosen = self.OWNER.choose_variant("Kim")
        assert (chosen.claim, chosen.student, chosen.note) == ("own", "kim", None)

    def test_none(self) -> None:
        """Without an id the public numbers count, and the student is told."""
        chosen = self.OWNER.choose_variant("")
        assert (chosen.claim, chosen.student) == ("none", "")
        assert chosen.note is not None
        assert chosen.note.en.startswith("there was no id in the notebook")
        assert chosen.note.ko.startswith("노트북에 학번이 없어서")
        assert POOL is not None
        assert chosen.numbers(PROBLEM) == POOL.mapping(POOL.public)

    def test_another_student_s(self) -> None:
        """Another student's id does not make their answers fit: the owner's numbers count."""
        chosen = self.OWNER.choose_variant("20260002")
        assert (chosen.claim, chosen.student) == ("another's", "20260001")
        assert chosen.note is not None
        assert chosen.note.en.startswith(
            "the id in the notebook, 20260002, is not that of the student who handed it in"
        )
        assert chosen.note.ko.startswith("노트북에 적힌 학번 20260002은(는) 제출한 학생의 것이 아닙니다")

    def test_who_is_in_the_class_is_not_told(self) -> None:
        """A student who writes the id of a classmate reads what one reads who writes any other id."""
        theirs, nobodys = (
            self.OWNER.choose_variant("20260002").note,
            self.OWNER.choose_variant("20269999").note,
        )
        assert theirs is not None and nobodys is not None
        assert theirs.en.replace("20260002", "20269999") == nobodys.en
        assert theirs.ko.replace("20260002", "20269999") == nobodys.ko

    def test_nobody_s(self) -> None:
        """A mistyped id costs nothing: the numbers that the notebook showed count, and the student is told."""
        chosen = self.OWNER.choose_variant("2026-0O01")
        assert (chosen.claim, chosen.student) == ("nobody's", "20260o01")
        assert chosen.note is not None
        assert "20260o01" in chosen.note.en
        assert "20260o01" in chosen.note.ko

    @pytest.mark.parametrize("written", ["", "2026-0O01", "20260002"])
    def test_strictly_only_the_owner_s(self, written: str) -> None:
        """Where a course pays own numbers alone, these count whatever the notebook says, and the student is told."""
        strict = replace(self.OWNER, strict=True)
        chosen = strict.choose_variant(written)
        assert chosen.student == "20260001"
        assert chosen.numbers(PROBLEM) == strict.own.numbers(PROBLEM)
        assert chosen.note is not None
        assert chosen.claim == self.OWNER.choose_variant(written).claim
        if not written:
            assert "this course pays answers to your own numbers alone" in chosen.note.en
            assert "자기 수로 푼 답만 점수를 받습니다" in chosen.note.ko

    @given(IDS)
    def test_whatever_is_written_is_judged(self, written: str) -> None:
        """No text breaks the choice."""
        assert self.OWNER.choose_variant(written).numbers(PROBLEM).keys() == {
            "timesteps",
            "input_dim",
            "units",
        }


def solved(student: str, answer_for: dict[str, Any]) -> nbformat.NotebookNode:
    """The release with an id and the answer to problem 1 for some numbers."""
    release = nbformat.read(COURSE.assignment("lstm_parameters").release("en"), as_version=4)
    for cell in release.cells:
        if cell_metadata(cell).get("part") == "student":
            cell.source = f"student_id = {student!r}"
        if cell_metadata(cell).get("question") == "p1" and cell_metadata(cell).get("part") == "answer":
            n = answer_for
            cell.source = f"p1 = 4 * {n['units']} * ({n['input_dim']} + {n['units']} + 1)"
    return release


@pytest.mark.seal
class TestInAKernel:
    """Real notebooks, in a sealed kernel."""

    def judged(
        self,
        student: str,
        written: str,
        answer_for: dict[str, Any],
        *,
        ids: str = "kept",
        strict: bool = False,
    ) -> Any:
        release = nbformat.read(COURSE.assignment("lstm_parameters").release("en"), as_version=4)
        handed_in = json.loads(json.dumps(solved(written, answer_for)))
        for place, cell in enumerate(handed_in["cells"]):
            if ids != "kept":
                cell.pop("id")
            if ids == "new":
                cell["id"] = f"cell-{place}"
        raw = json.dumps(handed_in).encode()
        notebook = rebuild.rebuild(parse_submitted(raw), release).notebook
        owner = Owner(COURSE.id, student, {"s1": "s1", "s2": "s2"}, strict=strict)
        graded = grade_notebook(notebook, [PROBLEM], GradingOptions(1, owner), KernelOptions("counting"))
        return graded.reports["p1"], notebook

    def test_classmate_s_answer_does_not_fit(self) -> None:
        """The same text is right for one student and wrong for the other."""
        own = Owner(COURSE.id, "s1").choose_variant("s1").numbers(PROBLEM)
        mine, _ = self.judged("s1", "s1", own)
        copied, _ = self.judged("s2", "s2", own)
        assert (mine.score, mine.notes) == (PROBLEM.points, ())
        assert copied.score == 0

    def test_copied_notebook_id_and_all(self) -> None:
        """A classmate's notebook handed in as it is: judged on the owner's numbers, told and kept for the teacher."""
        theirs = Owner(COURSE.id, "s1").choose_variant("s1").numbers(PROBLEM)
        report, notebook = self.judged("s2", "s1", theirs)
        assert report.score == 0
        assert "is not that of the student who handed it in" in report.notes[0].en
        assert notebook.metadata["autograder"]["claim"] == ["another's", "s1"]

    @pytest.mark.parametrize("written", ["", "9999"])
    @pytest.mark.parametrize(("whose", "score"), [("s1", PROBLEM.points), ("9999", 0), ("", 0)])
    def test_strictly(self, written: str, whose: str, score: float) -> None:
        """Strictly, the own numbers are paid whatever id is written, and no others are."""
        numbers = Owner(COURSE.id).choose_variant(whose).numbers(PROBLEM)
        report, _ = self.judged("s1", written, numbers, strict=True)
        assert report.score == score
        assert any("write your" in note.en for note in report.notes)

    def test_the_public_numbers_under_one_s_own_id(self) -> None:
        """An answer for the public numbers is told to be one."""
        assert POOL is not None
        report, _ = self.judged("s1", "s1", POOL.mapping(POOL.public))
        assert report.score == 0
        assert report.notes[0].en.startswith("this fits the public numbers")

    def test_without_an_id(self) -> None:
        """The notebook showed the public numbers, so their answer is paid."""
        assert POOL is not None
        report, notebook = self.judged("s1", "", POOL.mapping(POOL.public))
        assert report.score == PROBLEM.points
        assert notebook.metadata["autograder"]["claim"] == ["none", ""]

    @pytest.mark.parametrize(
        ("biases", "paid"), [(0, 1), (1, 0)], ids=["its own formula's", "another formula's"]
    )
    def test_number_that_follows_from_a_formula_below(self, biases: int, paid: float) -> None:
        """Wrong by the mistake of the student's own formula it costs nothing, though the formula stands below it."""
        questions = [
            one
            for one in COURSE.assignment("lstm_parameters").questions
            if one.id in ("layer2", "lstm_params")
        ]
        numbers = Owner(COURSE.id, "s1").choose_variant("s1").numbers(questions[0])
        answers = {
            "student_id": "student_id = 's1'",
            "layer2": f"layer2 = 4 * {numbers['second_units']} * {numbers['first_units'] + numbers['second_units']}",
            "lstm_params": f"def lstm_params(d, u):\n    return 4 * u * (d + u + {biases})",
        }
        notebook = nbformat.read(COURSE.assignment("lstm_parameters").release("en"), as_version=4)
        for cell in notebook.cells:
            name = (
                "student_id"
                if cell_metadata(cell).get("part") == "student"
                else cell_metadata(cell).get("question")
            )
            if cell_metadata(cell).get("part") in ("student", "answer") and name in answers:
                cell.source = answers[name]
        owner = Owner(COURSE.id, "s1", {"s1": "s1"})
        graded = grade_notebook(notebook, questions, GradingOptions(1, owner), KernelOptions("counting"))
        report = graded.reports["layer2"]
        assert report.score == paid
        assert [named.name for named in report.misconceptions] == ([] if paid else ["no_bias"])
        assert [check.outcome for check in report.checks] == ["carried" if paid else "failed"]

    @pytest.mark.parametrize("ids", ["none", "new"])
    def test_cells_whose_ids_an_editor_has_changed(self, ids: str) -> None:
        """The id is found by what its cell is marked with."""
        own = Owner(COURSE.id, "s1").choose_variant("s1").numbers(PROBLEM)
        report, notebook = self.judged("s1", "s1", own, ids=ids)
        assert (report.score, report.notes) == (PROBLEM.points, ())
        assert notebook.metadata["autograder"]["claim"] == ["own", ""]

    @pytest.mark.parametrize("written", ["", "9999"])
    def test_the_own_numbers_without_a_known_id(self, written: str) -> None:
        """Whoever answered with the own numbers is right, even where the id was lost or mistyped afterwards."""
        own = Owner(COURSE.id, "s1").choose_variant("s1").numbers(PROBLEM)
        report, _ = self.judged("s1", written, own)
        assert (report.score, report.notes) == (PROBLEM.points, ())

    def test_the_notebook_shows_what_the_grader_derives(self) -> None:
        """The cells of the release, run with an id, print the numbers on which the student is judged."""
        release = nbformat.read(COURSE.assignment("lstm_parameters").release("ko"), as_version=4)
        for student in ("2026-0042", ""):
            space: dict[str, Any] = {}
            printed = io.StringIO()
            for cell in release.cells:
                if cell_metadata(cell).get("shows") and cell.cell_type == "code":
                    source = (
                        f"student_id = {student!r}"
                        if cell_metadata(cell)["part"] == "student"
                        else cell.source
                    )
                    with contextlib.redirect_stdout(printed):
                        exec(source, space)
            numbers = Owner(COURSE.id).choose_variant(student).numbers(PROBLEM)
            assert f"keras.Input(({numbers['timesteps']}, {numbers['input_dim']}))" in printed.getvalue()
            assert f"layers.LSTM({numbers['units']})" in printed.getvalue()
            whose = (
                "20260042: 내 문제의 수는 240가지 가운데 "
                if student
                else "아직 학번을 쓰지 않아서 공개 문제의 수를"
            )
            assert whose in printed.getvalue()


class TestThePoolFile:
    """What a pool may hold is checked where it is read."""

    def test_variant_too_short(self, tmp_path: Path) -> None:
        """Each variant gives every number."""
        from autograder.errors import QuestionError
        from autograder.questions.pool import read_pool

        path = tmp_path / "sizes.json"
        path.write_text(
            '{"names": ["units", "inputs"], "public": [7, 5], "variants": [[9]]}', encoding="utf-8"
        )
        with pytest.raises(QuestionError, match=r"a variant is \[9\]"):
            read_pool(path)

    def test_variant_twice(self, tmp_path: Path) -> None:
        """A variant that is listed twice would be drawn twice as often."""
        from autograder.errors import QuestionError
        from autograder.questions.pool import read_pool

        path = tmp_path / "sizes.json"
        path.write_text('{"names": ["units"], "public": [7], "variants": [[9], [9]]}', encoding="utf-8")
        with pytest.raises(QuestionError, match="duplicate variant"):
            read_pool(path)


AREA = '''\
"""An area."""

from autograder import Question, Text, expect

question = Question(
    title=Text(en="Area"),
    statement=Text(en="Compute it."),
    numbers=[{"width": 3, "height": 5}, *({"width": 20 + n, "height": 11} for n in range(9))],
)


@question.answer
def area(width, height):
    """The area."""
    return width * height


@question.check(points=2, text=Text(en="right"))
def right(got, case, want):
    expect.number(got, want)


@question.misconception(text=Text(en="Added."), fails=[right])
def added(width, height):
    return width + height
'''


def test_teacher_gives_a_student_other_numbers(tmp_path: Path) -> None:
    """By another id, which the student writes into the notebook and which draws a variant of its own."""
    root = small_course(tmp_path / "course")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.CourseSettings.other_ids = {"kim": ["kim-again"]}\n')
    course = Course.open(root)
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        owner = Owner(course.id, "kim", known_ids(course, gradebook))
    again = owner.choose_variant("Kim again")
    assert (again.claim, again.note) == ("own", None)
    assert again.numbers(PROBLEM) != owner.own.numbers(PROBLEM)
    assert owner.choose_variant("kim-third").claim == "nobody's"


@pytest.mark.seal
def test_course_that_pays_own_numbers_alone(tmp_path: Path) -> None:
    """Its notebook says so, and without an id the public numbers earn nothing while the own ones do."""
    folder = small_course(tmp_path / "course")
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.CourseSettings.own_numbers = "strict"\n')
    (folder / "solutions" / "areas").mkdir(parents=True)
    (folder / "solutions" / "areas" / "area.py").write_text(AREA, encoding="utf-8")
    assert cli("build", "--no-solutions", cwd=folder).returncode == 0
    course = Course.open(folder)
    release = nbformat.read(course.assignment("areas").release("en"), as_version=4)
    assert any("only answers to your own numbers earn points" in cell.source for cell in release.cells)
    (question,) = course.assignment("areas").questions
    for student, whose in (("kim", "kim"), ("lee", "")):
        numbers = Owner(course.id).choose_variant(whose).numbers(question)
        notebook = nbformat.read(course.assignment("areas").release("en"), as_version=4)
        for cell in notebook.cells:
            if cell_metadata(cell).get("part") == "answer":
                cell.source = f"area = {numbers['width']} * {numbers['height']}"
        target = folder / "submitted" / student / "areas" / "areas.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)
    assert cli("grade", cwd=folder).returncode == 0
    with Gradebook(course.gradebook_url) as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions("areas")}
    assert scores == {"kim": 2, "lee": 0}


def test_numbers_are_drawn_once_from_each_pool() -> None:
    """One choice gives the numbers of every pool, and of another pool of the same name."""
    chosen = Owner(COURSE.id).choose_variant("kim")
    assert PROBLEM.pool is not None
    for _again in range(2):
        for pool in (PROBLEM.pool, replace(PROBLEM.pool, variants=PROBLEM.pool.variants[:5])):
            drawn = own_numbers(COURSE.id, chosen.student, pool.name, pool.variants)
            assert replace(chosen, pool=pool).numbers(PROBLEM) == pool.mapping(drawn)
            other = Question(PROBLEM.title, PROBLEM.statement, numbers=PROBLEM.pool.name)
            object.__setattr__(other, "pool", pool)
            assert chosen.numbers(other) == pool.mapping(drawn)


def test_class_draws_what_each_of_its_students_draws() -> None:
    """The fast way for a class gives the numbers that notebooks show, however an id is written."""
    variants = tuple((number, 3 * number) for number in range(1, 60))
    pool = Pool("problem", ("a", "b"), (0, 0), variants)
    students = ["kim", "KIM-2", "00123", "１２３", "김민지"]
    assert numbers_of_class("rnn", students, pool) == {
        student: own_numbers("rnn", student, "problem", variants) for student in students
    }
