"""Finds shared unusual work: what two submissions share and hardly anybody else has.

Each piece of evidence is weighted by its rarity, in bits: the binary logarithm of one over the share of the class that
has it. What the release or a question file contains is no evidence, and the structure of code is never compared: two
right answers that differ in their names share nothing unusual. The sum of the bits decides what to look at. It is no
probability of copying, since students who learn together share more than chance.

Sources: matching wrong answers, weighted by how often each is given among the wrong ones: Harpp and Hogan (1993), Crime
in the classroom, J. Chemical Education 70. Rare words, by inverse document frequency: Spärck Jones (1972), A
statistical interpretation of term specificity, J. Documentation 28.
"""

from __future__ import annotations

import builtins
import itertools
import keyword
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.questions.variants import plain_id
from autograder.reports.behaviours import GOT_NUMBER, Groups, group_all, tidy
from autograder.reports.class_results import ClassResults, Student
from autograder.text import remember_short

SharedKind = Literal["id", "numbers", "wrong", "comment", "string", "name"]
MARGIN = 7.0
"""Bits beyond those by which a class of that size has one such pair by chance."""
SOURCES = 2
"""Pieces of evidence below which nothing is shown; the id of another student needs no second one."""
MOST_HOLDERS = 12
"""What more students share is common in the class."""
MOST_BITS = 12.0
"""What one piece of evidence weighs at most."""
OWN_CELLS = ""
"""In the place of a question: the student's own cells."""
MAX_CODE, MAX_REMEMBERED = 20_000, 1_000
"""Characters of an answer that are looked at, and of a text that is taken apart only once."""
# the closing quote is optional: a search that failed without one would begin again at every later quote of the line
SCAN = re.compile(
    r"(?P<text>\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?)|#(?P<comment>[^\n]*)",
    re.DOTALL,
)
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
NOT_OWN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *sys.stdlib_module_names})
WORD = re.compile(r"[^\W\d_]+")
PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+")
SHORTEST_TEXT = 8
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Evidence:
    """Something that two submissions share."""

    kind: SharedKind
    question: str
    """Id of the question; empty for the students' own cells or the notebook as a whole."""
    shared: str
    """What is shared: the comment, the name, the number, the formula."""
    holders: int
    """How many in the class have it."""
    bits: float


@dataclass(frozen=True)
class Pair:
    """Two submissions that share unusual work."""

    first: Student
    second: Student
    evidence: tuple[Evidence, ...]
    """The strongest first."""

    @property
    def bits(self) -> float:
        """The weight of all evidence."""
        return sum(evidence.bits for evidence in self.evidence)

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions in which they share something, by weight."""
        weights: dict[str, float] = {}
        for evidence in self.evidence:
            if evidence.question:
                weights[evidence.question] = weights.get(evidence.question, 0.0) + evidence.bits
        return tuple(sorted(weights, key=lambda name: -weights[name]))


@dataclass(frozen=True)
class Cluster:
    """Students who are linked by pairs."""

    students: tuple[Student, ...]
    pairs: tuple[Pair, ...]
    """The strongest first."""


def shared_work(results: ClassResults, groups: Groups | None = None) -> list[Cluster]:
    """Return the submissions that share unusual work, in clusters, the strongest first. Groups that submit together,
    and submissions without a grade, are left out. groups: the answers as `group_all` groups them, if known."""
    shared_by: dict[tuple[str, str], list[Evidence]] = {}
    students = {student.id: student for student in results.graded}
    together = {pair for group in results.groups for pair in itertools.combinations(sorted(group), 2)}
    for holders, evidence in _evidence(results, group_all(results) if groups is None else groups):
        for first, second in itertools.combinations(sorted(holders), 2):
            if (first, second) not in together:
                shared_by.setdefault((first, second), []).append(evidence)
    needed = math.log2(max(2, len(students) * (len(students) - 1) / 2)) + MARGIN
    pairs = []
    for (first, second), shared in shared_by.items():
        strongest = sorted(_capped(shared), key=lambda evidence: -evidence.bits)
        pair = Pair(students[first], students[second], tuple(strongest))
        by_id = any(evidence.kind == "id" for evidence in strongest)
        if by_id or (pair.bits >= needed and len(strongest) >= SOURCES):
            pairs.append(pair)
    return _clusters(sorted(pairs, key=lambda pair: -pair.bits))


def _capped(shared: Sequence[Evidence]) -> Iterator[Evidence]:
    """Yield evidence until what a question shows of one kind weighs `MOST_BITS`: its pieces depend on each other."""
    weights: dict[tuple[str, str], float] = {}
    for evidence in sorted(shared, key=lambda evidence: -evidence.bits):
        source = (evidence.kind, evidence.question)
        weight = weights.get(source, 0.0)
        if weight < MOST_BITS or evidence.kind in ("comment", "string"):
            yield evidence
        weights[source] = weight + evidence.bits


def _clusters(pairs: Sequence[Pair]) -> list[Cluster]:
    """Return pairs, ordered by weight, in clusters that share no student."""
    cluster_of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = cluster_of.get(pair.first.id, {pair.first.id}) | cluster_of.get(
            pair.second.id, {pair.second.id}
        )
        for student in joined:
            cluster_of[student] = joined
    clusters: dict[frozenset[str], list[Pair]] = {}
    for pair in pairs:
        clusters.setdefault(frozenset(cluster_of[pair.first.id]), []).append(pair)
    listed = []
    for group in clusters.values():
        students = {student.id: student for pair in group for student in (pair.first, pair.second)}
        listed.append(Cluster(tuple(students[name] for name in sorted(students)), tuple(group)))
    return listed


def _evidence(results: ClassResults, groups: Groups) -> Iterator[tuple[set[str], Evidence]]:
    """Yield every piece of evidence with those who share it."""
    yield from _borrowed_ids(results)
    yield from _borrowed_numbers(results)
    yield from _same_mistakes(results, groups)
    yield from _same_words(results)


def _borrowed_ids(results: ClassResults) -> Iterator[tuple[set[str], Evidence]]:
    """Yield the notebooks that hold another student's id."""
    by_id = {plain_id(student.id): student.id for student in results.graded}
    for student in results.graded:
        kind, claimed = student.claim
        owner = by_id.get(plain_id(claimed)) if kind == "another's" else None
        if owner is not None and owner != student.id:
            yield {student.id, owner}, Evidence("id", OWN_CELLS, claimed, 1, MOST_BITS)


def _borrowed_numbers(results: ClassResults) -> Iterator[tuple[set[str], Evidence]]:
    """Yield the wrong numbers that are right for another student's numbers.

    A wrong number that has a name is what the mistake gives, whoever's number it may be. Any other is likely to hit the
    number of one other student by chance as one out of those of its size.
    """
    for item in results.items:
        if not item.right_numbers:
            continue
        handed_in = {student.id for student, _ in results.answers_to(item.id)}
        owners: dict[str, set[str]] = {}
        for name, number in item.right_numbers.items():
            if name in handed_in:
                owners.setdefault(number, set()).add(name)
        for student, answer in results.answers_to(item.id):
            messages = [str(check.message) for check in answer.report.checks if check.outcome == "failed"]
            match = GOT_NUMBER.match(messages[0]) if messages and not answer.report.misconceptions else None
            whose = owners.get(match[1], set()) - {student.id} if match else set()
            if match and whose and len(whose) <= MOST_HOLDERS:
                size = max(2.0, 0.4 * abs(float(match[1])))
                bits = min(MOST_BITS, math.log2(size)) - math.log2(len(whose))
                for owner in whose:
                    yield (
                        {student.id, owner},
                        Evidence("numbers", item.id, match[1], len(whose), max(0.0, bits)),
                    )


def _same_mistakes(results: ClassResults, groups: Groups) -> Iterator[tuple[set[str], Evidence]]:
    """Yield the wrong behaviours that few of those with a wrong answer share."""
    for item in results.items:
        if item.right_numbers or item.manual:
            continue  # a student's own wrong number says nothing about another's
        failing = [
            group
            for group in groups[item.id]
            if group.kind not in ("right", "carried", "too_easy", "missing")
        ]
        wrong = sum(len(group.members) for group in failing)
        for group in failing:
            number = len(group.members)
            if 2 <= number <= MOST_HOLDERS and number < wrong:
                shared = group.formula or str(group.title)
                yield (
                    {student.id for student in group.students},
                    Evidence("wrong", item.id, shared, number, math.log2(wrong / number)),
                )


def _same_words(results: ClassResults) -> Iterator[tuple[set[str], Evidence]]:
    """Yield comments, strings and names that few students have, and the words of the course do not explain."""
    course_words = frozenset(word.casefold() for word in WORD.findall(results.template))
    holders: dict[tuple[SharedKind, str], dict[str, str]] = {}
    users: dict[str, set[str]] = {}
    for student in results.graded:
        codes = [(name, answer.code) for name, answer in student.answers.items()]
        for question, code in [*codes, (OWN_CELLS, student.own_code)]:
            for kind, shared in words_in(tidy(code[:MAX_CODE])):
                holders.setdefault((kind, shared), {}).setdefault(student.id, question)
                for word in _pieces(shared):
                    users.setdefault(word, set()).add(student.id)
    number = len(results.graded)
    for (kind, shared), question_of in holders.items():
        if not 2 <= len(question_of) <= min(MOST_HOLDERS, max(2, number // 4)):
            continue
        rarity = math.log2(number / len(question_of))
        words = [math.log2(number / len(users[word])) for word in _pieces(shared) if word not in course_words]
        bits = min(MOST_BITS, _size(kind, shared) * rarity, sum(words))
        if bits >= 1:
            question = min(question_of.values(), key=list(question_of.values()).count)
            yield set(question_of), Evidence(kind, question, shared, len(question_of), bits)


def _size(kind: SharedKind, shared: str) -> float:
    """Return how much a text says: a long comment more than a short name."""
    if kind == "name":
        return min(1.0, len(shared) / 16)
    # a Korean syllable says as much as two or three Latin letters
    length = sum(2.5 if ord(letter) > 0x1100 else 1.0 for letter in shared)
    return min(2.5, length / 24)


@remember_short(20_000, MAX_REMEMBERED)
def words_in(code: str) -> tuple[tuple[SharedKind, str], ...]:
    """Return the comments, the strings and the names in a piece of code, without attributes and Python's own names."""
    words: dict[tuple[SharedKind, str], None] = {}
    for match in SCAN.finditer(code):
        kind: SharedKind = "string" if match["text"] else "comment"
        text = _plain(match["text"].strip("\"'") if match["text"] else match["comment"])
        if len(text) >= SHORTEST_TEXT and len(WORD.findall(text)) >= 2:
            words[kind, text] = None
    for name in NAME.findall(SCAN.sub(" ", code)):
        if (len(name) >= SHORTEST_NAME or not name.isascii()) and name not in NOT_OWN:
            words["name", name] = None
    return tuple(words)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@remember_short(20_000, MAX_REMEMBERED)
def _pieces(shared: str) -> frozenset[str]:
    """Return the words of a comment, or of a name in snake case or camel case."""
    return frozenset(piece.casefold() for word in WORD.findall(shared) for piece in PIECE.findall(word))


def pseudonyms(students: Iterable[Student]) -> dict[str, str]:
    """Return a letter for each student of a cluster, by id."""
    letters = (chr(ord("A") + index % 26) * (1 + index // 26) for index in itertools.count())
    return {student.id: letter for student, letter in zip(students, letters, strict=False)}
