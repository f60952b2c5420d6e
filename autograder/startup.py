"""Stub optional imports, so that our commands start faster. Only programs import it, first of all.

nbformat imports jsonschema, which imports whatever checks formats such as IRIs, dates and colours; `rfc3987_syntax`
alone compiles a grammar for two seconds, longer than everything else that a command imports. No schema here names such
a format. nbgrader imports setuptools to unpack archives in `zip_collect`, a command of its own that none of our
commands runs, and requests to ask a JupyterHub: that one is imported when something in it is used. It also imports its
extensions of Jupyter's server, and with them the server, all of its commands and its exchange. The modules in an
extension can be imported by their names as before.
A program that imports this package keeps its modules as they are: `import autograder` stubs nothing.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

for _name in ("fqdn", "isoduration", "rfc3986_validator", "rfc3987_syntax", "uri_template", "webcolors"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]


class _Deferred(ModuleType):
    """A package that is imported when something in it is used, but not by who looks at all modules."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


_requests = find_spec("requests")
if _requests is not None and _requests.submodule_search_locations is not None:
    _deferred = _Deferred("requests")
    _deferred.__spec__, _deferred.__path__ = _requests, _requests.submodule_search_locations
    sys.modules.setdefault("requests", _deferred)

_unpacking = ModuleType("setuptools.archive_util")
_unpacking.__dict__.update(unpack_archive=None, unpack_tarfile=None, unpack_zipfile=None)
sys.modules.setdefault(_unpacking.__name__, _unpacking)

_nbgrader = find_spec("nbgrader")
for _name in ("assignment_list", "course_list", "formgrader", "validate_assignment"):
    if _nbgrader is not None and _nbgrader.origin is not None:
        _extension = ModuleType(f"nbgrader.server_extensions.{_name}")
        _folder = Path(_nbgrader.origin).parent / "server_extensions" / _name
        _extension.__dict__.update(__path__=[str(_folder)], load_jupyter_server_extension=None)
        sys.modules.setdefault(_extension.__name__, _extension)
