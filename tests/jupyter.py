"""A Jupyter server in a course's folder, as an instructor starts it, and its address."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course

TOKEN = "of-the-instructor"
OF_NBGRADER = ("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.validate_assignment")
NOT_NEEDED = ("jupyter_lsp", "jupyter_server_terminals", "notebook")
"""Extensions that start with JupyterLab, and that no test looks at."""


@contextlib.contextmanager
def jupyter(course: Course, home: Path, *, module: str = "jupyter_server") -> Iterator[str]:
    """The address of Jupyter in the course's folder, with nbgrader's extensions. module: the application."""
    environment = os.environ | {
        "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTER_CONFIG_DIR": str(home / "config"),
    }  # fmt: skip
    extensions = dict.fromkeys(OF_NBGRADER, True) | dict.fromkeys(NOT_NEEDED, False)
    words = [
        sys.executable, "-m", module, "--no-browser", "--allow-root", "--port=0",
        f"--ServerApp.root_dir={course.root}", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.jpserver_extensions={extensions}",
    ]  # fmt: skip
    with subprocess.Popen(
        words, cwd=course.root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        end = time.monotonic() + 120
        while not (found := [*(home / "runtime").glob("jpserver-*.json")]) and time.monotonic() < end:
            assert server.poll() is None, "Jupyter did not start"
            time.sleep(0.05)
        info = json.loads(found[0].read_text(encoding="utf-8"))
        try:
            yield info["url"].replace("localhost", "127.0.0.1")
        finally:
            server.terminate()  # it ends its kernels
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:  # it waits for ever for a kernel that has ended
                server.kill()
