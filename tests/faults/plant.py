"""Plants the faults of `faults.toml` one after another, and sees whether the tests named there turn red.

    python tests/faults/plant.py [NAME ...] [--list] [--limit SECONDS]

Each fault is applied in the checkout that this file lies in, and taken back before the next one. Exits with 1 where
a fault survives or cannot be applied.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_name("faults.toml")
LIMIT = 600.0
RED, NO_TESTS = 1, (4, 5)  # exit codes of pytest: tests failed; wrong arguments, nothing collected
FIRST_RED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One change of a file, and the tests that turn red with it."""

    name: str
    area: str
    says: str
    file: str
    before: str
    after: str
    caught_by: list[str]
    """Arguments of pytest; empty where no test was found."""
    full: bool = False
    """Whether its tests run only with `--full`."""
    hangs: bool = False
    """Whether tests that do not end are how it shows."""


@dataclass(frozen=True)
class Outcome:
    """What became of a fault."""

    verdict: str
    detail: str = ""


def read_faults() -> list[Fault]:
    """Return the faults in the order of their file. Raises TypeError for a key that is none."""
    return [Fault(**one) for one in tomllib.loads(FAULTS.read_text(encoding="utf-8"))["fault"]]


def main() -> int:
    """Plant the faults that the command names, or all; return the exit code."""
    parser = argparse.ArgumentParser(description="Plant faults and see whether the tests turn red.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults to plant (default: all)")
    parser.add_argument("--list", action="store_true", help="print the faults and plant none")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help="of a fault's tests")
    given = parser.parse_args()
    faults = read_faults()
    unknown = sorted(set(given.names) - {one.name for one in faults})
    if unknown:
        parser.error(f"no fault is called {', '.join(unknown)}; see --list")
    chosen = [one for one in faults if not given.names or one.name in given.names]
    if given.list:
        for one in chosen:
            print(f"{one.name:40} {one.area:12} {one.says}")
        return 0
    refusal = why_not(chosen)
    if refusal:
        print(refusal, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # a file is restored then, too
    counts: Counter[str] = Counter()
    for one in chosen:
        began = time.monotonic()
        outcome = plant(one, given.limit)
        counts[outcome.verdict] += 1
        line = f"{outcome.verdict:14} {time.monotonic() - began:5.0f} s  {one.name}"
        print(": ".join(filter(None, (line, outcome.detail))), flush=True)
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.most_common()))
    return int(bool(counts["SURVIVED"] or counts["did not apply"]))


def why_not(faults: list[Fault]) -> str:
    """Return why nothing can be planted here; empty where it can."""
    asked = "import autograder; print(autograder.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd="/", capture_output=True, text=True, check=False
    )
    if not found.stdout or not Path(found.stdout.strip()).is_relative_to(ROOT / "autograder"):
        return f"autograder is not imported from {ROOT}: install it there with `pip install -e .`"
    files = sorted({one.file for one in faults})
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", *files], cwd=ROOT, check=False).returncode:
        return "a file that a fault changes has uncommitted changes: commit or stash them first"
    return ""


def plant(fault: Fault, limit: float) -> Outcome:
    """Apply a fault, run its tests, and take it back, whatever happens meanwhile."""
    path = ROOT / fault.file
    original = path.read_bytes()
    text = original.decode("utf-8")
    if text.count(fault.before) != 1:
        return Outcome("did not apply", f"its text stands {text.count(fault.before)} times in {fault.file}")
    if not fault.caught_by:
        return Outcome("no test named")
    try:
        path.write_text(text.replace(fault.before, fault.after), encoding="utf-8")
        return run_tests(fault, limit)
    finally:
        path.write_bytes(original)
        os.utime(path)  # now: bytecode of the changed file is never taken for that of the restored one


def run_tests(fault: Fault, limit: float) -> Outcome:
    """Run a fault's tests until one is red, for so many seconds."""
    options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", *(["--full"] if fault.full else [])]
    command = [sys.executable, "-m", "pytest", *options, *fault.caught_by]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    tests = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = tests.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        return Outcome("caught" if fault.hangs else "SURVIVED", f"timed out after {limit:g} s")
    finally:
        end_group(tests)
    red = FIRST_RED.search(output)
    if tests.returncode == RED and red:
        return Outcome("caught", red[1])
    if tests.returncode == 0:
        return Outcome("SURVIVED", "all its tests pass" if " passed" in output else "its tests were skipped")
    detail = "pytest found no such test" if tests.returncode in NO_TESTS else output.strip()[-300:]
    return Outcome("did not apply", f"pytest ended with {tests.returncode}: {detail}")


def end_group(tests: subprocess.Popen[str]) -> None:
    """End what is left of a run, with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(tests.pid, signal.SIGKILL)
    tests.wait()


if __name__ == "__main__":
    sys.exit(main())
