"""What a course's `nbgrader_config.py` sets for nbgrader: the stages of ours, and nbgrader's in their order.

A course calls `configure` once. `check_hooks` tells where a setting that carries the seal or the scores is missing or
was replaced; every command, and every stage of ours that nbgrader runs, checks it before a kernel starts. Where none
of our stages runs, a kernel of the name `NO_KERNEL` is asked for, and there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.errors import CourseError
from autograder.permissions import close_files_of_nbgrader

CONFIG_FILE = "nbgrader_config.py"
LINES = """\
from autograder import configure

c = get_config()
configure(c, course_id="my_course", languages=["en"])"""

STUBS: Mapping[str, str] = {"ko": "여기에 답을 쓰세요", "en": "write your answer here"}

NO_KERNEL = "autograder-is-missing-from-nbgrader_config.py"
"""The kernel that a gradebook names. It does not exist: nbgrader without our stages stops before it runs anything."""
NO_LANGUAGE = "python, released with autograder's configure(c, ...) in nbgrader_config.py"
"""The language of a source notebook's kernel, by which nbgrader without our stages refuses to release it."""

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
    # hidden tests raise where they run: they go before the solved notebook is executed
    ("GenerateSolution", "preprocessors"): [
        "autograder.nbgrader.preprocessors.Edition",
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.Execute",
    ],
    # student code runs in a kernel that holds no test; the checks run outside it
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
        "nbgrader.preprocessors.SaveAutoGrades",
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
"""What carries the seal, the scores or what students are shown, by class and setting of nbgrader."""

DEFAULTS: Mapping[tuple[str, str], Any] = MappingProxyType({
    ("CourseDirectory", "solution_directory"): "build/solution",
    ("GenerateAssignment", "force"): True,  # or a fresh clone with a committed release/ cannot be graded
    ("GenerateSolution", "force"): True,
    ("Execute", "timeout"): 600,
    # every edition goes out, and feedback comes back whichever was handed in
    ("ExchangeFactory", "release_assignment"): "autograder.nbgrader.exchange.ReleaseEditions",
    ("ExchangeFactory", "collect"): "autograder.nbgrader.exchange.CollectByRoster",
    ("ExchangeFactory", "release_feedback"): "autograder.nbgrader.exchange.ReleaseFeedback",
})  # fmt: skip
"""What a course may set otherwise, below the call of `configure`."""

ENABLED = (
    "Preprocessor", "NbGraderPreprocessor", "Edition", "SaveCells", "ClearSolutions", "ClearHiddenTests", "Rebuild",
    "OverwriteCells", "Grade", "SaveAutoGrades", "AssignLatePenalties", "GetGrades", "RefreshFeedback",
)  # fmt: skip
"""Stages that a course may not switch off."""
RENAMED: Mapping[str, str] = MappingProxyType({"TellFeedback": "RefreshFeedback"})
"""Current names of classes that were renamed; the others were only moved."""
STRUCTURE = str(Path("{nbgrader_step}", "{student_id}", "{assignment_id}"))


def configure(c: Any, *, course_id: str, languages: Sequence[str]) -> None:
    """Let nbgrader release and grade the course with the autograder.

    c: what `get_config()` gives in `nbgrader_config.py`. course_id: nbgrader's id of the course; students' own numbers
    depend on it. languages: those that every text of the course exists in; the first is the one that `nbgrader
    generate_assignment` releases.
    """
    close_files_of_nbgrader()
    c.CourseDirectory.course_id = course_id
    c.CourseSettings.languages = list(languages)
    c.CourseDirectory.release_directory = f"release/{next(iter(languages), '')}"
    stub = " / ".join(STUBS[language] for language in languages if language in STUBS)
    c.ClearSolutions.code_stub = {"python": f"...  # {stub}"}
    for (section, name), value in (*DEFAULTS.items(), *HOOKS.items()):
        c[section][name] = list(value) if isinstance(value, list) else value


def check_hooks(config: Mapping[str, Any], where: Path | str) -> None:
    """Check that what `configure` sets for the seal and the scores is as it sets it.

    where: the config's name for people. Raises CourseError for the first setting that is missing or another one.
    """
    if not any(name in config.get(section, {}) for section, name in HOOKS):
        raise CourseError(
            f"{where} does not set nbgrader up to grade with the autograder; begin it with\n\n{LINES}\n"
        )
    for section, name in (*HOOKS, *DEFAULTS):
        if renamed := _renamed(config.get(section, {}).get(name)):
            pairs = ", ".join(f"{old} is now {new}" for old, new in renamed.items())
            raise CourseError(
                f"{where}: c.{section}.{name} uses old names: {pairs}; remove the line, `configure(c, ...)` sets it"
            )
    for (section, name), value in HOOKS.items():
        given = config.get(section, {})
        if name not in given:
            raise CourseError(
                f"{where} lacks c.{section}.{name}, which `configure(c, ...)` sets; call it at the top"
            )
        if given[name] != value:
            raise CourseError(
                f"{where}: remove the line `c.{section}.{name} = ...`: it takes the place of a stage that seals "
                "student code, or that makes a score"
            )
    for section in ENABLED:
        if config.get(section, {}).get("enabled", True) is not True:
            raise CourseError(
                f"{where}: remove the line `c.{section}.enabled = ...`: nothing is graded without"
            )
    structure = config.get("CourseDirectory", {}).get("directory_structure", STRUCTURE)
    if structure != STRUCTURE:
        raise CourseError(
            f"{where}: remove the line `c.CourseDirectory.directory_structure = ...`: "
            f"the autograder knows {STRUCTURE} alone"
        )


def _renamed(value: object) -> dict[str, str]:
    """Return the current dotted name of each class or function of ours that a setting calls by an earlier name."""
    current = {
        name.rpartition(".")[2]: name
        for setting in (*HOOKS.values(), *DEFAULTS.values())
        for name in _names(setting)
    }
    current |= {old: current[new] for old, new in RENAMED.items()}
    found = {name: current.get(name.rpartition(".")[2], name) for name in _names(value)}
    return {old: new for old, new in found.items() if old != new}


def _names(value: object) -> list[str]:
    """Return the dotted names of this package in a setting."""
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str) and name.startswith("autograder.")]
