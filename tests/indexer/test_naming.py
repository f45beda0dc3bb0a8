import pytest

from indexer.naming import name_files, read_facts
from store.records import Skip

EPISODE = "<episodedetails>{}</episodedetails>"


@pytest.fixture
def folder(tmp_path):
    """A show's folder, two above which nothing lies that says anything."""
    season = tmp_path / "shows" / "Train" / "Season 1"
    season.mkdir(parents=True)
    return season


def write(path, content):
    path.write_text(content)
    return path


def numbers(facts):
    return facts.series, facts.season, facts.episode, facts.year


def test_two_episodes_are_two(folder):
    first, second = (read_facts(folder / f"Show.S01E0{n}.mkv") for n in (1, 2))
    assert (first.title, second.title) == ("Show S01E01", "Show S01E02")
    assert (numbers(first), numbers(second)) == (("Show", 1, 1, None), ("Show", 1, 2, None))
    assert first.skips == ()


def test_the_nfo_of_a_film_goes_before_its_name_field_by_field(folder):
    film = folder.parent / "long.way.(1998).mkv"
    assert (read_facts(film).title, read_facts(film).year) == ("long way", 1998)
    nfo = write(film.with_suffix(".nfo"), "<movie><title>The Long Way</title></movie>")
    assert (read_facts(film).title, read_facts(film).year) == ("The Long Way", 1998)
    nfo.write_text("<movie><year>1999</year></movie>")
    assert (read_facts(film).title, read_facts(film).year) == ("long way", 1999)


def test_the_nfo_of_an_episode_goes_before_its_name_field_by_field(folder):
    film = folder / "train.s01e02.the.brige.mkv"
    write(
        film.with_suffix(".nfo"),
        EPISODE.format("<title>The Bridge</title><aired>2003-01-02</aired>"),
    )
    write(
        folder.parent / "tvshow.nfo", "<tvshow><title>Night Train</title><year>2001</year></tvshow>"
    )
    facts = read_facts(film)
    assert facts.title == "Night Train S01E02 The Bridge"
    assert numbers(facts) == ("Night Train", 1, 2, 2003)
    assert name_files(film) == [film.with_suffix(".nfo"), folder.parent / "tvshow.nfo"]


def test_several_episodes_in_one_file(folder):
    film = folder / "Train.S01E02E03.mkv"
    content = "".join(
        EPISODE.format(f"<title>T{n}</title><season>1</season><episode>{n}</episode>")
        for n in (1, 2, 3)
    )
    write(film.with_suffix(".nfo"), content)
    facts = read_facts(film)
    assert facts.title == "Train S01E02-E03 T2 / T3"
    assert (facts.episode, facts.last_episode) == (2, 3)


def test_an_nfo_may_number_what_the_name_does_not(folder):
    film = folder.parent / "pilot.mkv"
    write(film.with_suffix(".nfo"), EPISODE.format("<season>0</season><episode>1</episode>"))
    write(folder.parent / "tvshow.nfo", "<tvshow><title>Night Train</title></tvshow>")
    assert read_facts(film).title == "Night Train S00E01 pilot"


def test_the_nearest_show_counts_and_a_far_one_does_not(folder):
    film = folder / "01 - Start.mkv"
    far = write(folder.parents[2] / "tvshow.nfo", "<tvshow><title>Far</title></tvshow>")
    assert read_facts(film).series == "Train"
    assert far not in name_files(film)
    write(folder.parents[1] / "tvshow.nfo", "<tvshow><title>Near</title></tvshow>")
    assert read_facts(film).series == "Near"
    write(folder / "tvshow.nfo", "<tvshow><title>Here</title></tvshow>")
    assert read_facts(film).series == "Here"


def test_a_film_beside_a_show_is_no_episode_of_it(folder):
    film = folder / "movie night.mkv"
    write(film.with_suffix(".nfo"), "<movie><title>The Film</title></movie>")
    write(folder / "tvshow.nfo", "<tvshow><title>Here</title></tvshow>")
    assert (read_facts(film).title, read_facts(film).series) == ("The Film", None)


def test_movie_nfo_counts_where_the_film_is_alone(folder):
    film = folder.parent / "cd.mkv"
    film.touch()
    nfo = write(folder.parent / "movie.nfo", "<movie><title>The Long Way</title></movie>")
    assert read_facts(film).title == "The Long Way"
    (folder.parent / "other.mkv").touch()
    assert read_facts(film).title == "cd"
    assert nfo not in name_files(film)


def test_the_videos_beside_a_video_tell_whether_its_number_counts(folder):
    film = folder.parent / "Frieren - 7.mkv"
    film.touch()
    (folder.parent / "Frieren - 8.txt").touch()
    assert read_facts(film).series is None
    (folder.parent / "Frieren - 8.mkv").touch()
    assert numbers(read_facts(film)) == ("Frieren", None, 7, None)


def test_a_malformed_nfo_is_a_named_skip_and_the_name_stands(folder):
    film = folder / "Train.S01E02.mkv"
    write(film.with_suffix(".nfo"), "<episodedetails><title>Tom & Jerry</title>")
    facts = read_facts(film)
    assert facts.title == "Train S01E02"
    (skip,) = facts.skips
    assert isinstance(skip, Skip)
    assert skip.stage == "probe"
    assert skip.reason.startswith("Train.S01E02.nfo: is not sound XML: ")


def test_a_missing_folder_is_no_error(tmp_path):
    assert read_facts(tmp_path / "gone" / "Film (1999).mkv").year == 1999
