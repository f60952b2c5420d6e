"""The self-check and the other tools of a notebook: a folded cell of plain Python, without imports of this package.

Each edition has its own. The tools show a student's own numbers, and whether an answer is there: that it is not the
untouched stub, runs, and has the right type and number of values. They never show whether it is right. All words are
the edition's, so that locked cells need none.
"""

from __future__ import annotations

import decimal
import fractions
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from nbformat import NotebookNode

from autograder.i18n import _, pgettext
from autograder.questions.number_answers import type_of
from autograder.questions.question import Question
from autograder.questions.variants import SHOW_NUMBERS, notebook_code
from autograder.text import Text

TITLE = _("The tools of this notebook (run this cell; no need to read it)")
INTRO = _(
    "## Before you hand in\n\nRestart the kernel and run all cells. Make sure that no example raises an error and that "
    "every answer below is marked “answered”. Whether an answer is right is checked only after you hand in."
)
INTRO_OF_EXAM = _(
    "## Before you hand in\n\nRestart the kernel and run all cells. Make sure that every answer below is marked "
    "“answered”. Whether an answer is right is checked only after you hand in."
)
"""The introduction in a notebook without examples."""
DUE = _("**Due: {due}**")
CHECK_ALL = "check_all_answered()"
WORDS: Mapping[str, Text] = {
    "answered": _("answered"),
    "not run": _("answered (this check does not call the function)"),
    "unanswered": _("not answered yet"),
    "undefined": _("not answered yet, or its cell has not been run"),
    "nothing": _("returned nothing; is there a `return`?"),
    "raised": _("stopped with {error}"),
    "wrong": _("wrong type: expected {want}, got {got}"),
    "count": _("wrong number of values: expected {want}, got {got}"),
    "one": pgettext("number of values", "one"),
    "long": _("{kind} of length {number}"),
    "holding": _("{kind} with {part} in it"),
    "graded later": _("Whether the answer is right is checked only after you hand in."),
    "not graded here": _("This cell does not check whether an answer is right."),
    "function": _("a function"),
    "int": _("a whole number"),
    "list": _("a list"),
    "array": _("an array"),
    "model": _("a model"),
    "str": _("a string"),
    "float": _("a number"),
    "versions": _("package versions, here and in grading"),
    "imports": _("imported here, and perhaps not installed where answers are graded"),
    "here": pgettext("this machine", "here"),
    "grader": pgettext("where it is graded", "grading"),
    "guess": _("guess: {guess} | result: {result}"),
    "right": pgettext("a guess", "right"),
    "different": pgettext("a guess", "different"),
    "guesses": _("right: {right} of {made} guesses"),
}

SEVERAL: Mapping[str, Text] = {
    "int": _("{number} whole numbers"),
    "list": _("{number} lists"),
    "array": _("{number} arrays"),
    "model": _("{number} models"),
    "str": _("{number} strings"),
    "float": _("{number} numbers"),
}
IMPORTED_AS: Mapping[str, str] = {
    "beautifulsoup4": "bs4", "opencv-python": "cv2", "pillow": "PIL", "pyyaml": "yaml", "scikit-learn": "sklearn",
    "tensorflow-cpu": "tensorflow",
}  # fmt: skip
"""The modules of packages that are called otherwise."""
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
NUMBERS: Mapping[int, Text] = {
    2: pgettext("number of values", "two"),
    3: pgettext("number of values", "three"),
    4: pgettext("number of values", "four"),
}

CODE = '''\
class NotAnswered(Exception):
    def _render_traceback_(self):
        return [str(self)]


def state_of_answer(name):
    """Return the state of an answer in words, and whether it is there with the right type."""
    import contextlib
    import copy
    import decimal
    import dis
    import io
    import numbers

    def is_number(value, whole=False):
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        number = isinstance(value, (numbers.Real, decimal.Decimal)) and not isinstance(value, bool)
        return number and (not whole or value == int(value))

    def is_list(value):
        return isinstance(value, (list, tuple)) or getattr(value, "shape", ()) != ()

    def type_name(value):
        return "None" if value is None else type(value).__name__

    def returned(function):
        steps = [*dis.get_instructions(function)] if hasattr(function, "__code__") else []
        steps = [step for step in steps if step.opname not in ("RESUME", "NOP", "CACHE")]
        does_nothing = set() < {step.opname for step in steps} <= {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
        returns = [place for place, step in enumerate(steps) if step.opname in ("RETURN_CONST", "RETURN_VALUE")]
        values = [steps[place - (steps[place].opname == "RETURN_VALUE")] for place in returns]
        constant = {step.argval if "CONST" in step.opname else function for step in values}
        return constant, does_nothing

    tests = {
        "int": lambda value: is_number(value, whole=True),
        "list": is_list,
        "array": lambda value: hasattr(value, "shape") and hasattr(value, "dtype"),
        "model": lambda value: callable(getattr(value, "get_weights", None)),
        "str": lambda value: isinstance(value, str),
        "float": is_number,
    }
    is_function, want, parts, sample = ANSWERS[name]

    def fits(value):
        try:
            return not want or tests[want](value)
        except Exception:
            return False

    def fault(value):
        if not parts:
            return "" if fits(value) else WORDS["wrong"].format(want=WORDS[want], got=type_name(value))
        expected, kind = WORDS[f"{parts} {want}"], type_name(value)
        if is_list(value) and len(value) == parts:
            odd = [type_name(part) for part in value if not fits(part)]
            got = WORDS["holding"].format(kind=kind, part=odd[0]) if odd else ""
            return odd and WORDS["wrong"].format(want=expected, got=got)
        if fits(value):
            return WORDS["count"].format(want=expected, got=WORDS["one"])
        if is_list(value):
            return WORDS["count"].format(want=expected, got=WORDS["long"].format(kind=kind, number=len(value)))
        return WORDS["wrong"].format(want=expected, got=kind)

    if name not in globals():
        return WORDS["undefined"], False
    value, state = globals()[name], "answered"
    if value is not ... and is_function:
        if not callable(value):
            return WORDS["wrong"].format(want=WORDS["function"], got=type_name(value)), False
        constant, does_nothing = returned(value)
        if does_nothing and constant <= {None, ...}:
            return WORDS["unanswered"], False
        if sample is None and want and constant == {None}:
            return WORDS["nothing"], False
        if sample is None:
            return WORDS["not run"], True
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                value = value(*copy.deepcopy(sample))
        except Exception as error:
            return WORDS["raised"].format(error=f"{type(error).__name__}: {error}"), False
        if value is None:
            return WORDS["nothing"], False
    wrong = fault(value)
    is_empty = isinstance(value, (tuple, list, str)) and not value
    if value is ... or value is None or (wrong and is_empty and not is_function):
        return WORDS["unanswered"], False
    return (wrong, False) if wrong else (WORDS["answered"], True)


def check_answered(name):
    """Raise NotAnswered unless an answer is there with the right type.

    Where the example above has just been stopped for want of the answer, print its state instead, unless
    nbgrader's *Validate* runs the notebook: it looks at no example.
    """
    import os

    state, there = state_of_answer(name)
    told = (name, state) in stop_without_answer.told and "NBGRADER_VALIDATING" not in os.environ
    if not there and told:
        print(f"{name}: {state}\\n{WORDS['not graded here']}")
    elif not there:
        raise NotAnswered(f"{name}: {state}\\n{WORDS['not graded here']}")
    else:
        print(f"{name}: {state}\\n{WORDS['graded later']}")


def stop_without_answer(name):
    """Raise NotAnswered if the answer is missing. A wrong answer is left to the example, which shows its error."""
    state, _ = state_of_answer(name)
    if state in (WORDS["unanswered"], WORDS["undefined"]):
        stop_without_answer.told.add((name, state))
        raise NotAnswered(f"{name}: {state}")


stop_without_answer.told = set()


def is_answered(*names):
    """Return whether these answers are all there; print the state of each one that is not."""
    states = {name: state_of_answer(name) for name in names}
    missing = [f"{name}: {state}" for name, (state, there) in states.items() if not there]
    print(*missing, sep="\\n", end="\\n" if missing else "")
    return not missing


def compare_guess(name, result, within=0):
    """Print the reader's guess_<name> beside the result, and note for count_guesses whether it was right."""

    def agrees(guess, result):
        if isinstance(result, (tuple, list)):
            return len(guess) == len(result) and all(map(agrees, guess, result))
        if isinstance(result, (bool, str)):
            return str(guess).strip().casefold() == str(result).casefold()
        return abs(guess - result) <= within

    guess, right = globals().get(f"guess_{name}", ...), None
    told = WORDS["guess"].format(guess="-" if guess is ... else guess, result=result)
    if guess is not ...:
        try:
            right = agrees(guess, result)
        except Exception:
            right = False
        told += f" | {WORDS['right' if right else 'different']}"
    compare_guess.noted[name] = told, right
    print(told)


compare_guess.noted = {}


def count_guesses():
    """Print each guess beside its result, and how many were right."""
    for name, (told, _) in compare_guess.noted.items():
        print(f"{name:24} {told}")
    made = [right for _, right in compare_guess.noted.values() if right is not None]
    print(WORDS["guesses"].format(right=sum(made), made=len(made)))


def modules_not_in_grading():
    """Return the modules imported by the cells that were run which grading is not known to have."""
    import ast
    import sys

    sources, modules = [str(source) for source in globals().get("In", ())], set()
    for source in sources:
        try:
            nodes = [*ast.walk(ast.parse(source))]
        except (SyntaxError, ValueError):
            continue
        for node in nodes:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            modules |= {name.split(".")[0] for name in names}
    known = {*GRADED_IMPORTS, "IPython", *getattr(sys, "stdlib_module_names", sys.builtin_module_names)}
    written = [name for name in modules if any(f"{name}.py" in source for source in sources)]
    return sorted(modules - known - {*written})


def check_all_answered():
    """Print the state of each answer, the package versions here and in grading, and imports that grading may lack."""
    import importlib.metadata
    import sys

    for name in ANSWERS:
        print(f"{name:24} {state_of_answer(name)[0]}")
    if GRADED_WITH:
        print(f"\\n{WORDS['versions']}")
    for package, version in GRADED_WITH.items():
        try:
            here = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            here = getattr(sys.modules.get(package), "__version__", "-")
        print(f"{package:24} {WORDS['here']} {here}, {WORDS['grader']} {version}")
    if modules := modules_not_in_grading():
        print(f"\\n{WORDS['imports']}: {', '.join(modules)}")
'''


def introduction(language: str, due: Callable[[str], str] | None = None, *, has_examples: bool = True) -> str:
    """Return the text above the last cell. due: returns the due date in a language, if there is one."""
    text = INTRO if has_examples else INTRO_OF_EXAM
    last = [] if due is None else [DUE.format(due=due(language)).in_language(language)]
    return "\n\n".join([text.in_language(language), *last])


def check_code(question: Question) -> str:
    """Return the code of a question's visible test, the same in every edition."""
    return f"check_answered({json.dumps(question.id)})"


def example_guard(name: str) -> str:
    """Return the first line of a question's visible example, which stops the cell until there is an answer."""
    return f"stop_without_answer({json.dumps(name)})\n"


def graded_imports(graded_with: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Return the modules that grading is known to have, beside Python's own.

    They are those of the packages in `graded_with`, and what the cells of the course import. The list does not depend
    on the machine, so that each builds the same release.
    """
    names = {IMPORTED_AS.get(name.lower(), name.replace("-", "_")) for name in graded_with}
    names |= {"numpy", *(("keras",) if "tensorflow" in names else ())}
    for source in sources:
        for module, modules in IMPORT.findall(source):
            names |= {
                name.split(".")[0].split()[0] for name in (module or modules).split(",") if name.strip()
            }
    return sorted(names - sys.stdlib_module_names)


def promised_modules(release: NotebookNode, graded_with: Iterable[str]) -> list[str]:
    """Return the modules that students may expect where a release is graded, as `graded_imports` does."""
    sources = [cell.source for cell in release.cells if cell.cell_type == "code"]
    return graded_imports(graded_with, sources)


def tools_code(
    questions: Sequence[Question], language: str, graded_with: Mapping[str, str], imports: Sequence[str] = ()
) -> str:
    """Return the source of an edition's tools, for `questions` in the order of the notebook.

    imports: see `graded_imports`.
    """
    texts = dict(WORDS)
    for question in questions:
        if question.parts:
            number = NUMBERS.get(question.parts, question.parts)
            texts[f"{question.parts} {question.returns}"] = SEVERAL[question.returns].format(number=number)
    words = {name: text.in_language(language) for name, text in texts.items()}
    names = {"WORDS": words, "GRADED_WITH": dict(graded_with), "GRADED_IMPORTS": list(imports)}
    parts = [f"# @title {TITLE.in_language(language)}", CODE]
    if any(question.pool is not None and question.pool.variants for question in questions):
        words |= {name: text.in_language(language) for name, text in SHOW_NUMBERS.items()}
        parts.append(notebook_code())
    answers = {question.id: _expected(question) for question in questions}
    data = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in names.items()]
    expected = f"ANSWERS = {_as_code(answers)}"
    modules = [module for module in ("decimal", "fractions", "numpy") if f"{module}." in expected]
    imports = ["".join(f"import {module}\n" for module in modules)] if modules else []
    return "\n".join([parts[0], *imports, *data, expected]) + "\n\n\n" + "\n\n".join(parts[1:]).rstrip()


def _expected(question: Question) -> tuple[bool, str, int, Any]:
    """Return whether the answer is a function, the type of its result or of each of its parts, and how many there are.

    The last item holds arguments to try it with.

    Without a type and arguments, a function may return nothing: it may train a model that it is given. In an exam, no
    function is called.
    """
    if question.is_in_exam and not question.is_number:
        return True, "", 0, None
    if question.is_number:
        answers = map(question.right_number, question.variants[:1])
        return False, question.returns or next(map(type_of, answers), "int"), question.parts, None
    return True, question.returns, question.parts, question.sample


def _as_code(value: Any) -> str:
    """Return `value` as Python; an array becomes `numpy.array(...)` with its dtype, which its own repr lacks."""
    if isinstance(value, np.ndarray):
        return f"numpy.array({_as_code(value.tolist())}, dtype={value.dtype.name!r})"
    if isinstance(value, np.generic):
        return _as_code(value.item())
    if type(value) is dict:
        return f"{{{', '.join(f'{_as_code(key)}: {_as_code(item)}' for key, item in value.items())}}}"
    if type(value) is list:
        return f"[{', '.join(map(_as_code, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_as_code, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(float(value))!r})"
    if isinstance(value, (decimal.Decimal, fractions.Fraction)):
        return f"{type(value).__module__}.{value!r}"
    return repr(value)
