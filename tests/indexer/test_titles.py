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
        ("Night Train/Season 2/Train Ep 14.mkv", "Train", 2, 14, ""),
        ("Night Train/Season 2024/02.mkv", "Night Train", 2024, 2, ""),
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
        ("The.Proper.Way.2010.mkv", "The Proper Way", 2010),
        ("Se7en.1995.mkv", "Se7en", 1995),
        ("Wonder Woman 1984.mkv", "Wonder Woman 1984", None),
        ("2012.mkv", "2012", None),
        ("2001 A Space Odyssey (1968).mkv", "2001 A Space Odyssey", 1968),
        ("Star.Wars.Episode.4.A.New.Hope.1977.1080p.mkv", "Star Wars Episode 4 A New Hope", 1977),
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
        ("1923.mkv", "1923"),
        ("24.mkv", "24"),
        ("Apollo 13.mkv", "Apollo 13"),
        ("Ocean's 8.mkv", "Ocean's 8"),
        ("Area 51.mkv", "Area 51"),
        ("Frieren - 7.mkv", "Frieren - 7"),
        ("Bleach 012 - Title.mkv", "Bleach 012 - Title"),
        ("One.Piece.1089.1080p.mkv", "One Piece 1089"),
        ("BMW E46 review.mkv", "BMW E46 review"),
        ("Sony E3.mkv", "Sony E3"),
        ("#1 Fan.mkv", "#1 Fan"),
        ("Part #2.mkv", "Part #2"),
    ],
)
def test_names_without_an_episode(name, title):
    assert read_name(Path(name)) == NameFacts(title)


@pytest.mark.parametrize(
    ("name", "neighbour", "series", "episode", "own_title"),
    [
        ("Frieren - 7", "Frieren - 8", "Frieren", 7, ""),
        ("Frieren - 7 - Names", "Frieren - 10 - Places", "Frieren", 7, "Names"),
        ("Bleach 012 - Title", "Bleach 011 - Other", "Bleach", 12, "Title"),
        ("Bleach 12", "bleach 01", "Bleach", 12, ""),
        ("One.Piece.1089.1080p", "One.Piece.1090.720p", "One Piece", 1089, ""),
        ("One_Piece_1089", "One_Piece_1090", "One Piece", 1089, ""),
        ("[Group] Area 51 012 [x]", "[Group] Area 51 013 [x]", "Area 51", 12, ""),
    ],
)
def test_a_number_counts_among_neighbours_of_the_same_series(
    name, neighbour, series, episode, own_title
):
    facts = read_name(Path(f"{name}.mkv"), [neighbour, "Holiday", "Bleach", "Frieren"])
    assert facts == NameFacts(own_title, series, None, episode)


@pytest.mark.parametrize(
    ("name", "neighbours"),
    [
        ("Frieren - 7", ["Bleach - 8", "Frieren", "Frieren - 7"]),
        ("Ocean's 8", ["Ocean's 11", "Ocean's 12"]),
        ("Toy Story 2", ["Toy Story 3", "Toy Story 4"]),
        ("Apollo 13", ["Apollo 11"]),
        ("1923", ["24", "300"]),
        ("Film 1080", ["Film 720", "Film 480"]),
        ("Holiday 2019", ["Holiday 2018", "Holiday 2020"]),
        ("IMG_0012", ["IMG_0013"]),
        ("Film - Part 02", ["Film - Part 01"]),
        ("Agent 007 Goldfinger", ["Agent 007 Skyfall"]),
    ],
)
def test_a_number_that_nothing_else_counts_is_a_films(name, neighbours):
    assert read_name(Path(f"{name}.mkv"), neighbours).series is None


@pytest.mark.parametrize(
    ("path", "series", "year"),
    [
        ("Show (2019) - S01E02.mkv", "Show", 2019),
        ("Dr. Who [2005] S10E12.mkv", "Dr. Who", 2005),
        ("Show (2019)/Season 1/02 - Start.mkv", "Show", 2019),
        ("1923 (2022) S01E02.mkv", "1923", 2022),
        ("Show (US) S01E02.mkv", "Show (US)", None),
        ("2019 S01E02.mkv", "2019", None),
    ],
)
def test_the_year_of_a_series_is_no_part_of_its_name(path, series, year):
    facts = read_name(Path(path))
    assert (facts.series, facts.year) == (series, year)


@given(st.text(min_size=1).filter(lambda text: "/" not in text and "\0" not in text))
def test_every_name_has_a_title(name):
    assert read_name(Path("/films") / name).title
