"""Where the strongest seal is not to be had, the next one is taken; for real, on a system that refuses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import NoSeal
from autograder.lms.gradescope.package import package
from autograder.sandbox import seal
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.limits import ResourceLimits
from autograder.sandbox.profiles import KERNEL_PROFILES
from autograder.sandbox.seal import SEAL_DESCRIPTIONS, UNSEALED, WEAKEST_POINTS, Seal
from autograder.sandbox.session import open_session
from tests.container import Container, container
from tests.hostile.seals import AS_ANOTHER_USER, only
from tests.support import ROOT, copy_course

pytestmark = [pytest.mark.seal, pytest.mark.long]
ATTACKS = "tests/hostile/test_attacks.py::TestCounting"
MEETING_PLACES = "/tmp /var/tmp /dev/shm /run/lock"
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


def test_system_that_refuses_namespaces_gets_landlock() -> None:
    """`doctor` shows what was refused, with the system's reason, what a run uses instead, and where that is weak."""
    done = without_namespaces("autograder", "doctor", "--language", "en")
    problems = [line for line in done.stdout.splitlines() if line.startswith("✘")]
    # a checkout may be open to other users of the machine
    assert all("open to other users" in line for line in problems), done.stdout + done.stderr
    assert done.returncode == bool(problems)
    refused = [line for line in done.stdout.splitlines() if line.startswith("– namespaces")]
    assert len(refused) == 2
    assert all("No space left on device" in line for line in refused)  # what unshare says at such a limit
    verdict, weakest, _checks = done.stdout.splitlines()[-3:]
    assert verdict.startswith("student code is sealed by: Landlock, system call filter")
    assert weakest.startswith("weakest link: ")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A machine of its own, set up to grade an assignment; it has a checkout, and what its tests need."""
    folder = tmp_path_factory.mktemp("machine")
    made = container(folder / "root")
    course = Course.open(copy_course(folder / "course", "gru_parameters"))
    made.set_up(package(course, "gru_parameters").path, "pytest", "pytest-xdist", "hypothesis")
    checkout = made.folder / "checkout"
    for name in ("tests", "solutions", "source", "release"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, checkout)
    checkout.chmod(0o700)
    (made.folder / "kernels").mkdir()
    (made.folder / "kernels").chmod(0o711)
    return made


if os.geteuid() == 0:

    def run_tests(machine: Container, named: str, *chosen: str) -> None:
        """Run tests under a seal on a machine of its own: as root in a container that grants little."""
        layer = "landlock" if named.startswith("landlock") else "none"
        done = Container(machine.folder, layer).run(
            "sh", "-c", f"chmod go= {MEETING_PLACES}; cd checkout && exec ../venv/bin/python -m "
            f"pytest -n 0 --tb=short {' '.join(chosen)}", TESTED_SEAL=named, TMPDIR=f"{machine.root}/kernels",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-10_000:]
        assert " passed" in done.stdout and "skipped" not in done.stdout

    @pytest.mark.full
    @pytest.mark.parametrize("named", AS_ANOTHER_USER)
    def test_another_user_is_kept_in_by_the_file_system(machine: Container, named: str) -> None:
        """Every property of a seal holds."""
        run_tests(machine, named, "tests/hostile/test_seal.py")

    @pytest.mark.full
    def test_nobody_steals_damages_or_exhausts_as_another_user(machine: Container) -> None:
        """Under the weakest seal, by any of the attacks that a seal keeps in."""
        run_tests(machine, "another user", ATTACKS)

    @pytest.mark.parametrize(
        ("open_to_all", "message"),
        [
            pytest.param("/tmp", "/tmp can be written to by other users", marks=pytest.mark.full),
            pytest.param(
                "{root}/source",
                "{root}/source is open to other users; close it with: chmod -R go= {root}/source",
                marks=pytest.mark.full,
            ),
            (
                "{root}/venv/lib/python3.{minor}/site-packages/autograder",
                "is open to other users; close it with",
            ),
        ],
    )
    def test_another_user_is_refused_where_anything_is_open(
        machine: Container, open_to_all: str, message: str
    ) -> None:
        """A place where all users meet, the course, the package: each is tried, and told with what closes it."""
        place = open_to_all.format(root=machine.root, minor=sys.version_info.minor)
        done = machine.run(
            "sh", "-c", f"chmod go= {MEETING_PLACES}; chmod a+rwx {place}; cd source;"
            f"../venv/bin/autograder doctor --language en; code=$?; chmod go= {place}; exit $code",
            TMPDIR=f"{machine.root}/kernels",
        )  # fmt: skip
        assert done.returncode == 1, done.stdout
        [line] = [line for line in done.stdout.splitlines() if line.startswith("✘ another user")]
        assert message.format(root=machine.root) in line


@pytest.mark.parametrize("name", [name for name in SEAL_DESCRIPTIONS if name != UNSEALED])
def test_every_seal_tells_where_it_is_weak(name: str) -> None:
    """In both languages."""
    assert WEAKEST_POINTS[name].lacks(("ko", "en")) == []


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


def test_kernel_may_use_what_its_container_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 768 MB of which 100 are held, what the grader needs is spared; where no limit is told, the recipe's counts."""
    most, held = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(
        seal, "CONTAINER_MEMORY", ((str(tmp_path / "none"), str(held)), (str(most), str(held)))
    )
    held.write_text(f"{100 << 20}\n")
    for limit, expected in (
        (f"{768 << 20}\n", 768 - 100 - seal.RESERVED_MB),
        ("max\n", 1000),
        (f"{1 << 60}\n", 1000),
    ):
        most.write_text(limit)
        config = seal.fork_server_config(
            Seal("landlock"), ResourceLimits(memory_mb=1000), hidden=(), private=()
        )
        assert config["limits"]["memory_mb"] == expected


def test_user_is_one_that_means_something_here(tmp_path: Path) -> None:
    """A number that no account has; in a container of few numbers one of those."""
    limit = tmp_path / "uid_map"
    limit.write_text("         0          0 4294967295\n")
    assert seal.first_user(1000, 256, uid_map=limit) == seal.FIRST_USER + 256_000
    limit.write_text("         0     100000      65536\n")
    assert seal.first_user(1000, 256, uid_map=limit) == seal.FALLBACK_FIRST_USER < 65536 - 256


def test_where_nothing_holds_the_reasons_are_told() -> None:
    """Each layer by name, with what the system said to it."""
    with only() as servers, ForkServerPool() as pool:
        with pytest.raises(NoSeal, match="no seal holds on this machine"):
            pool.get(KERNEL_PROFILES["counting"], "required")
        assert servers.pids() == []


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (
            "darwin",
            [
                "darwin offers none of the Linux layers",
                "docker run --rm -it --network none",
                "`autograder docs containers`",
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
    with only(), ForkServerPool() as pool:
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(NoSeal) as refused:
            pool.get(KERNEL_PROFILES["counting"], "required")
        assert pool.get(KERNEL_PROFILES["counting"], "preferred") is None  # our own class runs there
    for text in (refused.value.message.en, refused.value.message.ko):
        assert all(word in text for word in words[1:])
    assert words[0] in refused.value.message.en
    assert (ROOT / "docs" / "Containerfile").exists()
