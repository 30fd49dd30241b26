"""Places that several processes share: never more than there are, and free again when their process is killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from api.places import OwnPlaces, SharedPlaces

HOLDER = """
import sys
from api.places import SharedPlaces
places = SharedPlaces(int(sys.argv[1]), most=10)
print(sum(places.take(sys.argv[2], 6) is not None for _ in range(10)), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def fd() -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        yield file.fileno()


def test_processes_share_one_number_of_places_and_a_killed_ones_are_free_again(fd: int) -> None:
    here = SharedPlaces(fd, most=10)
    with ExitStack() as running:

        def holder(owner: str) -> tuple[subprocess.Popen[str], int]:
            command = [sys.executable, "-c", HOLDER, str(fd), owner]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(fd,)
            )
            running.enter_context(process)
            assert process.stdout is not None
            return process, int(process.stdout.readline())

        first, of_a = holder("a")
        second, of_b = holder("b")
        third, more_of_a = holder("a")
        assert (of_a, of_b, more_of_a) == (6, 4, 0)
        assert here.take("c", 6) is None
        first.kill()
        first.wait()
        assert [here.take("a", 6) is not None for _ in range(7)] == [True] * 6 + [False]
        for process in (second, third):
            process.kill()


def test_at_the_same_moment_no_more_are_taken_than_there_are(fd: int) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(fd), f"owner {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=(fd,),
        )
        for number in range(4)
    ]
    taken = [int(process.stdout.readline()) for process in processes if process.stdout is not None]
    for process in processes:
        process.communicate("", timeout=60)
    assert sum(taken) == 10


@pytest.mark.parametrize("shared", [True, False])
def test_a_place_that_is_left_is_anybodys_again_and_nobody_has_more_than_theirs(fd: int, shared: bool) -> None:
    places = SharedPlaces(fd, most=3) if shared else OwnPlaces(most=3)
    first, second = places.take("a", 2), places.take("a", 2)
    assert (first, second, places.take("a", 2), places.take("b", 2)) == (0, 1, None, 2)
    assert places.take("c", 2) is None
    places.leave(1)
    assert places.take("c", 2) == 1
    assert places.take("a", 2) is None
