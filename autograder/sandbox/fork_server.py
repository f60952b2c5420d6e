"""Fork servers as the trusted side sees them: start one, request kernels from it, restart it when it dies."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import stat
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autograder.errors import GraderError, NoSeal
from autograder.i18n import _
from autograder.sandbox import seal
from autograder.sandbox.fit_mode import NO_FIT, Fit, FitSetting
from autograder.sandbox.inside import folders
from autograder.sandbox.inside.channel import OUTPUTS_PORT
from autograder.sandbox.inside.supervisor import END, ENDED, INTERRUPT, LOWER, OUT_OF_MEMORY, USE
from autograder.sandbox.profiles import KernelProfile
from autograder.sandbox.scratch import Scratch, remove_abandoned
from autograder.sandbox.seal import Need, Seal

log = logging.getLogger(__name__)
READY_SECONDS = 180.0
START_SECONDS = 60.0
IDLE_SECONDS = 900.0
POLL_SECONDS = 1.0
REPLY_SECONDS = 10.0
FINAL_MESSAGES = (b"", ENDED, OUT_OF_MEMORY)
END_SECONDS = 10.0
SO_PASSRIGHTS = 83  # whether a socket may be sent descriptors (include/uapi/asm-generic/socket.h)
USERS_PER_SERVER = 256  # user ids reserved for one fork server
INHERITED_ENVIRONMENT = ("LANG", "LC_ALL", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class ForkServerDied(Exception):
    """A fork server ended before it delivered a kernel."""


class BrokenModule(GraderError):
    """A module that kernels need is installed and cannot be imported: what would be run without it proves nothing."""


class EndedEarly(GraderError):
    """A fork server ended twice before it was ready. A weaker seal would not help."""


@dataclass
class ForkedKernel:
    """A listening kernel: the connections to its supervisor and its agent, its folder, and the key of its outputs."""

    supervisor: socket.socket
    connection: socket.socket
    """To the agent."""
    folder: int
    """A file descriptor of the folder in which the socket of the outputs is."""
    key: str
    ended: bool = False
    lost: bool = False
    """Whether it ended without a final message of its supervisor, because its fork server was ended."""
    lacked_memory: bool = False
    """Whether it was ended because the machine had no more memory, while it had used less than it may."""
    is_mute: bool = False
    """Whether its supervisor failed to answer a request in time. No further request is sent to it."""

    @property
    def outputs(self) -> str:
        """Return the address at which the kernel publishes outputs. Raises GraderError if it has no socket there."""
        name = f"k-{OUTPUTS_PORT}"
        if not _is_socket(self.folder, name):
            raise GraderError(_("the kernel has no socket {name}", name=name))
        return f"ipc:///proc/self/fd/{self.folder}/{name}"

    def interrupt(self) -> None:
        """Interrupt the kernel, as Ctrl-C does."""
        self._send(INTERRUPT)

    def lower_priority(self) -> None:
        """Give the kernel less of the processors than others have, for good."""
        self._send(LOWER)

    def end(self) -> None:
        """End the kernel and all processes that it started, and wait for it."""
        self._send(END)
        self.has_ended(END_SECONDS)
        self.supervisor.close()
        self.connection.close()
        os.close(self.folder)

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return how many of the last seconds the kernel waited for a processor, and how many it computed.

        Both are 0 if that is not known: where Linux does not tell, or the supervisor has not answered in time.
        """
        if self.ended or self.is_mute:
            return 0.0, 0.0
        self._send(b"%s %f" % (USE, seconds))
        self.supervisor.settimeout(REPLY_SECONDS)
        try:
            reply = self._receive()
        except OSError:  # a late reply would be taken for that to the next request
            self.is_mute = True
            return 0.0, 0.0
        if reply in FINAL_MESSAGES:
            self._note_end(reply)
            return 0.0, 0.0
        waited, used = map(float, reply.split())
        return waited, used

    def has_ended(self, seconds: float) -> bool:
        """Return whether the kernel has ended, or ends within `seconds`."""
        if not self.ended:
            self.supervisor.settimeout(max(seconds, 0.000_001))
            try:
                self._note_end(self._receive_final())
            except TimeoutError:
                return False
            except OSError:
                self.ended = self.lost = True
        return True

    def _note_end(self, message: bytes) -> None:
        self.ended, self.lost, self.lacked_memory = True, not message, message == OUT_OF_MEMORY

    def _receive_final(self) -> bytes:
        message = self._receive()
        while message not in FINAL_MESSAGES:  # a late reply to a request that has timed out
            message = self._receive()
        return message

    def _receive(self) -> bytes:
        try:
            return self.supervisor.recv(64)
        except ConnectionResetError:  # it did not read our last message; its own comes after the error
            return self.supervisor.recv(64)

    def _send(self, word: bytes) -> None:
        if not self.ended:
            with contextlib.suppress(OSError):
                self.supervisor.send(word)


@dataclass(frozen=True)
class ForkServerAddress:
    """The socket path of a fork server, and the seal that its kernels run under."""

    path: str
    seal: Seal

    def request_kernel(self, data: Path | None) -> PendingKernel:
        """Request a kernel, without waiting for it. Raises ForkServerDied.

        data: folder whose files the kernel gets.
        """
        key = os.urandom(16).hex()
        with contextlib.ExitStack() as closed, contextlib.ExitStack() as kept:
            supervisor = kept.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            connection, agents = socket.socketpair()
            kept.enter_context(connection)
            descriptors = [closed.enter_context(agents).fileno()]
            if data is not None:
                descriptors.append(os.open(data, os.O_RDONLY | os.O_DIRECTORY))
                closed.callback(os.close, descriptors[1])
            with contextlib.suppress(
                OSError
            ):  # before Linux 6.16, files of a student's may be under way in it
                connection.setsockopt(socket.SOL_SOCKET, SO_PASSRIGHTS, 0)
            supervisor.settimeout(POLL_SECONDS)
            try:
                supervisor.connect(self.path)
                socket.send_fds(supervisor, [json.dumps({"key": key}).encode()], descriptors)
            except OSError as error:
                raise ForkServerDied from error
            kept.pop_all()
            return PendingKernel(self, data, supervisor, connection, key)


@dataclass(frozen=True)
class PendingKernel:
    """A requested kernel: its fork server, its data folder, and the connections to its supervisor and its agent.

    The supervisor's reports when it listens.
    """

    address: ForkServerAddress
    data: Path | None
    supervisor: socket.socket
    connection: socket.socket
    key: str

    def wait(self, on_poll: Callable[[], object]) -> ForkedKernel:
        """Wait until the kernel listens and return it. on_poll: called periodically while waiting.

        Raises ForkServerDied, or GraderError with the reason that the kernel reports.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            self.supervisor.settimeout(POLL_SECONDS)
            end = time.monotonic() + START_SECONDS
            try:
                message, descriptors = _receive(self.supervisor)
                while message is None:
                    if time.monotonic() > end:
                        raise GraderError(_("a kernel did not start within {limit:g} s", limit=START_SECONDS))
                    on_poll()
                    message, descriptors = _receive(self.supervisor)
            except OSError as error:
                raise ForkServerDied from error
            if not message:
                raise ForkServerDied
            reply = json.loads(message)
            if not descriptors:
                reason = reply.get("failed") or _("it ended")
                raise GraderError(_("a kernel could not be sealed and started: {reason}", reason=reason))
            stack.pop_all()
            return ForkedKernel(self.supervisor, self.connection, descriptors[0], self.key)

    def close(self) -> None:
        """Cancel the request: the kernel ends."""
        self.supervisor.close()
        self.connection.close()


def _is_socket(folder: int, name: str) -> bool:
    """Return whether `name` is itself a socket, not a link to someone else's."""
    try:
        return stat.S_ISSOCK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _receive(supervisor: socket.socket) -> tuple[bytes | None, list[int]]:
    """Return the next message and its file descriptors; None while there is none."""
    try:
        message, descriptors, *_rest = socket.recv_fds(supervisor, 1 << 16, 1)
    except TimeoutError:
        return None, []
    return message, descriptors


class ForkServer:
    """Starts a fork server and keeps it running. Raises GraderError with the reason if its seal cannot be applied.

    Its address stays valid across restarts: a request for a kernel meanwhile just takes longer.
    """

    def __init__(
        self, profile: KernelProfile, sealed: Seal, private: tuple[str, ...] = (), fit: FitSetting = "fast"
    ) -> None:
        self._profile, self._seal, self._private, self._setting = profile, sealed, private, fit
        self._modules = profile.modules
        """What is imported before it forks: all but what each kernel has to import by itself."""
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
        reply = self._launch() or self._launch()
        if reply is None:
            raise EndedEarly(
                _(
                    "a fork server ended twice before it was ready (seal: {seal}); check that there is enough memory",
                    seal=self._seal.name,
                )
            )
        if "refused" in reply:
            self._end()
            if reply.get("threaded") in self._modules:  # a process with threads cannot be forked
                self._modules = tuple(name for name in self._modules if name != reply["threaded"])
                self._start()
                return
            if "broken" in reply:
                raise BrokenModule(
                    _(
                        "a module cannot be imported here, so nothing is run: {reason}",
                        reason=reply["refused"],
                    )
                )
            raise GraderError(reply["refused"])
        self._fit = Fit(*reply["fit"])
        self._control.setblocking(False)

    def _launch(self) -> dict[str, Any] | None:
        """Start the process and return its first message; None if it ends before."""
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
                umask=0o022,  # the kernel's user has to traverse folders that this process creates
            )  # fmt: skip
        self._control.settimeout(READY_SECONDS)
        config |= {
            "modules": self._modules, "stub_modules": self._profile.stub_modules,
            "stub_message": self._profile.stub_message, "fit": self._setting,
            "converses": self._profile.converses,
            "idle_seconds": IDLE_SECONDS, "users": USERS_PER_SERVER,
            "first_user": seal.first_user(self._process.pid, USERS_PER_SERVER),
        }  # fmt: skip
        try:
            self._control.send(json.dumps(config).encode())
            reply: dict[str, Any] = json.loads(self._control.recv(1 << 16))
        except (OSError, ValueError):
            self._kill()
            return None
        except BaseException:  # Ctrl-C
            self._kill()
            raise
        return reply

    @property
    def fit(self) -> Fit:
        """Return how kernels that are forked now train models."""
        with contextlib.suppress(OSError, ValueError):  # nothing to read, or the process has ended
            while True:
                self._fit = Fit(*json.loads(self._control.recv(1 << 16))["fit"])
                log.log(logging.WARNING if self._fit.mode == "failed" else logging.INFO, self._fit.text.en)
        return self._fit

    @property
    def pid(self) -> int:
        """Return the id of the process; when it ends, so do all its kernels."""
        return self._process.pid

    def revive(self) -> None:
        """Restart the process if it has ended."""
        _ = self.fit  # logged when it changes
        if self._process.poll() is not None:
            self._control.close()
            self._start()

    def close(self) -> None:
        """End the process, and with it every kernel that it forked."""
        self._end()
        self._release()

    def _end(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._kill()

    def _kill(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()

    def _release(self) -> None:
        self._listener.close()
        self._folder.remove()


def environment() -> dict[str, str]:
    """Return the environment of every kernel: the operator's language, time zone and NumPy kernel choice, nothing else.

    The hash seed is fixed, so that the order of a set is the same whenever a submission is graded.
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


class ForkServerPool:
    """Fork servers, one per profile, each started on first use. They end with the pool."""

    def __init__(
        self,
        *,
        private: Sequence[Path] = (),
        fit: FitSetting = "fast",
        addresses: ForkServerAddresses | None = None,
        has_low_priority: Callable[[], bool] = lambda: False,
    ) -> None:
        """Create a pool.

        private: paths that no kernel may read, such as the course. A seal that hides nothing works only if their
        permissions exclude it already.
        fit: the setting of how models are trained.
        addresses: fork servers of the process that owns this worker process and keeps them running.
        has_low_priority: returns whether running kernels are to have low priority. Called about twenty times a second.
        """
        self.private, self.fit = tuple(map(str, private)), fit
        self.addresses, self.has_low_priority = addresses, has_low_priority
        self._servers: dict[tuple[str, bool], ForkServer] = {}
        self._expect_another = False
        self._last_request: tuple[ForkServerAddress, Path | None] | None = None
        self._prefetched: PendingKernel | None = None
        self._close_servers = weakref.finalize(self, _close_all, self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def get(self, profile: KernelProfile, need: Need) -> ForkServerAddress | None:
        """Return the address of a fork server; None if none can be started and `need` allows to go without.

        Raises NoSeal, with the reasons and what to do, if a seal is required and none works.
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

    def fork(self, address: ForkServerAddress, data: Path | None) -> ForkedKernel:
        """Return a listening kernel: the one that `start_next` prefetched, if it matches and still runs.

        Raises ForkServerDied, or GraderError with the reason that the kernel reports.
        """
        prefetched, self._prefetched = self._prefetched, None
        self._last_request = address, data
        if prefetched is not None and (prefetched.address, prefetched.data) == self._last_request:
            with contextlib.suppress(GraderError, ForkServerDied):
                kernel = prefetched.wait(self.revive)
                if not kernel.has_ended(0):
                    return kernel
                kernel.end()
        elif prefetched is not None:
            prefetched.close()
        return address.request_kernel(data).wait(self.revive)

    @contextlib.contextmanager
    def prefetch(self, *, another: bool) -> Iterator[None]:
        """Declare that a kernel is needed in the block and, if `another`, one of the same kind soon after it."""
        self._expect_another = another
        try:
            yield
        finally:
            self._expect_another = False
            if not another:
                self.cancel_next()

    def start_next(self) -> None:
        """Start another kernel like the last one, if one is expected, while the last one ends."""
        if self._expect_another and self._last_request is not None and self._prefetched is None:
            address, data = self._last_request
            with contextlib.suppress(ForkServerDied, OSError):  # the next `fork` requests it again
                self._prefetched = address.request_kernel(data)

    def cancel_next(self) -> None:
        """End the kernel that `start_next` started, if it was not used."""
        if self._prefetched is not None:
            self._prefetched.close()
            self._prefetched = None

    def revive(self) -> ForkServerAddresses:
        """Restart the fork servers that have ended, and return the addresses of all."""
        if self.addresses is not None:
            return self.addresses
        for server in self._servers.values():
            server.revive()
        return {key: server.address for key, server in self._servers.items()}

    def trained_by(self) -> Fit:
        """Return how models are trained now; `NO_FIT` if none are, or if another process has the fork servers."""
        return next((server.fit for server in self._servers.values() if server.fit.mode), NO_FIT)

    def _start(self, profile: KernelProfile, need: Need) -> ForkServer | None:
        reasons: list[str] = []
        candidates = (Seal("none"),) if need == "none" else seal.candidates()
        for candidate in candidates if sys.platform == "linux" else ():
            try:
                server = ForkServer(profile, candidate, self.private, self.fit)
                log.info("seal: %s; refused: %s", candidate.name, "; ".join(reasons) or "none")
                return server
            except (BrokenModule, EndedEarly):  # under any seal
                raise
            except GraderError as error:
                reasons.append(f"{candidate.name}: {error}")
        if need == "required":
            raise NoSeal(seal.refusal(reasons))
        return None

    def close(self) -> None:
        """End every fork server. The pool can be used again."""
        self.cancel_next()
        _close_all(self._servers)


def _close_all(servers: dict[tuple[str, bool], ForkServer]) -> None:
    for server in servers.values():
        server.close()
    servers.clear()


def try_seals(profile: KernelProfile, *, private: tuple[str, ...] = ()) -> list[tuple[Seal, str]]:
    """Try every seal that this machine may offer. Returns each with an empty string, or with the reason that it fails.

    private: paths that no kernel may read.
    """

    def try_one(candidate: Seal) -> GraderError | None:
        try:
            ForkServer(profile, candidate, private).close()
        except GraderError as error:
            return error
        return None

    candidates = seal.candidates()
    if not candidates:
        return []
    with ThreadPoolExecutor(len(candidates)) as threads:
        refused = threads.map(try_one, candidates)
        return [(candidate, str(error or "")) for candidate, error in zip(candidates, refused, strict=True)]
