"""Fixtures and rules for the whole suite."""

from __future__ import annotations

import os
import sys

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slow tests first, so that workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("tensorflow") is None)
    if sys.platform != "linux":
        for item in items:
            if item.get_closest_marker("seal"):
                item.add_marker(pytest.mark.skip(reason="there is a seal on Linux alone"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skip of a browser or seal test is a failure."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
