"""A quiz as a QTI 1.2 package for Canvas Classic Quizzes: choices between the right number and known mistakes.

Numerical questions are not used: Canvas takes every number with feedback for a right answer. text2qti is not used:
its identifiers depend on the texts, so Canvas could not replace an earlier import; its manifest holds the date and a
copyright claim; and it reads every text as Markdown.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograder.errors import CourseError
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.lms.quiz.question_bank import (
    RIGHT,
    Quiz,
    QuizQuestion,
    Variant,
    Wrong,
    as_html,
    problem_as_html,
)
from autograder.text import one_line

MOST_DISTRACTORS = 5
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"


def as_qti_zip(quiz: Quiz, language: str) -> bytes:
    """Return the file to import: a quiz that draws one variant of each question. The same quiz gives the same bytes.

    Raises CourseError if a variant has no known mistake to choose from.
    """
    ident = _ident("quiz", quiz.assignment, language)
    files = {
        "imsmanifest.xml": _manifest(ident),
        f"{ident}/assessment_meta.xml": _meta(quiz, ident, language),
        f"{ident}/{ident}.xml": _assessment(quiz, ident, language),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(
        stream, "w"
    ) as package:  # stored, not compressed: compressed bytes depend on the zlib version
        for name, root in files.items():
            indent(root)
            entry = zipfile.ZipInfo(name)  # entries are dated 1980
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            package.writestr(entry, tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
    return stream.getvalue()


def distractors(variant: Variant) -> tuple[Wrong, ...]:
    """Return at most five known mistakes to choose from, in the question's order.

    Those between half and double the right number come first: a number of another size gives itself away.
    """

    def is_far(wrong: Wrong) -> bool:
        return not variant.right / 2 <= wrong.number <= variant.right * 2

    return tuple(sorted(variant.wrong, key=is_far)[:MOST_DISTRACTORS])


def _manifest(ident: str) -> Element:
    root = Element("manifest", xmlns=PACKAGE, identifier=_ident("manifest", ident))
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    quiz = SubElement(resources, "resource", identifier=ident, type="imsqti_xmlv1p2")
    SubElement(quiz, "file", href=f"{ident}/{ident}.xml")
    SubElement(quiz, "dependency", identifierref=_ident("meta", ident))
    meta = f"{ident}/assessment_meta.xml"
    kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
    settings = SubElement(resources, "resource", identifier=_ident("meta", ident), type=kind, href=meta)
    SubElement(settings, "file", href=meta)
    return root


def _meta(quiz: Quiz, ident: str, language: str) -> Element:
    """Return Canvas's metadata of the quiz: a practice quiz, unlimited attempts, unpublished."""
    root = Element("quiz", xmlns=CANVAS, identifier=ident)
    for tag, value in (
        ("title", f"{quiz.assignment} ({language})"),
        ("description", ""),
        ("shuffle_answers", "true"),
        ("scoring_policy", "keep_highest"),
        ("quiz_type", "practice_quiz"),
        ("points_possible", plain(sum(question.points for question in quiz.questions))),
        ("show_correct_answers", "true"),
        ("allowed_attempts", "-1"),
        ("available", "false"),
    ):
        SubElement(root, tag).text = value
    return root


def _assessment(quiz: Quiz, ident: str, language: str) -> Element:
    root = Element("questestinterop", xmlns=QTI)
    assessment = SubElement(root, "assessment", ident=ident, title=f"{quiz.assignment} ({language})")
    section = SubElement(assessment, "section", ident="root_section")
    for question in quiz.questions:
        title = one_line(question.title.in_language(language))
        group = SubElement(section, "section", ident=_ident(ident, question.id), title=title)
        selection = SubElement(SubElement(group, "selection_ordering"), "selection")
        SubElement(selection, "selection_number").text = "1"
        extension = SubElement(selection, "selection_extension")
        SubElement(extension, "points_per_item").text = plain(question.points)
        for number, variant in enumerate(question.variants, start=1):
            group.append(_item(question, variant, f"{title} ({number})", language))
    return root


def _item(question: QuizQuestion, variant: Variant, title: str, language: str) -> Element:
    """Return a multiple choice question with feedback for each choice."""
    feedback_by_number = {variant.right: as_html(RIGHT.in_language(language))}
    for wrong in distractors(variant):
        feedback_by_number[wrong.number] = as_html(*(text.in_language(language) for text in wrong.texts))
    if len(feedback_by_number) == 1:
        raise CourseError(
            _(
                "{question} with {numbers} has no known mistake that gives a number: a question of multiple "
                "choice needs one",
                question=question.id,
                numbers=variant.numbers,
            )
        )
    idents = {number: _ident(variant.id, str(number)) for number in feedback_by_number}
    choices = sorted(feedback_by_number, key=lambda number: idents[number])  # a reproducible shuffle
    ident = _ident(variant.id, language)
    item = Element("item", ident=ident, title=title)
    fields = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in (
        ("question_type", "multiple_choice_question"),
        ("points_possible", plain(question.points)),
        ("assessment_question_identifierref", _ident("bank", ident)),
    ):
        field = SubElement(fields, "qtimetadatafield")
        SubElement(field, "fieldlabel").text = label
        SubElement(field, "fieldentry").text = entry
    presentation = SubElement(item, "presentation")
    _material(presentation, as_html(question.asks.in_language(language)) + problem_as_html(variant))
    response = SubElement(presentation, "response_lid", ident="response1", rcardinality="Single")
    offered = SubElement(response, "render_choice")
    processing = SubElement(item, "resprocessing")
    outcomes = SubElement(processing, "outcomes")
    SubElement(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    for number in choices:
        written = str(number) if isinstance(number, int) else f"{number:.8g}"
        _material(SubElement(offered, "response_label", ident=idents[number]), written, "text/plain")
        feedback = SubElement(item, "itemfeedback", ident=f"{idents[number]}_fb")
        _material(SubElement(feedback, "flow_mat"), feedback_by_number[number])
    # the right answer last: conditions after one with continue="No" apply only if it fails
    for number in sorted(choices, key=lambda number: number == variant.right):
        is_right = number == variant.right
        condition = SubElement(processing, "respcondition", {"continue": "No" if is_right else "Yes"})
        equal = SubElement(SubElement(condition, "conditionvar"), "varequal", respident="response1")
        equal.text = idents[number]
        if is_right:
            SubElement(condition, "setvar", action="Set", varname="SCORE").text = "100"
        SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{idents[number]}_fb")
    return item


def _material(parent: Element, text: str, kind: str = "text/html") -> None:
    SubElement(SubElement(parent, "material"), "mattext", texttype=kind).text = text


def _ident(*parts: str) -> str:
    """Return an identifier that is the same in every import."""
    return "i" + hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]
