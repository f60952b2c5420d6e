"""The nbgrader settings of a course: the package's preprocessors, and nbgrader's, in order.

A course calls `configure` once in its `nbgrader_config.py`. `check_hooks` reports a setting, of those that the seal or
the scores depend on, that is missing or replaced. Every command, and every class of this package that nbgrader runs,
checks that before a kernel starts. If none of these classes runs, nbgrader requests the kernel `NO_KERNEL`, which does
not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.permissions import close_files_of_nbgrader

CONFIG_FILE = "nbgrader_config.py"
LINES = """\
from autograder import configure

c = get_config()
configure(c, course_id="my_course", languages=["en"])"""

NO_KERNEL = "autograder-is-missing-from-nbgrader_config.py"
"""The kernel that a gradebook names. It does not exist, so stock nbgrader stops before it runs anything."""
NO_LANGUAGE = "python, released with autograder's configure(c, ...) in nbgrader_config.py"
"""The language of a source notebook's kernel, because of which stock nbgrader refuses to release it."""

HOOKS: Mapping[tuple[str, str], Any] = MappingProxyType({
    ("GenerateAssignment", "preprocessors"): [
        "autograder.nbgrader.preprocessors.Edition",
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "autograder.nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
    # hidden tests raise when run, so they are cleared before the solved notebook is executed
    ("GenerateSolution", "preprocessors"): [
        "autograder.nbgrader.preprocessors.Edition",
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.Execute",
    ],
    # student code runs in a kernel without tests; the checks run outside it
    ("Autograde", "pre_convert_hook"): "autograder.nbgrader.submission_reader.prepare_submission",
    ("Autograde", "exporter_class"): "autograder.nbgrader.submission_reader.SubmissionReader",
    ("Autograde", "sanitize_preprocessors"): [
        "autograder.nbgrader.preprocessors.Rebuild",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
    ("Autograde", "autograde_preprocessors"): [
        "autograder.nbgrader.preprocessors.Grade",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.nbgrader.preprocessors.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
    ("GenerateFeedback", "exporter_class"): "autograder.nbgrader.feedback_exporter.FeedbackExporter",
    ("GenerateFeedback", "preprocessors"): [
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearHiddenTests",
        "autograder.nbgrader.preprocessors.RefreshFeedback",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ],
    ("ExportApp", "plugin_class"): "autograder.nbgrader.grades_csv.GradesExport",
})  # fmt: skip
"""The settings that the seal, the scores or the students' pages depend on, by nbgrader class and setting."""

SEALED: Mapping[tuple[str, str], Any] = MappingProxyType({
    ("Autograde", "pre_convert_hook"): "autograder.nbgrader.submission_reader.prepare_submission",
    ("Autograde", "exporter_class"): "autograder.nbgrader.submission_reader.SubmissionReader",
    ("Autograde", "sanitize_preprocessors"): [
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
    ("Autograde", "autograde_preprocessors"): [
        "autograder.nbgrader.preprocessors.Grade",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.nbgrader.preprocessors.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
})  # fmt: skip
"""The settings that `seal_grading` makes: those of nbgrader's grading alone."""

DEFAULTS: Mapping[tuple[str, str], Any] = MappingProxyType({
    ("CourseDirectory", "solution_directory"): "build/solution",
    ("GenerateAssignment", "force"): True,  # or a fresh clone with a committed release/ cannot be graded
    ("GenerateSolution", "force"): True,
    ("Execute", "timeout"): 600,
    # release every edition, collect any, and return feedback for the one submitted
    ("ExchangeFactory", "release_assignment"): "autograder.nbgrader.exchange.ReleaseEditions",
    ("ExchangeFactory", "collect"): "autograder.nbgrader.exchange.CollectByRoster",
    ("ExchangeFactory", "release_feedback"): "autograder.nbgrader.exchange.ReleaseFeedback",
})  # fmt: skip
"""Settings that a course may override below the call of `configure`."""

ENABLED = (
    "Preprocessor", "NbGraderPreprocessor", "Edition", "SaveCells", "ClearSolutions", "ClearHiddenTests", "Rebuild",
    "OverwriteCells", "Grade", "SaveAutoGrades", "SaveGrades", "AssignLatePenalties", "GetGrades", "RefreshFeedback",
)  # fmt: skip
"""Preprocessors that a course must not disable."""
RENAMED: Mapping[str, str] = MappingProxyType({"TellFeedback": "RefreshFeedback"})
"""Current names of classes that were renamed; the others were only moved."""
STRUCTURE = str(Path("{nbgrader_step}", "{student_id}", "{assignment_id}"))


def configure(c: Any, *, course_id: str, languages: Sequence[str]) -> None:
    """Configure nbgrader to release and grade the course with this package.

    c: the result of `get_config()` in `nbgrader_config.py`. course_id: nbgrader's course id, on which the students'
    variants depend. languages: those of every text of the course; `nbgrader generate_assignment` releases the first.
    """
    c.CourseDirectory.course_id = course_id
    c.CourseSettings.languages = list(languages)
    c.CourseDirectory.release_directory = f"release/{next(iter(languages), '')}"
    c.ClearSolutions.code_stub = {"python": "..."}
    for (section, name), value in (*DEFAULTS.items(), *HOOKS.items()):
        c[section][name] = list(value) if isinstance(value, list) else value
    close_files_of_nbgrader(c)


def seal_grading(c: Any) -> None:
    """Configure nbgrader to run submissions and its own tests under this package's seal, and change nothing else.

    c: the result of `get_config()` in `nbgrader_config.py`. Without this call, nbgrader grades as before.
    """
    close_files_of_nbgrader(c)
    for (section, name), value in SEALED.items():
        c[section][name] = list(value) if isinstance(value, list) else value


def is_sealed_only(config: Mapping[str, Any]) -> bool:
    """Return whether a config was made by `seal_grading`, rather than by `configure`."""
    section, name = "Autograde", "sanitize_preprocessors"
    return bool(config.get(section, {}).get(name) == SEALED[section, name])


def check_hooks(config: Mapping[str, Any], where: Path | str) -> None:
    """Check that the settings which `configure` makes for the seal and the scores are unchanged.

    where: the config's name in messages. Raises CourseError for the first setting that is missing or changed.
    """
    if not any(name in config.get(section, {}) for section, name in HOOKS):
        raise CourseError(
            _(
                "{where} does not configure nbgrader to grade with the autograder; run `autograder init --existing` "
                "for a course of nbgrader's, or begin it with\n\n{lines}\n",
                where=where,
                lines=LINES,
            )
        )
    is_sealed = is_sealed_only(config)
    hooks, call = (SEALED, "seal_grading(c)") if is_sealed else (HOOKS, "configure(c, ...)")
    for section, name in hooks if is_sealed else (*HOOKS, *DEFAULTS):
        if renamed := _renamed(config.get(section, {}).get(name)):
            pairs = ", ".join(f"{old} is now {new}" for old, new in renamed.items())
            raise CourseError(
                _(
                    "{where}: c.{section}.{name} uses old names: {pairs}; remove the line, `{call}` sets it",
                    call=call,
                    where=where,
                    section=section,
                    name=name,
                    pairs=pairs,
                )
            )
    for (section, name), value in hooks.items():
        settings = config.get(section, {})
        if name not in settings:
            raise CourseError(
                _(
                    "{where} lacks c.{section}.{name}, which `{call}` sets; call it at the top",
                    call=call,
                    where=where,
                    section=section,
                    name=name,
                )
            )
        if settings[name] != value:
            raise CourseError(
                _(
                    "{where}: remove the line `c.{section}.{name} = ...`: it replaces a class that seals student "
                    "code or makes a score",
                    where=where,
                    section=section,
                    name=name,
                )
            )
    for section in ENABLED:
        if config.get(section, {}).get("enabled", True) is not True:
            raise CourseError(
                _(
                    "{where}: remove the line `c.{section}.enabled = ...`: grading needs this preprocessor",
                    where=where,
                    section=section,
                )
            )
    structure = config.get("CourseDirectory", {}).get("directory_structure", STRUCTURE)
    if structure != STRUCTURE:
        raise CourseError(
            _(
                "{where}: remove the line `c.CourseDirectory.directory_structure = ...`: the autograder "
                "supports only {structure}",
                where=where,
                structure=STRUCTURE,
            )
        )


def _renamed(value: object) -> dict[str, str]:
    """Return the current dotted name of each class of this package that a setting calls by an earlier name."""
    current = {
        name.rpartition(".")[2]: name
        for setting in (*HOOKS.values(), *SEALED.values(), *DEFAULTS.values())
        for name in _names(setting)
    }
    current |= {old: current[new] for old, new in RENAMED.items()}
    current_of = {name: current.get(name.rpartition(".")[2], name) for name in _names(value)}
    return {old: new for old, new in current_of.items() if old != new}


def _names(value: object) -> list[str]:
    """Return the dotted names of this package in a setting."""
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str) and name.startswith("autograder.")]
