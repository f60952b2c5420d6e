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
from autograder.sandbox.fit_mode import NO_FIT, Asked, Fit
from autograder.sandbox.inside import folders
from autograder.sandbox.inside.supervisor import END, ENDED, INTERRUPT
from autograder.sandbox.scratch import Scratch, clear_up
from autograder.sandbox.seal import Need, Resources, Seal

READY_SECONDS = 180.0
IDLE_SECONDS = 900.0
LOOK_SECONDS = 1.0
USERS = 256  # how many a parent uses
KEPT_ENVIRONMENT = ("LANG", "LC_ALL", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class ForkServerDied(Exception):
    """A warm parent ended before it gave a kernel."""


@dataclass(frozen=True)
class KernelProfile:
    """What a warm parent is for.

    modules: imported before it forks. stand_ins: libraries that its kernels do not find, and get stand-ins for.
    """

    name: str
    modules: tuple[str, ...]
    stand_ins: tuple[str, ...]
    sentence: str
    resources: Resources


@dataclass
class ForkedKernel:
    """A kernel that listens: the connection to its keeper, the folder of its sockets, the key of its messages."""

    keeper: socket.socket
    folder: int
    """A descriptor."""
    key: str
    fit: Fit = NO_FIT
    ended: bool = False
    lost: bool = False
    """Whether it ended without its keeper's word: the warm parent was ended, and took it along."""

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self._say(INTERRUPT)

    def end(self) -> None:
        """End it and all that it started."""
        self._say(END)

    def has_ended(self, seconds: float) -> bool:
        """Whether it has ended, or does within `seconds`."""
        if not self.ended:
            self.keeper.settimeout(max(seconds, 0.000_001))
            try:
                self.lost = self._last_word() != ENDED
                self.ended = True
            except TimeoutError:
                return False
            except OSError:
                self.ended = self.lost = True
        return True

    def _last_word(self) -> bytes:
        try:
            return self.keeper.recv(64)
        except ConnectionResetError:  # it ended without hearing our last word; its own comes after the error
            return self.keeper.recv(64)

    def close(self) -> None:
        """Let go of it; a kernel that still runs is ended."""
        self.keeper.close()
        os.close(self.folder)

    def _say(self, word: bytes) -> None:
        if not self.ended:
            with contextlib.suppress(OSError):
                self.keeper.send(word)


@dataclass(frozen=True)
class ForkServerAddress:
    """Where kernels are to be had: the address of a warm parent, and the seal that they are under."""

    address: str
    seal: Seal

    def ask(self, data: Path | None) -> PendingKernel:
        """A kernel that starts now. data: the folder whose files it gets. Raises ParentDied."""
        key = os.urandom(16).hex()
        with contextlib.ExitStack() as stack:
            keeper = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            given = []
            if data is not None:
                given.append(os.open(data, os.O_RDONLY | os.O_DIRECTORY))
                stack.callback(os.close, given[0])
            keeper.settimeout(LOOK_SECONDS)
            try:
                keeper.connect(self.address)
                socket.send_fds(keeper, [json.dumps({"key": key}).encode()], given)
            except OSError as error:
                raise ForkServerDied from error
            return PendingKernel(self, data, socket.socket(fileno=keeper.detach()), key)


@dataclass(frozen=True)
class PendingKernel:
    """A kernel on its way: where it was asked for, with which data, and the connection that tells when it listens."""

    source: ForkServerAddress
    data: Path | None
    keeper: socket.socket
    key: str

    def forked(self, limit: float, look_after: Callable[[], object]) -> ForkedKernel:
        """The kernel, when it listens. look_after: called while it is waited for.

        Raises ParentDied, or GraderError with the kernel's own reason.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            self.keeper.settimeout(LOOK_SECONDS)
            end = time.monotonic() + limit
            try:
                message, descriptors = _received(self.keeper)
                while message is None:
                    if time.monotonic() > end:
                        raise GraderError("a kernel did not come up in time")
                    look_after()
                    message, descriptors = _received(self.keeper)
            except OSError as error:
                raise ForkServerDied from error
            if not message:
                raise ForkServerDied
            told = json.loads(message)
            if not descriptors:
                failed = told.get("failed", "it ended")
                raise GraderError(f"a kernel could not be sealed and started: {failed}")
            fit = Fit.from_data(told.get("fit"))
            stack.pop_all()
            return ForkedKernel(self.keeper, descriptors[0], self.key, fit)

    def close(self) -> None:
        """Let go of it: it ends."""
        self.keeper.close()


def _received(keeper: socket.socket) -> tuple[bytes | None, list[int]]:
    """The next message, with its descriptors; None where there is none yet."""
    try:
        message, descriptors, _, _ = socket.recv_fds(keeper, 1 << 16, 1)
    except TimeoutError:
        return None, []
    return message, descriptors


class ForkServer:
    """Keeps one warm parent running. Raises GraderError with the reason where the machine does not allow its seal.

    Its address outlives it: who asks for a kernel while it is being replaced waits a little longer.
    """

    def __init__(
        self, recipe: KernelProfile, sealed: Seal, private: tuple[str, ...] = (), fit: Asked = "fast"
    ) -> None:
        self._recipe, self._seal, self._private, self._fit = recipe, sealed, private, fit
        clear_up()
        self._folder = Scratch(folders.OF_A_PARENT)
        self.source = ForkServerAddress(f"{self._folder.path}/kernels", sealed)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(self.source.address)
        self._listener.listen(1024)
        try:
            self._start()
        except BaseException:
            self._let_go()
            raise

    def _start(self) -> None:
        order = seal.order(
            self._seal, self._recipe.resources, hidden=self._recipe.stand_ins, private=self._private
        )
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = str(Path(__file__).parent)
        code = "\n".join((
            "import os, sys", "sys.path.insert(0, os.environ['INSIDE'])",
            "from inside.fork_server_main import main", "main()",
        ))  # fmt: skip
        with theirs:
            given = [theirs.fileno(), self._listener.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-c", code, *map(str, given)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=given, cwd="/", env=environment() | {"INSIDE": inside}, start_new_session=True,
                umask=0o022,  # the kernel's user walks through folders that this one makes
            )  # fmt: skip
        self._control.settimeout(READY_SECONDS)
        order |= {
            "modules": self._recipe.modules, "stand_ins": self._recipe.stand_ins, "sentence": self._recipe.sentence,
            "fit": self._fit,
            "idle_seconds": IDLE_SECONDS, "first_user": seal.first_user(self._process.pid, USERS), "users": USERS,
        }  # fmt: skip
        try:
            self._control.send(json.dumps(order).encode())
            told: dict[str, Any] = json.loads(
                self._control.recv(1 << 16) or b'{"refused": "it ended at its start"}'
            )
        except (OSError, ValueError) as error:
            told = {"refused": f"it did not start: {error}"}
        if "refused" in told:
            self._end()
            raise GraderError(told["refused"])

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
        self._let_go()

    def _end(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _let_go(self) -> None:
        self._listener.close()
        self._folder.remove()


def environment() -> dict[str, str]:
    """The environment of every kernel: nothing of the operator's but language, time zone and NumPy's kernels.

    One hash seed, so that the order of a set is the same whenever a submission is graded.
    """
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {"LANG": "C.UTF-8"} | kept | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONNOUSERSITE": "1", "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "4",
    }  # fmt: skip


Sources = Mapping[tuple[str, bool], ForkServerAddress]


class ForkServerPool(SingletonConfigurable):  # type: ignore[misc]
    """The warm parents of this process, one for each recipe; started when first asked for."""

    seals: tuple[Seal, ...] | None = None
    """The seals to try; by default those that this machine may offer."""
    private: tuple[str, ...] = ()
    """What no kernel may read. A seal that hides nothing holds only where all of this is closed already."""
    fit: Asked = "fast"
    """How models are trained: `train` changes it."""
    sources: Sources | None = None
    """Those of another process, in a worker of its: they are kept running there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._parents: dict[tuple[str, bool], ForkServer] = {}
        self._another = False
        self._last: tuple[ForkServerAddress, Path | None] | None = None
        self._next: PendingKernel | None = None
        atexit.register(self.close)

    def get(self, recipe: KernelProfile, need: Need) -> ForkServerAddress | None:
        """Where to get a kernel; None where this machine can fork none and `need` allows to go without.

        Raises NoSeal where one is required and nothing holds, with the reasons and the way out.
        """
        key = (recipe.name, need == "none")
        if self.sources is not None:
            source = self.sources.get(key)
            if source is None and need == "required":
                raise NoSeal(seal.refusal(["the process that this worker belongs to started no warm parent"]))
            return source
        if key not in self._parents:
            started = self._start(recipe, need)
            if started is None:
                return None
            self._parents[key] = started
        self._parents[key].revive()
        return self._parents[key].source

    def fork(self, source: ForkServerAddress, data: Path | None, limit: float) -> ForkedKernel:
        """A kernel that listens: the one that `start_next` began, where it is of this kind and well.

        Raises ParentDied, or GraderError with the kernel's own reason.
        """
        begun, self._next = self._next, None
        self._last = source, data
        if begun is not None and (begun.source, begun.data) == self._last:
            with contextlib.suppress(GraderError, ForkServerDied):
                forked = begun.forked(limit, self.revive)
                if not forked.has_ended(0):
                    return forked
                forked.close()
        elif begun is not None:
            begun.close()
        return source.ask(data).forked(limit, self.revive)

    @contextlib.contextmanager
    def prefetch(self, *, another: bool) -> Iterator[None]:
        """A kernel is wanted in the block, and, where `another`, one of the same kind soon after it."""
        self._another = another
        try:
            yield
        finally:
            self._another = False
            if not another:
                self.cancel_next()

    def start_next(self) -> None:
        """Where another kernel like the last is wanted, let it start while the last one ends."""
        if self._another and self._last is not None and self._next is None:
            source, data = self._last
            with contextlib.suppress(ForkServerDied, OSError):  # who wants it asks anew
                self._next = source.ask(data)

    def cancel_next(self) -> None:
        """End the kernel that `start_next` started, where nobody has taken it."""
        if self._next is not None:
            self._next.close()
            self._next = None

    def hide(self, *paths: Path) -> None:
        """Tell what no kernel may read: the course, for one. Parents that show it end, and are started anew."""
        told = [path for path in map(str, paths) if path not in self.private]
        if self.sources is None and any(map(seal.shows, told)):
            self.close()
        self.private = (*self.private, *told)

    def train(self, fit: Asked) -> None:
        """Tell how models are trained. Parents that were told otherwise end, and are started anew when asked for."""
        if fit != self.fit and self.sources is None:
            self.close()
        self.fit = fit

    def revive(self) -> Sources:
        """Start anew those that have ended; where kernels are to be had."""
        if self.sources is not None:
            return self.sources
        for parent in self._parents.values():
            parent.revive()
        return {key: parent.source for key, parent in self._parents.items()}

    def pids(self) -> list[int]:
        """The processes that hold them."""
        return [parent.pid for parent in self._parents.values()]

    def _start(self, recipe: KernelProfile, need: Need) -> ForkServer | None:
        reasons = []
        tried = (Seal("none"),) if need == "none" else seal.candidates() if self.seals is None else self.seals
        for one in tried if sys.platform == "linux" else ():
            try:
                return ForkServer(recipe, one, self.private, self.fit)
            except GraderError as error:
                reasons.append(f"{one.name}: {error}")
        if need == "required":
            raise NoSeal(seal.refusal(reasons))
        return None

    def close(self) -> None:
        """End every warm parent."""
        self.cancel_next()
        for parent in self._parents.values():
            parent.close()
        self._parents.clear()


def offers(recipe: KernelProfile, *, private: tuple[str, ...] = ()) -> list[tuple[Seal, str]]:
    """Every seal that this machine may have, tried: empty where it holds, else why it does not.

    private: what no kernel may read.
    """
    found = []
    for one in seal.candidates():
        try:
            ForkServer(recipe, one, private).close()
            found.append((one, ""))
        except GraderError as error:
            found.append((one, str(error)))
    return found
