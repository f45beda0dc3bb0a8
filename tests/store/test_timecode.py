from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.timecode import TimecodeError, frames_of, is_drop_frame, normal_timecode, timecode_of

NTSC = Fraction(30000, 1001)
RATES = [
    (Fraction(24), False),
    (Fraction(24000, 1001), False),
    (Fraction(25), False),
    (NTSC, False),
    (NTSC, True),
    (Fraction(30), False),
    (Fraction(50), False),
    (2 * NTSC, False),
    (2 * NTSC, True),
    (Fraction(60), False),
]


@pytest.mark.parametrize(
    ("timecode", "rate", "frames"),
    [
        ("00:00:00:00", Fraction(25), 0),
        ("00:00:01:00", Fraction(24000, 1001), 24),
        ("01:00:00:00", Fraction(24000, 1001), 86_400),
        ("01:00:00:00", NTSC, 108_000),
        # Two numbers fewer in each of 54 minutes.
        ("01:00:00;00", NTSC, 107_892),
        ("00:00:59;29", NTSC, 1_799),
        ("00:01:00;02", NTSC, 1_800),
        ("00:02:00;02", NTSC, 3_598),
        ("00:09:59;29", NTSC, 17_981),
        ("00:10:00;00", NTSC, 17_982),
        ("00:01:00;04", 2 * NTSC, 3_600),
        ("01:00:00;00", 2 * NTSC, 215_784),
        ("23:59:59;29", NTSC, 2_589_407),
    ],
)
def test_known_timecodes(timecode, rate, frames):
    assert frames_of(timecode, rate) == frames
    assert timecode_of(frames, rate, is_drop=is_drop_frame(timecode)) == timecode


@given(st.sampled_from(RATES), st.integers(0, 24 * 3600 * 24 - 1))
def test_there_and_back(kind, num_frames):
    rate, is_drop = kind
    assert frames_of(timecode_of(num_frames, rate, is_drop=is_drop), rate) == num_frames


@given(st.integers(0, 2_589_406), st.sampled_from([1, 2]))
def test_drop_frame_timecode_keeps_up_with_the_clock(num_frames, times):
    rate = times * NTSC
    hours, minutes, rest = timecode_of(num_frames, rate, is_drop=True).split(":")
    seconds, frames = rest.split(";")
    shown = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(frames) / (30 * times)
    # It is out by less than 2.6 frames a day and by two dropped numbers at the most.
    assert shown == pytest.approx(float(num_frames / rate), abs=0.2)


def test_a_day_goes_round():
    assert timecode_of(24 * 3600 * 25, Fraction(25)) == "00:00:00:00"
    assert timecode_of(-1, NTSC, is_drop=True) == "23:59:59;29"


@pytest.mark.parametrize(
    ("timecode", "rate"),
    [
        ("00:01:00;00", NTSC),
        ("00:01:00;01", NTSC),
        ("00:01:00;03", 2 * NTSC),
        ("00:00:00:25", Fraction(25)),
        ("00:60:00:00", Fraction(25)),
        ("24:00:00:00", Fraction(25)),
        ("01:00:00;00", Fraction(25)),
        ("01:00:00;00", Fraction(30)),
        ("noon", Fraction(25)),
        ("00:00:00:00", Fraction(1, 10)),
    ],
)
def test_what_is_no_timecode(timecode, rate):
    with pytest.raises(TimecodeError):
        frames_of(timecode, rate)
    assert normal_timecode(timecode, rate) is None


def test_other_ways_of_writing():
    assert normal_timecode(" 1:00:00.02 ", NTSC) == "01:00:00;02"
    assert normal_timecode("01:00:00:02", None) == "01:00:00:02"
