"""Pools of variants: the numbers of a number question, read from a JSON file or from the question."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.errors import QuestionError
from autograder.i18n import _
from autograder.questions.question import Pool, Question

POOL_HINT = (
    'write it as {"names": ["units"], "public": [7], "variants": [[9], [11]], "shows": "LSTM({units})"}'
)


def pool_of(question: Question, path: Path) -> Pool | None:
    """Return the pool of a number question, or None for any other question.

    path: the question file. Raises QuestionError if the pool is malformed.
    """
    numbers = question.numbers
    if numbers in ("student", "tools"):
        raise QuestionError(
            path, None, _("its pool is called '{name}'", name=numbers), _("give the pool another name")
        )
    if isinstance(numbers, str):
        return read_pool(path.with_name(f"{numbers}.json"))
    if not numbers:
        return None
    names = tuple(numbers[0])
    variants = []
    for variant in numbers:
        if set(variant) != set(names):
            raise QuestionError(
                path,
                None,
                _(
                    "a variant gives {variant}, another {names}",
                    variant=", ".join(variant),
                    names=", ".join(names),
                ),
                _("give the same names in each variant of numbers="),
            )
        variants.append(tuple(variant[name] for name in names))
    return Pool(path.stem, names, variants[0], tuple(variants[1:]))


def read_pool(path: Path) -> Pool:
    """Read a pool from a JSON file with the keys `names`, `public` and, optionally, `variants` and `shows`.

    Raises QuestionError if the file holds anything else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pool = Pool(
            path.stem, tuple(data["names"]), tuple(data["public"]),
            tuple(map(tuple, data.get("variants", ()))), data.get("shows", ""),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise QuestionError(
            path,
            None,
            _("not a valid pool: {kind}: {error}", kind=type(error).__name__, error=error),
            POOL_HINT,
        ) from error
    for numbers in (pool.public, *pool.variants):
        all_integers = all(type(number) is int for number in numbers)
        if len(numbers) != len(pool.names) or not all_integers:
            raise QuestionError(
                path,
                None,
                _("a variant is {numbers}", numbers=list(numbers)),
                _("give integers for {names}", names=", ".join(pool.names)),
            )
    if len(set(pool.variants)) != len(pool.variants):
        raise QuestionError(path, None, _("duplicate variant"), _("remove one of them"))
    return pool
