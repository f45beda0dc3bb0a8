"""A stage key changes with what the stage depends on, and with nothing else."""

from dataclasses import replace

from indexer.options import IndexOptions
from indexer.stages import UPSTREAM, stage_keys

MODELS = {"speech": "whisper@1", "frames": "net@1", "embed": "minilm@1"}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {stage for stage in UPSTREAM if before[stage] != after[stage]}


def keys(content="c0ffee", options=None, models=MODELS, digests=None):
    return stage_keys(content, options or IndexOptions(), models, digests or {})


def test_the_same_facts_give_the_same_keys():
    assert keys() == keys()


def test_other_content_changes_every_key():
    assert changed(keys(), keys(content="decaf")) == set(UPSTREAM)


def test_a_new_text_encoder_redoes_embeddings_only():
    assert changed(keys(), keys(models={**MODELS, "embed": "minilm@2"})) == {"embed", "publish"}


def test_a_subtitle_file_added_later_is_read():
    added = changed(keys(), keys(digests={"film.srt": "aa"}))
    assert added == {"subtitles", "speech", "clips", "tags", "captions", "embed", "publish"}


def test_switching_speech_off_leaves_the_pictures_alone():
    silent = replace(IndexOptions(), speech=False)
    touched = changed(keys(), keys(options=silent))
    assert "speech" in touched
    assert not touched & {"probe", "shots", "frames", "subtitles", "screen_text"}
