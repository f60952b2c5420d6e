"""Where the strongest seal is not to be had, the next one is taken; for real, on a system that refuses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hostile.seals import only
from support import ROOT

from autograder.errors import NoSeal
from autograder.sandbox.seal import Seal
from autograder.sandbox.session import RECIPES, open_session

pytestmark = pytest.mark.seal
NO_NAMESPACES = (
    'for name in mnt user pid net; do echo 0 > /proc/sys/user/max_${name}_namespaces; done; exec "$@"'
)


def without_namespaces(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one of our commands as the root of a user namespace in which no other namespace can be made."""
    program = str(Path(sys.executable).parent / words[0])
    unshare = shutil.which("unshare")
    assert unshare, "util-linux is needed"
    return subprocess.run(
        [unshare, "--user", "--map-root-user", "sh", "-c", NO_NAMESPACES, "sh", program, *words[1:]],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def test_a_system_that_refuses_namespaces_gets_landlock() -> None:
    """`doctor` shows what was refused, with the system's reason, and what a run uses in its place."""
    done = without_namespaces("autograder", "doctor", "--language", "en")
    assert done.returncode == 0, done.stdout + done.stderr
    refused = [line for line in done.stdout.splitlines() if line.startswith("✘ namespaces")]
    assert len(refused) == 2
    assert all("No space left on device" in line for line in refused)  # what unshare says at such a limit
    assert done.stdout.splitlines()[-1].startswith("student code is sealed by: Landlock, system call filter")


def test_the_strongest_that_holds_is_taken() -> None:
    """Of several the first; the one that it was is told."""
    with only(Seal("namespaces", user_namespace=True), Seal("landlock")), open_session("counting") as session:
        session.run("x = 1")
        assert session.seal == "namespaces in a user namespace"


def test_roots_namespaces_are_roots_alone() -> None:
    """An ordinary user, who may not make them, falls to the next; root does not."""
    with only(Seal("namespaces"), Seal("landlock")), open_session("counting") as session:
        session.run("x = 1")
        assert session.seal == ("namespaces" if os.geteuid() == 0 else "landlock")


def test_where_nothing_holds_the_reasons_are_told() -> None:
    """Each layer by name, with what the system said to it."""
    with only(Seal("namespaces"), Seal("landlock")) as parents:
        parents.seals = ()
        with pytest.raises(NoSeal, match="no seal holds on this machine"):
            parents.get(RECIPES["counting"], "required")
        assert parents.pids() == []


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (
            "darwin",
            [
                "darwin offers none of the Linux layers",
                "docker build -t rnn-course-kit -f docs/Containerfile",
            ],
        ),
        (
            "win32",
            ["win32 offers none of the Linux layers", "docker run", "wsl -- .venv/bin/autograder grade"],
        ),
    ],
)
def test_on_another_system_the_command_that_runs_it_elsewhere_is_printed(
    platform: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS and Windows are told what is missing, and the one command to run instead; the recipe is there."""
    with only() as parents:
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(NoSeal) as refused:
            parents.get(RECIPES["counting"], "required")
        assert parents.get(RECIPES["counting"], "preferred") is None  # our own class runs there
    for text in (refused.value.message.en, refused.value.message.ko):
        assert all(word in text for word in words[1:])
    assert words[0] in refused.value.message.en
    assert (ROOT / "docs" / "Containerfile").exists()
