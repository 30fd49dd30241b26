"""A transformer's cosines are read above those of unrelated texts, and beside the shipped encoder's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.passage import Background, CalibratedEncoder, FloatArray
from triage.adapters.models.joint_encoder import Calibration, JointEncoder
from triage.adapters.models.static_encoder import StaticEncoder

TEXTS = ["Pralka wywala E18.", "", "zwrot", "How long do we have to refund?"]


class Crowded:
    """Stands for a transformer: the shipped encoder's vectors, all drawn to one direction, so none is far from another.

    Cosines are ``near + (1 - near) · c`` where the shipped encoder's are c.
    """

    def __init__(self, near: float, name: str = "crowded", *, knows: str = "") -> None:
        self.name, self.near, self.knows, self.calls = name, near, knows, 0
        self._shipped = StaticEncoder.load()
        self.dim = self._shipped.dim + 1

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.calls += 1
        own = self._shipped.encode([text if self.knows in text else "x" for text in texts])
        known = np.abs(own).sum(axis=1, keepdims=True) > 0
        drawn = np.hstack([np.full((len(texts), 1), self.near**0.5), own * (1 - self.near) ** 0.5]) * known
        return np.asarray(drawn, np.float32)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self.encode(texts)


def test_the_background_is_the_cosine_of_unrelated_texts() -> None:
    shipped, crowded = Calibration.of(StaticEncoder.load()), Calibration.of(Crowded(0.75))
    for language in ("polish", "english", "other"):
        plain = getattr(shipped.background, language)
        assert 0 < plain < 0.2
        assert getattr(crowded.background, language) == pytest.approx(0.75 + 0.25 * plain, abs=1e-5)
    assert crowded.unknown_languages == ()


def test_a_language_that_an_encoder_does_not_know_is_named() -> None:
    assert Calibration.of(Crowded(0.5, knows=" the ")).unknown_languages == ("Polish",)


def test_it_is_measured_once_for_each_encoder_and_again_where_the_file_is_damaged(tmp_path: Path) -> None:
    encoder = Crowded(0.6)
    first = Calibration.kept(encoder, tmp_path)
    calls = encoder.calls
    assert Calibration.kept(encoder, tmp_path) == first
    assert encoder.calls == calls
    assert Calibration.kept(Crowded(0.6, "another"), tmp_path) == first
    for path in tmp_path.iterdir():
        path.write_text('{"texts": 1}')
    assert Calibration.kept(encoder, tmp_path) == first
    assert encoder.calls > calls


def test_the_cosine_is_the_weighted_mean_of_both(tmp_path: Path) -> None:
    crowded, shipped = Crowded(0.75), StaticEncoder.load()
    joint = JointEncoder(crowded, shipped, tmp_path)
    vectors = joint.encode(TEXTS)
    assert vectors.shape == (4, crowded.dim + shipped.dim) == (4, joint.dim)
    assert not vectors[1].any()
    np.testing.assert_allclose(np.linalg.norm(vectors[[0, 2, 3]], axis=1), 1, atol=1e-6)
    asked = joint.encode_queries(["Ile mamy na zwrot pieniędzy?"])
    apart = [
        each.encode_queries(["Ile mamy na zwrot pieniędzy?"]) @ each.encode(TEXTS).T for each in (crowded, shipped)
    ]
    wanted = joint.share * apart[0] + (1 - joint.share) * apart[1]
    np.testing.assert_allclose(asked @ vectors.T, wanted, atol=1e-6)
    assert isinstance(joint, CalibratedEncoder)
    assert joint.background.polish > 0.4


def test_a_crowded_transformer_counts_for_as_much_as_a_wide_one(tmp_path: Path) -> None:
    """The more crowded its texts, the greater its share: what is above the background counts alike."""
    shipped = StaticEncoder.load()
    wide, crowded = (JointEncoder(Crowded(near, str(near)), shipped, tmp_path) for near in (0.2, 0.8))
    odds = [joint.share / (1 - joint.share) for joint in (wide, crowded)]
    assert odds[1] / odds[0] == pytest.approx(0.8 / 0.2, rel=0.1)
    assert wide.name != crowded.name


def test_other_weights_are_other_vectors_and_have_another_name(tmp_path: Path) -> None:
    joint = JointEncoder(Crowded(0.75), StaticEncoder.load(), tmp_path)
    assert joint.name == f"crowded+{StaticEncoder.load().name}-{joint.share:.2f}"
    assert Background(0.1, 0.2, 0.3) != joint.background
