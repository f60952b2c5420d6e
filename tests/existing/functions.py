"""Notebook `functions` of `basics`: the ways in which tests call functions and look at them."""

from tests.existing.cells import Notebook, answer, free, locked, test

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
