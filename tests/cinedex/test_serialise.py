import json
from fractions import Fraction
from pathlib import Path

import pytest

from cinedex.serialise import to_json, to_plain
from store.records import Clip, Evidence, EvidenceKind, Video
from store.timespan import TimeSpan


def test_a_span_becomes_its_bounds() -> None:
    assert to_plain(TimeSpan(1.5, 2.0)) == {"start_seconds": 1.5, "end_seconds": 2.0}


def test_records_carry_their_ids() -> None:
    clip = Clip("abcdef0123456789", 3, TimeSpan(0, 4))
    evidence = Evidence(
        "abcdef0123456789", EvidenceKind.SPEECH, 2, 3, TimeSpan(0, 1), "hello", "whisper"
    )
    assert to_plain(clip)["clip_id"] == "abcdef012345/clip/3"
    assert to_plain(evidence)["evidence_id"] == "abcdef012345/speech/2"
    assert to_plain(evidence)["kind"] == "speech"


def test_a_frame_rate_stays_exact() -> None:
    video = Video("a" * 32, ("/x.mp4",), "x", 1.0, 10, frame_rate=Fraction(24000, 1001))
    assert to_plain(video)["frame_rate"] == "24000/1001"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="no form in JSON"):
        to_json({"score": [number]})


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        to_plain(object())


def test_a_name_that_is_no_unicode_survives() -> None:
    name = "film\udcff\n\u202e.mp4"
    written = to_json({"path": Path(name)})
    assert written.isascii()
    assert json.loads(written) == {"path": name}
