"""Check of a course's config against the classes that read it: traitlets ignores a misspelled name in silence.

A section is the name of a class. One that is near to a class of nbgrader or of this package is an error, any other
unknown one may belong to a program that is not loaded here. A setting of a class applies to its subclasses, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from traitlets import Bool, Enum, Float, Int, TraitError, TraitType, Undefined, Unicode
from traitlets.config import Configurable

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader_hooks import DEFAULTS, HOOKS, SEALED
from autograder.suggestions import near_names
from autograder.text import Text, joined

OWN_SECTIONS = ("CourseSettings", "WebSettings")
"""Their settings are checked where they are read."""
OF_NBCONVERT = ("ExecutePreprocessor",)
"""Sections of nbconvert that many courses have, for the time limit of a cell. Their settings are not checked."""
OF_CONFIGURE = frozenset({
    *HOOKS, *SEALED, *DEFAULTS, ("CourseDirectory", "course_id"), ("CourseDirectory", "release_directory"),
    ("ClearSolutions", "code_stub"),
})  # fmt: skip
"""What `configure` sets."""
EARLIER_NAMES = frozenset({
    "NbGrader", "NbGraderConfig", "BasicConfig", "BaseNbGraderApp", "BaseApp", "TransferApp", "BaseNbConvertApp",
    "DisplayAutoGrades",
})  # fmt: skip
"""Sections with options of earlier versions, which nbgrader still reads and warns of."""
EARLIER_SETTINGS = frozenset({("Exchange", "course_id")})
ALIKE = 0.85
"""How much a section must be like a known one to be taken for a misspelled one, as `difflib` measures it."""
MODULES = (
    ("nbgrader.converters", "nbgrader.plugins"),
    (
        "nbgrader.apps.nbgraderapp", "nbgrader.server_extensions.assignment_list.handlers",
        "nbgrader.server_extensions.course_list.handlers", "nbgrader.server_extensions.formgrader.formgrader",
        "nbgrader.server_extensions.validate_assignment.handlers",
    ),
)  # fmt: skip
"""Modules with the classes of nbgrader that have settings: first those that grade, then those that import Jupyter's
server."""
SCALARS = (Bool, Enum, Float, Int, Unicode)


def check_config(config: Mapping[str, Any], where: Path | str) -> None:
    """Check the names of sections and settings, and single values, of a config.

    where: the config's name in messages. Raises CourseError, with similar names, for the first section that is near to
    a class of nbgrader or of this package, setting that no such class has, or value that it does not take.
    """
    for modules in ((), *MODULES):
        classes = _classes_by_name(modules)
        if all(_is_read(section, given, classes) for section, given in _beyond_configured(config).items()):
            return
    for problem in _problems(config):
        raise CourseError(joined(": ", [Text.same(where), problem]))


def unread_sections(config: Mapping[str, Any]) -> list[str]:
    """Return the sections that no loaded class reads; another program may."""
    if not _beyond_configured(config):
        return []
    known = _known_sections(config)
    return [name for name in config if _is_section(config, name) and name not in known]


def _problems(config: Mapping[str, Any]) -> Iterator[Text]:
    known, classes = _known_sections(config), _classes_by_name()
    own = [name for name in (*classes, *OWN_SECTIONS) if _is_checked(classes.get(name, ()), name)]
    for section in filter(lambda name: _is_section(config, name), config):
        if section not in known:
            if near := near_names(section, own, cutoff=ALIKE):
                yield _("nothing reads c.{section}; did you mean c.{near}?", section=section, near=near[0])
        elif _is_checked(classes.get(section, ()), section) and section not in OWN_SECTIONS:
            yield from _wrong_settings(section, config[section], _settings_of(classes[section]))


def _wrong_settings(
    section: str, given: Mapping[str, Any], known: Mapping[str, TraitType[Any, Any]]
) -> Iterator[Text]:
    for name, value in given.items():
        if name in known:
            if expected := _expected(known[name], value):
                near = near_names(str(value), _choices(known[name]))
                text = _(
                    "c.{section}.{name} is {value}; expected {expected}",
                    section=section, name=name, value=repr(value), expected=expected,
                )  # fmt: skip
                yield (
                    text
                    if not near
                    else _("{problem}; did you mean {near}?", problem=text, near=repr(near[0]))
                )
        elif section in EARLIER_NAMES or section.endswith("App") or (section, name) in EARLIER_SETTINGS:
            continue
        elif near := near_names(name, known, cutoff=0.5):
            yield _(
                "c.{section} has no setting {name}; did you mean {near}?",
                section=section, name=repr(name), near=", ".join(near),
            )  # fmt: skip
        else:
            yield _(
                "c.{section} has no setting {name}; it has {known}",
                section=section, name=repr(name), known=", ".join(sorted(known)) or "–",
            )  # fmt: skip


def _expected(trait: TraitType[Any, Any], value: Any) -> str:
    """Return what a trait of a single value takes if it does not take this one, else an empty string."""
    if not isinstance(trait, SCALARS) or (value is None and trait.allow_none) or value is Undefined:
        return ""
    try:
        trait.validate(None, value)  # its owner is only named in the error
    except TraitError:
        return ", ".join(map(repr, _choices(trait))) or trait.info()
    return ""


def _choices(trait: TraitType[Any, Any]) -> list[str]:
    return (
        [choice for choice in trait.values or () if isinstance(choice, str)]
        if isinstance(trait, Enum)
        else []
    )


def _settings_of(classes: Iterable[type[Configurable]]) -> dict[str, TraitType[Any, Any]]:
    """Return the settings of classes and of their subclasses, for which a section counts as well."""
    return {
        name: trait
        for base in classes
        for cls in reversed(list(_with_subclasses(base)))  # a class of its own name decides last
        for name, trait in cls.class_traits(config=True).items()
    }


def _beyond_configured(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sections with more than `configure` sets, each with what is more.

    Only for these nbgrader is imported, and no more of it than has classes that read them.
    """
    beyond = {
        section: {
            name: value for name, value in config[section].items() if (section, name) not in OF_CONFIGURE
        }
        for section in config
        if _is_section(config, section) and section not in (*OWN_SECTIONS, *OF_NBCONVERT)
    }
    return {section: given for section, given in beyond.items() if given or not config[section]}


def _is_read(
    section: str, given: Mapping[str, Any], classes: Mapping[str, Iterable[type[Configurable]]]
) -> bool:
    """Return whether one of the classes reads a section and takes its settings."""
    return section in classes and not any(_wrong_settings(section, given, _settings_of(classes[section])))


def _is_section(config: Mapping[str, Any], name: str) -> bool:
    return name[:1].isupper() and isinstance(config[name], Mapping)


def _known_sections(config: Mapping[str, Any]) -> set[str]:
    """Import all classes with settings; return their names, and those that the config names by a dotted path."""
    named = {
        text.rpartition(".")[2]
        for section in config
        if _is_section(config, section)
        for value in config[section].values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    }
    return {*_classes_by_name(chain(*MODULES)), *OWN_SECTIONS, *EARLIER_NAMES, *named}


def _classes_by_name(modules: Iterable[str] = ()) -> dict[str, list[type[Configurable]]]:
    """Import modules, and return all classes with settings that are imported by then."""
    for module in modules:
        import_module(module)
    by_name: dict[str, list[type[Configurable]]] = {}
    for cls in _with_subclasses(Configurable):
        by_name.setdefault(cls.__name__, []).append(cls)
    return by_name


def _with_subclasses(base: type[Configurable]) -> Iterator[type[Configurable]]:
    yield base
    for cls in base.__subclasses__():
        yield from _with_subclasses(cls)


def _is_checked(classes: Iterable[type[Configurable]], name: str) -> bool:
    """Return whether a section is one of nbgrader or of this package."""
    return name in OWN_SECTIONS or any(
        cls.__module__.partition(".")[0] in ("nbgrader", "autograder") for cls in classes
    )
