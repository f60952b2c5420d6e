"""Prove a built release: the laws of every question, its answer bank, attacks, notebooks, and that nothing leaks."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.engine.local import open_local
from autograder.engine.messages import WorkItem
from autograder.engine.preload import expect_workers
from autograder.engine.worker import Worker
from autograder.errors import AutograderError
from autograder.files import visible_files
from autograder.i18n import _
from autograder.notebooks.cells import code_of, graded_by, read_notebook
from autograder.questions.loader import text_of
from autograder.questions.question import Question, profile_of
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.profiles import KERNEL_PROFILES
from autograder.text import Text
from autograder.verification.answer_bank import bank_folder, is_draft
from autograder.verification.leaks import LeakSearch, search
from autograder.verification.proof_cache import PROOFS, ProofCache
from autograder.verification.proofs import (
    Proof,
    Prove,
    Subject,
    measure_trivial_answers,
    prove_attacks,
    prove_laws,
    prove_notebooks,
    prove_right_answers,
    prove_wrong_answers,
)

POLL_SECONDS = 0.5
TRIVIAL = "trivial"
"""The kind of proof that measures what trivial answers earn."""
Key = tuple[str, str, str]
"""Assignment; question, language or notebook; and kind of proof."""


@dataclass
class ProofResults:
    """The proofs of a release, and the problems found."""

    figures: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[Text] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    searched: LeakSearch = field(default_factory=LeakSearch)
    unsearched: dict[str, Text] = field(default_factory=dict)
    """Assignments whose question files cannot be read and so were not searched for leaks, with the reason."""


@dataclass(frozen=True)
class _PendingProof:
    key: Key
    prove: Prove
    subject: Subject
    texts: list[str]
    """Everything the proof depends on."""


def prove_all(
    course: Course,
    root: Path,
    questions: Mapping[str, list[Question]],
    *,
    jobs: int = 1,
    force: bool = False,
    on_progress: Callable[[Text], None] = lambda text: None,
) -> ProofResults:
    """Prove what `root` contains: sources, stamped if they are built, and releases of the assignments in `questions`.

    jobs: number of proofs that run in parallel. force: also prove what was proved before and has not changed.
    Each proof is saved as soon as it is made, so that an interruption loses nothing.
    """
    proofs = ProofCache(course.root / PROOFS)
    drafts = [q.id for group in questions.values() for q in group if is_draft(q)]
    proved = ProofResults(drafts=drafts)
    pending: dict[Key, _PendingProof] = {}
    for planned in _pending_proofs(course, root, questions, drafts):
        cached = None if force else proofs.lookup(" ".join(planned.key), planned.texts)
        if cached is None:
            pending[planned.key] = planned
        else:
            proved.figures[planned.key] = cached
    failed: dict[Key, Text] = {}
    broken: set[str] = set()
    for result in _run_proofs(course, questions, pending, jobs, on_progress):
        key: Key = result.key
        proof: Proof = result.value or Proof()
        proved.figures[key] = proof.figures
        if result.error:
            failed[key] = _("could not prove {what}: {error}", what=" ".join(key), error=result.error)
        elif proof.problems:
            proved.problems += proof.problems
            broken |= {key[0]} if key[2] == "laws" else set()
        else:
            proofs.save(" ".join(key), pending[key].texts, proof.figures)
    # a check that raises breaks a law, and then stops other proofs of the assignment, which tells nothing new
    proved.problems += [problem for key, problem in failed.items() if key[0] not in broken]
    on_progress(_("looking for leaks"))
    release = course.folder_of("release") if course.is_released_by_nbgrader else root / "release"
    every = _all_questions(course, questions, proved)
    proved.searched = _searched(release, every, proofs, " ".join(sorted(questions)), force=force)
    proved.problems += [
        _("{leak}; reword it there or in the question file", leak=leak.text).map(
            lambda text: text.replace(f"{root}/", "")
        )
        for leak in proved.searched.leaks
    ]
    proved.problems = list(dict.fromkeys(proved.problems))
    return proved


def _searched(
    release: Path, questions: Sequence[Question], proofs: ProofCache, assignments: str, *, force: bool
) -> LeakSearch:
    """Search a release for leaks, unless the same search found none before. force: search again."""
    texts = [sys.version]
    for question in questions:
        names = [path.name for path in question.data_files]
        texts.append(f"{question.assignment} {question.id} {names} {text_of(question)}")
    for folder in dict.fromkeys(Path(question.path).parent for question in questions):
        # a reference may read any file there, also one that no text names
        for path in visible_files(folder):
            texts.append(f"{path.relative_to(folder.parent)} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    for path in dict.fromkeys(path for question in questions for path in question.data_files):
        texts.append(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    for path in sorted(release.rglob("*")):  # each that `search` looks at
        if path.is_file():
            texts.append(f"{path.relative_to(release)} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    what = f"{assignments} leaks"
    if not force and (known := proofs.lookup(what, texts)) is not None:
        return LeakSearch(**known)
    searched = search(release, questions)
    if searched.leaks:
        proofs.forget(what)
    else:
        figures = {"files": searched.files, "statements": searched.statements, "answers": searched.answers}
        proofs.save(what, texts, figures)
    return searched


def _all_questions(
    course: Course, questions: Mapping[str, list[Question]], proved: ProofResults
) -> list[Question]:
    """Return the questions of the whole course; an unreadable file of another assignment is only recorded."""
    every = [question for group in questions.values() for question in group]
    for name in course.assignments:
        if name in questions:
            continue
        try:
            every += course.assignment(name).questions
        except AutograderError as error:
            proved.unsearched[name] = error.message
    return every


def _run_proofs(
    course: Course,
    questions: Mapping[str, list[Question]],
    pending: Mapping[Key, _PendingProof],
    jobs: int,
    on_progress: Callable[[Text], None],
) -> Iterator[Any]:
    if not pending:
        return
    jobs = max(1, min(jobs, len(pending)))
    expect_workers(jobs)
    pool = ForkServerPool()
    for profile in {profile_of(questions[key[0]]) for key in pending}:
        pool.get(KERNEL_PROFILES[profile], "preferred")
    with contextlib.closing(open_local(course, pool, jobs)) as executor:
        for proof in pending.values():
            executor.submit(WorkItem(proof.key, _prove, proof))
        done = 0
        while done < len(pending):
            on_progress(_("proving: {done} of {all} proofs made", done=done, all=len(pending)))
            for result in executor.completed(POLL_SECONDS):
                done += 1
                yield result


def _prove(worker: Worker, pending: _PendingProof) -> Proof:
    """Make a proof in a worker."""
    return pending.prove(pending.subject, worker.pool)


def _pending_proofs(
    course: Course, root: Path, questions: Mapping[str, list[Question]], drafts: Collection[str]
) -> Iterator[_PendingProof]:
    """Yield every proof to make, the slow ones first."""
    proofs = [
        proof
        for name, group in questions.items()
        for proof in _proofs_of_assignment(course, root, name, group, drafts)
    ]
    slow = {name for name, group in questions.items() if profile_of(group) == "tensorflow"}
    yield from sorted(proofs, key=lambda proof: proof.key[0] not in slow)


def _proofs_of_assignment(
    course: Course, root: Path, name: str, group: list[Question], drafts: Collection[str]
) -> Iterator[_PendingProof]:
    assignment = course.assignment(name)
    folder = root / assignment.sources.relative_to(course.root)
    sources = [read_notebook(folder / f"{notebook}.ipynb") for notebook in assignment.notebooks]
    # the course id is part of every seed and every draw
    code = course.id + "".join(code_of(source, setup=True) for source in sources)
    for question in group:
        subject = Subject(course.root, root, name, question.id)
        text = text_of(question)
        yield _PendingProof((name, question.id, "laws"), prove_laws, subject, [text, code])
        if not question.is_number:
            for kind, prove in (("right", prove_right_answers), ("wrong", prove_wrong_answers)):
                bank = bank_folder(question) / f"{kind}.toml"
                if bank.exists():
                    answers = bank.read_text(encoding="utf-8")
                    yield _PendingProof((name, question.id, kind), prove, subject, [text, code, answers])
        if question.id not in drafts:
            yield _PendingProof((name, question.id, "attacks"), prove_attacks, subject, [text])
    if any(question.followed is not None for question in group):
        subject, texts = Subject(course.root, root, name, ""), list(map(text_of, group))
        yield _PendingProof((name, "", TRIVIAL), measure_trivial_answers, subject, texts)
    texts = [course.id, *(code_of(source, setup=False) for source in sources), *map(text_of, group)]
    if assignment.is_built:
        subjects = {language: Subject(course.root, root, name, "", language) for language in course.languages}
    else:
        subjects = {
            notebook: Subject(course.root, root, name, "", notebook=notebook)
            for notebook, source in zip(assignment.notebooks, sources, strict=True)
            if {question.id for question in group} & {*map(graded_by, source.cells)}
            and assignment.release(notebook=notebook).exists()
        }
    for edition, subject in subjects.items():
        yield _PendingProof((name, edition, "notebook"), prove_notebooks, subject, texts)
