"""The linear classifier: it learns, explains, abstains, survives the disk and refuses what was tampered with."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.linear import LinearClassifier, fitting, train_shipped
from triage.adapters.models.linear.features import FeatureExtractor
from triage.adapters.models.linear.fitting import Lesson, learn_features
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.adapters.models.linear.training import LEAST_EVERYDAY
from triage.adapters.models.linear.twins import Twin, folds_of
from triage.domain.classification import AbstainReason
from triage.domain.redaction import RedactedText
from triage.errors import ConfigurationError, InvalidInput, ModelTampered, ModelUnavailable

SUBJECTS = ["pralka", "lodówka", "telefon", "rower", "buty", "zegarek", "kanapa", "laptop", "czajnik", "kurtka"]
PHRASES = {
    "return": ["chcę zwrócić", "odsyłam, nie pasuje", "odstępuję od umowy"],
    "fault": ["nie działa", "zepsuł się po miesiącu", "cieknie i buczy"],
    "status": ["kiedy wysyłka", "jaki jest status", "gdzie jest moja paczka"],
}


def tickets(n: int, seed: int) -> tuple[list[str], list[str]]:
    rng = random.Random(seed)
    labels = [rng.choice(sorted(PHRASES)) for _ in range(n)]
    greetings = ("Dzień dobry,", "witam", "halo", "")
    texts = [f"{rng.choice(greetings)} {rng.choice(SUBJECTS)} {rng.choice(PHRASES[label])}" for label in labels]
    return texts, labels


@pytest.fixture(scope="module")
def trained() -> LinearClassifier:
    texts, labels = tickets(240, seed=1)
    ids = [f"t{number}" for number in range(len(texts))]
    return LinearClassifier.train(texts, labels, HashingEncoder(), ids=ids, name="test-1")


@pytest.fixture(scope="module")
def trained_on_many() -> LinearClassifier:
    """A head as for more examples than a machine can compare with one another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "MOST_EXAMPLES", 200)
        texts, labels = tickets(240, seed=1)
        return LinearClassifier.train(texts, labels, HashingEncoder(), name="test-many")


def redacted(*texts: str) -> list[RedactedText]:
    return [RedactedText(text) for text in texts]


def test_learns_categories_and_sums_probabilities_to_one(trained: LinearClassifier) -> None:
    texts, labels = tickets(60, seed=2)
    predictions = trained.predict(redacted(*texts))
    assert [prediction.alternatives[0].code for prediction in predictions] == labels
    for prediction in predictions:
        assert sum(a.probability for a in prediction.alternatives) == pytest.approx(1.0)
        assert prediction.prediction_set[0] == prediction.alternatives[0].code


def test_names_the_words_that_decided_as_the_customer_wrote_them(trained: LinearClassifier) -> None:
    prediction = trained.predict(redacted("Dzień dobry, czajnik ZEPSUŁ się po miesiącu!"))[0]
    assert prediction.alternatives[0].code == "fault"
    assert prediction.evidence[0].feature in {"zepsuł", "miesiącu", "po", "się"}
    assert all(a.weight >= b.weight > 0 for a, b in zip(prediction.evidence, prediction.evidence[1:], strict=False))


@pytest.mark.parametrize("made", ["trained", "trained_on_many"])
@pytest.mark.parametrize(
    "text", ["czajnik cieknie cieknie, i buczy", "cieknie", "", "dzień dobry: czajnik nie-działa i"]
)
def test_evidence_is_the_exact_share_of_the_ngrams_in_the_margin(
    made: str, text: str, request: pytest.FixtureRequest
) -> None:
    trained: LinearClassifier = request.getfixturevalue(made)
    extractor, parameters = trained._extractor, trained._parameters
    column = parameters.labels.index("fault")
    weights = parameters.head.ngram_weights
    from_ngrams = extractor.transform([text]).ngrams @ (weights[:, column] - weights.mean(axis=1))
    shares = trained._explainer.by_word(extractor.transform(["halo", text]), np.array([0, column]))[1]
    assert len(shares) == len(text.split())
    assert shares.sum() == pytest.approx(
        from_ngrams[0] * parameters.calibration.log_odds_per_margin, rel=1e-4, abs=1e-6
    )


def test_many_examples_teach_what_two_words_apart_say_together(trained_on_many: LinearClassifier) -> None:
    vocabulary = trained_on_many._extractor.words.vocabulary
    assert trained_on_many._extractor.words.kind == "spread"
    assert "zepsul miesiacu" in vocabulary  # "zepsuł się po miesiącu"
    text = "rower zepsuł się po miesiącu"
    features = trained_on_many._extractor.transform([text])
    shares = trained_on_many._explainer.by_word(features, np.array([trained_on_many.labels.index("fault")]))[0]
    assert {text.split()[place] for place in np.argsort(-shares)[:2]} <= {"zepsuł", "miesiącu", "się", "po"}


def test_names_the_training_ticket_itself_as_its_nearest(trained: LinearClassifier) -> None:
    texts, _ = tickets(240, seed=1)
    nearest = trained.predict(redacted(texts[17]))[0].neighbours[0]
    assert texts[int(nearest[1:])].split()[-3:] == texts[17].split()[-3:]


def test_what_the_taxonomy_says_of_a_code_is_an_example_where_there_are_few_others() -> None:
    texts = ["pralka cieknie", "rower skrzypi", "buty pękły", "kanapa stoi", "zegarek idzie", "laptop leży"]
    labels = ["C1", "C1", "C1", "C2", "C2", "C2"]
    described = {"C1": ("Usterka towaru",), "C2": ("Zwrot pieniędzy", "Money back"), "C3": ("Coś innego",)}
    asked = redacted("proszę o zwrot pieniędzy", "usterka towaru", "I want my money back")
    taught = LinearClassifier.train(texts, labels, HashingEncoder(), described=described, name="described")
    said = taught.predict(asked)
    assert [each.alternatives[0].code for each in said] == ["C2", "C1", "C2"]
    assert taught.labels == ("C1", "C2")  # no ticket, no category
    turned = {"C1": described["C2"], "C2": described["C1"]}
    other = LinearClassifier.train(texts, labels, HashingEncoder(), described=turned, name="turned").predict(asked)
    assert [each.alternatives[0].code for each in other] == ["C1", "C2", "C1"]
    many = Lesson.of(texts * 20, labels * 20, described=described)
    assert (Lesson.of(texts, labels, described=described).spoken, many.spoken) == (
        ("Usterka towaru", "Zwrot pieniędzy", "Money back"), ()
    )  # fmt: skip


def test_leaves_a_text_without_a_known_word_to_a_person(trained: LinearClassifier) -> None:
    for prediction in trained.predict(redacted("", "   ", "洗濯機", "…!?")):
        assert prediction.abstain_reason is AbstainReason.OUT_OF_SCOPE
        assert prediction.evidence == ()
        assert len(prediction.alternatives) == 3


def test_no_texts_give_no_predictions(trained: LinearClassifier) -> None:
    assert trained.predict([]) == []


def test_a_prediction_does_not_depend_on_its_neighbours_in_the_batch(trained: LinearClassifier) -> None:
    texts, _ = tickets(300, seed=3)
    together = trained.predict(redacted(*texts))
    alone = [trained.predict(redacted(text))[0] for text in texts[:20]]
    for one, other in zip(together[:20], alone, strict=True):
        assert [a.code for a in one.alternatives] == [a.code for a in other.alternatives]
        assert one.evidence == other.evidence
        np.testing.assert_allclose(
            [a.probability for a in one.alternatives], [a.probability for a in other.alternatives], rtol=1e-4
        )


def test_a_saved_model_predicts_the_same(trained: LinearClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path / "model")
    loaded = LinearClassifier.load(tmp_path / "model", HashingEncoder())
    texts, _ = tickets(40, seed=4)
    assert loaded.predict(redacted(*texts)) == trained.predict(redacted(*texts))
    assert loaded.name == "test-1"
    assert "test-1" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_a_saved_model_of_many_examples_predicts_the_same(trained_on_many: LinearClassifier, tmp_path: Path) -> None:
    trained_on_many.save(tmp_path)
    loaded = LinearClassifier.load(tmp_path, HashingEncoder())
    texts, _ = tickets(40, seed=4)
    assert loaded.predict(redacted(*texts)) == trained_on_many.predict(redacted(*texts))


def rewrite(directory: Path, **changed: object) -> None:
    """Change the model on disk as another release would have written it; None removes a key."""
    model = json.loads((directory / "model.json").read_text(encoding="utf-8")) | changed
    kept = json.dumps({key: value for key, value in model.items() if value is not None}).encode()
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["model.json"] = hashlib.sha256(kept).hexdigest()
    (directory / "model.json").write_bytes(kept)
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_model_of_the_format_before_still_serves_as_it_did(trained: LinearClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path)
    rewrite(tmp_path, format=2, word_kind=None, calibration={"slope": 4.0, "temperature": 0.5})
    loaded = LinearClassifier.load(tmp_path, HashingEncoder())
    text = "pralka nie działa"
    margins = trained.margins(trained._extractor.transform([text]))
    expected = (1 / (1 + np.exp(-4.0 * margins.astype(np.float64)))) ** 2  # Platt's
    np.testing.assert_allclose(loaded.probabilities([text]), expected / expected.sum(), rtol=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 7},
        {"asides": "some"},
        {"word_kind": "sideways"},
        {"calibration": {"slope": 1.0, "temperature": 1.0, "link": "steep"}},
    ],
)
def test_refuses_a_model_of_a_format_it_does_not_know(
    trained: LinearClassifier, tmp_path: Path, changed: dict[str, object]
) -> None:
    trained.save(tmp_path)
    rewrite(tmp_path, **changed)
    with pytest.raises(ModelUnavailable):
        LinearClassifier.load(tmp_path, HashingEncoder())


@pytest.mark.parametrize("file_name", ["model.json", "model.safetensors", "README.md"])
def test_refuses_a_model_with_a_changed_file(trained: LinearClassifier, tmp_path: Path, file_name: str) -> None:
    trained.save(tmp_path)
    content = bytearray((tmp_path / file_name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / file_name).write_bytes(content)
    with pytest.raises(ModelTampered, match=file_name):
        LinearClassifier.load(tmp_path, HashingEncoder())


def test_another_limit_on_errors_is_promised_without_training_again(tmp_path: Path) -> None:
    texts, labels = tickets(400, seed=6)
    filed = ["fault" if n % 25 == 0 else label for n, label in enumerate(labels)]  # some are wrong for good
    strict = LinearClassifier.train(texts, filed, HashingEncoder(), max_error=0.01)
    lenient = LinearClassifier.train(texts, filed, HashingEncoder(), max_error=0.2, coverage=0.97)
    strict.save(tmp_path)
    again = LinearClassifier.load(tmp_path, HashingEncoder()).promising(max_error=0.2, coverage=0.97)
    assert again.promise == lenient.promise
    assert again.held_out.tagged_share == lenient.held_out.tagged_share > strict.held_out.tagged_share
    assert again.held_out.set_coverage == lenient.held_out.set_coverage
    tagged = [each.abstain_reason is None for each in again.predict(redacted(*texts[:50]))]
    assert tagged == [each.abstain_reason is None for each in lenient.predict(redacted(*texts[:50]))]


def test_a_model_that_kept_nothing_of_held_out_tickets_keeps_its_own_promise(trained: LinearClassifier) -> None:
    older = LinearClassifier("older", trained._extractor, replace(trained._parameters, judged=None))
    assert older.promising(max_error=0.3) is older


def test_a_model_that_cannot_be_written_whole_leaves_the_one_before_as_it_was(
    trained: LinearClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained.save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write = Path.write_bytes

    def until_the_disk_is_full(path: Path, content: bytes) -> int:
        if path.name == "README.md":
            raise OSError(28, "No space left on device")
        return write(path, content)

    other = LinearClassifier.train(["a b", "c d", "a", "c"], ["x", "y", "x", "y"], HashingEncoder())
    monkeypatch.setattr(Path, "write_bytes", until_the_disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        other.save(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_model_without_a_transformer_leaves_none_of_an_older_one_behind(
    trained: LinearClassifier, tmp_path: Path
) -> None:
    (tmp_path / "transformer.onnx").write_bytes(b"of the model that was here before")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    trained.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md", "manifest.json", "model.json", "model.safetensors", "notes.txt"
    }  # fmt: skip


def test_refuses_a_model_of_another_encoder(trained: LinearClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path)
    with pytest.raises(ModelUnavailable, match="hashing-64"):
        LinearClassifier.load(tmp_path, HashingEncoder(name="other"))


def test_refuses_a_directory_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="manifest"):
        LinearClassifier.load(tmp_path, HashingEncoder())


def test_refuses_to_train_on_one_category_or_unequal_lists() -> None:
    with pytest.raises(InvalidInput, match="two categories"):
        LinearClassifier.train(["a", "b"], ["x", "x"], HashingEncoder())
    with pytest.raises(InvalidInput, match="2 texts but 1 labels"):
        LinearClassifier.train(["a", "b"], ["x"], HashingEncoder())


def test_two_categories_and_a_category_with_one_example_can_be_learnt() -> None:
    texts = ["zwrot butów"] * 12 + ["awaria pralki"] * 12 + ["faktura korekta"]
    labels = ["return"] * 12 + ["fault"] * 12 + ["invoice"]
    two = LinearClassifier.train(texts[:24], labels[:24], HashingEncoder())
    assert two.predict(redacted("awaria"))[0].alternatives[0].code == "fault"
    three = LinearClassifier.train(texts, labels, HashingEncoder())
    assert three.predict(redacted("faktura korekta"))[0].alternatives[0].code == "invoice"


def test_the_vocabulary_of_much_data_holds_no_word_of_a_single_ticket() -> None:
    texts = [f"zwrot butów {subject}" for subject in SUBJECTS] * 8 + ["Jan Kowalczyński prosi o zwrot"]
    extractor = FeatureExtractor.fit(texts, HashingEncoder())
    assert not any("kowalczynski" in ngram for ngram in extractor.words.vocabulary)


def seed_company(directory: Path, n: int = 60) -> Path:
    texts, labels = tickets(n, seed=5)
    rows = [
        json.dumps({"id": f"pl-{number}", "text": text, "category": label})
        for number, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    (directory / "seed" / "pl").mkdir(parents=True)
    (directory / "seed" / "pl" / "all.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return directory


def test_the_shipped_model_is_made_once_and_again_when_the_seed_changes(tmp_path: Path) -> None:
    company, models = seed_company(tmp_path / "company"), tmp_path / "model"
    first = train_shipped(company, HashingEncoder(), models)
    made_at = (models / "manifest.json").stat().st_mtime_ns
    assert train_shipped(company, HashingEncoder(), models).name == first.name
    assert (models / "manifest.json").stat().st_mtime_ns == made_at
    with (company / "seed" / "pl" / "all.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "pl-new", "text": "nowe zgłoszenie: zwrot", "category": "return"}')
    assert train_shipped(company, HashingEncoder(), models).name != first.name
    assert train_shipped(company, HashingEncoder(name="other"), models).name != first.name
    stricter = train_shipped(company, HashingEncoder(), models, coverage=0.8, max_error=0.2)
    assert (stricter.promise.coverage, stricter.promise.max_error) == (0.8, 0.2)


def test_only_everyday_tickets_say_how_far_to_trust_the_model_where_there_are_enough() -> None:
    everyday, labels = tickets(LEAST_EVERYDAY, seed=5)
    hard, right = tickets(200, seed=6)
    wrong = [next(label for label in sorted(set(labels)) if label != one) for one in right]  # no head gets these right
    texts, taught = [*everyday, *hard], [*labels, *wrong]
    is_everyday = [True] * len(everyday) + [False] * len(hard)
    asked_all = LinearClassifier.train(texts, taught, HashingEncoder()).held_out
    asked_some = LinearClassifier.train(texts, taught, HashingEncoder(), everyday=is_everyday).held_out
    assert (asked_all.n, asked_some.n) == (LEAST_EVERYDAY + 200, LEAST_EVERYDAY)
    assert asked_some.accuracy > asked_all.accuracy
    assert asked_some.tagged_share > asked_all.tagged_share


def test_too_few_everyday_tickets_are_not_asked_alone() -> None:
    texts, labels = tickets(60, seed=5)
    some = [number < 40 for number in range(60)]
    assert LinearClassifier.train(texts, labels, HashingEncoder(), everyday=some).held_out.n == 60


def test_seed_tickets_say_which_of_them_are_as_tickets_come(tmp_path: Path) -> None:
    company = seed_company(tmp_path, n=2)
    with (company / "seed" / "pl" / "all.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "pl-new", "text": "zwrot butów", "category": "return", "everyday": true}')
    assert read_seed_tickets(company).everyday == (False, False, True)


def test_a_damaged_shipped_model_is_made_again(tmp_path: Path) -> None:
    company, models = seed_company(tmp_path / "company"), tmp_path / "model"
    first = train_shipped(company, HashingEncoder(), models)
    (models / "model.safetensors").write_bytes(b"damaged")
    again = train_shipped(company, HashingEncoder(), models)
    texts, _ = tickets(10, seed=6)
    assert again.predict(redacted(*texts)) == first.predict(redacted(*texts))
    LinearClassifier.load(models, HashingEncoder())


def test_seed_tickets_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    company = seed_company(tmp_path / "company")
    (company / "seed" / "pl" / "bad.jsonl").write_text('{"id": 1}\nnot json\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 1.*\n.*line 2"):
        train_shipped(company, HashingEncoder(), tmp_path / "model")
    shutil.rmtree(company)
    with pytest.raises(ConfigurationError, match="no seed tickets"):
        train_shipped(company, HashingEncoder(), tmp_path / "model")


def test_predicting_needs_no_scikit_learn(trained: LinearClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path)
    program = (
        "import sys\n"
        "from tests.fakes.hashing_encoder import HashingEncoder\n"
        "from triage.adapters.models.linear import LinearClassifier\n"
        f"model = LinearClassifier.load({str(tmp_path)!r}, HashingEncoder())\n"
        "assert model.predict(['zwrot'])\n"
        "assert not {'sklearn', 'torch'} & set(sys.modules), 'heavy imports'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


class EncoderThatKnowsByHeart(HashingEncoder):
    """Puts the texts it was taught at their category's corner, and any other text anywhere."""

    def __init__(self, taught: dict[str, int]) -> None:
        super().__init__("by-heart", 64)
        self._taught = taught

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().encode(texts)
        for row, text in enumerate(texts):
            if text in self._taught:
                vectors[row] = np.eye(self.dim, dtype=np.float32)[self._taught[text]]
        return vectors


def texts_without_a_clue() -> tuple[list[str], list[int]]:
    rng = random.Random(0)
    return ["".join(rng.choices("abcdefghij", k=9)) for _ in range(120)], [number % 3 for number in range(120)]


def test_a_tuned_encoder_is_trusted_as_far_as_its_twins_deserve() -> None:
    texts, truth = texts_without_a_clue()
    labels, judged = [f"c{label}" for label in truth], tuple(range(0, 120, 5))
    by_heart = EncoderThatKnowsByHeart(dict(zip(texts, truth, strict=True)))
    but_some = {text: label for row, (text, label) in enumerate(zip(texts, truth, strict=True)) if row not in judged}
    fair = LinearClassifier.train(texts, labels, by_heart, twins=[Twin(EncoderThatKnowsByHeart(but_some), judged)])
    assert fair.held_out.n == 24
    assert fair.held_out.accuracy < 0.6
    assert fair.promise.tagging_threshold > 1
    assert fair.predict(redacted(texts[0]))[0].alternatives[0].code == "c0"  # the model itself was taught it
    assert LinearClassifier.train(texts, labels, by_heart).held_out.accuracy > 0.8  # what it would have boasted
    with pytest.raises(InvalidInput, match="Keep some tickets"):
        LinearClassifier.train(texts, labels, by_heart, twins=[Twin(by_heart, ())])


def test_twins_also_judge_a_tuned_encoder_of_few_examples() -> None:
    texts, truth = texts_without_a_clue()
    texts, truth = texts[:45], truth[:45]
    but_some = {text: label for row, (text, label) in enumerate(zip(texts, truth, strict=True)) if row % 5}
    twin = Twin(EncoderThatKnowsByHeart(but_some), tuple(range(0, 45, 5)))
    by_heart = EncoderThatKnowsByHeart(dict(zip(texts, truth, strict=True)))
    model = LinearClassifier.train(texts, [f"c{label}" for label in truth], by_heart, twins=[twin])
    assert model.held_out.n == 9
    assert model.held_out.accuracy < 0.7
    assert model.predict(redacted(texts[5]))[0].alternatives[0].code == f"c{truth[5]}"


def test_a_ticket_held_out_does_not_help_to_choose_the_vocabulary() -> None:
    texts, labels = tickets(240, seed=1)
    lesson, encoder = Lesson.of(texts, labels), HashingEncoder()
    folds = folds_of(lesson, encoder, encoder.encode(texts), np.arange(240) // 2, 0)
    assert sorted(row for fold in folds for row in fold.judged) == list(range(240))
    for fold in folds:
        assert not set(fold.taught // 2) & set(fold.judged // 2)
        extractor, _ = learn_features(lesson, fold.taught, encoder, fold.embedding)
        alone = FeatureExtractor.fit([texts[row] for row in fold.taught], encoder)
        assert sorted(extractor.words.vocabulary) == sorted(alone.words.vocabulary)
        assert sorted(extractor.chars.vocabulary) == sorted(alone.chars.vocabulary)
