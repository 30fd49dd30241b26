"""The model card: what a trained classifier is, what it showed on held-out tickets, what it must not be used for."""

from __future__ import annotations

from triage.adapters.models.linear.parameters import TrainedParameters

_CARD = """# {name}

A linear classifier over word and character n-grams, and sentence vectors of the encoder `{encoder}` or their closeness
to those of the training tickets.{history}
It suggests one of {n_labels} categories for the text of a ticket: {labels}.

## Held-out figures

{n} training tickets were judged, each by a model that had seen neither it nor its near-copies.

| measure | value |
|---|---|
| accuracy of the first category | {accuracy:.3f} |
| expected calibration error | {calibration_error:.3f} |
| tickets tagged alone | {tagged_share:.1%} |
| errors among those (promised: at most {max_error:.1%}) | {tagged_error} |
| prediction sets that hold the true category (promised: {coverage:.1%}) | {set_coverage:.1%} |
| mean size of a prediction set | {set_size:.2f} |

The promises hold for tickets from the same source as the training tickets. Watch the drift report and train again when
products, channels or wording change.

## Intended use

Suggesting a category to an agent, who decides. It is not meant for decisions about a person's rights.
The vocabulary holds words and parts of words of the training tickets: train on redacted texts.

Settings: {settings}; calibration {link}, slope {slope:.3f}, temperature {temperature:.3f}.
"""


_HISTORY = """
Each sentence vector is drawn to its neighbours among {n} past tickets, whose categories it was not told."""


_SELF_TAUGHT = """
It was taught {n} past tickets too, whose categories a head taught the others alone named, as surely as it was."""


_TRANSFORMER = """
A transformer fine-tuned on the same tickets is heard beside it (`transformer.onnx`, 8-bit). It began as {name}; the
model card of that one names its licence."""


def model_card(
    name: str, encoder: str, parameters: TrainedParameters, n_history: int = 0, transformer: str = ""
) -> str:
    """The card as Markdown.

    Args:
        n_history: past tickets without a category that the encoder read; 0 for none.
        transformer: name of what a fine-tuned transformer that has a say began as; empty for none.
    """
    held_out, promise = parameters.held_out, parameters.promise
    return _CARD.format(
        name=name,
        encoder=encoder,
        history=(_HISTORY.format(n=n_history) if n_history else "")
        + (_SELF_TAUGHT.format(n=parameters.examples.n_past) if parameters.examples.n_past else "")
        + (_TRANSFORMER.format(name=transformer) if transformer else ""),
        n_labels=len(parameters.labels),
        labels=", ".join(parameters.labels),
        n=held_out.n,
        accuracy=held_out.accuracy,
        calibration_error=held_out.calibration_error,
        tagged_share=held_out.tagged_share,
        tagged_error=f"{held_out.tagged_error:.1%}" if held_out.tagged_share else "none can be tagged alone yet",
        max_error=promise.max_error,
        coverage=promise.coverage,
        set_coverage=held_out.set_coverage,
        set_size=held_out.set_size,
        settings=", ".join(f"{key} {value}" for key, value in parameters.settings.items()),
        link=parameters.calibration.link,
        slope=parameters.calibration.slope,
        temperature=parameters.calibration.temperature,
    )
