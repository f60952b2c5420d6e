"""What was measured of one assignment, as a table and beside what we aim at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from measuring import Taken
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from ways import Way

COLUMNS = (
    "submissions", "s / submission", "CPU s / submission", "peak MB", "times stock", "pace", "own CPU s", "above own",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A way, how many submissions it graded, and what one of them took."""

    way: Way
    number: int
    each: Taken
    pace: float
    """CPU seconds of the yardstick meanwhile: how slow the machine was."""
    own: float
    """CPU seconds of the students' own compute meanwhile."""
    fits: Mapping[str, int] = field(default_factory=dict)
    """How models were trained, and in how many submissions, as these tell it."""


@dataclass(frozen=True)
class Comparison:
    """All that was measured of an assignment."""

    assignment: str
    trains: bool
    """Whether models are trained in it; else it is counting."""
    rows: dict[str, Row] = field(default_factory=dict)
    """By the way's key."""
    failed: list[str] = field(default_factory=list)
    """Keys of the ways that did not end well, and have no row."""

    def times(self, base: str, key: str) -> float | None:
        """How many times as quick as `base` a way is, at the pace of each; None where either was not measured."""
        if base not in self.rows or key not in self.rows:
            return None
        slow, quick = (row.each.seconds / row.pace for row in (self.rows[base], self.rows[key]))
        return slow / quick

    def above_own(self, key: str) -> float | None:
        """Return the share by which a way exceeds the own compute, in CPU seconds."""
        return self.rows[key].each.cpu / self.rows[key].own - 1 if key in self.rows else None

    def _told(self, above: float | None) -> str:
        """Where nothing is trained, next to nothing is computed, and many times nothing says nothing."""
        return "–" if above is None or not self.trains else f"{above:+.0%}"

    def table(self, *, markdown: bool = False) -> Table:
        """Of all ways."""
        table = Table(title=None if markdown else self.assignment)
        table.add_column("way", no_wrap=True)
        if markdown:
            table.box = MARKDOWN
        for name in COLUMNS:
            table.add_column(name, justify="right", no_wrap=True)
        for key, row in self.rows.items():
            each, times, above = row.each, self.times("stock", key), self.above_own(key)
            table.add_row(
                row.way.name, str(row.number), f"{each.seconds:.3f}", f"{each.cpu:.3f}", _memory(each),
                "–" if times is None else f"{times:.1f}", f"{row.pace:.2f}", f"{row.own:.3f}", self._told(above),
            )  # fmt: skip
        return table

    def notes(self) -> Iterator[str]:
        """How models were trained in each way, as its submissions tell it."""
        for row in self.rows.values():
            if row.fits:
                told = ", ".join(f"{number} {fit}" for fit, number in sorted(row.fits.items()))
                yield f"{self.assignment}, {row.way.name}: models were trained {told}"

    def aims(self) -> Iterator[str]:
        """Return a line for each aim: the goal, the measurement, and whether it is reached."""
        if self.trains:
            yield self._aim(
                "--jobs 2 --stock-fit, times stock", self.times("stock", "jobs2-stock-fit"), least=5
            )
            yield self._aim("--jobs 2, times stock", self.times("stock", "jobs2"), least=8)
            for key in ("jobs1-stock-fit", "jobs2-stock-fit", "jobs1", "jobs2"):
                name = key.replace("-stock-fit", " --stock-fit").replace("jobs", "--jobs ")
                yield self._aim(f"{name}, CPU above own compute", self.above_own(key), most=0.15)
        else:
            yield self._aim("--jobs 2, times stock", self.times("stock", "jobs2"), least=40)
        yield self._aim("two Dask workers, times one", self.times("dask1", "dask2"), least=1.8)

    def _aim(
        self, what: str, found: float | None, *, least: float | None = None, most: float | None = None
    ) -> str:
        wanted = f"at least {least:g}" if least is not None else f"at most {most:.0%}"
        if found is None:
            return f"{self.assignment}: {what}: {wanted}: not measured"
        reached = found >= least if least is not None else most is not None and found <= most
        told = f"{found:.2f}" if least is not None else f"{found:+.0%}"
        return (
            f"{self.assignment}: {what}: {wanted}: measured {told}, {'reached' if reached else 'NOT reached'}"
        )


def _memory(each: Taken) -> str:
    return "–" if math.isnan(each.memory) else f"{each.memory:.0f}"


def show(console: Console, compared: list[Comparison], *, markdown: bool) -> None:
    """Print the tables, how models were trained, and the aims."""
    for comparison in compared:
        console.print(comparison.table())
    if markdown:
        for comparison in compared:
            console.print(f"\n{comparison.assignment}:", comparison.table(markdown=True))
    for comparison in compared:
        for line in comparison.notes():
            console.print(line, highlight=False)
    console.print("\nAims:")
    for comparison in compared:
        for line in comparison.aims():
            console.print(line, highlight=False)
