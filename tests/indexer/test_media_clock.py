"""Seconds that are reported against what is seen and heard at them."""

from fractions import Fraction

import av
import pytest

from indexer.media import AudioReader, FrameReader, RandomAccessFrames, decode_frames, probe
from tests.films import number_in, numbered_picture, write_truncated_film
from tests.marked_films import even_times, heard_beeps, write_marked_film
from tests.mp4_edits import EMPTY, write_edits

RATE_HERTZ = 16_000
# Whole milliseconds in Matroska and FLV, ticks of 1/90000 s in transport streams, and the finding
# of a beep in coded sound: far below a frame, which is 17 ms at the least.
NEAR_SECONDS = 0.003
# Sound is padded to whole AAC frames of 1024 samples at 48 kHz.
ONE_SOUND_FRAME = 0.0215
NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)
TIMES = even_times(75)
BEEPS = [0.5, 1.0, 1.5, 2.0, 2.5]
OPEN_GROUPS = {"x264-params": "open-gop=1:bframes=3:b-adapt=0:scenecut=0:keyint=12"}
# One tick and long holds.
UNEVEN_TICKS = [1, 1, 2, 1, 5, 1, 1, 1, 40, 1, 2, 2]
UNEVEN_TIMES = [
    Fraction(sum(UNEVEN_TICKS) * (number // 12) + sum(UNEVEN_TICKS[: number % 12]), 50)
    for number in range(48)
]
CLOCK = Fraction(1, 90_000)
WRAP_SECONDS = 2**33 * CLOCK
PRIMING_SECONDS = 1024 / 48_000


def seen(path):
    """``(number, seconds)`` of every frame, which must be the one that seeking finds there."""
    frames = [(number_in(frame.picture()), frame.pts_seconds) for frame in decode_frames(path)]
    instants = [seconds + NEAR_SECONDS / 2 for _, seconds in reversed(frames)]
    found = [number_in(picture) for picture in RandomAccessFrames().frames_at(path, instants)]
    assert found == [number for number, _ in reversed(frames)]
    return frames


def heard(path):
    """Beeps in seconds, and where the sound ends."""
    reader = AudioReader(path, chunk_seconds=1_000)
    return [
        beep for start, samples in reader for beep in heard_beeps(start, samples, RATE_HERTZ)
    ], reader.end_seconds


def assert_in_step(
    path,
    times,
    beeps,
    *,
    starts_at=0.0,
    first_number=0,
    num_frames=None,
    last_seconds=1 / 25,
):
    """Compare pictures and sound with when they were meant, moved by the same amount."""
    frames = seen(path)
    num_frames = len(times) - first_number if num_frames is None else num_frames
    assert [number for number, _ in frames] == list(range(first_number, first_number + num_frames))
    moved = starts_at - float(times[first_number])
    assert [seconds for _, seconds in frames] == pytest.approx(
        [float(times[number]) + moved for number, _ in frames], abs=NEAR_SECONDS
    )
    instants, sound_end = heard(path)
    end_seconds = frames[-1][1] + last_seconds
    assert instants == pytest.approx([beep + moved for beep in beeps], abs=NEAR_SECONDS)
    assert probe(path).duration_seconds == pytest.approx(
        max(end_seconds, sound_end), abs=ONE_SOUND_FRAME
    )


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize(
    ("name", "starts_at", "recipe"),
    [
        ("a.mp4", 0.0, {}),
        ("a.mov", 0.0, {}),
        ("a.mkv", 0.0, {}),
        # Nothing says that the run-in of the sound is to be dropped, so it is what comes first.
        ("a.ts", PRIMING_SECONDS, {}),
        ("a.flv", PRIMING_SECONDS, {}),
        ("a.mp4", 0.0, {"codec": "mpeg4"}),
        ("a.webm", 0.0, {"codec": "libvpx-vp9", "sound_codec": "libopus"}),
        ("a.mxf", 0.0, {"codec": "mpeg2video", "sound_codec": "pcm_s16le"}),
    ],
)
def test_reordered_frames_and_sound_are_in_step(tmp_path, name, starts_at, recipe, b_frames):
    film = write_marked_film(
        tmp_path / name, TIMES, beeps=BEEPS, sound_span=(0, 3), b_frames=b_frames, **recipe
    )
    assert_in_step(film, TIMES, BEEPS, starts_at=starts_at)


def test_a_programme_stream_with_reordered_frames(tmp_path):
    film = write_marked_film(
        tmp_path / "a.mpg",
        TIMES,
        beeps=BEEPS,
        sound_span=(0, 3),
        codec="mpeg2video",
        sound_codec="mp2",
    )
    # The coder of the sound runs in for 481 samples. Without B frames this writer now and then
    # stamps a packet for the picture after the first that begins in it, and no reader can tell.
    assert_in_step(film, TIMES, BEEPS, starts_at=481 / 48_000)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_an_avi_is_out_of_step_by_less_than_a_frame(tmp_path, codec):
    # It has no presentation times, and the writer cannot delay its sound with its pictures.
    film = write_marked_film(
        tmp_path / "a.avi", TIMES, beeps=BEEPS, sound_span=(0, 3), codec=codec, sound_codec="mp3"
    )
    delay = seen(film)[0][1]
    assert [number for number, _ in seen(film)] == list(range(75))
    assert heard(film)[0] == pytest.approx([beep + delay for beep in BEEPS], abs=1 / 25)


@pytest.mark.parametrize(("name", "starts_at"), [("a.mp4", 0), ("a.mkv", 0), ("a.ts", 0.0213)])
def test_open_groups_of_pictures(tmp_path, name, starts_at):
    film = write_marked_film(
        tmp_path / name,
        TIMES,
        beeps=BEEPS,
        sound_span=(0, 3),
        b_frames=3,
        codec_options=OPEN_GROUPS,
    )
    assert_in_step(film, TIMES, BEEPS, starts_at=starts_at)


@pytest.mark.parametrize(("name", "starts_at"), [("a.mp4", 0), ("a.mkv", 0), ("a.ts", 0.0213)])
def test_variable_rate_with_long_holds(tmp_path, name, starts_at):
    film = write_marked_film(
        tmp_path / name, UNEVEN_TIMES, beeps=BEEPS, sound_span=(0, 4.6), tick=CLOCK
    )
    # Only MP4 says how long the last frame stays: its writer takes the longest step between
    # decoding times. The others leave it open, and it is taken for one of the shortest.
    last_seconds = 0.76 if name == "a.mp4" else 1 / 50
    assert_in_step(film, UNEVEN_TIMES, BEEPS, starts_at=starts_at, last_seconds=last_seconds)
    assert probe(film).is_variable_frame_rate


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_sound_that_starts_late(tmp_path, name):
    film = write_marked_film(tmp_path / name, TIMES, beeps=BEEPS[1:], sound_span=(0.5, 3))
    assert_in_step(film, TIMES, BEEPS[1:])


@pytest.mark.parametrize(("name", "starts_at"), [("a.mp4", 0.4), ("a.mkv", 0.4), ("a.ts", 0.4213)])
def test_sound_that_starts_early(tmp_path, name, starts_at):
    times = [seconds + Fraction(2, 5) for seconds in TIMES]
    film = write_marked_film(tmp_path / name, times, beeps=BEEPS, sound_span=(0, 3))
    assert_in_step(film, times, BEEPS, starts_at=starts_at)


@pytest.mark.parametrize("runs", [Fraction(1005, 1000), Fraction(995, 1000)])
def test_sound_whose_clock_runs_at_another_speed(tmp_path, runs):
    times, beeps = even_times(250), [1.0, 3.0, 5.0, 7.0, 9.0]
    film = write_marked_film(
        tmp_path / "a.mkv", times, beeps=beeps, sound_span=(0, 9.9), sound_clock_runs=runs
    )
    # A frame at 59.94 a second.
    assert heard(film)[0] == pytest.approx([beep * float(runs) for beep in beeps], abs=0.0167)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts"])
def test_a_film_whose_clock_does_not_start_at_nothing(tmp_path, name):
    film = write_marked_film(
        tmp_path / name, TIMES, beeps=BEEPS, sound_span=(0, 3), moved_seconds=Fraction(10)
    )
    assert_in_step(film, TIMES, BEEPS, starts_at=0.0 if name == "a.mkv" else PRIMING_SECONDS)


@pytest.mark.parametrize(
    ("before_wrap", "starts_at"),
    # Where the clock is about to wrap it counts from below 0, and there the run-in is dropped.
    [(-1, PRIMING_SECONDS), (1, 0.0), (2, 0.0), (100, PRIMING_SECONDS)],
)
def test_a_transport_clock_that_wraps(tmp_path, before_wrap, starts_at):
    film = write_marked_film(
        tmp_path / "a.ts",
        TIMES,
        beeps=BEEPS,
        sound_span=(0, 3),
        tick=CLOCK,
        moved_seconds=WRAP_SECONDS - before_wrap,
    )
    assert_in_step(film, TIMES, BEEPS, starts_at=starts_at)


@pytest.mark.parametrize("sound_end", [3.0, 2.6])
@pytest.mark.parametrize("clocks", [(0, 0), (0, 2), (100, 10), (10, 100), (36_000, 0), (0, 36_000)])
def test_a_recording_whose_clock_was_set_anew_goes_on(tmp_path, clocks, sound_end):
    part, film = tmp_path / "part.ts", tmp_path / "a.ts"
    content = b""
    for seconds in clocks:
        write_marked_film(
            part, TIMES, beeps=BEEPS, sound_span=(0, sound_end), moved_seconds=Fraction(seconds)
        )
        content += part.read_bytes()
    film.write_bytes(content)
    frames, (instants, sound_end) = seen(film), heard(film)
    assert [number for number, _ in frames] == [*range(75), *range(75)]
    second = frames[75:]
    # The new part begins where the longest track of the old one ends.
    assert second[0][1] == pytest.approx(3.0, abs=2 * ONE_SOUND_FRAME)
    for part_frames, part_beeps in ((frames[:75], instants[:5]), (second, instants[5:])):
        moved = part_frames[0][1]
        assert [seconds - moved for _, seconds in part_frames] == pytest.approx(
            [float(seconds) for seconds in TIMES], abs=NEAR_SECONDS
        )
        assert [beep - moved for beep in part_beeps] == pytest.approx(BEEPS, abs=NEAR_SECONDS)
    end_seconds = max(frames[-1][1] + 1 / 25, sound_end)
    assert probe(film).duration_seconds == pytest.approx(end_seconds, abs=NEAR_SECONDS)


def test_a_pause_of_one_track_is_no_splice(tmp_path):
    # 15 s without a picture while the sound goes on.
    times = [*TIMES[:25], *(seconds + 15 for seconds in TIMES[25:])]
    beeps = [0.5, 8.0, 17.0]
    film = write_marked_film(tmp_path / "a.ts", times, beeps=beeps, sound_span=(0, 18), tick=CLOCK)
    assert_in_step(film, times, beeps, starts_at=PRIMING_SECONDS)


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize(
    ("picture", "sound", "expected"),
    [
        # Picture that starts late; sound that starts late; both, and then nothing is shown first.
        ([(0.5, EMPTY), (3.0, 0.0)], [(3.0, 0.0)], {"starts_at": 0.5, "beeps_moved": -0.5}),
        ([(3.0, 0.0)], [(0.5, EMPTY), (3.0, 0.0)], {"beeps_moved": 0.5}),
        ([(0.5, EMPTY), (3.0, 0.0)], [(0.5, EMPTY), (3.0, 0.0)], {}),
        # The beginning cut off: at a frame in a group of pictures, and of the sound alone.
        ([(2.6, 0.4)], [(2.6, 0.4)], {"first_number": 10}),
        ([(3.0, 0.0)], [(2.6, 0.4)], {"beeps_moved": -0.4}),
        # The end cut off.
        ([(2.2, 0.0)], [(2.2, 0.0)], {"num_frames": 55, "beeps": BEEPS[:4]}),
    ],
)
def test_edit_lists(tmp_path, picture, sound, expected, b_frames):
    film = write_marked_film(
        tmp_path / "a.mp4", TIMES, beeps=BEEPS, sound_span=(0, 3), b_frames=b_frames
    )
    # The track's own clock begins with what the decoder needs and nobody is shown.
    delay = 0.08 if b_frames else 0.0
    write_edits(film, b"vide", _into(picture, delay))
    write_edits(film, b"soun", _into(sound, PRIMING_SECONDS))
    expected = dict(expected)
    moved = expected.pop("beeps_moved", 0.0)
    beeps = [beep + moved for beep in expected.pop("beeps", BEEPS)]
    assert_in_step(film, TIMES, beeps, **expected)


def _into(edits, delay):
    return [(duration, start if start is EMPTY else start + delay) for duration, start in edits]


def test_an_edit_list_that_leaves_out_the_middle(tmp_path):
    film = write_marked_film(tmp_path / "a.mp4", TIMES, beeps=BEEPS, sound_span=(0, 3), b_frames=0)
    write_edits(film, b"vide", [(1.0, 0.0), (1.0, 2.0)])
    write_edits(film, b"soun", _into([(1.0, 0.0), (1.0, 2.0)], PRIMING_SECONDS))
    frames = seen(film)
    assert [number for number, _ in frames] == [*range(25), *range(50, 75)]
    assert [seconds for _, seconds in frames] == pytest.approx([n / 25 for n in range(50)])
    assert heard(film)[0][0] == pytest.approx(0.5, abs=NEAR_SECONDS)
    assert heard(film)[0][-1] == pytest.approx(1.5, abs=NEAR_SECONDS)
    assert probe(film).duration_seconds == pytest.approx(2.0, abs=ONE_SOUND_FRAME)


@pytest.mark.parametrize(("name", "rate"), [("a.mp4", FILM), ("a.mkv", NTSC), ("a.ts", FILM)])
def test_the_error_of_a_fractional_rate_does_not_grow(tmp_path, name, rate):
    film = write_long_film(tmp_path / name, rate, minutes=11)
    with FrameReader(film) as reader:
        for frame in reader:
            assert frame.pts_seconds == pytest.approx(float(frame.index / rate), abs=NEAR_SECONDS)
    last = frame.index
    assert last / rate > 11 * 60
    assert reader.end_seconds == pytest.approx(float((last + 1) / rate), abs=NEAR_SECONDS)
    assert probe(film).duration_seconds == pytest.approx(reader.end_seconds, abs=NEAR_SECONDS)
    if name == "a.ts":
        return  # It is decoded in order, and that was just done.
    numbers = [last, 3, last // 2]
    instants = [float((number + Fraction(1, 2)) / rate) for number in numbers]
    pictures = RandomAccessFrames(use_decord=False).frames_at(film, instants)
    assert [number_in(picture) for picture in pictures] == [
        number % LOOPED_FRAMES for number in numbers
    ]


LOOPED_FRAMES = 600


def write_long_film(path, rate, minutes):
    """Encode some frames once and write their packets over and over; they number on."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height, video.pix_fmt = 80, 48, "yuv420p"
        video.gop_size, video.codec_context.max_b_frames = 60, 2
        video.options = {"preset": "ultrafast", "crf": "16", "x264-params": "open-gop=0"}
        packets = []
        for number in range(LOOPED_FRAMES):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number, 80, 48), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            packets += video.encode(frame)
        packets += video.encode(None)
        stamps = [(bytes(p), p.pts, p.dts, p.is_keyframe) for p in packets]
        for first in range(0, int(minutes * 60 * rate) + LOOPED_FRAMES, LOOPED_FRAMES):
            for content, pts, dts, is_key in stamps:
                packet = av.Packet(content)
                packet.stream, packet.time_base, packet.duration = video, 1 / rate, 1
                packet.pts, packet.dts, packet.is_keyframe = pts + first, dts + first, is_key
                container.mux(packet)
    return path


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_film_that_was_cut_off_is_as_long_as_what_is_left(tmp_path, share):
    film = write_truncated_film(tmp_path / "a.mp4", share, sound_seconds=8.0)
    with FrameReader(film) as reader:
        for _ in reader:
            pass
    end_seconds = max(reader.end_seconds, heard(film)[1])
    assert end_seconds < 7.9
    assert probe(film).duration_seconds == pytest.approx(end_seconds, abs=1 / 25)


@pytest.mark.parametrize(
    ("name", "rate", "timecode"),
    [
        ("a.mov", NTSC, "01:00:00;00"),
        ("a.mp4", NTSC, "01:00:00;00"),
        ("a.mkv", NTSC, "01:00:00;00"),
        ("a.mxf", NTSC, "01:00:00;00"),
        ("a.mov", NTSC, "01:00:00:00"),
        ("a.mxf", NTSC, "01:00:00:00"),
        ("a.mov", FILM, "23:59:59:23"),
        ("a.mkv", Fraction(25), "10:00:00:24"),
    ],
)
def test_start_timecode_is_kept_and_moves_nothing(tmp_path, name, rate, timecode):
    recipe = {"codec": "mpeg2video", "sound_codec": "pcm_s16le"} if name == "a.mxf" else {}
    times = even_times(60, rate)
    film = write_marked_film(
        tmp_path / name,
        times,
        beeps=BEEPS[:3],
        sound_span=(0, 2),
        rate=rate,
        timecode=timecode,
        **recipe,
    )
    assert probe(film).start_timecode == timecode
    assert_in_step(film, times, BEEPS[:3])


def test_a_start_timecode_that_cannot_be_is_none(tmp_path):
    film = write_marked_film(tmp_path / "a.mkv", TIMES[:5], timecode="10:00:00:25")
    assert probe(film).start_timecode is None
