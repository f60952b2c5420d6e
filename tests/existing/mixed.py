"""Notebooks of an assignment whose tests are partly replaced by questions, and a test beside questions."""

from pathlib import Path

import nbformat

from tests.existing.cells import Notebook, answer, free, test

MEANS = Notebook(
    "means",
    (
        free("import math"),
        answer(
            "mean-answer",
            """
            def mean(values):
                ### BEGIN SOLUTION
                return math.fsum(values) / len(values)
                ### END SOLUTION
            """,
            half="""
            def mean(values):
                return math.fsum(values) // len(values)
            """,
        ),
        test(
            "mean-test",
            2,
            """
            assert mean([2, 4]) == 3
            ### BEGIN HIDDEN TESTS
            assert mean([1, 2]) == 1.5
            ### END HIDDEN TESTS
            """,
            earned=(2, 0, 0),
        ),
        test("mean-type", 1, "assert isinstance(mean([1, 2]), float)", earned=(1, 0, 1)),
    ),
)
WORDS = Notebook(
    "words",
    (
        answer(
            "shout",
            """
            def shout(word):
                ### BEGIN SOLUTION
                return word.upper() + "!"
                ### END SOLUTION
            """,
            half="""
            def shout(word):
                return word + "!"
            """,
        ),
        test("shout-test", 1, 'assert shout("no") == "NO!"', earned=(1, 0, 0)),
    ),
)
SECONDS_MORE = test(
    "seconds-more",
    2,
    """
    assert callable(seconds)
    ### BEGIN HIDDEN TESTS
    assert seconds(1, 1) == 3660
    ### END HIDDEN TESTS
    """,
    earned=(2, 0, 0),
)
"""A test of what `autograder init` writes."""


def add_test_to_week1(course: Path) -> None:
    """Put SECONDS_MORE below the cell of the question in the built notebook of the example course's week1."""
    path = course / "source" / "week1" / "week1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    place = [cell.id for cell in notebook.cells].index("seconds-grade")
    notebook.cells.insert(place + 1, SECONDS_MORE.with_source(SECONDS_MORE.source))
    nbformat.write(notebook, path)
