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
from autograder.grading.hidden_inputs import RECORDED, key_of
from autograder.grading.versions import own_version, version_of
from autograder.text import Text

PACKAGES, TRAINING = ("nbgrader", "numpy"), ("tensorflow", "keras")
PIPELINE = (
    "Autograde",
    "LimitOutput",
    "GenerateFeedback",
)  # nbgrader's own settings that affect a score or a page
REASONS: Mapping[str, Text] = {
    "unrecorded": Text(ko="기록을 남기지 않던 판으로 채점했음", en="graded before records were kept"),
    "answers": Text(ko="답이 바뀜", en="answers changed"),
    "questions": Text(ko="문제 파일이 바뀜", en="question files changed"),
    "release": Text(ko="배포본이 바뀜", en="release changed"),
    "secret": Text(ko="숨은 입력을 뽑는 비밀 키가 다름", en="hidden inputs are drawn from another secret"),
    "settings": Text(ko="설정이 바뀜: {detail}", en="settings changed: {detail}"),
    "versions": Text(ko="버전이 바뀜: {detail}", en="versions changed: {detail}"),
    "asked": Text(ko="--force로 다시 채점함", en="asked with --force"),
    "handed in": Text(ko="같은 파일을 다시 제출함", en="handed in again"),
    "claimed": Text(
        ko="노트북에 쓴 학번의 학생이 명단에 들어옴", en="the id in the notebook is a student's by now"
    ),
    "group": Text(
        ko="노트북에 쓴 학번의 학생이 같은 조가 됨", en="the id in the notebook is of the group by now"
    ),
    "late": Text(ko="지각 감점이 바뀜", en="late penalty changed"),
    "score": Text(ko="성적부에 점수가 없음", en="its score was missing in the gradebook"),
}


@dataclass(frozen=True)
class RegradeReason:
    """Why something was graded again. reason: a key of `REASONS`, or empty; detail: what exactly changed."""

    reason: str = ""
    detail: str = ""

    @property
    def text(self) -> Text:
        """The reason as shown to people."""
        text = REASONS[self.reason]
        return Text(ko=text.ko.format(detail=self.detail), en=text.en.format(detail=self.detail))


NOT_STALE = RegradeReason()
"""The grade is valid, or there is none yet."""


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
        releases = [graded.release(language).parent for language in course.languages]
        packages = (*PACKAGES, *(TRAINING if graded.profile == "tensorflow" else ()))
        versions = {name: version_of(name) for name in packages}
        return {
            "questions": questions_digest(course, assignment),
            RECORDED: key_of(course, assignment).id,
            "release": _digest(file for folder in releases for file in _named(folder, visible_files(folder))),
            "settings": {
                "course_id": course.id,
                "languages": list(course.languages),
                "own_numbers": course.settings.own_numbers,
                "limits": asdict(course.limits),
                "feedback": graded.feedback_tells(datetime.now(UTC)),
                **{name: _digest_of(course.config.get(name, {})) for name in PIPELINE},
            },
            "versions": {"autograder": own_version()} | versions,
        }


def questions_digest(course: Course, assignment: str) -> str:
    """Return a digest of the question files of an assignment."""
    graded = course.assignment(assignment)
    return _digest(_named(graded.folder, graded.question_files))


def difference(before: Any, now: Mapping[str, Any]) -> RegradeReason:
    """Return what differs between a saved fingerprint and the current one, or `NOT_STALE`."""
    if not isinstance(before, dict):
        return RegradeReason("unrecorded")
    for part in ("questions", "release", RECORDED):
        if before.get(part) != now[part]:
            return RegradeReason(part)
    for part, describe in (("settings", _names), ("versions", _version_changes)):
        if before.get(part) != now[part]:
            kept = before.get(part)
            return RegradeReason(part, describe(kept if isinstance(kept, dict) else {}, now[part]))
    return NOT_STALE


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
