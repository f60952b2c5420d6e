"""What hidden inputs are drawn from: a secret of the course, and what a submission answers.

The same answers meet the same inputs whenever, and wherever, they are graded; other answers meet other inputs. Every
assignment has a key of its own, derived from the secret. What grades elsewhere gets that key, never the secret.
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
from autograder.notebooks.stamp import NAMESPACE, cell_metadata
from autograder.questions.loader import tree_of
from autograder.submissions.rebuild import names_defined
from autograder.text import Text

KEY_FILE = "hidden_inputs.key"
RECORDED = "secret"
"""Under this name a graded notebook records the id of the key that it was graded with."""
ABOUT = """\
# Hidden inputs are drawn from this secret of the course. Keep a copy outside the course's folder.
# Show it to nobody, and commit it to no repository: whoever has it knows what answers will be tried on.
# 숨은 입력은 이 과목 비밀 키로 뽑습니다. 과목 폴더 밖에 사본을 두세요.
# 아무에게도 보여 주지 말고 저장소에 커밋하지 마세요. 키를 아는 사람은 어떤 입력으로 채점할지 알 수 있습니다.
"""
GONE = Text(
    ko="{path} 파일이 없는데, 이미 이 키로 채점한 제출물이 있습니다(예: {graded}). 사본을 되돌려 놓으세요. 사본이 "
    "없으면 `autograder grade --new-secret`으로 새 키를 만들고 모두 다시 채점하세요.",
    en="{path} is gone, but submissions were graded with it ({graded}, for one). Restore it from its backup; where "
    "there is none, run `autograder grade --new-secret`, which makes a new one and grades everything again",
)
DAMAGED = Text(
    ko="{path} 파일이 망가져 읽을 수 없습니다. 사본을 되돌려 놓으세요. 사본이 없으면 이 파일을 지우고 "
    "`autograder grade --new-secret`을 실행하세요.",
    en="{path} is damaged; restore it from its backup; where there is none, delete it and run "
    "`autograder grade --new-secret`",
)
BYTES = 32
SHORT, REMEMBERED = 5_000, 500
"""Characters of a cell whose normal form is remembered, and how many are."""


@dataclass(frozen=True)
class Key:
    """The key of one assignment."""

    value: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A short hash of it, which tells two keys apart and does not tell the key."""
        return hashlib.sha256(b"id/" + self.value).hexdigest()[:8]

    def seed(self, notebook: NotebookNode) -> int:
        """The seed of the hidden inputs of a rebuilt submission, a whole number of 128 bits."""
        return self._number(b"inputs/" + digest_of_answers(notebook))

    def proof(self, number: int) -> int:
        """A seed such as submissions have, for a proof."""
        return self._number(b"proof/%d" % number)

    def _number(self, of: bytes) -> int:
        return int.from_bytes(hmac.digest(self.value, of, "sha256")[:16], "big")


PUBLIC_KEY = Key(b"no secret: what is proved with it is proved alike on every machine")


def ensure_secret(course: Course, *, anew: bool = False) -> None:
    """Make the secret of a course that has none yet; two commands that do so at once make one.

    anew: also where submissions were graded with one that is gone. Raises NoSecret where they were, without it.
    """
    path = course.root / KEY_FILE
    if path.exists():
        return
    from filelock import FileLock  # here: --help should not wait for it

    folder = course.root / "build"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "secret.lock"):
        if path.exists():
            return
        graded = None if anew else next(_graded_with_one(course), None)
        if graded is not None:
            raise NoSecret(_told(GONE, path=path, graded=graded))
        atomic_write(path, f"{ABOUT}course: {secrets.token_hex(BYTES)}\n", mode=0o600)


def key_of(course: Course, assignment: str) -> Key:
    """Return the key of an assignment. Raises CourseError where there is none that can be read."""
    path = course.root / KEY_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = dict(line.rsplit(": ", 1) for line in lines if line and not line.startswith("#"))
        known = {name: bytes.fromhex(value) for name, value in found.items()}
    except FileNotFoundError:
        raise CourseError(
            f"there is no {path}: run the command again, which makes it or says why not"
        ) from None
    except ValueError:
        known = {}
    if len(known.get("course", b"")) == BYTES:
        known[f"assignment {assignment}"] = _derived(known["course"], assignment)
    value = known.get(f"assignment {assignment}", b"")
    if len(value) != BYTES:
        raise NoSecret(_told(DAMAGED, path=path))
    return Key(value)


def key_file_for(course: Course, assignments: Iterable[str]) -> bytes:
    """Return a key file with the keys of some assignments alone, for what grades them elsewhere."""
    keys = [f"assignment {name}: {key_of(course, name).value.hex()}\n" for name in sorted(assignments)]
    return (ABOUT + "".join(keys)).encode()


def digest_of_answers(notebook: NotebookNode) -> bytes:
    """Return a digest of what a rebuilt notebook answers, as code: the answer cells, and the cells that they lean on.

    Comments, formatting, prose, outputs and all other cells make no difference.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counted = [cell for cell in cells if cell_metadata(cell).get("part") == "answer"]
    others = [cell for cell in cells if cell_metadata(cell).get("part") is None]
    texts = {id(cell): normal(cell) for cell in (*counted, *others)}
    waiting = list(counted)
    while waiting:
        used = set(re.findall(r"[^\W\d]\w*", texts[id(waiting.pop())]))
        found = [cell for cell in others if names_defined(cell) & used]
        others = [cell for cell in others if cell not in found]
        counted += found
        waiting += found
    places = {id(cell) for cell in counted}
    told = [
        [str(cell_metadata(cell).get("question")), texts[id(cell)]] for cell in cells if id(cell) in places
    ]
    return hashlib.sha256(json.dumps(told).encode()).digest()


def normal(cell: NotebookNode) -> str:
    """Return the code of a cell in a normal form, the same in every version of Python; else its lines."""
    if cell_metadata(cell).get("unparsed"):
        return _lines(cell.source)
    return (_short if len(cell.source) < SHORT else _normal)(cell.source)


def _normal(source: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of a student's string is for the student
            return repr(_plain(tree_of(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _lines(source)


_short = lru_cache(REMEMBERED)(_normal)
"""Most cells of a class are the release's: they are read once."""


def _lines(source: str) -> str:
    return "\n".join(line.strip() for line in source.splitlines() if line.strip())


def _plain(node: Any) -> Any:
    """A syntax tree as tuples, without what is empty: a later Python has fields that are empty in earlier code."""
    if isinstance(node, ast.Constant):
        return "Constant", type(node.value).__name__, repr(node.value)
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
        return type(node).__name__, *((name, _plain(value)) for name, value in fields)
    return tuple(map(_plain, node)) if isinstance(node, list) else node


def _derived(secret: bytes, assignment: str) -> bytes:
    return hmac.digest(secret, f"assignment/{assignment}".encode(), "sha256")


def _graded_with_one(course: Course) -> Iterator[Path]:
    """The graded notebooks that record a key: nbgrader's, and those of the web tool."""
    for path in chain(course.autograded.glob("*/*/*.ipynb"), course.root.glob("web/files/**/graded.ipynb")):
        try:
            if json.loads(path.read_bytes())["metadata"][NAMESPACE]["record"][RECORDED]:
                yield path
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _told(text: Text, **what: object) -> Text:
    return Text(ko=text.ko.format(**what), en=text.en.format(**what))
