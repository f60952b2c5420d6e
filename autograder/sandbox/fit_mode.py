"""How kernels train models: with the fast fit if it passed its self-test, or with Keras's own `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autograder.i18n import _
from autograder.text import Text

FitSetting = Literal["fast", "stock"]
"""`stock` uses only Keras's own `fit`."""

DESCRIPTIONS: Mapping[str, Text] = {
    "fast": _("training: fast fit (equal to Keras {detail}'s own in a self-test)"),
    "asked": _("training: Keras's own fit, as asked"),
    "untried": _("training: Keras's own fit (the fast fit had not been through its self-test yet)"),
    "failed": _("training: Keras's own fit (the fast fit's self-test did not pass: {detail})"),
}


@dataclass(frozen=True)
class Fit:
    """How the kernels of a fork server train models.

    mode: a key of `DESCRIPTIONS`, empty if there are no models. detail: Keras's version, or what the self-test found.
    """

    mode: str = ""
    detail: str = ""

    @property
    def text(self) -> Text:
        """Return a description for people."""
        description = DESCRIPTIONS[self.mode]
        return description.format(detail=self.detail)


NO_FIT = Fit()
