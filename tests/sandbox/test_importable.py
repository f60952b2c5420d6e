"""Which packages kernels can import, and where others are that this Python alone sees."""

from __future__ import annotations

import site
import sys
from pathlib import Path

import pytest

from autograder.sandbox.importable import is_importable, place_outside


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder of packages, with one in it, that does not belong to this Python."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "known_to_one_user.py").write_text("x = 1\n", encoding="utf-8")
    return folder


def test_packages_of_a_user_are_not_there(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pip install --user` puts them into the home, which no kernel sees."""
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(package))
    monkeypatch.syspath_prepend(package)
    assert not is_importable("known_to_one_user")
    assert place_outside("known_to_one_user") == str(package / "known_to_one_user.py")


def test_packages_of_pythonpath_are_not_there(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels do not inherit the variable, whatever the folder is; one that is also Python's own is still seen."""
    purelib = site.getsitepackages()[0]
    monkeypatch.setenv("PYTHONPATH", f"{package}:{purelib}")
    monkeypatch.setattr(
        "autograder.sandbox.importable.python_paths", lambda: {sys.prefix, str(package.parent)}
    )
    monkeypatch.syspath_prepend(package)
    assert not is_importable("known_to_one_user")
    assert is_importable("nbgrader")


def test_module_beside_the_notebook_is_there(package: Path) -> None:
    """Kernels get the files of the assignment."""
    assert is_importable("known_to_one_user", package)
    assert not is_importable("known_to_one_user")
    assert place_outside("known_to_one_user") == ""
