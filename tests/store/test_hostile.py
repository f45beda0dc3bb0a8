"""Names and texts that would like to be SQL, markup, operators or paths stay names and texts."""

from dataclasses import replace

import numpy as np
import pytest

from store.records import Scope, Skip
from store.repairing import repair_library

HOSTILE = [
    "'; DROP TABLE video; --",
    '" OR 1=1 --',
    "%' UNION SELECT * FROM answer --",
    "$$; DELETE FROM evidence; $$",
    ":p0 %(tokens)s {0} \\",
    "../../../../etc/passwd",
    "/etc/passwd\n[bold red]x[/]\x1b[2J<script>alert(1)</script>",
    "NEAR(a b) AND evidence_text : *",
    "COM1.. ",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "x" * 5000,
]
QUERY = np.array([[1, 0, 0, 0]], dtype=np.float32)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_found_and_removed_like_any_other(library, make_video, text, tmp_path):
    library.publish(make_video("b", ["innocent door"]))
    made = make_video(
        "a", [f"door {text}"], said_in=text, speaker=text, series=text, season=1, episode=1
    )
    video = replace(made.video, title=text, paths=(f"/films/{text}",), skips=(Skip(text, text),))
    library.publish(replace(made, video=video))
    before = {path for path in tmp_path.rglob("*") if "library" not in path.parts}

    assert library.video(text) == video
    [evidence] = library.evidence("a" * 32)
    assert (evidence.text, evidence.speaker, evidence.language) == (f"door {text}", text, text)
    for scope in (Scope(series=text), Scope(speaker=text), Scope(language=text)):
        assert [hit.evidence for hit in library.search_text(["door"], 9, scope)] == [evidence]
        [hits] = library.search_vectors("text:mini@1", QUERY, 9, scope, query_encoder_id="mini@1")
        assert [hit.evidence for hit in hits] == [evidence]
    library.search_text([text], 9, phrases=[text])
    assert library.search_text(["door"], 9, Scope(video_ids=(text,))) == []

    library.remove("a" * 32)
    assert [video.title for video in library.videos()] == ["Film b"]
    assert {path for path in tmp_path.rglob("*") if "library" not in path.parts} == before


@pytest.mark.parametrize("text", [*HOSTILE[:7], "", ".", "..", "a/b", "a\0b"])
def test_an_id_that_could_be_a_path_is_refused(library, make_video, text):
    made = make_video("a")
    clips = tuple(replace(clip, video_id=text) for clip in made.clips)
    evidence = tuple(replace(part, video_id=text) for part in made.evidence)
    changed = replace(
        made, video=replace(made.video, video_id=text), clips=clips, evidence=evidence
    )
    with pytest.raises(ValueError, match="a video id is letters"):
        library.publish(changed)


def test_what_a_database_cannot_carry_is_replaced_and_nothing_else(library, make_video):
    library.publish(make_video("a", ["nul\0 and half \ud83c a pair"], speaker="\udcff"))
    [evidence] = library.evidence("a" * 32)
    assert (evidence.text, evidence.speaker) == ("nul\ufffd and half ? a pair", "?")
    assert [hit.evidence for hit in library.search_text(["pair"], 9)] == [evidence]


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x/0-aa.jpg", "a/../../0-aa.jpg", "a/x.jpg"])
def test_a_catalogue_cannot_name_a_picture_elsewhere(library, full_video, sql, name):
    library.publish(full_video)
    sql(library, "UPDATE clip SET thumbnail = :name", name=name)
    assert library.thumbnail_path(full_video.clips[0]) is None
    assert library.indexed_video(full_video.video.video_id).thumbnails == ()


def test_a_repair_deletes_nothing_outside_the_library(library, full_video, sql, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "0-aa.jpg").write_bytes(b"holiday")
    library.publish(full_video)
    sql(library, "UPDATE video SET video_id = :place", place=str(pictures))
    root = library.root
    library.close()
    assert repair_library(root).lost
    assert (pictures / "0-aa.jpg").read_bytes() == b"holiday"
