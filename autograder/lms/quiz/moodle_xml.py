"""A quiz as Moodle XML: numerical questions with feedback for each known mistake.

Moodle uses the first answer that matches: the right number, then the known wrong ones, then any other.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.lms.quiz.question_bank import RIGHT, Quiz, QuizQuestion, Variant, as_html, problem_as_html
from autograder.text import one_line

WRITE_NUMBER = _("Write the number itself: a formula is not computed here.")
ANY_OTHER = "*"
# the fractions that Moodle's import accepts, without those of a right answer
ALLOWED = "0 1/20 1/10 1/9 1/8 1/7 1/6 1/5 1/4 3/10 1/3 2/5 1/2 3/5 2/3 7/10 3/4 4/5 5/6 9/10"


def as_moodle_xml(quiz: Quiz, language: str) -> bytes:
    """Return the file to import: one category per question with its variants."""
    root = Element("quiz")
    for question in quiz.questions:
        title = one_line(question.title.in_language(language))
        root.append(_category(f"{quiz.assignment} ({language})", title))
        for number, variant in enumerate(question.variants, start=1):
            root.append(_numerical(question, variant, f"{title} ({number})", language))
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _category(*names: str) -> Element:
    """Return the element that puts the following questions into a subcategory, which Moodle creates if missing."""
    question = Element("question", type="category")
    path = "/".join(
        name.replace("/", " // ") for name in names
    )  # Moodle reads a single slash as a subcategory
    _text(question, "category", f"$course$/top/{path}")
    return question


def _numerical(question: QuizQuestion, variant: Variant, name: str, language: str) -> Element:
    node = Element("question", type="numerical")
    _text(node, "name", name)
    asks = as_html(question.asks.in_language(language))
    _text(node, "questiontext", asks + problem_as_html(variant) + as_html(WRITE_NUMBER.in_language(language)))
    _text(node, "generalfeedback", "")
    for tag, value in (
        ("defaultgrade", plain(question.points)),
        ("penalty", "0.3333333"),
        ("hidden", "0"),
        ("idnumber", variant.id),
    ):
        SubElement(node, tag).text = value
    _answer(node, variant.right, "100", as_html(RIGHT.in_language(language)), variant.tolerance)
    for wrong in variant.wrong:
        feedback = as_html(*(text.in_language(language) for text in wrong.texts))
        _answer(node, wrong.number, _percent(wrong.credit), feedback, variant.tolerance)
    _answer(node, ANY_OTHER, "0", as_html(question.look.in_language(language)))
    for tag, value in (
        ("unitgradingtype", "0"),
        ("unitpenalty", "0.1"),
        ("showunits", "3"),
        ("unitsleft", "0"),
    ):
        SubElement(node, tag).text = value
    return node


def _answer(
    question: Element, number: float | str, percent: str, feedback: str, tolerance: float = 0.0
) -> None:
    answer = SubElement(question, "answer", fraction=percent, format="moodle_auto_format")
    SubElement(answer, "text").text = str(number)
    _text(answer, "feedback", feedback)
    SubElement(answer, "tolerance").text = f"{tolerance:g}"


def _text(parent: Element, tag: str, text: str) -> None:
    formatted = {"format": "html"} if tag in ("questiontext", "generalfeedback", "feedback") else {}
    SubElement(SubElement(parent, tag, formatted), "text").text = text


def _percent(credit: float) -> str:
    """Return the nearest fraction that Moodle accepts, in its notation."""
    nearest = min(map(Fraction, ALLOWED.split()), key=lambda share: abs(share - Fraction(credit)))
    return f"{float(nearest * 100):.7g}"
