"""Layers that a course adds to the reference of models: the example in the documentation, held to Keras."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import models
from autograder.questions.loader import load_question
from autograder.sandbox.model import Layer, Model
from autograder.verification.laws import violations
from tests.support import ROOT

CODE = re.compile(r"^`solutions/series/smoother\.py`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = {"en": "models.md", "ko": "models.ko.md"}


def example(folder: Path, language: str = "en") -> Any:
    """Return the question of the documentation's example."""
    [code] = CODE.findall((ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8"))
    path = folder / "smoother.py"
    path.write_text(code, encoding="utf-8")
    return load_question(path, (language,))


def conv1d(weights: list[Any], **settings: object) -> Model:
    defaults = {"padding": "valid", "strides": [1], "activation": "relu"}
    return Model((Layer("Conv1D", defaults | settings, tuple(weights)),), True, None, None)


@pytest.mark.tensorflow
@pytest.mark.parametrize("language", PAGES)
def test_the_example_obeys_every_law(tmp_path: Path, language: str) -> None:
    """In each language: its reference is right, its mistake is recognized."""
    question = example(tmp_path, language)
    assert [str(one.text) for one in violations(question, examples=True)] == []


@pytest.mark.tensorflow
def test_layer_of_a_course_is_that_of_keras(tmp_path: Path) -> None:
    """With drawn weights, on a drawn series."""
    keras = pytest.importorskip("keras", reason="Keras is the oracle")
    function = example(tmp_path).reference.__globals__["conv1d"]
    rng = np.random.default_rng(1)
    layer = keras.layers.Conv1D(3, 4, activation="relu")
    layer.build((None, None, 2))
    weights = [rng.normal(size=weight.shape) for weight in layer.get_weights()]
    layer.set_weights(weights)
    series = rng.normal(size=(2, 9, 2))
    found = models.forward(conv1d(weights), series, {"Conv1D": function})
    assert np.allclose(found, np.asarray(layer(series.astype("float32"))), atol=1e-5)


def test_layer_that_no_course_added_is_told() -> None:
    """By its name, where it is one of Keras's."""
    with pytest.raises(models.UnsupportedLayer, match="the layer Conv1D"):
        models.forward(conv1d([np.zeros((2, 1, 1)), np.zeros(1)]), np.zeros((1, 5, 1)))


def test_weights_of_other_shapes_are_told(tmp_path: Path) -> None:
    """They are a student's: none is stretched."""
    function = example(tmp_path).reference.__globals__["conv1d"]
    with pytest.raises(models.UnsupportedLayer, match="a Conv1D whose weights do not fit"):
        models.forward(conv1d([np.zeros((2, 1, 3)), np.zeros(1)]), np.zeros((1, 5, 1)), {"Conv1D": function})
