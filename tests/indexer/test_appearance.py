import numpy as np
import pytest

from indexer.appearance import (
    Appearance,
    AppearanceMeter,
    AppearanceTrack,
    Light,
    Motion,
    colour_shares,
)
from store.timespan import TimeSpan


def measured(*pictures: np.ndarray, rate: float = 4.0) -> Appearance:
    meter = AppearanceMeter()
    for index, picture in enumerate(pictures):
        meter.push(picture.astype(np.uint8), index / rate)
    return meter.appearance(TimeSpan(0, len(pictures) / rate))


def plain(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((54, 96, 3), (red, green, blue))


@pytest.mark.parametrize(
    ("rgb", "colour"),
    [
        ((220, 20, 20), "red"),
        ((240, 140, 20), "orange"),
        ((230, 220, 30), "yellow"),
        ((30, 160, 40), "green"),
        ((20, 200, 200), "cyan"),
        ((30, 60, 200), "blue"),
        ((140, 40, 200), "purple"),
        ((230, 40, 160), "pink"),
        ((110, 70, 30), "brown"),
    ],
)
def test_a_colour_fills_the_picture(rgb: tuple[int, int, int], colour: str) -> None:
    look = measured(plain(*rgb))
    assert look.dominant_colours() == (colour,)
    assert look.colours[colour] == 1
    assert not look.is_black_and_white


def test_grey_has_no_colour_and_dark_is_dark() -> None:
    assert measured(plain(128, 128, 128)).is_black_and_white
    assert measured(plain(10, 10, 10)).light is Light.DARK
    assert measured(plain(240, 240, 240)).light is Light.BRIGHT
    assert measured(plain(110, 110, 110)).light is Light.MEDIUM


def test_a_pale_picture_is_not_black_and_white() -> None:
    pale = measured(plain(130, 124, 120))
    assert not pale.is_black_and_white
    assert pale.dominant_colours() == ()
    assert pale.tint == pytest.approx(10 / 255)


def test_luma_weighs_green_most() -> None:
    assert measured(plain(0, 255, 0)).luma == pytest.approx(0.587, abs=1e-3)


def test_motion_is_told_by_how_much_of_the_picture_changes() -> None:
    still = plain(100, 100, 100)
    subject = still.copy()
    subject[:, :24] = 200  # a quarter of the picture
    assert measured(still, still, still).motion is Motion.STILL
    moving = measured(still, subject, still)
    assert (moving.moving_share, moving.motion) == (pytest.approx(0.25), Motion.SUBJECT)
    assert measured(still, still + 50, still).motion is Motion.CAMERA


def test_the_jump_into_a_stretch_is_not_its_motion() -> None:
    meter = AppearanceMeter()
    for at in range(8):
        meter.push(plain(200, 200, 200) if at >= 4 else plain(0, 0, 0), at / 4)
    assert meter.appearance(TimeSpan(1.0, 2.0)).motion is Motion.STILL


def test_a_stretch_between_two_samples_looks_like_the_one_before() -> None:
    meter = AppearanceMeter()
    meter.push(plain(200, 20, 20), 0.0)
    meter.push(plain(20, 20, 200), 0.25)
    assert meter.appearance(TimeSpan(0.1, 0.2)).dominant_colours() == ("red",)


def test_samples_that_were_kept_tell_the_same_as_those_just_measured() -> None:
    meter = AppearanceMeter()
    meter.push(plain(200, 20, 20), 0.0)
    meter.push(plain(20, 20, 200), 0.25)
    times, rows = meter.samples()
    assert (times.tolist(), rows.shape, rows.dtype) == ([0.0, 0.25], (2, 12), np.float32)
    span = TimeSpan(0.0, 0.5)
    assert AppearanceTrack(times, rows).appearance(span) == meter.appearance(span)


def test_samples_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"2 samples need \(2, 12\) rows"):
        AppearanceTrack(np.zeros(2), np.zeros((2, 11), dtype=np.float32))


def test_grass_is_green_and_dull_or_not_yellow() -> None:
    assert measured(plain(110, 105, 40)).dominant_colours() == ("green",)
    assert measured(plain(235, 215, 40)).dominant_colours() == ("yellow",)


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="no frame"):
        AppearanceMeter().appearance(TimeSpan(0, 1))


def test_shares_add_up_over_a_mixed_picture() -> None:
    pixels = np.array([[1, 0, 0], [0, 0, 1], [0.5, 0.5, 0.5], [0.02, 0, 0]], dtype=np.float32)
    shares = colour_shares(pixels)
    assert (shares["red"], shares["blue"], sum(shares.values())) == (0.25, 0.25, 0.5)
