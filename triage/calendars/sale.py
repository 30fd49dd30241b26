"""How the contract was concluded: what the shop knows, else what the customer says in so many words.

A shop sale takes the right to withdraw away (UPK art. 27), so it is read from a text only where nothing in the same
text speaks of the internet or a parcel. A parcel alone says nothing: it may be the one that comes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.calendars.clock_table import ClockTable, Sale

_SHOP, _DISTANCE, _SENT = "bought_in_shop", "bought_at_a_distance", "goods_sent"


def form_of_sale(text: str, order: Mapping[str, str], clocks: ClockTable) -> Sale:
    """The form of sale; :attr:`Sale.UNKNOWN` when nobody says or the text says both.

    Args:
        text: what the customer wrote.
        order: data of the shop; a form of sale under ``sale`` wins over the text.
        clocks: holds the phrases.
    """
    known = order.get("sale", "")
    if known in tuple(Sale) and known != Sale.UNKNOWN:
        return Sale(known)
    told = clocks.cues.events_in(text, {_SHOP, _DISTANCE, _SENT} & clocks.cues.patterns.keys())
    if told == {_SHOP}:
        return Sale.SHOP
    return Sale.DISTANCE if _DISTANCE in told and _SHOP not in told else Sale.UNKNOWN
