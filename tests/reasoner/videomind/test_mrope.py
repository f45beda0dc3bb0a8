import json

import numpy as np
import pytest

from reasoner.videomind.mrope import VisionTokens, mrope_positions

START, IMAGE, VIDEO, SEGMENT = 1, 2, 3, 4
TOKENS = VisionTokens(start=START, image=IMAGE, video=VIDEO)


@pytest.fixture(scope="module")
def tokens(tiny_agent):
    ids = tiny_agent["id_mapping"]["real_ids"]
    return VisionTokens(ids["<|vision_start|>"], ids["<|image_pad|>"], ids["<|video_pad|>"])


def placed(arrays, case, tokens, mask=None):
    name = case["case"]
    return mrope_positions(
        arrays[f"{name}.ids"],
        tokens,
        video_grids=case["video_grid_thw"] or (),
        image_grids=case["image_grid_thw"] or (),
        attention_mask=mask,
    )


def test_positions_are_those_of_transformers_4_45(golden, tokens):
    arrays = np.load(golden / "videomind_mrope.npz")
    for case in json.loads((golden / "videomind_mrope.json").read_text("utf-8")):
        name = case["case"]
        if "error" in case:  # the reference stops where a video comes without a mask
            ones = np.ones_like(arrays[f"{name}.ids"])
            ours = placed(arrays, case, tokens)
            np.testing.assert_array_equal(ours.ids, placed(arrays, case, tokens, ones).ids)
            continue
        mask = arrays[f"{name}.mask"] if f"{name}.mask" in arrays.files else None
        ours = placed(arrays, case, tokens, mask)
        np.testing.assert_array_equal(ours.ids, arrays[f"{name}.pos"], err_msg=name)
        assert ours.deltas.tolist() == case["rope_delta"], name


def test_positions_of_the_tiny_agent_s_prompts(golden, tiny_agent):
    arrays = np.load(golden / "videomind_agent_tiny" / "io.npz")
    ids = tiny_agent["id_mapping"]["special"]
    tokens = VisionTokens(ids["<|vision_start|>"], ids["<|image_pad|>"], ids["<|video_pad|>"])
    for name, case in tiny_agent["cases"].items():
        prompts = [name] + [f"{name}.verifier.ps{v['ps']}_pe{v['pe']}" for v in case["verifier"]]
        for prompt in prompts:
            if f"{prompt}.position_ids" not in arrays.files:
                continue
            ours = mrope_positions(
                arrays[f"{prompt}.input_ids"].reshape(1, -1),
                tokens,
                video_grids=arrays[f"{name}.video_grid_thw"].tolist(),
            )
            np.testing.assert_array_equal(ours.ids[:, 0], arrays[f"{prompt}.position_ids"])


def test_text_goes_on_behind_the_last_time_step():
    ids = [[9, START, *[VIDEO] * 12, 8, 9]]
    positions = mrope_positions(ids, TOKENS, video_grids=[(3, 4, 4)])
    assert positions.ids[0, 0].tolist() == [0, 1, *[2] * 4, *[3] * 4, *[4] * 4, 5, 6]
    assert positions.ids[1, 0, 2:14].tolist() == [2, 2, 3, 3] * 3
    assert positions.ids[2, 0, 2:14].tolist() == [2, 3] * 6
    assert positions.deltas.tolist() == [7 - 16]


def test_a_segment_token_takes_a_place_of_the_grid():
    ids = [[START, *[VIDEO] * 4, SEGMENT, *[VIDEO] * 4, 9]]
    positions = mrope_positions(ids, TOKENS, video_grids=[(2, 4, 4)])
    # The grid's eight places are the first eight tokens, so the last video token is text.
    assert positions.ids[0, 0].tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4]


def test_a_segment_token_before_the_video_makes_text_of_it():
    ids = [[START, SEGMENT, *[VIDEO] * 4, 9]]
    positions = mrope_positions(ids, TOKENS, video_grids=[(1, 4, 4)])
    assert (positions.ids == np.arange(7)).all()
    assert positions.deltas.tolist() == [0]


@pytest.mark.parametrize(
    ("ids", "grids", "complaint"),
    [
        ([START, VIDEO, VIDEO, VIDEO, VIDEO], [], None),
        ([START, VIDEO, START, VIDEO], [(1, 2, 2)], "more videos"),
        ([START, VIDEO, VIDEO], [(1, 4, 4)], "need 5 tokens"),
        ([START, VIDEO, VIDEO, START, VIDEO], [(2, 4, 4), (1, 2, 2)], "not there"),
    ],
)
def test_ids_and_grids_that_disagree_are_refused(ids, grids, complaint):
    if complaint is None:  # without any grid the reference counts tokens
        assert mrope_positions([ids], TOKENS).ids[0, 0].tolist() == list(range(len(ids)))
        return
    with pytest.raises(ValueError, match=complaint):
        mrope_positions([ids], TOKENS, video_grids=grids)
