"""Doctored notebook files: what is handed in is not what was released, or no notebook at all."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

from tests.hostile.attack import GRU, RIGHT, Attack, Notebook, honest, worth

KNOWN = {"answers": honest(GRU, "g1"), "earns": worth(GRU, "g1")}
SCORED = {
    "output_type": "execute_result",
    "execution_count": 1,
    "metadata": {},
    "data": {"text/plain": "6.0"},
}


def _grade_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def _code(source: Any, **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": "mine", "metadata": metadata, "source": source, "outputs": [SCORED],
        "execution_count": 1,
    }  # fmt: skip


def _skips(notebook: Notebook) -> None:
    for cell in _grade_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove_cell"]
        cell["outputs"] = [SCORED]


def _deletes(notebook: Notebook) -> None:
    gone = [cell["id"] for cell in _grade_cells(notebook)]
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in gone]


def _doubles(notebook: Notebook) -> None:
    for cell in _grade_cells(notebook):
        twin = copy.deepcopy(cell)
        twin["source"], twin["outputs"] = "6.0", [SCORED]
        notebook["cells"].append(twin)


def _retypes(notebook: Notebook) -> None:
    for place, cell in enumerate(_grade_cells(notebook)):
        cell["cell_type"] = ("raw", "markdown", "heading", "code")[place % 4]


def _claims_answers(notebook: Notebook) -> None:
    for cell in _grade_cells(notebook):
        cell["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "locked": False, "points": 10**9}


def _renames(notebook: Notebook) -> None:
    for cell in _grade_cells(notebook):
        cell["source"] = "6.0"
        cell["metadata"]["nbgrader"]["grade_id"] += "_"


def _adds_a_bonus(notebook: Notebook) -> None:
    bonus = {
        "schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "grade_id": "bonus",
        "points": 1000, "cell_type": "code", "checksum": "0" * 32,
    }  # fmt: skip
    notebook["cells"] += [
        _code("1000.0", nbgrader=bonus),
        _code("6.0", nbgrader=bonus | {"grade_id": "gru_params-check"}),
    ]


def _adds_many(notebook: Notebook) -> None:
    notebook["cells"][1:1] = [_code("\0pass  # \x7f\u202e") for _ in range(3000)]


def _scores_itself(notebook: Notebook) -> None:
    """Reports and scores such as the grader writes, in every place where it writes them."""
    report = {
        "question": "gru_params", "title": {"ko": "", "en": ""}, "points": 6, "score": 6, "checks": [
            {"name": "all", "text": {"ko": "", "en": ""}, "outcome": "passed", "points": 6, "message": {"ko": "", "en": ""}}
        ], "misconceptions": [], "notes": [], "fault": None,
    }  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("autograder", {})["report"] = report
        cell["metadata"].setdefault("nbgrader", {})["points"] = 99
    notebook["metadata"] |= {
        "autograder": {"edition": "en", "submitted": "x", "seal": "perfect"},
        "kernelspec": {"name": "bash"},
    }


def _renames_its_kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {
        "name": "../../bin/sh",
        "language": "sh",
        "display_name": "sh",
        "argv": ["sh"],
    }
    notebook["metadata"]["language_info"] = {"name": "sh", "pygments_lexer": "<script>"}
    notebook["metadata"]["autograder"]["edition"] = "../../../solutions"
    notebook["nbformat"], notebook["nbformat_minor"] = -4, "x" * 1000


def _nests(notebook: Notebook) -> bytes:
    deep = "{" + '"a":{' * 900 + "}" * 900 + "}"
    notebook["metadata"]["deep"] = "DEEP"
    notebook["cells"][0]["metadata"]["deep"] = "DEEP"
    return json.dumps(notebook).replace('"DEEP"', deep).encode()


def _nests_more(notebook: Notebook) -> bytes:
    return b'{"cells":' + b"[" * 200_000 + b"]" * 200_000 + b"}"


def _breaks_its_source_up(notebook: Notebook) -> None:
    """One letter a line, with what is no text in between."""
    for cell in notebook["cells"]:
        cell["source"] = [part for letter in cell["source"] for part in (letter, None, 1, {}, [])]
    notebook["cells"].append(_code(["x"] * 100_000))


def _odd_cells(notebook: Notebook) -> None:
    odd = [None, 1, "cell", [], {}, {"cell_type": {}}, {"cell_type": "code", "source": {}}, {"metadata": []}]
    odd += [
        _code("x", nbgrader=value)
        for value in (None, [], "x", {"grade_id": {}}, {"grade_id": 1e308, "grade": "yes"})
    ]
    notebook["cells"] = odd + notebook["cells"] + odd
    notebook["metadata"] = []


def _surrogates(notebook: Notebook) -> bytes:
    notebook["cells"][0:0] = [_code("print('ODD')", nbgrader={"grade_id": "ODD", "solution": True})]
    notebook["metadata"]["autograder"] |= {"edition": "ODD", "ODD": "ODD"}
    for cell in notebook["cells"]:
        cell["id"] = "ODD"
    return json.dumps(notebook).replace("ODD", "\\ud800\\u0000\\u202e").encode()


def _numbers(notebook: Notebook) -> bytes:
    notebook["metadata"]["n"] = "NUMBER"
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("nbgrader", {})["points"] = "NUMBER"
    return json.dumps(notebook).replace('"NUMBER"', "NaN").encode()


def _long_numbers(notebook: Notebook) -> bytes:
    return json.dumps(notebook).replace('"nbformat": 4', '"nbformat": ' + "9" * 1_000_000).encode()


def _swaps_ids(notebook: Notebook) -> None:
    """An honest small answer under the ids of the large ones."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["metadata"]["nbgrader"]["grade_id"] = "gru_params"
            cell["source"] = RIGHT[GRU]["g1"]


def _a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _a_link_to(target: str):
    def place(path: Path) -> None:
        path.unlink()
        path.symlink_to(path.parents[3] / target)

    return place


def _data_links(path: Path) -> None:
    course = path.parents[3]
    (path.parent / "data.bin").symlink_to(course / "gradebook.db")
    (path.parent / "classmate.ipynb").symlink_to(
        course / "submitted/honest1/gru_parameters/gru_parameters.ipynb"
    )
    (path.parent / "solutions").symlink_to(course / "solutions")
    (path.parent / "loop").symlink_to(".")
    os.mkfifo(path.parent / "pipe.csv")


def _a_hard_link(path: Path) -> None:
    path.unlink()
    os.link(path.parents[3] / "source/gru_parameters/gru_parameters.ipynb", path)


def _a_linked_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(path.parents[3] / "submitted/honest1/gru_parameters")


def _a_linked_student(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.parent.rmdir()
    path.parent.parent.symlink_to("honest1")


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "gru_parameters.ipynb").write_text("{}")


def _a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _a_sparse_file(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(8 << 30)


ATTACKS = (
    Attack("N01", "tags its grade cells to be skipped, with a score in them", mutate=_skips, **KNOWN),
    Attack("N02", "deletes the grade cells", mutate=_deletes, **KNOWN),
    Attack("N04", "doubles the grade cells, the second of each worth full marks", mutate=_doubles, **KNOWN),
    Attack("N05", "makes grade cells raw, markdown or of no kind", mutate=_retypes, **KNOWN),
    Attack("N06", "declares the grade cells to be answers", mutate=_claims_answers, **KNOWN),
    Attack("N07", "empties the grade cells and renames them", mutate=_renames, **KNOWN),
    Attack("N09", "a file that is no notebook", mutate=lambda notebook: b'{"cells": [' * 5000),
    Attack("N11", "adds a cell worth a thousand points", mutate=_adds_a_bonus, **KNOWN),
    Attack("N12", "a pipe in the place of the notebook", place=_a_pipe),
    Attack("N14", "a link to the instructor's notebook in its place",
        place=_a_link_to("source/gru_parameters/gru_parameters.ipynb")),
    Attack("N15", "links to the gradebook, to a classmate and to itself beside the notebook", place=_data_links),
    Attack("N17", "three thousand cells of odd characters", costly=True, mutate=_adds_many),
    Attack("O46", "brings its own reports, points and seal", mutate=_scores_itself, **KNOWN),
    Attack("O47", "names another kernel, another edition and another version", mutate=_renames_its_kernel, **KNOWN),
    Attack("O48", "metadata nested nine hundred deep", mutate=_nests, **KNOWN),
    Attack("O49", "cells nested two hundred thousand deep", mutate=_nests_more),
    Attack("O50", "sources in a hundred thousand parts, not all of them text", mutate=_breaks_its_source_up, **KNOWN),
    Attack("O51", "cells that are none", mutate=_odd_cells, **KNOWN),
    Attack("O52", "surrogates and NUL in ids, names and metadata", mutate=_surrogates, **KNOWN),
    Attack("O53", "points that are no number", mutate=_numbers, **KNOWN),
    Attack("O54", "a version of a million digits", mutate=_long_numbers, **KNOWN),
    Attack("O55", "one answer under the id of every question", mutate=_swaps_ids, **KNOWN),
    Attack("O56", "a hard link to the instructor's notebook", place=_a_hard_link),
    Attack("O57", "a link to a classmate's folder in the place of its own", place=_a_linked_folder),
    Attack("O58", "a student's folder that is a link to a classmate's", place=_a_linked_student),
    Attack("O59", "a folder in the place of the notebook", place=_a_folder),
    Attack("O60", "an endless device in the place of the notebook", place=_a_device),
    Attack("O61", "eight gigabytes of nothing after the notebook", place=_a_sparse_file),
    Attack("O62", "text in another encoding", mutate=lambda notebook: json.dumps(notebook).encode("utf-16")),
    Attack("O63", "an empty file", mutate=lambda notebook: b""),
    Attack("O64", "no notebook but a list of them", mutate=lambda notebook: json.dumps([notebook] * 3).encode()),
)  # fmt: skip

FILE_LEVEL = ("N09", "N12", "N14", "N15", "N17", "N04", "O48", "O51", "O52", "O56", "O57", "D16")
"""Those that the stock command meets too."""
