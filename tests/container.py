"""The layout that Gradescope documents, on a machine of its own: see `own_machine`."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.lms.gradescope.wheel import DISTRIBUTION
from tests.own_machine import PYTHON, ROOT

INTERPRETER = f"{PYTHON}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


LEFT_OUT = ("tensorflow", "keras", "tf-keras", DISTRIBUTION)  # counting needs none; ours comes as a wheel


@dataclass(frozen=True)
class Container:
    """`folder` is /mnt/gradescope in it, and stands for Gradescope's /autograder."""

    folder: Path
    layer: str = "none"
    """`landlock`: whether the kernel offers that."""

    root = ROOT

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start a program in it."""
        variables = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "GRADESCOPE_ROOT": ROOT,
            "LANG": "C.UTF-8",
        } | environment
        mine = {"PYTHONPATH": str(Path(autograder.__file__).parent.parent)}
        launcher = [
            sys.executable,
            str(Path(__file__).with_name("own_machine.py")),
            str(self.folder),
            self.layer,
        ]
        return subprocess.Popen(
            [*launcher, "env", "-u", "PYTHONPATH", *words], env=variables | mine,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program in it; its output is in `stdout`."""
        with self.start(*words, **environment) as process:
            output, _ = process.communicate(timeout=900)
            return subprocess.CompletedProcess(words, process.returncode, output)

    def set_up(self, package: Path, *libraries: str) -> None:
        """What Gradescope does with a package: unpack it, then run its `setup.sh`, here without a network.

        libraries: distributions to have in it beside what the package needs.
        """
        self.unpack(package)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        copy_libraries(self.folder / "venv" / "lib" / version / "site-packages", ("pip", *libraries))
        for words in (
            [INTERPRETER, "-m", "venv", "--without-pip", f"{ROOT}/venv"],
            [f"{ROOT}/source/setup.sh"],
        ):
            done = self.run(*words, PIP_NO_INDEX="1")
            assert done.returncode == 0, done.stdout

    def unpack(self, package: Path) -> None:
        """What it does with it first."""
        with zipfile.ZipFile(package) as archive:
            for entry in archive.infolist():
                path = Path(archive.extract(entry, self.folder / "source"))
                path.chmod(entry.external_attr >> 16)
        shutil.copy(self.folder / "source" / "run_autograder", self.folder)


def container(folder: Path, layer: str = "none") -> Container:
    """An empty one in `folder`."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return Container(folder, layer)


def copy_libraries(target: Path, more: Iterable[str]) -> None:
    """What this package needs of what is installed here, without the package itself; linked where it can be."""
    environment = target.parent.parent.parent
    own = [one for one in _requires(DISTRIBUTION) if "extra ==" not in one]
    for distribution in _needed([*map(_name, own), *more]):
        for file in distribution.files or ():
            source = Path(str(file.locate()))
            if source.is_file() and file.parts[-2:-1] == ("bin",):
                _link_program(source, environment / "bin" / file.name)
            elif source.is_file() and ".." in file.parts:  # beside the libraries, as share/jupyter
                _link(source, environment.joinpath(*[part for part in file.parts if part != ".."]))
            elif source.is_file():
                _link(source, target / file)


def _link_program(source: Path, place: Path) -> None:
    """A program of a library, run by the container's Python."""
    place.parent.mkdir(parents=True, exist_ok=True)
    _, _, code = source.read_text(encoding="utf-8", errors="replace").partition("\n")
    place.write_text(f"#!{ROOT}/venv/bin/python\n{code}", encoding="utf-8")
    place.chmod(0o755)


def _link(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        try:
            os.link(source, place)
        except OSError:
            shutil.copy2(source, place)


def _needed(names: Iterable[str]) -> Iterator[importlib.metadata.Distribution]:
    waiting, seen = list(names), set()
    here = sysconfig.get_path("purelib")
    while waiting:
        name = waiting.pop()
        if name in seen or name in LEFT_OUT:
            continue
        seen.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        if str(found.locate_file("")).startswith(here):
            yield found
            waiting += map(_name, _requires(name))  # with those of extras: others may ask for them


def _requires(name: str) -> list[str]:
    return importlib.metadata.requires(name) or []


def _name(needed: str) -> str:
    """The distribution that a requirement names."""
    name = re.split(r"[\s\[<>=!~;(]", needed, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
