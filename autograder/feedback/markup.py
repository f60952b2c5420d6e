"""Texts, code and formulas as HTML in which nothing runs and nothing is fetched, whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import nh3
from latex2mathml.converter import convert
from markupsafe import Markup
from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType

from autograder.text import capitalized, remember_short

MAX_COLOURED, MAX_TEX, CACHE_SIZE = 10_000, 500, 500
"""Characters of code that is coloured and of a formula that is typeset: for some texts a highlighter takes minutes."""
QUOTED = re.compile(r"`([^`\n]+)`")
NUMBER, NAME = r"\d+(?:/\d+)?", r"[A-Za-z_]\w*[²³]?"
PRODUCT = rf"(?:{NUMBER}|{NAME})(?:·(?:{NUMBER}|{NAME}))*"
FORMULA = re.compile(rf"-?{PRODUCT}(?: [+-] {PRODUCT})*")
OPERATOR = re.compile(r"[·²³]| [+-] ")
POWERS: Mapping[str, str] = {"²": "2", "³": "3"}
SIGNS: Mapping[str, str] = {"+": "+", "-": "\N{MINUS SIGN}"}
COLOURS: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "c"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "m"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Name.Function, "f"),
    (Token.Name.Class, "f"),
)
"""The classes of the style sheet, by kind of token; everything else has the colour of text."""
MATH_TAGS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot",
    "mover", "munder", "munderover", "mtable", "mtr", "mtd", "menclose",
})  # fmt: skip
TAGS = frozenset(nh3.ALLOWED_TAGS - {"img"} | MATH_TAGS)
ATTRIBUTES: Mapping[str, set[str]] = {
    **nh3.ALLOWED_ATTRIBUTES,
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": {"stretchy", "fence"},
}


def sentence(text: str, language: str, *, typeset: bool = True) -> Markup:
    """Return a text of ours as `rich` does.

    In English it begins with a capital and ends with a full stop, as our texts for a terminal do not.
    """
    text = text.strip()
    if language == "en" and text:
        text = capitalized(text)
        text += "" if text[-1] in ".?!:…)”" else "."
    return rich(text, typeset=typeset)


def rich(text: str, *, typeset: bool = True) -> Markup:
    """Return a text with code in backticks set as code.

    typeset: whether formulas in backticks become MathML, which not every page keeps.
    """
    parts = enumerate(QUOTED.split(text))
    return Markup(
        "".join(_quoted(part, typeset=typeset) if index % 2 else escape(part) for index, part in parts)
    )


def _quoted(text: str, *, typeset: bool) -> str:
    if typeset and len(text) <= MAX_TEX and OPERATOR.search(text) and FORMULA.fullmatch(text):
        # each term is a formula of its own, since a browser breaks no line within one
        first, *others = re.split(r" (?=[+-] )", text)
        terms = (
            f' <span class="term">{SIGNS[term[0]]} {as_mathml(_as_tex(term[2:]))}</span>' for term in others
        )
        return as_mathml(_as_tex(first)) + "".join(terms)
    return f"<code>{escape(text)}</code>"


def _as_tex(product: str) -> str:
    """Return a product in ordinary notation, such as `4·units²`, as TeX."""

    def factor(text: str) -> str:
        name = text.rstrip("".join(POWERS))
        if name.isidentifier():
            return rf"\text{{{name}}}" + "".join(f"^{POWERS[power]}" for power in text[len(name) :])
        above, _, below = text.partition("/")
        return rf"\frac{{{above}}}{{{below}}}" if below else text

    sign = "-" if product.startswith("-") else ""
    return sign + r"\cdot ".join(map(factor, product.removeprefix("-").split("·")))


@remember_short(CACHE_SIZE, MAX_TEX)
def as_mathml(tex: str, *, display: bool = False) -> str:
    """Return a formula in TeX as MathML, or as code if it cannot be converted."""
    try:
        mathml = convert(tex, display="block" if display else "inline") if len(tex) <= MAX_TEX else ""
    except Exception:  # the converter has no common error, and recurses into a student's braces
        mathml = ""
    return clean(mathml) if mathml else f"<code>{escape(tex)}</code>"


def clean(html: str) -> str:
    """Return HTML without anything that runs, is fetched, or changes the page around it."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"})


@remember_short(CACHE_SIZE, MAX_COLOURED)
def code(source: str) -> Markup:
    """Return Python code as HTML with the classes of `COLOURS`, if it is short, else without colours."""
    if len(source) > MAX_COLOURED:
        return Markup(escape(source))
    parts: list[str] = []
    last, run = "", ""
    for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        kind = next((name for family, name in COLOURS if token in family), "")
        if kind != last and text.strip():
            parts.append(_span(last, run))
            last, run = kind, ""
        run += text
    return Markup("".join([*parts, _span(last, run)]))


def _span(kind: str, text: str) -> str:
    return (
        f'<span class="{kind}">{escape(text, quote=False)}</span>'
        if kind and text
        else escape(text, quote=False)
    )
