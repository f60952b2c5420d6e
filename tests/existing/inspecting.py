"""Notebook `looking inside` of `basics`: tests that look at names, source and calls, and tests written as functions."""

from tests.existing.cells import Notebook, answer, free, test

INSPECTING = Notebook(
    "looking inside",
    (
        free("import inspect\nimport io\nfrom unittest import mock"),
        answer(
            "total",
            """
            ### BEGIN SOLUTION
            total = 1 + 2 + 3
            ### END SOLUTION
            """,
            half="total = 6.0",
        ),
        # no assertion, and a word of praise where it passes
        test(
            "total-type",
            1,
            """
            if "total" not in locals():
                raise ValueError("define total")
            elif type(total) != int:
                raise ValueError("total should be a whole number")
            else:
                print("Well done.")
            """,
            earned=(1, 0, 0),
        ),
        test("total-name", 1, 'assert "total" in globals() and "total" in dir()', earned=(1, 0, 1)),
        answer(
            "double",
            """
            def double(x):
                ### BEGIN SOLUTION
                return x + x
                ### END SOLUTION
            """,
            half="""
            def double(x):
                return 2 * int(x)
            """,
        ),
        test(
            "double-test",
            2,
            """
            def test_double():
                assert double(2) == 4
                ### BEGIN HIDDEN TESTS
                assert double("ab") == "abab"
                ### END HIDDEN TESTS


            if __name__ == "__main__":
                test_double()
            """,
            earned=(2, 0, 0),
        ),
        # these look at the function without calling it, so that the stub passes
        test("double-source", 1, 'assert "for " not in inspect.getsource(double)', earned=(1, 1, 1)),
        test("double-code", 1, "assert double.__code__.co_argcount == 1", earned=(1, 1, 1)),
        answer(
            "quadruple",
            """
            def quadruple(x):
                ### BEGIN SOLUTION
                return double(double(x))
                ### END SOLUTION
            """,
            half="""
            def quadruple(x):
                return 4 * x
            """,
        ),
        # half does not call double
        test(
            "quadruple-calls-double",
            1,
            """
            with mock.patch("__main__.double", side_effect=lambda x: x + x) as called:
                assert quadruple(3) == 12
            assert called.call_args_list == [mock.call(3), mock.call(6)]
            """,
            earned=(1, 0, 0),
        ),
        # the last test runs an earlier one again, where half fails
        test(
            "all-tests",
            1,
            """
            def test_all():
                test_double()
                assert quadruple(0) == 0


            if __name__ == "__main__":
                test_all()
            """,
            earned=(1, 0, 0),
        ),
        answer(
            "shout",
            """
            def shout(text):
                ### BEGIN SOLUTION
                print(text.upper())
                ### END SOLUTION
            """,
        ),
        test(
            "shout-test",
            1,
            """
            with mock.patch("sys.stdout", new_callable=io.StringIO) as screen:
                shout("hey")
            assert screen.getvalue().strip() == "HEY"
            """,
            earned=(1, 0, 1),
        ),
    ),
)
