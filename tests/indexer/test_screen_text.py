import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.interfaces import ScreenLine
from indexer.screen_findings import likeness, merge_readings
from indexer.screen_text import Reading, TextFollower, TextGate, with_stay
from store.records import EvidenceKind
from store.timespan import TimeSpan

Picture = NDArray[np.uint8]


def card(text: str, *, ground: int = 20, size: int = 40) -> Picture:
    image_module = pytest.importorskip("PIL.Image")
    draw_module = pytest.importorskip("PIL.ImageDraw")
    image = image_module.new("RGB", (640, 360), (ground,) * 3)
    draw_module.Draw(image).text((60, 150), text, fill=(240, 240, 240), font_size=size)
    return np.array(image)


def line(text: str, top: float = 0.4, confidence: float = 0.9, left: float = 0.1) -> ScreenLine:
    return ScreenLine(text, confidence, (left, top, left + 0.3, top + 0.05))


class Recorder:
    """Reads the same line everywhere and counts how often it had to."""

    model_id = "recorder"

    def __init__(self, *lines: ScreenLine) -> None:
        self.lines = list(lines)
        self.calls = 0

    def read(self, picture: Picture) -> list[ScreenLine]:
        del picture
        self.calls += 1
        return self.lines


@pytest.mark.parametrize("size", [16, 24, 60])
def test_the_gate_lets_written_pictures_through(size: int) -> None:
    assert TextGate().looks_written(card("Leaving the ground", size=size))


def test_the_gate_stops_what_has_no_letters() -> None:
    gate = TextGate()
    ramp = np.tile(np.linspace(0, 255, 640), (360, 1))
    assert not gate.looks_written(np.repeat(ramp[:, :, None], 3, axis=2).astype(np.uint8))
    assert not gate.looks_written(np.zeros((360, 640, 3), dtype=np.uint8))
    assert not gate.looks_written(np.zeros((2, 2, 3), dtype=np.uint8))


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


def test_a_pattern_that_is_no_text_is_not_read_at_every_look() -> None:
    reader = Recorder()
    follower = TextFollower(reader)
    for at in range(6):
        follower.look(card("|| ||| || |||| || ||| ||"), float(at))
    assert reader.calls == 2


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


def test_lines_side_by_side_are_read_from_left_to_right() -> None:
    from indexer.readers.rapidocr import reading_order

    right, left, below = line("b", left=0.6), line("a", top=0.41), line("c", top=0.6)
    assert [found.text for found in reading_order([right, below, left])] == ["a", "b", "c"]
