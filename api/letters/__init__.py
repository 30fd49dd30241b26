"""Letters: kinds on offer, another draft for a case, edits kept, suggested wordings, similar solved cases."""
