"""The rules of the layout, so that it defends itself."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "autograder"
MODULES = sorted(PACKAGE.rglob("*.py"))
QUESTION_FILES = sorted((ROOT / "solutions").rglob("*.py"))
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
PROCESS_MODULES = {"subprocess", "multiprocessing", "concurrent", "jupyter_client", "nbclient", "pty"}


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every module imported anywhere in a tree, with the statement that does it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def forks(tree: ast.AST) -> set[str]:
    """Calls that duplicate this process."""
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {"os.fork" for node in attributes if node.attr == "fork"}


@pytest.fixture(scope="module", autouse=True)
def _forget_trees() -> Iterator[None]:
    """Keep no tree longer than this file needs it."""
    yield
    tree_of.cache_clear()


def breaches(paths: Iterable[Path], rule: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """What breaks a rule, by file."""
    found = {str(path.relative_to(ROOT)): sorted(rule(path)) for path in paths}
    return {name: broken for name, broken in found.items() if broken}


def roots(tree: ast.AST) -> set[str]:
    return {name.split(".")[0] for name, _ in imports(tree)}


def mutable_state(tree: ast.Module) -> list[str]:
    """Names at module level that hold a list, a dict or a set."""
    found = []
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        names = [ast.unparse(target) for target in getattr(node, "targets", [])] or [
            ast.unparse(getattr(node, "target", ast.Name("?")))
        ]
        annotated = isinstance(node, ast.AnnAssign) and "Mapping" in ast.unparse(node.annotation)
        if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)) and not annotated:
            found += [name for name in names if name != "__all__"]
    return found


class TestEveryModule:
    """Rules that each module of the package keeps."""

    def test_imports_no_course(self) -> None:
        """The package never imports questions, sources or tests: question files are loaded by path."""
        courses = {"solutions", "source", "release", "tests", "support"}
        assert breaches(MODULES, lambda path: roots(tree_of(path)) & courses) == {}

    def test_starts_no_process(self) -> None:
        """Only the sandbox opens kernels and starts programs; an engine has workers of its own.

        Dask's processes are daemons, to which multiprocessing gives no children: what stands beside one is a program.
        """

        def started(path: Path) -> set[str]:
            package, *rest = path.relative_to(PACKAGE).parts
            allowed = {"multiprocessing", "concurrent"} if package == "engine" else set()
            if rest == ["cluster", "dask_task.py"] or package == "trial":  # which runs a command of ours
                allowed.add("subprocess")
            if package == "sandbox":
                return set()
            return roots(tree_of(path)) & (PROCESS_MODULES - allowed) | forks(tree_of(path))

        assert breaches(MODULES, started) == {}

    def test_runs_nothing_it_received(self) -> None:
        """Nothing on the trusted side unpickles, evals or execs; the agent and authors' tests run in sealed kernels."""

        def run(path: Path) -> set[str]:
            calls = {
                node.func.id
                for node in ast.walk(tree_of(path))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            allowed = UNSAFE_CALLS if path.name in ("agent.py", "author_test.py") else set()
            return roots(tree_of(path)) & UNSAFE_MODULES | calls & (UNSAFE_CALLS - allowed)

        assert breaches(MODULES, run) == {}

    def test_imports_no_tensorflow(self) -> None:
        """TensorFlow is imported only in a student's kernel, in tests and in benchmarks."""
        assert (
            breaches(MODULES, lambda path: roots(tree_of(path)) & {"tensorflow", "keras", "tf_keras"}) == {}
        )

    def test_holds_no_mutable_state(self) -> None:
        """No module holds a list, a dict or a set that could change while it is imported."""
        assert breaches(MODULES, lambda path: mutable_state(tree_of(path))) == {}

    def test_has_a_name_that_tells(self) -> None:
        """No package is called utils, helpers, common, manager or base."""
        vague = {"utils", "helpers", "common", "manager", "base"}
        assert breaches(MODULES, lambda path: vague & {*path.relative_to(PACKAGE).parts, path.stem}) == {}


def test_question_file_imports_little() -> None:
    """At its top a question file imports the package, NumPy, the standard library and shared code alone."""

    def imported(path: Path) -> set[str]:
        at_top = [node for node in tree_of(path).body if isinstance(node, (ast.Import, ast.ImportFrom))]
        return {name.split(".")[0] for node in at_top for name, _ in imports(node)}

    allowed = {"autograder", "numpy", "_shared", *sys.stdlib_module_names}
    assert breaches(QUESTION_FILES, lambda path: imported(path) - allowed) == {}


def test_question_file_imports_public_names_alone() -> None:
    """A question file imports from `autograder` itself, never from a module of the package."""

    def imported(path: Path) -> set[str]:
        named = (
            str(node.module) if isinstance(node, ast.ImportFrom) else name
            for name, node in imports(tree_of(path))
        )
        return {name for name in named if name.startswith("autograder.")}

    assert breaches(QUESTION_FILES, imported) == {}


def test_kernel_side_imports_little() -> None:
    """The kernel's side imports the standard library and NumPy, and one module what a kernel is made of."""
    inside = sorted((PACKAGE / "sandbox" / "inside").glob("*.py"))
    allowed = {"numpy", *sys.stdlib_module_names} - {path.stem for path in inside}

    def imported(path: Path) -> set[str]:
        libraries = {"IPython", "ipykernel", "tornado", "traitlets", "zmq"}
        kernel = libraries if path.stem == "kernel_app" else set()
        absolute = {
            name.split(".")[0]
            for name, node in imports(tree_of(path))
            if not (isinstance(node, ast.ImportFrom) and node.level)
        }
        return absolute - allowed - kernel

    assert breaches(inside, imported) == {}


def test_release_imports_nothing_of_ours() -> None:
    """A student needs TensorFlow and NumPy, never this package."""
    for path in (ROOT / "release").rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "import autograder" not in text
        assert "from autograder" not in text


def test_importing_the_package_is_quick() -> None:
    """Importing the package loads neither nbgrader nor Jupyter nor TensorFlow."""
    code = "import autograder, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"nbgrader", "nbformat", "nbconvert", "jupyter_client", "zmq", "tensorflow", "rich"}


UNUSED = {"lark", "arrow", "setuptools", "jupyter_server", "nbgrader.apps", "babel.messages.pofile"}
"""What slows down the start of a process: a grammar of IRIs, formats of dates, building packages, a server and commands
of nbgrader's, translations.
"""


@pytest.mark.parametrize(
    ("module", "loaded"),
    [("autograder.__main__, autograder.cli.main", set()), ("autograder", UNUSED - {"babel.messages.pofile"})],
)
def test_only_a_program_of_ours_goes_without_what_it_does_not_use(module: str, loaded: set[str]) -> None:
    """jsonschema and nbgrader import it at once; who imports our package keeps it."""
    code = f"import sys, {module}, autograder.engine.batch; print(*sys.modules.keys() & {UNUSED})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == loaded


def test_modules_of_workers_wait_for_work() -> None:
    """A run that finds nothing new imports no module of the workers, none that runs a kernel, and no web client."""
    code = (
        "import sys, autograder.__main__, autograder.cli.main, autograder.cli.grading_summary; "
        "import autograder.engine.batch, autograder.nbgrader.grades_csv, autograder.reports.write_report; "
        "print(*sys.modules.keys() & {'nbconvert', 'autograder.engine.worker', 'autograder.sandbox.session', "
        "'autograder.grading.notebook_grader', 'IPython', 'zmq', 'requests.api'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()


def test_extensions_that_a_program_stubs_can_be_imported() -> None:
    """`config_check` finds the settings of nbgrader's extensions of Jupyter's server, as without stubs."""
    code = (
        "import {}; from autograder.nbgrader.config_check import MODULES, _classes_by_name; "
        "print(*sorted([_classes_by_name(modules) for modules in MODULES][-1]))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code.format(module)], capture_output=True, text=True, check=True
        ).stdout
        for module in ("autograder.startup", "autograder")
    ]
    assert found[0] == found[1]
    assert "AssignmentList" in found[0]


def test_only_question_files_use_recurrent_layers() -> None:
    """The package offers them beside `autograder.expect`, and uses them nowhere: another topic needs no change in it.

    `models` knows Keras's names, and the self-test of training compares layers of several kinds.
    """
    using = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if "autograder.questions.recurrent" in dict(imports(tree_of(path)))
    }
    assert using == {"__init__.py"}
    naming = {
        path.name
        for path in MODULES
        if re.search(r"\b(LSTM|GRU|SimpleRNN)\b", path.read_text(encoding="utf-8"))
    }
    assert naming == {"recurrent.py", "models.py", "fast_fit_selftest.py"}


def test_the_top_level_is_fixed() -> None:
    """The folders at the top are those of the layout."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    folders = {line.split("/")[0] for line in listed if "/" in line}
    assert folders <= {
        "source", "release", "autograder", "solutions", "tests", "docs", "benchmarks", ".ci", ".github"
    }  # fmt: skip


class TestTheRulesSeeAViolation:
    """Each rule is seen red once."""

    def test_mutable_module_name(self) -> None:
        """A dict at module level is found."""
        assert mutable_state(ast.parse("CACHE = {}\nNAMES = ('a',)")) == ["CACHE"]

    def test_process_started_elsewhere(self) -> None:
        """An import inside a function counts."""
        assert roots(ast.parse("def f():\n    import subprocess")) & PROCESS_MODULES
        assert forks(ast.parse("import os\nif not os.fork():\n    pass"))


@pytest.mark.skipif("CI" not in os.environ, reason="a developer's install is editable")
def test_the_suite_runs_on_the_built_wheel() -> None:
    """In CI what the tests import is the installed wheel, not the checkout beside them."""
    import autograder

    assert not Path(autograder.__file__).resolve().is_relative_to(PACKAGE)
