"""IP addresses of the public internet, version 4 and 6.

Private, loopback and reserved addresses name nobody and are needed („panel 192.168.31.1”), so they stay, and so do
firmware versions. Source: RFC 791, RFC 4291, RFC 6890 (special-purpose registries, as in :mod:`ipaddress`);
CJEU C-582/14 Breyer (a dynamic IP address can be personal data).

>>> text = "z IP 83.24.17.9 i 2a02:a31a::7334, panel 192.168.31.1, firmware 2.3.14.1"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['2a02:a31a::7334', '83.24.17.9']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from triage.recognisers.reading import CHECKED, Candidate, Reading

_V4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_V6: Final = re.compile(r"(?<![\w:])(?=[0-9a-fA-F]*:)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_VERSION: Final = re.compile(r"(?:firmware\w*|fw|wersj\w+|version|update|aktualizacj\w+|v)[ :.]*(?:do |to )?$")


def find(reading: Reading) -> Iterator[Candidate]:
    """Addresses that can be reached from outside."""
    for pattern in (_V4, _V6):
        for match in pattern.finditer(reading.text):
            if _is_public(match.group()) and not _VERSION.search(
                reading.folded, max(0, match.start() - 20), match.start()
            ):
                yield Candidate(*match.span(), "ip", CHECKED)


def _is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
    )
