from collections.abc import Sequence
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.frames import FrameStay
from indexer.interfaces import ScreenLine
from indexer.likeness import likeness
from indexer.payloads import unpack_values
from indexer.report import Stopwatch
from indexer.screen_findings import merge_readings
from indexer.screen_text import (
    Reading,
    ReadingOptions,
    TextFollower,
    with_stay,
)
from indexer.scripts import has_foreign_word
from indexer.studying import Look, TextStudy
from indexer.text_gate import glance, rolled_share, standing_share
from indexer.workbook import StageWork
from store.records import EvidenceKind
from store.timespan import TimeSpan

Picture = NDArray[np.uint8]


def card(text: str, *, ground: int = 20, size: int = 40, top: int = 150) -> Picture:
    image_module = pytest.importorskip("PIL.Image")
    draw_module = pytest.importorskip("PIL.ImageDraw")
    image = image_module.new("RGB", (640, 360), (ground,) * 3)
    draw_module.Draw(image).text((60, top), text, fill=(240, 240, 240), font_size=size)
    return np.array(image)


def line(text: str, top: float = 0.4, confidence: float = 0.9, left: float = 0.1) -> ScreenLine:
    return ScreenLine(text, confidence, (left, top, left + 0.3, top + 0.05))


class Recorder:
    """Reads the same line everywhere and counts how often it had to."""

    model_id = "recorder"
    scripts = frozenset({"Latin"})

    def __init__(self, *lines: ScreenLine) -> None:
        self.lines = list(lines)
        self.calls = 0
        self.known: list[Sequence[ScreenLine]] = []

    def read(self, picture: Picture, known: Sequence[ScreenLine] = ()) -> list[ScreenLine]:
        del picture
        self.calls += 1
        self.known.append(known)
        return self.lines


LETTERS = Random(0)
CREDITS = tuple("".join(LETTERS.choices("abcdefghijklmnopr", k=3 + n * 5 % 17)) for n in range(90))
LINE_PIXELS = 30


def credits_at(offset: int) -> Picture:
    """Draw what of the credits is on screen once they have rolled by so many pixels."""
    image_module = pytest.importorskip("PIL.Image")
    draw_module = pytest.importorskip("PIL.ImageDraw")
    image = image_module.new("RGB", (640, 360), (0, 0, 0))
    draw = draw_module.Draw(image)
    for number, name in enumerate(CREDITS):
        left = 40 + number * 137 % 210
        draw.text((left, number * LINE_PIXELS - offset), name, fill=(240,) * 3, font_size=22)
    return np.array(image)


class Pages:
    """Reads the rolling credits without fault where a line is whole."""

    model_id = "pages"

    def __init__(self) -> None:
        self.offset = 0
        self.known: list[Sequence[ScreenLine]] = []

    def read(self, picture: Picture, known: Sequence[ScreenLine] = ()) -> list[ScreenLine]:
        del picture
        self.known.append(known)
        tops = [(name, n * LINE_PIXELS - self.offset) for n, name in enumerate(CREDITS)]
        return [
            line(name, top / 360, confidence=1.0)
            for name, top in tops
            if 0 <= top <= 360 - LINE_PIXELS
        ]


@pytest.mark.parametrize("size", [16, 24, 60])
def test_the_gate_lets_written_pictures_through(size: int) -> None:
    assert glance(card("Leaving the ground", size=size)).looks_written


def test_the_gate_stops_what_has_no_letters() -> None:
    ramp = np.tile(np.linspace(0, 255, 640), (360, 1))
    assert not glance(np.repeat(ramp[:, :, None], 3, axis=2).astype(np.uint8)).looks_written
    assert not glance(np.zeros((360, 640, 3), dtype=np.uint8)).looks_written
    assert not glance(np.zeros((2, 2, 3), dtype=np.uint8)).looks_written


def test_a_glance_averages_blocks_and_tells_steps_up_from_steps_down() -> None:
    picture = np.zeros((4, 640, 3), dtype=np.uint8)
    picture[:, 100:104] = 200
    picture[0, 100, 1] = 240  # (200 + 2 * 240 + 200) / 4 = 220 in one of four pixels
    seen = glance(picture)
    assert seen.grey.shape == (2, 320)
    assert seen.grey[:, 50:52].tolist() == [[205, 200], [200, 200]]
    assert seen.strokes[0].nonzero()[0].tolist() == [49, 51]
    assert seen.strokes[0, [49, 51]].tolist() == [1, -1]
    assert seen.coarse.shape == (1, 20)
    assert seen.coarse[0, 3] == pytest.approx((205 + 3 * 200) / 32)


def test_strokes_stand_when_the_ground_moves_and_not_when_they_are_others() -> None:
    before = np.array([[1, 0, -1, 1, -1]], dtype=np.int8)
    busier = np.array([[1, 1, -1, 1, 0]], dtype=np.int8)
    assert standing_share(before, busier) == 0.75
    assert standing_share(before, -before) == 0
    assert standing_share(before, before[:, :4]) == 0
    assert standing_share(np.zeros_like(before), before) == 1


def test_a_roll_is_measured_in_heights_of_the_picture() -> None:
    first, second = (glance(credits_at(offset)) for offset in (100, 154))
    assert rolled_share(first, second) == pytest.approx(54 / 360, abs=1 / 180)
    assert rolled_share(second, first) == 1  # credits roll up
    assert rolled_share(first, glance(card("Something else"))) == 1


def test_a_standing_title_is_read_once() -> None:
    reader = Recorder(ScreenLine("Leaving the ground", 1.0, (0.09, 0.42, 0.65, 0.56)))
    follower = TextFollower(reader)
    readings = [follower.look(card("Leaving the ground"), float(at)) for at in range(5)]
    assert reader.calls == follower.read_frames == 1
    assert [reading.lines[0].text for reading in readings] == ["Leaving the ground"] * 5


def test_a_new_title_and_a_vanished_one_are_noticed() -> None:
    reader = Recorder(ScreenLine("Leaving the ground", 1.0, (0.09, 0.42, 0.65, 0.56)))
    follower = TextFollower(reader)
    follower.look(card("Leaving the ground"), 0.0)
    follower.look(card("What people keep today"), 1.0)
    assert reader.calls == 2
    assert follower.look(card(""), 2.0).lines == ()
    assert reader.calls == 2


def test_a_title_over_a_moving_ground_is_read_once() -> None:
    reader = Recorder(ScreenLine("Leaving the ground", 1.0, (0.09, 0.42, 0.65, 0.56)))
    follower = TextFollower(reader)
    for at in range(5):
        picture = card("Leaving the ground").astype(np.int16)
        columns = np.arange(640) + 9 * at
        picture += (20 * np.sin(columns / 15))[None, :, None].astype(np.int16)
        follower.look(picture.clip(0, 255).astype(np.uint8), float(at))
    assert reader.calls == 1


def test_a_pattern_that_is_no_text_is_read_ever_more_seldom() -> None:
    reader = Recorder()
    follower = TextFollower(reader)
    read_at = []
    for at in range(40):
        calls = reader.calls
        follower.look(card("|| ||| || |||| || ||| ||"), float(at))
        read_at += [at] * (reader.calls - calls)
    assert read_at == [0, 3, 9, 21, 33]  # waits of 3, 6, 12 and 12 looks


def test_a_card_behind_what_was_read_in_vain_is_read_at_its_only_look() -> None:
    reader = Recorder()
    follower = TextFollower(reader)
    for at in range(5):  # read at 0 and 3, and not again before 9
        follower.look(card("|| |||", ground=120), float(at))
    assert reader.calls == 2
    reader.lines = [line("FORECAST")]
    shown = follower.look(card("FORECAST\nthunder and wind", size=60), 5.0)
    assert shown.lines == (line("FORECAST"),)


def test_rolling_credits_are_read_a_page_at_a_time() -> None:
    reader = Pages()
    follower = TextFollower(reader)
    readings = []
    for at in range(60):
        reader.offset = 40 * at
        readings.append(follower.look(credits_at(reader.offset), float(at)))
    # A page is half a height of 360 pixels, and a look comes every 40: five looks a page.
    assert follower.read_frames == pytest.approx(60 / 5, abs=2)
    told = {line.text for reading in readings for line in reading.lines}
    assert set(CREDITS[: 59 * 40 // LINE_PIXELS]) <= told
    # What was on the page before and has rolled up is said to be known, where it stands now.
    for known, reading in zip(reader.known[1:], _changes(readings)[1:], strict=True):
        assert len(known) >= 3
        tops = {line.text: line.box[1] for line in reading.lines}
        assert all(line.box[1] == pytest.approx(tops[line.text], abs=0.01) for line in known)


def _changes(readings: Sequence[Reading]) -> list[Reading]:
    return [
        reading
        for before, reading in zip([None, *readings], readings, strict=False)
        if before is None or before.lines != reading.lines
    ]


def test_only_lines_that_were_read_surely_and_still_stand_are_known() -> None:
    above = ScreenLine("Leaving the ground", 1.0, (0.09, 0.10, 0.65, 0.24))
    unsure = ScreenLine("for the last tide", 0.9, (0.09, 0.42, 0.65, 0.56))
    other = ScreenLine("to be replaced", 1.0, (0.09, 0.70, 0.65, 0.85))
    reader = Recorder(above, unsure, other)
    follower = TextFollower(reader)
    pages = [
        card("Leaving the ground", top=40) | card("for the last tide") | card(last, top=260)
        for last in ("to be replaced", "by something else")
    ]
    follower.look(pages[0], 0.0)
    follower.look(pages[1], 1.0)
    assert reader.known == [[], [above]]


def test_more_text_than_the_budget_allows_is_put_off_and_counted() -> None:
    reader = Recorder(ScreenLine("one", 1.0, (0.0, 0.0, 0.1, 0.1)))
    # A reading of one line costs 2: the budget is 4 at first and 0.5 more with each second.
    follower = TextFollower(reader, ReadingOptions(first_lines=4.0, lines_per_second=0.5))
    for at in range(12):
        reader.lines = [ScreenLine(f"{at:x}" * 8, 1.0, (0.0, 0.0, 0.1, 0.1))]
        ground = 0 if at % 2 else 110
        follower.look(card(f"{at:x} unlike {at:x}" * 2, ground=ground), float(at))
    assert follower.read_frames == 5
    assert follower.put_off_looks == 7


def test_readings_of_one_text_become_one_finding() -> None:
    readings = [
        Reading(0.0, 0.0),
        Reading(1.0, 1.0, (line("Tab1e 7"),)),
        Reading(2.0, 2.0, (line("Table 7", confidence=0.99),)),
        Reading(3.0, 3.0, (line("Table 7", confidence=0.95),)),
        Reading(4.0, 4.0),
    ]
    (finding,) = merge_readings(readings, [], 1.0, 10.0, "reader@1")
    assert finding.kind is EvidenceKind.SCREEN_TEXT
    assert finding.text == "Table 7"
    assert finding.span == TimeSpan(0.5, 3.5)
    assert (finding.confidence, finding.source) == (0.99, "reader@1")


def test_a_text_overlooked_once_is_bridged_and_one_that_comes_back_is_told_again() -> None:
    text = (line("Launch Complex 40"),)
    readings = [Reading(float(at), float(at), text if at in (0, 2, 8) else ()) for at in range(10)]
    spans = [finding.span for finding in merge_readings(readings, [], 1.0, 10.0, "r")]
    assert spans == [TimeSpan(0, 2.5), TimeSpan(7.5, 8.5)]


def test_no_finding_reaches_over_a_cut() -> None:
    text = (line("KAPPERS"),)
    readings = [Reading(1.0, 1.0, text), Reading(2.2, 2.2, text)]
    spans = [finding.span for finding in merge_readings(readings, [2.0], 1.0, 2.5, "r")]
    assert spans == [TimeSpan(0.5, 1.5), TimeSpan(2.0, 2.5)]


def test_a_frame_that_stayed_makes_its_text_stay() -> None:
    reading = with_stay(Reading(0.0, 0.0, (line("PART ONE"),)), 4.0)
    (finding,) = merge_readings([reading], [], 1.0, 10.0, "r")
    assert finding.span == TimeSpan(0, 4.5)


def test_close_lines_are_one_text_and_far_ones_are_not() -> None:
    lines = (
        line("PART ONE", top=0.30),
        line("Leaving the ground", top=0.36),
        line("LIVE", top=0.9),
    )
    texts = {f.text for f in merge_readings([Reading(0.0, 0.0, lines)], [], 1.0, 10.0, "r")}
    assert texts == {"PART ONE Leaving the ground", "LIVE"}


def test_specks_are_dropped() -> None:
    assert merge_readings([Reading(0.0, 0.0, (line("."),))], [], 1.0, 10.0, "r") == []


def test_likeness_is_blind_to_case_spaces_and_marks() -> None:
    assert likeness("Hollis & Son", "HOLLIS  SON.") == 1.0
    assert likeness("abcd", "wxyz") == 0.0


def test_rapidocr_reads_a_card_in_order() -> None:
    from indexer.readers.rapidocr import RapidOcrReader

    read = RapidOcrReader().read(card("The rocket\nLaunch Complex 40"))
    assert [found.text for found in read] == ["The rocket", "Launch Complex 40"]
    assert all(0 <= side <= 1 for found in read for side in found.box)
    assert RapidOcrReader().read(np.zeros((90, 160, 3), dtype=np.uint8)) == []


def test_rapidocr_takes_the_wording_of_a_known_line_over_and_reads_the_rest() -> None:
    from indexer.readers.rapidocr import RapidOcrReader

    reader, picture = RapidOcrReader(), card("The rocket\nLaunch Complex 40")
    first, second = reader.read(picture)
    known = replace(first, text="THE ROCKET, AS READ BEFORE")
    elsewhere = replace(second, text="not here", box=(0.1, 0.7, 0.6, 0.8))
    read = reader.read(picture, [known, elsewhere])
    assert [found.text for found in read] == ["THE ROCKET, AS READ BEFORE", "Launch Complex 40"]


@pytest.mark.parametrize(
    ("text", "score", "width", "height", "taken"),
    [
        ("War and Peace", 1.0, 238, 36, "War and Peace"),
        ("T H E  E N D", 0.9, 240, 36, "T H E  E N D"),  # 6 letters in 6.7 heights
        ("七人の侍", 0.9, 150, 40, "七人の侍"),
        ("", 0.83, 238, 36, ""),  # as Cyrillic is read
        (", 12", 0.97, 180, 27, ""),  # with a number in it
        ("λασσα και η", 0.9, 200, 36, ""),
        ("TEΛOΣ", 0.92, 90, 40, ""),
        ("D7 DI7", 0.66, 110, 28, ""),  # Hebrew, as look-alikes
        ("C005 P0100 52", 0.678, 62, 13, None),  # too small to be read at all
        ("DUIvn", 0.361, 101, 32, None),  # letters that were only scribbled
        ("", 0.0, 177, 37, None),  # no letters at all
        ("fxPas", 0.632, 515, 151, None),  # too high for a line
        ("", 0.0, 575, 360, None),  # a whole picture
        ("H", 0.097, 78, 58, None),
    ],
)
def test_what_is_no_writing_that_the_model_knows_is_refused(text, score, width, height, taken):
    from indexer.readers.rapidocr import judge

    made = judge(text, score, (0.0, 0.0, width / 640, height / 360), (height, width))
    assert (made and made.text) == taken


def test_the_scripts_are_those_of_the_models_dictionary() -> None:
    from indexer.readers.rapidocr import RapidOcrReader

    reader = RapidOcrReader()
    reader.read(card("loaded"))
    known = reader._engine.text_rec.postprocess_op.character
    assert not any(has_foreign_word(letter * 3, reader.scripts) for letter in "aßあア語")
    for letter in "aßあア語":
        assert letter in known
    for letter in "ЖяΎώאبहกკ한":  # Greek only as far as formulas go
        assert letter not in known


@pytest.mark.parametrize(
    "text", ["Где ты была вчера вечером?", "Καλημέρα κόσμε", "გამარჯობა მსოფლიო"]
)
def test_writing_in_other_scripts_is_told_of_and_never_guessed_at(text: str) -> None:
    from indexer.readers.rapidocr import RapidOcrReader

    font_module = pytest.importorskip("PIL.ImageFont")
    draw_module = pytest.importorskip("PIL.ImageDraw")
    image = pytest.importorskip("PIL.Image").new("RGB", (640, 360), (20, 20, 20))
    try:
        font = font_module.truetype("DejaVuSans.ttf", 32)
    except OSError:
        pytest.skip("the font DejaVu Sans is not installed")
    draw_module.Draw(image).text((60, 280), text, font=font)
    assert [found.text for found in RapidOcrReader().read(np.array(image))] == [""]


def test_pictures_with_unknown_writing_are_counted_and_hold_no_lines() -> None:
    unknown = ScreenLine("", 0.9, (0.1, 0.8, 0.6, 0.9))
    reader = Recorder(unknown, ScreenLine("Kanal 7", 1.0, (0.8, 0.1, 0.9, 0.2)))
    follower = TextFollower(reader)
    read = [follower.look(card(f"Card {n} of many"), 10.0 * n) for n in range(3)]
    assert [[found.text for found in reading.lines] for reading in read] == [["Kanal 7"]] * 3
    assert follower.unknown_frames == follower.read_frames == reader.calls


# Read are looks 1 and 4: where nothing is read, it is tried ever more seldom.
@pytest.mark.parametrize(("num_looks", "is_told"), [(3, False), (4, True)])
def test_the_stage_tells_of_unknown_writing_that_is_more_than_noise(num_looks, is_told) -> None:
    kept: list[bytes] = []
    work = cast(StageWork, SimpleNamespace(left=(), finish=kept.append))
    study = TextStudy(work, Recorder(ScreenLine("", 0.9, (0.1, 0.8, 0.6, 0.9))), Stopwatch())
    looks = [Look(float(n), card(f"Card {n} of many")) for n in range(num_looks)]
    for look in looks:
        study.take([look], [True])
    study.finish([FrameStay(look.pts_seconds, look.pts_seconds) for look in looks])
    told = "2 pictures hold writing that the reader does not know; it knows Latin"
    assert unpack_values(kept[0])["skips"] == ([told] if is_told else [])


def test_lines_side_by_side_are_read_from_left_to_right() -> None:
    from indexer.readers.rapidocr import reading_order

    right, left, below = line("b", left=0.6), line("a", top=0.41), line("c", top=0.6)
    assert [found.text for found in reading_order([right, below, left])] == ["a", "b", "c"]
