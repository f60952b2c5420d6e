"""What a class misunderstood: its named misconceptions, and wrong answers that no question file names yet."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.reports.behaviours import OTHER_NUMBER, Behaviour, Groups, group_all, tidy
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.reports.plain_function import first_plain_function

POWERS = str.maketrans({"·": "*", "²": "**2", "³": "**3"})
ENOUGH_ALIKE = 2
"""Answers without a name that are listed if this many fail alike."""


@dataclass(frozen=True)
class Misunderstanding:
    """A named misconception with everyone who showed it."""

    item: Item
    known: NamedMisconception
    members: tuple[tuple[Student, Answer], ...]

    @property
    def students(self) -> tuple[Student, ...]:
        """Everyone who showed it."""
        return tuple(student for student, _ in self.members)

    @property
    def example(self) -> str:
        """The shortest code that shows it."""
        codes = [tidy(answer.code) for _, answer in self.members if answer.code.strip()]
        return min(codes, key=len, default="")


@dataclass(frozen=True)
class Unlisted:
    """Wrong answers that do the same and have no name."""

    item: Item
    behaviour: Behaviour
    stub: str
    """Code for the question file that names them; empty if it cannot be made."""


def misunderstandings(results: ClassResults) -> list[Misunderstanding]:
    """Return the misconceptions of a class, the most frequent first."""
    members: dict[tuple[str, NamedMisconception], list[tuple[Student, Answer]]] = {}
    for item in results.items:
        for student, answer in results.answers_to(item.id):
            for misconception in answer.report.misconceptions:
                members.setdefault((item.id, misconception), []).append((student, answer))
    listed = [
        Misunderstanding(results.item(name), misconception, tuple(group))
        for (name, misconception), group in members.items()
    ]
    order = {item.id: index for index, item in enumerate(results.items)}
    return sorted(listed, key=lambda entry: (-len(entry.members), order[entry.item.id], entry.known.name))


def unlisted(results: ClassResults, groups: Groups | None = None) -> list[Unlisted]:
    """Return the wrong answers that no misconception names, in groups that do the same, the largest first.

    A recovered formula is listed even if only one student has it, other behaviours if at least two have.
    groups: the answers as `group_all` groups them, if known.
    """
    listed = []
    groups = group_all(results) if groups is None else groups
    for item in results.items:
        for group in groups[item.id]:
            unlike = group.title == OTHER_NUMBER or (item.right_numbers and not group.report.computed)
            alike = group.kind == "alike" and not unlike and len(group.members) >= ENOUGH_ALIKE
            if group.kind == "formula" or alike:
                listed.append(Unlisted(item, group, stub(item, group)))
    return sorted(
        listed, key=lambda mistake: (-len(mistake.behaviour.members), mistake.behaviour.kind != "formula")
    )


def stub(item: Item, group: Behaviour) -> str:
    """Return code for the question file that names a wrong answer: its formula, or else a plain function of a student.

    An author may paste it, and it then runs with the author's rights.
    """
    fails = [check.name for check in group.report.checks if check.outcome in ("failed", "errored")]
    if not fails:
        return ""
    name = f"unlisted_{abs(_number(group)) % 1000:03}"
    if group.formula and item.parameters:
        body = f"def {name}({', '.join(item.parameters)}):\n    return {as_python(group.formula)}"
    else:
        body = first_plain_function((sample.code for sample in group.samples), item.id, name)
    if not body:
        return ""
    texts = ", ".join(f'{language}="…"' for language in item.title.to_dict())
    return textwrap.dedent("""\
        @question.misconception(
            text=Text({texts}),
            fails=[{fails}],
        )
        {body}
        """).format(texts=texts, fails=", ".join(fails), body=body)


def as_python(formula: str) -> str:
    """Return a formula in ordinary notation as Python: `4·units² + 1/2` as `4*units**2 + 1/2`."""
    return re.sub(r"(\d+/\d+)\*", r"(\1)*", formula.translate(POWERS))


def _number(group: Behaviour) -> int:
    """Return a number for a name, the same in every report."""
    text = group.formula or "".join(sorted(sample.code for sample in group.samples)[:1])
    return sum(position * ord(letter) for position, letter in enumerate(text, 1))
