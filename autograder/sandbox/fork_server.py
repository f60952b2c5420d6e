"""The trusted side of a warm parent: starts it, asks it for kernels, replaces it when it has died."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import SingletonConfigurable

from autograder.errors import GraderError, NoSeal
from autograder.sandbox import seal
from autograder.sandbox.fit_mode import NO_FIT, Fit, FitSetting
from autograder.sandbox.inside import folders
from autograder.sandbox.inside.supervisor import END, ENDED, INTERRUPT
from autograder.sandbox.scratch import Scratch, remove_abandoned
from autograder.sandbox.seal import Need, Resources, Seal

READY_SECONDS = 180.0
IDLE_SECONDS = 900.0
POLL_SECONDS = 1.0
USERS_PER_SERVER = 256  # how many a parent uses
INHERITED_ENVIRONMENT = ("LANG", "LC_ALL", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class ForkServerDied(Exception):
    """A warm parent ended before it gave a kernel."""


@dataclass(frozen=True)
class KernelProfile:
    """What a warm parent is for.

    modules: imported before it forks. stub_modules: libraries that its kernels do not find, and get stand-ins for.
    """

    name: str
    modules: tuple[str, ...]
    stub_modules: tuple[str, ...]
    stub_message: str
    resources: Resources


@dataclass
class ForkedKernel:
    """A kernel that listens: the connection to its supervisor, the folder of its sockets, the key of its messages."""

    supervisor: socket.socket
    folder: int
    """A descriptor."""
    key: str
    fit: Fit = NO_FIT
    ended: bool = False
    lost: bool = False
    """Whether it ended without its supervisor's word: the warm parent was ended, and took it along."""

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self._send(INTERRUPT)

    def end(self) -> None:
        """End it and all that it started."""
        self._send(END)

    def has_ended(self, seconds: float) -> bool:
        """Whether it has ended, or does within `seconds`."""
        if not self.ended:
            self.supervisor.settimeout(max(seconds, 0.000_001))
            try:
                self.lost = self._receive_final() != ENDED
                self.ended = True
            except TimeoutError:
                return False
            except OSError:
                self.ended = self.lost = True
        return True

    def _receive_final(self) -> bytes:
        try:
            return self.supervisor.recv(64)
        except ConnectionResetError:  # it ended without hearing our last word; its own comes after the error
            return self.supervisor.recv(64)

    def close(self) -> None:
        """Let go of it; a kernel that still runs is ended."""
        self.supervisor.close()
        os.close(self.folder)

    def _send(self, word: bytes) -> None:
        if not self.ended:
            with contextlib.suppress(OSError):
                self.supervisor.send(word)


@dataclass(frozen=True)
class ForkServerAddress:
    """Where kernels are to be had: the address of a warm parent, and the seal that they are under."""

    path: str
    seal: Seal

    def request_kernel(self, data: Path | None) -> PendingKernel:
        """A kernel that starts now. data: the folder whose files it gets. Raises ParentDied."""
        key = os.urandom(16).hex()
        with contextlib.ExitStack() as stack:
            supervisor = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            descriptors = []
            if data is not None:
                descriptors.append(os.open(data, os.O_RDONLY | os.O_DIRECTORY))
                stack.callback(os.close, descriptors[0])
            supervisor.settimeout(POLL_SECONDS)
            try:
                supervisor.connect(self.path)
                socket.send_fds(supervisor, [json.dumps({"key": key}).encode()], descriptors)
            except OSError as error:
                raise ForkServerDied from error
            return PendingKernel(self, data, socket.socket(fileno=supervisor.detach()), key)


@dataclass(frozen=True)
class PendingKernel:
    """A kernel on its way: where it was asked for, with which data, and the connection that tells when it listens."""

    address: ForkServerAddress
    data: Path | None
    supervisor: socket.socket
    key: str

    def wait(self, limit: float, on_poll: Callable[[], object]) -> ForkedKernel:
        """The kernel, when it listens. on_poll: called while it is waited for.

        Raises ParentDied, or GraderError with the kernel's own reason.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            self.supervisor.settimeout(POLL_SECONDS)
            end = time.monotonic() + limit
            try:
                message, descriptors = _receive(self.supervisor)
                while message is None:
                    if time.monotonic() > end:
                        raise GraderError("a kernel did not come up in time")
                    on_poll()
                    message, descriptors = _receive(self.supervisor)
            except OSError as error:
                raise ForkServerDied from error
            if not message:
                raise ForkServerDied
            reply = json.loads(message)
            if not descriptors:
                reason = reply.get("failed", "it ended")
                raise GraderError(f"a kernel could not be sealed and started: {reason}")
            fit = Fit.from_data(reply.get("fit"))
            stack.pop_all()
            return ForkedKernel(self.supervisor, descriptors[0], self.key, fit)

    def close(self) -> None:
        """Let go of it: it ends."""
        self.supervisor.close()


def _receive(supervisor: socket.socket) -> tuple[bytes | None, list[int]]:
    """The next message, with its descriptors; None where there is none yet."""
    try:
        message, descriptors, _, _ = socket.recv_fds(supervisor, 1 << 16, 1)
    except TimeoutError:
        return None, []
    return message, descriptors


class ForkServer:
    """Keeps one warm parent running. Raises GraderError with the reason where the machine does not allow its seal.

    Its address outlives it: who asks for a kernel while it is being replaced waits a little longer.
    """

    def __init__(
        self, profile: KernelProfile, sealed: Seal, private: tuple[str, ...] = (), fit: FitSetting = "fast"
    ) -> None:
        self._profile, self._seal, self._private, self._fit = profile, sealed, private, fit
        remove_abandoned()
        self._folder = Scratch(folders.FORK_SERVER_PREFIX)
        self.address = ForkServerAddress(f"{self._folder.path}/kernels", sealed)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(self.address.path)
        self._listener.listen(1024)
        try:
            self._start()
        except BaseException:
            self._release()
            raise

    def _start(self) -> None:
        config = seal.fork_server_config(
            self._seal, self._profile.resources, hidden=self._profile.stub_modules, private=self._private
        )
        self._control, child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = str(Path(__file__).parent)
        code = "\n".join((
            "import os, sys", "sys.path.insert(0, os.environ['INSIDE'])",
            "from inside.fork_server_main import main", "main()",
        ))  # fmt: skip
        with child_end:
            descriptors = [child_end.fileno(), self._listener.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-c", code, *map(str, descriptors)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=descriptors, cwd="/", env=environment() | {"INSIDE": inside}, start_new_session=True,
                umask=0o022,  # the kernel's user walks through folders that this one makes
            )  # fmt: skip
        self._control.settimeout(READY_SECONDS)
        config |= {
            "modules": self._profile.modules, "stub_modules": self._profile.stub_modules,
            "stub_message": self._profile.stub_message, "fit": self._fit,
            "idle_seconds": IDLE_SECONDS, "users": USERS_PER_SERVER,
            "first_user": seal.first_user(self._process.pid, USERS_PER_SERVER),
        }  # fmt: skip
        try:
            self._control.send(json.dumps(config).encode())
            reply: dict[str, Any] = json.loads(
                self._control.recv(1 << 16) or b'{"refused": "it ended at its start"}'
            )
        except (OSError, ValueError) as error:
            reply = {"refused": f"it did not start: {error}"}
        if "refused" in reply:
            self._end()
            raise GraderError(reply["refused"])

    @property
    def pid(self) -> int:
        """The process that holds it: with its end the parent and all its kernels end."""
        return self._process.pid

    def revive(self) -> None:
        """Start it anew where it has ended."""
        if self._process.poll() is not None:
            self._control.close()
            self._start()

    def close(self) -> None:
        """End the parent, and with it every kernel that it forked."""
        self._end()
        self._release()

    def _end(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _release(self) -> None:
        self._listener.close()
        self._folder.remove()


def environment() -> dict[str, str]:
    """The environment of every kernel: nothing of the operator's but language, time zone and NumPy's kernels.

    One hash seed, so that the order of a set is the same whenever a submission is graded.
    """
    inherited = {name: os.environ[name] for name in INHERITED_ENVIRONMENT if name in os.environ}
    return {"LANG": "C.UTF-8"} | inherited | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONNOUSERSITE": "1", "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "4",
    }  # fmt: skip


ForkServerAddresses = Mapping[tuple[str, bool], ForkServerAddress]


class ForkServerPool(SingletonConfigurable):  # type: ignore[misc]
    """The warm parents of this process, one for each profile; started when first asked for."""

    seals: tuple[Seal, ...] | None = None
    """The seals to try; by default those that this machine may offer."""
    private: tuple[str, ...] = ()
    """What no kernel may read. A seal that hides nothing holds only where all of this is closed already."""
    fit: FitSetting = "fast"
    """How models are trained: `train` changes it."""
    addresses: ForkServerAddresses | None = None
    """Those of another process, in a worker of its: they are kept running there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._servers: dict[tuple[str, bool], ForkServer] = {}
        self._expect_another = False
        self._last_request: tuple[ForkServerAddress, Path | None] | None = None
        self._prefetched: PendingKernel | None = None
        atexit.register(self.close)

    def get(self, profile: KernelProfile, need: Need) -> ForkServerAddress | None:
        """Where to get a kernel; None where this machine can fork none and `need` allows to go without.

        Raises NoSeal where one is required and nothing holds, with the reasons and the way out.
        """
        key = (profile.name, need == "none")
        if self.addresses is not None:
            address = self.addresses.get(key)
            if address is None and need == "required":
                raise NoSeal(seal.refusal(["the process that owns this worker started no fork server"]))
            return address
        if key not in self._servers:
            server = self._start(profile, need)
            if server is None:
                return None
            self._servers[key] = server
        self._servers[key].revive()
        return self._servers[key].address

    def fork(self, address: ForkServerAddress, data: Path | None, limit: float) -> ForkedKernel:
        """A kernel that listens: the one that `start_next` began, where it is of this kind and well.

        Raises ParentDied, or GraderError with the kernel's own reason.
        """
        prefetched, self._prefetched = self._prefetched, None
        self._last_request = address, data
        if prefetched is not None and (prefetched.address, prefetched.data) == self._last_request:
            with contextlib.suppress(GraderError, ForkServerDied):
                kernel = prefetched.wait(limit, self.revive)
                if not kernel.has_ended(0):
                    return kernel
                kernel.close()
        elif prefetched is not None:
            prefetched.close()
        return address.request_kernel(data).wait(limit, self.revive)

    @contextlib.contextmanager
    def prefetch(self, *, another: bool) -> Iterator[None]:
        """A kernel is wanted in the block, and, where `another`, one of the same kind soon after it."""
        self._expect_another = another
        try:
            yield
        finally:
            self._expect_another = False
            if not another:
                self.cancel_next()

    def start_next(self) -> None:
        """Where another kernel like the last is wanted, let it start while the last one ends."""
        if self._expect_another and self._last_request is not None and self._prefetched is None:
            address, data = self._last_request
            with contextlib.suppress(ForkServerDied, OSError):  # who wants it asks anew
                self._prefetched = address.request_kernel(data)

    def cancel_next(self) -> None:
        """End the kernel that `start_next` started, where nobody has taken it."""
        if self._prefetched is not None:
            self._prefetched.close()
            self._prefetched = None

    def hide(self, *paths: Path) -> None:
        """Tell what no kernel may read: the course, for one. Parents that show it end, and are started anew."""
        added = [path for path in map(str, paths) if path not in self.private]
        if self.addresses is None and any(map(seal.is_visible, added)):
            self.close()
        self.private = (*self.private, *added)

    def set_fit(self, fit: FitSetting) -> None:
        """Tell how models are trained. Parents that were told otherwise end, and are started anew when asked for."""
        if fit != self.fit and self.addresses is None:
            self.close()
        self.fit = fit

    def revive(self) -> ForkServerAddresses:
        """Start anew those that have ended; where kernels are to be had."""
        if self.addresses is not None:
            return self.addresses
        for server in self._servers.values():
            server.revive()
        return {key: server.address for key, server in self._servers.items()}

    def pids(self) -> list[int]:
        """The processes that hold them."""
        return [server.pid for server in self._servers.values()]

    def _start(self, profile: KernelProfile, need: Need) -> ForkServer | None:
        reasons = []
        candidates = (
            (Seal("none"),) if need == "none" else seal.candidates() if self.seals is None else self.seals
        )
        for candidate in candidates if sys.platform == "linux" else ():
            try:
                return ForkServer(profile, candidate, self.private, self.fit)
            except GraderError as error:
                reasons.append(f"{candidate.name}: {error}")
        if need == "required":
            raise NoSeal(seal.refusal(reasons))
        return None

    def close(self) -> None:
        """End every warm server."""
        self.cancel_next()
        for server in self._servers.values():
            server.close()
        self._servers.clear()


def try_seals(profile: KernelProfile, *, private: tuple[str, ...] = ()) -> list[tuple[Seal, str]]:
    """Every seal that this machine may have, tried: empty where it holds, else why it does not.

    private: what no kernel may read.
    """
    results: list[tuple[Seal, str]] = []
    for candidate in seal.candidates():
        try:
            ForkServer(profile, candidate, private).close()
            results.append((candidate, ""))
        except GraderError as error:
            results.append((candidate, str(error)))
    return results
