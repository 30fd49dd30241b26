"""How many tickets each of a few stands for, when only those few were judged and another judge has judged all.

A transformer is taught nine tenths of the tickets and judged on the last. That tenth may be easier than the others by
luck: of the IT tickets that the head was surest of, four fifths, it was wrong about 0.049 in the tenth and 0.058 in
all, so that head and transformer together looked better than they are (calibration error 0.020 on other tickets, with
weights 0.015). The head's verdicts cover every ticket and say so; what it finds hard is hard for both.

Source: Holt & Smith 1979, "Post Stratification".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.twins import Verdicts

PARTS = 5  # by how sure the judge of all was, each in two: where it was right and where it was not
#: Tickets added to the expected and the found number of a part, so that few found ones do not stand for very many.
STEADY = 5.0


def standing_for(said: Verdicts, some: Sequence[int], truth: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weights with which some of the tickets are like all of them, to the judge of all; 1 on average.

    Args:
        said: about all tickets.
        some: places in ``said`` of those that are to stand for all.
        truth: class number of every ticket.

    Returns:
        float64, shape (n_some,).
    """
    margins = np.sort(said.margins, axis=1)
    surer = margins[:, -1] - margins[:, -2]
    part = np.searchsorted(np.quantile(surer, np.linspace(0, 1, PARTS + 1)[1:-1]), surer)
    part = 2 * part + (said.margins.argmax(axis=1) == truth[said.rows])
    expected = np.bincount(part, minlength=2 * PARTS) * len(some) / len(part)
    found = np.bincount(part[some], minlength=2 * PARTS)
    weight = ((expected + STEADY) / (found + STEADY))[part[some]]
    return np.asarray(weight / weight.mean())
