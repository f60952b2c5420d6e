"""What this machine offers: the layers of a seal, each tried, and what grading needs beside them."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.permissions import closing_command, open_to_others
from autograder.reports.finding import Finding
from autograder.sandbox import seal
from autograder.sandbox.fork_server import offers
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.text import Text

UNPROVED = ("aarch64",)
"""Machines whose system calls the filter has numbers for, and that no test has run on."""


def wrong_settings(folder: Path) -> tuple[Finding, ...]:
    """Return a finding for the first wrong setting of the course in a folder, or nothing."""
    try:
        Course.open(folder).check_settings()
    except CourseError as error:
        return (Finding(Text(ko="과목 설정", en="settings of the course"), False, str(error)),)
    return ()


@dataclass(frozen=True)
class Diagnosis:
    """All that was looked at, and what grading on this machine comes to."""

    findings: tuple[Finding, ...]
    holds: seal.Seal | None
    """The seal that a run would use."""
    verdict: Text
    weakest: Text | None
    """What gives way first of that seal; None where nothing holds."""


def examine(course: Path | None = None) -> Diagnosis:
    """Try every layer that this machine may have; takes some seconds. course: its folder, where there is one."""
    tried = offers(KERNEL_PROFILES["counting"], private=(str(course),) if course else ())
    holds = next((one for one, reason in tried if not reason), None)
    layers = [Finding(one.text, not reason, reason) for one, reason in tried]
    verdict = (
        seal.refusal([f"{one.name}: {reason}" for one, reason in tried])
        if holds is None
        else Text(
            ko=f"학생 코드를 봉인하는 것: {holds.text.ko}", en=f"student code is sealed by: {holds.text.en}"
        )
    )
    return Diagnosis(
        (*_machine(), *_libraries(), *_at_rest(course), *layers),
        holds,
        verdict,
        _weakest(holds) if holds else None,
    )


def _weakest(holds: seal.Seal) -> Text:
    """What gives way first of a seal, here."""
    machine, told = platform.machine(), holds.weakest
    ko, en = f"가장 약한 고리: {told.ko}.", f"weakest link: {told.en}."
    if machine in UNPROVED:
        ko += f" {machine}에서는 이 봉인을 시험한 적이 없습니다."
        en += f" This seal was never tried on {machine}."
    return Text(ko=ko, en=en)


def _at_rest(course: Path | None) -> Iterator[Finding]:
    """Whether other users of this machine can read the course, and the command that closes it."""
    if course is not None:
        found = open_to_others(course)
        name = Text(
            ko="이 컴퓨터의 다른 사용자에게 과목의 파일이 닫혀 있음" if not found else
            "이 컴퓨터의 다른 사용자도 과목의 파일을 읽을 수 있습니다. 닫으려면",
            en="closed to other users of this machine" if not found else
            "open to other users of this machine; close it with",
        )  # fmt: skip
        yield Finding(name, not found, closing_command(course, found) if found else str(course))


def _machine() -> Iterator[Finding]:
    user = "root" if hasattr(os, "geteuid") and os.geteuid() == 0 else "an ordinary user / 일반 사용자"
    yield Finding(
        Text(ko="운영 체제", en="operating system"),
        sys.platform == "linux",
        f"{platform.system()} {platform.release()}, {platform.machine()}, {user}",
    )
    yield Finding(Text(ko="파이썬", en="Python"), True, f"{platform.python_version()} ({sys.executable})")
    yield Finding(Text(ko="코어", en="cores"), True, str(os.cpu_count()))


def _libraries() -> Iterator[Finding]:
    for package in ("nbgrader", "numpy", "tensorflow"):
        try:
            yield Finding(Text(ko=package, en=package), True, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(Text(ko=package, en=package), False, "pip install '.[course]'")
