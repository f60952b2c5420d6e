"""The fork server process: imports the slow modules once and forks kernels, each of which seals itself.

It runs no op and no student code, holds no answer, and has a single thread, which makes it safe to fork (TensorFlow
starts its threads with the first op). It exits when its owner closes the connection.

A client connects to the server's address, sends one request with the agent's end of a connection and the kernel's data
folder, and gets a message when the kernel is ready. From then on, the client's connection belongs to the kernel's
supervisor.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NoReturn

from . import cgroups, folders, libc, namespaces, no_namespaces, seccomp, supervisor
from .fit_selection import FitSelection

MAX_MESSAGE = 1 << 20
REQUEST_SECONDS = 30.0
WAIT_SECONDS = 20.0  # for the self-test of the fast fit, of the 60 s in which a kernel has to start
# what a kernel would import at startup and in its first cell
KERNEL_MODULES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.iostream", "ipykernel.displayhook",
    "IPython.core.magics", "IPython.core.completer", "IPython.core.history", "IPython.core.payloadpage",
    "IPython.core.pylabtools", "IPython.core.debugger", "IPython.core.completerlib", "IPython.core.logger",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "IPython.lib.pretty", "ipykernel.debugger",
    "matplotlib.pyplot",
    "tornado.ioloop", "tornado.platform.asyncio", "zmq.eventloop.zmqstream", "comm", "pdb", "pexpect",
    "concurrent.futures.thread", "numpy", "numpy.random", "numpy.linalg", "numpy.fft",
    "numpy.testing",
)  # fmt: skip
# as every kernel has it; the first figure imports this module, which then finds the kernel and shows figures in it
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
FOLDERS = (
    ("HOME", "home"), ("TMPDIR", "tmp"), ("IPYTHONDIR", "cache/ipython"), ("MPLCONFIGDIR", "cache/matplotlib"),
    ("XDG_CACHE_HOME", "cache"), ("JUPYTER_RUNTIME_DIR", "connection"), ("JUPYTER_DATA_DIR", "cache/jupyter"),
    ("JUPYTER_CONFIG_DIR", "cache/jupyter"),
)  # fmt: skip
SINGLE_PROCESS_LAYERS = ("landlock", "user")  # layers under which a kernel cannot start processes


class _Unusable(Exception):
    """A module that was to be imported before any kernel is forked, and cannot be."""

    def __init__(self, kind: str, module: str, reason: str) -> None:
        self.kind, self.module, self.reason = kind, module, reason
        super().__init__(reason)


def main() -> NoReturn:
    """Read the configuration from the first descriptor given as a program argument, then fork a kernel for every client
    that connects to the second, until the owner closes the first.
    """
    control, listener = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    config = json.loads(control.recv(MAX_MESSAGE))
    try:
        if config["layer"] != "none" and not seccomp.is_supported():
            raise OSError(f"system call numbers for {os.uname().machine} are unknown")
        config["cgroup_trees"] = cgroups.find_trees(config["limits"])
        if config["layer"] == "namespaces":
            namespaces.fork_first(config)
        # here: they import NumPy, and our own modules can be seen until `prepare`
        from . import kernel_app

        if config["converses"]:
            importlib.import_module(".conversing_agent", __package__)
        if config["layer"] == "namespaces":
            namespaces.prepare(config)
        _test_seal(config)
        _restrict_imports(config)
        with _temporary_folders(config):
            _import_all((*KERNEL_MODULES, *config["modules"]))
            kernel_app.prepare()
        if (threads := _threads()) != 1:
            raise OSError(f"the fork server runs {threads} threads and cannot be forked")
    except _Unusable as error:
        _send(control, {"refused": f"{error.module}: {error.reason}", error.kind: error.module})
        sys.exit(1)
    except Exception as error:
        _send(control, {"refused": f"{type(error).__name__}: {error}"})
        sys.exit(1)
    gc.collect()
    libc.trim_heap()
    gc.freeze()  # keeps a garbage collection in a kernel from copying every page
    fit_selection = FitSelection(config["fit"], config["modules"])
    _send(control, {"fit": fit_selection.report})
    _serve(control, listener, config, fit_selection)


def _restrict_imports(config: dict[str, Any]) -> None:
    """Import only from what a kernel may see, not from the project that this file was started from."""
    seen = tuple(view["path"] for view in config["views"])
    sys.path[:] = [path for path in sys.path if path.startswith(seen) and os.path.exists(path)]
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    os.environ.pop("INSIDE", None)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


@contextlib.contextmanager
def _temporary_folders(config: dict[str, Any]) -> Iterator[None]:
    """Give libraries folders for their files: they remember the paths, which are those of the kernels where these have
    a view of their own.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        _use_folders(namespaces.BOX if config["layer"] == "namespaces" else folder)
        os.makedirs(os.environ["IPYTHONDIR"], exist_ok=True)
        yield
    os.environ.clear()
    os.environ.update(before)
    tempfile.tempdir = None


def _import_all(names: tuple[str, ...]) -> None:
    """Import the modules that exist.

    Raises _Unusable for a module that cannot be imported here, or that leaves threads running.
    """
    absent: Any = None
    sys.modules["debugpy"] = (
        absent  # every kernel would import it, which takes longer than the rest of its startup
    )
    os.environ["MPLBACKEND"] = INLINE_BACKEND  # matplotlib reads it once
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:  # it is not there, or goes without a part of it that is not
            continue
        except (Exception, SystemExit) as error:
            raise _Unusable("broken", name, f"{type(error).__name__}: {error}"[:500]) from error
        if _threads() != 1:
            raise _Unusable("threaded", name, "it starts threads when it is imported")


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _use_folders(box: str) -> None:
    """Point libraries to the folders in `box`."""
    os.environ.update({name: f"{box}/{path}" for name, path in FOLDERS})
    tempfile.tempdir = None


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.send(json.dumps(message).encode())


def _test_seal(config: dict[str, Any]) -> None:
    """Seal a child that does nothing else. Raises OSError if this machine does not allow it."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            _seal_kernel(config, config["first_user"], None, None)
            os.write(write, b"sealed")
        except BaseException as error:
            os.write(write, str(error).encode(errors="replace")[:500] or b"?")
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        outcome = pipe.read().decode(errors="replace")
    os.waitpid(child, 0)
    if outcome != "sealed":
        raise OSError(outcome or "the test of the seal ended without a result")


def _seal_kernel(config: dict[str, Any], user: int, data: int | None, owner: socket.socket | None) -> str:
    """Fork and seal a child; this process becomes its supervisor. Returns, in the child, its writable folder."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    strong = config["layer"] == "namespaces"
    trees = config["cgroup_trees"]
    group = cgroups.create(trees, config["limits"]) if trees is not None else None
    if strong:
        namespaces.unshare(config)
    folder = None if strong else tempfile.mkdtemp(prefix=folders.KERNEL_PREFIX, dir=config["folder"])
    processes = os.open("/proc", os.O_PATH | os.O_DIRECTORY)  # the kernel will have one of its own there
    if (kernel := os.fork()) != 0:
        supervisor.supervise(kernel, owner, config["limits"], folder, group, _autogroup(processes, kernel))
    os.close(processes)
    if group is not None:
        with contextlib.suppress(OSError):  # an older Linux does not allow this; the limits work without it
            group.join()
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    if folder is None:
        namespaces.enter(config, user, data)
    elif config["layer"] in SINGLE_PROCESS_LAYERS:
        no_namespaces.enter(config, user, folder, data)
    else:
        namespaces.make_folders(folder, data)
    box = folder or namespaces.BOX
    os.chdir(f"{box}/home")
    return box


def _autogroup(processes: int, pid: int) -> int | None:
    """Open the file that sets a session's share of the processors; returns None if there is none (sched(7))."""
    try:
        return os.open(f"{pid}/autogroup", os.O_WRONLY, dir_fd=processes)
    except OSError:
        return None


def _serve(
    control: socket.socket, listener: socket.socket, config: dict[str, Any], fit_selection: FitSelection
) -> NoReturn:
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(listener, select.POLLIN)
    running = forked = 0
    selftest: int | None = None
    while True:
        ready = [descriptor for descriptor, _ in poller.poll(config["idle_seconds"] * 1000)]
        running -= _reap()
        if control.fileno() in ready or not (ready or running):
            os._exit(0)
        if selftest in ready:
            poller.unregister(selftest)
            fit_selection.apply_result()
            _send(control, {"fit": fit_selection.report})
        if listener.fileno() in ready:
            if forked == 1 and selftest is None and (selftest := fit_selection.start_selftest()) is not None:
                poller.register(selftest, select.POLLIN)
                running += 1
                waiting = select.poll()
                waiting.register(control, select.POLLIN)
                waiting.register(selftest, select.POLLIN)
                waiting.poll(WAIT_SECONDS * 1000)
                continue
            owner, _ = listener.accept()
            if os.fork() == 0:
                control.close()
                listener.close()
                fit_selection.close_in_kernel()
                _become_kernel(config, config["first_user"] + forked % config["users"], owner)
            running, forked = running + 1, forked + 1
            owner.close()


def _reap() -> int:
    """Reap ended children and return their number."""
    count = 0
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            count += 1
    return count


def _become_kernel(config: dict[str, Any], user: int, owner: socket.socket) -> NoReturn:
    """Seal this process, start a kernel in it, notify its owner, and run until it is ended."""
    try:
        owner.settimeout(REQUEST_SECONDS)
        request, descriptors, _, _ = socket.recv_fds(owner, MAX_MESSAGE, 2)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        os.close(nowhere)
        connection = socket.socket(fileno=descriptors[0])
        connection.set_inheritable(False)
        data = descriptors[1] if len(descriptors) > 1 else None
        signal.signal(signal.SIGINT, signal.default_int_handler)
        box = _seal_kernel(config, user, data, owner)
        if data is not None:
            os.close(data)
        app = _create_kernel(config, connection, json.loads(request)["key"], box)
        folder = os.open(f"{box}/connection", os.O_PATH | os.O_DIRECTORY)
        socket.send_fds(owner, [b"{}"], [folder])
        os.close(folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            _send(owner, {"failed": f"{type(error).__name__}: {error}"[:500]})
        os._exit(1)
    owner.close()
    try:
        app.start()
    finally:
        os._exit(0)


def _create_kernel(config: dict[str, Any], connection: socket.socket, key: str, box: str) -> Any:
    from . import kernel_app  # as in `main`

    _use_folders(box)
    folder, single_process = f"{box}/connection", config["layer"] in SINGLE_PROCESS_LAYERS
    app = kernel_app.create_kernel(
        connection, config | {"single_process": single_process},
        key=key, transport="ipc", ip=f"{folder}/k", folder=folder,
    )  # fmt: skip
    if single_process:
        seccomp.forbid_listening()
    return app
