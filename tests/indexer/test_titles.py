from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.titles import NameFacts, read_name


@pytest.mark.parametrize(
    ("name", "series", "season", "episode", "own_title"),
    [
        ("Night.Train.S01E02.The.Bridge.mkv", "Night Train", 1, 2, "The Bridge"),
        ("night train s1e2.mp4", "night train", 1, 2, ""),
        ("Night Train - S01 E02 - The Bridge.mp4", "Night Train", 1, 2, "The Bridge"),
        ("Night_Train_1x02_The_Bridge.avi", "Night Train", 1, 2, "The Bridge"),
        ("Night Train Season 3 Episode 11.mp4", "Night Train", 3, 11, ""),
        ("Dr. Who S10E120.mp4", "Dr. Who", 10, 120, ""),
        ("Dr. Who (2005) S10E12.mp4", "Dr. Who (2005)", 10, 12, ""),
        ("Night.Train.S01E02.1080p.BluRay.x264-GRP.mkv", "Night Train", 1, 2, ""),
        ("24 S01E02.mkv", "24", 1, 2, ""),
        ("Show 1x02 Title.mkv", "Show", 1, 2, "Title"),
        ("Show - 1x02 - Title.mkv", "Show", 1, 2, "Title"),
        ("Show 1x02 Print the Legend.mkv", "Show", 1, 2, "Print the Legend"),
        ("Show 12x03.mkv", "Show", 12, 3, ""),
        ("Show - 12x03 - Title.mkv", "Show", 12, 3, "Title"),
        ("Show.12x03.Title.1080p.mkv", "Show", 12, 3, "Title"),
        ("Night.Train.S01E02.The.Proper.Way.mkv", "Night Train", 1, 2, "The Proper Way"),
        ("Night.Train.S01E02.The.Bridge.HDTV.x264-GRP.mkv", "Night Train", 1, 2, "The Bridge"),
        ("Night.Train.S01E02.The.Bridge.REPACK-GRP.mkv", "Night Train", 1, 2, "The Bridge"),
        ("Night.Train.S01E02.HDTV.GRP.mkv", "Night Train", 1, 2, ""),
        ("Show - 012 PROPER.mkv", "Show", None, 12, ""),
        ("Show - 012.mkv", "Show", None, 12, ""),
        ("Show - 012 1080p.mkv", "Show", None, 12, ""),
        ("Show - 12 - The Title [x].mkv", "Show", None, 12, "The Title"),
        ("[Group] Show - 12 [1080p].mkv", "Show", None, 12, ""),
        ("[Group] Show - 720 [1080p].mkv", "Show", None, 720, ""),
        ("[Group]_Some_Show_-_12v2_[1080p][0A1B2C3D].mkv", "Some Show", None, 12, ""),
    ],
)
def test_episodes(name, series, season, episode, own_title):
    assert read_name(Path(name)) == NameFacts(own_title, series, season, episode)


@pytest.mark.parametrize(
    ("name", "episode", "last_episode", "title"),
    [
        ("Night.Train.S02E03E04.mkv", 3, 4, "Night Train S02E03-E04"),
        ("Night.Train.S02E03-E05.Two.mkv", 3, 5, "Night Train S02E03-E05 Two"),
        ("Night Train 2x03-04.mkv", 3, 4, "Night Train S02E03-E04"),
        ("Night Train 2x03-2x04.mkv", 3, 4, "Night Train S02E03-E04"),
        ("Night.Train.S02E03.E03.mkv", 3, None, "Night Train S02E03"),
        ("Night.Train.S02E03-04.mkv", 3, 4, "Night Train S02E03-E04"),
        ("Night.Train.S02E03-04.Two.1080p.mkv", 3, 4, "Night Train S02E03-E04 Two"),
        ("Night Train S02E03 - 24 Hours.mkv", 3, None, "Night Train S02E03 24 Hours"),
        ("Night Train S02E03-2019.mkv", 3, None, "Night Train S02E03 2019"),
        ("Night Train 2x03 - 24 Hours.mkv", 3, None, "Night Train S02E03 24 Hours"),
    ],
)
def test_several_episodes_in_one_file(name, episode, last_episode, title):
    facts = read_name(Path(name))
    assert (facts.episode, facts.last_episode, facts.title) == (episode, last_episode, title)


@pytest.mark.parametrize(
    ("path", "series", "season", "episode", "own_title"),
    [
        ("Night Train/S01E02 The Bridge.mkv", "Night Train", 1, 2, "The Bridge"),
        ("/films/Night Train/Season 1/S01E02.mkv", "Night Train", 1, 2, ""),
        ("Night.Train/S01/1x02.mkv", "Night Train", 1, 2, ""),
        ("Night Train/Season 12/Night Train 12x03 Fog.mkv", "Night Train", 12, 3, "Fog"),
        ("Night Train/Season 1/02 - The Bridge.mkv", "Night Train", 1, 2, "The Bridge"),
        ("Night Train/Staffel 1/E02.mkv", "Night Train", 1, 2, ""),
        ("Night Train/Season 01/Train - 02.mkv", "Train", 1, 2, ""),
        ("Night Train/Specials/02 - Extra.mkv", "Night Train", 0, 2, "Extra"),
        ("S01E02.mkv", None, 1, 2, ""),
    ],
)
def test_folders_say_series_and_season(path, series, season, episode, own_title):
    assert read_name(Path(path)) == NameFacts(own_title, series, season, episode)


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("The.Long.Way.2010.1080p.WEB-DL.mkv", "The Long Way", 2010),
        ("The Long Way (2010).mkv", "The Long Way", 2010),
        ("The Long Way [2010] 1080p.mkv", "The Long Way", 2010),
        ("2012 (2009).mkv", "2012", 2009),
        ("2001.A.Space.Odyssey.1968.720p.mkv", "2001 A Space Odyssey", 1968),
        ("Blade.Runner.2049.2017.2160p.mkv", "Blade Runner 2049", 2017),
        ("Blade.Runner.2049.mkv", "Blade Runner 2049", None),
        ("Blade.Runner.2049.1080p.mkv", "Blade Runner 2049", None),
        ("2012.1080p.mkv", "2012", None),
        ("The Long Way 2010.mkv", "The Long Way 2010", None),
        ("The.Proper.Way.2010.mkv", "The Proper Way 2010", None),
        ("The.Proper.Way.2010.PROPER.mkv", "The Proper Way", 2010),
        ("The.Long.Way.2010.REPACK.1080p.BluRay.mkv", "The Long Way", 2010),
        ("The Long Way (2010) REMUX.mkv", "The Long Way", 2010),
        ("Prim and Proper (2019).mkv", "Prim and Proper", 2019),
        ("10x10 (2018).mkv", "10x10", 2018),
    ],
)
def test_years(name, title, year):
    assert read_name(Path(name)) == NameFacts(title, year=year)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("holiday_film.mp4", "holiday film"),
        ("clip 640x360.mp4", "clip 640x360"),
        ("clip_1920x1080.mp4", "clip 1920x1080"),
        ("16x9 test.mp4", "16x9 test"),
        ("Holiday 24x36 print.mov", "Holiday 24x36 print"),
        ("Holiday.24x36.print.mov", "Holiday 24x36 print"),
        ("Holiday 8x10 photos.mov", "Holiday 8x10 photos"),
        ("Holiday 24x36 of the sea.mov", "Holiday 24x36 of the sea"),
        ("Clip 64x48.mov", "Clip 64x48"),
        ("The HDTV Story.mkv", "The HDTV Story"),
        ("2012 Proper.mkv", "2012 Proper"),
        ("version 2.5 final.mp4", "version 2.5 final"),
        ('it\'s "a" 🎬\nfilm.mp4', 'it\'s "a" 🎬 film'),
        (".mp4", "mp4"),
        ("____.mp4", "____.mp4"),
        ("1080p.mp4", "1080p"),
        ("Kurosawa 七人の侍.mkv", "Kurosawa 七人の侍"),
        ("Film - 2001.mkv", "Film - 2001"),
        ("Film - 1080.mkv", "Film - 1080"),
        ("Film - Part 2.mkv", "Film - Part 2"),
        ("Film - 2.mkv", "Film - 2"),
        ("Film - 12.5.mkv", "Film - 12.5"),
        ("Holiday - 12 - 05 - 2019.mkv", "Holiday - 12 - 05 - 2019"),
        ("2019 - 12.mkv", "2019 - 12"),
        ("Season 1/2019 party.mkv", "2019 party"),
        ("12 angry men.mkv", "12 angry men"),
    ],
)
def test_names_without_an_episode(name, title):
    assert read_name(Path(name)) == NameFacts(title)


@given(st.text(min_size=1).filter(lambda text: "/" not in text and "\0" not in text))
def test_every_name_has_a_title(name):
    assert read_name(Path("/films") / name).title
