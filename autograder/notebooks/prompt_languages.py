"""The title of a notebook and the prompts of manually graded cells, which exist in every language of the course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.i18n import _, language_name
from autograder.notebooks.cells import NAMESPACE, cell_metadata, grade_id
from autograder.notebooks.essays import is_essay, is_task
from autograder.notebooks.headings import headings
from autograder.text import Text


def missing_texts(cells: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> Iterator[Text]:
    """Yield what is missing in a language of the course, and how to add it. cells: those of a source notebook."""
    titled = [cell for cell in cells if any(level == 1 for level, _heading in headings(cell))]
    for language in _missing(titled, languages):
        yield _(
            "the notebook has no title in {language}: add a markdown cell that begins with `# `, with the metadata "
            "{metadata}",
            language=language_name(language),
            metadata=_metadata(language),
        )
    for index, cell in enumerate(cells):
        if (is_essay(cell) or is_task(cell)) and "lang" not in cell_metadata(cell):
            for language in _missing(_prose_above(cells[:index]), languages):
                yield _(
                    "the manually graded cell {name} has no prompt in {language}: add a markdown cell above it, with "
                    "the metadata {metadata}",
                    name=grade_id(cell),
                    language=language_name(language),
                    metadata=_metadata(language),
                )


def _prose_above(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the author's prose directly above a cell; code of the author's may be in between."""
    prose: list[Mapping[str, Any]] = []
    for cell in reversed(cells):
        is_code = cell["cell_type"] == "code"
        metadata = cell_metadata(cell)
        if "stamp" in metadata or "nbgrader" in cell["metadata"] or (is_code and prose):
            break
        if not is_code:
            prose.append(cell)
    return prose[::-1]


def _missing(prose: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> list[str]:
    """Return the languages of the course that lack a part of some prose; none if no language has any."""
    spoken = [cell_metadata(cell).get("lang") for cell in prose]
    if not spoken or None in spoken:
        return []  # a cell without a language is in every edition
    last_part = spoken[_start_of_last_part(prose) :]
    headed = Counter(cell_metadata(cell)["lang"] for cell in prose for _heading in headings(cell))
    most = max(headed.values(), default=0)
    return [language for language in languages if language not in last_part or 0 < headed[language] < most]


def _start_of_last_part(prose: Sequence[Mapping[str, Any]]) -> int:
    """Return the index of the first of the last headings, one for each language; 0 if there are no headings."""
    start, met = 0, set[str]()
    for index in reversed(range(len(prose))):
        if any(headings(prose[index])):
            if cell_metadata(prose[index])["lang"] in met:
                break
            met.add(cell_metadata(prose[index])["lang"])
            start = index
    return start


def _metadata(language: str) -> str:
    return f'{{"{NAMESPACE}": {{"lang": "{language}"}}}}'
