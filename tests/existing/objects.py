"""Assignment `objects`: the student's own classes, generators, and whether one function calls another."""

from tests.existing.cells import Notebook, answer, locked, prose, test

CLASSES = Notebook(
    "classes and generators",
    (
        prose("# An account"),
        answer(
            "account",
            """
            ### BEGIN SOLUTION
            class TooLow(Exception):
                pass


            class Account:
                opened = 0

                def __init__(self, balance=0):
                    self.balance = balance
                    Account.opened += 1

                def withdraw(self, amount):
                    if amount > self.balance:
                        raise TooLow(amount)
                    self.balance -= amount

                def __eq__(self, other):
                    return self.balance == other.balance
            ### END SOLUTION
            """,
            half="""
            class TooLow(Exception):
                pass


            class Account:
                opened = 0

                def __init__(self, balance=0):
                    self.balance = balance

                def withdraw(self, amount):
                    if amount > self.balance:
                        raise TooLow(amount)
                    self.balance -= amount
            """,
        ),
        test(
            "account-state",
            2,
            """
            account = Account(10)
            assert isinstance(account, Account)
            account.withdraw(4)
            assert account.balance == 6
            """,
            earned=(2, 0, 2),
        ),
        test(
            "account-raises",
            1,
            """
            try:
                Account(1).withdraw(2)
            except TooLow as problem:
                assert problem.args == (2,)
            else:
                raise AssertionError("expected TooLow")
            """,
            earned=(1, 0, 1),
        ),
        # half counts nothing
        test(
            "account-counter",
            1,
            """
            before = Account.opened
            Account(), Account()
            assert Account.opened == before + 2
            """,
            earned=(1, 0, 0),
        ),
        # half compares identities
        test(
            "account-equal",
            1,
            "assert Account(3) == Account(3)\nassert Account(3) != Account(4)",
            earned=(1, 0, 0),
        ),
        locked(
            "shape",
            """
            class Shape:
                def describe(self):
                    return f"{type(self).__name__} of area {self.area()}"
            """,
        ),
        answer(
            "square-class",
            """
            class Square(Shape):
                ### BEGIN SOLUTION
                def __init__(self, side):
                    self.side = side

                def area(self):
                    return self.side**2
                ### END SOLUTION
            """,
        ),
        test(
            "square-class-test",
            1,
            'assert Square(3).describe() == "Square of area 9"\nassert issubclass(Square, Shape)',
            earned=(1, 0, 1),
        ),
        answer(
            "naturals",
            """
            ### BEGIN SOLUTION
            def naturals():
                n = 0
                while True:
                    yield n
                    n += 1


            def evens(limit):
                for n in range(0, limit, 2):
                    yield n
            ### END SOLUTION
            """,
            half="""
            def naturals():
                n = 0
                while True:
                    yield n
                    n += 1


            def evens(limit):
                return list(range(0, limit, 2))
            """,
        ),
        test(
            "naturals-test",
            1,
            "from itertools import islice\n\nassert list(islice(naturals(), 4)) == [0, 1, 2, 3]",
            earned=(1, 0, 1),
        ),
        # half: next() of a list
        test(
            "evens-next",
            1,
            "numbers = evens(4)\nassert next(numbers) == 0\nassert next(numbers) == 2",
            earned=(1, 0, 0),
        ),
        answer(
            "running",
            """
            def running():
                ### BEGIN SOLUTION
                total = 0
                while True:
                    change = yield total
                    total += change
                ### END SOLUTION
            """,
        ),
        test(
            "running-sent",
            1,
            "sums = running()\nassert (next(sums), sums.send(3), sums.send(4)) == (0, 3, 7)",
            earned=(1, 0, 1),
        ),
        answer(
            "square",
            """
            ### BEGIN SOLUTION
            def square(x):
                return x * x


            def area(radius):
                return 3 * square(radius)
            ### END SOLUTION
            """,
            half="""
            def square(x):
                return x * x


            def area(radius):
                return 3 * radius * radius
            """,
        ),
        test("area-value", 1, "assert area(2) == 12", earned=(1, 0, 1)),
        # half does not call square
        test(
            "area-calls-square",
            1,
            """
            original, calls = square, []

            def square(x):
                calls.append(x)
                return original(x)

            try:
                area(2)
            finally:
                square = original
            assert calls == [2], "area should call square"
            """,
            earned=(1, 0, 0),
        ),
        # without square, area can only fail
        test(
            "area-needs-square",
            1,
            """
            kept = square
            del square
            try:
                area(2)
            except NameError:
                pass
            else:
                raise AssertionError("area does not call square")
            finally:
                square = kept
            """,
            earned=(1, 0, 0),
        ),
    ),
)

NOTEBOOKS = (CLASSES,)
