"""What an everyday run takes of a corpus that CI runs whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import pytest


class Entry(Protocol):
    """One notebook of a corpus."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def long(self) -> bool:
        """Whether it takes many seconds to grade."""
        ...


Notebook = TypeVar("Notebook", bound=Entry)


def everyday(corpus: Sequence[Notebook]) -> list[Notebook]:
    """Every fifth of those that do not take long: some of each kind, since kinds stand together."""
    return [one for one in corpus if not one.long][::5]


def asked_for(corpus: Sequence[Notebook], config: pytest.Config) -> Sequence[Notebook]:
    """Return the notebooks that this run grades: all of them with `--full`."""
    return corpus if config.getoption("--full") else everyday(corpus)


def params(corpus: Sequence[Notebook]) -> list[object]:
    """Return a parameter for each notebook, marked where only `--full` grades it."""
    chosen = {one.id for one in everyday(corpus)}
    return [
        pytest.param(one, id=one.id, marks=[] if one.id in chosen else [pytest.mark.full]) for one in corpus
    ]
