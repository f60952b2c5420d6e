"""The attacks, grouped by kind."""

from __future__ import annotations

from tests.hostile.attack import TAGGING, Attack
from tests.hostile.attacks import (
    answers,
    channel,
    damage,
    exhaustion,
    forgery,
    markup,
    oracle,
    slow,
    theft,
    wire,
)

ALL: tuple[Attack, ...] = (
    *answers.ATTACKS, *oracle.ATTACKS, *theft.ATTACKS, *damage.ATTACKS, *exhaustion.ATTACKS,
    *forgery.ATTACKS, *wire.ATTACKS, *wire.FORGED_MODELS, *channel.ATTACKS, *markup.ATTACKS,
)  # fmt: skip
COUNTING = tuple(one for one in ALL if one.assignment != TAGGING)
WITH_TENSORFLOW = tuple(one for one in ALL if one.assignment == TAGGING)
ON_THE_MACHINE = tuple(
    one for one in (*theft.ATTACKS, *damage.ATTACKS, *exhaustion.ATTACKS) if one.assignment != TAGGING
)
"""What a seal alone keeps in; the others are for the judge, whatever the seal."""
SLOW = slow.ATTACKS
