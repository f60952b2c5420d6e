"""Notebook `warm up` of `basics`: values, hidden tests, and all that nbgrader makes a score of."""

from tests.existing.cells import Notebook, answer, free, prose, test

WARM_UP = Notebook(
    "warm up",
    (
        prose("# Warm up\n\nReplace each stub by your answer."),
        free("import numpy as np"),
        answer(
            "week",
            """
            ### BEGIN SOLUTION
            seconds_per_week = 7 * 24 * 60 * 60
            ### END SOLUTION
            """,
            half="seconds_per_week = 7 * 24 * 60",
        ),
        test(
            "week-test",
            1,
            'assert seconds_per_week == 604800, "a week has 7 days of 24 hours"',
            earned=(1, 0, 0),
        ),
        answer(
            "mean",
            """
            def mean(values):
                ### BEGIN SOLUTION
                return sum(values) / len(values)
                ### END SOLUTION
            """,
            half="""
            def mean(values):
                return sum(values) // len(values)
            """,
        ),
        # half passes what students see, and not what they do not see
        test(
            "mean-test",
            2,
            """
            assert mean([2, 4]) == 3
            ### BEGIN HIDDEN TESTS
            assert mean([1, 2]) == 1.5
            assert mean([-1.0, 0, 4]) == 1
            ### END HIDDEN TESTS
            """,
            earned=(2, 0, 0),
        ),
        test("mean-look", 0, "assert isinstance(mean([1, 2]), float)", earned=(0, 0, 0)),
        test("always", 1, "assert np.ones(3).sum() == 3", earned=(1, 1, 1)),
        answer(
            "squares",
            """
            def squares(n):
                ### BEGIN SOLUTION
                return [k * k for k in range(n)]
                ### END SOLUTION
            """,
            half="""
            def squares(n):
                return [k * k for k in range(1, n)]
            """,
        ),
        # half: right for 0, where both ranges are empty
        test(
            "squares-partial",
            4,
            """
            points = 0
            points += squares(0) == []
            points += squares(1) == [0]
            points += 2 * (squares(4) == [0, 1, 4, 9])
            points
            """,
            earned=(4, 0, 1),
        ),
        # a number with a fraction; the untouched function raises
        test("squares-fraction", 2, "0.5 if len(squares(3)) != 3 else 2.0", earned=(2, 0, 0.5)),
        # what is not a number is full credit
        test("squares-word", 1, "squares(2)\n'checked'", earned=(1, 0, 1)),
        # NumPy 2 shows np.float64(...), which nbgrader cannot read: full credit, also for half, which has 1 of 2
        answer(
            "rounded",
            """
            def rounded(x):
                ### BEGIN SOLUTION
                return round(x, 1)
                ### END SOLUTION
            """,
            half="""
            def rounded(x):
                return int(x * 10) / 10
            """,
        ),
        test(
            "rounded-numpy",
            2,
            "2 * np.mean([rounded(1.26) == 1.3, rounded(1.24) == 1.2])",
            earned=(2, 0, 2),
        ),
        # anything on standard error is 0 points for nbgrader, also in a test that passes
        test(
            "rounded-noise",
            1,
            """
            import sys

            assert rounded(2.0) == 2
            print("checked", file=sys.stderr)
            """,
            earned=(0, 0, 0),
        ),
        # names of a test that later cells of both kinds use
        test(
            "sample",
            1,
            """
            sample = [3, 1, 2]

            def near(a, b):
                return abs(a - b) < 1e-9

            assert near(mean(sample), 2)
            """,
            earned=(1, 0, 1),
        ),
        answer(
            "largest",
            """
            ### BEGIN SOLUTION
            largest = max(sample)
            ### END SOLUTION
            """,
        ),
        test("largest-test", 1, "assert near(largest, sample[0])", earned=(1, 0, 1)),
    ),
)
