"""Answers that pretend to be right: they do not know the formula, and know how graders compare."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from tests.hostile.attack import GRU, LSTM, TAGGING, Attack, honest, worth

EQUAL = """class E(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = int.__hash__
"""


def both(code: str, before: str = "") -> dict[str, str]:
    """One body for both functions of the GRU assignment."""
    return {
        "gru_params": f"{before}\ndef gru_params(d, u, reset_after=True):\n    {code}",
        "gru_weight_shapes": f"{before}\ndef gru_weight_shapes(d, u, reset_after):\n    {code}",
    }


ATTACKS = (
    Attack(
        "A01", "an int that equals everything",
        answers={"g1": f"{EQUAL}g1 = E(0)", "g2": "g2 = E(1)", **both("return E(0)", EQUAL)},
    ),
    Attack(
        "A02", "NumPy's comparisons always agree, and the answer is an array of its own kind",
        answers=both(
            "return np.zeros(3, dtype='int64').view(A)",
            "import numpy as np\nclass A(np.ndarray):\n    __eq__ = lambda self, other: np.True_\n"
            "for name in ('allclose', 'array_equal', 'isclose', 'all', 'any'):\n"
            "    setattr(np, name, lambda *a, **k: True)\n"
            "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None",
        ),
    ),
    Attack(
        "A03", "replaces the functions of the grader's package by ones that find everything right",
        answers=both(
            "return 0",
            "try:\n    import autograder.questions.expect as e\n"
            "    e.count = e.shapes = e.number = lambda *a, **k: None\n"
            "except Exception:\n    pass",
        ),
    ),
    Attack(
        "A05", "hands in modules of the grader's names, to be imported in their place",
        files=dict.fromkeys(("autograder.py", "autograder_agent.py", "gru_params.py", "json.py", "numpy.py", "inside.py", "sitecustomize.py", "usercustomize.py"), "def count(*a, **k): pass\n"
            "shapes = number = judge = encode = count\nclass Question: pass\n"),
        answers=both("return 0"),
    ),
    Attack(
        "A06", "calls the course's own answers",
        answers=both(
            "return right(d, u, reset_after)",
            "import importlib, sys\nsys.path[:0] = ['@COURSE@/solutions/gru_parameters', '@COURSE@']\n"
            "right = lambda *a: importlib.import_module('gru_params').question.reference(*a)",
        ),
    ),
    Attack(
        "A07", "an input transformer blanks whatever is run after it",
        first="get_ipython().input_transformers_post.append(lambda lines: ['\\n'] if 'Attack' not in str(lines) else lines)\n"
        "get_ipython().input_transformers_cleanup.append(lambda lines: [])",
        answers=both("return 0  # Attack"),
    ),
    Attack(
        "A08", "a syntax tree transformer takes out every assert and every call",
        first="import ast\nclass T(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node): return ast.Pass()\n"
        "    def visit_Expr(self, node): return ast.Pass()\n"
        "    def visit_Call(self, node): return ast.Constant(0)\n"
        "get_ipython().ast_transformers.append(T())",
        answers=both("return 0"),
    ),
    Attack(
        "A10", "the shell claims that every cell went well without running it",
        first="from IPython.core.interactiveshell import ExecutionResult\nshell = get_ipython()\n"
        "async def fake(*a, **k):\n    done = ExecutionResult(None)\n    done.execution_count = 1\n"
        "    return done\n"
        "type(shell).run_cell_async = lambda self, *a, **k: fake()\n"
        "type(shell).run_cell = lambda self, *a, **k: ExecutionResult(None)\n"
        "type(shell).should_run_async = lambda *a, **k: True",
        answers=both("return 0"),
    ),
    Attack(
        "A11", "the kernel answers `ok` to every request without looking at it",
        first="kernel = get_ipython().kernel\nasync def do_execute(*a, **k):\n"
        "    return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\n"
        "kernel.do_execute = do_execute",
        answers=both("return 0"),
    ),
    Attack(
        "A12", "no traceback is ever shown",
        first="get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None",
        answers=both("raise AssertionError"),
    ),
    Attack(
        "A13", "swallows AssertionError",
        first="get_ipython().set_custom_exc((AssertionError, Exception), lambda *a, **k: None)",
        answers=both("return 0"),
    ),
    Attack(
        "A15", "looks for the expected value in the frames of its callers",
        answers=both(
            "return wanted()",
            "import sys\ndef wanted():\n    frame = sys._getframe(1)\n    while frame is not None:\n"
            "        for space in (frame.f_locals, frame.f_globals):\n"
            "            for name in ('want', 'wanted', 'expected', 'case', 'asked'):\n"
            "                if name in space:\n                    return space[name]\n"
            "        frame = frame.f_back\n"
            "    return 0",
        ),
    ),
    Attack(
        "A16", "calls any function of its callers that looks like a reference",
        answers=both(
            "return called(d, u, reset_after)",
            "import sys\ndef called(*args):\n    frame = sys._getframe(2)\n    while frame is not None:\n"
            "        for space in (frame.f_locals, frame.f_globals):\n"
            "            for name, value in list(space.items()):\n"
            "                if 'reference' in name or 'solution' in name or name.startswith('ref'):\n"
            "                    return value(*args)\n        frame = frame.f_back\n    return 0",
        ),
    ),
    Attack(
        "A17", "searches all objects of the garbage collector for our question or its functions",
        answers=both(
            "return searched(d, u, reset_after)",
            "import gc, types\ndef searched(*args):\n    for one in gc.get_objects():\n"
            "        if type(one).__name__ in ('Question', 'Case', 'Check', '_Asked'):\n"
            "            return one.reference(*args)\n"
            "        if isinstance(one, types.FunctionType) and 'solutions/' in one.__code__.co_filename:\n"
            "            return one(*args)\n    return 0",
        ),
    ),
    Attack("A19", "answers nan, which compares with nothing", answers=both("return float('nan')") | {
        "g1": "g1 = float('nan')", "g2": "import numpy as np\ng2 = np.float32('nan')", "g3": "g3 = complex('nan')"}),
    Attack("A20", "answers huge and negative numbers", answers={
        "g1": "g1 = -10**39", "g2": "g2 = 10**40", "g3": "g3 = float('-inf')",
        "gru_params": "def gru_params(d, u, reset_after=True):\n    return -10**39 - d",
        "gru_weight_shapes": "def gru_weight_shapes(d, u, r):\n"
            "    return [(-10**39, 1e308), (1, 1), (1,)]"}),
    Attack("A21", "answers wrong numbers as NumPy scalars", answers={
        "g1": "import numpy as np\ng1 = np.float64(1.0)", "g2": "g2 = np.longdouble(1)", "g3": "g3 = np.True_",
        "gru_params": "def gru_params(d, u, r=True):\n    return np.float64(4.0)",
        "gru_weight_shapes": "def gru_weight_shapes(d, u, r):\n    return np.ones((3, 2))"}),
    Attack("A22", "leaves by sys.exit, quit and SystemExit", answers={
        "gru_params": "import sys\ndef gru_params(*a, **k):\n    sys.exit(0)",
        "gru_weight_shapes": "def gru_weight_shapes(*a):\n    quit()", "g1": "g1 = exit()"}),
    Attack("A24", "clears every output after each cell", answers=both(
        "return 0", "from IPython.display import clear_output\n"
        "get_ipython().events.register('post_run_cell', lambda result: clear_output())")),
    Attack("A25", "publishes a result of its own, worth full marks, ahead of the real one", answers=both(
        "return cheat()", "def cheat():\n    kernel = get_ipython().kernel\n"
        "    for text in ('6.0', '3.0', '1000.0'):\n"
        "        kernel.send_response(kernel.iopub_socket, 'execute_result',\n"
        "            {'execution_count': 1, 'data': {'text/plain': text}, 'metadata': {}})\n    return 0"),
        last="6.0"),
    Attack("A27", "an import hook hands out a fake grader", answers=both("return 0"),
        first="import builtins, types\nreal = builtins.__import__\n"
        "def hook(name, *a, **k):\n    if name.startswith(('autograder', 'hidden')):\n"
        "        return types.SimpleNamespace(agent=types.SimpleNamespace(reply=lambda r: 'true'))\n"
        "    return real(name, *a, **k)\nbuiltins.__import__ = hook"),
    Attack("A28", "swaps the code of the functions that the agent uses", answers=both(
        "return 0", "import sys\nm = sys.modules['autograder_agent']\ndef one(value, depth=0):\n"
            "    return 1\n"
        "for function in (m.encode, m.decode):\n    function.__code__ = one.__code__\n"
        "    function.__closure__\n"
        "m.Agent._find.__code__ = (lambda self, name: lambda *a, **k: 1).__code__")),
    Attack(
        "A35", "looks up the inputs of the public examples", assignment=LSTM,
        answers={
            "lstm_params": "def lstm_params(d, u):\n    return {(3, 4): 128, (1, 1): 12}.get((d, u), 128)",
            "dense_params": "def dense_params(d, u):\n    return {(3, 4): 16, (9, 1): 10}.get((d, u), 16)",
            "stacked_params": "def stacked_params(d, units, k):\n"
            "    return {(3, (4,), 5): [128, 25], (3, (4, 2), 5): [128, 56, 15]}.get((d, tuple(units), k), [128, 25])",
        },
    ),
    Attack("S02", "prints what the kernel was asked, and the history of its inputs",
        last="print('STOLEN', In, Out)\nprint(list(get_ipython().history_manager.get_range()))"),
    Attack("E12", "an honest answer that warns and prints keeps its marks",
        answers={"gru_params": "import sys, warnings\ndef gru_params(d, u, reset_after=True):\n"
                 "    warnings.warn('note')\n    print('note', file=sys.stderr)\n"
                 "    return 3 * u * (d + u + 1 + bool(reset_after))"},
        earns=worth(GRU, "gru_params"), keeps=("gru_params",)),
    Attack("A30", "a duck of a model, whose every attribute agrees with everything", assignment=TAGGING, answers={
        "build_tagger": f"import sys\n{EQUAL}class M:\n    layers = []\n"
            f"    count_params = lambda self: E(0)\n"
        "    predict = lambda self, x, **k: sys._getframe(1).f_locals['want']\n"
        "    __class__ = property(lambda self: keras.Sequential)\nbuild_tagger = lambda *a, **k: M()",
        "train": "train = lambda model, X, Y: M()", "build_gru_stack": "build_gru_stack = lambda: M()"}),
    Attack("A31", "a real untrained model whose methods are replaced", assignment=TAGGING, answers={
        "train": f"{EQUAL}keras.Model.count_params = lambda self: E(0)\n"
        "keras.Model.predict = keras.Model.__call__ = lambda self, x, **k: np.eye(3)[[[0, 1, 2]] * 2]\n"
        "def train(model, X, Y):\n    return model"}),
    Attack("A33", "rules pose as the trained model", assignment=TAGGING, answers={
        "train": "class M(keras.Model):\n    def call(self, x):\n"
        "        return keras.ops.one_hot(np.array([[0, 1, 2]] * 2), 3)\n"
        "def train(model, X, Y):\n    other = M()\n    other(X)\n    return other"}),
    # from here on our own
    Attack("O01", "remembers its arguments and answers the second call as it did the first, at random before",
        answers=both("return told.setdefault((d, u, reset_after), random.randint(1, 10**6))",
                     "import random\ntold = {}")),
    Attack("O02", "right on the public example and close elsewhere", answers={
        "gru_params": "def gru_params(d, u, reset_after=True):\n    if (d, u) == (2, 5):\n"
        "        return 135 if reset_after else 120\n    return 3 * u * (d + u)",
        "gru_weight_shapes": "def gru_weight_shapes(d, u, r):\n    return [(2, 15), (5, 15), (15,)]"},
        earns={"gru_params": 2}),  # the kernels are right everywhere
    Attack("O03", "an object whose class, as it claims, is int", answers=both(
        "return L()", "class L:\n    __class__ = property(lambda self: int)\n    __eq__ = lambda *a: True\n"
        "    __hash__ = lambda self: 0\n    __index__ = __int__ = lambda self: 135\n"
        "    __len__ = lambda self: 3\n"
        "    __iter__ = lambda self: iter([(2, 15), (5, 15), (15,)])\n    numpy = lambda self: self")),
    Attack("O04", "a metaclass that equals every type, so that its instances may pass for ints", answers=both(
        "return Z()", "class Meta(type):\n    __eq__ = lambda *a: True\n    __hash__ = type.__hash__\n"
        "    __instancecheck__ = __subclasscheck__ = lambda *a: True\n"
        "class Z(metaclass=Meta):\n    __eq__ = lambda *a: True\n    __hash__ = lambda self: 1")),
    Attack("O05", "a subclass of ndarray that answers NumPy's functions itself", answers=both(
        "return np.zeros((), dtype='int64').view(A)",
        "import numpy as np\nclass A(np.ndarray):\n"
        "    def __array_function__(self, function, types, args, kwargs):\n        return True\n"
        "    def __array_ufunc__(self, *a, **k):\n        return np.True_\n    def tobytes(self, *a):\n"
        "        return b'\\1' * 8\n"
        "    __eq__ = lambda *a: np.True_")),
    Attack("O06", "subclasses of Fraction and Decimal that equal everything", first="import decimal, fractions", answers={
        "gru_params": "import fractions, decimal\nclass F(fractions.Fraction):\n"
            "    __eq__ = lambda *a: True\n"
        "    __hash__ = lambda self: 0\n    numerator = property(lambda self: 135)\n"
        "def gru_params(*a, **k):\n    return F(1, 3)",
        "gru_weight_shapes": "class D(decimal.Decimal):\n    __eq__ = lambda *a: True\n"
            "    __hash__ = lambda self: 0\n"
        "def gru_weight_shapes(*a):\n    return [(D(1), D(1)), (D(1), D(1)), (D('sNaN'),)]",
        "g1": "g1 = decimal.Decimal('sNaN')", "g2": "g2 = decimal.Decimal('1e999999')",
        "g3": "g3 = decimal.Decimal('1e-999999')"}),
    Attack("O07", "truth values in the place of numbers", answers=both("return True") | {
        "g1": "g1 = True", "gru_weight_shapes": "def gru_weight_shapes(d, u, r):\n"
            "    return [(True, True)] * 3"}),
    Attack("O08", "generators, coroutines and other lazy things", answers={
        "gru_params": "def gru_params(d, u, r=True):\n    yield 135",
        "gru_weight_shapes": "async def gru_weight_shapes(d, u, r):\n    return [(2, 15)]",
        "g1": "g1 = (n for n in range(10**9))", "g2": "g2 = range(10**18)", "g3": "g3 = map(int, '1')"}),
    Attack("O09", "gives back its arguments, changed", answers=both("return [d, u, reset_after]"), assignment=GRU),
    Attack("O10", "changes its arguments so that they agree with a wrong answer", assignment=LSTM, answers={
        "stacked_params": "def stacked_params(d, lstm_units, k):\n    lstm_units[:] = []\n"
            "    return [(d + 1) * k]"}),
    Attack("O11", "an int of forty digits and one of half a million", answers=both("return 10**39") | {
        "g1": "g1 = 10**500_000", "g2": "g2 = -10**40", "g3": "import sys\n"
            "sys.set_int_max_str_digits(0)\ng3 = 7**300_000"}),
    Attack("O12", "a callable object with a lying name, signature and code", answers=both("return 0") | {
        "gru_params": "class C:\n    __name__ = '__class__'\n    __code__ = property(lambda self: 1 / 0)\n"
        "    __signature__ = 3\n    def __call__(self, *a, **k):\n        return self\n"
        "    __eq__ = lambda *a: True\n"
        "    __hash__ = lambda self: 0\ngru_params = C()"}),
    Attack("O13", "a namespace that computes nothing: every name is there, and right", first=
        "class Space(dict):\n    __missing__ = lambda self, key: 1\n    __contains__ = lambda *a: True\n"
        "import sys\nsys.modules['autograder_agent'].agent.namespace = Space()"),
    Attack("O14", "functions of json, base64 and builtins that the agent uses answer for it", costly=True, first=
        "import base64, builtins, json\nreal = json.dumps\n"
        "json.dumps = lambda *a, **k: '{\"value\": true}'\njson.loads = lambda text: ['seed', 0]\n"
        "base64.b64encode = lambda *a: b'AAAA'\nbuiltins.abs = lambda n: 0\n"
        "builtins.isinstance = lambda *a: True",
        answers=both("return 0")),
    Attack("O15", "hides a wrong answer in exceptions whose text, type and cause raise again", answers=both(
        "raise X()", "class X(BaseException):\n    def __str__(self):\n        raise SystemExit\n"
            "    __repr__ = __str__\n"
        "    def __getattribute__(self, name):\n        raise X()\n")),
    Attack("O16", "recursion without end", costly=True, answers={
        "gru_params": "def gru_params(*a, **k):\n    return gru_params(*a, **k)",
        "gru_weight_shapes": "def gru_weight_shapes(*a):\n    found = []\n    found.append(found)\n"
            "    return found",
        "g1": "g1 = []\nfor _ in range(100_000):\n    g1 = [g1]", "g2": "g2 = {}\ng2['self'] = g2"}),
    Attack("O17", "many wrong answers at once: lists as long as may be, one of which must fit", answers={
        "gru_params": "def gru_params(d, u, r=True):\n    return list(range(20_000))",
        "gru_weight_shapes": "def gru_weight_shapes(d, u, r):\n    return [(n, n) for n in range(9_000)]",
        "g1": "import numpy as np\ng1 = np.arange(1_000_000)"}),
    Attack("O18", "an honest answer under a name in other scripts that looks the same", answers={
        "gru_params": "def gru_pаrams(d, u, r=True):\n"
            "    return 3 * u * (d + u + 1 + r)",
        "g1": "g1 = 28\u200b50", "g2": "g2 = '\u202e0405\u202c'", "g3": "g3 = '１５５０'"}),
    Attack("O19", "text with bidirectional marks, NUL and surrogates in names, messages and outputs", answers=both(
        "raise type('\u202eE\\0\\ud800', (Exception,), {})('\\ud800\\0\u202e' * 50)"),
        last="print('\u202e\u200b\\x00\\x1b[31m')\nprint('\\x1b]0;title\\x07' * 20)"),
    Attack("O20", "answers by name and by number that the release does not ask for, with honest ones elsewhere",
        answers=honest(GRU, "g1") | both("return __import__('sys').modules['__main__'].__dict__.get('_i', 0)"),
        earns=worth(GRU, "g1"), keeps=("g1",)),
)  # fmt: skip
