from dataclasses import replace

import numpy as np

from store.library import Library
from store.records import StageRun
from store.wholes import content_digest, written_down


def parts(indexed):
    """Everything that can be compared; vectors as what is stored of them."""
    return [
        (part.space_id, part.clip_ordinal, part.span, part.evidence_id, part.vector.tolist())
        for part in indexed.embeddings
    ]


def test_what_was_published_is_read_whole(library, full_video):
    library.publish(full_video)
    whole = library.indexed_video(full_video.video.video_id)
    assert replace(whole, embeddings=()) == replace(full_video, embeddings=())
    assert parts(whole) == parts(full_video)


def test_two_libraries_that_know_the_same_say_the_same(library, full_video, make_video, tmp_path):
    library.publish(make_video("a", ["of old"]))
    library.publish(full_video)
    library.publish(make_video("a", ["red door", "blue door"]))
    with Library.create(tmp_path / "other") as other:
        other.publish(make_video("a", ["red door", "blue door"]))
        slower = tuple(
            StageRun(run.stage, run.key, run.seconds + 1) for run in full_video.stage_runs
        )
        other.publish(replace(full_video, stage_runs=slower))
        assert list(other.dump()) == list(library.dump())
        other.publish(make_video("a", ["red door", "blue doors"]))
        assert list(other.dump()) != list(library.dump())


def test_every_part_counts_in_the_digest_but_not_where_the_file_lies(full_video):
    known = content_digest(full_video, {})
    moved = replace(full_video, video=replace(full_video.video, paths=("/elsewhere.mkv",)))
    assert content_digest(moved, {}) == known
    first, *others = full_video.embeddings
    turned = replace(first, vector=np.roll(first.vector, 1))
    for change in (
        replace(full_video, video=replace(full_video.video, title="Another")),
        replace(full_video, clips=full_video.clips[:1]),
        replace(full_video, evidence=full_video.evidence[:1]),
        replace(full_video, embeddings=(turned, *others)),
        replace(full_video, stage_runs=full_video.stage_runs[:1]),
        replace(full_video, summaries=full_video.summaries[:1]),
    ):
        assert content_digest(change, {}) != known
    assert content_digest(full_video, {0: "x.jpg"}) != known


def test_what_is_written_down_holds_no_row_ids_or_seconds(full_video):
    for line in written_down(full_video, {}):
        assert '"id"' not in line
        assert '"seconds"' not in line
