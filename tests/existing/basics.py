"""Assignment `basics`: values and functions of the student's, and the ways in which tests look at them."""

from tests.existing.cells import Notebook, answer, free, locked, prose, test

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

FUNCTIONS = Notebook(
    "functions",
    (
        free("import inspect\nimport random\n\nimport numpy as np"),
        locked("imports", "from math import isclose, sqrt"),
        answer(
            "distance",
            """
            def distance(p, q):
                ### BEGIN SOLUTION
                return sqrt((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2)
                ### END SOLUTION
            """,
            half="""
            def distance(p, q):
                return abs(p[0] - q[0]) + abs(p[1] - q[1])
            """,
        ),
        locked(
            "perimeter",
            """
            def perimeter(corners):
                return sum(distance(a, b) for a, b in zip(corners, corners[1:] + corners[:1]))
            """,
        ),
        test(
            "distance-test",
            1,
            """
            assert isclose(distance((0, 0), (0, 2)), 2)
            ### BEGIN HIDDEN TESTS
            assert isclose(distance((0, 0), (3, 4)), 5)
            ### END HIDDEN TESTS
            """,
            earned=(1, 0, 0),
        ),
        # half: 3 + 4 + 7
        test("perimeter-test", 1, "assert perimeter([(0, 0), (3, 0), (3, 4)]) == 12", earned=(1, 0, 0)),
        answer(
            "scaler",
            """
            def scaler(factor):
                ### BEGIN SOLUTION
                def scale(x):
                    return factor * x

                return scale
                ### END SOLUTION
            """,
        ),
        test(
            "scaler-test",
            2,
            """
            double = scaler(2)
            assert callable(double)
            assert double(4) == 8
            assert scaler(3)(double(1)) == 6
            """,
            earned=(2, 0, 2),
        ),
        answer(
            "twice",
            """
            def apply_twice(function, value):
                ### BEGIN SOLUTION
                return function(function(value))
                ### END SOLUTION
            """,
            half="""
            def apply_twice(function, value):
                return function(value) + 1
            """,
        ),
        # half has the right value, from one call
        test(
            "twice-test",
            2,
            """
            seen = []

            def step(x):
                seen.append(x)
                return x + 1

            assert apply_twice(step, 5) == 7
            assert seen == [5, 6], "call the function on what its first call returned"
            """,
            earned=(2, 0, 0),
        ),
        answer(
            "in-place",
            """
            def sort_in_place(values):
                ### BEGIN SOLUTION
                values.sort()
                ### END SOLUTION
            """,
            half="""
            def sort_in_place(values):
                return sorted(values)
            """,
        ),
        test(
            "in-place-test",
            1,
            """
            numbers = [3, 1, 2]
            assert sort_in_place(numbers) is None
            assert numbers == [1, 2, 3]
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "basket",
            """
            ### BEGIN SOLUTION
            basket = ["bread", "milk"]


            def count_items():
                return len(basket)
            ### END SOLUTION
            """,
            half="""
            basket = ["bread", "milk"]


            def count_items():
                return 2
            """,
        ),
        # the test changes a list of the student's, and the student's function has to see it
        test(
            "basket-test",
            1,
            """
            assert count_items() == 2
            basket.append("tea")
            assert count_items() == 3
            """,
            earned=(1, 0, 0),
        ),
        locked(
            "raises",
            """
            def raises(kind, function, *arguments):
                try:
                    function(*arguments)
                except kind:
                    return True
                except Exception:
                    return False
                return False
            """,
        ),
        answer(
            "reciprocal",
            """
            def reciprocal(x):
                ### BEGIN SOLUTION
                if x == 0:
                    raise ValueError("zero has no reciprocal")
                return 1 / x
                ### END SOLUTION
            """,
            half="""
            def reciprocal(x):
                return 1 / x
            """,
        ),
        # half: a ZeroDivisionError, which the test does not catch
        test(
            "reciprocal-zero",
            1,
            """
            try:
                reciprocal(0)
            except ValueError as problem:
                assert "zero" in str(problem)
            else:
                raise AssertionError("expected a ValueError for 0")
            """,
            earned=(1, 0, 0),
        ),
        test(
            "reciprocal-kinds",
            1,
            """
            assert raises(TypeError, reciprocal, "a")
            assert reciprocal(4) == 0.25
            """,
            earned=(1, 0, 1),
        ),
        answer(
            "power",
            '''
            ### BEGIN SOLUTION
            def power(base, exponent=2):
                """Return `base` to the power of `exponent`."""
                return base**exponent
            ### END SOLUTION
            ''',
            half='''
            def power(base, exp=2):
                """Return `base` to the power of `exp`."""
                return base**exp
            ''',
        ),
        test(
            "power-signature",
            1,
            """
            parameters = inspect.signature(power).parameters
            assert list(parameters) == ["base", "exponent"]
            assert parameters["exponent"].default == 2
            """,
            earned=(1, 0, 0),
        ),
        test(
            "power-documented",
            1,
            "assert power.__doc__ and power.__name__ == 'power'\nassert power(3) == 9",
            earned=(1, 0, 1),
        ),
        answer(
            "roll",
            """
            def roll(n):
                ### BEGIN SOLUTION
                return [random.randint(1, 6) for _ in range(n)]
                ### END SOLUTION
            """,
        ),
        test(
            "roll-test",
            1,
            """
            random.seed(7)
            expected = [random.randint(1, 6) for _ in range(5)]
            random.seed(7)
            assert roll(5) == expected
            """,
            earned=(1, 0, 1),
        ),
        answer(
            "noise",
            """
            def noise(n):
                ### BEGIN SOLUTION
                return np.random.normal(size=n)
                ### END SOLUTION
            """,
            half="""
            def noise(n):
                return np.random.uniform(size=n)
            """,
        ),
        test(
            "noise-test",
            1,
            """
            np.random.seed(3)
            expected = np.random.normal(size=4)
            np.random.seed(3)
            np.testing.assert_allclose(noise(4), expected)
            """,
            earned=(1, 0, 0),
        ),
        # here the seed is set for a cell of the student's
        locked("seed", "np.random.seed(11)"),
        answer(
            "drawn",
            """
            ### BEGIN SOLUTION
            drawn = np.random.rand(3)
            ### END SOLUTION
            """,
        ),
        test(
            "drawn-test",
            1,
            "np.testing.assert_array_equal(drawn, np.random.RandomState(11).rand(3))",
            earned=(1, 0, 1),
        ),
    ),
)

PRINTING = Notebook(
    "in-and-output",
    (
        free(
            "import contextlib\nimport io\nimport sys\nimport warnings\nfrom unittest import mock\n\nimport numpy as np"
        ),
        answer(
            "greet",
            """
            def greet(name):
                ### BEGIN SOLUTION
                print(f"Hello, {name}!")
                ### END SOLUTION
            """,
            half="""
            def greet(name):
                print("Hello,", name + "!")
            """,
        ),
        # half prints the same in another way
        test(
            "greet-test",
            2,
            """
            captured = io.StringIO()
            with contextlib.redirect_stdout(captured):
                greet("Mina")
            assert captured.getvalue() == "Hello, Mina!\\n"
            """,
            earned=(2, 0, 2),
        ),
        answer(
            "countdown",
            """
            def countdown(n):
                ### BEGIN SOLUTION
                while n:
                    print(n)
                    n -= 1
                ### END SOLUTION
            """,
            half="""
            def countdown(n):
                for k in range(n, -1, -1):
                    print(k)
            """,
        ),
        test(
            "countdown-test",
            1,
            """
            before, sys.stdout = sys.stdout, io.StringIO()
            try:
                countdown(3)
                printed = sys.stdout.getvalue()
            finally:
                sys.stdout = before
            assert printed.split() == ["3", "2", "1"], f"printed {printed!r}"
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "age",
            """
            def ask_age():
                ### BEGIN SOLUTION
                return int(input("Age? "))
                ### END SOLUTION
            """,
            half="""
            def ask_age():
                return input("Age? ")
            """,
        ),
        test(
            "age-mocked",
            1,
            """
            with mock.patch("builtins.input", return_value="41") as asked:
                assert ask_age() == 41
            assert asked.called
            """,
            earned=(1, 0, 0),
        ),
        # half returns the text, which is not empty
        test(
            "age-replaced",
            1,
            """
            def input(prompt=""):
                return "7"

            assert ask_age()
            del input
            """,
            earned=(1, 0, 1),
        ),
        answer(
            "columns",
            """
            def column_means(matrix):
                ### BEGIN SOLUTION
                return matrix.mean(axis=0)
                ### END SOLUTION
            """,
            half="""
            def column_means(matrix):
                return matrix.mean(axis=1)
            """,
        ),
        test(
            "columns-test",
            2,
            """
            matrix = np.arange(6).reshape(2, 3)
            np.testing.assert_allclose(column_means(matrix), [1.5, 2.5, 3.5], err_msg="mean of each column")
            """,
            earned=(2, 0, 0),
        ),
        answer(
            "old-name",
            """
            def old_name():
                ### BEGIN SOLUTION
                warnings.warn("use new_name", DeprecationWarning)
                return 1
                ### END SOLUTION
            """,
        ),
        test(
            "old-name-caught",
            1,
            """
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                assert old_name() == 1
            assert [one.category for one in caught] == [DeprecationWarning]
            """,
            earned=(1, 0, 1),
        ),
        # the warning is on standard error
        test("old-name-shown", 1, "assert old_name() == 1", earned=(0, 0, 0)),
    ),
)

NOTEBOOKS = (WARM_UP, FUNCTIONS, PRINTING)
