"""Cursors lead back to where they came from, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from api.pagination import cursor_after, position_of


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200))
def test_a_cursor_leads_back_to_its_position(position: str) -> None:
    cursor = cursor_after(position)
    assert position_of(cursor) == position
    assert all(character.isalnum() or character in "-_" for character in cursor)


@pytest.mark.parametrize("cursor", ["!", "ab c", "a", "AA", "_w", "żółw", "\x00"])
def test_a_word_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(HTTPException) as caught:
        position_of(cursor)
    assert caught.value.status_code == 422
