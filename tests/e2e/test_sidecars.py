"""Subtitles beside a video are read, and noticed when they come later."""

import pytest

from cinedex.api import open_library
from store.records import EvidenceKind
from tests.e2e.conftest import cinedex
from tests.films import write_film

pytestmark = pytest.mark.weights

SUBTITLES = """1
00:00:00,500 --> 00:00:02,000
JON: We meet at the harbour.

2
00:00:02,500 --> 00:00:04,000
[door slams]
"""


def test_an_srt_added_later_is_read_and_found(pocket, tmp_path):
    film = write_film(tmp_path / "film.mp4", num_frames=125, sound_seconds=5.0)
    library = tmp_path / "library"
    assert cinedex("index", film, library=library).code == 0
    film.with_suffix(".en.srt").write_text(SUBTITLES, "utf-8")
    (again,) = cinedex("index", film, "--json", library=library).data["results"]
    assert again["state"] == "indexed"
    with open_library(library) as opened:
        (video,) = opened.videos()
        found = opened.store.evidence(video.video_id, kinds=[EvidenceKind.SUBTITLE])
        sounds = opened.store.evidence(video.video_id, kinds=[EvidenceKind.SOUND])
        (moment, *_) = opened.search("where do they meet")
    assert [(line.text, line.speaker, line.language) for line in found] == [
        ("We meet at the harbour.", "JON", "en")
    ]
    assert [sound.text for sound in sounds] == ["door slams"]
    assert moment.span.contains(1.0)
