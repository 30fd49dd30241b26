"""Buckets that several processes share keep one limit, whoever asks."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest

from api.buckets import SharedBuckets, shared_file

PER_MINUTE = 60
ASKER = f"""
import sys
from api.buckets import SharedBuckets
buckets = SharedBuckets(int(sys.argv[1]))
print(sum(buckets.take("key", {PER_MINUTE}) == 0 for _ in range(100)))
"""


@pytest.fixture
def fd() -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        shared_file(file.fileno(), slots=1024)
        yield file.fileno()


class Stopwatch:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def test_what_one_takes_the_other_has_not(fd: int) -> None:
    watch = Stopwatch()
    one, other = SharedBuckets(fd, watch), SharedBuckets(fd, watch)
    assert [one.take("a", 4), other.take("a", 4), one.take("a", 4), other.take("a", 4)] == [0, 0, 0, 0]
    assert one.take("a", 4) == other.take("a", 4) == 15  # four a minute: one every 15 s
    assert other.take("b", 4) == 0
    watch.s += 15
    assert (other.take("a", 4), one.take("a", 4)) == (0, 15)


def test_a_clock_that_goes_back_takes_no_tokens_away(fd: int) -> None:
    watch = Stopwatch()
    buckets = SharedBuckets(fd, watch)
    assert buckets.take("a", 4) == 0
    watch.s -= 500
    assert [buckets.take("a", 4) for _ in range(4)] == [0, 0, 0, 15]


def test_four_processes_at_once_get_the_limit_of_one(fd: int) -> None:
    frozen = [
        subprocess.Popen(
            [sys.executable, "-c", ASKER.replace("(int(sys.argv[1]))", "(int(sys.argv[1]), lambda: 7.0)"), str(fd)],
            stdout=subprocess.PIPE,
            pass_fds=(fd,),
        )
        for _ in range(4)
    ]
    assert sum(int(one.communicate(timeout=60)[0]) for one in frozen) == PER_MINUTE


def test_many_names_never_fill_the_file_and_the_ones_in_use_are_kept(fd: int) -> None:
    watch = Stopwatch()
    buckets = SharedBuckets(fd, watch)
    for number in range(5000):
        watch.s += 0.001
        assert buckets.take(f"stranger {number}", 4) == 0
        buckets.take("regular", 1)
    assert buckets.take("regular", 1) > 0
