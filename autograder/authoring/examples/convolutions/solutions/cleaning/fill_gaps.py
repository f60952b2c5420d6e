"""Fill the gaps of a table with the means of its columns."""

import numpy as np

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(en="Filling gaps"),
    statement=Text(
        en="""
Complete `fill_gaps(table)` so that it returns an array like `table` in which every gap (`nan`) is replaced by the mean
of the other values of its column. It leaves `table` itself as it was.

`table` is a NumPy array of two axes, of floats. Every column has at least one value.
""",
    ),
    source="an example of `autograder init`",
    returns="array",
)


@question.answer
def fill_gaps(table):
    """Table without gaps.

    table: array of shape (measurements, quantities). Returns a new array of the same shape.
    """
    import numpy as np

    means = np.nanmean(table, axis=0)
    return np.where(np.isnan(table), means, table)


@question.example
def example(fill_gaps):
    import numpy as np

    table = np.array([[1.0, 10.0], [np.nan, 20.0], [3.0, np.nan]])
    assert np.allclose(fill_gaps(table), [[1, 10], [2, 20], [3, 15]])
    assert np.isnan(table).sum() == 2, "the table that was given has changed"


@question.cases
def cases(rng):
    """Draw tables in which columns have means far apart, and an even number of values."""
    tables = []
    for number in range(8):
        columns = 3 + number % 2
        table = np.round(rng.normal([100.0, 10.0, -50.0, 3.0][:columns], 9, size=(6, columns)), 1)
        table[1:3, 0] = np.nan
        table[[0, 4], 1] = np.nan
        table[5, 2] = np.nan
        table[3, 0] += 60  # a column in which mean and median differ
        tables.append(table)
    return [Case(table) for table in tables]


@question.check(points=3, text=Text(en="fills every gap with the mean of its column"))
def fills_gaps(got, case, want):
    expect.array(got, want, tolerance=1e-9)


@question.check(
    points=1,
    needs=fills_gaps,
    judges="arguments",
    text=Text(en="leaves the table that it was given as it was"),
)
def leaves_the_table(got, case, want):
    expect.array(np.nan_to_num(got[0]), np.nan_to_num(want[0]))


@question.misconception(
    text=Text(
        en="The gaps were filled with 0. These zeros were not measured, and they pull every mean towards 0."
    ),
    fails=[fills_gaps],
)
def zeros(table):
    return np.nan_to_num(table)


@question.misconception(
    text=Text(
        en="The mean of the whole table was used. What would a temperature be worth in a column of heights?"
    ),
    fails=[fills_gaps],
)
def mean_of_the_table(table):
    return np.where(np.isnan(table), np.nanmean(table), table)


@question.misconception(
    text=Text(
        en="The mean of the row was used. A row mixes quantities; values of one quantity stand below each other."
    ),
    fails=[fills_gaps],
)
def means_of_rows(table):
    return np.where(np.isnan(table), np.nanmean(table, axis=1, keepdims=True), table)


@question.misconception(
    text=Text(
        en="The gaps counted as zeros in the mean. `np.nanmean` leaves them out of the sum and of the number."
    ),
    fails=[fills_gaps],
)
def gaps_as_zeros_in_the_mean(table):
    return np.where(np.isnan(table), np.nan_to_num(table).mean(axis=0), table)


@question.misconception(
    text=Text(en="The median of the column was used, not its mean."),
    fails=[fills_gaps],
)
def medians(table):
    return np.where(np.isnan(table), np.nanmedian(table, axis=0), table)


@question.misconception(
    text=Text(
        en="`mean` of a column with a gap is `nan`, and so the gaps stay. `np.nanmean` leaves gaps out."
    ),
    fails=[fills_gaps],
)
def nan_spreads(table):
    return np.where(np.isnan(table), table.mean(axis=0), table)


@question.misconception(
    text=Text(en="The rows with gaps were left out. All rows are wanted, with every gap filled."),
    fails=[fills_gaps],
)
def rows_left_out(table):
    return table[~np.isnan(table).any(axis=1)]


@question.misconception(
    text=Text(
        en="The gaps were filled in the table that was given: an assignment to `table[...]` changes the "
        "array of the caller. Work on a copy."
    ),
    fails=[leaves_the_table],
)
def fills_in_place(table):
    for column in range(table.shape[1]):
        gap = np.isnan(table[:, column])
        table[gap, column] = np.nanmean(table[:, column])
    return table
