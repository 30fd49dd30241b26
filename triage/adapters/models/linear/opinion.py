"""A second opinion beside the linear head: a transformer fine-tuned on the tickets, which reads words in their order.

Its margins are added to the head's, as heavy as makes the calibrated probabilities of held-out tickets fit best. It is
not heard at all where they do not fit better, or fewer of those tickets are recognised, each by more than chance.

Source: Hinton 2002, "Training Products of Experts by Minimizing Contrastive Divergence" (log probabilities of experts
that err differently are added).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import Calibration, MarginArray
from triage.adapters.models.linear.features import FeatureExtractor
from triage.adapters.models.linear.parameters import Head
from triage.adapters.models.linear.representation import standing_for
from triage.adapters.models.linear.twins import Verdicts
from triage.adapters.models.onnx_encoder import OnnxEncoder, OnnxFiles
from triage.adapters.models.paired_encoder import PairedEncoder

#: Times the spread of the head's own margins.
WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
#: A gain or a loss must be more than so many to be no chance.
STANDARD_ERRORS = 2.0
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Reader:
    """A transformer fine-tuned on tickets.

    Attributes:
        labels: the categories it was taught, sorted.
        weights: float32, shape (dim, n_labels); intercept: shape (n_labels,).
    """

    transformer: OnnxFiles
    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, texts: list[str], labels: tuple[str, ...]) -> MarginArray:
        """Log probabilities but for a constant: float32, shape (n, n_labels).

        Args:
            labels: the columns wanted; a category it was not taught has the margin of its least likely one.
        """
        said = OnnxEncoder(self.transformer).encode(texts) @ self.weights + self.intercept
        margins = np.repeat(said.min(axis=1, keepdims=True), len(labels), axis=1)
        known = [labels.index(label) for label in self.labels]
        margins[:, known] = said
        return np.asarray(margins, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """A reader taught every ticket, and what a reader that was not taught some of them said about those.

    Attributes:
        judged: numbers of those tickets.
        said: float32, shape (n_judged, n_classes).
    """

    reader: Reader
    judged: tuple[int, ...]
    said: MarginArray


@dataclass(frozen=True, slots=True)
class Heard:
    """Verdicts of the head and of its second opinion together.

    Attributes:
        weight: of the second opinion's margins; 0 where it is not asked.
    """

    verdicts: Verdicts
    weight: float


def hear(opinion: SecondOpinion, said: Verdicts, truth: NDArray[np.intp]) -> Heard:
    """Weigh a second opinion on the tickets that both judged while they were held out.

    Args:
        said: what heads said about tickets held out.
        truth: class number of every ticket.
    """
    place = {row: number for number, row in enumerate(said.rows.tolist())}
    both = [number for number, row in enumerate(opinion.judged) if row in place]
    asked = [place[opinion.judged[number]] for number in both]
    head, second = said.margins[asked], opinion.said[both]
    rows, nearest = said.rows[asked], said.nearest[asked]
    unit = float(head.std() / max(float(second.std()), _LEAST)) if both else 0.0
    if not unit:
        return Heard(said, 0.0)
    right = truth[rows]

    def losses(weight: float) -> NDArray[np.float64]:
        """Minus the log of what each ticket's true category was given."""
        margins = head + np.float32(weight) * second
        probability = Calibration.fit(margins, right).probabilities(margins)
        return -np.log(probability[np.arange(len(right)), right] + _LEAST)

    weight = min((unit * each for each in WEIGHTS), key=lambda each: float(losses(each).mean()))
    mixed = head + np.float32(weight) * second
    saved = losses(0.0) - losses(weight)
    lost = (head.argmax(axis=1) == right).astype(float) - (mixed.argmax(axis=1) == right)
    if saved.mean() <= _by_chance(saved) or lost.mean() > _by_chance(lost):
        return Heard(said, 0.0)
    return Heard(Verdicts(rows, mixed, nearest, standing_for(said, asked, truth)), weight)


def _by_chance(differences: NDArray[np.float64]) -> float:
    """How large the mean of paired differences may be by chance."""
    return STANDARD_ERRORS * float(differences.std() / np.sqrt(len(differences)))


def listening(
    extractor: FeatureExtractor, head: Head, reader: Reader, labels: tuple[str, ...], weight: float
) -> tuple[FeatureExtractor, Head]:
    """The head with the reader's margins in it, and features that hold the reader's vectors."""
    paired = PairedEncoder(extractor.encoder, reader.transformer)
    columns = [labels.index(label) for label in reader.labels]
    dense = np.zeros((paired.dim - extractor.encoder.dim, len(labels)), dtype=np.float32)
    dense[:, columns] = np.float32(weight) * reader.weights
    intercept = head.intercept.copy()
    intercept[columns] += np.float32(weight) * reader.intercept
    heard = replace(head, dense_weights=np.vstack([head.dense_weights, dense]), intercept=intercept)
    return FeatureExtractor(extractor.words, extractor.chars, paired), heard
