"""The classifier in force: the one that was promoted, else the one made from seed tickets; a new choice is followed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from triage.adapters.models.linear import LinearClassifier, train_shipped
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.adapters.models.registry import FileModelRegistry
from triage.config import Settings
from triage.domain.classification import Prediction, Suggestion
from triage.domain.learning import SEED, Deployment
from triage.domain.redaction import RedactedText
from triage.errors import ConfigurationError, TriageError
from triage.ports import Encoder

logger = logging.getLogger(__name__)

_PROMISED = {"coverage", "max_error"}


@dataclass(slots=True)
class ServedClassifier:
    """A :class:`~triage.ports.Classifier` that follows the registry: what is promoted serves from the next ticket on.

    A model that cannot be loaded while another serves leaves that one in force, and says so in the log; at the start it
    ends the start, because nobody can tell what should serve instead.
    """

    settings: Settings
    encoder: Encoder
    registry: FileModelRegistry
    _serving: LinearClassifier = field(init=False)
    _shadow: LinearClassifier | None = field(default=None, init=False)
    _stamp: int = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        self._stamp = self.registry.stamp
        deployment = self.registry.deployment()
        self._serving = self._load(deployment.serving)
        self._shadow = self._loaded_shadow(deployment)

    @property
    def current(self) -> LinearClassifier:
        """The classifier in force now; keep it for one ticket, so that its name and its words are one model's."""
        self._follow()
        return self._serving

    @property
    def name(self) -> str:
        """Name of the classifier in force."""
        return self.current.name

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        """One calibrated prediction per text, in order."""
        return self.current.predict(texts)

    def try_out(self, text: RedactedText) -> Suggestion | None:
        """What the model on trial says; nothing when there is none, or when it fails."""
        shadow = self._shadow
        if shadow is None:
            return None
        try:
            said = shadow.predict([text])[0]
        except Exception as exc:
            # the trial's edge: whatever happened to it, the ticket must not notice
            logger.warning("trial failed", extra={"action": "trial_failed", "error": type(exc).__name__})
            return None
        best = said.alternatives[0]
        return Suggestion(best.code, best.probability, said.abstain_reason, shadow.name)

    def _follow(self) -> None:
        stamp = self.registry.stamp
        if stamp == self._stamp:
            return
        with self._lock:
            if stamp == self._stamp:
                return
            deployment = self.registry.deployment()
            try:
                self._serving = self._load(deployment.serving)
            except TriageError as exc:
                logger.error(
                    "promoted model refused, the one before it serves on",
                    extra={"action": "model_refused", "model": deployment.serving, "error": type(exc).__name__},
                )
            self._shadow = self._loaded_shadow(deployment)
            self._stamp = stamp

    def _loaded_shadow(self, deployment: Deployment) -> LinearClassifier | None:
        if not deployment.shadow:
            return None
        try:
            return self._load(deployment.shadow)
        except TriageError as exc:
            logger.warning("model on trial refused", extra={"action": "trial_refused", "error": type(exc).__name__})
            return None

    def _load(self, model_id: str) -> LinearClassifier:
        if model_id != SEED:
            return self._as_set(self.registry.load(model_id, self.encoder))
        promise = {"coverage": self.settings.coverage, "max_error": self.settings.max_error}
        return train_shipped(self.settings.company_dir, self.encoder, self.registry.seed_dir, **promise)

    def _as_set(self, classifier: LinearClassifier) -> LinearClassifier:
        """Under the coverage and the limit on errors that were set; those it was trained with where none was."""
        wanted = {name: getattr(self.settings, name) for name in _PROMISED & self.settings.model_fields_set}
        found = classifier.promising(**wanted)
        if any(getattr(found.promise, name) != value for name, value in wanted.items()):
            logger.warning("model keeps its own promise", extra={"action": "promise_kept", "model": classifier.name})
        return found


def open_registry(settings: Settings) -> FileModelRegistry:
    """The registry of the data directory."""
    return FileModelRegistry(settings.model_dir, settings.model_dir / "seed")


def seed_labels(settings: Settings) -> tuple[str, ...]:
    """Categories of the company's seed tickets.

    Raises:
        ConfigurationError: there are no seed tickets, or they cannot be read.
    """
    return tuple(read_seed_tickets(settings.company_dir).labels)


def load_classifier(settings: Settings, encoder: Encoder, codes: tuple[str, ...]) -> ServedClassifier:
    """The classifier in force.

    Args:
        codes: categories of the taxonomy.

    Raises:
        ConfigurationError: it knows categories that the taxonomy lacks.
        ModelTampered: a file of the promoted model was changed.
    """
    served = ServedClassifier(settings, encoder, open_registry(settings))
    foreign = [label for label in served.current.labels if label not in codes]
    if foreign:
        raise ConfigurationError(
            [
                f"The model {served.name} knows categories that taxonomy.yaml lacks: {', '.join(foreign[:10])}. "
                "Promote a model of this taxonomy, or mend its seed tickets."
            ]
        )
    return served
