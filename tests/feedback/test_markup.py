"""Texts as HTML: formulas are typeset, code has colours, and nothing that a student wrote runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.feedback.markup import MAX_COLOURED, as_mathml, code, rich, sentence
from autograder.feedback.prose import prose
from autograder.reports import report_page, similarity
from autograder.text import Text, intern_text
from tests.feedback.samples import Parsed
from tests.markup import MARKUP

ACT = {
    "script",
    "style",
    "svg",
    "iframe",
    "img",
    "video",
    "audio",
    "object",
    "embed",
    "link",
    "meta",
    "form",
    "input",
}


def words(html: str) -> str:
    """The text of a piece of HTML."""
    return "".join(Parsed(html).text)


class TestFormulas:
    """A formula in backticks becomes MathML."""

    def test_recovered_formula(self) -> None:
        """Powers are raised, quotients are quotients, and a name is one word for a screen reader."""
        html = rich("it is `4·units² + 3/2·units - input_dim³`")
        assert html.startswith("it is <math")
        assert "<msup><mtext>units</mtext><mn>2</mn></msup>" in html
        assert "<mfrac><mrow><mn>3</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in html
        assert "<msup><mtext>input_dim</mtext><mn>3</mn></msup>" in html
        assert [one.count("<msup>") for one in html.split("</math>")] == [1, 0, 1, 0]

    def test_line_may_end_before_a_sign(self) -> None:
        """Each term is typeset alone, and its sign stays with it: a browser breaks no line within MathML."""
        first, second, third = rich("`units² + 3·units - 1`").split(' <span class="term">')
        assert first.endswith("</math>")
        assert second.startswith("+ <math")
        assert third.startswith("\N{MINUS SIGN} <math")
        assert third.endswith("</math></span>")

    @pytest.mark.parametrize("text", ["units", "2 * units", "reset_after=True", "-units", "<b>·", "a · b"])
    def test_text_that_is_no_formula_stays_code(self, text: str) -> None:
        """A name, and code as Python writes it, stay code."""
        assert "<code>" in rich(f"`{text}`")
        assert words(rich(f"`{text}`")) == text

    def test_not_on_a_page_of_someone_else_s(self) -> None:
        """Where a page may lose MathML, a formula is code with its signs, so that no power becomes a factor."""
        assert rich("`4·units²`", typeset=False) == "<code>4·units²</code>"

    def test_tex_in_a_student_s_prose(self) -> None:
        """It is typeset without a network."""
        assert "<mfrac>" in prose("The half is $\\frac{1}{2}$.", "en")

    @pytest.mark.parametrize("tex", ["{" * 400, "\\frac", "x^" * 200, "\\begin{matrix}", "a" * 5000])
    def test_tex_that_cannot_be_read_is_shown(self, tex: str) -> None:
        """It stands there as typed; nothing is lost, and nothing fails."""
        assert tex in words(prose(f"${tex}$", "en"))


class TestSentences:
    """Our texts end and begin as sentences on a page, whatever a terminal shows."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("the count is not right", "The count is not right."),
            ("Is it?", "Is it?"),
            ("`f` fails", "<code>f</code> fails."),
        ],
    )
    def test_english(self, text: str, shown: str) -> None:
        """A capital first, a full stop last."""
        assert sentence(text, "en") == shown

    def test_korean_is_left_alone(self) -> None:
        """Korean texts are sentences already."""
        assert sentence("틀린 값이 모두 같습니다.", "ko") == "틀린 값이 모두 같습니다."


class TestCode:
    """Code has colours, and is what was written."""

    def test_colours(self) -> None:
        """Keywords, names of functions, numbers, texts and comments each have a class."""
        html = code('def f(x):\n    """Doc."""\n    return 4 * x  # four')
        assert {*re.findall(r'class="(\w)"', html)} == {"k", "f", "s", "m", "c"}

    @settings(max_examples=100)
    @given(st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
    def test_nothing_is_lost(self, source: str) -> None:
        """Whatever characters it has, the page shows the same."""
        assert words(code(source)) == source

    def test_long_text_has_no_colours_and_takes_no_time(self) -> None:
        """Highlighters take minutes for some texts; such a one is too long to be tried."""
        before = time.process_time()
        assert "<span" not in code("'''" * MAX_COLOURED)
        assert time.process_time() - before < 1


class TestProse:
    """Markdown that a student wrote."""

    @pytest.mark.parametrize("markup", MARKUP)
    def test_nothing_runs_and_nothing_is_fetched(self, markup: str) -> None:
        """Only tags that show text are left, and no attribute that acts."""
        html = prose(markup, "en")
        parsed = Parsed(html)
        assert not set(parsed.tags) & ACT
        assert not {"style", "src", "action", "srcset"} & set(parsed.attributes)
        assert not any(name.startswith("on") for name in parsed.attributes)
        assert all(link.startswith(("http", "mailto:", "#")) for link in parsed.all_of("a", "href"))

    def test_this_module_sees_what_runs(self) -> None:
        """The parser finds a tag that would run something."""
        assert set(Parsed("<p><svg onload=x></svg></p>").tags) & ACT

    @pytest.mark.parametrize(
        ("language", "shown"),
        [("en", "[picture: my cat http://e.org/c.png]"), ("ko", "[그림: my cat http://e.org/c.png]")],
    )
    def test_picture_is_words(self, language: str, shown: str) -> None:
        """Whoever looks at the page tells no other machine so."""
        html = prose("See ![my cat](http://e.org/c.png).", language)
        assert shown in words(html)
        assert "<img" not in html

    def test_heading_is_no_heading_of_the_page(self) -> None:
        """A student's heading does not disturb the outline that a screen reader reads."""
        assert prose("# Score: 6 / 6", "en").startswith("<p><strong>Score: 6 / 6</strong></p>")


@pytest.mark.parametrize(
    ("make", "short", "long"),
    [
        (as_mathml, "x + 1", "x" * 501),
        (code, "x = 1", "x" * 10_001),
        (partial(prose, language="en"), "*so*", "x" * 10_001),
        (similarity.words_in, "x = 1  # a comment of its own", "x" * 1_001),
        (similarity._pieces, "some_name", "x" * 1_001),
        (report_page._colored, "x = 1", "x" * 1_001),
    ],
    ids=["formula", "code", "prose", "words", "pieces", "code of a report"],
)
def test_long_text_is_not_kept(make: Callable[[str], object], short: str, long: str) -> None:
    """A student writes megabytes as easily as a line, so a number of texts would be no limit."""
    texts = [f"{text}{place}" for text in (short, long) for place in range(3)]
    kept = [make(text) for text in texts]
    again = [make("".join(text)) for text in map(list, texts)]
    assert [one is other for one, other in zip(kept, again, strict=True)] == [True] * 3 + [False] * 3


def test_long_text_in_several_languages_is_not_kept() -> None:
    """Those that are kept once are messages of ours, and what answers raise."""
    short, long = {"ko": "짧다", "en": "short"}, {"en": "x" * 1_500, "ko": "가" * 501}
    assert intern_text(short) is intern_text(dict(short))
    assert intern_text(long) is not intern_text(dict(long))
    assert intern_text(long) == Text(**long)
