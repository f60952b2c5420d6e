"""The IPython kernel in which student code runs: of Jupyter's sockets it has only the one that publishes outputs.

Requests come over the agent's connection.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import random
import socket
import sys
import threading
from types import SimpleNamespace
from typing import Any

from . import agent
from .channel import OUTPUTS_PORT, AgentServer


def create_kernel(
    connection: socket.socket, config: dict[str, Any], *, key: str, transport: str, ip: str, folder: str
) -> Any:
    """Create an IPython kernel that publishes outputs and runs the agent. Its `start` runs until the process ends.

    connection: to the grader. key: of the messages with outputs. folder: for what Jupyter keeps.
    config: `stub_modules`, `stub_message`, `converses`, and `single_process`, whether it can start no process.
    """
    # not at the top of the module: a seal that this machine refuses would wait for these imports too
    from ipykernel import kernelapp
    from tornado.ioloop import IOLoop

    os.environ.update(USER="student", LOGNAME="student")
    random.seed()
    sys.modules["numpy"].random.seed()
    sys.argv = ["ipykernel"]
    app = _app()
    app.transport, app.ip, app.connection_file = transport, ip, f"{folder}/kernel.json"
    app.iopub_port = OUTPUTS_PORT if transport == "ipc" else 0
    app.session.key = key.encode()
    if config["single_process"]:
        # the pipe for the output of child processes is a TCP port, and there are no child processes
        module: Any = kernelapp
        module.IOPubThread = functools.partial(_without_pipe, module.IOPubThread)
    app.initialize([])
    _adopt_shell(app)
    sys.path.insert(0, "")  # modules that students write next to the notebook, as in any kernel
    server = AgentServer(connection, app.shell, IOLoop.current())
    ask = server.ask if config["converses"] else None
    agent.install(app.shell, tuple(config["stub_modules"]), config["stub_message"], ask)
    server.listen()
    return app


def prepare() -> None:
    """Do once what else each kernel would do: create app and shell, and format the first traceback."""
    from ipykernel.compiler import XCachingCompiler
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.ultratb import FormattedTB

    # a kernel asks for the only instance of the class, and gets this one
    ZMQInteractiveShell.instance(config=_app().config, compiler_class=XCachingCompiler)
    with contextlib.suppress(Exception):  # it only takes longer then
        try:
            raise ValueError
        except ValueError:
            formatter: Any = FormattedTB
            formatter(mode="Context").structured_traceback(*sys.exc_info())


def _adopt_shell(app: Any) -> None:
    """Tell the shell its kernel, folders and environment: it may have been created before the fork."""
    shell = app.shell
    shell.kernel = shell.parent = app.kernel
    shell.log = app.log
    shell.ipython_dir, shell.profile_dir, shell.starting_dir = app.ipython_dir, app.profile_dir, os.getcwd()
    visited = shell.history_manager.dir_hist  # `_dh`, to which `%cd -` goes back
    visited[:] = [type(folder)(os.getcwd()) for folder in visited[:1]]
    shell.init_environment()


@functools.cache
def _app() -> Any:
    import zmq
    from ipykernel import ipkernel
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    class OutputsApp(IPKernelApp):
        """Without the channels for requests, and their threads."""

        def init_connection_file(self, *given: Any, **named: Any) -> None:
            """Do nothing: there is no other process that would read the file."""

        parse_command_line = write_connection_file = log_connection_info = init_heartbeat = (
            init_connection_file
        )
        # nothing is in its folders
        load_config_file = _run_startup_files = init_connection_file

        def init_sockets(self) -> None:
            self.context = zmq.Context()
            self.init_iopub(self.context)  # type: ignore[no-untyped-call]

        def init_kernel(self) -> None:
            module: Any = ipkernel
            # it would list all modules for a debugger, which copies the memory that each is in
            module.sys = SimpleNamespace(modules={})
            kernel = self.kernel = IPythonKernel.instance(
                parent=self, session=self.session, iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket,
                log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns,
            )  # fmt: skip
            module.sys = sys
            # `await` in a cell can be interrupted only in the thread that this names
            kernel.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
            self.displayhook.get_execution_count = lambda: kernel.execution_count

    config = Config()
    config.HistoryManager.enabled = False
    return OutputsApp.instance(config=config, log_level=logging.CRITICAL)


def _without_pipe(thread: Any, socket: Any, pipe: bool = False, **options: Any) -> Any:
    return thread(socket, pipe=False, **options)
