"""The main program of a kernel in a process of its own; see `sandbox/separate_kernel.py`."""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
from typing import Any

from . import kernel_app


def main() -> None:
    """Create a kernel, tell its starter the port of its outputs, and run it."""
    config = json.loads(os.environ.pop("AUTOGRADER_KERNEL"))
    if config["converses"]:  # here, while our own modules can be seen
        importlib.import_module(".conversing_agent", __package__)
    absent: Any = None
    sys.modules["debugpy"] = absent  # as in every kernel
    importlib.import_module("numpy")
    connection = socket.create_connection(("127.0.0.1", config["port"]))
    app = kernel_app.create_kernel(
        connection, config | {"single_process": False}, key=config["key"],
        transport=config["transport"], ip=config["ip"], folder=config["folder"],
    )  # fmt: skip
    connection.sendall(f"{config['token']} {app.iopub_port}\n".encode())
    app.start()
