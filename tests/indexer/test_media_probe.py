import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from indexer.media import probe
from store.errors import (
    MediaDecodeError,
    MediaNotFoundError,
    MediaUnreadableError,
    NotAVideoError,
)
from tests.films import (
    write_film,
    write_rotated_film,
    write_song_with_cover,
    write_truncated_film,
)

# An AAC frame is 1024 samples at 48 kHz: sound is padded to a whole one, and to 1 ms in Matroska.
ONE_SOUND_FRAME = 0.03


def test_a_plain_film(tmp_path):
    media = probe(write_film(tmp_path / "a.mp4", sound_seconds=2.0, language="fra"))
    assert media.duration_seconds == pytest.approx(2.0, abs=ONE_SOUND_FRAME)
    assert media.frame_rate == 25
    assert (media.width_pixels, media.height_pixels, media.rotation_degrees) == (160, 96, 0)
    assert (media.video_codec, media.audio_codec) == ("h264", "aac")
    assert media.audio_language == "fr"
    assert media.start_timecode is None
    assert not media.is_variable_frame_rate
    assert media.has_picture
    assert media.has_sound


def test_ntsc_rate_is_an_exact_fraction(tmp_path):
    media = probe(write_film(tmp_path / "a.mp4", rate=Fraction(30000, 1001)))
    assert media.frame_rate == Fraction(30000, 1001)
    assert not media.is_variable_frame_rate


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_start_timecode(tmp_path, name):
    film = write_film(tmp_path / name, timecode="01:00:00:00")
    assert probe(film).start_timecode == "01:00:00:00"


def test_variable_frame_rate_is_hinted(tmp_path):
    times = [0, 0.04, 0.08, 0.5, 0.52, 1.0, 2.0, 2.1]
    media = probe(write_film(tmp_path / "a.mkv", frame_times=times, b_frames=0))
    assert media.is_variable_frame_rate
    assert media.duration_seconds == pytest.approx(2.1, abs=0.05)


@pytest.mark.parametrize(("degrees", "size"), [(90, (96, 160)), (180, (160, 96)), (270, (96, 160))])
def test_size_of_a_rotated_film_is_as_displayed(tmp_path, degrees, size):
    media = probe(write_rotated_film(tmp_path / "a.mp4", degrees))
    assert (media.width_pixels, media.height_pixels) == size
    assert media.rotation_degrees == degrees


def test_a_film_without_sound(tmp_path):
    media = probe(write_film(tmp_path / "a.mp4"))
    assert not media.has_sound
    assert media.audio_language is None


def test_sound_without_picture(tmp_path):
    media = probe(write_film(tmp_path / "a.mp4", num_frames=0, sound_seconds=2.0))
    assert not media.has_picture
    assert media.frame_rate is media.width_pixels is media.height_pixels is None
    assert media.duration_seconds == pytest.approx(2.0, abs=ONE_SOUND_FRAME)


def test_cover_art_is_no_picture(tmp_path):
    media = probe(write_song_with_cover(tmp_path / "a.m4a"))
    assert media.has_sound
    assert not media.has_picture


def test_a_film_two_pixels_wide(tmp_path):
    media = probe(write_film(tmp_path / "a.mp4", size=(2, 96)))
    assert (media.width_pixels, media.height_pixels) == (2, 96)


def test_a_container_that_states_no_duration_is_measured(tmp_path):
    # What a browser records: Matroska written live, without length or index.
    film = write_film(tmp_path / "a.mkv", options={"live": "1"})
    assert probe(film).duration_seconds == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("name", ["a.txt", "a.avi", "a", 'it\'s "a" 🎬\nfilm: concat:b.mp4'])
def test_the_name_does_not_matter(tmp_path, name):
    film = write_film(tmp_path / "plain.mp4").rename(tmp_path / name)
    assert probe(film).duration_seconds == pytest.approx(2.0)


def test_no_bytes_are_said_to_be_none(tmp_path):
    film = tmp_path / "a.mp4"
    film.touch()
    with pytest.raises(NotAVideoError, match=r"a\.mp4 is empty \(0 bytes\)"):
        probe(film)


@pytest.mark.parametrize("name", ["a.mp4", "a.txt", "a.mkv"])
def test_text_is_no_video(tmp_path, name):
    film = tmp_path / name
    film.write_text("A text file.\n" * 100, encoding="utf-8")
    with pytest.raises(NotAVideoError, match="not in a video format"):
        probe(film)


def test_a_playlist_does_not_open_other_files(tmp_path):
    write_film(tmp_path / "secret.mp4")
    playlist = tmp_path / "a.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2,\nsecret.mp4\n")
    with pytest.raises(NotAVideoError):
        probe(playlist)


def test_noise_is_no_video(tmp_path):
    film = tmp_path / "a.mp4"
    film.write_bytes(np.random.default_rng(0).bytes(50_000))
    with pytest.raises(NotAVideoError):
        probe(film)


def test_a_directory_is_no_video(tmp_path):
    with pytest.raises(NotAVideoError, match="not a file"):
        probe(tmp_path)


def test_a_missing_file(tmp_path):
    with pytest.raises(MediaNotFoundError, match="does not exist"):
        probe(tmp_path / "gone.mp4")


def test_an_mp4_without_its_index(tmp_path):
    film = write_truncated_film(tmp_path / "a.mp4", index_first=False)
    with pytest.raises(MediaDecodeError, match="cut off before its index"):
        probe(film)


def test_an_mp4_without_a_single_frame(tmp_path):
    film = write_truncated_film(tmp_path / "a.mp4", share=1.0)
    content = film.read_bytes()
    film.write_bytes(content[: content.index(b"mdat") + 8])
    with pytest.raises(MediaDecodeError, match="no frame can be decoded"):
        probe(film)


_PROBE_AS_NOBODY = """
import os, sys
from pathlib import Path
from indexer.media import probe
from store.errors import MediaError
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    probe(Path(sys.argv[1]))
except MediaError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="permission bits are a POSIX notion")
def test_a_file_without_read_permission(tmp_path):
    film = write_film(tmp_path / "a.mp4", num_frames=3)
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    film.chmod(0)
    # The super-user reads anything, so another user must try.
    told = subprocess.run(
        [sys.executable, "-c", _PROBE_AS_NOBODY, str(film)], capture_output=True, text=True
    )
    assert told.stdout.startswith(MediaUnreadableError.__name__), told.stderr
    assert "check its permissions" in told.stdout
