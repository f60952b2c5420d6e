"""Finds the questions of a kept grade that changed question files do not concern, so that only the others are run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.grading.course_secret import HandIn, recorded_hand_in
from autograder.grading.fingerprint import changed_files
from autograder.grading.report import Report

CLAIMS_OF_OTHERS = ("nobody's", "another's")
"""Claims of an id that the roster or a group may settle otherwise today."""


def unaffected_reports(
    assignment: Assignment,
    metadata: Mapping[str, Any],
    reports: Mapping[str, Report],
    now: Mapping[str, Any],
    hand_in: HandIn,
) -> dict[str, Report]:
    """Return the reports of an earlier grade that grading the same files again would give again, by question.

    metadata: the kit's, of the graded notebook. reports: those in it. now: what a grade depends on today; see
    `Fingerprints`. hand_in: the one to grade.
    The result is empty if anything but the files of single questions changed.
    A question concerns those that it follows and those that follow it. One without a score counts as changed.
    """
    changed = changed_files(metadata.get("record"), now)
    if changed is None or metadata.get("claim", ("",))[0] in CLAIMS_OF_OTHERS or assignment.has_tests:
        return {}
    submitted = metadata.get("submitted", "")
    if recorded_hand_in(assignment.course, assignment.name, metadata, submitted) != hand_in:
        return {}  # other inputs are drawn
    questions = assignment.readable_questions
    ids = {Path(question.path).name: question.id for question in questions}
    if not changed <= ids.keys():
        return {}
    concerned = {ids[name] for name in changed}
    concerned |= {name for name in ids.values() if name not in reports or reports[name].ungraded}
    links = [{question.id, other} for question in questions for other in question.followed_names]
    grown = -1
    while grown != len(concerned):
        grown = len(concerned)
        concerned.update(*(pair for pair in links if pair & concerned))
    return {name: reports[name] for name in ids.values() if name not in concerned}
