"""Notebook `in-and-output` of `basics`: printed text, `input`, warnings and NumPy's assertions."""

from tests.existing.cells import Notebook, answer, free, test

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
