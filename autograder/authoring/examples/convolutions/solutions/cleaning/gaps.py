"""Count the gaps of each column of a table."""

import numpy as np

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(en="Counting gaps"),
    statement=Text(
        en="""
Complete `gaps(table)` so that it returns a list with the number of gaps (`nan`) in each column of `table`.

`table` is a NumPy array of two axes, of floats. It may have no gap at all.
""",
    ),
    source="an example of `autograder init`",
    returns="list",
)


@question.answer
def gaps(table):
    """Number of gaps in each column.

    table: array of shape (measurements, quantities). Returns a list of int, one for each quantity.
    """
    import numpy as np

    return np.isnan(table).sum(axis=0).tolist()


@question.example
def example(gaps):
    import numpy as np

    assert list(gaps(np.array([[1.0, np.nan], [2.0, np.nan], [3.0, 4.0]]))) == [0, 2]


@question.cases
def cases(rng):
    """Draw tables of different heights and widths; the first has no gap, each other one has several."""
    tables = [np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 5.0]])]
    for number in range(8):
        rows, columns = 5 + number % 3, 3 + number % 2
        table = np.round(rng.normal(50, 20, size=(rows, columns)), 1)
        table[1:3, 0] = np.nan
        table[0, 1] = np.nan
        table[:, 2][rng.random(rows) < 0.4] = np.nan
        table[3, 1] = 0.0
        table[4, 2] = np.nan
        tables.append(table)
    return [Case(table) for table in tables]


@question.check(points=2, text=Text(en="counts the gaps of every column"))
def counts_gaps(got, case, want):
    expect.counts(got, want)


@question.misconception(
    text=Text(
        en="The gaps were counted by row. `axis=0` goes down the rows, and leaves one number for each column."
    ),
    fails=[counts_gaps],
)
def by_row(table):
    return np.isnan(table).sum(axis=1).tolist()


@question.misconception(
    text=Text(
        en="This counts what was measured, not what is missing. Which values does `np.isnan` mark with `True`?"
    ),
    fails=[counts_gaps],
)
def measured_instead(table):
    return (~np.isnan(table)).sum(axis=0).tolist()


@question.misconception(
    text=Text(
        en="`nan` is not equal to anything, itself included, so `== np.nan` finds no gap. Use `np.isnan`."
    ),
    fails=[counts_gaps],
)
def compared_with_nan(table):
    return (table == np.nan).sum(axis=0).tolist()


@question.misconception(
    text=Text(en="Zeros were counted as gaps. A measured 0 is a measurement."),
    fails=[counts_gaps],
    credit=0.5,
)
def zeros_too(table):
    return (np.isnan(table) | (table == 0)).sum(axis=0).tolist()
