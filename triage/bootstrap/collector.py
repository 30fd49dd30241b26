"""What the garbage collector of a process that runs for long need not look at again.

A process that answers has some hundred thousand objects of modules, models and dictionaries that live as long as it
does. As it learns words and reads passages, the collector now and then looks at all of them, which takes longer than
twenty searches, and everyone who asks meanwhile waits.
"""

from __future__ import annotations

import gc


def keep_what_is_there() -> None:
    """Free what is unreachable now, and let the collector never look at the rest again.

    What is dropped later is freed as before where nothing refers to it; a circle that is there now would stay.
    """
    gc.collect()
    gc.freeze()
