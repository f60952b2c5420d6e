"""Predictions in the source notebooks: where readers write a guess, and where the result answers it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, runs_when_graded
from autograder.submissions import rebuild
from autograder.submissions.parse import parse_submitted
from tests.support import ROOT

COURSE = Course.open(ROOT)
PATHS = [COURSE.assignment(name).source for name in COURSE.assignments if name != "exam"]
GUESS = re.compile(r"^guess_(\w+) = \.\.\.$", re.MULTILINE)
COMPARED = re.compile(r"\bcompare_guess\(\"(\w+)\"")
ASKS = {"en": re.compile(r"\*\*Predict\b"), "ko": re.compile(r"\*\*예상해 보세요")}


def cells_of(path: Path, language: str) -> list[NotebookNode]:
    """The cells of one edition."""
    return [
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell_metadata(cell).get("lang", language) == language
    ]


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
class TestPredictions:
    """In each edition of each notebook."""

    def test_each_prediction_is_followed_by_its_guess_cell(self, path: Path, language: str) -> None:
        """Nobody is asked for a guess without a place to write it, and no place stands without a question."""
        cells = cells_of(path, language)
        kinds = {"markdown": ASKS[language], "code": GUESS}
        found = [cell.cell_type for cell in cells if kinds[cell.cell_type].search(cell.source)]
        asked = [number for number, cell in enumerate(cells) if ASKS[language].search(cell.source)]
        assert found == ["markdown", "code"] * len(asked)
        assert all(GUESS.search(cells[number + 1].source) for number in asked)
        assert asked

    def test_each_guess_is_compared_once_below_its_cell(self, path: Path, language: str) -> None:
        """One of the next two cells of code shows the result beside it."""
        code = [cell.source for cell in cells_of(path, language) if cell.cell_type == "code"]
        compared: list[str] = []
        for number, source in enumerate(code):
            for name in GUESS.findall(source):
                assert COMPARED.findall("\n".join(code[number + 1 : number + 4])).count(name) == 1, name
                compared.append(name)
        assert sorted(COMPARED.findall("\n".join(code))) == sorted(compared)
        assert len(set(compared)) == len(compared)

    def test_they_are_counted_at_the_end(self, path: Path, language: str) -> None:
        """The count stands below the last comparison, above the self-check."""
        code = [cell.source for cell in cells_of(path, language) if cell.cell_type == "code"]
        assert code[-2:] == ["count_guesses()", "check_all_answered()"]

    def test_grading_runs_no_prediction(self, path: Path, language: str) -> None:
        """The tools are not there in grading, and a guess is no answer."""
        graded = "\n".join(cell.source for cell in cells_of(path, language) if runs_when_graded(cell))
        assert "guess" not in graded

    def test_guesses_change_no_score(self, path: Path, language: str) -> None:
        """Filled in, it is code of the student's own: no answer is changed, and no note is made of it."""
        release = nbformat.read(COURSE.assignment(path.stem).release(language), as_version=4)
        handed_in = json.dumps(release).replace(" = ...", " = True")
        submission = rebuild.rebuild(parse_submitted(handed_in.encode()), release)
        assert submission.notes == {}
        assert submission.untouched == rebuild.rebuild(release, release).untouched
