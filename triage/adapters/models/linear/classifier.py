"""The linear classifier behind the :class:`~triage.ports.Classifier` port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.history_encoder import HistoryEncoder
from triage.adapters.models.linear.calibration import MarginArray, ProbabilityArray
from triage.adapters.models.linear.explanation import Explainer
from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.files import read_model, write_model
from triage.adapters.models.linear.opinion import SecondOpinion
from triage.adapters.models.linear.parameters import HeldOut, Promise, TrainedParameters
from triage.adapters.models.linear.passages import read_past_asides
from triage.adapters.models.linear.training import TrainingOptions, train_parameters
from triage.adapters.models.linear.trust import held_out_under, promise_from
from triage.adapters.models.linear.twins import Twin
from triage.adapters.models.paired_encoder import PairedEncoder
from triage.domain.classification import AbstainReason, Alternative, Prediction
from triage.domain.redaction import RedactedText

NEIGHBOURS = 3
TEXTS_AT_ONCE = 256


class LinearClassifier:
    """Predicts a category with calibrated probabilities, prediction sets and evidence; abstains when unsure.

    Make one with :meth:`train` or :meth:`load`.
    """

    def __init__(self, name: str, extractor: FeatureExtractor, parameters: TrainedParameters) -> None:
        self.name = name
        self._extractor = extractor
        self._parameters = parameters
        self._explainer = Explainer(extractor, parameters)
        self._example_vectors = parameters.examples.vectors.T.copy()  # (dim, n_examples)

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        encoder: Encoder,
        *,
        coverage: float = 0.9,
        max_error: float = 0.05,
        ids: Sequence[str] | None = None,
        groups: Sequence[int] | None = None,
        twins: Sequence[Twin] | None = None,
        opinion: SecondOpinion | None = None,
        history: Sequence[str] = (),
        everyday: Sequence[bool] | None = None,
        asides: Sequence[str] = (),
        described: Mapping[str, Sequence[str]] | None = None,
        demands: Sequence[Collection[str]] = (),
        name: str = "linear",
        options: TrainingOptions | None = None,
    ) -> Self:
        """Train on labelled texts; ten examples of each category are a start.

        Args:
            coverage: promised share of prediction sets that hold the true category, in (0, 1).
            max_error: promised share of errors among tickets not abstained on, in (0, 1).
            ids: ids of the texts, named as neighbours of a prediction.
            groups: texts with the same number never stand on both sides of a split; near-copies when None.
            twins: encoders fine-tuned like ``encoder``, each on all but some of the texts, to say how far to trust the
                model. None for an encoder that was not fine-tuned on the texts.
            opinion: of a transformer fine-tuned on the texts, to be heard beside the head where that helps.
            history: past texts without labels, for a head that teaches itself on them where that helps.
            everyday: which texts are as tickets come, and so say how far to trust the model; all when None.
            asides: sentences that say nothing of any category, to be read past (``linear/passages.py``).
            described: what categories are, in words, by label: examples of them where there are few others.
            demands: what each ticket demands (codes), to be named for others (:attr:`Prediction.remedies`).
            options: all settings; ``coverage`` and ``max_error`` are then taken from it.

        Raises:
            InvalidInput: lengths differ, or fewer than two categories.
        """
        chosen = options or TrainingOptions(coverage=coverage, max_error=max_error)
        extractor, parameters = train_parameters(
            texts,
            labels,
            encoder,
            chosen,
            ids=ids,
            groups=groups,
            twins=twins,
            opinion=opinion,
            history=history,
            everyday=everyday,
            asides=asides,
            described=described,
            demands=demands,
        )
        return cls(name, extractor, parameters)

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories, in the order of the columns of :meth:`margins`."""
        return self._parameters.labels

    @property
    def promise(self) -> Promise:
        """The thresholds in force and what they promise."""
        return self._parameters.promise

    @property
    def held_out(self) -> HeldOut:
        """What held-out training tickets showed."""
        return self._parameters.held_out

    def promising(self, *, coverage: float | None = None, max_error: float | None = None) -> Self:
        """The same model under another promise, from what it said about held-out tickets; nothing is trained.

        A model that did not keep what it said (of an older version) keeps its own promise.

        Args:
            coverage: share of prediction sets that shall hold the true category, in (0, 1); as it was when None.
            max_error: share of errors among tickets tagged alone, in (0, 1); as it was when None.
        """
        promise, held_out = self.promised_at(coverage=coverage, max_error=max_error)
        if promise is self.promise:
            return self
        return type(self)(self.name, self._extractor, replace(self._parameters, promise=promise, held_out=held_out))

    def promised_at(self, *, coverage: float | None = None, max_error: float | None = None) -> tuple[Promise, HeldOut]:
        """The promise it would make, and what its held-out tickets show under it; arguments as of :meth:`promising`."""
        before, judged = self.promise, self._parameters.judged
        wanted = (coverage or before.coverage, max_error or before.max_error)
        if judged is None or wanted == (before.coverage, before.max_error):
            return before, self.held_out
        promise = promise_from(judged, *wanted, before.familiarity_threshold)
        return promise, held_out_under(promise, judged, self.held_out)

    @property
    def n_history(self) -> int:
        """Number of past tickets without a category that it was taught or its encoder has read; 0 for none."""
        encoder, examples = self._extractor.encoder, self._parameters.examples
        return len(encoder.history) if isinstance(encoder, HistoryEncoder) else examples.n_past

    @property
    def taught_itself(self) -> bool:
        """Whether it was taught past tickets under the names that a head for few examples gave them."""
        return self._parameters.examples.n_past > 0

    @property
    def hears_transformer(self) -> bool:
        """Whether a transformer fine-tuned on its tickets has a say."""
        return isinstance(self._extractor.encoder, PairedEncoder)

    @property
    def held_out_probabilities(self) -> ProbabilityArray | None:
        """What it said about each training text while that was held out, shape (n, n_classes); None once loaded."""
        return self._parameters.held_out_probabilities

    def save(self, directory: Path | str, provenance: Mapping[str, str] | None = None) -> None:
        """Write the model, its card and its manifest; an older model there is replaced.

        Args:
            provenance: what the model was made from (digests, versions), kept in the manifest.
        """
        write_model(Path(directory), self.name, self._extractor, self._parameters, provenance)

    @classmethod
    def load(cls, directory: Path | str, encoder: Encoder) -> Self:
        """Read a model written by :meth:`save`.

        Raises:
            ModelUnavailable: files are missing, or the model was trained with another encoder.
            ModelTampered: a file differs from the manifest.
        """
        return cls(*read_model(Path(directory), encoder))

    def probabilities(self, texts: Sequence[str]) -> ProbabilityArray:
        """Calibrated probabilities: float64, shape (n, n_classes), columns as :attr:`labels`."""
        whole = self.margins(self._extractor.transform(texts))
        return self._parameters.calibration.probabilities(self._past_asides(texts, whole))

    def margins(self, features: Features) -> MarginArray:
        """Uncalibrated scores of texts as they are: float32, shape (n, n_classes)."""
        return self._parameters.head.margins(features, self._cosine_to_examples(features))

    def _past_asides(self, texts: Sequence[str], whole: MarginArray) -> MarginArray:
        """Margins once what says nothing is read past, where asides were taught."""
        if not self._parameters.examples.n_asides:
            return whole
        return read_past_asides(texts, whole, lambda parts, _: self.margins(self._extractor.transform(parts)))

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        """One calibrated prediction per text, in order; a text without a known word is abstained on."""
        predictions: list[Prediction] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            predictions += self._predict_chunk(texts[start : start + TEXTS_AT_ONCE])
        return predictions

    def _predict_chunk(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        features = self._extractor.transform(texts)
        cosine_to = self._cosine_to_examples(features)
        margins = self._past_asides(texts, self._parameters.head.margins(features, cosine_to))
        probability = self._parameters.calibration.probabilities(margins)
        order = np.argsort(-probability, axis=1, kind="stable")
        evidence = self._explainer.explain(texts, features, order[:, 0])
        nearest, cosine = _nearest(cosine_to[:, : len(self._parameters.examples.ids)])
        labels, ids = self._parameters.labels, self._parameters.examples.ids
        demands = self._parameters.demands
        remedies = demands.named(features, cosine_to) if demands else [()] * len(texts)
        familiar = self._familiar(features, margins, cosine[:, 0])
        predictions = []
        for row in range(len(texts)):
            ranked = order[row].tolist()
            ranked_probability = probability[row, ranked].tolist()
            alternatives = tuple(Alternative(labels[k], p) for k, p in zip(ranked, ranked_probability, strict=True))
            members = self._prediction_set(alternatives)
            # A text without a known word is near nothing.
            neighbours = tuple(ids[k] for k in nearest[row].tolist()) if cosine[row, 0] > 0 else ()
            reason = self._abstain_reason(alternatives[0].probability, len(members), familiar=bool(familiar[row]))
            predictions.append(Prediction(alternatives, members, reason, evidence[row], neighbours, remedies[row]))
        return predictions

    def _cosine_to_examples(self, features: Features) -> FloatArray:
        """float32, shape (n, n_examples); a transformer's vectors, which come last, are not compared."""
        dim = len(self._example_vectors)
        return np.asarray(features.embedding[:, :dim] @ self._example_vectors)

    def _familiar(self, features: Features, margins: MarginArray, nearest: FloatArray) -> NDArray[np.bool_]:
        """Whether each text has a known n-gram, and a category or an example that claims it: bool, shape (n,)."""
        has_ngrams = np.diff(features.ngrams.indptr) > 0
        return np.asarray(has_ngrams & (margins.max(axis=1) + nearest >= self.promise.familiarity_threshold))

    def _prediction_set(self, alternatives: tuple[Alternative, ...]) -> tuple[str, ...]:
        """The categories above the threshold, and the first one always."""
        least = self.promise.set_threshold
        return tuple(a.code for rank, a in enumerate(alternatives) if rank == 0 or a.probability >= least)

    def _abstain_reason(self, confidence: float, set_size: int, *, familiar: bool) -> AbstainReason | None:
        if not familiar:
            return AbstainReason.OUT_OF_SCOPE
        if confidence >= self.promise.tagging_threshold:
            return None
        return AbstainReason.AMBIGUOUS if set_size in (2, 3) else AbstainReason.LOW_CONFIDENCE


def _nearest(cosine: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Numbers and cosines of the nearest examples, nearest first: both of shape (n, few)."""
    few = min(NEIGHBOURS, cosine.shape[1])
    nearest = np.argpartition(-cosine, few - 1, axis=1)[:, :few]
    by_cosine = np.argsort(-np.take_along_axis(cosine, nearest, axis=1), axis=1, kind="stable")
    nearest = np.take_along_axis(nearest, by_cosine, axis=1)
    return nearest, np.take_along_axis(cosine, nearest, axis=1)
