"""The way through the course: the map, the links from notebook to notebook, and the contents of each."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.notebooks.cells import cell_metadata
from tests.support import ROOT

COURSE = Course.open(ROOT)
LINK = re.compile(r"\]\(\.\./(\w+)/(\w+)\.ipynb\)")
ENTRY = re.compile(r"^- \[(.+)\]\(#(.+)\)$", re.MULTILINE)
FOLDED = re.compile(r"<details>\n<summary>(.+?)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)
SHOWN = re.compile(r"!\[[^\]]*\]\(\.\./pictures/[^)]*\)|\$\$.+?\$\$", re.DOTALL)
OPTIONAL = {"en": "Optional", "ko": "선택"}
MINUTES = {"en": re.compile(r"about (\d+) minutes\*\*"), "ko": re.compile(r"(\d+)분쯤 걸립니다\*\*")}


def minutes_of_the_map() -> dict[str, int]:
    """What the picture of the course says, in its order."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "source" / "pictures" / "draw.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.MINUTES)


ORDER = minutes_of_the_map()
PATHS = {name: COURSE.assignment(name).source for name in ORDER}


def prose(path: Path, language: str) -> list[tuple[str, str]]:
    """The texts of one edition, each with the id of its cell."""
    return [
        (cell.id, cell.source)
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown" and cell_metadata(cell).get("lang", language) == language
    ]


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("name", PATHS)
class TestTheWay:
    """In each edition of each notebook."""

    def test_map_has_the_minutes_of_each_notebook(self, name: str, language: str) -> None:
        """The picture and the table of the first notebook agree with the first cell of each."""
        stated = int(MINUTES[language].findall(prose(PATHS[name], language)[0][1])[0])
        assert ORDER[name] == stated
        rows = [line for line in prose(PATHS["shapes"], language)[0][1].splitlines() if line.startswith("| ")]
        [row] = [row for row in rows if f"/{name}.ipynb" in row]
        assert row.endswith(f"| {stated} |")

    def test_it_links_to_its_neighbours(self, name: str, language: str) -> None:
        """The first cell names the one before and the one after; the summary names the one after."""
        place, names = [*ORDER].index(name), [*ORDER]
        first, *others = prose(PATHS[name], language)
        linked = [target for target, _ in LINK.findall(first[1].split("\n\n")[1])]
        near = names[max(place - 1, 0) : place] + names[place + 1 : place + 2]
        assert [*dict.fromkeys(linked)][: len(near)] == near
        last = next(text for _, text in others if text.startswith(("## Summary", "## 정리")))
        assert LINK.findall(last)[-1][0] == [*names, "shapes"][place + 1]

    def test_each_link_leads_to_a_notebook(self, name: str, language: str) -> None:
        """It is the same path beside the release, in the exchange and in a clone."""
        for folder, stem in LINK.findall("\n".join(text for _, text in prose(PATHS[name], language))):
            assert folder == stem
            assert stem in PATHS

    def test_contents_list_every_section(self, name: str, language: str) -> None:
        """Each section once, in order, by the id of its cell: JupyterLab finds no heading in Korean by its text."""
        first, *others = prose(PATHS[name], language)
        headings = [
            (line[3:], f"cell-id={cell_id}")
            for cell_id, text in others
            for line in text.splitlines()
            if line.startswith("## ")
        ]
        assert ENTRY.findall(first[1]) == headings
        assert first[1].rstrip().endswith("</details>")

    def test_it_begins_with_three_folded_questions(self, name: str, language: str) -> None:
        """The first section recalls what the notebook needs, and each answer names the notebook that explains it."""
        section = prose(PATHS[name], language)[1][1]
        assert section.startswith("## ")
        asked = FOLDED.findall(section)
        assert len(asked) == 3
        assert all(question.endswith("?") and "`" not in question for question, _ in asked)
        earlier = {*list(ORDER)[: list(ORDER).index(name)]}
        assert (
            all({folder for folder, _ in LINK.findall(answer)} & earlier for _, answer in asked)
            or not earlier
        )


def required(name: str, language: str) -> str:
    """What everybody reads unfolded: neither an optional section nor the answer to a question."""
    kept, level = [], 0
    for _, text in prose(PATHS[name], language):
        depth = len(text) - len(text.lstrip("#"))
        if depth and (not level or depth <= level):
            level = depth if text.lstrip("# ").startswith(OPTIONAL[language]) else 0
        if not level:
            kept.append(FOLDED.sub("", text))
    return "\n".join(kept)


@pytest.mark.parametrize("language", COURSE.languages)
def test_no_picture_and_no_equation_is_explained_twice(language: str) -> None:
    """On the path that everybody reads, each stands unfolded in one notebook, once."""
    shown = [
        re.sub(r"!\[[^\]]*\]", "", found)
        for name in PATHS
        for found in SHOWN.findall(required(name, language))
    ]
    assert sorted(shown) == sorted(set(shown))
