"""Of several notebooks handed in together one counts, whatever they are called and in whatever state they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.page import render_report
from autograder.grading.report import Report
from autograder.notebooks.cells import grade_id
from autograder.submissions.selection import (
    MAX_NOTEBOOKS,
    File,
    SelectedNotebook,
    digest,
    read_files,
    select_notebook,
)
from autograder.text import Text
from tests.submissions.test_collect import handed_in, raw, released

LANGUAGES = ("ko", "en")
NO_NOTEBOOK = "the file handed in is no notebook (not JSON)"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A released notebook with two answers, p1 and p2."""
    path = tmp_path / "release.ipynb"
    nbformat.write(released("counting", "p1", "p2"), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's submission, still empty."""
    path = tmp_path / "submitted" / "kim" / "counting"
    path.mkdir(parents=True)
    return path


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def of(folder: Path, release: Path) -> SelectedNotebook:
    """What counts in a submission's folder."""
    return select_notebook(read_files(folder, LANGUAGES, below=folder.parent.parent), release)


def answer(found: SelectedNotebook) -> str:
    """The first answer in the notebook that counts."""
    return next((cell.source for cell in found.notebook.cells if grade_id(cell) == "p1"), "")


UNTOUCHED = raw(handed_in())
ONE, OTHER = raw(handed_in(p1="p1 = 1")), raw(handed_in(p1="p1 = 2"))
BOTH = raw(handed_in(p1="p1 = 3", p2="p2 = 3"))


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ({"counting.ipynb": UNTOUCHED, "counting.en.ipynb": ONE}, "p1 = 1"),
        ({"counting.ipynb": ONE, "counting.en.ipynb": BOTH}, "p1 = 3"),
        ({"counting.ipynb": BOTH, "counting.en.ipynb": ONE}, "p1 = 3"),
        ({"counting.ipynb": ONE, "counting.en.ipynb": OTHER}, "p1 = 1"),
        ({"counting.en.ipynb": ONE, "another.ipynb": OTHER}, "p1 = 1"),
        ({"Untitled.ipynb": ONE}, "p1 = 1"),
        ({"counting.ipynb": b"{ broken", "counting.en.ipynb": ONE}, "p1 = 1"),
        ({"counting.en.ipynb": UNTOUCHED, "counting (1).ipynb": ONE, ".hidden.ipynb": BOTH}, "p1 = 1"),
    ],
    ids=[
        "worked", "more answers", "fewer answers", "first language", "an edition", "any name", "readable", "hidden"
    ],
)  # fmt: skip
def test_the_one_with_the_most_answers_counts(
    folder: Path, release: Path, files: dict[str, bytes], counts: str
) -> None:
    """Of equals the first language's, then that of another edition, then the others by name."""
    put(folder, files)
    found = of(folder, release)
    assert answer(found) == counts
    assert found.refused is None


def test_answer_that_does_not_count_is_told(folder: Path, release: Path) -> None:
    """In both languages, at its question, with both file names; an equal answer is not worth a word."""
    put(folder, {"counting.ipynb": raw(handed_in(p2="p2 = 3")), "counting.en.ipynb": BOTH})
    assert of(folder, release).elsewhere == {}
    put(folder, {"counting.ipynb": raw(handed_in(p1="p1 = 1")), "counting.en.ipynb": BOTH})
    assert dict(of(folder, release).elsewhere) == {
        "p1": Text(
            ko="답을 쓴 노트북이 여러 개라서 그 가운데 counting.en.ipynb 하나를 채점했습니다. "
            "counting.ipynb에는 p1의 다른 답이 있습니다.",
            en="several of the notebooks handed in hold answers, and one counts: counting.en.ipynb was graded. "
            "counting.ipynb holds another answer to p1",
        )
    }


@pytest.mark.parametrize("beside", [None, UNTOUCHED], ids=["alone", "beside an untouched one"])
def test_work_that_cannot_be_read_is_told(folder: Path, release: Path, beside: bytes | None) -> None:
    """It is no empty hand-in: the student hears that the file is broken."""
    put(folder, {"counting.en.ipynb": b"{ broken"} | ({"counting.ipynb": beside} if beside else {}))
    refused = of(folder, release).refused
    assert refused is not None
    assert NO_NOTEBOOK in refused.en


def test_link_is_not_followed(folder: Path, release: Path, tmp_path: Path) -> None:
    """Neither where it is a notebook, nor where it is the folder."""
    (tmp_path / "secret.ipynb").write_bytes(BOTH)
    (folder / "counting.ipynb").symlink_to(tmp_path / "secret.ipynb")
    put(folder, {"counting.en.ipynb": ONE})
    assert answer(of(folder, release)) == "p1 = 1"
    (folder.parent / "tagging").symlink_to(folder)
    assert of(folder.parent / "tagging", release).refused is not None


def test_name_is_shown_and_never_markup(folder: Path, release: Path) -> None:
    """A file name is the student's: it is escaped on the page, and half a character in it breaks nothing."""
    put(folder, {"counting.ipynb": ONE, "<b onclick=x>.ipynb": BOTH})
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.ipynb")).write_bytes(OTHER)
    found = of(folder, release)
    assert answer(found) == "p1 = 3"
    page = render_report(Report("p1", Text(en="P"), 1.0, (), notes=(found.elsewhere["p1"],)), "en")
    assert "&lt;b onclick=x&gt;.ipynb was graded" in page
    json.dumps(page, ensure_ascii=False).encode("utf-8")


def test_folder_full_of_notebooks_costs_little(folder: Path) -> None:
    """The editions are read first, then a few of the others; those named as the assignment before the rest."""
    names = ["counting.ipynb", "counting.en.ipynb", "counting copy.ipynb"]
    put(folder, dict.fromkeys([*(f"a{number}.ipynb" for number in range(100)), *names], ONE))
    files = read_files(folder, LANGUAGES, below=folder.parent.parent)
    assert [file.name for file in files[:3]] == names
    assert len(files) == MAX_NOTEBOOKS


FILES = st.lists(st.builds(File, st.text(), st.binary()), max_size=4)


@given(FILES, FILES)
def test_the_digest_tells_every_change(one: list[File], other: list[File]) -> None:
    """Equal hand-ins have equal digests, others never: names, contents and their order."""
    assert (digest(one) == digest(other)) == (one == other)
