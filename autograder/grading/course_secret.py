"""Seeds of the hidden inputs, derived from a secret of the course and from what a submission answers.

The same answers get the same inputs whenever and wherever they are graded; other answers get other inputs. Each
assignment has its own key, derived from the secret. A grader on another machine receives that key, never the secret.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import re
import secrets
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError, NoSecret
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, cell_metadata
from autograder.questions.syntax import parse_source
from autograder.submissions.parse import names_defined

KEY_FILE = "hidden_inputs.key"
RECORDED = "secret"
"""Name under which a graded notebook records the id of the key that it was graded with."""
ABOUT = _(
    "# Hidden inputs are drawn from this secret of the course. Keep a copy outside the course folder.\n"
    "# Do not share it and do not commit it: anyone who has it knows the inputs that answers are graded on.\n"
)
GONE = _(
    "{path} is missing, but submissions were graded with it (for example {graded}). Restore it "
    "from a backup; if there is none, run `autograder grade --new-secret`, which creates a new "
    "secret and regrades everything"
)
DAMAGED = _(
    "{path} is damaged; restore it from a backup; if there is none, delete it and run "
    "`autograder grade --new-secret`"
)
KEY_BYTES = 32
MAX_CACHED_LENGTH, CACHED_CELLS = 5_000, 500
"""Maximum length of a cell whose normal form is cached, and the number of cached cells."""


@dataclass(frozen=True)
class Key:
    """The key of one assignment."""

    value: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Short hash that distinguishes keys without revealing them."""
        return hashlib.sha256(b"id/" + self.value).hexdigest()[:8]

    def seed(self, notebook: NotebookNode) -> int:
        """Return the seed of the hidden inputs of a rebuilt submission, an integer of 128 bits."""
        return self._number(b"inputs/" + digest_of_answers(notebook))

    def proof(self, number: int) -> int:
        """Return a seed of the same kind for a proof."""
        return self._number(b"proof/%d" % number)

    def _number(self, of: bytes) -> int:
        return int.from_bytes(hmac.digest(self.value, of, "sha256")[:16], "big")


PUBLIC_KEY = Key(b"no secret: what is proved with it is proved alike on every machine")


def ensure_secret(course: Course, *, replace_lost: bool = False) -> None:
    """Create the secret of a course that has none yet; concurrent commands create a single one.

    replace_lost: also create one if submissions were graded with a secret that is gone. Without it, raises NoSecret
    then.
    """
    path = course.root / KEY_FILE
    if path.exists():
        return
    from filelock import FileLock  # imported here to keep --help fast

    folder = course.root / "build"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "secret.lock"):
        if path.exists():
            return
        graded = None if replace_lost else next(_graded_with_secret(course), None)
        if graded is not None:
            raise NoSecret(GONE.format(path=path, graded=graded))
        atomic_write(path, f"{_about(course)}course: {secrets.token_hex(KEY_BYTES)}\n", mode=0o600)


def _about(course: Course) -> str:
    """Return the comment at the top of a key file in each language of the course."""
    return "".join(dict.fromkeys(map(ABOUT.in_language, course.languages)))


def key_of(course: Course, assignment: str) -> Key:
    """Return the key of an assignment. Raises CourseError if there is none or it cannot be read."""
    path = course.root / KEY_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        entries = dict(line.rsplit(": ", 1) for line in lines if line and not line.startswith("#"))
        keys = {name: bytes.fromhex(value) for name, value in entries.items()}
    except FileNotFoundError:
        raise CourseError(
            _("{path} is missing; run the command again, which creates it or says why it cannot", path=path)
        ) from None
    except ValueError:
        keys = {}
    if len(keys.get("course", b"")) == KEY_BYTES:
        derived = hmac.digest(keys["course"], f"assignment/{assignment}".encode(), "sha256")
        keys[f"assignment {assignment}"] = derived
    value = keys.get(f"assignment {assignment}", b"")
    if len(value) != KEY_BYTES:
        raise NoSecret(DAMAGED.format(path=path))
    return Key(value)


def key_file_for(course: Course, assignments: Iterable[str]) -> bytes:
    """Return a key file that holds only the keys of some assignments, for a grader on another machine."""
    keys = [f"assignment {name}: {key_of(course, name).value.hex()}\n" for name in sorted(assignments)]
    return (_about(course) + "".join(keys)).encode()


def digest_of_answers(notebook: NotebookNode) -> bytes:
    """Return a digest of the code of a rebuilt notebook's answer cells and of the cells that they use.

    Comments, formatting, prose, outputs and all other cells do not affect it.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counted = [cell for cell in cells if cell_metadata(cell).get("part") == "answer"]
    remaining = [cell for cell in cells if cell_metadata(cell).get("part") is None]
    texts = {id(cell): normalized(cell) for cell in (*counted, *remaining)}
    waiting = list(counted)
    while waiting:
        used = set(re.findall(r"[^\W\d]\w*", texts[id(waiting.pop())]))
        used_cells = [cell for cell in remaining if names_defined(cell) & used]
        remaining = [cell for cell in remaining if cell not in used_cells]
        counted += used_cells
        waiting += used_cells
    counted_ids = {id(cell) for cell in counted}
    answers = [
        [str(cell_metadata(cell).get("question")), texts[id(cell)]]
        for cell in cells
        if id(cell) in counted_ids
    ]
    return hashlib.sha256(json.dumps(answers).encode()).digest()


def normalized(cell: NotebookNode) -> str:
    """Return a cell's code in a normal form, the same in every version of Python; its lines if it does not parse."""
    if cell_metadata(cell).get("unparsed"):
        return _lines(cell.source)
    return (_cached_normal if len(cell.source) < MAX_CACHED_LENGTH else _normalized)(cell.source)


def _normalized(source: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's warnings about a student's string are for the student
            return repr(_plain(parse_source(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _lines(source)


_cached_normal = lru_cache(CACHED_CELLS)(_normalized)
"""Most cells of a class are those of the release, and so are parsed once."""


def _lines(source: str) -> str:
    return "\n".join(line.strip() for line in source.splitlines() if line.strip())


def _plain(node: Any) -> Any:
    """Convert a syntax tree to tuples without empty fields: later Pythons add fields, empty for earlier code."""
    if isinstance(node, ast.Constant):
        return "Constant", type(node.value).__name__, repr(node.value)
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
        return type(node).__name__, *((name, _plain(value)) for name, value in fields)
    return tuple(map(_plain, node)) if isinstance(node, list) else node


def _graded_with_secret(course: Course) -> Iterator[Path]:
    """Yield the graded notebooks that record a key: nbgrader's, and those of the web tool."""
    for path in chain(course.autograded.glob("*/*/*.ipynb"), course.root.glob("web/files/**/graded.ipynb")):
        try:
            if json.loads(path.read_bytes())["metadata"][NAMESPACE]["record"][RECORDED]:
                yield path
        except (OSError, ValueError, KeyError, TypeError):
            continue
