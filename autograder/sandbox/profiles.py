"""The kinds of kernels: what is imported in them, and what they may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autograder.sandbox import wire
from autograder.sandbox.limits import ResourceLimits

Profile = Literal["counting", "tensorflow"]
"""The kind that a question needs."""


@dataclass(frozen=True)
class KernelProfile:
    """Configuration of a fork server and its kernels.

    modules: imported before it forks. stub_modules: libraries that its kernels replace by stub modules.
    stub_message: what a student reads on using one.
    """

    name: str
    modules: tuple[str, ...]
    stub_modules: tuple[str, ...]
    stub_message: str
    resources: ResourceLimits
    trains: bool = False
    """Whether cells may train a model, for which the limit is higher."""
    converses: bool = False
    """Whether its kernels may ask for something while they run code: values and calls of another kernel."""


KERNEL_PROFILES: Mapping[Profile, KernelProfile] = MappingProxyType(
    {
        "counting": KernelProfile(
            "counting", (), ("tensorflow", "keras", "tf_keras"), wire.NO_TENSORFLOW_EN, ResourceLimits()
        ),
        "tensorflow": KernelProfile(
            "tensorflow", ("tensorflow", "keras"), (), "", ResourceLimits(memory_mb=3000), trains=True
        ),
    }
)
