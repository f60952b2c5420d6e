"""`autograder doctor`: check the course, and what this machine offers for grading, trying every layer of the seal."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_of, language_option, scheduler_option
from autograder.course import Course, folder_of_course
from autograder.errors import CourseError
from autograder.grading.versions import version_of
from autograder.i18n import _, ngettext
from autograder.nbgrader.config_check import check_config, unread_sections
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.permissions import closing_command, open_to_others
from autograder.reports.finding import Finding
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.sandbox import seal

LEAST_FREE, LEAST_FREE_TEMPORARY = 1000, 200
"""Megabytes free where the course is, which an attempt takes about one of, and where temporary files are."""
UNPROVED = ("aarch64",)
"""Architectures that the system call filter knows but that no test has run on."""


def wrong_settings(folder: Path) -> tuple[Finding, ...]:
    """Return a finding for the first wrong setting of the course in a folder, or nothing."""
    try:
        course = Course.open(folder)
        course.check_settings()
        check_config(course.config, folder / CONFIG_FILE)
    except CourseError as error:
        return (Finding(_("settings of the course"), False, error.message),)
    return ()


def _unread_settings(course: Course) -> Iterator[Finding]:
    """Yield a finding for the sections of the config that nothing known reads: they may be misspelled."""
    if unread := unread_sections(course.config):
        yield Finding(
            _("settings that only another program can read"),
            None,
            _("{sections}; check the spelling", sections=", ".join(f"c.{name}" for name in unread)),
        )


@dataclass(frozen=True)
class Diagnosis:
    """All findings, and the seal that grading on this machine would use."""

    findings: tuple[Finding, ...]
    holds: seal.Seal | None
    """The seal that a run would use."""
    verdict: Text
    weakest: Text | None
    """The weakest part of that seal; None where no seal holds."""


def examine(course: Path | None = None) -> Diagnosis:
    """Try every seal layer of this machine, which takes some seconds. course: the course folder, if there is one."""
    from autograder.sandbox import seal
    from autograder.sandbox.fork_server import try_seals
    from autograder.sandbox.profiles import KERNEL_PROFILES

    tried = try_seals(KERNEL_PROFILES["counting"], private=(str(course),) if course else ())
    holds = next((layer for layer, reason in tried if not reason), None)
    layers = []
    is_spare = False
    for layer, reason in tried:
        layers.append(_layer(layer, reason, is_spare=is_spare, is_needed=holds is None))
        is_spare = is_spare or not reason
    verdict = (
        seal.refusal([f"{layer.name}: {reason}" for layer, reason in tried])
        if holds is None
        else _("student code is sealed by: {seal}", seal=holds.text)
    )
    return Diagnosis(
        (*_machine(), *_free_space(course), *_libraries(), *_at_rest(course), *layers),
        holds,
        verdict,
        _weakest(holds) if holds else None,
    )


def _layer(layer: seal.Seal, reason: str, *, is_spare: bool, is_needed: bool) -> Finding:
    """Return what was found about a seal.

    is_spare: whether a stronger one holds, so that no run needs it. is_needed: whether none holds; only then is a
    seal that does not hold a problem.
    """
    if not reason or not is_spare:
        return Finding(layer.text, True if not reason else False if is_needed else None, reason)
    said = _("not usable here, and not needed ({reason})", reason=reason.removeprefix("OSError: "))
    return Finding(layer.text, None, said)


def _weakest(holds: seal.Seal) -> Text:
    """Describe the weakest part of a seal on this machine."""
    machine, weakest = platform.machine(), holds.weakest_point
    if machine in UNPROVED:
        return _(
            "weakest link: {weakest}. This seal was never tried on {machine}.",
            weakest=weakest,
            machine=machine,
        )
    return _("weakest link: {weakest}.", weakest=weakest)


def _at_rest(course: Path | None) -> Iterator[Finding]:
    """Check whether other users of this machine can read the course; a finding holds the command that closes it."""
    if course is not None:
        try:
            moved = Course.open(course).student_folders
        except CourseError:  # wrong settings are a finding of their own
            moved = ()
        exposed = open_to_others(course, moved)
        name = (
            _("open to other users of this machine; close it with")
            if exposed
            else _("closed to other users of this machine")
        )
        yield Finding(name, not exposed, closing_command(course, exposed) if exposed else str(course))


def _machine() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    yield Finding(
        _("operating system"),
        sys.platform == "linux",
        _("{system}, root", system=system) if is_root else _("{system}, an ordinary user", system=system),
    )
    yield Finding(_("Python"), True, f"{platform.python_version()} ({sys.executable})")
    yield Finding(_("cores"), True, str(os.cpu_count()))


def _free_space(course: Path | None) -> Iterator[Finding]:
    """Check that there is room where the course is, and where temporary files are."""
    for folder, least in ((course, LEAST_FREE), (Path(gettempdir()), LEAST_FREE_TEMPORARY)):
        if folder is not None:
            free = shutil.disk_usage(folder).free // 10**6
            seen = _("{free} MB; make room, at least {least} MB", free=free, least=least)
            name = _("free space in {folder}", folder=folder)
            yield Finding(name, free >= least, f"{free} MB" if free >= least else seen)


def _libraries() -> Iterator[Finding]:
    for package in ("nbgrader", "numpy", "tensorflow"):
        version = version_of(package)
        hint: Text | str = 'pip install "rnn-course-kit[course]"'
        if package == "tensorflow" and sys.version_info >= (3, 14):
            hint = _("no package for this Python yet; use 3.13")
        # a course that needs what is missing has a finding of its own
        yield Finding(Text.same(package), bool(version) or None, version or hint)


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "doctor", run, _("check the course, and what this machine offers for grading"),
        _("Looks at the course: its settings, whether each release is current and its questions are proved, pools, the "
        "roster against the submissions, and what waits. Then it tries every seal for student code, the strongest "
        "first, and reports which one a run would use, what is missing, and what to do where none holds. Where the "
        "course has a web tool (c.WebSettings.url), it checks that too: URL, database, LMSs, queues. Exits with 1 "
        "if it prints any ✘; pending work does not count as a problem."),
        "autograder doctor --language ko",
        ("autograder doctor --scheduler tcp://lab1:8786", _("which workers are sealed, and how")),
    )  # fmt: skip
    scheduler_option(command, _("ask the workers of this Dask cluster instead"))
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    language = language_of(arguments)
    if arguments.scheduler:
        return _survey(arguments.scheduler, console, language)
    folder, seen = folder_of_course(), list[Finding]()
    with console.status("") as status:

        def show(finding: Finding) -> None:
            seen.append(finding)
            text = finding.seen.in_language(language) if isinstance(finding.seen, Text) else finding.seen
            line = ": ".join(part for part in (finding.name.in_language(language), text) if part)
            mark = {True: "[green]✔[/]", False: "[red]✘[/]", None: "[dim]–[/]"}[finding.good]
            console.print(f"{mark} {escape(line)}")

        if folder is not None:  # a machine can be looked at without a course
            for finding in _course(folder, lambda part: status.update(escape(part))):
                show(finding)
        status.update(_("trying the seals").in_language(language))
        diagnosis = examine(folder)
        for finding in diagnosis.findings:
            show(finding)
    console.print(escape(diagnosis.verdict.in_language(language)))
    if diagnosis.weakest is not None:
        console.print(escape(diagnosis.weakest.in_language(language)))
    checked = ngettext("{n} check made", "{n} checks made", len(seen))
    problems = sum(finding.good is False for finding in seen)
    return finish(console, checked, problems or int(diagnosis.holds is None))


def _course(folder: Path, on_progress: Callable[[str], None]) -> Iterator[Finding]:
    """Yield what is found about the course in a folder, and about its web tool."""
    from autograder.authoring.course_check import check_course
    from autograder.web.health import check_web_tool

    wrong = wrong_settings(folder)
    yield from wrong
    with contextlib.suppress(CourseError):  # it is among the wrong settings
        course = Course.open(folder)
        if not wrong:
            yield Finding(_("settings of the course"), True, str(folder / CONFIG_FILE))
            yield from _unread_settings(course)
            yield from check_course(course, on_progress)
        yield from check_web_tool(course)


def _survey(scheduler: str, console: Console, language: str) -> int:
    """Print what each worker of a cluster offers and return the exit code."""
    from autograder.engine.cluster.survey import survey

    with console.status(""):
        result = survey(scheduler)
    for worker, good, said in result.findings:
        mark = "[green]✔[/]" if good else "[red]✘[/]"
        console.print(f"{mark} {escape(worker)}: {escape(said.in_language(language))}")
    console.print(escape(result.verdict.in_language(language)))
    asked = ngettext("{n} worker asked", "{n} workers asked", len(result.findings))
    unusable = sum(not good for _worker, good, _said in result.findings)
    return finish(console, asked, 0 if result.usable else max(1, unusable))
