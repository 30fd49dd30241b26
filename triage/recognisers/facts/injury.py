"""Somebody was hurt, or says so: burns, cuts, shocks, smoke breathed in.

>>> [f.value for f in find(Passage("poparzyłem rękę, a wczoraj kopnęło mnie; nikt nie został ranny"))]
['poparzylem', 'kopnelo mnie']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, matches

_HURT: Final = re.compile(
    r"(?<!\w)(?:poparz\w+|oparz\w+|skalecz\w+|rozci[ae]\w+ (?:sobie|palec|reke|dlon)|przecie\w+ (?:sobie|palec|reke)"
    r"|poraz\w+|kopnel\w* (?:mnie|ja|go|syna|corke|zone|meza)|(?:mnie|go|ja) (?:kopn\w+|kopie|trzepn\w+|trzepie"
    r"|porazi\w+)"
    r"|kopnelo|pradem|mrowieni\w+|zlama\w+ (?:reke|noge|palec)|zran\w+|rann\w|krwawi\w*|zatrul\w+|zatruci\w+"
    r"|szpital\w*|pogotowi\w*|sor(?:ze)?|pecherz\w*|uraz\w*|boli mnie|spuchni\w+ (?:palec|reka|oko)"
    r"|burn(?:t|ed|s)? (?:my|his|her|their|our|a) \w+|burns|scald\w*|electric shock|got a (?:\w+ )?(?:shock|zap)"
    r"|zapped|electrocut\w+|cut (?:my|his|her|our)|injur\w+|hurt (?:my|his|her|himself|herself|me)|bleeding|blister\w*"
    r"|hospital|stitches|a&e|bruis\w+|choked?|choking)(?!\w)"
)
_NOBODY: Final = re.compile(r"(?:nikt|nikomu|nikogo|nobody|no one|no-one|not|nie)(?: \w+){0,3} $")


def find(passage: Passage) -> Iterator[Finding]:
    """Words for an injury, unless the text says that nobody had one."""
    yield from matches("injury", passage, _HURT, 0.85, unless=_NOBODY)
