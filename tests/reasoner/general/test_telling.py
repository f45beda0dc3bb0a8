from reasoner.general.telling import in_time_order, text_for_model, text_for_people
from store.records import EvidenceKind
from tests.reasoner.general.films import BELL, BOAT, FERRY, FLOUR, MEETING, MILL, OIL, WHEEL, said

TITLES = {FERRY.video_id: FERRY.title, MILL.video_id: MILL.title}


def test_lines_are_told_video_by_video_in_time_order_and_once():
    lines = in_time_order([FLOUR, BELL, WHEEL, BOAT, BELL])
    assert lines == [WHEEL, FLOUR, BOAT, BELL]


def test_a_model_reads_titles_and_gaps():
    told = text_for_model([BOAT, OIL, MEETING, WHEEL], TITLES)
    assert told.split("\n") == [
        "[The Ferry]",
        BOAT.text,
        OIL.text,
        "[... 20 s later ...]",
        MEETING.text,
        "[The Mill]",
        WHEEL.text,
    ]


def test_of_one_video_the_title_goes_without_saying():
    assert text_for_model([BOAT, OIL], TITLES) == f"{BOAT.text}\n{OIL.text}"
    assert text_for_model([], {}) == ""


def test_people_read_when_and_how_it_is_known():
    card = said(FERRY, 0, 11.0, 14.0, "THE\nEND", 1, EvidenceKind.SCREEN_TEXT)
    assert text_for_people([OIL, card]) == f"0:05.0  {OIL.text}\n0:11.0  (written) THE END"


def test_lines_over_each_other_leave_no_gap():
    long = said(FERRY, 7, 0.0, 60.0, "A long look.", 0, EvidenceKind.CAPTION)
    assert "later" not in text_for_people([long, MEETING, BELL])
