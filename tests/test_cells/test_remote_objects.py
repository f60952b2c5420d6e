"""Classes and objects of the student's, which stay in its kernel and are used from that of the tests."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest
from nbformat import NotebookNode

from tests.test_cells.notebooks import Kernels, answer, check, given

pytestmark = [pytest.mark.seal, pytest.mark.long]

ACCOUNT = """
class TooLow(Exception):
    pass

class Account:
    opened = 0
    bank = "ours"
    def __init__(self, balance=0, owner=None):
        self.balance, self.owner, self.history = balance, owner, []
        Account.opened += 1
    def __eq__(self, other):
        return self.balance == other.balance
    def withdraw(self, amount):
        if amount > self.balance:
            raise TooLow(amount)
        self.balance -= amount
        self.history.append(amount)
        return self
    @property
    def is_empty(self):
        return self.balance == 0
    @classmethod
    def joint(cls, *balances):
        return cls(sum(balances))
    @staticmethod
    def rate():
        return 0.5
"""
VECTOR = """
class Vector:
    def __init__(self, *parts):
        self.parts = list(parts)
    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self.parts, other.parts)))
    def __mul__(self, factor):
        return Vector(*(factor * a for a in self.parts))
    __rmul__ = __mul__
    def __neg__(self):
        return self * -1
    def __eq__(self, other):
        return isinstance(other, Vector) and self.parts == other.parts
    def __hash__(self):
        return hash(tuple(self.parts))
    def __lt__(self, other):
        return abs(self) < abs(other)
    def __abs__(self):
        return sum(a * a for a in self.parts) ** 0.5
    def __len__(self):
        return len(self.parts)
    def __getitem__(self, index):
        return self.parts[index]
    def __setitem__(self, index, value):
        self.parts[index] = value
    def __iter__(self):
        return iter(self.parts)
    def __contains__(self, value):
        return value in self.parts
    def __bool__(self):
        return any(self.parts)
    def __call__(self, x):
        return [x * a for a in self.parts]
    def __str__(self):
        return f"<{', '.join(map(str, self.parts))}>"
    def __repr__(self):
        return f"Vector{tuple(self.parts)}"
"""
FEATURES: Mapping[str, tuple[str, str]] = {
    "state and methods": (
        ACCOUNT,
        "account = Account(10)\naccount.withdraw(4)\nassert account.balance == 6 and isinstance(account, Account)\n"
        "assert account.withdraw(1).balance == 5 and account.history == [4, 1]\n"
        "assert hasattr(account, 'owner') and not hasattr(account, 'other') and callable(account.withdraw)",
    ),
    "properties, class methods and static methods": (
        ACCOUNT,
        "assert Account().is_empty and Account.joint(1, 2).balance == 3 and Account.rate() == 0.5\n"
        "assert Account.bank == Account().bank == 'ours'",
    ),
    "a counter of the class": (
        ACCOUNT,
        "before = Account.opened\nAccount(), Account()\nassert Account.opened == before + 2",
    ),
    "an exception of its own": (
        ACCOUNT,
        "try:\n    Account(1).withdraw(2)\nexcept TooLow as problem:\n    assert problem.args == (2,)\n"
        "else:\n    raise AssertionError\nassert issubclass(TooLow, Exception)",
    ),
    "equality": (ACCOUNT, "assert Account(3) == Account(3)\nassert Account(3) != Account(4)"),
    "attributes that a test sets and deletes": (
        ACCOUNT,
        "account = Account(1)\naccount.balance = 5\nassert account.withdraw(2).balance == 3\n"
        "del account.owner\nassert not hasattr(account, 'owner')\nassert account.__dict__['balance'] == 3",
    ),
    "an object in an attribute": (
        ACCOUNT,
        "first = Account(1)\nsecond = Account(2, owner=first)\nassert second.owner.balance == 1\n"
        "first.withdraw(1)\nassert second.owner.is_empty",
    ),
    "an object of a name": (ACCOUNT + "mine = Account(7)", "assert mine.balance == 7 and type(mine) is Account"),
    "objects in lists": (
        ACCOUNT + "def open_all(balances):\n    return [Account(one) for one in balances]",
        "accounts = open_all([1, 2])\nassert len(accounts) == 2 and [one.balance for one in accounts] == [1, 2]\n"
        "assert all(isinstance(one, Account) for one in accounts)",
    ),
    "objects as arguments of functions": (
        ACCOUNT + "def total(accounts):\n    return sum(one.balance for one in accounts)",
        "assert total([Account(1), Account(2)]) == 3",
    ),
    "arithmetic": (
        VECTOR,
        "assert (Vector(1, 2) + Vector(3, 4)).parts == [4, 6]\nassert 2 * Vector(1, 2) == Vector(1, 2) * 2\n"
        "assert -Vector(1, 2) == Vector(-1, -2)\nassert Vector(1) != 1 and not Vector(0)",
    ),
    "containers": (
        VECTOR,
        "v = Vector(3, 4)\nassert abs(v) == 5 and len(v) == 2 and v[1] == 4 and list(v) == [3, 4] and 3 in v\n"
        "v[0] = 0\nassert v.parts == [0, 4] and v(2) == [0, 8] and 3 not in v",
    ),
    "texts": (
        VECTOR,
        "assert str(Vector(1, 2)) == '<1, 2>' and repr(Vector(1, 2)) == 'Vector(1, 2)'\n"
        "assert f'{Vector(1)}' == '<1>'\nassert len({Vector(1), Vector(1), Vector(2)}) == 2\n"
        "assert min([Vector(3), Vector(1)]) == Vector(1)",
    ),
    "an iterator": (
        "class Countdown:\n    def __init__(self, n):\n        self.n = n\n"
        "    def __iter__(self):\n        return self\n"
        "    def __next__(self):\n        if self.n == 0:\n            raise StopIteration\n        self.n -= 1\n"
        "        return self.n + 1",
        "assert list(Countdown(3)) == [3, 2, 1]\nassert next(Countdown(2)) == 2",
    ),
    "a context": (
        "class Opened:\n    open = False\n    def __enter__(self):\n        self.open = True\n        return self\n"
        "    def __exit__(self, kind, error, trace):\n        self.open = False",
        "with Opened() as one:\n    assert one.open\nassert not one.open",
    ),
    "a part that the test changes": (
        ACCOUNT,
        "account = Account(3)\naccount.history.append(1)\nassert account.history == [1]",
    ),
    "a base class of the student's": (
        "class Shape:\n    def area(self):\n        raise NotImplementedError\n"
        "class Square(Shape):\n    def __init__(self, side):\n        self.side = side\n"
        "    def area(self):\n        return self.side ** 2",
        "assert issubclass(Square, Shape) and isinstance(Square(2), Shape) and Square(2).area() == 4\n"
        "try:\n    Shape().area()\nexcept NotImplementedError:\n    pass\nelse:\n    raise AssertionError",
    ),
    "an abstract class": (
        "from abc import ABC, abstractmethod\nclass Shape(ABC):\n"
        "    @abstractmethod\n    def area(self):\n        ...\n"
        "class Dot(Shape):\n    def area(self):\n        return 0",
        "assert Dot().area() == 0 and isinstance(Dot(), Shape)\ntry:\n    Shape()\nexcept TypeError:\n    pass\n"
        "else:\n    raise AssertionError('Shape is abstract')",
    ),
    "a data class": (
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n    y: int = 0",
        "assert Point(1).y == 0 and Point(1, 2) == Point(1, 2) and Point(1) != Point(2)",
    ),
    "an object of a library that can be called": (
        "import functools\nimport numpy as np\nlarger = functools.partial(max, 3)\nline = np.poly1d([2, 1])",
        "assert larger(1) == 3 and line(3) == 7 and line.order == 1 and list(line.coef) == [2, 1]",
    ),
    "a method of arrays": (
        "class Tensor:\n    grad = 1\n    def numpy(self):\n        return [0]\nt = Tensor()",
        "assert t.grad == 1 and t.numpy() == [0] and type(t).__name__ == 'Tensor'",
    ),
    "a function inside a decorated one": (
        "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def both(x):\n        return f(f(x))\n"
        "    return both\n@twice\ndef double(x):\n    return 2 * x",
        "assert double(1) == 4 and double.__wrapped__(1) == 2\ndouble = double.__wrapped__\nassert double(3) == 6",
    ),
    "a function that a test takes away": (
        "def square(x):\n    return x * x\ndef area(r):\n    return 3 * square(r)",
        "kept = square\ndel square\ntry:\n    area(2)\nexcept NameError:\n    pass\n"
        "else:\n    raise AssertionError('area does not call square')\n"
        "finally:\n    square = kept\nassert area(2) == 12",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FEATURES)
def test_right_classes_pass_apart_from_their_code(kernels: Kernels, name: str) -> None:
    """In `build`, and when a student hands in the same."""
    solution, test = FEATURES[name]
    cells = [answer("a", solution), check("t", test)]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof).scores == {"t": 1}


WRONG: Mapping[str, tuple[str, str, str]] = {
    "a method that changes nothing": ("state and methods", "self.balance -= amount", "pass"),
    "a counter that nothing counts": ("a counter of the class", "Account.opened += 1", "pass"),
    "identities instead of equality": ("equality", "def __eq__", "def other"),
    "a sum without the second part": ("arithmetic", "a + b for a, b", "a for a, b"),
    "no string": ("texts", "def __str__", "def text"),
    "another exception": ("an exception of its own", "raise TooLow(amount)", "raise ValueError(amount)"),
    "no base class": ("a base class of the student's", "class Square(Shape):", "class Square:"),
    "an iterator that ends too early": ("an iterator", "if self.n == 0", "if self.n == 1"),
    "a formula in place of a call": ("a function that a test takes away", "3 * square(r)", "3 * r * r"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_classes_fail_with_an_error(kernels: Kernels, name: str) -> None:
    """None is left to a person."""
    feature, before, after = WRONG[name]
    solution, test = FEATURES[feature]
    cells = [answer("a", solution), check("t", test)]
    wrong = solution.replace(before, after)
    assert wrong != solution
    assert kernels.grade(cells, kernels.prove(*cells), a=wrong).scores == {"t": 0}


S = "class S:\n    def __init__(self, *xs):\n        self.xs = list(xs)\n"
OTHERWISE: Mapping[str, tuple[str, str, str]] = {
    "repr in place of str": (
        S + "    def __str__(self):\n        return f'S{self.xs}'",
        "assert str(S(3)) == 'S[3]' and f'{S(4)}' == 'S[4]'",
        S + "    def __repr__(self):\n        return f'S{self.xs}'",
    ),
    "str in place of repr": (
        S + "    def __repr__(self):\n        return f'S{self.xs}'",
        "assert str(S(3)) == 'S[3]'",
        S + "    def __str__(self):\n        return f'S{self.xs}'",
    ),
    "items in place of an iterator": (
        S + "    def __iter__(self):\n        return iter(self.xs)",
        "assert list(S(1, 2)) == [1, 2] and 2 in S(1, 2)",
        S + "    def __getitem__(self, i):\n        return self.xs[i]\n    def __len__(self):\n        return 2",
    ),
    "an iterator in place of `in`": (
        S + "    def __contains__(self, x):\n        return x in self.xs",
        "assert 1 in S(1) and 2 not in S(1)",
        S + "    def __iter__(self):\n        return iter(self.xs)",
    ),
    "a truth in place of a length": (
        S + "    def __len__(self):\n        return len(self.xs)",
        "assert not S() and S(1)",
        S + "    def __bool__(self):\n        return bool(self.xs)",
    ),
    "greater in place of less": (
        S + "    def __lt__(self, other):\n        return self.xs < other.xs",
        "assert S(1) < S(2) and sorted([S(2), S(1)])[0].xs == [1]",
        S + "    def __gt__(self, other):\n        return self.xs > other.xs",
    ),
    "a sum in place of one in place": (
        S + "    def __iadd__(self, x):\n        self.xs.append(x)\n        return self",
        "s = S(1)\ns += 2\nassert s.xs == [1, 2]",
        S + "    def __add__(self, x):\n        return S(*self.xs, x)",
    ),
    "another name of a helper class": (
        "class Node:\n    n = 1\n    next = None\nclass Chain:\n    head = Node()",
        "assert Chain().head.n == 1 and Chain().head.next is None",
        "class _Link:\n    n = 1\n    next = None\nclass Chain:\n    head = _Link()",
    ),
    "another class under the name": (
        S + "    def first(self):\n        return self.xs[0]",
        "assert S(3).first() == 3",
        "class Lifo:\n    def __init__(self, x):\n        self.x = x\n"
        "    def first(self):\n        return self.x\nS = Lifo",
    ),
    "a class made of a list": (
        S + "    def push(self, x):\n        self.xs.append(x)\n    def __len__(self):\n        return len(self.xs)\n"
        "def make():\n    return S()",
        "s = S()\ns.push(3)\nassert len(s) == 1\nt = make()\nt.push(4)\nassert len(t) == 1",
        "class S(list):\n    push = list.append\ndef make():\n    return S()",
    ),
    "a list in place of an iterator": (
        S + "def all_of():\n    return [S(1), S(2)]",
        "assert [one.xs for one in all_of()] == [[1], [2]]",
        S + "def all_of():\n    yield S(1)\n    yield S(2)",
    ),
    "a list where the author has a container": (
        "class Items:\n    def __init__(self):\n        self.xs = []\n"
        "    def append(self, x):\n        self.xs.append(x)\n    def __len__(self):\n        return len(self.xs)\n"
        "class Box:\n    def __init__(self):\n        self.items = Items()",
        "b = Box()\nb.items.append(3)\nassert len(b.items) == 1",
        "class Box:\n    def __init__(self):\n        self.items = []",
    ),
    "a list of its own class under a name": (
        "class Book:\n    n = 1\nshelf = [Book(), Book()]\ndef total():\n    return sum(book.n for book in shelf)",
        "assert len(shelf) == 2 and shelf[0].n == 1\nassert total() == 2",
        "class Book:\n    n = 1\nclass Shelf(list):\n    def total(self):\n        return len(self)\n"
        "shelf = Shelf([Book(), Book()])\ndef total():\n    return shelf.total()",
    ),
    "a method that is added later": (
        S + "    def __str__(self):\n        return 'S'",
        "assert str(S(3)) == 'S'",
        S + "S.__str__ = lambda self: 'S'",
    ),
    "enums in a list that the test changes": (
        "class Deck:\n    def __init__(self):\n        self.cards = ['A', 'K', 'Q']\n"
        "    def names(self):\n        return '-'.join(self.cards)",
        "d = Deck()\nassert len(d.cards) == 3\nd.cards.pop()\nassert d.names() == 'A-K'",
        "import enum\nclass Rank(enum.Enum):\n    A = 'A'\n    K = 'K'\n    Q = 'Q'\n"
        "class Deck:\n    def __init__(self):\n        self.cards = [Rank.A, Rank.K, Rank.Q]\n"
        "    def names(self):\n        return '-'.join(card.value for card in self.cards)",
    ),
    "texts of its own class in a list that the test changes": (
        "class Deck:\n    def __init__(self):\n        self.cards = ['A', 'K', 'Q']\n"
        "    def names(self):\n        return '-'.join(self.cards)",
        "d = Deck()\nd.cards.reverse()\nd.cards.append('J')\nassert d.names() == 'Q-K-A-J'",
        "class Rank(str):\n    label = property(str)\nclass Deck:\n    def __init__(self):\n"
        "        self.cards = [Rank(one) for one in 'AKQ']\n    def names(self):\n"
        "        return '-'.join(getattr(card, 'label', card) for card in self.cards)",
    ),
    "a dict of its own class that the test changes": (
        "class Shop:\n    def __init__(self):\n        self.stock = {'a': 1}\n"
        "    def total(self):\n        return sum(self.stock.values())",
        "s = Shop()\ns.stock['b'] = 5\nassert s.total() == 6",
        "class Bag(dict):\n    def total(self):\n        return sum(self.values())\n"
        "class Shop:\n    def __init__(self):\n        self.stock = Bag(a=1)\n"
        "    def total(self):\n        return self.stock.total()",
    ),
    "its own list of objects in place of a copy": (
        "class Acc:\n    n = 1\nclass Bank:\n    def __init__(self):\n        self.accs = []\n"
        "    def open(self):\n        self.accs.append(Acc())\n    def all(self):\n        return list(self.accs)",
        "b = Bank()\nb.open()\nfirst = b.all()\nb.open()\nassert first[0].n == 1 and len(b.all()) == 2",
        "class Acc:\n    n = 1\nclass Bank:\n    def __init__(self):\n        self.accs = []\n"
        "    def open(self):\n        self.accs.append(Acc())\n    def all(self):\n        return self.accs",
    ),
    "another name of a base class": (
        "class Shape:\n    pass\nclass Sq(Shape):\n    pass\ndef make():\n    return Sq()",
        "assert isinstance(make(), Shape) and isinstance(make(), Sq) and issubclass(Sq, Shape)",
        "class Base:\n    pass\nclass Sq(Base):\n    pass\nShape = Base\ndef make():\n    return Sq()",
    ),
    "another order of calls of the test's function": (
        "class Tree:\n    def __init__(self, v):\n        self.v, self.children = v, []\n"
        "    def add(self, tree):\n        self.children.append(tree)\n        return tree\n"
        "    def count(self):\n        return 1 + sum(child.count() for child in self.children)\n"
        "    def walk(self, visit):\n        out = []\n        for child in self.children:\n"
        "            out += child.walk(visit)\n        return out + [visit(self)]",
        "t = Tree(1)\nt.add(Tree(2))\nseen = t.walk(lambda node: len(node.children))\nseen.sort()\n"
        "assert seen == [0, 1]\nassert t.count() == 2",
        "class Tree:\n    def __init__(self, v):\n        self.v, self.children = v, []\n"
        "    def add(self, tree):\n        self.children.append(tree)\n        return tree\n"
        "    def count(self):\n        return 1 + sum(child.count() for child in self.children)\n"
        "    def walk(self, visit):\n        out = [visit(self)]\n        for child in self.children:\n"
        "            out += child.walk(visit)\n        return out",
    ),
    "the objects that it was given": (
        S + "def ordered(items):\n    return sorted(items, key=lambda one: one.xs)",
        "assert [one.xs for one in ordered([S(2), S(1)])] == [[1], [2]]",
        S + "def ordered(items):\n    items.sort(key=lambda one: one.xs)\n    return items",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_right_classes_that_are_written_otherwise_have_full_points(kernels: Kernels, name: str) -> None:
    """Only what a test uses of an object counts, not how its class provides that, or the name of the class."""
    solution, test, other = OTHERWISE[name]
    cells = [answer("a", solution), check("t", test)]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert kernels.grade(cells, proof, a=other).scores == {"t": 1}


STACK = """
class Stack:
    def __init__(self, xs):
        self.xs = list(xs)
    def push(self, x):
        self.xs.append(x)
    def items(self):
        return list(self.xs)
    def load(self, ys):
        self.xs = list(ys)
        raise ValueError
def make(xs):
    return Stack(xs)
"""
SHARED: Mapping[str, tuple[str, str, str]] = {
    "keeps what it was given": (
        "xs = [1]\ns = Stack(xs)\ns.push(2)\nassert xs == [1]", "= list(xs)", "= xs",
    ),
    "keeps what two were given": (
        "xs = [1]\na, b = Stack(xs), Stack(xs)\na.push(2)\nassert b.items() == [1]", "= list(xs)", "= xs",
    ),
    "gives what it keeps": (
        "s = Stack([1])\ngot = s.items()\ns.push(2)\nassert got == [1]", "list(self.xs)", "self.xs",
    ),
    "sees what the test changes": (
        "ys = [1]\ns = make(ys)\nys.append(5)\nassert s.items() == [1]", "= list(xs)", "= xs",
    ),
    "keeps what it was given, and raises": (
        "def add(s, xs):\n    try:\n        s.load(xs)\n    except ValueError:\n        pass\n"
        "s, xs = Stack([]), [1]\nadd(s, xs)\ns.push(2)\nassert xs == [1]", "= list(ys)", "= ys",
    ),
    "has what the test changes": (
        "s = Stack([1])\ngot = s.items()\ngot.append(5)\nassert s.items() == [1]", "list(self.xs)", "self.xs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_list_that_should_be_a_copy_is_none(kernels: Kernels, name: str) -> None:
    """A value that both kernels know changes in both of them, where the student's code shares it."""
    test, copied, shared = SHARED[name]
    cells = [answer("a", STACK), check("t", test)]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert STACK.count(copied) == 1, copied
    assert kernels.grade(cells, proof, a=STACK.replace(copied, shared)).scores == {"t": 0}


@pytest.mark.parametrize(("first", "second"), [
    (given("base = [1]\ns = Stack(base)"), check("t", "s.push(2)\nassert base == [1] and s.items() == [1, 2]")),
    (check("s", "base = [1]\ns = Stack(base)"), check("t", "s.push(2)\nassert base == [1] and s.items() == [1, 2]")),
])  # fmt: skip
def test_list_of_an_earlier_cell_should_be_a_copy(
    kernels: Kernels, first: NotebookNode, second: NotebookNode
) -> None:
    """A value that both kernels know stays one beyond the test."""
    cells = [answer("a", STACK), first, second]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert kernels.grade(cells, proof).scores["t"] == 1
    assert kernels.grade(cells, proof, a=STACK.replace("list(xs)", "xs")).scores["t"] == 0


MIXED = {
    "a name of a test among the student's code": (
        "acc = Account(5)\nassert acc.withdraw(1) is acc", "assert acc.balance == 4",
    ),
    "a name of a test apart from it": (
        "first = Account(5)\nassert Account.opened == 1",
        "import copy\nassert copy.copy(first).balance == 5 and Account.opened == 1",
    ),
    "a name of a hidden test": (
        "assert Account(1).balance == 1\n### BEGIN HIDDEN TESTS\nfirst = Account(5)\n### END HIDDEN TESTS",
        "assert Account(5) is not first",
    ),
    "what a test has changed": (
        "acc = Account(5)\nacc.withdraw(1)\nassert acc.balance == 4\nseen = [acc.balance]",
        "import copy\nassert copy.copy(acc).balance == seen[0] == 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_tests_that_share_names_pass_in_the_mix_that_grades(kernels: Kernels, name: str) -> None:
    """`build` proves the tests as they run for a student: some apart from the code, some among it."""
    first, second = MIXED[name]
    cells = [answer("a", ACCOUNT), check("t", first), check("u", second)]
    proof = kernels.prove(*cells)
    assert proof.failing == {}
    assert kernels.grade(cells, proof).scores == {"t": 1, "u": 1}


def test_test_with_many_operations_of_objects_runs_together(kernels: Kernels) -> None:
    """Each of them asks the other kernel."""
    cells = [answer("a", STACK), check("t", "s = Stack([])\nfor n in range(3000):\n    s.push(n)")]
    assert "it uses objects too often" in kernels.prove(*cells).together["t"].en


def test_wrapper_of_a_student_function_is_no_student_function(kernels: Kernels) -> None:
    """A test that counts calls puts one in the place of the function."""
    spy = "import functools\ndef spy(f):\n    @functools.wraps(f)\n    def counted(x):\n        counted.calls += 1\n"
    cells = [
        given(spy + "        return f(x)\n    counted.calls = 0\n    return counted"),
        answer("a", "def square(x):\n    return x * x\ndef area(r):\n    return 3 * square(r)"),
        check("t", "square = spy(square)\nassert area(2) == 12 and square.calls == 1"),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing) == ({}, {})
    assert kernels.grade(
        cells, proof, a="def square(x):\n    return x * x\ndef area(r):\n    return 3 * r * r"
    ).scores == {"t": 0}


APART = {
    "a copy": (ACCOUNT, "import copy\nassert copy.copy(Account(3)).balance == 3"),
    "a subclass with another base": (
        ACCOUNT,
        "class Mixin:\n    pass\nclass Mine(Mixin, Account):\n    pass\nassert Mine(3).balance == 3",
    ),
    "a subclass": (ACCOUNT, "class Mine(Account):\n    pass\nassert Mine(3).balance == 3"),
    "two names of one object": (ACCOUNT, "account = Account(3)\nassert account.withdraw(1) is account"),
    "a value inside": ("class Many(list):\n    pass", "assert Many([1]) == [1]"),
    "a base class of the author's": (
        "class Square(Shape):\n    pass",
        "assert issubclass(Square, Shape)",
    ),
}


@pytest.mark.parametrize("name", APART)
def test_other_uses_of_classes_run_together(kernels: Kernels, name: str) -> None:
    """`build` finds out, and nothing fails."""
    solution, test = APART[name]
    cells = [given("class Shape:\n    pass"), answer("a", solution), check("t", test)]
    proof = kernels.prove(*cells)
    assert (set(proof.together), proof.failing) == ({"t"}, {})
    assert kernels.grade(cells, proof).scores == {"t": 1}


def test_object_of_the_author_that_an_answer_changes_is_the_students(kernels: Kernels) -> None:
    """The author's cells make it, the answer has the change."""
    cells = [
        given(
            "class Person:\n    age = 30\n    def older(self, years):\n        self.age += years\nkim = Person()"
        ),
        given("n = 3\npets = {'cat': 1}"),
        answer("a", "kim.older(-1)\nn += 1\npets['dog'] = n"),
        check("t", "assert kim.age == 29 and pets['dog'] == n == 4"),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a="kim.older(1)").scores == {"t": 0}


ANYTHING = """
class {name}:
    def __init__(self, *given, **named):
        pass
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    def __getattr__(self, name):
        return {name}()
    def __call__(self, *given, **named):
        return self
    def __bool__(self):
        return True
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __len__(self):
        return 3
    def __iter__(self):
        return iter([])
    def __float__(self):
        return 3.0
    __sub__ = __rsub__ = __add__ = __radd__ = lambda self, other: 0
"""


class TestForgery:
    """An object whose methods say what a test wants to hear."""

    @pytest.mark.parametrize("test", [
        "account = Account(10)\naccount.withdraw(4)\nassert account.balance == 6",
        "assert Account(1).owner is None",
        "assert Account(3).balance == 3 and Account(4).balance in (3, 4)",
        "import math\nassert math.isclose(Account(10).balance, 10)",
        "import numpy as np\nnp.testing.assert_allclose(Account(3).balance, 3)",
        "assert Account.rate() > 0.4",
        "for amount in (1, 2):\n    assert Account(5).withdraw(amount).balance == 5 - amount",
        "assert Account(1).withdraw(1).history == [1]",
        "assert not Account(1).is_empty",
        "assert Account(1) != Account(2)",
    ])  # fmt: skip
    def test_object_that_is_equal_to_everything_is_paid_nowhere(self, kernels: Kernels, test: str) -> None:
        """No object stands for a value, and no class has special methods that the author's lacks."""
        cells = [answer("a", ACCOUNT), check("t", test)]
        proof = kernels.prove(*cells)
        assert proof.together == {}
        assert not kernels.grade(cells, proof, a=ANYTHING.format(name="Account")).scores["t"]

    @pytest.mark.parametrize("name", ["Anything", "Account", "int", "type"])
    def test_value_has_no_class_whatever_its_name(self, kernels: Kernels, name: str) -> None:
        """As the value of a name, and as what a function returns, beside a class that may come."""
        test = "assert Account(2).balance == 2 and n == 3 and f(4) == 5"
        cells = [answer("a", ACCOUNT + "n = 3\ndef f(x):\n    return x + 1"), check("t", test)]
        proof = kernels.prove(*cells)
        forged = ANYTHING.format(name=name)
        for end in (f"n = {name}()\ndef f(x):\n    return x + 1", f"n = 3\ndef f(x):\n    return {name}()"):
            assert not kernels.grade(cells, proof, a=forged + ACCOUNT + end).scores["t"]

    def test_object_is_no_value_with_its_attributes(self, kernels: Kernels) -> None:
        """As the value of a name, and as what a function returns."""
        cells = [
            answer("a", "n = 3\ndef f(x):\n    return x + 1"),
            check("t", "assert n.real == 3"),
            check("u", "assert f(4).real == 5"),
        ]
        number = "class N:\n    def __init__(self, real):\n        self.real = real\n"
        forged = f"{number}n = N(3)\ndef f(x):\n    return N(5)"
        graded = kernels.grade(cells, kernels.prove(*cells), a=forged)
        assert graded.scores == {"t": None, "u": None}

    def test_special_methods_are_those_of_the_author(self, kernels: Kernels) -> None:
        """Two accounts of an author who compares none are the same only if they are one object."""
        author = ACCOUNT.replace("def __eq__", "def same")
        cells = [answer("a", author), check("t", "first = Account(1)\nassert first != Account(1)")]
        proof = kernels.prove(*cells)
        assert proof.together == {}
        never = author + "    def __ne__(self, other):\n        return True\n    __hash__ = None\n"
        assert kernels.grade(cells, proof, a=never).scores == {"t": 1}
        always = author + "    def __eq__(self, other):\n        return True\n"
        assert kernels.grade(cells, proof, a=always).scores == {"t": 1}

    def test_class_under_the_name_of_a_built_in_exception_hides_none(self, kernels: Kernels) -> None:
        """A test that expects `ValueError` looks its own up."""
        solution = "def root(x):\n    if x < 0:\n        raise ValueError(x)\n    return x ** 0.5"
        cells = [
            answer("a", solution),
            check("t", "try:\n    root(-1)\nexcept ValueError:\n    pass\nelse:\n    assert False"),
        ]
        forged = "class ValueError(Exception):\n    pass\n" + solution
        assert not kernels.grade(cells, kernels.prove(*cells), a=forged).scores["t"]

    def test_place_is_named_by_the_test(self, kernels: Kernels) -> None:
        """An object that says it is from elsewhere is nowhere else."""
        cells = [
            answer("a", ACCOUNT + "mine = Account(7)\nn = 3"),
            check("t", "assert mine.balance == 7 and n == 3"),
        ]
        proof = kernels.prove(*cells)
        forged = textwrap.dedent(
            """
            import sys
            peer = sys.modules["autograder_agent"].agent._peer
            before = peer.answer
            def forged(request):
                answer = before(request)
                if "n" in answer.get("found", {}):
                    answer["found"]["n"] = answer["found"]["mine"]
                return answer
            peer.answer = forged
            """
        )
        equal = ACCOUNT.replace("self.balance == other.balance", "True") + "mine = Account(7)\nn = 3\n"
        assert not kernels.grade(cells, proof, a=equal + forged).scores["t"]


@pytest.mark.parametrize("end", ["f = F()", "class G:\n    f = F()\nf = G().f"])
def test_object_that_can_be_called_is_a_function(kernels: Kernels, end: str) -> None:
    """If the author's solution has a function in its place."""
    cells = [answer("a", "def f(x):\n    return x + 1"), check("t", "assert f(3) == 4 and callable(f)")]
    right = f"class F:\n    def __call__(self, x):\n        return x + 1\n{end}"
    proof = kernels.prove(*cells)
    assert kernels.grade(cells, proof, a=right).scores == {"t": 1}
    assert kernels.grade(cells, proof, a=right.replace("x + 1", "x")).scores == {"t": 0}


TOKEN = """
class Tok:
    def __init__(self, n=0):
        self.n = n
    def __eq__(self, other):
        return self.n == other.n
    def __call__(self, x):
        return x + 1
def f(n):
    return Tok(n) if n < 0 else n
def g():
    return {"far": Tok(3), "count": 9}
def each(items, do):
    for item in items:
        do(item)
"""


@pytest.mark.parametrize(
    "test",
    [
        "assert f(3) == 3 and f(5) in (5, 6)",
        "assert f(-2) == Tok(-2) and f(3) == 3",
        "assert g()['far'] == Tok(3)\nassert g()['count'] == 9",
        "seen = []\neach([Tok(1)], seen.append)\nassert seen == [Tok(1)]\n"
        "more = []\neach([5], more.append)\nassert more == [5]",
    ],
)
def test_object_is_compared_only_with_what_the_authors_is(kernels: Kernels, test: str) -> None:
    """It stands for no value, neither beside an object nor where only another test has one."""
    cells = [
        answer("a", TOKEN),
        check("s", "assert f(-1) is not f(-1) and f(-1).n == -1"),
        check("t", test),
    ]
    proof = kernels.prove(*cells)
    assert "t" not in proof.together
    assert "t" not in proof.failing
    always = TOKEN.replace("self.n == other.n", "True")
    always = always.replace("Tok(n) if n < 0 else n", "Tok(n)").replace('"count": 9', '"count": Tok()')
    always = always.replace("do(item)", "do(Tok())")
    assert not kernels.grade(cells, proof, a=always).scores["t"]


def test_class_has_no_special_methods_of_a_base_that_the_author_lacks(kernels: Kernels) -> None:
    """A token without equality is equal to itself alone, whatever it inherits."""
    author = (
        "class Money:\n    def __eq__(self, other):\n        return True\n"
        "class Tok:\n    pass\none, two = Tok(), Tok()"
    )
    cells = [answer("a", author), check("t", "assert Money() == Money() and not one == two")]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    inherits = author.replace("class Tok", "class Tok(Money)")
    assert kernels.grade(cells, proof, a=inherits).scores == {"t": 1}


@pytest.mark.parametrize("other", ["def counter():\n    return 1\ncounter.count = 1", "class C:\n    count = 1\n    "
    "def __call__(self):\n        return 1\ncounter = C()"])  # fmt: skip
def test_function_where_the_author_has_an_object_is_no_zero(kernels: Kernels, other: str) -> None:
    """Its attributes do not cross; those of an object in its role do."""
    author = "class Counter:\n    count = 1\n    def __call__(self):\n        return 1\ncounter = Counter()"
    cells = [answer("a", author), check("t", "assert counter() == 1 and counter.count == 1")]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert kernels.grade(cells, proof, a=other).scores["t"] != 0


def test_not_graded_names_the_object(kernels: Kernels) -> None:
    """The reason says of which class it is if the author's solution has a value there."""
    cells: list[NotebookNode] = [answer("a", "def f(x):\n    return [x]"), check("t", "assert f(3) == [3]")]
    graded = kernels.grade(
        cells, kernels.prove(*cells), a="class Own:\n    pass\ndef f(x):\n    return Own()"
    )
    assert graded.scores == {"t": None}
    assert "its type is Own" in graded.messages["t"]
