"""The fork servers of the test process, which its pools share: starting one takes a second, or ten with TensorFlow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from autograder.errors import GraderError
from autograder.sandbox import fork_server, seal
from autograder.sandbox.fit_mode import NO_FIT, Fit, FitSetting
from autograder.sandbox.fork_server import ForkServer
from autograder.sandbox.profiles import KernelProfile
from autograder.sandbox.seal import Seal


class SharedForkServers:
    """Fork servers that outlive the pools that asked for them, one per configuration."""

    def __init__(self, private: Sequence[Path] = ()) -> None:
        """Start none yet. private: paths that no kernel may read."""
        self._private = tuple(map(str, private))
        self._servers: dict[object, ForkServer | GraderError] = {}

    def start(
        self, profile: KernelProfile, sealed: Seal, private: tuple[str, ...] = (), fit: FitSetting = "fast"
    ) -> _Shared:
        """Return the fork server of a configuration, in the place of `ForkServer`."""
        # without namespaces another user is kept out by permissions, which are checked for what is private
        hidden = private if sealed.other_user else tuple(filter(_is_visible, private))
        private = (*self._private, *hidden)
        key = profile.name, sealed, private, fit
        if key not in self._servers:
            try:
                self._servers[key] = ForkServer(profile, sealed, private, fit)
            except GraderError as error:
                self._servers[key] = error
        server = self._servers[key]
        if isinstance(server, GraderError):
            raise server
        return _Shared(server)

    @property
    def running(self) -> list[ForkServer]:
        """The fork servers that were started."""
        return [server for server in self._servers.values() if isinstance(server, ForkServer)]

    def pids(self) -> list[int]:
        """Their process ids."""
        return [server.pid for server in self.running]

    def fit(self) -> Fit:
        """How their kernels train models now."""
        return next((server.fit for server in self.running if server.fit.mode), NO_FIT)

    def close(self) -> None:
        """End them."""
        for server in self.running:
            server.close()
        self._servers.clear()


def _is_visible(path: str) -> bool:
    """Return whether kernels would see a folder if it were not declared private."""
    return any(Path(path).resolve().is_relative_to(view["real"]) for view in seal.views((), ()))


class _Shared:
    """A fork server that closing a pool does not end."""

    def __init__(self, server: ForkServer) -> None:
        self.revive = server.revive
        self.address = server.address
        self._server = server

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def fit(self) -> Fit:
        return self._server.fit

    def close(self) -> None:
        """Leave it running."""


@contextlib.contextmanager
def shared_fork_servers(*private: Path) -> Iterator[SharedForkServers]:
    """Let the pools of this process share fork servers in the block, apart from those of an outer block."""
    servers = SharedForkServers(private)
    with contextlib.closing(servers), patch.object(fork_server, "ForkServer", servers.start):
        yield servers
