"""The certificate of a release: what was proved, as data and as a page for people."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from autograder import __version__
from autograder.authoring.verify import ProofResults
from autograder.course import Course
from autograder.files import atomic_write
from autograder.grading.versions import version_of
from autograder.i18n import _
from autograder.questions.question import Question, total_points
from autograder.submissions.selection import manual_points
from autograder.text import SOURCE_LANGUAGE, Text, with_parents

PACKAGES = ("nbgrader", "numpy", "tensorflow", "keras")
LAWS: Mapping[int, Text] = {
    1: _("The reference answer earns full points for any drawn inputs."),
    2: _("An untouched answer cell earns nothing and is reported as not answered."),
    3: _("The reference answer passes the examples that students see."),
    4: _("Each known mistake fails exactly the checks it should, and is recognized by name."),
    5: _("Every check is failed by at least one known mistake."),
    6: _("Trivial answers (zeros, ones, nothing, the input itself) earn less than half."),
    7: _("Every text exists in every language of the course."),
    8: _("The released notebooks contain no answer and no check."),
    9: _("The same answer always gets the same report."),
    10: _("No known mistake gives the right number for any student's numbers; two mistakes give the "
"same number only if the pair is listed."),
    11: _("The values of a counting function determine its formula uniquely."),
    12: _("A question that follows others gives the reference's values with right answers to them."),
    13: _("No wrong answer that was tried earns more than one that is nearer to the right one."),
    15: _("A section to read again is a heading of the notebook in every language of the course."),
    16: _("Hidden inputs tell right answers from known mistakes in every draw that was tried."),
}  # fmt: skip


def certify(course: Course, questions: Mapping[str, list[Question]], proved: ProofResults) -> Path:
    """Write `build/certificate.json` and a page for each language of the course; return the path of the JSON file."""
    data = certificate(course, questions, proved)
    path = course.root / "build" / "certificate.json"
    atomic_write(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    for language in course.languages:
        page = path.with_name(f"certificate.{language}.html")
        atomic_write(page, _page(data, language))
    return path


def certificate(
    course: Course, questions: Mapping[str, list[Question]], proved: ProofResults
) -> dict[str, Any]:
    """Return what was proved, as plain data."""
    assignments: list[dict[str, Any]] = []
    for name, group in questions.items():
        by_hand = manual_points(course.assignment(name))
        listed = [_question(question, proved) for question in group]
        assignments.append(
            {
                "name": name,
                "points": total_points(question.points for question in group if not question.bonus),
                "bonus": total_points(question.points for question in group if question.bonus),
                "manual_cells": len(by_hand),
                "manual_points": sum(by_hand.values()),
                "editions": [
                    language
                    for language in course.languages
                    if (name, language, "notebook") in proved.figures
                ],
                "questions": listed,
            }
        )
    every = [question for assignment in assignments for question in assignment["questions"]]
    counted = ("cases", "misconceptions", "variants", "right", "wrong", "attacks")
    return {
        "course": course.id,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "languages": list(course.languages),
        "of_assignments": len(course.assignments),
        "versions": {"autograder": __version__, "python": platform.python_version()}
        | {name: version_of(name) for name in PACKAGES},
        "laws": [{"law": law, "text": text.to_dict(), "holds": True} for law, text in LAWS.items()],
        "totals": {"questions": len(every)}
        | {
            name: sum(assignment[name] for assignment in assignments)
            for name in ("points", "manual_cells", "manual_points")
        }
        | {name: sum(question.get(name, 0) for question in every) for name in counted},
        "leaks": {
            "files": proved.searched.files,
            "statements": proved.searched.statements,
            "answers": proved.searched.answers,
            "found": len(proved.searched.leaks),
            "not_searched": sorted(proved.unsearched),
        },
        "drafts": proved.drafts,
        "assignments": assignments,
    }


def _question(question: Question, proved: ProofResults) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for kind in ("laws", "right", "wrong", "attacks"):
        figures |= proved.figures.get((question.assignment, question.id, kind), {})
    return {
        "id": question.id,
        "title": question.title.to_dict(),
        "points": question.points,
        "bonus": question.bonus,
        "draft": question.id in proved.drafts,
        "checks": [check.text.to_dict() for check in question.checks],
    } | figures


def _page(data: Mapping[str, Any], language: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder", "authoring"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    tags = (*with_parents(language), SOURCE_LANGUAGE)
    page = environment.select_template([f"certificate.{tag}.html.j2" for tag in tags])

    def localized(text: Mapping[str, str]) -> str:
        return Text(**text).in_language(language)

    return page.render(data, language=language, localized=localized)
