"""Films whose timestamps or headers lie by hours."""

import struct
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest

from indexer.media import AudioReader, decode_frames, probe
from store.errors import MediaDecodeError
from tests.films import number_in
from tests.marked_films import even_times, write_marked_film

TIMES = even_times(75)
# Whole milliseconds, and sound is padded to whole AAC frames of 1024 samples at 48 kHz.
NEAR_SECONDS = 0.03
HOUR = 3_600
# A packet or so to each cluster, so that one can be moved by itself.
ONE_EACH = {"cluster_time_limit": "1"}
# Clocks that begin here take four bytes in Matroska, and take four with some days more.
MOVED_SECONDS = Fraction(20_000)


def move_clusters(film, numbers, seconds):
    """Move the clusters ``numbers`` of a Matroska file (negative ones from the end)."""
    content = bytearray(film.read_bytes())
    marks = []
    at = -1
    while (at := content.find(b"\x1f\x43\xb6\x75", at + 1)) >= 0:
        marks.append(content.index(b"\xe7\x84", at) + 2)
    for number in numbers:
        mark = marks[number]
        (stamp,) = struct.unpack_from(">I", content, mark)
        struct.pack_into(">I", content, mark, stamp + 1_000 * seconds)
    film.write_bytes(content)


def state_duration(film, seconds):
    """Write another duration into the header of a Matroska file."""
    content = bytearray(film.read_bytes())
    struct.pack_into(">d", content, content.index(b"\x44\x89\x88") + 3, 1_000.0 * seconds)
    film.write_bytes(content)


def write_with_leap(path, track, first_number, seconds, **recipe):
    """Write a film of which the packets of some tracks are late from one on."""
    source = path.with_name("plain.mkv")
    write_marked_film(source, TIMES, sound_span=(0, 3), b_frames=0, **recipe)
    with av.open(str(source)) as plain, av.open(str(path), "w") as container:
        copies = {
            stream.index: container.add_stream_from_template(stream) for stream in plain.streams
        }
        packets = [packet for packet in plain.demux() if packet.dts is not None]
        counts = dict.fromkeys(copies, 0)
        for packet in packets:
            number = counts[packet.stream_index]
            counts[packet.stream_index] += 1
            seconds_in = float(packet.pts * packet.time_base)
            if track in (packet.stream.type, "both") and (
                number >= first_number if track != "both" else seconds_in >= first_number / 25
            ):
                leap = round(seconds / packet.time_base)
                packet.pts, packet.dts = packet.pts + leap, packet.dts + leap
            packet.stream = copies[packet.stream_index]
        container.mux(sorted(packets, key=lambda packet: packet.dts * packet.time_base))
    return path


def assert_three_seconds(film):
    frames = [(number_in(frame.picture()), frame.pts_seconds) for frame in decode_frames(film)]
    assert [number for number, _ in frames] == list(range(75))
    assert [seconds for _, seconds in frames] == pytest.approx(
        [number / 25 for number in range(75)], abs=1 / 25
    )
    reader = AudioReader(film)
    assert sum(len(samples) for _, samples in reader) == pytest.approx(
        3 * 16_000, abs=16_000 * NEAR_SECONDS
    )
    assert probe(film).duration_seconds == pytest.approx(3.0, abs=2 * NEAR_SECONDS)


@pytest.mark.parametrize("options", [{}, {"live": "1"}])
@pytest.mark.parametrize("number", [20, -20, -1])
@pytest.mark.parametrize("header_seconds", [None, 55 * HOUR])
def test_one_bad_timestamp_does_not_stretch_a_film(tmp_path, options, number, header_seconds):
    film = write_marked_film(
        tmp_path / "a.mkv",
        TIMES,
        sound_span=(0, 3),
        moved_seconds=MOVED_SECONDS,
        options={**ONE_EACH, **options},
    )
    move_clusters(film, [number], 55 * HOUR)
    if header_seconds and not options:
        state_duration(film, header_seconds)
    assert_three_seconds(film)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("track", ["video", "audio"])
@pytest.mark.parametrize("first_number", [40, 74])
def test_a_track_that_leaps_alone_is_called_back(tmp_path, name, track, first_number):
    # More than 12 hours do not fit into an MP4's 32 bits at 48 kHz.
    assert_three_seconds(write_with_leap(tmp_path / name, track, first_number, 10 * HOUR))


def test_a_pause_of_hours_that_both_tracks_make_is_silence_in_little_memory(tmp_path):
    film = write_with_leap(tmp_path / "a.mkv", "both", 40, 2 * HOUR)
    tracemalloc.start()
    num_samples = num_loud = 0
    for _, samples in AudioReader(film):
        num_samples += len(samples)
        num_loud += int(np.count_nonzero(samples))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert num_samples / 16_000 == pytest.approx(2 * HOUR + 3, abs=2 * NEAR_SECONDS)
    # All of it is 460 MB; a piece is 2 MB, and there are its parts and copies of it.
    assert peak_bytes < 12_000_000
    assert probe(film).duration_seconds == pytest.approx(2 * HOUR + 3, abs=2 * NEAR_SECONDS)


def test_a_clock_that_claims_weeks_is_named(tmp_path):
    film = write_with_leap(tmp_path / "a.mkv", "both", 40, 300 * HOUR)
    with pytest.raises(MediaDecodeError, match=r"a\.mkv has timestamps more than 200 hours apart"):
        probe(film)


@pytest.mark.parametrize("stated_seconds", [5, 40, 60, 90])
def test_a_header_that_is_wrong_about_the_length_is_not_believed(tmp_path, stated_seconds):
    film = write_marked_film(
        tmp_path / "a.mkv",
        even_times(300, Fraction(5)),
        rate=Fraction(5),
        sound_span=(0, 60),
    )
    state_duration(film, stated_seconds)
    assert probe(film).duration_seconds == pytest.approx(60, abs=NEAR_SECONDS)
    assert [frame.pts_seconds for frame in decode_frames(film)] == pytest.approx(
        [number / 5 for number in range(300)], abs=0.001
    )
    *_, (start_seconds, samples) = AudioReader(film)
    assert start_seconds + len(samples) / 16_000 == pytest.approx(60, abs=NEAR_SECONDS)
