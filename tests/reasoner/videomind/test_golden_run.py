"""The end-to-end run of the reference on films that are drawn, as far as the folder tells it.

Compared: the frames that each role looks at, grids and counts of tokens, the decoder's rows, the
spans in seconds and their order, what was written as text, what became of the planner's reply.

Not compared here, for the folder holds hashes of the reference's prompts and not their ids, and
our prompts are in other words: what the model says to them. ``test_golden_run_prompts.py`` does
that for whoever has those prompts.

Different on purpose: of two candidates that are alike once they are cut off at the film's ends we
keep the better; an end behind the film's (by its rounding to single precision) is the film's; our
planner is not shown the film, and our verifier is asked for the grounder's query, not the question.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from reasoner.answer import Role
from reasoner.videomind.decoder import Proposals
from reasoner.videomind.decoder.nms import MAX_ROWS, SUPPRESSING_IOU, pairwise_iou, suppress
from reasoner.videomind.decoder.point import level_lengths
from reasoner.videomind.grid import VideoGrid, planned_grid
from reasoner.videomind.pixels import read_pixels
from reasoner.videomind.planning import GROUND_AND_ANSWER, read_reply
from reasoner.videomind.prompts import OPTION_PREFILL, answerer_prompt, chat
from reasoner.videomind.sampling import sampled_instants
from reasoner.videomind.scores import MAX_CANDIDATES, verified_order
from reasoner.videomind.spans import fallback_spans, scaled_spans
from tests.reasoner.timeline import window
from tests.reasoner.videomind.golden_run import Asked, DrawnFilms, GoldenRun, close_spans, read_run
from tests.reasoner.videomind.told_grounder import grounded

IOU_ROUNDING = 1e-6
"""A suppressed row's overlap was computed in another order of single-precision terms."""


@pytest.fixture(scope="module")
def run(golden: Path) -> GoldenRun:
    return read_run(golden)


@pytest.fixture(scope="module")
def tokenizer(golden: Path) -> Tokenizer:
    return Tokenizer.from_file(str(golden / "videomind_agent_tiny" / "tokenizer.json"))


def test_every_role_looks_at_the_frames_that_the_reference_looked_at(run: GoldenRun) -> None:
    requests = []
    for asked in run.asked:
        for role, clip, settings in asked.clips():
            films = DrawnFilms(run.notes["videos"])
            instants = sampled_instants(
                clip,
                settings,
                video_seconds=asked.video.duration_seconds,
                frame_rate=float(asked.video.frame_rate or 0),
            )
            pixels = read_pixels(films, Path(asked.video.path), instants, settings)
            requests.append([number for request in films.requests for number in request])
            film = run.notes["videos"][asked.video.path]
            assert pixels.grid == planned_grid(len(instants), film["h"], film["w"], settings)
            if role in asked.generated:
                assert pixels.grid.thw == asked.generated[role].grid
    assert requests == run.notes["frame_index_requests"]


def test_prompts_are_as_long_as_ours_but_for_the_role_s_words(
    run: GoldenRun, tokenizer: Tokenizer
) -> None:
    """Of a role they differ by a constant: the video and what is asked take as many tokens."""
    left = defaultdict(set)
    for asked in run.asked:
        for role, theirs in asked.generated.items():
            said, reply = asked.query if role is Role.GROUNDER else asked.text, ""
            if role is Role.ANSWERER:
                said, reply = answerer_prompt(said, asked.dump["options"]), OPTION_PREFILL
            ours = chat(said, video_tokens=VideoGrid(*theirs.grid).num_tokens, reply=reply)
            ids = tokenizer.encode(ours, add_special_tokens=False).ids
            left[role].add(theirs.prompt_len - len(ids))
    assert left
    assert {role: len(lengths) for role, lengths in left.items()} == dict.fromkeys(left, 1)


def test_rows_of_the_decoder_are_ranked_and_suppressed_as_ours_would_be(run: GoldenRun) -> None:
    for asked in run.asked:
        for theirs in asked.generated.values():
            if theirs.boundaries is None:
                continue
            rows = theirs.boundaries
            assert len(rows) == min(MAX_ROWS, sum(level_lengths(theirs.grid[0])))
            standing, zeroed = rows[rows[:, 2] > 0], rows[rows[:, 2] == 0]
            again = suppress(Proposals(standing[:, :2], standing[:, 2]))
            np.testing.assert_array_equal(
                np.column_stack((again.boundaries, again.scores)), standing
            )
            iou = pairwise_iou(np.concatenate((zeroed, standing))[:, :2])
            of_best = iou[: len(zeroed), len(zeroed) :].max(axis=1)
            assert (of_best >= SUPPRESSING_IOU - IOU_ROUNDING).all()


def test_the_decoder_s_rows_become_the_spans_of_the_run(run: GoldenRun) -> None:
    for asked, rows in named(run):
        unit = run.notes["settings"]["dataset_class"]["UNIT"]
        spans = scaled_spans(rows, asked.dump["duration"], unit)
        np.testing.assert_allclose(
            spans, asked.dump["pred_ori"], rtol=np.finfo(np.float32).eps, atol=0
        )
        assert rows[:, 2].tolist() == asked.dump["conf_ori"]


def test_the_grounder_takes_the_best_that_are_apart(run: GoldenRun) -> None:
    for asked, rows in named(run):
        whole = replace(window(), video=asked.video, span=asked.whole)
        found = grounded([whole], [Proposals(rows[:, :2], rows[:, 2])])
        best = asked.apart()[:MAX_CANDIDATES]
        assert [each.confidence for each in found] == [score for _, score in best]
        close_spans([each.span for each in found], [span for span, _ in best], run)


def test_where_no_moment_was_named_the_film_s_parts_are_tried(run: GoldenRun) -> None:
    for asked in run.asked:
        if Role.GROUNDER in asked.roles and not asked.dump["grounder_success"]:
            made_up = fallback_spans(
                asked.video.duration_seconds, is_verified=Role.VERIFIER in asked.roles
            )
            close_spans(made_up.spans, asked.candidates or [asked.whole], run)


def test_candidates_are_taken_in_the_order_of_the_run(run: GoldenRun) -> None:
    for asked in run.asked:
        if Role.VERIFIER not in asked.roles:
            continue
        order = verified_order(asked.dump["probs"])
        assert order == asked.dump["ranks"]
        assert asked.dump["pred"] == [asked.dump["pred_ori"][number] for number in order]


def test_what_was_written_reads_the_same(run: GoldenRun, tokenizer: Tokenizer) -> None:
    end = tokenizer.token_to_id("<|im_end|>")
    for asked in run.asked:
        for role, theirs in asked.generated.items():
            ids = theirs.token_ids[:-1] if theirs.token_ids[-1] == end else theirs.token_ids
            text = tokenizer.decode(ids, skip_special_tokens=False)
            assert text == asked.dump[f"{role}_response"]


def test_a_planner_s_reply_that_is_none_is_answered_as_in_the_run(run: GoldenRun) -> None:
    for asked in run.asked:
        reply = read_reply(asked.dump["planner_response"])
        ran = [role for role in asked.roles if role is not Role.PLANNER]
        assert ran == list(reply.roles)[: len(ran)]
        if reply.fallback_reason:
            assert (reply.roles, reply.query) == (GROUND_AND_ANSWER, None)


def named(run: GoldenRun) -> Iterator[tuple[Asked, NDArray[np.float32]]]:
    """What was asked and found a moment, and the decoder's rows."""
    for asked in run.asked:
        if asked.dump.get("grounder_success"):
            rows = asked.generated[Role.GROUNDER].boundaries
            assert rows is not None
            yield asked, rows
