"""``kill -9`` at random moments of indexing, and what the next run makes of it.

``python -m benchmarks.kills`` does the same thirty times, and after Ctrl-C and an upgrade.
"""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.kills.stretch import write_stretch
from benchmarks.kills.trials import Trials, differences, read_dump

pytestmark = pytest.mark.weights

KILLS = 5
AT_ONCE = 2
# Just long enough to leave a gap between subtitles, which is listened to.
FILM_SECONDS = 37.0


@pytest.fixture(scope="module")
def folder(pocket, tmp_path_factory):
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
def trials(sample_film, folder):
    return Trials(write_stretch(sample_film, folder / "film.mp4", num_seconds=FILM_SECONDS), folder)


@pytest.fixture(scope="module")
def whole(trials):
    return trials.undisturbed()


def test_the_film_has_something_for_every_stage(whole):
    lines = [json.loads(line) for line in whole.dump.lines]
    kinds = {line["evidence_id"].split("/")[1] for line in lines if line["part"] == "evidence"}
    assert kinds >= {"speech", "subtitle", "sound", "screen_text", "caption", "tag"}


def test_another_vector_would_be_noticed(whole, folder):
    other = read_dump(folder / "undisturbed" / "library")
    place = next(iter(other.vectors))
    other.vectors[place][:] = other.vectors[place][::-1].copy()
    (wrong,) = differences(whole.dump, other)
    assert "cosine" in wrong


def test_a_killed_run_is_gone_on_with_and_ends_as_if_nothing_had_been(trials, whole):
    chance = random.Random(5)
    shares = [((number + chance.random()) / KILLS,) for number in range(KILLS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rounds = list(pool.map(lambda share: trials.round(whole, share), shares))
    assert [one.wrong for one in rounds] == [()] * KILLS
