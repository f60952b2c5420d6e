"""The seals that this machine is expected to hold, as tests choose among them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from autograder.sandbox import seal
from autograder.sandbox.seal import Seal
from tests.fork_servers import SharedForkServers, shared_fork_servers
from tests.support import ROOT

SEALS = {
    "namespaces": Seal("namespaces", user_namespace=os.geteuid() != 0),
    "namespaces in a user namespace": Seal("namespaces", user_namespace=True),
    "landlock": Seal("landlock"),
}
if os.geteuid() != 0:
    del SEALS["namespaces in a user namespace"]
AS_ANOTHER_USER = {
    "landlock as another user": Seal("landlock", other_user=True),
    "another user": Seal("user", other_user=True),
}
"""Those that need a machine of their own: `test_fallback` runs these tests once more on one."""
if (only_one := os.environ.get("TESTED_SEAL")) is not None:
    SEALS = {only_one: AS_ANOTHER_USER[only_one]}
ALONE = ("landlock", "landlock as another user", "another user")
"""Those under which a kernel can start no process."""


@contextlib.contextmanager
def only(*seals: Seal, private: Sequence[Path] = ()) -> Iterator[SharedForkServers]:
    """Kernels that are asked for in the block are sealed so, or not at all. private: what they may not read."""
    with (
        patch.object(seal, "candidates", lambda: seals),
        shared_fork_servers(ROOT, *private) as servers,
    ):
        yield servers
