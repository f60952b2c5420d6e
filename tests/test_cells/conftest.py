"""The fork server that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox.fork_server import ForkServerPool
from tests.test_cells.notebooks import Kernels


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    """Kernels from one fork server."""
    with ForkServerPool() as pool:
        yield Kernels(pool)
