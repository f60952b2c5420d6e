"""What a kernel sees of this machine where a course, or a library that counts weights, lies in what is shown."""

from __future__ import annotations

import resource
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.sandbox import seal
from autograder.sandbox.session import KernelSession, open_session
from tests.hostile.seals import SEALS, only

pytestmark = pytest.mark.seal
COURSES = ("usr/src/app", "python/course", "clone")
HIDDEN = ("tensorflow", "keras", "tf_keras")


def planted(root: Path, *paths: str) -> None:
    """Files that say nothing, with the folders above them."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("seen = True\n", encoding="utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine with three courses: in a folder of the system, in a Python, and in the very folder of a Python."""
    root = tmp_path_factory.mktemp("machine")
    for course in COURSES:
        planted(
            root / course,
            "solutions/cells/lstm_step.py",
            "submitted/bob-20231234/cells/cells.ipynb",
            "gradebook.db",
        )
    planted(root / "usr", "bin/tool.py", "src/other/tool.py", "src/app/.venv/lib/tool.py")
    for place in ("usr/lib/python3/dist-packages", "python/lib/python3.11/site-packages"):
        planted(
            root / place,
            "keras/__init__.py",
            "torch/__init__.py",
            "jax-0.4.dist-info/METADATA",
            "plain/__init__.py",
        )
    planted(root / "clone", "bin/tool.py", "lib/tool.py", "pyvenv.cfg")
    return root


@pytest.fixture(scope="module")
def machine(root: Path) -> Iterator[Path]:
    """The same, as if this process ran on it."""
    paths = (
        sysconfig.get_paths()
    )  # where what a kernel imports really lies; from Python 3.13 on it follows `sys.prefix`
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sysconfig, "get_path", lambda name, *given, **more: paths[name])
        patch.setattr(seal, "SYSTEM_FOLDERS", (*seal.SYSTEM_FOLDERS, str(root / "usr")))
        patch.setattr(sys, "prefix", str(root / "clone"))
        patch.setattr(sys, "base_prefix", str(root / "python"))
        patch.setattr(sys, "exec_prefix", str(root / "usr" / "src" / "app" / ".venv"))
        yield root


@pytest.fixture(scope="module", params=SEALS)
def kernel(machine: Path, request: pytest.FixtureRequest) -> Iterator[KernelSession]:
    """A kernel under a seal on that machine."""
    private = [machine / course for course in COURSES]
    with only(SEALS[request.param], private=private), open_session("counting") as session:
        planted(machine / "clone", "feedback/bob-20231234/cells.html")  # written while a class is graded
        assert session.run(FIND.format(root=str(machine), courses=COURSES)).error is None
        yield session


FIND = """
import os
TOPS = [{root!r}, *(f"/shown/{{number}}" for number in range(99))]
def reads(path):
    for top in TOPS:
        try:
            open(os.path.join(top, path if top == TOPS[0] else path.partition("/")[2])).close()
            return True
        except OSError:
            pass
    return False
def names():
    known = [os.path.join({root!r}, path, "submitted") for path in {courses!r}]  # a folder above may be closed to us
    walks = (walk for top in (*TOPS, *known) for walk in os.walk(top))
    return sorted({{name for _, folders, files in walks for name in (*folders, *files)}})
"""


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize(
    "path", ["solutions/cells/lstm_step.py", "submitted/bob-20231234/cells/cells.ipynb", "gradebook.db"]
)
def test_course_is_closed_wherever_it_lies(kernel: KernelSession, course: str, path: str) -> None:
    """Solutions, hand-ins and scores of a course cannot be read, though the folder around it is shown."""
    assert kernel.call("reads", f"{course}/{path}").value is False


def test_files_written_into_a_course_are_closed(kernel: KernelSession) -> None:
    """Also where the course is the folder of a Python, and a file in it is newer than the kernel."""
    assert kernel.call("reads", "clone/feedback/bob-20231234/cells.html").value is False


def test_no_name_in_a_course_is_seen(kernel: KernelSession) -> None:
    """Who has handed in is nobody's business."""
    assert not {"bob-20231234", "lstm_step.py"} & set(kernel.call("names").value)


@pytest.mark.parametrize(
    "path",
    [
        "usr/bin/tool.py",
        "usr/src/other/tool.py",
        "usr/src/app/.venv/lib/tool.py",
        "python/lib/python3.11/site-packages/plain/__init__.py",
        "clone/lib/tool.py",
        "clone/bin/tool.py",
        "clone/pyvenv.cfg",
    ],
)
def test_surroundings_of_a_course_stay_visible(kernel: KernelSession, path: str) -> None:
    """The system beside it, a Python within it, and of the folder that is both what Python needs."""
    assert kernel.call("reads", path).value is True


@pytest.mark.parametrize("place", ["usr/lib/python3/dist-packages", "python/lib/python3.11/site-packages"])
@pytest.mark.parametrize("path", ["keras/__init__.py", "torch/__init__.py"])
def test_no_python_of_the_machine_lends_a_framework(kernel: KernelSession, place: str, path: str) -> None:
    """Where counting is asked, no library that counts weights is to be found, whichever Python has it."""
    assert kernel.call("reads", f"{place}/{path}").value is False


def test_framework_is_seen_where_models_are_trained(machine: Path) -> None:
    """Nothing is hidden from kernels that may use it."""
    secrets = [secret for view in seal.views((), ()) for secret in view["secrets"]]
    assert not any(secret.endswith(("/keras", "/torch")) for secret in secrets)
    secrets = [secret for view in seal.views(HIDDEN, ()) for secret in view["secrets"]]
    assert {
        str(machine / "usr/lib/python3/dist-packages" / name)
        for name in ("keras", "torch", "jax-0.4.dist-info")
    } <= (set(secrets))


def test_course_in_the_place_of_the_system_is_refused(machine: Path) -> None:
    """It could not be closed without closing what student code runs on; the way out is told."""
    with pytest.raises(GraderError, match=r"student code needs .*usr: move the course into its own folder"):
        list(seal.views((), (str(machine / "usr"),)))


@pytest.mark.parametrize(
    "name",
    [
        "cmdline",
        "diskstats",
        "interrupts",
        "partitions",
        "modules",
        "config.gz",
        "bus",
        "fs",
        "irq",
        "pressure",
    ],
)
def test_proc_tells_nothing_of_the_host(kernel: KernelSession, name: str) -> None:
    """How it was started, its disks, what it is doing: nothing is there to be read."""
    source = (
        f"told = os.listdir('/proc/{name}') if os.path.isdir('/proc/{name}') else open('/proc/{name}').read()"
    )
    result = kernel.run(f"told = ''\n{source}")
    assert result.error in (None, "PermissionError", "FileNotFoundError")
    assert not kernel.get("told")


def test_libraries_find_in_proc_what_they_look_for(kernel: KernelSession) -> None:
    """Memory and processors of the machine, and a process's own files; Landlock alone shows less."""
    result = kernel.run(
        "import psutil\nme = psutil.Process()\n"
        "found = [psutil.virtual_memory().total > 0, psutil.cpu_count() > 0, me.memory_info().rss > 0,\n"
        "    psutil.cpu_times().user >= 0, open('/proc/self/maps').read() > '', os.listdir('/proc/self/fd') > []]"
    )
    if kernel.seal.startswith("namespaces"):
        assert result.error is None, result.detail
        assert kernel.get("found") == [True] * 6


def test_no_crash_is_told_to_the_host(kernel: KernelSession) -> None:
    """A program of the host that takes core dumps is started though none is wanted, and not where one byte is."""
    kernel.run(
        "import resource\ntry:\n    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "except (OSError, ValueError):\n    pass\n"
        "limit = next(line.split()[4:6] for line in open('/proc/self/limits') if line.startswith('Max core file'))"
    )
    _, own = resource.getrlimit(resource.RLIMIT_CORE)
    assert kernel.get("limit") == (["0", "0"] if own == 0 else ["1", "1"])
