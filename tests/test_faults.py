"""The list of planted faults: each can still be planted, and names tests that are there."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.plant import Fault, read_faults
from tests.support import ROOT

FAULTS = read_faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_it_can_be_planted(fault: Fault) -> None:
    """Its text stands once in its file, what takes its place is another and still Python, and its tests are there."""
    path = ROOT / fault.file
    text = path.read_text(encoding="utf-8")
    assert text.count(fault.before) == 1
    assert fault.after != fault.before
    if path.suffix == ".py":
        compile(text.replace(fault.before, fault.after), fault.file, "exec")
    for argument in fault.caught_by:
        file, *names = argument.split("::")
        tests = (ROOT / file).read_text(encoding="utf-8")
        assert [name for name in names if f"def {name}(" not in tests and f"class {name}" not in tests] == []


def test_each_has_a_name_of_its_own_and_few_need_a_full_run() -> None:
    """A name picks one fault; at most five need a full run."""
    assert [name for name, times in Counter(one.name for one in FAULTS).items() if times > 1] == []
    assert sum(one.full for one in FAULTS) <= 5
