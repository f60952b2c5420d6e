"""The feedback page: what it says of every kind of result, that it is one small file, and that nothing in it runs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.diagnosis.misconceptions import TOGETHER, NamedMisconception
from autograder.feedback.cards import CellGrade
from autograder.feedback.page import render_report
from autograder.grading.report import UNANSWERED, CheckResult, Counterexample, Report
from autograder.text import Text, joined
from tests.feedback.samples import HOSTILE, Parsed, answer, cell, grade_cell, notebook, own, page, report
from tests.markup import MARKUP

CODE = "def lstm_params(input_dim, units):\n    return 4 * units"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
MAX_SIZE = 60_000
TITLE = Text(ko="제목", en="Title")


def check(outcome: str, *, points: float = 2.0, en: str = "", ko: str = "", name: str = "c") -> CheckResult:
    """A check with a message."""
    return CheckResult(name, Text(ko="개수가 맞는다", en="counts"), outcome, points, Text(ko=ko or en, en=en))


def too_easy(name: str) -> CheckResult:
    """A check that is blocked since the student's own wrong function makes it easier."""
    text = Text(ko="점수 없음: X부터 고치세요.", en="no points: fix X")
    return replace(check("blocked", name=name), message=text, too_easy=True)


def one(*checks: CheckResult, **more: object) -> Report:
    """A report with these checks."""
    points = sum(each.points for each in checks)
    return Report(**({"question": "q", "title": TITLE, "points": points, "checks": checks} | more))


def of(result: Report, *, edition: str = "en", code: str = CODE, **more: object) -> str:
    """The page of a notebook with one question."""
    graded = notebook(
        cell("markdown", "# Week 3"), answer(result.question, code), grade_cell(result), edition=edition
    )
    return page(graded, **more)


def words(html: str) -> str:
    """The text of a page without its style sheet, on one line."""
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join("".join(Parsed(re.sub(r"</(p|li|d[dt]|div|h\d)>", r"\g<0> ", html)).text).split())


def state(html: str) -> str:
    """The state in the first line of the overview."""
    [found] = re.findall(r'<li class="(\w+)"><a href="#q-', html)
    return found


class TestStates:
    """Every kind of result has its own state, in words, and says what to do."""

    def test_right(self) -> None:
        """A right answer is one line that opens, and says no more than that it is right."""
        html = of(one(check("passed")))
        assert state(html) == "right"
        assert '<details class="card right" id="q-q">' in html
        assert "✔ Right 2 / 2" in words(html)
        assert "What went wrong" not in words(html)

    def test_named_mistake(self) -> None:
        """It stands above the checks."""
        html = words(of(report()))
        assert html.index("The bias is missing.") < html.index("any size")
        assert "◐ Partly right" in html

    def test_several_mistakes_may_be_meant(self) -> None:
        """Where two mistakes give the same values the page says that it is one or more of them."""
        mistakes = tuple(NamedMisconception(name, Text(en=f"mistake {name}")) for name in "ab")
        assert "One or more of these seem to have happened. Mistake a. Mistake b." in words(
            of(report(misconceptions=mistakes))
        )

    def test_two_mistakes_at_once_are_both_meant(self) -> None:
        """Where two mistakes explain an answer together, the page does not say that one of them may be enough."""
        first = joined(" ", [TOGETHER, Text(en="Mistake a.")])
        mistakes = (NamedMisconception("a", first), NamedMisconception("b", Text(en="mistake b")))
        html = words(of(report(misconceptions=mistakes)))
        assert "Two things are wrong: Mistake a. Mistake b." in html
        assert "One or more" not in html

    @pytest.mark.parametrize("text", ["h_seq holds c.", "z is 1 − z.", "`units` is 3."])
    def test_name_is_never_capitalized(self, text: str) -> None:
        """A sentence that starts with a name from code keeps it as it is."""
        assert text.replace("`", "") in words(
            of(report(misconceptions=(NamedMisconception("a", Text(en=text)),)))
        )

    def test_recovered_formula(self) -> None:
        """It is typeset, in the page and without a script."""
        text = Text(en="what your function really computes is `4·units²`")
        html = of(one(check("failed"), computed=(text,)))
        assert state(html) == "wrong"
        assert "<msup><mtext>units</mtext><mn>2</mn></msup>" in html

    def test_carried_over(self) -> None:
        """What follows from an earlier answer costs nothing, is folded, and says why."""
        html = of(one(check("carried", en="it follows from your own answer")))
        assert state(html) == "carried"
        assert "<details" in html
        assert "It follows from your own answer." in words(html)

    def test_repeated_message_stands_once(self) -> None:
        """Where several checks have one message, the first has it."""
        result = one(*(check("carried", en="it follows", name=name) for name in "abc"))
        assert words(of(result)).count("It follows.") == 1

    def test_error(self) -> None:
        """What the answer raised stands first."""
        html = of(one(check("errored", en="running the answer raised NameError: units"), fault="raised"))
        assert state(html) == "errored"
        assert words(html).count("Running the answer raised NameError: units.") == 1
        assert '<div class="diagnosis">\n<p>Running' in html

    def test_answer_cell_that_stopped(self) -> None:
        """Why it stopped stands first, and not that there is no answer; the code is shown."""
        text = Text(en="running the answer cell stopped: SyntaxError: invalid syntax")
        html = of(
            one(check("errored", en="there is no answer"), fault="missing", notes=(text,)), code="q = 4 x 4"
        )
        assert state(html) == "errored"
        assert '<div class="diagnosis">\n<p>Running the answer cell stopped: SyntaxError' in html
        assert "q = 4 x 4" in words(html)

    def test_time_limit(self) -> None:
        """An answer that did not end did not run."""
        html = of(one(check("errored", en="did not finish within 2 s"), fault="timed out"))
        assert state(html) == "errored"
        assert "Did not finish within 2 s." in words(html)

    def test_blocked_check(self) -> None:
        """It says which one has to pass first."""
        html = words(of(report()))
        assert "– not looked at 0 / 1 a whole number Needs first: a big layer." in html

    def test_not_carried_over(self) -> None:
        """What a wrong function made easier says so once, and neither that it is wrong nor that nobody looked."""
        html = of(one(too_easy("a"), too_easy("b")))
        assert state(html) == "too_easy"
        assert "⊘ Not carried over 0 / 4 No points: fix X. ⊘ not carried over 0 / 2 counts" in words(html)
        assert words(html).count("No points: fix X.") == 1
        assert "not looked at" not in words(html)

    def test_not_carried_over_beside_a_mistake(self) -> None:
        """The mistake stands first, and the reason beside the check that is not carried over."""
        html = words(of(one(check("failed", en="off by one"), too_easy("b"))))
        assert "✘ Wrong 0 / 4 Off by one." in html
        assert "⊘ not carried over 0 / 2 counts No points: fix X." in html

    @pytest.mark.parametrize(("result", "shown"), [(True, True), (False, False)])
    def test_only_a_mistake_is_told_a_part_to_read_again(self, result: bool, shown: bool) -> None:
        """An answer that only follows from a wrong one has nothing to read again."""
        graded = notebook(
            cell("markdown", "## Gates"), cell("code", "1 + 1"), cell("markdown", "## Now you"), answer("q", CODE),
            grade_cell(one(check("failed", en="off by one") if result else too_easy("a"))),
        )  # fmt: skip
        assert ("Read again" in words(page(graded))) == shown

    def test_grant_is_carried_over(self) -> None:
        """Where a person gave the points, the page says that it is carried over, and nothing of no points."""
        graded = notebook(answer("q", CODE), grade_cell(one(too_easy("a"))))
        html = page(graded, {"q-check": CellGrade(2, 2), "q": CellGrade(0, 0, "Well argued.")})
        assert state(html) == "carried"
        assert "↪ carried over 2 / 2" in words(html)
        assert "Well argued." in words(html)
        assert "No points" not in words(html)

    def test_other_points_of_a_teacher_are_no_grant(self) -> None:
        """Half of the points leave what the grader found as it is."""
        graded = notebook(answer("q", CODE), grade_cell(one(too_easy("a"))))
        html = words(page(graded, {"q-check": CellGrade(1, 2)}))
        assert "0 → 1 (teacher)" in html
        assert "⊘ not carried over 0 / 2" in html

    def test_not_answered(self) -> None:
        """One line says so, whatever a teacher wrote; there are no checks, and no code as if it were the student's."""
        told = "not answered: no answer was written in its cell"
        result = one(*(check("errored", en=told, name=name) for name in "ab"), fault="missing")
        graded = notebook(answer("q", "q = ..."), grade_cell(result), untouched=["q"])
        for comment in ("No response.", "See me."):
            html = page(graded, {"q": CellGrade(0, 0, comment)})
            assert state(html) == "unanswered"
            assert words(html).count("Not answered: no answer was written in its cell.") == 1
            assert not [text for text in ("Your code", "did not run", "No response") if text in words(html)]

    def test_empty_pair_of_brackets_is_not_answered(self) -> None:
        """Although the cell is not as released: its code is shown."""
        told = "not answered: no answer was written in its cell"
        html = of(one(check("errored", en=told, ko=UNANSWERED.ko), fault="missing"), code="q = ()")
        assert state(html) == "unanswered"
        assert "Not answered: no answer was written in its cell." in words(html)
        assert "q = ()" in words(html)

    def test_answered_in_another_cell(self) -> None:
        """A wrong answer is wrong, although its cell is as released."""
        result = one(check("failed", en="the count is not right"))
        graded = notebook(answer("q", "q = ..."), grade_cell(result), untouched=["q"])
        assert state(page(graded, {"q": CellGrade(0, 0, "No response.")})) == "wrong"

    def test_fault_of_ours(self) -> None:
        """The student is told that nothing is lost, and no score."""
        html = of(Report("q", TITLE, 2.0, (), ungraded=Text.same("the question file has a typo")))
        assert state(html) == "ungraded"
        assert "Your answer is kept" in words(html)
        assert "– / 2" in words(html)
        assert "typo" not in html

    def test_teacher_s_points(self) -> None:
        """Both scores stand there, and the comment with them."""
        graded = notebook(answer("q", CODE), grade_cell(one(check("failed", points=6.0))))
        grades = {"q-check": CellGrade(4.5, 6), "q": CellGrade(0, 0, "Well argued.\nLook at the bias.")}
        html = page(graded, grades)
        assert "0 → 4.5 (teacher)" in words(html)
        assert "Well argued.\nLook at the bias." in html
        assert state(html) == "part"

    def test_right_answer_with_a_comment_is_open(self) -> None:
        """What a teacher wrote is not folded away."""
        graded = notebook(answer("q", CODE), grade_cell(one(check("passed"))))
        html = page(graded, {"q-check": CellGrade(2, 2), "q": CellGrade(0, 0, "Nice.")})
        assert '<article class="card right"' in html
        assert "Nice." in words(html)

    def test_partial_credit(self) -> None:
        """The points for a known mistake are a line of their own."""
        result = one(
            check("failed", points=4), misconceptions=(NamedMisconception("m", Text(en="close"), 1.5),)
        )
        assert "Partial credit +1.5 For the mistake named above." in words(of(result))

    def test_partial_credit_of_a_near_answer(self) -> None:
        """Where no mistake that earns as much is named, the line says what the points are for."""
        result = one(
            check("failed", points=4),
            misconceptions=(NamedMisconception("m", Text(en="close")),),
            near_credit=1.5,
        )
        assert "Partial credit +1.5 The answer is as near to the right one as a known mistake" in words(
            of(result)
        )

    def test_note_on_how_the_answer_was_found(self) -> None:
        """It is shown, also with a right answer."""
        html = of(one(check("passed"), notes=(Text(en="found by its name"),)))
        assert "Please note Found by its name." in words(html)


class TestFacts:
    """What a student needs to try again."""

    def test_the_numbers_of_the_student(self) -> None:
        """They stand with the answer that was judged by them."""
        result = one(
            check("failed"),
            numbers=(("units", 20), ("input_dim", 12)),
            counterexample=Counterexample("", "42"),
        )
        assert "Your numbers units = 20 input_dim = 12 Your answer 42" in words(of(result))

    def test_counterexample(self) -> None:
        """It is a call to try, with what came back."""
        result = one(check("failed"), counterexample=Counterexample("f(3, 4)", "48"), example="passed")
        html = words(of(result))
        assert "See for yourself f(3, 4): yours returns 48" in html
        assert "The visible example passes. The answer is wrong for other inputs." in html

    def test_number_that_a_check_quotes_stands_once(self) -> None:
        """Where the message of a check shows the student's number, nothing else does."""
        shown = Counterexample("", "42")
        result = one(check("failed", en="42 is not right"), counterexample=shown, numbers=(("units", 3),))
        assert words(of(result, code="q = 6 * 7")).count("42") == 1

    def test_part_to_read_again_shows_code(self) -> None:
        """It is the part above the question that shows code, not one that only asks."""
        graded = notebook(
            cell("markdown", "# Week 3"), cell("markdown", "## Inside an **LSTM**"), cell("code", "print(4)"),
            cell("markdown", "## Problem 1\nCount."), answer("q", CODE), grade_cell(one(check("failed"))),
        )  # fmt: skip
        assert "Read again the section “Inside an LSTM” in the notebook" in words(page(graded))

    def test_within_a_part_it_is_the_example_just_before(self) -> None:
        """A question that stands in the part itself names the heading of the example before it, and in Korean too."""
        graded = notebook(
            cell("markdown", "## Two directions"), cell("code", "print(1)"), cell("markdown", "### Put together"),
            cell("code", "print(2)"), answer("q", CODE), grade_cell(one(check("failed"))),
        )  # fmt: skip
        assert "the section “Two directions › Put together” in the notebook" in words(page(graded))
        graded["metadata"] = {"autograder": {"edition": "ko"}}
        assert "다시 읽을 곳 노트북의 “Two directions › Put together” 부분" in words(page(graded))

    def test_test_of_nbgrader_s_names_the_section_that_it_is_in(self) -> None:
        """Such a notebook explains in prose where it asks, and another part that shows code explains something else."""
        test = grade_cell(one(check("failed")))
        del test["metadata"]["autograder"]["question"]
        graded = notebook(
            cell("markdown", "## A demonstration"), cell("code", "print(1)"),
            cell("markdown", "## Quadratic equations\n### The discriminant"), answer("q", CODE), test,
        )  # fmt: skip
        assert "the section “Quadratic equations › The discriminant” in the notebook" in words(page(graded))

    LESSON = (
        cell("markdown", "# Week 3"), cell("markdown", "## Inside an **LSTM**\n### What `fit` returns"),
        cell("code", "print(4)"), cell("markdown", "## Functions"), cell("code", "print(5)"),
    )  # fmt: skip

    def read_again(self, *misconceptions: NamedMisconception, edition: str = "en", **more: object) -> str:
        """What a page says is to be read again after a wrong answer below `LESSON`."""
        result = one(check("failed"), misconceptions=misconceptions, **more)
        html = page(notebook(*self.LESSON, answer("q", CODE), grade_cell(result), edition=edition))
        [told] = re.findall(r"<dt>(?:Read again|다시 읽을 곳)</dt><dd>(.*?)</dd>", html)
        return told

    def test_misconception_names_the_section_to_read_again(self) -> None:
        """With the part that it is in, instead of the part above the question."""
        text, section = Text(en="wrong"), Text(ko="Inside an LSTM", en="What `fit` returns")
        known = NamedMisconception("m", text, section=section)
        assert self.read_again(known) == "the section “Inside an LSTM › What fit returns” in the notebook"
        assert self.read_again(known, edition="ko") == "노트북의 “Inside an LSTM” 부분"
        silent = NamedMisconception("n", text)
        assert self.read_again(silent) == "the section “Functions” in the notebook"

    def test_of_several_sections_the_first_two_are_named(self) -> None:
        """Each once, in the order of the misconceptions."""
        known = [
            NamedMisconception(name, Text(en=name), section=Text(en=section))
            for name, section in zip(
                "abcd", ("Functions", "Inside an LSTM", "Functions", "Week 3"), strict=True
            )
        ]
        told = "the sections “Functions” and “Inside an LSTM” in the notebook"
        assert self.read_again(*known) == told
        assert self.read_again(known[0], known[2]) == "the section “Functions” in the notebook"
        korean = "노트북의 “Functions” 부분과 “Inside an LSTM” 부분"
        assert self.read_again(*known, edition="ko") == korean

    def test_question_names_the_section_for_an_unnamed_mistake(self) -> None:
        """A wrong answer that no misconception explains sends its student there."""
        section = Text(en="Inside an LSTM")
        assert self.read_again(section=section) == "the section “Inside an LSTM” in the notebook"

    def test_section_that_this_notebook_lacks_is_named_as_it_is(self) -> None:
        """A release may be older than its question file."""
        known = NamedMisconception("m", Text(en="wrong"), section=Text(en="Shapes"))
        assert self.read_again(known) == "the section “Shapes” in the notebook"

    def test_page_of_someone_else_s_names_it_as_well(self) -> None:
        """There is no notebook, so nothing is said where the author names no section."""
        known = NamedMisconception("m", Text(en="wrong"), section=Text(en="Shapes"))
        html = render_report(one(check("failed"), misconceptions=(known,)), "en")
        assert "Read again the section “Shapes” in the notebook" in words(html)
        assert "Read again" not in render_report(one(check("failed")), "en")

    def test_the_student_s_code_has_colours(self) -> None:
        """Below the diagnosis."""
        html = of(report())
        assert '<span class="k">def </span><span class="f">lstm_params</span>' in html
        assert html.index("The bias is missing") < html.index('<span class="k">def ')

    def test_printed_text_and_plots_are_shown(self) -> None:
        """Text is shown up to a length, and a plot as a picture in the page."""
        outputs = [
            {"output_type": "stream", "name": "stdout", "text": "9" * 5000},
            {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}},
        ]
        html = page(notebook(answer("q", CODE, outputs=outputs), grade_cell(one(check("failed")))))
        assert 1000 < html.count("9") < 3000
        assert f'src="data:image/png;base64,{PNG}"' in html

    def test_the_top(self) -> None:
        """Title, score, when it was handed in, attempt and penalty."""
        at = datetime(2027, 3, 31, 23, 59, tzinfo=ZoneInfo("Asia/Seoul"))
        html = words(of(report(), handed_in=at, late_penalty=0.5, attempt=2, score=2.0))
        assert (
            "Feedback Week 3 Score: 2 / 6.5 Handed in Wed, Mar 31, 2027, 23:59 KST Attempt 2 Late penalty −0.5"
            in html
        )

    def test_wrong_answers_come_first(self) -> None:
        """In the overview the questions stand in the notebook's order; below, the wrong ones are first."""
        graded = notebook(*(
            part
            for name, outcome in (("a", "passed"), ("b", "failed"))
            for part in (answer(name, CODE), grade_cell(one(check(outcome), question=name)))
        ))  # fmt: skip
        html = page(graded)
        assert html.index('href="#q-a"') < html.index('href="#q-b"')
        assert html.index('id="q-b"') < html.index('id="q-a"')

    def test_everything_that_was_written_is_one_link_away(self) -> None:
        """The student's own cells are in the page, with links to the answers between them."""
        graded = notebook(own("markdown", "My **plan**"), answer("q", CODE), grade_cell(report(question="q")))
        html = page(graded)
        assert '<a href="#handed-in">' in html
        assert "My <strong>plan</strong>" in html
        assert '<a href="#q-q">Answer: Weights of an LSTM</a>' in html


class TestDisclosure:
    """How much feedback tells is the course's to say."""

    def test_score_alone(self) -> None:
        """With `score` neither checks nor mistakes are shown; how the answer was found still is."""
        html = of(
            report(counterexample=Counterexample("f(1)", "2")),
            level="score",
            solutions={"lstm_params": "return 4"},
        )
        for shown in ("2.5 / 6.5", "Found by its name", "shows scores only"):
            assert shown in words(html)
        for hidden in ("any size", "the count is not right", "The bias is missing", "return 4\n", "f(1)"):
            assert hidden not in words(html)

    def test_solution(self) -> None:
        """It stands below the answer once it may be shown, and not before."""
        solutions = {"lstm_params": "if a < b:\n    return 17"}
        assert "Worked solution if a < b: return 17" in words(
            of(report(), level="solution", solutions=solutions)
        )
        assert "return 17" not in words(of(report(), level="diagnosis", solutions=solutions))


class TestCellsOfNbgrader:
    """Cells without a question of ours: essays, tasks, and nbgrader's own tests."""

    def essay(self, source: str, grade: CellGrade) -> str:
        """The page of a notebook with one essay."""
        graded = notebook(
            cell("markdown", "## Why gates?"), answer("essay", source, "markdown", grade=True, points=5)
        )
        return page(graded, {"essay": grade})

    def test_essay_that_waits(self) -> None:
        """It has no score yet, and the total says that it lacks it."""
        html = self.essay("Because of $\\frac12$ of **it**.", CellGrade(0, 5, waiting=True))
        assert state(html) == "waiting"
        assert "Why gates? … To be graded by your teacher – / 5" in words(html)
        assert "The score above does not include it yet." in words(html)
        assert "<strong>it</strong>" in html
        assert "<mfrac>" in html

    def test_essay_with_points(self) -> None:
        """It shows points, comment and the text."""
        html = self.essay("Because.", CellGrade(3.5, 5, "Go on."))
        assert state(html) == "part"
        assert "3.5 / 5" in words(html)
        assert "Your teacher’s comment Go on." in words(html)

    def test_test_cell(self) -> None:
        """It has nbgrader's score, the answer above it, and what the test raised."""
        raised = {"output_type": "error", "ename": "AssertionError", "evalue": "4 != 5", "traceback": []}
        marks = {"grade_id": "test-1", "solution": False, "grade": True, "points": 3}
        test = cell("code", "assert f(2) == 5", outputs=[raised], nbgrader=marks)
        html = page(notebook(answer("f", "def f(x): return 2 * x"), test), {"test-1": CellGrade(0, 3)})
        assert "0 / 3" in words(html)
        assert "def f(x): return 2 * x" in words(html)
        assert "AssertionError: 4 != 5" in words(html)

    def test_notebook_without_anything_graded(self) -> None:
        """There is a page all the same."""
        assert "0 / 0" in words(page(notebook(cell("markdown", "Read."))))


class TestLanguages:
    """Korean and English are equals."""

    @pytest.mark.parametrize("edition", ["ko", "en"])
    def test_the_page_says_its_language(self, edition: str) -> None:
        """Screen readers read it in the right voice."""
        assert f'<html lang="{edition}">' in of(report(), edition=edition)

    def test_in_korean(self) -> None:
        """Every word of ours is Korean."""
        html = words(of(report(counterexample=Counterexample("f(3)", "4"), example="failed"), edition="ko"))
        for part in (
            "채점 결과",
            "일부 맞음",
            "편향이 빠졌습니다",
            "참고 이름으로 찾았습니다.",
            "내가 쓴 코드",
            "직접 확인해",
        ):
            assert part in html
        left = re.sub(r"def lstm_params.*?4 \* units|Week 3|LSTM|lstm_params|f\(3\)", "", html)
        assert not re.search(r"[A-Za-z]{3}", left), left

    def test_course_in_one_language_shows_that_one(self) -> None:
        """Where a text lacks the language asked for, the other one stands in its place."""
        assert "Weights" in words(of(report(title=Text(en="Weights")), edition="ko"))


class TestOneFile:
    """The page is small, fetches nothing, runs nothing, and can be read by everybody."""

    def large(self, edition: str = "ko") -> dict[str, object]:
        """A notebook of twenty questions, all wrong, by someone who wrote much."""
        cells = [own("code", "# 생각\n" + "x = 1\n" * 5000), own("markdown", "생각이 많습니다. " * 2000)]
        for number in range(20):
            result = report(question=f"q{number}", computed=(Text(ko="`4·units²`", en="`4·units²`"),))
            cells += [
                answer(result.question, "def f():\n" + f"    return '{'가' * 80}'\n" * 50),
                grade_cell(result),
            ]
        return notebook(*cells, edition=edition)

    def test_it_is_small_whatever_was_handed_in(self) -> None:
        """Twenty wrong answers, each long, and two very long cells fit into 60 KB; the page says what it leaves out."""
        html = page(self.large())
        assert len(html.encode()) < MAX_SIZE
        assert "제출한 노트북에는 모두 있습니다" in html

    def test_it_fetches_and_runs_nothing(self) -> None:
        """There is no script, no address to fetch from, and a policy that forbids both."""
        html = page(
            notebook(
                *(own("markdown", text) for text in MARKUP),
                answer("q", CODE),
                grade_cell(report(question="q")),
            )
        )
        parsed = Parsed(html)
        assert not {"script", "link", "iframe", "svg", "img", "object"} & set(parsed.tags)
        assert not {"src", "srcset", "action", "onclick"} & set(parsed.attributes)
        assert "url(" not in html
        assert "@import" not in re.findall(r"<style>.*?</style>", html, re.DOTALL)[0]
        [policy] = re.findall(r'Content-Security-Policy" content="(.*?)"', html)
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    def test_every_tag_is_closed(self) -> None:
        """The page is well-formed."""
        assert Parsed(page(self.large("en"))).open == []

    def test_the_outline(self) -> None:
        """One heading of the first level, one of the second for each question, and none is skipped."""
        levels = [int(tag[1]) for tag in Parsed(of(report())).tags if re.fullmatch(r"h\d", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))

    def test_every_link_in_the_page_leads_somewhere(self) -> None:
        """Each anchor is the id of an element, and no id occurs twice."""
        parsed = Parsed(page(self.large()))
        ids = [value for _, attrs in parsed.elements for name, value in attrs if name == "id"]
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in parsed.all_of("a", "href") if link.startswith("#")} <= set(ids)


class TestHostileTexts:
    """What a student wrote is text, wherever it stands."""

    @pytest.mark.parametrize(
        "place", ["title", "check", "message", "misconception", "note", "computed", "code", "comment"]
    )
    def test_markup_is_shown(self, place: str) -> None:
        """It is shown as typed, and adds no tag and no attribute."""
        text = Text(ko=HOSTILE, en=HOSTILE)

        def put(name: str) -> Text:
            return text if place == name else Text(en="t")

        result = one(
            CheckResult("c", put("check"), "failed", 2.0, put("message")), title=put("title"), notes=(put("note"),),
            misconceptions=(NamedMisconception("m", put("misconception")),) if place == "misconception" else (),
            computed=(put("computed"),) if place == "computed" else (),
        )  # fmt: skip
        graded = notebook(answer("q", HOSTILE if place == "code" else CODE), grade_cell(result))
        grades = {"q": CellGrade(0, 0, HOSTILE if place == "comment" else "fine")}
        html, plain = (
            page(graded, grades),
            page(notebook(answer("q", CODE), grade_cell(one(check("failed")))), grades),
        )
        assert not {"script", "img"} & set(Parsed(html).tags)
        assert set(Parsed(html).attributes) <= set(Parsed(plain).attributes) | {"class"}
        assert " ".join(HOSTILE.split()) in words(html)

    @settings(max_examples=50)
    @given(message=st.text(), edition=st.sampled_from(["ko", "en"]))
    def test_any_message_is_text(self, message: str, edition: str) -> None:
        """No message of any characters opens a tag."""
        text = Text(ko=message, en=message)
        parsed = Parsed(of(one(CheckResult("c", text, "failed", 1.0, text), notes=(text,)), edition=edition))
        assert parsed.open == []


class TestFragment:
    """The part of a page that stands in a page of someone else's, such as Gradescope's."""

    def test_it_says_the_same(self) -> None:
        """Score, mistake, checks and note; a formula keeps its signs where MathML may be lost."""
        html = render_report(report(computed=(Text(en="it is `4·units²`"),)), "en")
        for part in (
            "Score: 2.5 / 6.5",
            "The bias is missing.",
            "any size",
            "Found by its name.",
            "4·units²",
        ):
            assert part in words(html)
        assert "<math" not in html
        assert html.startswith('<div class="autograder-feedback" lang="en">')

    @pytest.mark.parametrize(
        ("language", "shown"),
        [
            ("en", "To grant it, enter 3.5 as the score of this cell."),
            ("ko", "인정하려면 이 셀의 점수에 3.5점을 입력하세요."),
        ],
    )
    def test_staff_are_told_how_to_grant_it(self, language: str, shown: str) -> None:
        """The score is what carrying over would have given, with what was earned already; no student reads it."""
        result = one(too_easy("a"), check("passed", points=1.5, name="b"), check("failed", name="d"))
        assert shown in words(render_report(result, language, for_staff=True))
        assert shown not in words(render_report(result, language))
        assert "grant" not in render_report(report(), "en", for_staff=True)

    def test_it_tells_no_more_than_the_page(self) -> None:
        """As the page, it tells the score alone, or the solution too."""
        assert "any size" not in render_report(report(), "en", level="score", solution="return 4")
        assert "return 4" in words(render_report(report(), "en", level="solution", solution="return 4"))
        assert "return 4" not in words(render_report(report(), "en", solution="return 4"))
