"""How models are trained in kernels: the fast fit where it has proved equal to Keras's own, and how a run tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autograder.text import Text

FitSetting = Literal["fast", "stock"]
"""`stock` is Keras's own `fit` and nothing else."""

DESCRIPTIONS: Mapping[str, Text] = {
    "fast": Text(
        ko="빠른 fit (자체 점검에서 Keras {detail}의 fit과 결과가 같음)",
        en="fast fit (equal to Keras {detail}'s own in a self-test)",
    ),
    "asked": Text(ko="Keras의 fit (설정에 따름)", en="Keras's own fit, as asked"),
    "untried": Text(
        ko="Keras의 fit (빠른 fit은 아직 자체 점검을 거치지 않음)",
        en="Keras's own fit (the fast fit had not been through its self-test yet)",
    ),
    "failed": Text(
        ko="Keras의 fit (빠른 fit이 자체 점검을 통과하지 못함: {detail})",
        en="Keras's own fit (the fast fit's self-test did not pass: {detail})",
    ),
}


@dataclass(frozen=True)
class Fit:
    """How the models of a kernel are trained.

    mode: a key of `DESCRIPTIONS`; empty where no model is. detail: the version of Keras, or what the self-test found.
    """

    mode: str = ""
    detail: str = ""

    @property
    def text(self) -> Text:
        """For people."""
        description = DESCRIPTIONS[self.mode]
        return Text(
            ko=description.ko.format(detail=self.detail), en=description.en.format(detail=self.detail)
        )

    @classmethod
    def from_data(cls, data: object) -> Fit:
        """What a kernel or a graded notebook tells; nothing where that is no mode that is known."""
        mode, detail = data if isinstance(data, list) and len(data) == 2 else ("", "")
        return cls(mode, str(detail)) if mode in DESCRIPTIONS else cls()


NO_FIT = Fit()
