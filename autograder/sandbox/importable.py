"""Which modules a kernel on this machine can import. Nothing is imported to find out."""

from __future__ import annotations

import sys
from importlib.machinery import FrozenImporter, PathFinder
from pathlib import Path

OWN = __name__.split(".", maxsplit=1)[0]
SITE = ("site-packages", "dist-packages")


def is_importable(module: str, folder: Path | None = None) -> bool:
    """Return whether a kernel can import a module, as far as files show it. folder: where the notebook runs.

    A part of an installed package counts as importable, since a package may create it when it is imported.
    """
    top, *parts = module.split(".")
    if top == OWN or top in sys.builtin_module_names or FrozenImporter.find_spec(top) is not None:
        return True
    paths = [path for path in sys.path if _is_of_python(path)] + ([] if folder is None else [str(folder)])
    spec = PathFinder.find_spec(top, paths)
    name = top
    for part in parts:
        if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
            break
        # a namespace is what several packages install together: it contains nothing but files
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, [*spec.submodule_search_locations])
    return spec is not None


def _is_of_python(path: str) -> bool:
    """Return whether a folder belongs to this Python, and not to the program that was started or to its user."""
    inside = any(Path(path).is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
    return bool(path) and (inside or Path(path).name in SITE)
