from numpy import bool_, float32, float64, int8, int32, int64, uint8, uint32, uint64
from numpy.typing import NDArray

SOURCE: str

def near(
    rows: NDArray[int8],
    scales: NDArray[float32],
    vectors: NDArray[float32],
    unit: NDArray[float32],
    slack: float,
    allowed: NDArray[bool_] | None,
    ids: NDArray[int64],
    /,
) -> int: ...
def rank(
    words: NDArray[float32],
    related: NDArray[float32],
    grams: NDArray[float32],
    words_possible: float,
    related_possible: float,
    grams_possible: float,
    codes: NDArray[float32] | None,
    allowed: NDArray[bool_] | None,
    count: int,
    chosen: NDArray[bool_],
    vectors: NDArray[float32],
    unit: NDArray[float32],
    rows: NDArray[int8],
    norms: NDArray[float32],
    bounds: NDArray[int64],
    relations: NDArray[int8],
    backgrounds: NDArray[float32],
    weights: NDArray[float64],
    ids: NDArray[int64],
    evidence: NDArray[float32],
    scores: NDArray[float32],
    /,
) -> int: ...
def nearest(
    rows: NDArray[int8],
    norms: NDArray[float32],
    bounds: NDArray[int64],
    ids: NDArray[int64],
    unit: NDArray[float32],
    best: NDArray[float32],
    /,
) -> None: ...
def add_terms(
    scores: NDArray[float32],
    texts: NDArray[int32],
    starts: NDArray[int64],
    terms: NDArray[uint64],
    idf: NDArray[float32],
    ids: bytes,
    sizes: NDArray[int64],
    weights: NDArray[float32],
    total: NDArray[float32],
    /,
) -> float: ...
def add_groups(
    scores: NDArray[float32],
    texts: NDArray[int32],
    starts: NDArray[int64],
    terms: NDArray[uint64],
    idf: NDArray[float32],
    ids: bytes,
    sizes: bytes,
    weights: NDArray[float32],
    totals: NDArray[float32],
    /,
) -> tuple[float, float]: ...
def cover(
    key_scores: NDArray[float32],
    key_texts: NDArray[int32],
    key_starts: NDArray[int64],
    keys: NDArray[uint64],
    key_idf: NDArray[float32],
    gram_scores: NDArray[float32],
    gram_texts: NDArray[int32],
    gram_starts: NDArray[int64],
    grams: NDArray[uint64],
    gram_idf: NDArray[float32],
    keys_of_words: bytes,
    sizes: bytes,
    grams_of_words: bytes,
    gram_sizes: NDArray[int64],
    courtesies: bytes,
    ids: NDArray[int64],
    covered: NDArray[float32],
    n_texts: int,
    unseen: float,
    /,
) -> float: ...
def key_words(
    words: list[str],
    told: list[tuple[list[str], str]] | None,
    hashes: NDArray[uint64],
    firsts: NDArray[int64],
    counts: NDArray[int64],
    values: NDArray[uint64],
    stems: NDArray[uint64],
    levelled: NDArray[uint64],
    levels: NDArray[uint8],
    courtesies: NDArray[uint64],
    near: NDArray[uint64],
    runs: NDArray[int64],
    related: NDArray[uint64],
    inverse: int,
    factor: int,
    size: int,
    /,
) -> list[tuple[()] | tuple[bytes, bytes, bytes, int, bool] | None]: ...
def hash_grams(
    points: bytes, lengths: NDArray[int64], ids: NDArray[uint64], counts: NDArray[int64], factor: int, size: int, /
) -> None: ...
def hash_terms(points: bytes, lengths: NDArray[int64], ids: NDArray[uint64], factor: int, /) -> None: ...
def find_words(
    points: bytes, lengths: NDArray[int64], hashes: NDArray[uint64], rows: NDArray[int64], factor: int, /
) -> None: ...
def log_odds(
    points: bytes,
    lengths: NDArray[int64],
    of_trigrams: NDArray[float64],
    found: NDArray[float64],
    of_letter: float,
    /,
) -> None: ...
def fill_slots(ids: NDArray[uint64], slots: NDArray[int32], /) -> None: ...
def cut_pieces(
    points: bytes,
    folded: NDArray[uint8],
    kinds: NDArray[uint8],
    ids: NDArray[uint64],
    scores: NDArray[float64],
    slots: NDArray[int32],
    longest: int,
    factor: int,
    tokens: NDArray[int64],
    /,
) -> int: ...
def sum_rows(
    rows: NDArray[int8], scales: NDArray[float32], numbers: NDArray[int64], sum: NDArray[float32], /
) -> None: ...
def cut(
    kinds: NDArray[uint8],
    values: NDArray[uint32],
    single: int,
    factor: int,
    begins: NDArray[int64],
    ends: NDArray[int64],
    hashes: NDArray[uint64],
    numbers: NDArray[int64],
    firsts: NDArray[int64],
    /,
) -> None: ...
def cut_sentences(points: bytes, start: int, spans: NDArray[int64], /) -> int: ...
def quote(
    points: bytes,
    lengths: NDArray[int64],
    n_parts: NDArray[int64],
    prefixes: NDArray[int64],
    flipped: bytes,
    ids: NDArray[int64],
    asked: NDArray[uint64],
    numbers: NDArray[int64],
    n_asked: int,
    keys: NDArray[uint64],
    bounds: NDArray[int64],
    words: NDArray[uint64],
    rows: NDArray[int8],
    norms: NDArray[float32],
    segments: NDArray[int64],
    unit: NDArray[float32],
    factor: int,
    sentences: NDArray[int64],
    cosines: NDArray[float32],
    places: NDArray[int64],
    shown: NDArray[int64],
    /,
) -> None: ...
def hold(
    points: bytes,
    lengths: NDArray[int64],
    flipped: bytes,
    asked: NDArray[uint64],
    numbers: NDArray[int64],
    n_groups: int,
    keys: NDArray[uint64],
    bounds: NDArray[int64],
    words: NDArray[uint64],
    factor: int,
    held: NDArray[bool_],
    /,
) -> None: ...
def judge(
    evidence: NDArray[float32],
    codes: NDArray[float32],
    words: NDArray[float32],
    other: NDArray[bool_],
    missing: NDArray[bool_],
    named: NDArray[bool_],
    certain: NDArray[bool_],
    length: float,
    lead: float,
    weights: NDArray[float64],
    answers: NDArray[float32],
    relevance: NDArray[float32],
    /,
) -> None: ...
