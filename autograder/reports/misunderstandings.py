"""What a class misunderstood: its named misconceptions, and wrong answers that no question file names yet."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.reports.behaviours import OTHER_NUMBER, Behaviour, Groups, group_all, tidy
from autograder.reports.class_results import Answer, ClassResults, Item, Student

POWERS = str.maketrans({"·": "*", "²": "**2", "³": "**3"})
MAX_STUB, MAX_LINE = 800, 100
"""Characters of a function that is offered for a question file, and of its lines: it has to be seen whole."""
MAX_NUMBER, MAX_POWER = 10_000, 8
CALLED = frozenset(
    {
        "abs",
        "divmod",
        "enumerate",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "range",
        "round",
        "sum",
        "tuple",
        "zip",
    }
)
PLAIN = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.Pass,
    ast.Expr, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant, ast.Name, ast.List,
    ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.Subscript, ast.Slice, ast.expr_context,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
"""The kinds of code in a plain function: no attribute, import, loop without end, or code in a text."""
ENOUGH_ALIKE = 2
"""Answers without a name that are listed if this many fail alike."""


@dataclass(frozen=True)
class Misunderstanding:
    """A named misconception with everyone who showed it."""

    item: Item
    known: NamedMisconception
    members: tuple[tuple[Student, Answer], ...]

    @property
    def students(self) -> tuple[Student, ...]:
        """Everyone who showed it."""
        return tuple(student for student, _ in self.members)

    @property
    def example(self) -> str:
        """The shortest code that shows it."""
        codes = [tidy(answer.code) for _, answer in self.members if answer.code.strip()]
        return min(codes, key=len, default="")


@dataclass(frozen=True)
class Unlisted:
    """Wrong answers that do the same and have no name."""

    item: Item
    behaviour: Behaviour
    stub: str
    """Code for the question file that names them; empty if it cannot be made."""


def misunderstandings(results: ClassResults) -> list[Misunderstanding]:
    """Return the misconceptions of a class, the most frequent first."""
    members: dict[tuple[str, NamedMisconception], list[tuple[Student, Answer]]] = {}
    for item in results.items:
        for student, answer in results.answers_to(item.id):
            for misconception in answer.report.misconceptions:
                members.setdefault((item.id, misconception), []).append((student, answer))
    listed = [
        Misunderstanding(results.item(name), misconception, tuple(group))
        for (name, misconception), group in members.items()
    ]
    order = {item.id: index for index, item in enumerate(results.items)}
    return sorted(listed, key=lambda entry: (-len(entry.members), order[entry.item.id], entry.known.name))


def unlisted(results: ClassResults, groups: Groups | None = None) -> list[Unlisted]:
    """Return the wrong answers that no misconception names, in groups that do the same, the largest first.

    A recovered formula is listed even if only one student has it, other behaviours if at least two have.
    groups: the answers as `group_all` groups them, if known.
    """
    listed = []
    groups = group_all(results) if groups is None else groups
    for item in results.items:
        for group in groups[item.id]:
            unlike = group.title == OTHER_NUMBER or (item.right_numbers and not group.report.computed)
            alike = group.kind == "alike" and not unlike and len(group.members) >= ENOUGH_ALIKE
            if group.kind == "formula" or alike:
                listed.append(Unlisted(item, group, stub(item, group)))
    return sorted(
        listed, key=lambda mistake: (-len(mistake.behaviour.members), mistake.behaviour.kind != "formula")
    )


def stub(item: Item, group: Behaviour) -> str:
    """Return code for the question file that names a wrong answer: its formula, or else a plain function of a student.

    An author may paste it, and it then runs with the author's rights.
    """
    fails = [check.name for check in group.report.checks if check.outcome in ("failed", "errored")]
    if not fails:
        return ""
    name = f"unlisted_{abs(_number(group)) % 1000:03}"
    if group.formula and item.parameters:
        body = f"def {name}({', '.join(item.parameters)}):\n    return {as_python(group.formula)}"
    else:
        body = first_plain_function((sample.code for sample in group.samples), item.id, name)
    if not body:
        return ""
    texts = ", ".join(f'{language}="…"' for language in item.title.to_dict())
    return textwrap.dedent("""\
        @question.misconception(
            text=Text({texts}),
            fails=[{fails}],
        )
        {body}
        """).format(texts=texts, fails=", ".join(fails), body=body)


def as_python(formula: str) -> str:
    """Return a formula in ordinary notation as Python: `4·units² + 1/2` as `4*units**2 + 1/2`."""
    return re.sub(r"(\d+/\d+)\*", r"(\1)*", formula.translate(POWERS))


def first_plain_function(codes: Iterable[str], name: str, new_name: str) -> str:
    """Return the first code that is one plain function, written anew under a new name; empty if there is none.

    A plain function looks at nothing but its arguments, with a few built-in functions. It is written without its
    comments, docstring and annotations, in short lines. It may still take long, as any function may.
    """
    for code in codes:
        try:
            [function] = ast.parse(code).body
            if not isinstance(function, ast.FunctionDef) or function.name != name:
                continue
            function.name, function.returns = new_name, None
            for argument in function.args.args:
                argument.annotation = None
            if ast.get_docstring(function) is not None:
                function.body = function.body[1:]
            text = ast.unparse(function)
            short = len(text) <= MAX_STUB and max(map(len, text.splitlines())) <= MAX_LINE
            symtable.symtable(text, new_name, "exec")  # raises SyntaxError where no function comes of it
            if short and _is_plain(function):
                return text
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ""


def _is_plain(function: ast.FunctionDef) -> bool:
    """Return whether a function consists of `PLAIN` code, and uses no names but its own and `CALLED`."""
    arguments = function.args
    if (
        arguments.posonlyargs
        or arguments.kwonlyargs
        or arguments.vararg
        or arguments.kwarg
        or not function.body
    ):
        return False
    if not all(isinstance(default, ast.Constant) for default in arguments.defaults):
        return False
    nodes = [*ast.walk(function)]
    own = {argument.arg for argument in arguments.args}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return (
        all(map(_is_plain_name, own))
        and all(isinstance(node, PLAIN) and _is_harmless(node) for node in nodes)
        and all(node.id in own | CALLED for node in nodes if isinstance(node, ast.Name))
        and not any(isinstance(node, ast.FunctionDef) for node in nodes if node is not function)
    )


def _is_harmless(node: ast.AST) -> bool:
    """Return whether a node of `PLAIN` code changes nothing outside, and makes no huge number by itself."""
    match node:
        case ast.FunctionDef():
            return not node.decorator_list
        case ast.Call(func=ast.Name(id="range")):  # as long as an argument, not as a product of several
            return not any(isinstance(part, (ast.Mult, ast.Pow, ast.LShift)) for part in ast.walk(node))
        case ast.Call():
            return isinstance(node.func, ast.Name) and node.func.id in CALLED
        case ast.Constant():
            return node.value is None or (
                isinstance(node.value, (int, float)) and abs(node.value) <= MAX_NUMBER
            )
        case ast.BinOp(op=ast.Pow() | ast.LShift()):
            return (
                isinstance(node.left, ast.Name)
                and isinstance(node.right, ast.Constant)
                and node.right.value in range(MAX_POWER + 1)
            )
        case ast.Subscript():
            return isinstance(node.ctx, ast.Load)
        case ast.comprehension():
            return not node.is_async
    return True


def _is_plain_name(name: str) -> bool:
    return name.isascii() and "__" not in name and not hasattr(builtins, name)


def _number(group: Behaviour) -> int:
    """Return a number for a name, the same in every report."""
    text = group.formula or "".join(sorted(sample.code for sample in group.samples)[:1])
    return sum(position * ord(letter) for position, letter in enumerate(text, 1))
