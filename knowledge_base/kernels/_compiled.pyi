from numpy import float32, int8, int32, int64, uint8, uint32, uint64
from numpy.typing import NDArray

SOURCE: str

def products(rows: NDArray[int8], unit: NDArray[float32], products: NDArray[float32], /) -> None: ...
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
    columns: NDArray[int64],
    weights: NDArray[float32],
    total: NDArray[float32],
    /,
) -> None: ...
def add_groups(
    scores: NDArray[float32],
    texts: NDArray[int32],
    starts: NDArray[int64],
    columns: NDArray[int64],
    sizes: NDArray[int64],
    weights: NDArray[float32],
    found: NDArray[float32],
    workspace: NDArray[float32],
    /,
) -> None: ...
def cover(
    key_scores: NDArray[float32],
    key_texts: NDArray[int32],
    key_starts: NDArray[int64],
    gram_scores: NDArray[float32],
    gram_texts: NDArray[int32],
    gram_starts: NDArray[int64],
    keys: NDArray[int64],
    grams: NDArray[int64],
    sizes: NDArray[int64],
    weights: NDArray[float32],
    ids: NDArray[int64],
    place: NDArray[int32],
    covered: NDArray[float32],
    /,
) -> None: ...
def find_grams(
    points: bytes,
    lengths: NDArray[int64],
    terms: NDArray[uint64],
    columns: NDArray[int64],
    counts: NDArray[int64],
    factor: int,
    size: int,
    /,
) -> None: ...
def find_terms(
    points: bytes, lengths: NDArray[int64], terms: NDArray[uint64], columns: NDArray[int64], factor: int, /
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
