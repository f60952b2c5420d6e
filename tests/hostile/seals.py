"""The seals that this machine is expected to hold, as tests choose among them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.seal import Seal
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
def only(*seals: Seal) -> Iterator[ForkServerPool]:
    """Kernels of this process are sealed so, or not at all; those that run already go on."""
    parents = ForkServerPool.instance()
    before = parents.seals, parents._servers
    parents.seals, parents._servers = seals, {}
    parents.hide(ROOT)
    try:
        yield parents
    finally:
        parents.close()
        parents.seals, parents._servers = before
