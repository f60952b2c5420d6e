"""Feedback: what a report says as text and as HTML, in either language, and that nothing in it runs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from autograder.course import Course
from autograder.grading.diagnosis import NamedMisconception
from autograder.grading.feedback import as_html, as_text, plain
from autograder.grading.report import CheckResult, Report, from_dict, to_dict
from autograder.nbgrader.feedback_exporter import FeedbackExporter
from autograder.text import Text
from tests.support import ROOT

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too' <img src=x onerror=alert(1)>"
SHOWN_TAGS = {"div", "p", "strong", "ul", "li", "br", "pre"}


def report(**changes: object) -> Report:
    """A report with one check of every outcome, a mistake and a note."""
    whole = {
        "question": "lstm_params",
        "title": Text(ko="LSTM의 가중치", en="Weights of an LSTM"),
        "points": 6.5,
        "checks": (
            CheckResult("any_size", Text(ko="어떤 크기든", en="any size"), "passed", 2.5),
            CheckResult(
                "big", Text(ko="큰 층", en="a big layer"), "failed", 2.0,
                Text(ko="개수가 맞지 않습니다.", en="the count is not right"),
            ),
            CheckResult(
                "fast", Text(ko="빠르게", en="in time"), "errored", 1.0,
                Text(ko="2초 안에 끝나지 않았습니다.", en="did not finish within 2 s"),
            ),
            CheckResult(
                "whole", Text(ko="정수", en="a whole number"), "blocked", 1.0,
                Text(ko="먼저 통과해야 합니다: 큰 층", en="needs first: a big layer"),
            ),
        ),
        "misconceptions": (NamedMisconception("no_bias", Text(ko="편향이 빠졌습니다", en="the bias is missing")),),
        "notes": (Text(ko="이름으로 찾았습니다.", en="found by its name"),),
    }  # fmt: skip
    return Report(**{**whole, **changes})


class Parsed(HTMLParser):
    """The tags, attributes and text of an HTML fragment, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class TestText:
    """Feedback for a terminal."""

    def test_in_english(self) -> None:
        """Score, a line for each check with its outcome and message, the mistake, the note."""
        assert as_text(report(), "en").splitlines() == [
            "Weights of an LSTM: 2.5 / 6.5",
            "  ✔ any size (passed)",
            "  ✘ a big layer (failed): the count is not right",
            "  ! in time (did not run): did not finish within 2 s",
            "  – a whole number (not looked at): needs first: a big layer",
            "  → the bias is missing",
            "  * found by its name",
        ]

    def test_in_korean(self) -> None:
        """The same in Korean, without a word of English."""
        assert as_text(report(), "ko").splitlines() == [
            "LSTM의 가중치: 2.5 / 6.5",
            "  ✔ 어떤 크기든 (통과)",
            "  ✘ 큰 층 (틀림): 개수가 맞지 않습니다.",
            "  ! 빠르게 (실행되지 않음): 2초 안에 끝나지 않았습니다.",
            "  – 정수 (보지 않음): 먼저 통과해야 합니다: 큰 층",
            "  → 편향이 빠졌습니다",
            "  * 이름으로 찾았습니다.",
        ]

    def test_a_course_in_one_language_shows_that_one(self) -> None:
        """Where a text lacks the language asked for, the other one stands in its place."""
        assert as_text(report(title=Text(ko="", en="Weights")), "ko").startswith("Weights: ")
        assert as_text(report(title=Text(ko="가중치", en="")), "en").startswith("가중치: ")

    @pytest.mark.parametrize(
        "message", ["boom\n  ✔ any size (passed)", "a\rb", "\x1b[2J\x1b[31mred", "a\x00b\x07"]
    )
    def test_a_student_s_message_stays_on_its_line(self, message: str) -> None:
        """A message cannot add a line of its own or move the terminal's cursor."""
        check = CheckResult("c", Text(en="any size"), "errored", 1.0, Text(en=message))
        text = as_text(report(checks=(check,), misconceptions=(), notes=()), "en")
        assert len(text.splitlines()) == 2
        assert all(character.isprintable() or character == "\n" for character in text)

    @pytest.mark.parametrize(
        ("points", "shown"), [(6.0, "6"), (2.5, "2.5"), (0.0, "0"), (1 / 3, "0.33"), (100.0, "100"), (4, "4")]
    )
    def test_points_have_no_needless_fraction(self, points: float, shown: str) -> None:
        """Six points are 6, not 6.0."""
        assert plain(points) == shown


class TestHtml:
    """Feedback for a browser."""

    def test_in_english(self) -> None:
        """One element with score, checks, the mistake and the note."""
        html = as_html(report(), "en")
        text = " ".join(Parsed(html).text)
        for part in (
            "Score: 2.5 / 6.5",
            "passed", "(2.5 / 2.5): any size",
            "failed", "(0 / 2): a big layer", "the count is not right",
            "did not run", "did not finish within 2 s",
            "not looked at", "needs first: a big layer",
            "What seems to have happened", "the bias is missing",
            "Please note", "found by its name",
        ):  # fmt: skip
            assert part in text
        assert html.startswith('<div class="autograder-feedback" lang="en">')

    def test_in_korean(self) -> None:
        """The same in Korean; the element says so to screen readers."""
        html = as_html(report(), "ko")
        text = " ".join(Parsed(html).text)
        for part in (
            "점수: 2.5 / 6.5", "통과", "틀림", "실행되지 않음", "보지 않음", "이렇게 푼 것으로 보입니다",
            "편향이 빠졌습니다", "알아 둘 것", "이름으로 찾았습니다.",
        ):  # fmt: skip
            assert part in text
        assert html.startswith('<div class="autograder-feedback" lang="ko">')
        assert not any(word in text for word in ("Score", "passed", "failed", "note"))

    def test_a_perfect_answer_shows_no_empty_lists(self) -> None:
        """Without a mistake and a note there is no heading for them."""
        html = as_html(report(misconceptions=(), notes=()), "en")
        assert "What seems to have happened" not in html
        assert "Please note" not in html

    @pytest.mark.parametrize("tells", ["score", "diagnosis", "solution"])
    def test_every_tag_is_closed_and_known(self, tells: str) -> None:
        """The fragment is well-formed, whatever it tells."""
        parsed = Parsed(as_html(report(), "en", tells=tells, solution="x < 1 & y"))
        assert parsed.open == []
        assert set(parsed.tags) <= SHOWN_TAGS

    @pytest.mark.parametrize("place", ["title", "check", "message", "misconception", "note", "solution"])
    def test_what_a_student_wrote_is_text(self, place: str) -> None:
        """Tags in a message, and in any other text, are shown, never run."""
        text = Text(ko=HOSTILE, en=HOSTILE)
        check = CheckResult("c", text if place == "check" else Text(en="c"), "errored", 1.0,
                            text if place == "message" else Text())  # fmt: skip
        hostile = report(
            checks=(check,),
            title=text if place == "title" else Text(en="t"),
            misconceptions=(NamedMisconception("m", text),) if place == "misconception" else (),
            notes=(text,) if place == "note" else (),
        )
        html = as_html(hostile, "en", tells="solution", solution=HOSTILE if place == "solution" else "")
        parsed = Parsed(html)
        assert set(parsed.tags) <= SHOWN_TAGS
        assert set(parsed.attributes) <= {"class", "lang", "style"}
        if place != "title":  # a page has its own heading
            assert HOSTILE in "".join(parsed.text)

    def test_this_module_sees_a_tag_that_runs(self) -> None:
        """The parser with which these tests look finds a script where there is one."""
        parsed = Parsed("<div><script>alert(1)</script><img src=x onerror=y></div>")
        assert not set(parsed.tags) <= SHOWN_TAGS
        assert not set(parsed.attributes) <= {"class", "lang", "style"}

    @settings(max_examples=100)
    @given(message=st.text(), language=st.sampled_from(["ko", "en"]))
    def test_any_message_is_text(self, message: str, language: str) -> None:
        """No message of any characters opens a tag."""
        text = Text(ko=message, en=message)
        check = CheckResult("c", Text(ko="c", en="c"), "failed", 1.0, text)
        parsed = Parsed(as_html(report(checks=(check,), notes=(text,)), language))
        assert set(parsed.tags) <= SHOWN_TAGS
        assert parsed.open == []


class TestTells:
    """How much feedback tells is the course's to say."""

    def test_score_alone(self) -> None:
        """With `score` neither checks nor mistakes are shown; how the answer was found still is."""
        html = as_html(report(), "en", tells="score", solution="return 4")
        assert "Score: 2.5 / 6.5" in html
        assert "found by its name" in html
        for hidden in (
            "any size",
            "a big layer",
            "the count is not right",
            "the bias is missing",
            "return 4",
        ):
            assert hidden not in html

    def test_diagnosis(self) -> None:
        """With `diagnosis`, which is the default, checks and mistakes are shown, and no solution."""
        html = as_html(report(), "en", tells="diagnosis", solution="return 4")
        assert html == as_html(report(), "en", solution="return 4")
        assert "the bias is missing" in html
        assert "return 4" not in html
        assert "Worked solution" not in html

    @pytest.mark.parametrize(("language", "heading"), [("en", "Worked solution"), ("ko", "풀이")])
    def test_solution(self, language: str, heading: str) -> None:
        """With `solution` the worked answer stands below, as code, its signs escaped."""
        html = as_html(report(), language, tells="solution", solution="if a < b:\n    return 4")
        assert f"<p>{heading}:</p><pre>if a &lt; b:\n    return 4</pre>" in html
        assert as_text(report(), language).splitlines()[1].split("(")[0].strip("✔ ") in html

    def test_a_solution_that_is_not_there_has_no_heading(self) -> None:
        """Where there is no worked answer to show, nothing says so."""
        assert as_html(report(), "en", tells="solution") == as_html(report(), "en")


TEXTS = st.builds(Text, ko=st.text(max_size=10), en=st.text(max_size=10))
POINTS = st.floats(0.25, 100)
REPORTS = st.builds(
    Report,
    question=st.text(max_size=10),
    title=TEXTS,
    points=POINTS,
    checks=st.lists(
        st.builds(
            CheckResult,
            name=st.text(max_size=10),
            text=TEXTS,
            outcome=st.sampled_from(["passed", "failed", "errored", "blocked"]),
            points=POINTS,
            message=TEXTS,
        ),
        max_size=4,
    ).map(tuple),
    misconceptions=st.lists(
        st.builds(NamedMisconception, name=st.text(max_size=10), text=TEXTS, credit=st.floats(0, 1)),
        max_size=2,
    ).map(tuple),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    fault=st.sampled_from([None, "missing", "raised", "timed out", "died", "not data"]),
)


class TestKept:
    """A report is kept in the graded notebook as plain data, and rendered anew later."""

    @settings(max_examples=100)
    @given(REPORTS)
    def test_a_report_comes_back_as_it_was(self, one: Report) -> None:
        """Through JSON and back every part is the same, the score too."""
        back = from_dict(json.loads(json.dumps(to_dict(one))))
        assert back == one
        assert back.score == one.score

    def test_the_data_say_what_they_are(self) -> None:
        """The score stands in the data, so that they can be read without the package."""
        data = to_dict(report())
        assert data["score"] == 2.5
        assert data["points"] == 6.5
        assert data["checks"][1] == {
            "name": "big",
            "text": {"ko": "큰 층", "en": "a big layer"},
            "outcome": "failed",
            "points": 2.0,
            "message": {"ko": "개수가 맞지 않습니다.", "en": "the count is not right"},
        }
        assert data["misconceptions"] == [
            {
                "name": "no_bias",
                "text": {"ko": "편향이 빠졌습니다", "en": "the bias is missing"},
                "credit": 0.0,
            }
        ]

    def test_a_rendering_of_kept_data_is_the_same(self) -> None:
        """Feedback rendered from the kept data is what was rendered at once."""
        assert as_html(from_dict(to_dict(report())), "ko") == as_html(report(), "ko")

    def test_a_change_in_the_data_changes_the_report(self) -> None:
        """The comparison of these tests sees a single changed word."""
        data = to_dict(report())
        data["checks"][0]["outcome"] = "failed"
        assert from_dict(data) != report()
        assert from_dict(data).score == 0.0


class TestPage:
    """The page that a student opens: what it fetches, and what in it is whose."""

    def page(self, text: str, *, edition: str = "en", **told: object) -> str:
        """The page of a notebook with one cell of prose. told: of whom the cell is."""
        cell = nbformat.v4.new_markdown_cell(text, metadata={"autograder": told})
        notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"autograder": {"edition": edition}})
        course = Course.open(ROOT)
        converter = GenerateFeedback(coursedir=CourseDirectory(config=course.config), config=course.config)
        exporter = FeedbackExporter(parent=converter, config=converter.config)
        told_by_nbgrader = {"notebook": "x", "score": 0, "max_score": 0, "late_penalty": 0}
        html, _ = exporter.from_notebook_node(notebook, {"nbgrader": told_by_nbgrader})
        return str(html)

    @pytest.mark.parametrize(
        ("edition", "shown"),
        [
            ("en", "[picture from elsewhere: my cat &gt; dog http://example.org/cat.png?a=1&amp;b=2]"),
            ("ko", "[다른 곳의 그림: my cat &gt; dog http://example.org/cat.png?a=1&amp;b=2]"),
        ],
    )
    @pytest.mark.parametrize(
        "text",
        [
            "See ![my cat > dog](http://example.org/cat.png?a=1&b=2).",
            'See <img width="9" alt="my cat > dog" src="http://example.org/cat.png?a=1&b=2">.',
        ],
    )
    def test_a_picture_from_elsewhere_is_its_address(self, text: str, edition: str, shown: str) -> None:
        """Whoever looks at the page tells no other machine so."""
        page = self.page(text, edition=edition)
        assert shown in page
        assert "<img" not in page

    @pytest.mark.parametrize("backslashes", [1, 2, 3, 100])
    @pytest.mark.parametrize("command", ["href", "style", "unicode"])
    def test_no_formula_acts(self, command: str, backslashes: int) -> None:
        """However many backslashes stand before a command that MathJax would follow, none is left."""
        page = self.page(f"$a {chr(92) * backslashes}{command}{{x}}{{y}} \\frac12$")
        assert f"{chr(92)}{command}" not in page
        assert "\\frac" in page

    def test_formulas_are_drawn_by_one_version_that_is_checked(self) -> None:
        """A browser runs no other script than the one that has this checksum."""
        [script] = re.findall(r"<script src=.*?>", self.page("$x$"))
        assert "mathjax@2.7.7/MathJax.js?" in script
        assert re.search(r' integrity="sha512-[\w+/]{86}==" crossorigin="anonymous">$', script)

    @pytest.mark.parametrize(("edition", "label"), [("en", "Written by the student"), ("ko", "학생이 쓴 글")])
    @pytest.mark.parametrize("text", ["**Score: 6 / 6** </div></div>", "Score: 6 / 6 " + "x" * 20_000])
    def test_what_a_student_wrote_cannot_pass_for_ours(self, edition: str, label: str, text: str) -> None:
        """It stands in a frame that says whose it is, and that it cannot leave."""
        page = self.page(text, edition=edition, own=True)
        frame = re.search(
            rf'<div class="by-student"[^>]*><p><small>{label}</small></p>(.*?)</div>', page, re.DOTALL
        )
        assert frame is not None
        assert "Score: 6 / 6" in frame[1]
        assert page.count("Score: 6 / 6") == 1

    @pytest.mark.parametrize("told", [{}, {"own": True, "ours": True}])
    def test_what_is_ours_has_no_such_frame(self, told: dict[str, bool]) -> None:
        """The release's cells, and what we tell of an answer among the student's."""
        assert "by-student" not in self.page("Count the weights.", **told)
