"""A student who hands in version after version, learns what pages and machine tell, and then writes a table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from autograder.course import SubmissionId
from autograder.grading.disclosure import PUBLIC_SEED
from autograder.grading.draws import draw_cases, reference_value
from autograder.questions.question import Case
from tests.hostile.arena import Arena, arena, own_cell, points, recorded_seed
from tests.hostile.attack import LSTM, Attack, Notebook

pytestmark = [pytest.mark.seal, pytest.mark.long, pytest.mark.full]

QUESTION = "lstm_params"
NOTES = """
import mmap, os, resource, threading, time
seen, held, PLACES = [], [], ('.', '/tmp', '/dev/shm', '/var/tmp', os.path.expanduser('~'))
def note(d, u):
    seen.append((d, u))
    os.environ['SEEN'] = f"{os.environ.get('SEEN', '')} {d}:{u}"
    for place in PLACES:
        try:
            with open(place + '/seen', 'a') as file:
                file.write(f'{d}:{u} ')
        except OSError:
            pass
"""
READS = """
print(' '.join(f'{d}:{u}' for d, u in seen), os.environ.get('SEEN'))
for place in PLACES:
    try:
        print(open(place + '/seen').read())
    except OSError:
        pass
"""
CHANNELS = {
    "prints": ("", ""),
    "raises": ("    if len(seen) % 3 == 0:\n        raise ValueError(f'{d}:{u}')\n", ""),
    "locks memory": (
        "    held.append(mmap.mmap(-1, u * 4096, mmap.MAP_PRIVATE))\n"
        "    import ctypes\n    ctypes.CDLL(None).mlockall(1)\n",
        "\nprint([line for line in open('/proc/vmstat') if 'mlock' in line])",
    ),
    "sleeps": (
        "    time.sleep((d + u % 10) / 1000)\n",
        "\nprint(f'{time.process_time():.2f} {time.time():.0f}')",
    ),
    "ends the kernel": ("    if d * u % 7 == 3:\n        os._exit(u % 256)\n", ""),
}
"""How a version tells what it is called with: code of the answer, and of a later cell."""
ANSWER = """
def known():
    import ast, inspect, os, re
    found = re.findall(r'TABLE = (\\{.*\\})', inspect.getsource(lstm_params))
    for text in [*found, os.environ.get('TABLE', '')]:
        if text:
            return ast.literal_eval(text)
    try:
        return TABLE
    except NameError:
        return {}
"""
PLACES = {
    "a comment": "    # TABLE = @TABLE@\n",
    "the cell of the id": "TABLE = @TABLE@",
    "a loop": "for TABLE in [@TABLE@]:\n    pass",
    "a name of Python's": "import builtins\nsetattr(builtins, 'TABLE', @TABLE@)",
    "a text that is run": "exec('TABLE = @TABLE@')",
    "a magic command": "%env TABLE=@TABLE@",
}
"""Where a version has its table."""
VERSIONS = list(itertools.islice(zip(itertools.cycle(PLACES), itertools.cycle(CHANNELS), strict=False), 20))
"""Every place, and every channel, several times."""


def version(number: int, table: dict[tuple[int, int], int]) -> Attack:
    """The notebook of a number, with a table."""
    place, channel = VERSIONS[number]
    tells, reads = CHANNELS[channel]
    written = PLACES[place].replace("@TABLE@", repr(table))
    comment = written if place == "a comment" else ""
    answer = (
        f"{ANSWER}\ndef lstm_params(d, u):\n{comment}    note(d, u)\n{tells}    return known().get((d, u), 0)"
    )

    def mutate(notebook: Notebook) -> None:
        if place == "the cell of the id":
            [cell] = [
                cell
                for cell in notebook["cells"]
                if cell["metadata"].get("autograder", {}).get("part") == "student"
            ]
            cell["source"] = f"{cell['source']}\n{written}"
        elif place != "a comment":
            notebook["cells"].insert(0, own_cell(written, "table"))

    stage = "learns" if not table else "knows"
    return Attack(
        f"{stage}{number}", f"{channel}, table in {place}", assignment=LSTM, answers={QUESTION: answer},
        first=NOTES, last=READS + reads, mutate=mutate,
    )  # fmt: skip


def cases_of(made: Arena, attack: Attack, seed: int | None = None) -> list[Case]:
    """The inputs that a version was called with, or those of a seed."""
    path = made.course.graded_path(SubmissionId(attack.id, LSTM))
    seed = recorded_seed(path) if seed is None else seed
    [question] = [one for one in made.course.assignment(LSTM).questions if one.id == QUESTION]
    return draw_cases(question, np.random.default_rng([seed, question.id_hash]))


@pytest.fixture(scope="module")
def rounds(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Arena, Sequence[Attack], Sequence[Attack]]]:
    """Versions that learn, and the same ones with a table of all that each of them was called with."""
    with arena(tmp_path_factory.mktemp("versions"), LSTM) as made:
        learning = [version(number, {}) for number in range(len(VERSIONS))]
        made.grade([made.hand_in(attack) for attack in learning])
        [question] = [one for one in made.course.assignment(LSTM).questions if one.id == QUESTION]
        knowing = []
        for number, attack in enumerate(learning):
            cases = cases_of(made, attack)
            table = {(case.args[0], case.args[1]): reference_value(question, case) for case in cases}
            knowing.append(version(number, table))
        made.grade([made.hand_in(attack) for attack in knowing])
        yield made, learning, knowing


def test_no_page_tells_a_hidden_input(rounds: tuple[Arena, Sequence[Attack], Sequence[Attack]]) -> None:
    """Neither the page nor the graded notebook, whatever the code does with what it is called with."""
    made, *versions = rounds
    told = []
    for attack in itertools.chain(*versions):
        public = {case.args[:2] for case in cases_of(made, attack, PUBLIC_SEED)}
        hidden = {case.args[:2] for case in cases_of(made, attack)} - public
        text = made.graded(attack.id, LSTM) + made.page(attack.id, LSTM)
        assert len(hidden) >= 5
        if "ends the kernel" not in attack.title:  # which ends what it noted, too
            assert all(f"{d}:{u}" in text for d, u in public), "what it notes is told of public inputs"
        told += [
            (attack.title, pair) for pair in hidden if re.search(rf"(?<!\d){pair[0]}:{pair[1]}(?!\d)", text)
        ]
    assert told == []


def test_table_of_everything_an_earlier_version_met_earns_nothing(
    rounds: tuple[Arena, Sequence[Attack], Sequence[Attack]],
) -> None:
    """Wherever the table stands, it makes another version, which has inputs of its own."""
    made, _learning, knowing = rounds
    assert {
        attack.title: score for attack in knowing if (score := points(made.results[attack.id])[QUESTION])
    } == {}
