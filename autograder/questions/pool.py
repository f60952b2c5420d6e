"""Pools of variants: the numbers of a number question, read from a JSON file or from the question.

A number may be an integer, a finite float or a string, or a list of these, which may be nested. Lists become tuples.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from autograder.errors import QuestionError
from autograder.i18n import _
from autograder.questions.question import Pool, Question

POOL_HINT = (
    'write it as {"names": ["units"], "public": [7], "ranges": {"units": [2, 60]}, "shows": "Dense({units})"}'
)


def pool_of(question: Question, path: Path) -> Pool | None:
    """Return the pool of a number question, or None for any other question.

    path: the question file. Raises QuestionError if the pool is malformed.
    """
    numbers = question.numbers
    if numbers == "student":
        raise QuestionError(path, None, _("its pool is called 'student'"), _("give the pool another name"))
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
        variants.append(as_tuple([variant[name] for name in names]))
    pool = Pool(path.stem, names, variants[0], tuple(variants[1:]))
    _check_numbers(pool, path)
    return pool


def read_pool(path: Path) -> Pool:
    """Read a pool from a JSON file with the keys `names`, `public` and, optionally, `variants` and `shows`.

    Raises QuestionError if the file holds anything else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pool = Pool(
            path.stem, tuple(data["names"]), as_tuple(data["public"]),
            tuple(map(as_tuple, data.get("variants", ()))), data.get("shows", ""),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise QuestionError(
            path, None, _("there is no such pool"), _("write the file, or correct numbers= in the question")
        ) from error
    except KeyError as error:
        raise QuestionError(path, None, _("the pool has no {key}", key=error), POOL_HINT) from error
    except (OSError, ValueError, TypeError) as error:
        raise QuestionError(
            path,
            None,
            _("not a valid pool: {kind}: {error}", kind=type(error).__name__, error=error),
            POOL_HINT,
        ) from error
    _check_numbers(pool, path)
    return pool


def _check_numbers(pool: Pool, path: Path) -> None:
    """Raise QuestionError for a variant of other values than those of a pool, and for one given twice."""
    for numbers in (pool.public, *pool.variants):
        if len(numbers) != len(pool.names) or not all(map(_is_allowed, numbers)):
            raise QuestionError(
                path,
                None,
                _("a variant is {numbers}", numbers=list(numbers)),
                _(
                    "give a number, a string or a list of these for each of {names}",
                    names=", ".join(pool.names),
                ),
            )
    if len(set(pool.variants)) != len(pool.variants):
        raise QuestionError(path, None, _("duplicate variant"), _("remove one of them"))


def _is_allowed(number: Any) -> bool:
    if isinstance(number, tuple):
        return all(map(_is_allowed, number))
    return type(number) in (int, str) or (type(number) is float and math.isfinite(number))


def as_tuple(numbers: Any) -> Any:
    """Return numbers with every list in them as a tuple, which a set may hold and no answer can change."""
    return tuple(map(as_tuple, numbers)) if isinstance(numbers, (list, tuple)) else numbers
