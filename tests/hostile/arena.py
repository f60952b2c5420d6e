"""A course full of secrets, a class of attackers and honest students, and what became of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

import autograder
from autograder.course import Course, SubmissionId
from autograder.engine.batch import Listener, grade_class
from autograder.engine.messages import Result
from autograder.grading.course_secret import KEY_FILE, ensure_secret
from autograder.grading.given_out import begin_record
from autograder.notebooks.cells import NAMESPACE
from autograder.verification.released import digest_of
from tests.hostile.attack import POINTS, RIGHT, Attack, Notebook
from tests.support import copy_course

LIMITS = '\nc.CourseSettings.limits = {"cell": 4, "call": 2, "training": 60, "session": 20}\n'
UNDER_WAY = 8  # submissions that a class may have begun and not ended
LIVE_TAGS = ("iframe", "object", "embed", "base", "meta", "link", "form", "style")
LINKING = ("href", "src", "action", "formaction", "data", "srcdoc", "xlink:href", "background", "poster")


@dataclass
class Arena:
    """The course, and what is known of it before and after grading.

    secrets: what was planted, by the place where it lies. mark: what an attacker's processes and files carry.
    """

    course: Course
    home: Path
    planted: Path
    mark: str
    secrets: dict[str, str]
    honest: dict[str, str] = field(default_factory=dict)
    """Assignment of each honest student."""
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    """What stopped the class."""
    left: list[str] = field(default_factory=list)
    """Processes and files with the mark, after grading."""

    def graded(self, student: str, assignment: str) -> str:
        """The graded notebook, as text."""
        return self.course.graded_path(SubmissionId(student, assignment)).read_text(encoding="utf-8")

    def page(self, student: str, assignment: str) -> str:
        """The feedback page."""
        return self.course.feedback_path(SubmissionId(student, assignment)).read_text(encoding="utf-8")

    def hand_in(self, attack: Attack) -> SubmissionId:
        """Write an attacker's notebook into `submitted/`."""
        path = self._path(attack.id, attack.assignment)
        notebook = self._notebook(
            attack.assignment, {name: self._told(text) for name, text in attack.answers.items()}
        )
        for place, source in ((0, attack.first), (len(notebook["cells"]), attack.last)):
            if source:
                notebook["cells"].insert(place, own_cell(self._told(source), f"own-{place}"))
        raw = attack.mutate(notebook) if attack.mutate is not None else None
        path.write_bytes(raw if raw is not None else json.dumps(notebook).encode())
        for name, text in attack.files.items():
            path.with_name(name).write_text(self._told(text), encoding="utf-8")
        if attack.place is not None:
            attack.place(path)
        return SubmissionId(attack.id, attack.assignment)

    def hand_in_honestly(self, student: str, assignment: str, extra: str = "") -> SubmissionId:
        """Write an honest student's notebook, which holds a secret of its own."""
        notebook = self._notebook(assignment, RIGHT[assignment])
        notebook["cells"].append(own_cell(f"# {self.secrets['classmate']}\n{extra}", "mine"))
        self._path(student, assignment).write_text(json.dumps(notebook), encoding="utf-8")
        self.honest[student] = assignment
        return SubmissionId(student, assignment)

    def look(self) -> dict[str, str]:
        """Mode, owner, time and a hash of every file that grading may not change."""
        roots = [self.course.root, self.home, Path(autograder.__file__).parent]
        skipped = ("autograded", "feedback", "gradebook.db", "build", "__pycache__", ".git")
        found = {}
        for root in roots:
            for place, folders, names in os.walk(root):
                folders[:] = [name for name in folders if name not in skipped]
                for path in (Path(place, name) for name in names if name not in skipped):
                    status = path.lstat()
                    plain = path.is_file() and not path.is_symlink() and status.st_size < 1 << 30
                    held = hashlib.sha256(path.read_bytes()).hexdigest() if plain else ""
                    found[str(path)] = f"{status.st_mode:o} {status.st_uid} {status.st_mtime_ns} {held}"
        return found

    def marked(self) -> list[str]:
        """What carries the mark: processes, and files where a later one might find them."""
        found = [f"process {line}" for line in processes(self.mark)]
        for place in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", str(self.course.root), str(self.home)):
            if Path(place).is_dir():
                found += [
                    f"file {place}/{path.name}" for path in Path(place).iterdir() if self.mark in path.name
                ]
        return found

    def grade(self, jobs: Sequence[SubmissionId]) -> None:
        """Grade them as one class, and look at everything before and after.

        Where one stops the class, which is a failure of its own, the rest are graded all the same.
        """
        self.before = self.look()
        waiting = list(jobs)
        while waiting:
            try:
                grade_class(self.course, waiting, workers=2, listener=Listener(on_result=self._take))
            except Exception as error:
                self.stopped.append(f"{type(error).__name__}: {error}"[:300])
                waiting = self._one_by_one([job for job in waiting if job.student not in self.results])
            else:
                break
        self.left = self.marked()
        self.after = self.look()

    def _take(self, result: Result) -> None:
        self.results[result.submission.student] = result

    def _one_by_one(self, jobs: Sequence[SubmissionId]) -> list[SubmissionId]:
        """Grade the first of them, among which is the one that stopped the class; returns the others."""
        for job in jobs[:UNDER_WAY]:
            try:
                grade_class(self.course, [job], listener=Listener(on_result=self._take))
            except Exception as error:
                self.results[job.student] = Result(job, "ungraded", f"{type(error).__name__}: {error}"[:300])
        return list(jobs[UNDER_WAY:])

    def _path(self, student: str, assignment: str) -> Path:
        path = self.course.submitted / student / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _notebook(self, assignment: str, answers: dict[str, str]) -> Notebook:
        notebook: Notebook = json.loads(
            self.course.assignment(assignment).release("en").read_text(encoding="utf-8")
        )
        for cell in notebook["cells"]:
            metadata = cell["metadata"].get("nbgrader", {})
            if metadata.get("solution") and metadata["grade_id"] in answers:
                cell["source"] = answers[metadata["grade_id"]]
        return notebook

    def _told(self, text: str) -> str:
        known = {
            "@COURSE@": str(self.course.root), "@HOME@": str(self.home), "@PLANTED@": str(self.planted),
            "@PID@": str(os.getpid()), "@MARK@": self.mark,
        }  # fmt: skip
        for name, value in known.items():
            text = text.replace(name, value)
        return text


@contextlib.contextmanager
def arena(folder: Path, *assignments: str) -> Iterator[Arena]:
    """A course in which every place that an attacker may look at holds a secret."""
    planted_secrets = {
        place: f"planted-{place}-{secrets.token_hex(16)}"
        for place in (
            "environment",
            "home",
            "tmp",
            "solutions",
            "source",
            "gradebook",
            "settings",
            "classmate",
        )
    }
    root = copy_course(folder / "course", *assignments)
    settings = root / "nbgrader_config.py"
    settings.write_text(
        settings.read_text(encoding="utf-8") + LIMITS + f"# {planted_secrets['settings']}\n", encoding="utf-8"
    )
    for assignment in assignments:
        for path in (root / "solutions" / assignment).glob("*.py"):
            path.write_text(
                path.read_text(encoding="utf-8") + f"\n# {planted_secrets['solutions']}\n", encoding="utf-8"
            )
        record_as_proved(root, assignment)
    # not in a source notebook: what stands there is released
    (root / "source" / "notes.txt").write_text(planted_secrets["source"], encoding="utf-8")
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True)
    for name in (".netrc", ".ssh/id_ed25519", "notes.txt"):
        (home / name).write_text(f"machine lms password {planted_secrets['home']}\n")
    number, planted = tempfile.mkstemp(prefix="readable-", dir="/tmp")
    with os.fdopen(number, "w") as file:
        file.write(planted_secrets["tmp"])
    os.chmod(planted, 0o644)
    course = Course.open(root)
    ensure_secret(course)
    begin_record(course)
    planted_secrets["secret"] = (root / KEY_FILE).read_text(encoding="utf-8").split()[-1]
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.update_or_create_student("honest1", first_name=planted_secrets["gradebook"])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LMS_TOKEN", planted_secrets["environment"])
        patched.setenv("HOME", str(home))
        # short enough to be a process's name
        yield Arena(course, home, Path(planted), f"mk{secrets.token_hex(6)}", planted_secrets)
    Path(planted).unlink()


def record_as_proved(root: Path, assignment: str) -> None:
    """Record that the questions are proved as they are: a comment changes nothing, and a proof takes minutes."""
    loaded = Course.open(root).assignment(assignment)
    source = nbformat.read(loaded.source, as_version=4)
    source.metadata[NAMESPACE]["proved"] = {question.id: digest_of(question) for question in loaded.questions}
    nbformat.write(source, loaded.source)


def own_cell(source: str, name: str) -> dict[str, object]:
    return {
        "cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None,
    }  # fmt: skip


def processes(mark: str) -> list[str]:
    """Processes of this machine with `mark` in their command line, environment or name, after a moment to end."""
    end = time.monotonic() + 10
    while (found := _processes(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def _processes(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            for name in ("cmdline", "environ", "comm"):
                with contextlib.suppress(OSError):
                    if mark.encode() in (path / name).read_bytes():
                        found.append(f"{path.name} {name}")
    return found


def points(result: Result) -> dict[str, float]:
    """Points by question."""
    return {name: report.score for name, report in result.reports.items()}


def recorded_seed(graded: Path) -> int:
    """The seed of the hidden inputs that a graded notebook records."""
    return int(json.loads(graded.read_bytes())["metadata"]["autograder"]["draw"]["seed"], 16)


def full_marks(assignment: str) -> dict[str, float]:
    return {name: float(value) for name, value in POINTS[assignment].items()}


class Live(HTMLParser):
    """Everything in a page that a browser would act on."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self._script = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handlers, links that run, and elements that load or replace something."""
        self._script = tag == "script"
        if tag in LIVE_TAGS or self._script:
            self.found.add(f"<{tag} {sorted((name, value or '') for name, value in attrs)}>")
        for name, value in attrs:
            squeezed = "".join((value or "").split()).lower()
            runs = name in LINKING and squeezed.startswith(
                ("javascript:", "vbscript:", "data:text", "data:application")
            )
            if name.startswith("on") or runs or name == "srcdoc" or "data:image/svg" in squeezed:
                self.found.add(f"<{tag} {name}={value}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed at once is as live."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """A script ends."""
        if tag == "script":
            self._script = False

    def handle_data(self, data: str) -> None:
        """The text of a script."""
        if self._script and data.strip():
            self.found.add(
                f"script: {hashlib.sha256(data.encode('utf-8', 'replace')).hexdigest()} {data[:60]!r}"
            )
