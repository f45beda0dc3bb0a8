"""A stage key changes with what the stage depends on, and with nothing else."""

from dataclasses import replace

import pytest

from indexer.options import IndexOptions
from indexer.speech import SpeechMode
from indexer.stages import UPSTREAM, StageKeys, plan, stage_keys, with_dependants
from store.errors import ConfigError
from store.records import StageResult, StageState

MODELS = {"speech": "whisper@1", "frames": "net@1", "embed": "minilm@1"}


def changed(before: StageKeys, after: StageKeys) -> set[str]:
    return {stage for stage in UPSTREAM if before.keys[stage] != after.keys[stage]}


def keys(content="c0ffee", options=None, models=MODELS, files=None, name=None):
    return stage_keys(content, options or IndexOptions(), models, files or {}, name)


def kept(wanted, state=StageState.FINISHED, but=()):
    return {
        stage: StageResult(stage, wanted.keys[stage], state, 1, 0.5, "", wanted.facts[stage])
        for stage in UPSTREAM
        if stage not in but
    }


def planned(wanted, known, forced=()):
    return {part.stage: part.reason for part in plan(wanted, known, forced)}


def test_the_same_facts_give_the_same_keys():
    assert keys() == keys()


def test_other_content_changes_every_key():
    assert changed(keys(), keys(content="decaf")) == set(UPSTREAM)


def test_a_new_text_encoder_redoes_embeddings_and_what_is_made_of_them():
    assert changed(keys(), keys(models={**MODELS, "embed": "minilm@2"})) == {
        "embed",
        "summary",
        "publish",
    }


def test_a_subtitle_file_added_later_is_read():
    added = changed(keys(), keys(files={"subtitles": {"film.srt": "aa"}}))
    assert added == {"subtitles", "speech", "clips", "captions", "embed", "summary", "publish"}


def test_switching_speech_off_leaves_the_pictures_alone():
    silent = replace(IndexOptions(), speech=SpeechMode.OFF)
    touched = changed(keys(), keys(options=silent))
    assert "speech" in touched
    assert not touched & {"probe", "shots", "frames", "subtitles", "screen_text"}


def test_a_new_name_is_published_and_nothing_else():
    assert changed(keys(name={"title": "a"}), keys(name={"title": "b"})) == {"publish"}


def test_nothing_known_means_every_stage():
    assert list(planned(keys(), {})) == [stage for stage in UPSTREAM if stage != "probe"]
    assert set(planned(keys(), {}).values()) == {"not done yet"}


def test_what_was_killed_goes_on_and_what_has_finished_is_left_alone():
    wanted = keys()
    known = kept(wanted) | kept(wanted, StageState.RUNNING, but=set(UPSTREAM) - {"speech"})
    assert planned(wanted, {**known}) == {
        "speech": "interrupted",
        "publish": "done before the others",
    }


def test_a_new_captioner_redoes_captions_their_embeddings_and_publishes():
    before, now = keys(), keys(models={**MODELS, "captions": "poet@2"})
    assert planned(now, kept(before)) == {
        "captions": "model was , is poet@2",
        "embed": "uses captions",
        "summary": "uses captions, embed",
        "publish": "uses embed, summary",
    }


def test_the_reasons_name_files_and_options():
    before = keys(files={"subtitles": {"film.srt": "aa"}})
    now = keys(
        files={"subtitles": {"film.en.srt": "aa"}},
        options=replace(IndexOptions(), speech=SpeechMode.OFF),
    )
    reasons = planned(now, kept(before))
    assert reasons["subtitles"] == "film.en.srt is new; film.srt is gone"
    assert reasons["speech"] == "speech was gaps, is off"
    assert reasons["clips"] == "uses speech, subtitles"


def test_a_result_that_nobody_needs_is_not_made_again():
    wanted = keys()
    # Published with a text encoder that has changed since; the pictures' own results are there.
    known = kept(wanted, but={"probe"})
    assert planned(wanted, known) == {"publish": "done before the others"}


def test_a_library_from_before_there_were_summaries_gets_them_and_nothing_else():
    wanted = keys()
    before = {
        **wanted.facts["publish"],
        "upstream": {"embed": wanted.keys["embed"]},
    }
    publish = StageResult("publish", "older", StageState.FINISHED, 1, 0.5, "", before)
    assert planned(wanted, {**kept(wanted, but={"summary"}), "publish": publish}) == {
        "summary": "not done yet",
        "publish": "uses summary",
    }


def test_forcing_a_stage_forces_what_uses_it():
    assert with_dependants(["captions"]) == {"captions", "embed", "summary", "publish"}
    assert with_dependants(["all"]) == set(UPSTREAM)
    assert with_dependants([]) == set()
    wanted = keys()
    assert planned(wanted, kept(wanted), with_dependants(["tags"])) == dict.fromkeys(
        ("tags", "captions", "embed", "summary", "publish"), "asked for"
    )


def test_an_unknown_stage_is_named_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"no stage 'caption'; name one of probe, .*, or all"):
        with_dependants(["caption"])
