import pytest
from typer.testing import CliRunner

from cinedex.cli.app import app
from store.library import Library
from store.records import IndexedVideo, Skip, Video
from store.unheard import PARTLY

DEAF = "the sound is marked as 'de'"


def test_list_marks_videos_that_were_not_heard(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    videos = [
        Video("a" * 32, ("/films/a.mp4",), "Heard", 10.0, 1, audio_codec="aac"),
        Video("b" * 32, ("/b.mp4",), "Deaf", 9.0, 1, audio_codec="opus", skips=_skips(DEAF)),
        Video("c" * 32, ("/c.mp4",), "Also", 9.0, 1, audio_codec="mp3", skips=_skips(DEAF)),
        Video("e" * 32, ("/e.mp4",), "Half", 9.0, 1, audio_codec="mp3", skips=_skips(PARTLY + "x")),
        Video("d" * 32, ("/d.mp4",), "Mute", 9.0, 1, skips=_skips("no sound track")),
    ]
    with Library.create(tmp_path / "library") as library:
        for video in videos:
            library.publish(IndexedVideo(video, (), (), (), (), ()))
    finished = CliRunner().invoke(app, ["list", "--library", str(tmp_path / "library")])
    assert finished.exit_code == 0, finished.output
    lines = finished.output.splitlines()
    assert lines[-2:] == ["! speech partly heard in 1: x", f"! speech not heard in 2: {DEAF}"]
    rows = [line.split() for line in lines if line.strip().startswith(tuple("abcde"))]
    marked = {title: any(word.endswith("!") for word in row) for _, title, *row in rows}
    assert marked == {"Heard": False, "Deaf": True, "Also": True, "Half": True, "Mute": False}


def _skips(reason: str) -> tuple[Skip, ...]:
    return (Skip("speech", reason),)
