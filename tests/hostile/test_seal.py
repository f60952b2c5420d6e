"""What the seal keeps from student code: each property under every seal, in a real kernel."""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import AnswerError
from autograder.sandbox.inside import landlock, rlimits, sockets
from autograder.sandbox.inside.overhead import MAPPING_BYTES, Overhead
from autograder.sandbox.inside.seccomp import REFUSED
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, open_session
from tests.hostile.seals import ALONE, SEALS, only
from tests.support import ROOT

pytestmark = [pytest.mark.seal, pytest.mark.long]
LIMITS = Limits(cell=30, call=10)

CAREFUL = """
import os
os.umask({umask})
from pathlib import Path
from autograder.sandbox.session import open_session
from autograder.sandbox.fork_server import ForkServerPool
with ForkServerPool(private=[Path({root!r})]) as pool, open_session("counting", pool=pool) as session:
    session.run("x = 3")
    print(session.get("x"))
"""

WITHOUT_FIRST_THREAD = """
import mmap, threading, time
kept = []
def hold(megabytes):
    for _ in range(megabytes):
        kept.append(mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        kept[-1].write(b'x' * (1 << 20))
    time.sleep(15)
def hold_files():
    try:
        for number in range(12):
            file = open('removed', 'w+b')
            file.write(bytes(30_000_000))
            file.flush()
            os.remove('removed')
            kept.append(file)
    except OSError:  # the disk is full: that is a limit, too
        os._exit(1)
    time.sleep(15)
def leave(work):
    threading.Thread(target=work).start()
    ctypes.CDLL(None).syscall(60, 0)
"""
"""Code that ends the first thread of its process alone, by the system call that ends a thread."""


def _standing(pid: int) -> tuple[object, ...]:
    """How a process stands with the system: its limit, its nice value, its processors, its scheduling."""
    return (
        resource.prlimit(pid, resource.RLIMIT_CPU), os.getpriority(os.PRIO_PROCESS, pid),
        os.sched_getaffinity(pid), os.sched_getscheduler(pid),
    )  # fmt: skip


@pytest.fixture(scope="module", params=SEALS)
def mode(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the seal that is in force."""
    with only(SEALS[request.param]):
        yield request.param


@pytest.fixture(scope="module")
def kernel(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """One kernel under a seal, for tests that do it no harm."""
    data = tmp_path_factory.mktemp("data")
    (data / "words.csv").write_text("John,loves,Jane")
    with open_session("counting", data, limits=LIMITS) as session:
        assert session.run("import ctypes, errno, os, resource, socket, subprocess, sys, time").error is None
        yield session


@pytest.fixture
def mine(mode: str) -> Iterator[KernelSession]:
    """A kernel of the test's own."""
    with open_session("counting", limits=LIMITS) as session:
        assert session.run("import ctypes, os, socket, subprocess, sys, time").error is None
        yield session


def tried(session: KernelSession, expression: str) -> str:
    """What trying an expression in a kernel gave: `done`, or the error's name."""
    result = session.run(f"tried = None\ntried = {expression}")
    return result.error or "done"


def running_with(token: str) -> list[str]:
    """The processes of this machine whose command line holds a token."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if token in line:
                found.append(line)
    return found


class TestNetwork:
    """No network at all."""

    def test_service_of_this_machine_is_out_of_reach(self, kernel: KernelSession) -> None:
        """A connection to a port that listens on 127.0.0.1 fails, and the service hears nothing."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.3)
            port = server.getsockname()[1]
            error = tried(kernel, f"socket.create_connection(('127.0.0.1', {port}), timeout=2)")
            assert error in ("ConnectionRefusedError", "PermissionError")
            with pytest.raises(TimeoutError):
                server.accept()

    def test_outside_address_is_out_of_reach(self, kernel: KernelSession) -> None:
        """There is no way to another machine, not even to a name server (an address for documentation)."""
        assert tried(kernel, "socket.create_connection(('192.0.2.1', 80), timeout=2)") in (
            "OSError",
            "PermissionError",
        )
        assert tried(kernel, "socket.getaddrinfo('example.org', 80)") == "gaierror"

    @pytest.mark.parametrize("family", ["AF_INET", "AF_UNIX"])
    def test_datagram_goes_nowhere(self, kernel: KernelSession, tmp_path: Path, family: str) -> None:
        """One to this machine is not received, neither by a port nor by a socket in a folder."""
        here = ("127.0.0.1", 0) if family == "AF_INET" else str(tmp_path / "s")
        with socket.socket(getattr(socket, family), socket.SOCK_DGRAM) as server:
            server.bind(here)
            server.settimeout(0.3)
            made = f"socket.socket(socket.{family}, socket.SOCK_DGRAM)"
            tried(kernel, f"{made}.sendto(b'x', {server.getsockname()!r})")
            with pytest.raises(TimeoutError):
                server.recv(1)

    def test_abstract_socket_is_out_of_reach(self, kernel: KernelSession) -> None:
        """Names that lie in no folder are of another network."""
        name = f"\0autograder-test-{os.getpid()}-{time.time_ns()}"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)
            server.listen()
            server.settimeout(0.3)
            assert tried(kernel, f"socket.socket(socket.AF_UNIX).connect({name!r})") in (
                "ConnectionRefusedError",
                "PermissionError",
            )
            with pytest.raises(TimeoutError):
                server.accept()

    @pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
    def test_socket_in_a_folder_is_out_of_reach(
        self, kernel: KernelSession, tmp_path: Path, kind: str
    ) -> None:
        """A service that listens in the file system cannot be spoken to."""
        path = str(tmp_path / "s")
        with socket.socket(socket.AF_UNIX, getattr(socket, kind)) as server:
            server.bind(path)
            os.chmod(path, 0o777)
            if kind == "SOCK_STREAM":
                server.listen()
            server.settimeout(0.3)
            assert tried(kernel, f"socket.socket(socket.AF_UNIX, socket.{kind}).connect({path!r})") in (
                "FileNotFoundError",
                "PermissionError",
            )
            with pytest.raises(TimeoutError):
                server.accept() if kind == "SOCK_STREAM" else server.recv(1)


class TestFiles:
    """A read-only system, an empty home, nothing of ours."""

    def test_file_of_this_machine_is_not_readable(self, kernel: KernelSession, tmp_path: Path) -> None:
        """A file beside the course, readable by everybody, is not there or refused."""
        secret = tmp_path / "secret.txt"
        secret.write_text("planted")
        secret.chmod(0o444)
        assert tried(kernel, f"open({str(secret)!r}).read()") in ("FileNotFoundError", "PermissionError")

    @pytest.mark.parametrize("place", ["beside the course", "in its Python"])
    def test_no_mode_and_no_time_of_a_file_changes(
        self, mine: KernelSession, tmp_path: Path, place: str
    ) -> None:
        """Of this machine's files, by path and by descriptor, of the operator's own and of those it may read."""
        path = tmp_path / "a file" if place == "beside the course" else Path(pytest.__file__)
        if place == "beside the course":
            path.touch(0o640)
        before = path.stat()
        mine.run(
            f"path = {str(path)!r}\n"
            "for act in (lambda: os.chmod(path, 0o600), lambda: os.utime(path, (1, 1)),\n"
            "            lambda: os.chown(path, -1, -1), lambda: os.setxattr(path, 'user.mine', b'1'),\n"
            "            lambda: os.fchmod(os.open(path, os.O_RDONLY), 0o600),\n"
            "            lambda: os.utime(os.open(path, os.O_RDONLY), (1, 1)),\n"
            "            lambda: os.chmod(f'/proc/self/fd/{os.open(path, os.O_PATH)}', 0o600)):\n"
            "    try:\n        act()\n    except OSError:\n        pass"
        )
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (
            before.st_mode, before.st_uid, before.st_mtime_ns,
        )  # fmt: skip

    def test_code_that_copies_a_file_with_its_mode_goes_on(self, mine: KernelSession) -> None:
        """A mode that cannot be changed is no error: `shutil.copy` is what notebooks call."""
        copy = (
            "import shutil\nopen('one', 'w').write('1')\nshutil.copy('one', 'two')\nshutil.copy2('one', 'three')\n"
            "os.chmod('two', 0o600)\ncopied = open('three').read()"
        )
        assert mine.run(copy).error is None
        assert mine.get("copied") == "1"

    @pytest.mark.parametrize(
        "name", ["pyproject.toml", "nbgrader_config.py", "solutions", "source", "release"]
    )
    def test_the_course_is_not_there(self, kernel: KernelSession, name: str) -> None:
        """Neither the project nor the course can be looked into."""
        look = "os.listdir" if (ROOT / name).is_dir() else "open"
        assert tried(kernel, f"{look}({str(ROOT / name)!r})") in ("FileNotFoundError", "PermissionError")

    def test_no_readable_file_is_ours(self, kernel: KernelSession) -> None:
        """A search through all that can be read finds no file of the package and none of its installation."""
        kernel.run(
            "found = []\nfor place, folders, names in os.walk('/', followlinks=False):\n"
            "    folders[:] = [name for name in folders if os.path.join(place, name) not in ('/proc', '/sys')]\n"
            "    for name in names:\n"
            "        path = os.path.join(place, name)\n"
            "        if ('/autograder/' in path or 'rnn_course_kit' in path) and os.access(path, os.R_OK):\n"
            "            try:\n                open(path).close()\n"
            "            except OSError:\n                continue\n"
            "            found.append(path)"
        )
        assert kernel.get("found") == []

    def test_the_package_cannot_be_imported(self, kernel: KernelSession) -> None:
        """No module of ours is to be had here, in this process or another."""
        assert tried(kernel, "__import__('autograder.grading.question_grader')") in (
            "ModuleNotFoundError",
            "PermissionError",
        )

    def test_the_home_is_empty(self, kernel: KernelSession) -> None:
        """The home holds the assignment's data files and nothing else."""
        kernel.run("seen = os.listdir(os.path.expanduser('~')), os.getcwd() == os.path.expanduser('~')")
        assert kernel.get("seen") == (["words.csv"], True)

    @pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/dev", "SITE"])
    def test_the_system_is_read_only(self, kernel: KernelSession, place: str) -> None:
        """Nothing can be written outside the kernel's own folders."""
        kernel.run("import numpy, pathlib")
        where = "str(pathlib.Path(numpy.__file__).parent)" if place == "SITE" else repr(place)
        assert tried(kernel, f"open({where} + '/planted', 'w')") in ("OSError", "PermissionError")

    def test_its_own_folders_can_be_written_to(self, kernel: KernelSession) -> None:
        """The home, the folder for temporary files and /dev/null are there to be used."""
        kernel.run(
            "import tempfile\nwith tempfile.NamedTemporaryFile() as file:\n    file.write(b'x')\n"
            "open('own', 'w').write('x')\nos.remove('own')\nprint('x', file=open('/dev/null', 'w'))\nwritten = True"
        )
        assert kernel.get("written") is True

    def test_no_variable_of_the_grader_is_seen(self, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """No token and no path of the grader's environment reaches a student."""
        monkeypatch.setenv("LMS_TOKEN", "planted")
        monkeypatch.setenv("PYTHONPATH", "/planted")
        with only(SEALS[mode]), open_session("counting", limits=LIMITS) as session:
            session.run("import os, sys\nseen = str([dict(os.environ), sys.path, sys.argv])")
            assert "planted" not in session.get("seen")

    def test_no_descriptor_leads_outside(self, kernel: KernelSession) -> None:
        """What the kernel has open are its own sockets, pipes, events and files."""
        kernel.run(
            "home = os.path.dirname(os.path.expanduser('~'))\nopened = []\n"
            "for name in os.listdir('/proc/self/fd'):\n    try:\n"
            "        opened.append(os.readlink(f'/proc/self/fd/{name}'))\n    except OSError:\n        pass"
        )
        opened = kernel.get("opened")
        assert opened
        outside = [
            path for path in opened if path.startswith("/") and not path.startswith(("/box", "/dev", "/proc"))
        ]
        assert [path for path in outside if not path.startswith(kernel.get("home"))] == []


class TestProcesses:
    """Its own view of processes, and no way to harm another."""

    def test_no_other_process_can_be_signalled(self, kernel: KernelSession) -> None:
        """A process of this machine survives whatever the kernel sends it."""
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            kernel.run(
                f"for pid in (os.getppid(), {os.getpid()}, {other.pid}):\n    try:\n        os.kill(pid, 9)\n"
                "    except OSError:\n        pass"
            )
            time.sleep(0.2)
            assert other.poll() is None
            other.stdin.close()

    def test_no_other_process_can_be_limited_or_slowed(self, kernel: KernelSession) -> None:
        """Its limits, its nice value, its processors and its scheduling are what they were."""
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            before = _standing(other.pid)
            kernel.run(
                f"import resource\nother = {other.pid}\n"
                "for act in (lambda: resource.prlimit(other, resource.RLIMIT_CPU, (3600, 3600)),\n"
                "            lambda: os.setpriority(os.PRIO_PROCESS, other, 10),\n"
                "            lambda: os.sched_setaffinity(other, {0}),\n"
                "            lambda: os.sched_setscheduler(other, os.SCHED_BATCH, os.sched_param(0))):\n"
                "    try:\n        act()\n    except OSError:\n        pass"
            )
            assert _standing(other.pid) == before
            other.stdin.close()

    @pytest.mark.parametrize(
        "sending",
        [
            "fcntl.fcntl(end, fcntl.F_SETOWN, other)",
            "fcntl.fcntl(end, 10, signal.SIGKILL)",  # F_SETSIG
            "fcntl.fcntl(end, 15, struct.pack('ii', 1, other))",  # F_SETOWN_EX
            "fcntl.ioctl(end, 0x8901, struct.pack('i', other))",  # FIOSETOWN
            "fcntl.ioctl(end, 0x8902, struct.pack('i', other))",  # SIOCSPGRP
        ],
    )
    def test_no_file_signals_another_process(self, kernel: KernelSession, sending: str) -> None:
        """What sends a signal when a file can be read is no command here."""
        kernel.run(
            "import fcntl, signal, socket, struct\nend, far = socket.socketpair()\nother = os.getppid()"
        )
        assert tried(kernel, sending) == "OSError"

    def test_no_other_process_can_be_read(self, kernel: KernelSession) -> None:
        """The environment and the memory of the grader are out of reach."""
        for name in ("environ", "mem", "maps"):
            error = tried(kernel, f"open('/proc/{os.getpid()}/{name}', 'rb').read(1)")
            assert error in ("FileNotFoundError", "PermissionError", "ProcessLookupError", "OSError")

    def test_nothing_outlives_the_kernel(self, mode: str) -> None:
        """A daemon that forked twice, in a session of its own, is gone when the session is closed."""
        token = f"outlives-{os.getpid()}-{time.time_ns()}"
        with open_session("counting", limits=LIMITS) as session:
            result = session.run(
                "import os, subprocess, sys, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
                f"        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)', {token!r}])\n"
                "    os._exit(0)\ntime.sleep(0.5)"
            )
            if mode in ALONE:
                assert result.error == "PermissionError"
            else:
                assert result.error is None
                assert running_with(token)
        assert running_with(token) == []


class TestPrivileges:
    """No privilege, and none to be had."""

    def test_it_has_no_capability_and_can_gain_none(self, kernel: KernelSession, mode: str) -> None:
        """The kernel's own account of itself."""
        kernel.run("status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)")
        status = {key: value.strip() for key, value in kernel.get("status").items()}
        kinds = {"CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"}
        if mode == "landlock" and os.geteuid() != 0:
            kinds.remove("CapBnd")  # to lower the bound takes a capability; no_new_privs makes it idle
        assert {kind: int(status[kind], 16) for kind in kinds} == dict.fromkeys(kinds, 0)
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"

    @pytest.mark.parametrize(("name", "numbers"), [(name, numbers) for name, *numbers in REFUSED])
    def test_call_that_nobody_needs_is_refused(
        self, kernel: KernelSession, name: str, numbers: list[int]
    ) -> None:
        """Each listed system call answers EPERM."""
        number = numbers[os.uname().machine == "aarch64"]
        if number is None:
            pytest.skip("this machine does not have it")
        kernel.run(
            "libc = ctypes.CDLL(None, use_errno=True)\nctypes.set_errno(0)\n"
            f"answer = libc.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno()"
        )
        assert kernel.get("answer") == (-1, 1), name

    def test_blocked_calls_include_tracing_and_mounting(self) -> None:
        """Calls that trace or read another process, mount, join or make a namespace, or load code into the system."""
        named = {name for name, *_ in REFUSED}
        assert named >= {
            "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "perf_event_open",
            "mount", "umount2", "move_mount", "open_tree", "fsopen", "pivot_root", "chroot", "setns", "unshare",
            "bpf", "init_module", "finit_module", "kexec_load", "open_by_handle_at", "name_to_handle_at",
            "io_uring_setup", "userfaultfd", "memfd_create", "shmget", "semget", "msgget",
            "keyctl", "add_key", "request_key", "reboot", "swapon",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "on_x86", "on_arm"),
        [
            ("shmat", 30, 196), ("mq_open", 240, 180), ("inotify_init1", 294, 26), ("move_pages", 279, 239),
            ("io_setup", 206, 0), ("landlock_create_ruleset", 444, 444), ("statmount", 457, 457),
            ("ioprio_set", 251, 30), ("one that Linux may have one day", 900, 900), ("one of x32", 0x40000000, 900),
        ],
    )  # fmt: skip
    def test_call_that_is_not_listed_is_unknown(
        self, kernel: KernelSession, name: str, on_x86: int, on_arm: int
    ) -> None:
        """Whatever no list names answers ENOSYS, as on a kernel that does not have it."""
        number = on_arm if os.uname().machine == "aarch64" else on_x86
        kernel.run(
            "libc = ctypes.CDLL(None, use_errno=True)\nctypes.set_errno(0)\n"
            f"answer = libc.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno()"
        )
        assert kernel.get("answer") == (-1, 38), name

    def test_socket_of_another_family_cannot_be_made(self, kernel: KernelSession, mode: str) -> None:
        """Such as one to the host of a virtual machine, which no namespace holds."""
        kernel.run(
            "import socket\ntried = {}\n"
            "for family in (socket.AF_UNIX, socket.AF_INET, 40, 38, 17):\n"
            "    try:\n        socket.socket(family, socket.SOCK_STREAM).close()\n"
            "        tried[int(family)] = 0\n"
            "    except OSError as error:\n        tried[int(family)] = error.errno"
        )
        found = kernel.get("tried")
        assert {family for family, error in found.items() if error == 0} == ({1} if mode in ALONE else {1, 2})

    def test_title_cannot_take_memory_off_what_is_counted(self, mine: KernelSession) -> None:
        """What a process calls itself stands in its status; it is read as no size, and as no error."""
        mine.run(
            "libc = ctypes.CDLL(None)\n"
            "for title in (b'\\rVmSwap: -9999', b'\\rRssAnon: x'):\n"
            "    libc.prctl(15, title, 0, 0, 0)\n    time.sleep(0.5)\n"
            "alive = 'yes'"
        )
        assert mine.get("alive") == "yes"

    def test_no_user_namespace_can_be_made(self, mine: KernelSession) -> None:
        """Not by clone either: neither the old call nor the new one."""
        mine.run(
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            f"old, new = ({(56, 435) if os.uname().machine == 'x86_64' else (220, 435)})\n"
            "answers = [libc.syscall(old, 0x10000000 | 17, 0, 0, 0, 0), libc.syscall(new, 0, 0)]"
        )
        assert mine.get("answers") == [-1, -1]


class TestLimits:
    """Nobody can use up the machine."""

    def test_memory_is_bounded(self, mine: KernelSession) -> None:
        """More than a kernel may have is a MemoryError, and the kernel goes on."""
        assert mine.run("big = bytearray(1_500_000_000)").error == "MemoryError"
        assert mine.run("small = bytearray(300_000_000)").error is None
        mine.run("def fills(n):\n    return len(bytearray(n))")
        with pytest.raises(AnswerError, match="more memory than it may"):
            mine.call("fills", 1_500_000_000)

    def test_memory_of_all_processes_together_is_bounded(self, mine: KernelSession, mode: str) -> None:
        """Children that hold much together end the kernel; where there are no children they cannot."""
        result = mine.run(
            "for _ in range(4):\n    if os.fork() == 0:\n        kept = b'x' * 450_000_000\n        time.sleep(60)\n"
            "        os._exit(0)\nfor _ in range(4):\n    os.wait()"
        )
        assert result.error == ("PermissionError" if mode in ALONE else "ended the kernel")

    @pytest.mark.parametrize("kind", ["MAP_SHARED", "3"], ids=["shared", "shared and validated"])
    def test_shared_memory_without_a_file_is_refused(self, kernel: KernelSession, kind: str) -> None:
        """Its pages stay in memory when they are unmapped, and then belong to no process that could be measured."""
        kernel.run("import mmap")
        mapped = f"mmap.mmap(-1, 4096, flags=mmap.MAP_ANONYMOUS | {kind.replace('MAP', 'mmap.MAP')})"
        result = kernel.run(mapped)
        assert (result.error, "[Errno 38] Function not implemented" in result.detail) == ("OSError", True)
        assert tried(kernel, "mmap.mmap(-1, 4096, flags=mmap.MAP_ANONYMOUS | mmap.MAP_PRIVATE)") == "done"

    def test_shared_memory_of_zeros_is_refused(self, mine: KernelSession) -> None:
        """The device that gives zeros cannot be opened, or the kernel that maps it is ended."""
        result = mine.run(
            "import mmap\nfile = os.open('/dev/zero', os.O_RDWR)\nkept = mmap.mmap(file, 4096)\ntime.sleep(3)"
        )
        assert result.error in ("FileNotFoundError", "PermissionError", "ended the kernel")

    def test_memory_in_a_file_can_be_shared(self, kernel: KernelSession, mode: str) -> None:
        """By processes, and by arrays that are mapped from a file."""
        kernel.run(
            "import multiprocessing, numpy\nfrom multiprocessing import shared_memory\n"
            "mapped = numpy.memmap('mapped', dtype='int8', mode='w+', shape=4096)\nmapped[:] = 7\n"
            "shared = int(mapped.sum())"
        )
        assert kernel.get("shared") == 7 * 4096
        if mode in ALONE:
            return
        result = kernel.run(
            "fork = multiprocessing.get_context('fork')\n"
            "number, row, queue = fork.Value('i', 0), fork.Array('i', 3), fork.Queue()\n"
            "block = shared_memory.SharedMemory(create=True, size=8)\n"
            "def work(n):\n    with number.get_lock():\n        number.value += n\n    row[n] = block.buf[n] = n\n"
            "workers = [fork.Process(target=work, args=(n,)) for n in range(3)]\n"
            "for worker in workers:\n    worker.start()\nfor worker in workers:\n    worker.join()\n"
            "with fork.Pool(2) as pool:\n    squares = pool.map(abs, [-1, -2])\n"
            "queue.put(number.value)\nshared = [queue.get(timeout=10), *row[:], *block.buf[:3], *squares]\n"
            "block.close()\nblock.unlink()"
        )
        assert result.error is None, result.detail
        assert kernel.get("shared") == [3, 0, 1, 2, 0, 1, 2, 1, 2]

    def test_processes_are_bounded(self, mine: KernelSession) -> None:
        """Of 400 forks some are refused, or the kernel is ended; the superuser's are not counted by the system."""
        result = mine.run(
            "children = []\ntry:\n    for _ in range(400):\n        pid = os.fork()\n        if pid == 0:\n"
            "            time.sleep(20)\n            os._exit(0)\n        children.append(pid)\n"
            "finally:\n    time.sleep(1)"
        )
        assert result.error in ("BlockingIOError", "PermissionError", "ended the kernel")

    def test_file_is_bounded(self, kernel: KernelSession) -> None:
        """A file cannot grow past the limit."""
        kernel.run("import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)")
        assert (
            kernel.run(
                "with open('big', 'wb') as file:\n    for _ in range(80):\n        file.write(bytes(1_000_000))"
            ).error
            == "OSError"
        )
        kernel.run("os.remove('big')")

    def test_all_files_together_are_bounded(self, mine: KernelSession, mode: str) -> None:
        """Many files cannot fill the disk: there is no more space, or the kernel is ended."""
        result = mine.run(
            "for number in range(20):\n    with open(f'part{number}', 'wb') as file:\n"
            "        for _ in range(20):\n            file.write(bytes(1_000_000))\n"
            "time.sleep(2)"
        )
        assert (result.error, "No space left" in result.detail) in [
            ("OSError", True),
            ("ended the kernel", False),
        ]

    @pytest.mark.parametrize(
        "held",
        [
            "kept.append(file)",
            "kept.append(mmap.mmap(file.fileno(), 4096)); file.close()",
            "pair = socket.socketpair(); kept.append(pair); socket.send_fds(pair[0], [b'x'], [file.fileno()]); "
            "file.close()",
        ],
        ids=["open", "mapped", "on their way"],
    )
    def test_files_without_a_name_are_bounded(self, mine: KernelSession, held: str) -> None:
        """A file that is removed and still held is on the disk: there is no more space, or the kernel is ended."""
        result = mine.run(
            "import mmap\nkept = []\nfor number in range(8):\n    file = open('removed', 'w+b')\n"
            "    file.write(bytes(40_000_000))\n    file.flush()\n    os.remove('removed')\n"
            f"    {held}\ntime.sleep(5)"
        )
        assert result.error in ("OSError", "ended the kernel")

    @pytest.mark.full
    def test_folders_are_bounded(self, mode: str) -> None:
        """Many empty ones have no size; they are counted."""
        with only(SEALS[mode]), open_session("counting", limits=Limits(cell=200)) as session:
            session.run("import os, time")
            result = session.run("for number in range(21_000):\n    os.mkdir(str(number))\ntime.sleep(8)")
        assert result.error in ("OSError", "ended the kernel")

    def test_threads_are_bounded(self, mine: KernelSession) -> None:
        """They are no processes that could be counted by their number, and each holds memory."""
        result = mine.run(
            "import threading\nthreading.stack_size(1 << 16)\n"
            "for _ in range(1000):\n    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()\n"
            "time.sleep(5)"
        )
        assert result.error in ("RuntimeError", "ended the kernel")

    def test_kernel_whose_first_thread_has_exited_is_bounded(self, mine: KernelSession) -> None:
        """Linux shows nothing of a process by its first thread once that has exited; the others live on."""
        result = mine.run(f"{WITHOUT_FIRST_THREAD}leave(hold_files)")
        assert result.error == "ended the kernel", "by its own limits, long before the cell's time is over"
        assert mine.run("2 + 2").error is None

    def test_processes_whose_first_threads_have_exited_are_bounded(
        self, mine: KernelSession, mode: str
    ) -> None:
        """Each may hold what a kernel may; together they are counted."""
        result = mine.run(
            f"{WITHOUT_FIRST_THREAD}for _ in range(4):\n    if os.fork() == 0:\n"
            "        leave(lambda: hold(450))\ntime.sleep(15)"
        )
        assert result.error == ("PermissionError" if mode in ALONE else "ended the kernel")

    @pytest.mark.parametrize("kind", ["namespaces", "one process"])
    def test_process_that_stays_unreadable_is_over_its_limits(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One that is about to end is unreadable for a moment."""
        monkeypatch.setattr(rlimits, "living_task", lambda pid: rlimits.UNREADABLE)
        limits = {"processes": 10**6, "memory_mb": 10**6, "disk_mb": 10**6, "file_mb": 64}
        usage = (
            rlimits.NamespaceUsage(limits)
            if kind == "namespaces"
            else rlimits.ProcessUsage(os.getpid(), str(tmp_path), limits)
        )
        measured = [usage.exceeds() for _ in range(rlimits.MAX_UNREADABLE)]
        assert measured == [False] * (rlimits.MAX_UNREADABLE - 1) + [True]

    def test_threads_share_the_descriptors_that_are_counted(self, kernel: KernelSession) -> None:
        """A thread with a table of its own would hold files that nobody counts."""
        kernel.run("call = ctypes.CDLL(None, use_errno=True).syscall")
        assert kernel.run("print(call(436, 1000, 1010, 2), ctypes.get_errno())").outputs[0].text == "-1 22\n"
        assert kernel.run("print(call(436, 1000, 1010, 0))").outputs[0].text == "0\n"
        flags = "CLONE_VM | CLONE_SIGHAND | CLONE_THREAD"
        kernel.run("CLONE_VM, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x800, 0x10000")
        assert (
            kernel.run(f"print(call(56, {flags}, 0, 0, 0, 0), ctypes.get_errno())").outputs[0].text
            == "-1 1\n"
        )

    @pytest.mark.parametrize(
        "arguments",
        ["socket.AF_INET, socket.SOCK_DGRAM, 136", "socket.AF_INET6, socket.SOCK_STREAM, 262",
         "socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP"],
        ids=["UDP-Lite", "MPTCP", "ping"],
    )  # fmt: skip
    def test_sockets_of_uncounted_protocols_are_refused(self, kernel: KernelSession, arguments: str) -> None:
        """Their queues stand in no table that the limit of memory reads."""
        assert tried(kernel, f"socket.socket({arguments})") == "PermissionError"

    @pytest.mark.parametrize("kind", ["connected", "reset", "netlink", "in transit"])
    def test_each_socket_counts_as_much_as_it_may_hold(self, kind: str) -> None:
        """Whether or not a table shows it, or a process holds it."""

        def risen() -> int:
            with contextlib.ExitStack() as stack:
                server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                before = sockets.most_bytes("/proc/self/net")
                for _ in range(30):
                    if kind in ("netlink", "in transit"):
                        one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
                    else:
                        one = socket.create_connection(server.getsockname())
                        other = stack.enter_context(server.accept()[0])
                        if kind == "reset":
                            other.send(b"unread")
                            other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                            other.close()
                    stack.enter_context(one)
                    if kind == "in transit":
                        near, _far = map(stack.enter_context, socket.socketpair())
                        socket.send_fds(near, [b"x"], [one.fileno()])
                        near.close()
                        one.close()
                return sockets.most_bytes("/proc/self/net") - before

        # other programs of this machine may close sockets meanwhile: then it is looked at again
        least = {"connected": 60, "in transit": 60}.get(kind, 30) - 10
        assert any(risen() >= least * 2 * sockets.BUFFER_BYTES for _ in range(5))

    def test_no_socket_gets_a_larger_buffer(self, kernel: KernelSession) -> None:
        """Asking for one has no effect, and is no error."""
        kernel.run(
            "near, far = socket.socketpair()\nOPTIONS = socket.SO_SNDBUF, socket.SO_RCVBUF\n"
            "def buffers():\n    return [near.getsockopt(socket.SOL_SOCKET, option) for option in OPTIONS]\n"
            "before = buffers()\nfor option in OPTIONS:\n    near.setsockopt(socket.SOL_SOCKET, option, 4 << 20)\n"
            "after = buffers()\nnear.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)\n"
            "other = near.getsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED)"
        )
        assert kernel.get("after") == kernel.get("before") == [sockets.BUFFER_BYTES] * 2
        assert kernel.get("other") == 1

    def test_no_connection_gets_a_larger_buffer(self, kernel: KernelSession, mode: str) -> None:
        """However much is sent and read: where there is a network, Linux widens the buffers of none."""
        result = kernel.run(
            "server = socket.create_server(('127.0.0.1', 0))\nnear = socket.create_connection(server.getsockname())\n"
            "far = server.accept()[0]\nwaiting = 0\nfor end in (near, far):\n    end.setblocking(False)\n"
            "for rest in range(60, -1, -1):\n    try:\n        while True:\n"
            "            waiting += near.send(bytes(1 << 16))\n    except BlockingIOError:\n        time.sleep(0.01)\n"
            "    try:\n        while rest:\n            waiting -= len(far.recv(1 << 20))\n"
            "    except BlockingIOError:\n        pass\n"
        )
        if mode in ALONE:
            assert result.error == "PermissionError"
        else:
            assert 0 < kernel.get("waiting") <= 2 * sockets.BUFFER_BYTES

    def test_memory_in_sockets_is_bounded(self, mine: KernelSession, mode: str) -> None:
        """No process is said to hold it; where there are no other processes, there are too few sockets for much."""
        result = mine.run(
            "def fill():\n    kept = []\n    for _ in range(450):\n        kept.append(socket.socketpair())\n"
            "        for end in kept[-1]:\n            end.setblocking(False)\n            try:\n"
            "                while True:\n                    end.send(bytes(60_000))\n"
            "            except BlockingIOError:\n                pass\n    time.sleep(20)\n"
            "for _ in range(6):\n    if os.fork() == 0:\n        fill()\n        os._exit(0)\ntime.sleep(10)"
        )
        assert result.error == ("PermissionError" if mode in ALONE else "ended the kernel")

    def test_descriptors_of_many_processes_are_bounded(self, mine: KernelSession, mode: str) -> None:
        """What each leads to is memory of the system, and shows in no process."""
        result = mine.run(
            "for _ in range(120):\n    if os.fork() == 0:\n        try:\n            while True:\n"
            "                os.open('/dev/null', os.O_RDONLY)\n        except OSError:\n            time.sleep(20)\n"
            "        os._exit(0)\ntime.sleep(10)"
        )
        assert result.error == ("PermissionError" if mode in ALONE else "ended the kernel")

    def test_page_tables_are_counted(self) -> None:
        """One page of every two megabytes needs a table of its own, and holds little itself."""
        tasks, overhead = ["/proc/self"], Overhead()
        before = overhead.measure(tasks)
        with mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
            memory.madvise(mmap.MADV_NOHUGEPAGE)
            touched = [memory[place] for place in range(0, len(memory), 2 << 20)]
            assert overhead.measure(tasks) - before > 4096 * 0.9 * len(touched)

    def test_mappings_of_many_processes_are_counted(self) -> None:
        """A few are read each time, and the others taken for as large; few processes cannot have many."""
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            tasks = [f"/proc/{other.pid}{'/.' * place}" for place in range(40)]
            time.sleep(0.5)
            count = Path(tasks[0], "maps").read_bytes().count(b"\n")
            overhead = Overhead()
            few, first, later = (overhead.measure(tasks[:number]) / number for number in (8, 40, 40))
            assert first == later == few + count * MAPPING_BYTES
            other.stdin.close()

    def test_processor_time_is_bounded(self, kernel: KernelSession) -> None:
        """A process that computes for ever is ended by the system, whoever forgets to."""
        kernel.run("limit = resource.getrlimit(resource.RLIMIT_CPU)")
        assert kernel.get("limit") == (600, 600)

    @pytest.mark.parametrize("seconds", [0.15, 1.0], ids=["briefly", "for a while"])
    def test_processes_that_nobody_waits_for_have_computed(
        self, mine: KernelSession, mode: str, seconds: float
    ) -> None:
        """Linux adds their time to nobody's; without it, a kernel that computes much seems to lack a processor."""
        result = mine.run(
            "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
            "for start in range(round(3 / SECONDS)):\n    for _ in range(4):\n        if os.fork() == 0:\n"
            "            end = time.time() + SECONDS\n            while time.time() < end:\n                pass\n"
            "            os._exit(0)\n    time.sleep(SECONDS)".replace("SECONDS", str(seconds))
        )
        if mode in ALONE:
            assert result.error == "PermissionError"
        else:
            assert mine._kernel is not None
            assert mine._kernel.processor_use(3.0)[1] > 1.5

    def test_code_keeps_its_share_of_the_processor(self, kernel: KernelSession, mode: str) -> None:
        """What would lower it has no effect, and is no error: a machine is not busy because code steps back."""
        kernel.run(
            "def share():\n    return os.getpriority(os.PRIO_PROCESS, 0), sorted(os.sched_getaffinity(0))\n"
            "before = share()"
        )
        assert tried(kernel, "os.nice(5)") == "done"
        assert tried(kernel, "os.setpriority(os.PRIO_PROCESS, 0, 5)") == "done"
        assert tried(kernel, "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})") == "done"
        if mode != "another user":
            assert tried(kernel, "open('/proc/self/autogroup', 'w')") in ("OSError", "PermissionError")
        kernel.run("kept = share() == before")
        assert kernel.get("kept") is True

    def test_shared_mapping_of_zeros_is_over_the_limits(self, tmp_path: Path) -> None:
        """Where user rights alone decide what can be opened, a look at what is mapped finds it."""
        limits = {"processes": 10**6, "memory_mb": 10**6, "disk_mb": 10**6, "file_mb": 64}
        usage = rlimits.ProcessUsage(os.getpid(), str(tmp_path), limits)
        with Path("/dev/zero").open("r+b", 0) as file, mmap.mmap(file.fileno(), 4096):
            assert usage.exceeds()
        assert not usage.exceeds()

    def test_no_limit_can_be_raised(self, kernel: KernelSession) -> None:
        """What was set is for good."""
        for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_NOFILE"):
            raised = f"resource.setrlimit(resource.{name}, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"
            assert tried(kernel, raised) == "ValueError", name


class TestEnd:
    """A kernel's end is told for certain, and its folder goes with it, whatever it has made of that."""

    @pytest.mark.parametrize(
        "code",
        [
            "for _ in range(1200):\n    os.mkdir('deeper')\n    os.chdir('deeper')",
            "os.makedirs('closed/deeper')\nopen('closed/deeper/file', 'w').close()\n"
            "os.mkdir('mode', 0)\ntry:\n    os.chmod('closed/deeper', 0)\n    os.chmod('closed', 0)\n"
            "except PermissionError:\n    pass",
        ],
        ids=["deep", "closed"],
    )
    def test_folder_that_is_hard_to_remove(
        self, mode: str, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The session goes on with another kernel, and nothing is left."""
        with contextlib.ExitStack() as stack:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            place.chmod(0o711)
            monkeypatch.setattr(tempfile, "tempdir", str(place))
            stack.enter_context(only(SEALS[mode]))
            session = stack.enter_context(open_session("counting", limits=LIMITS))
            session.run("import os, time")
            session.run(f"{code}\ntime.sleep(1)")
            assert session.run("os._exit(0)").error == "ended the kernel"
            session.run("x = 3")
            assert session.get("x") == 3
            session.close()
            assert list(place.glob("autograder-k-*")) == []


class TestFramework:
    """Counting without a framework, wherever one looks."""

    def test_no_process_of_the_kernel_finds_tensorflow(self, mine: KernelSession, mode: str) -> None:
        """The stand-ins cannot be walked around: the libraries are not there."""
        mine.run("sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != 'StubFinder']")
        assert tried(mine, "__import__('tensorflow')") in ("ModuleNotFoundError", "PermissionError")
        if mode not in ALONE:
            mine.run(
                "done = subprocess.run([sys.executable, '-c', 'import keras'], capture_output=True, text=True)\n"
                "code, told = done.returncode, done.stderr"
            )
            assert mine.get("code") == 1
            assert "No module named 'keras'" in mine.get("told")


class TestLandlockVersions:
    """What an old Landlock does not hold is refused."""

    @pytest.mark.parametrize(
        ("found", "other_user", "needed"), [(2, True, 3), (2, False, 6), (3, False, 6), (5, False, 6)]
    )
    def test_one_that_is_too_old_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, found: int, other_user: bool, needed: int
    ) -> None:
        """Below 3 files can be cut by path; below 6 signals are for the filter alone."""
        monkeypatch.setattr(landlock, "abi_version", lambda: found)
        with pytest.raises(OSError, match=f"needs Landlock ABI {needed}, this machine has {found}"):
            landlock.restrict({"other_user": other_user, "views": []}, "/nowhere")


class TestSockets:
    """The sockets between kernel and grader."""

    def test_nobody_reaches_it(self, mine: KernelSession, mode: str) -> None:
        """It listens where nobody else is, or nowhere: neither by number, nor by name, nor without having bound."""
        mine.run(
            "import socket\ndef listening(*made, at=None):\n"
            "    one = socket.socket(*made)\n    one.bind(at) if at else None\n    one.listen()\n"
            "    kept.append(one)\n    return one.getsockname()\nkept = []"
        )
        if mode in ALONE:
            assert tried(mine, "listening(socket.AF_INET)") == "PermissionError"
            assert tried(mine, "listening(socket.AF_UNIX, at='mine')") == "PermissionError"
            assert tried(mine, "listening(socket.AF_UNIX, at='\\0mine')") == "PermissionError"
        else:
            mine.run("port = listening(socket.AF_INET)[1]")
            with pytest.raises(ConnectionRefusedError), socket.socket() as reaching:
                reaching.connect(("127.0.0.1", mine.get("port")))

    def test_socket_replaced_by_a_link_leads_nowhere(self, mine: KernelSession, tmp_path: Path) -> None:
        """The grader does not connect again to what a student put in the place of a socket."""
        path = tmp_path / "other"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            server.settimeout(0.5)
            mine.run(
                "import glob\nplace = os.environ['JUPYTER_RUNTIME_DIR']\n"
                f"for name in glob.glob(place + '/k-*'):\n    os.unlink(name)\n    os.symlink({str(path)!r}, name)\n"
                "for fd in range(3, 200):\n    try:\n        os.close(fd)\n    except OSError:\n        pass"
            )
            try:
                mine.get("nothing")
            except AnswerError as error:
                assert error.fault in ("missing", "died", "timed out")
            mine.close()
            with pytest.raises(TimeoutError):
                server.accept()


@pytest.mark.parametrize("umask", ["0o077", pytest.param("0o027", marks=pytest.mark.full)])
def test_operator_who_closes_what_they_write_is_served(umask: str) -> None:
    """Whatever the umask of the command, a kernel finds its folders."""
    done = subprocess.run(
        [sys.executable, "-c", CAREFUL.format(umask=umask, root=str(ROOT))],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "3\n", done.stderr
