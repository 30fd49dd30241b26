"""Digits as people and scanners write them: spaced, dashed, ``O`` for 0, ``l`` for 1, ``G`` for 6.

>>> announced_run("8lO2 1234-5O7 bo tak", 0, 11)
(0, 13)
>>> digits("6g4 01G")
'694016'
"""

from __future__ import annotations

import re
from typing import Final

_LIKENESS: Final = str.maketrans("OoQDIil|SsBbGgZzAT", "000011115586692247")
_GROUP: Final = re.compile(r"[0-9OoQDIil|SsBbGgZzAT]+(?![^\W_])")
_SEPARATOR: Final = re.compile(r" ?[-–./\u00a0\t] ?| {1,2}")
_LETTERS_ONLY: Final = re.compile(r"[OoQIl|SBGZ]{2,}")


def digits(text: str) -> str:
    """The digits of a run, look-alike letters read as digits."""
    return "".join(character for character in text.translate(_LIKENESS) if character.isdigit())


def announced_run(text: str, start: int, length: int, slack: int = 2) -> tuple[int, int] | None:
    """Find the number that begins at ``start`` and should have ``length`` digits.

    Returns:
        Its range, or ``None`` when what stands there has too few digits, even allowing ``slack`` too few or too many.
    """
    end, count, sure, position = start, 0, 0, start
    while count < length and (group := _GROUP.match(text, position)):
        written = group.group()
        real = sum(character.isdigit() for character in written)
        if (not real and not _LETTERS_ONLY.fullmatch(written)) or (count and count + len(written) > length + slack):
            break
        end, count, sure = group.end(), count + len(written), sure + real
        separator = _SEPARATOR.match(text, end)
        if not separator:
            break
        position = separator.end()
    if abs(count - length) > slack or 2 * sure < count:
        return None
    return start, end
