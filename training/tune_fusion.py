"""Choose the weights of search, ``knowledge_base/fusion.json``, on development sets.

    python -m training.tune_fusion --sets poquad galaxy-s10 scifact-train procedures-en-pl-quarter [--encoder NAME]

With an encoder other than the shipped one ``fusion_calibrated.json``, which all of those share.

Each set is a folder in BEIR's form; the questions about the sample documents are always among them. The weights
are those of least listwise loss and best quality (a set weighs the root of its size, as its noise falls so, less where
the encoder was trained on its pairs, and the questions twice that), under the condition that no set ranks worse than by
words alone or by vectors alone (``fusion_fit``). Printed beside the fit: what weights fitted on one half of the queries
reach on the other.

The questions are asked of the documents as they are and without ``asked_as``: some of those words were chosen when
these very questions had failed, and weights must not rely on that.

Whether there is an answer at all is fitted in ``answer_fit``. The weight of a code has a lower bound set by hand: no
set has error codes. Questions of the splits "fresh", "second-report", "third-report" and, of other writers, "test" are
never seen here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from knowledge_base.fuse import (
    ANSWER,
    CALIBRATED_FILE,
    EVIDENCE,
    FILE,
    RELATIONS,
    FusionWeights,
    LanguageWeights,
    load_weights,
)
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.passage import CalibratedEncoder, Encoder
from training.answer_fit import Asked, Wrongly, fit_answers
from training.encoders import open_service_encoder
from training.evaluate_questions import TODAY, opened
from training.fusion_evidence import ALL_SHOWN, LEVEL, Array, Judged, Weights, gather, gather_questions
from training.fusion_fit import DevSets, fit_ranking
from training.questions import HARD, NEAR_MISSES, QUESTIONS, SECOND_FIT, SHORT, THIRD_FIT, UNSEEN, read_questions

#: Answers and floor are fitted on what may be looked at of these; of the last two that is one half.
OTHER_WRITERS = (HARD, SECOND_FIT, THIRD_FIT, SHORT, UNSEEN)
OUT = Path(__file__).parent.parent / "knowledge_base"
# Results below this share of their floor are not shown even beside a good one.
REST = 0.25
# Where sections have no other words near misses are harder to tell: as strict, the floor would hold most answers back.
WRONGLY_ANSWERED = {
    "named": Wrongly(own=0.1, near=0.15, nearest=0.18),
    "plain": Wrongly(own=0.1, near=0.3, nearest=0.3),
}
# Transformers hold near misses nearer still: so that as few of them are answered as with the shipped encoder.
WRONGLY_ANSWERED_CALIBRATED = WRONGLY_ANSWERED | {"plain": Wrongly(own=0.1, near=0.2, nearest=0.3)}

Sets = dict[str, Sequence[Judged]]
RankingWeights = tuple[LanguageWeights, LanguageWeights, LanguageWeights]


def report(sets: Sets, asked: Sequence[Sequence[Judged]], fitted: Weights) -> None:
    """Print, for each set: its better member, the other half's weights, the fitted ones."""
    halves = [
        DevSets.of({n: q[start::2] for n, q in sets.items()}, [each[start::2] for each in asked]) for start in (0, 1)
    ]
    folds = [fit_ranking(half) for half in halves]
    whole = DevSets.of(sets, asked)
    for name, (each, member) in whole.sets.items():
        crossed = np.mean([half.sets[name][0].ndcg10(folds[1 - n]) for n, half in enumerate(halves)])
        print(f"{name}: nDCG@10 better member {member:.4f}, crossed {crossed:.4f}, fitted {each.ndcg10(fitted):.4f}")
    for form, questions in enumerate(whole.questions):
        ranks = np.concatenate([half.questions[form].first_right(folds[1 - n]) for n, half in enumerate(halves)])
        inside = questions.first_right(fitted)
        name = ("with", "without")[form]
        print(
            f"questions {name} other words, top-3: crossed {np.mean(ranks <= 3):.4f}, fitted {np.mean(inside <= 3):.4f}"
        )


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


def ranking_weights(fitted: Weights) -> RankingWeights:
    """In the form the index takes."""
    polish, english, other = (LanguageWeights(_rounded(row[:-1]), round(float(row[-1]), 3)) for row in fitted)
    return polish, english, other


def weighed(index: KnowledgeIndex, encoder: Encoder, weights: FusionWeights) -> KnowledgeIndex:
    """The same index with other weights."""
    return KnowledgeIndex(index.parts, encoder, weights=weights, today=lambda: TODAY)


def main() -> None:
    """Gather, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sets", type=Path, nargs="*", default=(), help="none: keep the ranking, fit answers and floor"
    )
    parser.add_argument("--encoder", default="shipped")
    arguments = parser.parse_args()
    encoder = open_service_encoder(arguments.encoder)
    calibrated = isinstance(encoder, CalibratedEncoder)
    wrongly = WRONGLY_ANSWERED_CALIBRATED if calibrated else WRONGLY_ANSWERED
    sets: Sets = {folder.name: gather(folder, encoder) for folder in arguments.sets}
    with opened(encoder, None) as full, opened(encoder, None, asked_as=False) as bare:
        by_relation = (
            fitted_ranking(sets, (full, bare), encoder) if sets else kept_ranking(load_weights(calibrated=calibrated))
        )
        draft = FusionWeights(*by_relation, ALL_SHOWN, ALL_SHOWN, 0.0)
        others = [question for path in OTHER_WRITERS for question in read_questions(path) if question.split != "test"]
        asked = Asked(read_questions(QUESTIONS), read_questions(NEAR_MISSES), others)
        answers = {
            name: asdict(fit_answers(weighed(index, encoder, draft), asked, wrongly[name]))
            for name, index in (("named", full), ("plain", bare))
        }
    data = {
        "evidence": EVIDENCE,
        "answer_evidence": ANSWER,
        "encoder": encoder.name,
        **{name: asdict(weights) for name, weights in zip(RELATIONS, by_relation, strict=True)},
        "answer": answers,
        "rest": REST,
    }
    out = OUT / (CALIBRATED_FILE if calibrated else FILE)
    out.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def fitted_ranking(sets: Sets, indexes: Sequence[KnowledgeIndex], encoder: Encoder) -> RankingWeights:
    """Fit on sets and on the questions as the indexes answer them, and report."""
    answerable = [question for question in read_questions(QUESTIONS) if question.answerable]
    asked = [gather_questions(weighed(index, encoder, LEVEL), answerable) for index in indexes]
    fitted = fit_ranking(DevSets.of(sets, asked))
    report(sets, asked, fitted)
    return ranking_weights(fitted)


def kept_ranking(weights: FusionWeights) -> RankingWeights:
    """The ranking weights in use."""
    return weights.polish, weights.english, weights.other


if __name__ == "__main__":
    main()
