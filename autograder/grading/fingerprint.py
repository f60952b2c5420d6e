"""What a grade depends on besides the submission; recorded with the grade, which is valid until any of it changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.files import visible_files
from autograder.grading.course_secret import RECORDED, key_of
from autograder.grading.versions import LIBRARIES, own_version, version_of
from autograder.i18n import _
from autograder.text import Text

PACKAGES, TRAINING = ("nbgrader", "numpy"), ("tensorflow", "keras")
PIPELINE = (
    "Autograde",
    "ClearHiddenTests",
    "LimitOutput",
    "GenerateFeedback",
)  # nbgrader's own settings that affect a score or a page
REASONS: Mapping[str, Text] = {
    "unrecorded": _("graded before records were kept"),
    "answers": _("answers changed"),
    "questions": _("question files changed"),
    "release": _("release changed"),
    "secret": _("hidden inputs are drawn from another secret"),
    "settings": _("settings changed: {detail}"),
    "versions": _("versions changed: {detail}"),
    "asked": _("forced with --force"),
    "handed in": _("resubmitted"),
    "claimed": _("the id in the notebook now belongs to a student"),
    "group": _("the id in the notebook now belongs to the student's group"),
    "late": _("late penalty changed"),
    "score": _("its score was missing in the gradebook"),
    "differs": _("graded again, it has another score"),
    "notebook": _("its graded notebook is missing"),
}
SHOWN = "feedback"
"""The setting on which pages depend, and no score."""


@dataclass(frozen=True)
class RegradeReason:
    """Why something was graded again. reason: a key of `REASONS`, or empty; detail: what exactly changed."""

    reason: str = ""
    detail: str = ""

    @property
    def text(self) -> Text:
        """The reason as shown to people."""
        return REASONS[self.reason].format(detail=self.detail)


NO_REASON = RegradeReason()
"""Nothing changed since the submission was graded, or it was never graded."""


class Fingerprints:
    """The fingerprints of a course's assignments, each computed once, so that a run reads the files once."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._computed: dict[str, dict[str, Any]] = {}

    def of(self, assignment: str) -> dict[str, Any]:
        """Return what a grade given now depends on, as data: digests, settings by name, versions by package.

        The seal and the fast training mode are left out, because they change neither a score nor a page.
        """
        if assignment not in self._computed:
            self._computed[assignment] = self._compute(assignment)
        return self._computed[assignment]

    def _compute(self, assignment: str) -> dict[str, Any]:
        course, graded = self._course, self._course.assignment(assignment)
        releases = dict.fromkeys(path.parent for path in graded.releases)
        has_tests = graded.has_tests or not graded.is_built
        training = TRAINING if graded.profile == "tensorflow" else ()
        packages = (*PACKAGES, *training, *(LIBRARIES if has_tests else ()))
        versions = {name: version_of(name) for name in packages}
        return {
            "questions": questions_digest(course, assignment),
            RECORDED: key_of(course, assignment).id if graded.has_questions else "",
            "release": _digest(file for folder in releases for file in _named(folder, visible_files(folder))),
            "settings": {
                "course_id": course.id,
                "languages": list(course.languages),
                "own_numbers": "strict" if graded.is_strict else course.settings.own_numbers,
                "limits": asdict(course.limits),
                "feedback": graded.feedback_level(datetime.now(UTC)),
                **({"together": list(course.settings.together)} if has_tests else {}),
                **{name: _digest_of(course.config.get(name, {})) for name in PIPELINE},
            },
            "versions": {"autograder": own_version()} | versions,
        }


def questions_digest(course: Course, assignment: str) -> str:
    """Return a digest of the question files of an assignment, and of the sources of nbgrader's own tests."""
    graded = course.assignment(assignment)
    return _digest(
        (path.relative_to(folder).as_posix(), path)
        for path in graded.question_files
        # those of another assignment, which an exam asks again, by their place in the course
        for folder in [next(filter(path.is_relative_to, (graded.folder, graded.sources)), course.root)]
    )


def difference(before: Any, now: Mapping[str, Any], *, of_scores: bool = False) -> RegradeReason:
    """Return what differs between a saved fingerprint and the current one, or `NO_REASON`.

    of_scores: leave out what changes pages alone.
    """
    if not isinstance(before, dict):
        return RegradeReason("unrecorded")
    if of_scores:
        before, now = _without_shown(before), _without_shown(now)
    for part in ("questions", "release", RECORDED):
        if before.get(part) != now[part]:
            return RegradeReason(part)
    for part, describe in (("settings", _names), ("versions", _version_changes)):
        if before.get(part) != now[part]:
            kept = before.get(part)
            return RegradeReason(part, describe(kept if isinstance(kept, dict) else {}, now[part]))
    return NO_REASON


def _without_shown(record: Mapping[str, Any]) -> dict[str, Any]:
    settings = record.get("settings")
    if not isinstance(settings, dict):
        return dict(record)
    return {**record, "settings": {name: value for name, value in settings.items() if name != SHOWN}}


def _names(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return ", ".join(name for name in {**before, **now} if before.get(name) != now.get(name))


def _version_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {before.get(name) or '–'} -> {now.get(name) or '–'}"
        for name in {**before, **now}
        if before.get(name) != now.get(name)
    )


def _named(folder: Path, files: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    return ((path.relative_to(folder).as_posix(), path) for path in files)


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    listed = [f"{hashlib.sha256(path.read_bytes()).hexdigest()} {name}" for name, path in files]
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def _digest_of(settings: Any) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:12]
