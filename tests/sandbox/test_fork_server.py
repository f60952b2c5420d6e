"""Warm kernels: equal to cold ones to the bit, and their parents live as long as they are of use."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.course import Course
from autograder.engine.local import InlineExecutor, ProcessPool
from autograder.engine.messages import WorkItem, WorkResult
from autograder.errors import GraderError, NoSeal
from autograder.notebooks.cells import cell_metadata, question_of
from autograder.sandbox import fork_server, seal
from autograder.sandbox.fork_server import ForkedKernel, ForkServer, ForkServerPool, PendingKernel
from autograder.sandbox.inside.codec import encode
from autograder.sandbox.inside.supervisor import ENDED
from autograder.sandbox.limits import ResourceLimits
from autograder.sandbox.profiles import KERNEL_PROFILES, KernelProfile, Profile
from autograder.sandbox.seal import candidates
from autograder.sandbox.session import KernelSession, open_session
from tests.engine.test_batch import alive, children, wait_for
from tests.fork_servers import SharedForkServers
from tests.hostile.seals import SEALS, only
from tests.support import ROOT, leave_one_waiting

pytestmark = [pytest.mark.seal, pytest.mark.long]
NOTEBOOKS = [
    pytest.param("lstm_parameters", "counting", marks=pytest.mark.full),
    pytest.param("gru_parameters", "counting"),
    pytest.param("shapes", "counting", marks=pytest.mark.full),
    pytest.param("cells", "counting", marks=pytest.mark.full),
    pytest.param("tagging", "tensorflow", marks=[pytest.mark.full, pytest.mark.tensorflow]),
]
# what a seed must reach: the generators, the order of a set, the values a process starts with
ODDS = """
import random
import numpy as np
odds = [random.random(), np.random.normal(size=3).tolist(), hash("John loves Jane"), list({"S", "V", "O", "-"})]
"""


def solved(assignment: str) -> list[str]:
    """The code of the solved Korean notebook, without its grade cells and demonstrations."""
    source = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    return [
        cell.source
        for cell in source.cells
        if cell.cell_type == "code"
        and cell_metadata(cell).get("lang", "ko") == "ko"
        and question_of(cell) is None
        and cell_metadata(cell).get("part")
        != "hand-in"  # it tells whether TensorFlow is installed: a counting kernel has none
        and not cell_metadata(cell).get("demonstration")
    ]


def without_log(text: str) -> str:
    """What a notebook prints, without the lines that TensorFlow logs among them."""
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("WARNING:tensorflow")
    )


def answers_of(session: KernelSession, assignment: str) -> list[Any]:
    """Everything that running a solved notebook shows, and what its model has learnt."""
    found: list[Any] = []
    for source in solved(assignment):
        session.seed(7)
        result = session.run(source)
        assert result.error is None, (source, result)
        # what a library logs, as it is imported or of its own work, is heard in a cold kernel alone
        outputs = [output for output in result.outputs if output.get("name") != "stderr"]
        shown = [
            without_log(output["text"]) if "text" in output else output.get("data") for output in outputs
        ]
        found.append([one for one in shown if one])
    session.seed(7)
    session.run(ODDS)
    found.append(encode(session.get("odds")))
    if assignment == "tagging":
        session.run("tagger = build_tagger()\nhistory = tagger.fit(train_X, train_Y, epochs=5, verbose=0)")
        session.run("def losses():\n    return history.history['loss']\ndef the_tagger():\n    return tagger")
        found.append(encode(session.call("losses").value))
        model = session.describe(session.keep("the_tagger"))
        found += [weight.tobytes() for layer in model.layers for weight in layer.weights]
    return found


def in_a_process(assignment: str, profile: Profile, *, warm: bool) -> list[Any]:
    """The same from a sealed kernel of a warm parent, or from a process started for it alone."""
    sealed = contextlib.nullcontext() if warm else only()
    with sealed, ForkServerPool() as pool, open_session(profile, need="preferred", pool=pool) as session:
        assert bool(pool.get(KERNEL_PROFILES[profile], "preferred")) is warm
        return answers_of(session, assignment)


@pytest.mark.parametrize(("assignment", "profile"), NOTEBOOKS)
def test_warm_kernel_gives_what_a_cold_one_gives(assignment: str, profile: Profile) -> None:
    """Bit for bit, over the course's own notebooks, between two processes."""
    warm = in_a_process(assignment, profile, warm=True)
    cold = in_a_process(assignment, profile, warm=False)
    assert len(warm) == len(cold) > 3
    assert warm == cold


def test_the_comparison_sees_a_difference() -> None:
    """Another seed gives another list: the test above could fail."""
    with open_session("counting") as session:
        lists = []
        for seed in (7, 8):
            session.seed(seed)
            session.run(ODDS)
            lists.append(session.get("odds"))
    assert lists[0][0] != lists[1][0]
    assert not np.array_equal(lists[0][1], lists[1][1])
    assert lists[0][2:] == lists[1][2:]


def test_kernels_of_one_parent_share_nothing_that_is_random() -> None:
    """Unseeded, two kernels draw different numbers, though they are copies of one process."""
    drawn = []
    for _ in range(2):
        with open_session("counting") as session:
            session.run(ODDS)
            drawn.append(session.get("odds")[:2])
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


@pytest.mark.parametrize("name", SEALS)
def test_shell_knows_its_kernel_and_its_folders(name: str) -> None:
    """The shell is created before the fork, and tells each student the kernel, folders and environment of their own."""
    facts = """
import os
from ipykernel.kernelapp import IPKernelApp
shell, app = get_ipython(), IPKernelApp.instance()
facts = [
    [
        shell.kernel is app.kernel, shell.parent is app.kernel, __import__("__main__").__dict__ is globals(),
        "__spec__" in globals(), os.environ["PAGER"] == os.environ["GIT_PAGER"] == "cat", "TERM" in os.environ,
    ],
    [shell.profile_dir.location, shell.ipython_dir, shell.starting_dir, [str(folder) for folder in _dh]],
    [app.profile_dir.location, os.environ["IPYTHONDIR"], os.getcwd(), [os.getcwd()]],
]
open(os.path.join(shell.profile_dir.location, "mine"), "w").close()
"""
    with only(SEALS[name]), open_session("counting") as session:
        assert session.run(facts).error is None
        belongs, folders, wanted = session.get("facts")
    assert belongs == [True] * 6
    assert folders == wanted


def test_parent_that_was_killed_is_replaced() -> None:
    """The next kernel comes from another, and nobody notices."""
    with only(*candidates()) as servers:
        for _ in range(2):
            with open_session("counting") as session:
                session.run("alive = 1")
                assert session.get("alive") == 1
            (pid,) = servers.pids()
            os.kill(pid, signal.SIGKILL)


class TestModulesOfNotebooks:
    """What notebooks import is imported once, before kernels are forked; not every module can be."""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder that kernels import from."""
        monkeypatch.setattr(fork_server, "ForkServer", ForkServer)  # not shared with other tests
        tmp_path.chmod(0o755)  # kernels may be another user's
        paths, environment = seal.python_paths(), fork_server.environment()
        monkeypatch.setattr(seal, "python_paths", lambda: paths | {str(tmp_path)})
        monkeypatch.setattr(fork_server, "environment", lambda: environment | {"PYTHONPATH": str(tmp_path)})
        return tmp_path

    def profile(self) -> KernelProfile:
        """Two modules."""
        return KernelProfile("two", ("harmless_module", "odd_module"), (), "", ResourceLimits())

    def test_module_that_starts_threads_is_left_to_kernels(self, folder: Path) -> None:
        """A process with threads cannot be forked; the other module is imported once as before."""
        (folder / "harmless_module.py").write_text("import os\npid = os.getpid()\n")
        (folder / "odd_module.py").write_text(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        )
        with ForkServerPool() as pool, open_session(self.profile(), pool=pool) as session:
            session.run("import os, sys")
            session.run("early = [name in sys.modules for name in ('harmless_module', 'odd_module')]")
            assert session.get("early") == [True, False]
            assert session.run("import odd_module").error is None

    def test_fork_server_that_ends_as_it_starts_is_started_again(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Use the same seal again: a seal that is refused says so."""
        modules = iter(["import os\nos._exit(1)\n", ""])
        configure = seal.fork_server_config

        def configure_next(*arguments: Any, **options: Any) -> dict[str, Any]:
            (folder / "odd_module.py").write_text(next(modules))
            return configure(*arguments, **options)

        (folder / "harmless_module.py").write_text("")
        monkeypatch.setattr(seal, "fork_server_config", configure_next)
        monkeypatch.setattr(seal, "candidates", lambda: (SEALS["namespaces"], SEALS["landlock"]))
        with ForkServerPool() as pool:
            address = pool.get(self.profile(), "required")
        assert address is not None
        assert address.seal == SEALS["namespaces"]
        assert next(modules, None) is None

    @pytest.mark.parametrize("need", ["required", "preferred"])
    def test_fork_server_that_never_starts_gives_no_weaker_seal(
        self, folder: Path, need: seal.Need, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor none at all, where none is required."""
        (folder / "harmless_module.py").write_text("")
        (folder / "odd_module.py").write_text("import os\nos._exit(1)\n")
        monkeypatch.setattr(seal, "candidates", lambda: (SEALS["namespaces"], SEALS["landlock"]))
        with ForkServerPool() as pool, pytest.raises(GraderError) as caught:
            pool.get(self.profile(), need)
        assert not isinstance(caught.value, NoSeal)
        assert str(caught.value) == (
            f"a fork server ended twice before it was ready (seal: {SEALS['namespaces'].name}); "
            "check that there is enough memory"
        )

    def test_module_that_is_broken_is_named(self, folder: Path) -> None:
        """No seal is at fault, and nothing is run without the module."""
        (folder / "harmless_module.py").write_text("")
        (folder / "odd_module.py").write_text("raise AttributeError('_ARRAY_API not found')\n")
        with ForkServerPool() as pool, pytest.raises(GraderError) as caught:
            pool.get(self.profile(), "required")
        assert not isinstance(caught.value, NoSeal)
        assert str(caught.value).endswith("odd_module: AttributeError: _ARRAY_API not found")


def test_fork_server_ends_with_its_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, nothing of it is left, kernels included."""
    monkeypatch.setattr(fork_server, "ForkServer", ForkServer)  # not shared with other tests
    with ForkServerPool() as pool, open_session("counting", pool=pool) as session:
        session.run("x = 1")
        (pid,) = [server.pid for server in pool._servers.values()]
        pool.close()
        end = time.monotonic() + 60
        while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert not Path(f"/proc/{pid}").exists()
        assert pool.revive() == {}


def test_the_last_word_of_a_keeper_is_heard_past_an_interrupt_that_it_did_not_hear() -> None:
    """A kernel that ends while it is interrupted has ended by itself: nobody took it along."""
    ours, keepers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    forked = ForkedKernel(ours, socket.socket(), os.open("/", os.O_PATH), "")
    forked.interrupt()
    keepers.send(ENDED)
    keepers.close()
    assert forked.has_ended(1)
    assert not forked.lost
    forked.end()


def groups_that_wait() -> Iterator[str]:
    """Yield `cpu.idle` of the control groups of this user's kernels; those of other tests come and go."""
    for folder, _folders, files in os.walk("/sys/fs/cgroup"):
        if "/autograder-" in folder and "cpu.idle" in files:
            with contextlib.suppress(OSError):
                file = Path(folder) / "cpu.idle"
                if file.stat().st_uid == os.geteuid():
                    yield file.read_text()


@pytest.mark.parametrize("name", SEALS)
def test_priority_of_a_kernel_is_lowered(name: str) -> None:
    """All of its threads, within its session, among sessions and among control groups, while its code goes on."""
    priority = """
import os, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
def priority():
    threads = {os.getpriority(os.PRIO_PROCESS, int(task)) for task in os.listdir("/proc/self/task")}
    among_sessions = open("/proc/self/autogroup").read().split()[-1] if os.path.exists("/proc/self/autogroup") else None
    return [sorted(threads), among_sessions]
before = priority()
"""
    asked: list[bool] = []
    with (
        only(SEALS[name]),
        ForkServerPool(has_low_priority=lambda: bool(asked)) as pool,
        open_session("counting", pool=pool) as session,
    ):
        assert session.run(priority).error is None
        ((niceness,), among_sessions) = session.get("before")
        asked.append(True)
        assert session.run("while priority() == before:\n    pass\nafter = priority()").error is None
        assert session.get("after") == [[niceness + 15], among_sessions and "15"]
        groups = list(groups_that_wait())
        assert not groups or "1\n" in groups


def test_late_reply_is_not_taken_for_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine is busy, the supervisor says how long the kernel waited when nobody listens any more."""
    monkeypatch.setattr(fork_server, "REPLY_SECONDS", 0.01)
    ours, supervisors = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    forked = ForkedKernel(ours, socket.socket(), os.open("/", os.O_PATH), "")
    assert forked.processor_use(2.0) == (0, 0)
    assert supervisors.recv(64) == b"use 2.000000"
    supervisors.send(b"1.5 0.5")
    assert forked.processor_use(2.0) == (0, 0), "that answers an earlier question"
    assert not forked.has_ended(0.01)
    supervisors.send(ENDED)
    assert forked.has_ended(1)
    assert not forked.lost
    supervisors.close()
    forked.end()


class TestTheNextKernel:
    """Where a worker will want another kernel, that starts while the last one ends."""

    @pytest.fixture
    def servers(self) -> Iterator[SharedForkServers]:
        """None yet."""
        with only(*candidates()) as servers:
            yield servers

    @pytest.fixture
    def pool(self, servers: SharedForkServers) -> Iterator[ForkServerPool]:
        """A pool whose only fork server has forked nothing yet."""
        with ForkServerPool() as pool:
            pool.get(KERNEL_PROFILES["counting"], "required")
            yield pool

    def around(self, servers: SharedForkServers) -> int:
        """How many processes there are around a fork server, once that does not change any more."""
        (holder,) = servers.pids()
        counts: list[int] = []
        end = time.monotonic() + 60
        while len(counts) < 20 or len(set(counts[-20:])) > 1:
            assert time.monotonic() < end
            time.sleep(0.02)
            counts.append(sum(map(alive, children(holder))))
        return counts[-1]

    @pytest.mark.parametrize("another", [True, False])
    def test_waits_only_where_it_is_wanted(
        self, servers: SharedForkServers, pool: ForkServerPool, *, another: bool
    ) -> None:
        """Else nothing is left; and what was left by mistake ends with the next that is the last."""
        before = self.around(servers)
        with pool.prefetch(another=another), open_session("counting", pool=pool) as session:
            session.run("x = 1")
        assert (self.around(servers) > before) is another
        with pool.prefetch(another=False):
            pass
        assert self.around(servers) == before

    def test_is_the_one_that_comes(self, servers: SharedForkServers, pool: ForkServerPool) -> None:
        """No other is started for it, and it knows nothing of the last."""
        with pool.prefetch(another=True), open_session("counting", pool=pool) as session:
            session.run("x = 1")
        with pool.prefetch(another=False):
            waiting = self.around(servers)
            with open_session("counting", pool=pool) as session:
                assert session.run("x").error == "NameError"
                assert self.around(servers) == waiting

    def test_has_its_own_data(self, servers: SharedForkServers, pool: ForkServerPool, tmp_path: Path) -> None:
        """One that was begun for another assignment is not taken."""
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "name.txt").write_text(name)
            with pool.prefetch(another=True), open_session("counting", tmp_path / name, pool=pool) as session:
                session.run("name = open('name.txt').read()")
                assert session.get("name") == name

    @pytest.mark.parametrize("parent", [True, False])
    def test_that_was_killed_is_not_missed(
        self, servers: SharedForkServers, pool: ForkServerPool, *, parent: bool
    ) -> None:
        """It ended while it waited, alone or with its warm parent: another comes."""
        (holder,) = servers.pids()
        self.around(servers)
        before = children(holder)
        with pool.prefetch(another=True), open_session("counting", pool=pool) as session:
            session.run("x = 1")
        self.around(servers)
        waiting = children(holder) - before
        assert waiting
        for pid in [holder] if parent else waiting:
            with contextlib.suppress(ProcessLookupError):  # one takes the others along
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(map(alive, waiting)))
        with pool.prefetch(another=False), open_session("counting", pool=pool) as session:
            session.run("x = 2")
            assert session.get("x") == 2

    def test_that_failed_to_start_is_not_missed(
        self, servers: SharedForkServers, pool: ForkServerPool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There was no room for it while the last one still stood: another comes."""
        with pool.prefetch(another=True), open_session("counting", pool=pool) as session:
            session.run("x = 1")
        faults, forked = [GraderError("no room")], PendingKernel.wait

        def first_fails(begun: PendingKernel, *given: Any) -> ForkedKernel:
            if faults:
                begun.close()
                raise faults.pop()
            return forked(begun, *given)

        monkeypatch.setattr(PendingKernel, "wait", first_fails)
        with pool.prefetch(another=False), open_session("counting", pool=pool) as session:
            session.run("x = 2")
            assert session.get("x") == 2
        assert not faults

    def test_that_cannot_begin_is_no_fault_of_the_last(
        self, servers: SharedForkServers, pool: ForkServerPool, tmp_path: Path
    ) -> None:
        """The data are being replaced at the moment: what was answered stands, and no other waits."""
        before = self.around(servers)
        folder = tmp_path / "data"
        folder.mkdir()
        with pool.prefetch(another=True):
            with open_session("counting", folder, pool=pool) as session:
                session.run("x = 1")
                folder.rmdir()
            assert self.around(servers) == before

    def test_is_let_go_where_no_piece_comes(self, servers: SharedForkServers, pool: ForkServerPool) -> None:
        """A worker that waits on, since others took the rest of the class, does not keep it."""
        before = self.around(servers)
        executor = ProcessPool(Course.open(ROOT), pool, 1)
        try:
            executor.submit(WorkItem("last", leave_one_waiting, "x = 1"))
            finished = next(one for _ in range(60) for one in executor.completed(1))
            assert finished == WorkResult("last", 1)
            wait_for(lambda: self.around(servers) == before)
        finally:
            executor.close()

    def test_is_let_go_when_the_run_ends(self, servers: SharedForkServers, pool: ForkServerPool) -> None:
        """Where the one who grades goes on to something else, it does not stay."""
        before = self.around(servers)
        executor = InlineExecutor(Course.open(ROOT), pool)
        executor.submit(WorkItem("last", leave_one_waiting, "x = 1"))
        assert [one.value for one in executor.completed(0)] == [1]
        executor.close()
        assert self.around(servers) == before


def test_worker_without_a_seal_runs_nothing() -> None:
    """Where its owner started no warm parent for it, it starts no kernel of its own, unsealed."""
    pool = ForkServerPool(addresses={})
    with pytest.raises(NoSeal, match="started no fork server"):
        pool.get(KERNEL_PROFILES["counting"], "required")
    assert pool.get(KERNEL_PROFILES["counting"], "preferred") is None
