"""Which modules a kernel on this machine can import. Nothing is imported to find out."""

from __future__ import annotations

import importlib.util
import os
import site
import sys
import sysconfig
from importlib.machinery import FrozenImporter, PathFinder
from pathlib import Path

from autograder.sandbox.seal import SYSTEM_FOLDERS, python_paths

OWN = __name__.split(".", maxsplit=1)[0]


def is_importable(module: str, folder: Path | None = None) -> bool:
    """Return whether a kernel can import a module, as far as files show it. folder: where the notebook runs.

    A part of an installed package counts as importable, since a package may create it when it is imported.
    """
    top, *parts = module.split(".")
    if top == OWN or top in sys.builtin_module_names or FrozenImporter.find_spec(top) is not None:
        return True
    paths = _paths_of_kernels() + ([] if folder is None else [str(folder)])
    spec = PathFinder.find_spec(top, paths)
    name = top
    for part in parts:
        if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
            break
        # a namespace is what several packages install together: it contains nothing but files
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, [*spec.submodule_search_locations])
    return spec is not None


def place_outside(module: str) -> str:
    """Return the file or folder from which this Python imports a module that kernels do not see; empty if it cannot."""
    try:
        spec = importlib.util.find_spec(module.split(".", maxsplit=1)[0])
    except (ImportError, ValueError, AttributeError):  # as of a module that is loaded and has no spec
        return ""
    if spec is None:
        return ""
    return next(iter(spec.submodule_search_locations or ()), "") or spec.origin or ""


def _paths_of_kernels() -> list[str]:
    """Return the folders that kernels import from: installed packages, but not those of a user or of PYTHONPATH."""
    seen = (*python_paths(), *SYSTEM_FOLDERS)
    own = {*site.getsitepackages(), *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))}
    left_out = {*os.environ.get("PYTHONPATH", "").split(os.pathsep), site.getusersitepackages()} - own
    return [
        path
        for path in sys.path
        if path and path not in left_out and any(Path(path).is_relative_to(folder) for folder in seen)
    ]
