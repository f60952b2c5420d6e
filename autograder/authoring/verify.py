"""Proves a built release: every law for every question, its answer bank, attacks, notebooks, and no leak."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course
from autograder.engine.local import open_local
from autograder.engine.messages import WorkItem
from autograder.engine.preload import expect_workers
from autograder.errors import AutograderError
from autograder.grading.notebook_grader import profile_of
from autograder.notebooks.stamp import code_of
from autograder.questions.loader import text_of
from autograder.questions.question import Question
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.verification.answer_bank import is_draft
from autograder.verification.leaks import LeakSearch, search
from autograder.verification.proof_cache import PROOFS, ProofCache
from autograder.verification.proofs import (
    Proof,
    Prove,
    Subject,
    prove_attacks,
    prove_laws,
    prove_notebooks,
    prove_right_answers,
    prove_wrong_answers,
)

LOOK_SECONDS = 0.5
Key = tuple[str, str, str]
"""Assignment, question or language, and what is proved of it."""


@dataclass
class ProofResults:
    """What was proved of a release, and what does not hold."""

    figures: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    searched: LeakSearch = field(default_factory=LeakSearch)
    unsearched: dict[str, str] = field(default_factory=dict)
    """Assignments whose question files cannot be read, so that no leak of theirs was looked for, and why."""


@dataclass(frozen=True)
class _Todo:
    key: Key
    prove: Prove
    subject: Subject
    texts: list[str]
    """What decides what comes out."""


def prove_all(
    course: Course,
    root: Path,
    questions: Mapping[str, list[Question]],
    *,
    jobs: int = 1,
    force: bool = False,
    on_progress: Callable[[str], None] = lambda text: None,
) -> ProofResults:
    """Prove what `root` holds: stamped sources and releases of the assignments in `questions`.

    jobs: proofs that are made side by side. force: also those that were made before, of what has not changed.
    What is proved is kept as it comes, so that nothing is lost where this ends early.
    """
    proofs = ProofCache(course.root / PROOFS)
    drafts = [q.id for group in questions.values() for q in group if is_draft(course.root, q)]
    proved = ProofResults(drafts=drafts)
    waiting: dict[Key, _Todo] = {}
    for todo in _todos(course, root, questions, drafts):
        known = None if force else proofs.lookup(" ".join(todo.key), todo.texts)
        if known is None:
            waiting[todo.key] = todo
        else:
            proved.figures[todo.key] = known
    for finished in _worked_on(course, questions, waiting, jobs, on_progress):
        key: Key = finished.key
        proof: Proof = finished.value or Proof()
        proved.figures[key] = proof.figures
        if finished.error:
            proved.problems.append(f"{' '.join(key)} could not be proved: {finished.error}")
        elif proof.problems:
            proved.problems += proof.problems
        else:
            proofs.save(" ".join(key), waiting[key].texts, proof.figures)
    on_progress("looking for leaks")
    proved.searched = search(root / "release", _everything(course, questions, proved))
    proved.problems += [
        f"{leak}: reword it there, or in the question file".replace(f"{root}/", "")
        for leak in proved.searched.leaks
    ]
    proved.problems = list(dict.fromkeys(proved.problems))
    return proved


def _everything(
    course: Course, questions: Mapping[str, list[Question]], proved: ProofResults
) -> list[Question]:
    """Return the questions of the whole course; a broken file of another assignment stops nothing and is noted."""
    found = [question for group in questions.values() for question in group]
    for name in course.assignments:
        if name in questions:
            continue
        try:
            found += course.questions(name)
        except AutograderError as error:
            proved.unsearched[name] = str(error)
    return found


def _worked_on(
    course: Course,
    questions: Mapping[str, list[Question]],
    waiting: Mapping[Key, _Todo],
    jobs: int,
    on_progress: Callable[[str], None],
) -> Iterator[Any]:
    if not waiting:
        return
    jobs = max(1, min(jobs, len(waiting)))
    expect_workers(jobs)
    for profile in {profile_of(questions[assignment]) for assignment, _, _ in waiting}:
        ForkServerPool.instance().get(KERNEL_PROFILES[profile], "preferred")
    with contextlib.closing(open_local(course, jobs)) as engine:
        for todo in waiting.values():
            engine.submit(WorkItem(todo.key, todo.prove, todo.subject))
        done = 0
        while done < len(waiting):
            on_progress(f"proving: {done} of {len(waiting)} proofs made")
            for finished in engine.completed(LOOK_SECONDS):
                done += 1
                yield finished


def _todos(
    course: Course, root: Path, questions: Mapping[str, list[Question]], drafts: Collection[str]
) -> Iterator[_Todo]:
    """Every proof there is to make; those that take long come first."""
    found = [
        todo
        for name, group in questions.items()
        for todo in _of_assignment(course, root, name, group, drafts)
    ]
    slow = {name for name, group in questions.items() if profile_of(group) == "tensorflow"}
    yield from sorted(found, key=lambda todo: todo.key[0] not in slow)


def _of_assignment(
    course: Course, root: Path, name: str, group: list[Question], drafts: Collection[str]
) -> Iterator[_Todo]:
    source = nbformat.read(root / "source" / name / f"{name}.ipynb", as_version=4)
    # the course's id is in every seed and every draw
    code = course.id + code_of(source, setup=True)
    for question in group:
        subject = Subject(course.root, root, name, question.id)
        text = text_of(question)
        yield _Todo((name, question.id, "laws"), prove_laws, subject, [text, code])
        if not question.is_number:
            for kind, prove in (("right", prove_right_answers), ("wrong", prove_wrong_answers)):
                bank = course.root / "tests" / "answers" / question.id / f"{kind}.toml"
                if bank.exists():
                    answers = bank.read_text(encoding="utf-8")
                    yield _Todo((name, question.id, kind), prove, subject, [text, code, answers])
        if question.id not in drafts:
            yield _Todo((name, question.id, "attacks"), prove_attacks, subject, [text])
    texts = [course.id, code_of(source, setup=False), *map(text_of, group)]
    for language in course.languages:
        subject = Subject(course.root, root, name, "", language)
        yield _Todo((name, language, "notebook"), prove_notebooks, subject, texts)
