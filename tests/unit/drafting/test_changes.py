"""How far an edited letter is from the draft, and what was changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.drafting import Change, ChangeKind
from triage.drafting.changes import edit_distance, what_changed

words = st.lists(st.sampled_from("naprawimy ekspres do piątku bezpłatnie na koszt firmy".split()), max_size=8)


def slow_distance(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The textbook recursion."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return slow_distance(one[1:], other[1:])
    return 1 + min(slow_distance(one[1:], other), slow_distance(one, other[1:]), slow_distance(one[1:], other[1:]))


@given(one=words, other=words)
def test_the_distance_is_the_textbook_one(one: list[str], other: list[str]) -> None:
    longest = max(len(one), len(other))
    expected = round(slow_distance(tuple(one), tuple(other)) / longest, 4) if longest else 0.0
    assert edit_distance(" ".join(one), " ".join(other)) == expected


@given(one=st.text(max_size=200), other=st.text(max_size=200))
def test_it_is_symmetric_zero_for_itself_and_at_most_one(one: str, other: str) -> None:
    assert edit_distance(one, one) == 0.0
    assert edit_distance(one, other) == edit_distance(other, one)
    assert 0.0 <= edit_distance(one, other) <= 1.0


def test_sentences_are_added_removed_and_reworded() -> None:
    before = "Dziękujemy za zgłoszenie. Naprawimy ekspres do 4.12.2026. Wystarczy odpowiedź."
    after = "Dziękujemy za zgłoszenie. Naprawimy ekspres do 7.12.2026. Wystarczy odpowiedź. Prosimy o zdjęcie."
    assert what_changed(before, after) == (
        Change(ChangeKind.REWORDED, "Naprawimy ekspres do 4.12.2026.", "Naprawimy ekspres do 7.12.2026."),
        Change(ChangeKind.ADDED, "", "Prosimy o zdjęcie."),
    )
    assert what_changed(after, after) == ()
    assert [one.kind for one in what_changed(after, before)] == [ChangeKind.REWORDED, ChangeKind.REMOVED]


def test_two_letters_of_two_thousand_words_are_compared_in_time() -> None:
    one = " ".join(f"słowo{n}" for n in range(2000))
    assert edit_distance(one, one.replace("słowo1000", "inne")) == 0.0005
