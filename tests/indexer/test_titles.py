from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.titles import NameFacts, read_name


@pytest.mark.parametrize(
    ("name", "series", "season", "episode", "title"),
    [
        ("Night.Train.S01E02.The.Bridge.mkv", "Night Train", 1, 2, "Night Train S01E02 The Bridge"),
        ("night train s1e2.mp4", "night train", 1, 2, "night train S01E02"),
        (
            "Night Train - S01 E02 - The Bridge.mp4",
            "Night Train",
            1,
            2,
            "Night Train S01E02 The Bridge",
        ),
        ("Night_Train_1x02_The_Bridge.avi", "Night Train", 1, 2, "Night Train S01E02 The Bridge"),
        ("Night Train Season 3 Episode 11.mp4", "Night Train", 3, 11, "Night Train S03E11"),
        ("Night.Train.S02E03E04.mkv", "Night Train", 2, 3, "Night Train S02E03"),
        ("Dr. Who S10E120.mp4", "Dr. Who", 10, 120, "Dr. Who S10E120"),
        ("Night.Train.S01E02.1080p.BluRay.x264-GRP.mkv", "Night Train", 1, 2, "Night Train S01E02"),
        ("24 S01E02.mkv", "24", 1, 2, "24 S01E02"),
    ],
)
def test_episodes(name, series, season, episode, title):
    assert read_name(Path(name)) == NameFacts(title, series, season, episode)


@pytest.mark.parametrize(
    ("path", "series"),
    [
        ("Night Train/S01E02 The Bridge.mkv", "Night Train"),
        ("/films/Night Train/Season 1/S01E02.mkv", "Night Train"),
        ("Night.Train/S01/1x02.mkv", "Night Train"),
        ("S01E02.mkv", None),
    ],
)
def test_the_series_may_be_the_folder(path, series):
    facts = read_name(Path(path))
    assert (facts.series, facts.season, facts.episode) == (series, 1, 2)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("holiday_film.mp4", "holiday film"),
        ("The.Long.Way.2010.1080p.WEB-DL.mkv", "The Long Way 2010"),
        ("The Long Way (2010).mkv", "The Long Way (2010)"),
        ("clip 640x360.mp4", "clip 640x360"),
        ("clip_1920x1080.mp4", "clip 1920x1080"),
        ("16x9 test.mp4", "16x9 test"),
        ("version 2.5 final.mp4", "version 2.5 final"),
        ('it\'s "a" 🎬\nfilm.mp4', 'it\'s "a" 🎬 film'),
        (".mp4", "mp4"),
        ("____.mp4", "____.mp4"),
        ("1080p.mp4", "1080p"),
        ("Kurosawa 七人の侍.mkv", "Kurosawa 七人の侍"),
    ],
)
def test_names_without_an_episode(name, title):
    assert read_name(Path(name)) == NameFacts(title)


@given(st.text(min_size=1).filter(lambda text: "/" not in text and "\0" not in text))
def test_every_name_has_a_title(name):
    assert read_name(Path("/films") / name).title
