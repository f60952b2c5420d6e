"""Law 15: a section to read again is a heading of the notebook, in every edition."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from autograder.i18n import _, language_name
from autograder.notebooks.headings import plain, sections
from autograder.questions.question import Question
from autograder.text import Text
from autograder.verification.laws import Violation


def unknown_sections(
    question: Question, cells: Sequence[Mapping[str, Any]], languages: Sequence[str]
) -> Iterator[Violation]:
    """Yield each section of a question that is no heading of its notebook in some edition.

    cells: those of the source notebook. One section that several misconceptions name is told once.
    """
    named = {question.section: _("the question")}
    for misconception in question.misconceptions:
        if not isinstance(
            misconception.answer, partial
        ):  # an inherited one is told with the question that it comes from
            named.setdefault(misconception.section, _("misconception {name}", name=misconception.name))
    for language in languages:
        headings = list(sections(cells, language))
        for section, place in named.items():
            heading = plain(section.in_language(language))
            if heading and heading not in headings:
                problem = _(
                    "{place} names the section “{heading}”, which is no heading of the notebook in {language}; {fix}",
                    place=place,
                    heading=heading,
                    language=language_name(language),
                    fix=_nearest(heading, headings),
                )
                yield Violation(15, question.id, question.path, problem)


def _nearest(heading: str, headings: Sequence[str]) -> Text:
    [nearest] = difflib.get_close_matches(heading, headings, n=1, cutoff=0) or [""]
    return _("did you mean {name}?", name=f"“{nearest}”") if nearest else _("it has no headings")
