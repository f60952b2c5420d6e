"""Fixtures and rules for the whole suite."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import autograder.startup  # noqa: F401 - before nbformat, which else compiles a grammar for two seconds

if TYPE_CHECKING:
    from tests.chrome import Browser

sys.path.append(str(Path(__file__).parents[1]))  # worker processes import test modules by name

# a machine may be busy with other tests, and what a fixture gives is the same to every example
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("here")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask for what no everyday run should wait for."""
    parser.addoption("--full", action="store_true", help="run the whole corpora too, as CI does")
    parser.addoption("--update-samples", action="store_true", help="write docs/samples anew")
    parser.addoption(
        "--slow", action="store_true", help="also run what takes minutes: other environments, fifty draws"
    )


def pytest_xdist_auto_num_workers() -> int:
    """Use one worker more than there are cores: tests wait for time limits, pages and processes that end."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """Let commands that tests start hear Ctrl-C, also where this run was started in the background of a shell."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for; run the longest files first, so that workers end together."""
    left_out = [name for name in ("full", "slow") if not config.getoption(f"--{name}")]
    deselected = [item for item in items if any(map(item.get_closest_marker, left_out))]
    config.hook.pytest_deselected(items=deselected)
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(0))
    asked_for = set(items).difference(deselected)
    items[:] = sorted(
        filter(asked_for.__contains__, items), key=lambda item: item.get_closest_marker("long") is None
    )
    if sys.platform != "linux":
        for item in items:
            if item.get_closest_marker("seal"):
                item.add_marker(pytest.mark.skip(reason="there is a seal on Linux alone"))


@pytest.fixture(scope="session", autouse=True)
def _shared_fork_servers() -> Iterator[None]:
    """Start each fork server once for all tests of this process."""
    from tests.fork_servers import shared_fork_servers

    with shared_fork_servers():
        yield


@pytest.fixture
def one_processor() -> Iterator[None]:
    """One processor for what a test starts, fork servers too: those of other tests have all."""
    from tests.fork_servers import shared_fork_servers

    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    with shared_fork_servers():
        yield
    os.sched_setaffinity(0, processors)


def pytest_collection() -> None:
    """Do not look for garbage among thousands of tests while they are made."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor later: they stay to the end."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skip of a browser or seal test is a failure."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a released course of one question, which tests clone."""
    from tests.support import course_of_one_question

    return course_of_one_question(tmp_path_factory.mktemp("released") / "course").root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium, without a page."""
    from tests.chrome import chromium

    with chromium() as opened:
        yield opened
