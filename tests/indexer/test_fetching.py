import pickle
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from indexer.fetching import is_url, local_copy, name_of, shown, shown_path
from store.errors import ConfigError, MediaNotFoundError, MediaUnreadableError

CONTENT = bytes(range(256)) * 1000


class FilmServer(BaseHTTPRequestHandler):
    """Serves CONTENT: whole, as less than it says, as broken, or not at all."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(
            {"/missing.mp4": 404, "/broken.mp4": 500}.get(self.path.partition("?")[0], 200)
        )
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.command == "GET":
            sent = len(CONTENT) // 2 if self.path == "/short.mp4" else len(CONTENT)
            self.wfile.write(CONTENT[:sent])
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), FilmServer) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture
def memory() -> Iterator[str]:
    fsspec = pytest.importorskip("fsspec")
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe("/films/film.mp4", CONTENT)
    yield "memory://films/film.mp4"
    filesystem.rm("/films", recursive=True)


def test_a_path_is_used_where_it_is(tmp_path):
    film = tmp_path / "film.mp4"
    for media in (film, str(film)):
        with local_copy(media, tmp_path / "copies") as found:
            assert found == film
    assert not (tmp_path / "copies").exists()


def test_a_copy_has_the_name_and_the_bytes_and_is_gone_afterwards(memory, tmp_path):
    with local_copy(memory, tmp_path) as first, local_copy(memory, tmp_path) as second:
        assert (first.name, first.read_bytes()) == ("film.mp4", CONTENT)
        assert first != second
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_gone_after_an_error_too(memory, tmp_path):
    with pytest.raises(RuntimeError), local_copy(memory, tmp_path):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_file_url(tmp_path):
    pytest.importorskip("fsspec")
    film = tmp_path / "a film.mp4"
    film.write_bytes(CONTENT)
    with local_copy(film.as_uri().replace("%20", " "), tmp_path / "copies") as copy:
        assert copy != film
        assert copy.read_bytes() == CONTENT
    assert film.exists()


def test_media_of_a_web_server(server, tmp_path):
    pytest.importorskip("aiohttp")
    with local_copy(f"{server}/Show%20S01E02.mkv?signature=x", tmp_path) as copy:
        assert (copy.name, copy.read_bytes()) == ("Show S01E02.mkv", CONTENT)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("missing.mp4", MediaNotFoundError, "does not exist"),
        ("broken.mp4", MediaUnreadableError, "cannot be read"),
        ("short.mp4", MediaUnreadableError, "short.mp4"),
    ],
)
def test_a_web_server_that_fails(server, tmp_path, name, error, words):
    pytest.importorskip("aiohttp")
    with pytest.raises(error, match=words), local_copy(f"{server}/{name}", tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there(memory, tmp_path):
    with (
        pytest.raises(MediaNotFoundError, match="does not exist"),
        local_copy("memory://films/gone.mp4", tmp_path),
    ):
        pass


def test_a_folder_is_no_film(memory, tmp_path):
    with pytest.raises(MediaUnreadableError), local_copy("memory://films", tmp_path):
        pass


def test_a_copy_that_is_shorter_than_stated(memory, tmp_path, monkeypatch):
    from fsspec.implementations.memory import MemoryFileSystem

    monkeypatch.setattr(MemoryFileSystem, "size", lambda self, path: len(CONTENT) + 1)
    with (
        pytest.raises(MediaUnreadableError, match="256,000 of 256,001 bytes"),
        local_copy(memory, tmp_path),
    ):
        pass


def test_a_kind_of_place_that_nothing_reads(tmp_path):
    pytest.importorskip("fsspec")
    with pytest.raises(ConfigError, match="nosuch"), local_copy("nosuch://a/b.mp4", tmp_path):
        pass


def test_without_fsspec_the_error_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with (
        pytest.raises(ConfigError, match=r"cinedex\[ray\]"),
        local_copy("memory://films/film.mp4", tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("s3://films/a.mp4", True),
        ("HTTP://host/a.mp4", True),
        ("/films/a.mp4", False),
        ("films://a.mp4", True),
        ("C:\\films\\a.mp4", False),
        ("c://films/a.mp4", False),
        ("a film: part 1.mp4", False),
    ],
)
def test_what_is_a_url(media, expected):
    assert is_url(media) is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("s3://bucket/x.mp4", "s3://bucket/x.mp4"),
        ("https://h/x.mp4?X-Amz-Date=1&X-Amz-Signature=2", "https://h/x.mp4"),
        ("https://h/x.mp4?sv=1&SIG=2", "https://h/x.mp4"),
        ("https://h/x.mp4?token=2", "https://h/x.mp4"),
        ("https://h/get?film=2", "https://h/get?film=2"),
        ("ftp://me:secret@h/x.mp4", "ftp://h/x.mp4"),
        ("/films/a?token=1.mp4", "/films/a?token=1.mp4"),
    ],
)
def test_what_is_shown_of_a_name(given, expected):
    assert shown(given) == expected
    path = shown_path(given)
    assert isinstance(path, Path)
    assert str(path) == str(pickle.loads(pickle.dumps(path))) == expected
    assert path.name == (name_of(expected) if is_url(given) else Path(given).name)
    assert path == shown_path(given)


def test_an_error_shows_no_signature(server, tmp_path):
    pytest.importorskip("aiohttp")
    with (
        pytest.raises(MediaUnreadableError) as raised,
        local_copy(f"{server}/broken.mp4?Signature=hush", tmp_path),
    ):
        pass
    assert "broken.mp4" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_a_name_cannot_lead_out_of_the_folder():
    assert name_of("https://host/a%2F..%2F..%2Fetc%2Fpasswd") == "passwd"
    assert name_of("https://host/..") == "media"
    assert name_of("https://host") == "media"
