"""Seeds of the hidden inputs, derived from a secret of the course and from a hand-in: its student, number and code.

Any other byte of code, any other student and any later hand-in gets other inputs. So code that kept something for a
later run, in a place that no seal closes, finds inputs there that are of no use. A grade records its seed, which the
same hand-in is graded with again, even by a later version that draws in another way. Each assignment has its own key,
derived from the secret. A grader on another machine receives that key, never the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError, NoSecret
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, question_of, runs_when_graded

KEY_FILE = "hidden_inputs.key"
RECORDED = "secret"
"""Name under which a graded notebook records the id of the key that it was graded with."""
DRAW = "draw"
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


@dataclass(frozen=True)
class Key:
    """The key of one assignment."""

    value: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Short hash that distinguishes keys without revealing them."""
        return hashlib.sha256(b"id/" + self.value).hexdigest()[:8]

    def seed(self, notebook: NotebookNode, student: str, hand_in: str = "") -> int:
        """Return the seed of the hidden inputs of a rebuilt submission, an integer of 128 bits.

        hand_in: distinguishes it from the student's other hand-ins of the same code.
        """
        source = json.dumps([student, hand_in]).encode()
        return self._number(b"inputs/" + digest_of_code(notebook) + source)

    def proof(self, number: int) -> int:
        """Return a seed of the same kind for a proof."""
        return self._number(b"proof/%d" % number)

    def _number(self, of: bytes) -> int:
        return int.from_bytes(hmac.digest(self.value, of, "sha256")[:16], "big")


@dataclass(frozen=True)
class HandIn:
    """One of a student's hand-ins of an assignment."""

    id: str = ""
    """Distinguishes it from the others."""
    seed: int | None = None
    """The seed of its hidden inputs that an earlier grade recorded; None to derive it."""


def draw_record(key: Key, seed: int, hand_in: str) -> dict[str, str]:
    """Return what a graded notebook records under `DRAW`: the seed of its hidden inputs, the key's id, the hand-in."""
    return {RECORDED: key.id, "seed": f"{seed:032x}", "hand_in": hand_in}


def recorded_hand_in(
    course: Course, assignment: str, metadata: Mapping[str, Any], submitted: str
) -> HandIn | None:
    """Return the hand-in of an earlier grade of the same files with the same key; None if there is none.

    metadata: see `recorded_metadata`. submitted: the digest of the files now.
    """
    drawn = metadata.get(DRAW, {})
    try:
        if metadata.get("submitted") == submitted and drawn[RECORDED] == key_of(course, assignment).id:
            return HandIn(drawn.get("hand_in", ""), int(drawn["seed"], 16))
    except (ValueError, KeyError, TypeError):  # by an earlier version, or damaged
        return None
    return None


def next_hand_in(metadata: Mapping[str, Any], time: str) -> HandIn:
    """Return the hand-in that follows the last one graded, or the first one, if no grade is on record.

    metadata: see `recorded_metadata`. time: when it was handed in, as far as known. It may be that of an earlier one,
    so they are numbered, too.
    """
    last = metadata.get(DRAW)
    if last is None:
        return unrecorded_hand_in(time)
    number = str(last.get("hand_in", "")).rpartition("#")[2]
    return HandIn(f"{time}#{int(number) + 1 if number.isdecimal() else 2}")


def unrecorded_hand_in(id: str) -> HandIn:
    """Return a hand-in of which no grade is on record. Its inputs are others each time, and no number is known.

    So code that saw its inputs and then kept its grade from being recorded does not meet them again.
    """
    return HandIn(f"{id}~{secrets.token_hex(8)}")


def recorded_metadata(graded: Path) -> Mapping[str, Any]:
    """Return what the graded notebook in a file records; nothing if there is none, or it is damaged."""
    try:
        metadata = json.loads(graded.read_bytes())["metadata"][NAMESPACE]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


PUBLIC_KEY = Key(b"no secret: what is proved with it is proved alike on every machine")


def ensure_secret(course: Course, *, replace_lost: bool = False) -> bool:
    """Create the secret of a course that has none yet, and return whether it did; concurrent commands create one.

    replace_lost: also create one if submissions were graded with a secret that is gone. Without it, raises NoSecret
    then.
    """
    path = course.root / KEY_FILE
    if path.exists():
        return False
    from filelock import FileLock  # imported here to keep --help fast

    folder = course.root / "build"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "secret.lock"):
        if path.exists():
            return False
        graded = None if replace_lost else next(_graded_with_secret(course), None)
        if graded is not None:
            raise NoSecret(GONE.format(path=path, graded=graded))
        atomic_write(path, f"{_about(course)}course: {secrets.token_hex(KEY_BYTES)}\n", mode=0o600)
    return True


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


def digest_of_code(notebook: NotebookNode) -> bytes:
    """Return a digest of what runs when a rebuilt notebook is graded: every byte of its cells, and the questions.

    Their order counts: what cells have run by then decides what an answer computes.
    """
    steps = [
        ("run", cell.source) if runs_when_graded(cell) else ("grade", question_of(cell))
        for cell in notebook.cells
        if runs_when_graded(cell) or question_of(cell)
    ]
    return hashlib.sha256(json.dumps(steps).encode()).digest()


def _graded_with_secret(course: Course) -> Iterator[Path]:
    """Yield the graded notebooks that record a key: nbgrader's, and those of the web tool."""
    for path in chain(course.autograded.glob("*/*/*.ipynb"), course.root.glob("web/files/**/graded.ipynb")):
        try:
            if json.loads(path.read_bytes())["metadata"][NAMESPACE]["record"][RECORDED]:
                yield path
        except (OSError, ValueError, KeyError, TypeError):
            continue
