import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.nfo import NfoEntry, read_nfo

MOVIE = "<movie><title>{}</title><year>1999</year></movie>"
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE movie [
 <!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
 <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">
]>
<movie><title>&e;</title></movie>"""
FOREIGN = '<!DOCTYPE movie [<!ENTITY x SYSTEM "file://{}">]><movie><title>&x;</title></movie>'


def read(tmp_path, content):
    path = tmp_path / "film.nfo"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_nfo(path)


def test_a_film(tmp_path):
    content = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<movie>\n'
        "  <title> The  Long Way </title><set><title>No</title></set><title>No</title>\n"
        "  <premiered>2010-05-01</premiered><rating>8.1</rating>\n</movie>"
    )
    assert read(tmp_path, content).entries == (NfoEntry("movie", "The Long Way", year=2010),)


def test_several_episodes_and_an_address(tmp_path):
    content = (
        '<?xml version="1.0"?>\n<episodedetails><title>One</title>'
        "<showtitle>Night Train</showtitle><season>1</season><episode>2</episode>"
        "<year>2001</year><aired>2003-02-01</aired>"
        '</episodedetails>\n<?xml version="1.0"?>\n<episodedetails><title>Two</title>'
        "<season>-1</season><episode>3</episode></episodedetails>\nhttps://example.org/1&2"
    )
    reading = read(tmp_path, content)
    assert reading.entries == (
        NfoEntry("episodedetails", "One", "Night Train", 1, 2, 2003),
        NfoEntry("episodedetails", "Two", None, None, 3),
    )
    assert reading.problem == ""


@pytest.mark.parametrize(
    "content",
    [
        "https://example.org/title/1",
        "Directed by <Jon>",
        b"\xdb\xdb RELEASE NOTES \xdb\xdb",
        "",
        "<html><body>no</body></html>",
    ],
)
def test_an_nfo_for_people_says_nothing_and_is_no_problem(tmp_path, content):
    reading = read(tmp_path, content)
    assert (reading.entries, reading.problem) == ((), "")


@pytest.mark.parametrize(
    "content",
    [
        "<movie><title>Tom & Jerry</title></movie>",
        "<movie><title>Unfinished",
        "<movie><title>&nbsp;</title></movie>",
        "<movie>" + "<a>" * 1000,
        LAUGHS,
        FOREIGN.format("/etc/hostname"),
        " " * 1_000_001,
    ],
)
def test_what_is_wrong_is_named(tmp_path, content):
    reading = read(tmp_path, content)
    assert reading.entries == ()
    assert reading.problem


def test_what_stands_before_the_damage_is_kept(tmp_path):
    reading = read(tmp_path, MOVIE.format("A") + "<movie><title>B")
    assert reading.entries == (NfoEntry("movie", "A", year=1999),)
    assert reading.problem.startswith("is not sound XML")


@pytest.mark.parametrize("end", ["", "<!-- made by hand -->", "\nhttp://example.org", "\0"])
def test_what_follows_the_last_root_does_not_matter(tmp_path, end):
    reading = read(tmp_path, MOVIE.format("A") + end)
    assert reading.entries == (NfoEntry("movie", "A", year=1999),)
    assert reading.problem == ""


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", '<?xml version="1.0"?>'),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>'),
        ("windows-1250", '<?xml version="1.0" encoding="windows-1250"?>'),
        ("cp1252", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("cp1252", '<?xml version="1.0" encoding="iso-unheard-of"?>'),
    ],
)
def test_encodings(tmp_path, encoding, declaration):
    content = (declaration + MOVIE.format("Zoë")).encode(encoding)
    assert read(tmp_path, content).entries == (NfoEntry("movie", "Zoë", year=1999),)


def test_a_missing_file_is_a_problem(tmp_path):
    assert read_nfo(tmp_path / "gone.nfo").problem == "cannot be read: No such file or directory"


@given(st.binary(max_size=300) | st.text(alphabet="<>/movietl &;!?[]\"'1", max_size=200))
def test_no_content_is_fatal(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.nfo"
    rest = content if isinstance(content, bytes) else content.encode()
    for head in (b"<movie>", MOVIE.format("A").encode(), b""):
        path.write_bytes(head + rest)
        for entry in read_nfo(path).entries:
            assert entry.kind in ("movie", "episodedetails", "tvshow")
