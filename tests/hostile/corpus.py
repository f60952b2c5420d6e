"""What an everyday run takes of a corpus that CI runs whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

from tests.hostile.attack import Attack
from tests.hostile.honest import Honest

Notebook = TypeVar("Notebook", Attack, Honest)


def everyday(corpus: Sequence[Notebook]) -> list[Notebook]:
    """Return every eighth of those that are not costly: some of each kind, since kinds stand together."""
    return [one for one in corpus if not one.costly][::8]


def asked_for(corpus: Sequence[Notebook], config: pytest.Config) -> Sequence[Notebook]:
    """Return the notebooks that this run grades: all of them with `--full`."""
    return corpus if config.getoption("--full") else everyday(corpus)


def params(corpus: Sequence[Notebook]) -> list[object]:
    """Return a parameter for each notebook, marked where only `--full` grades it."""
    chosen = {one.id for one in everyday(corpus)}
    return [
        pytest.param(one, id=one.id, marks=[] if one.id in chosen else [pytest.mark.full]) for one in corpus
    ]
