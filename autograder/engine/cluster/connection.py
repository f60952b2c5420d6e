"""A connection to a Dask scheduler: sends bytes to one worker and receives bytes.

Dask pickles the calls of this package's functions, and its scheduler and workers unpickle them. Results are bytes, and
the connections that fetch them refuse anything that needs unpickling. Dask's own event stream to a client may hold
pickled errors and types, which cannot be turned off. So every peer that can speak to a scheduler is trusted, which is
what TLS is for (docs/cluster.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.text import Text, joined

CONNECT_SECONDS, ANSWER_SECONDS, CLOSE_SECONDS = 10.0, 30.0, 5.0
PLAIN = ("dask", "msgpack")
NO_ADVICE: Mapping[str, str] = MappingProxyType({"distributed.admin.large-graph-warning-threshold": "1 GiB"})


@dataclass(frozen=True)
class WorkerReply:
    """A worker's reply: bytes, or the error that Dask reported instead."""

    key: str
    answer: bytes = b""
    error: str = ""
    lost: bool = False
    """Whether the worker or the scheduler went away."""


class Connection:
    """A connection to the scheduler at an address."""

    def __init__(self, address: str) -> None:
        """Connect. Raises CourseError, within some ten seconds, if no scheduler answers."""
        check(address)  # a client that fails at this takes half a minute to close
        import distributed
        from distributed.versions import VersionMismatchWarning

        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # this package reports its errors
        self._completed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            # versions are compared by this package; ignored permanently, since threads share the warning filters
            warnings.simplefilter("ignore", VersionMismatchWarning)
            self._client: Any = distributed.Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False, deserializers=PLAIN
            )
        except (OSError, TimeoutError) as error:
            raise CourseError(_unanswered(address, error)) from error
        except (ImportError, RuntimeError, TypeError, ValueError) as error:
            raise CourseError(_no_address(address, error)) from error

    @property
    def is_open(self) -> bool:
        """The client's view of whether the scheduler is running."""
        return bool(self._client.status == "running")

    def workers(self) -> dict[str, int] | None:
        """Return the number of threads by worker address, or None if the scheduler is gone."""
        client = self._client
        try:
            identity = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError, AttributeError, RuntimeError, asyncio.CancelledError):
            return None
        return {str(address): int(worker["nthreads"]) for address, worker in identity["workers"].items()}

    def send(self, address: str, function: Callable[[bytes], bytes], request: bytes) -> str:
        """Call a function of this package in a worker. Return the key of the reply to come.

        Raises OSError if the scheduler is gone.
        """
        from dask import config
        from distributed.client import ClosedClientError

        try:
            with config.set(NO_ADVICE):
                future = self._client.submit(function, request, workers=[address], pure=False)
        except (ClosedClientError, RuntimeError) as error:
            raise OSError(str(error)) from error
        future.add_done_callback(self._completed.put)
        return str(future.key)

    def next_reply(self, seconds: float) -> WorkerReply | None:
        """Return the next reply of any worker, or None after `seconds`."""
        try:
            future = self._completed.get(timeout=seconds) if seconds else self._completed.get_nowait()
        except queue.Empty:
            return None
        key = str(future.key)
        if future.status == "error":
            return WorkerReply(key, error=_reason(future.exception(timeout=ANSWER_SECONDS)))
        try:
            answer = future.result(timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError, RuntimeError, asyncio.CancelledError) as error:
            return WorkerReply(key, error=_reason(error), lost=True)
        except (
            Exception
        ) as error:  # cancelled because the scheduler is gone, or a result that needs unpickling
            lost: bool = future.status == "cancelled"
            return WorkerReply(key, error=f"expected bytes, found {_reason(error)}", lost=lost)
        if not isinstance(answer, bytes):
            return WorkerReply(key, error=f"expected bytes, found {type(answer).__name__}")
        return WorkerReply(key, answer)

    def close(self) -> None:
        """Close the connection. Items that workers are at are discarded when they are done."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError, asyncio.CancelledError):
            self._client.close(timeout=CLOSE_SECONDS)


class SchedulerPoll(threading.Thread):
    """A thread that lists a scheduler's workers once, after connecting if there is no connection.

    Either may take half a minute, so other work continues meanwhile.
    """

    def __init__(self, address: str, connection: Connection | None) -> None:
        super().__init__(name="scheduler-poll", daemon=True)
        self._address = address
        self.connection = connection
        self.workers: dict[str, int] | None = None
        """Threads by worker address; None if the scheduler does not answer."""
        self.reason: Text | None = None
        """Why no connection could be made; empty if one was."""
        self.start()

    def run(self) -> None:
        """Connect if necessary, and list the workers."""
        try:
            self.connection = self.connection or Connection(self._address)
        except CourseError as error:
            self.reason = error.message
        else:
            self.workers = self.connection.workers()


def check(address: str) -> None:
    """Check an address and this machine's TLS settings without connecting. Raises CourseError."""
    try:
        from distributed import Security
        from distributed.comm.addressing import get_address_host_port, parse_address
    except ImportError as error:
        raise CourseError(
            _("grading on a cluster needs Dask ({error}): pip install 'rnn-course-kit[cluster]'", error=error)
        ) from error
    try:
        scheme, _rest = parse_address(address)
        if scheme not in ("tcp", "tls"):
            raise ValueError(f"the protocol {scheme!r}")
        get_address_host_port(address)
    except (ImportError, RuntimeError, TypeError, ValueError) as error:
        raise CourseError(_no_address(address, error)) from error
    try:
        context = Security().get_connection_args("client").get("ssl_context")
        if scheme == "tls" and context is None:
            raise ValueError("no certificate")
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # SSLError is an OSError
        files = _certificates()
        raise CourseError(
            _(
                "{address} needs Dask's settings for TLS on this machine: expected {files} to name files "
                "that can be read, in Dask's YAML or in variables such as "
                "DASK_DISTRIBUTED__COMM__TLS__CA_FILE (`autograder docs cluster`); found {found} ({reason})",
                address=address,
                files=", ".join(files),
                found=", ".join(map(str, files.values())),
                reason=_reason(error),
            )
        ) from error


def _certificates() -> dict[str, str | None]:
    """Return Dask's settings for a client's certificates, by name."""
    from dask import config

    names = ("ca-file", "client.cert", "client.key")
    return {
        f"distributed.comm.tls.{name}": config.get(f"distributed.comm.tls.{name}", None) for name in names
    }


def _no_address(address: str, error: Exception) -> Text:
    return _(
        "invalid scheduler address {address}: expected one such as tcp://10.0.0.1:8786, or tls://10.0.0.1:8786 with "
        "Dask's settings for TLS; found {reason}",
        address=address,
        reason=_reason(error),
    )


def _unanswered(address: str, error: Exception) -> Text:
    """Return why no connection could be made, and what to do."""
    reason = _reason(error)
    if "SSL" in reason or "TLS certificate" in reason:
        files = ", ".join(f"{name}: {path}" for name, path in _certificates().items())
        return _(
            "the scheduler at {address} and this machine do not accept each other's certificates: expected ones that "
            "the same authority has signed, in Dask's settings on every machine (`autograder docs cluster`); found "
            "{files} ({reason})",
            address=address,
            files=files,
            reason=reason,
        )
    unanswered = _(
        "no scheduler answers at {address}: expected a running one; start it with `dask scheduler`, and workers with "
        "`dask worker {address}`, or name another with --scheduler ({reason})",
        address=address,
        reason=reason,
    )
    if "CommClosedError" in reason and not address.startswith("tls:"):
        closed = _("the peer closes the connection, as a scheduler with TLS does: use tls:// for that")
        return joined("; ", [unanswered, closed])
    return unanswered


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".removesuffix(": ")


def differences(actual: Mapping[str, str], expected: Mapping[str, str]) -> list[Text]:
    """Return a message for each version of a worker that differs from this machine's."""
    return [
        _(
            "{name} is {found}, expected {expected}",
            name=name,
            found=actual.get(name) or _("missing"),
            expected=version or _("none"),
        )
        for name, version in expected.items()
        if actual.get(name, "") != version
    ]
