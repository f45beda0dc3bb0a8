import numpy as np
import pytest

from benchmarks.store_scale.exact import ROWS_PER_BLOCK, nearest_rows, recall
from benchmarks.store_scale.plan import PICTURE, SPACES, TEXT, Plan, plan_of, positions, video_id
from benchmarks.store_scale.scopes import EVERYTHING, parts_of
from store.records import Clip, Evidence, EvidenceKind, Hit
from store.timespan import TimeSpan


def _hit(plan: Plan, space: str, video: int, number: int) -> Hit:
    position = positions(plan, space)[number]
    name = video_id(video)
    clip = Clip(name, position.clip_ordinal, TimeSpan(position.clip_ordinal * 8.0, 1e4))
    evidence = None
    if space == TEXT:
        evidence = Evidence(
            name, EvidenceKind.SPEECH, 0, clip.ordinal, position.span, "said", "made up"
        )
    return Hit(clip, position.span, 1.0, evidence)


@pytest.mark.parametrize("pictures_per_clip", [1, 4])
@pytest.mark.parametrize("space", SPACES)
def test_a_hit_leads_back_to_its_row(space: str, pictures_per_clip: int) -> None:
    plan = Plan(1200, pictures_per_clip)
    per_video = plan.rows_per_video(space)

    found = [plan.row_of(_hit(plan, space, video, n)) for video in (0, 2) for n in range(per_video)]

    assert found == [*range(per_video), *range(2 * per_video, 3 * per_video)]


def test_sizes_are_rounded_up_to_whole_videos() -> None:
    plan = plan_of(1_000)

    assert (plan.num_rows(TEXT), plan.num_rows(PICTURE), plan.num_clips) == (1_200, 1_200, 300)


def test_parts_hold_the_share_of_rows_that_their_names_say() -> None:
    plan = plan_of(40_000)

    for space in SPACES:
        for part in parts_of(plan, space):
            share = 1.0 if part.name == EVERYTHING else float(part.name.split("%")[0]) / 100
            assert part.mask(plan, space).mean() == pytest.approx(share)


def test_nearest_rows_are_those_of_sorting_all_products() -> None:
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((ROWS_PER_BLOCK + 100, 4)).astype(np.float16)
    queries = generator.standard_normal((3, 4)).astype(np.float32)
    mask = generator.random(len(vectors)) < 0.5
    few = np.arange(len(vectors)) < 2

    found = nearest_rows(vectors, queries, 10, {"half": mask, "few": few})

    products = queries @ vectors.astype(np.float32).T
    products[:, ~mask] = -np.inf
    expected = np.argsort(-products, axis=1)[:, :10]
    assert recall(found["half"][1].tolist(), expected) == 1
    assert sorted(found["few"][1][0].tolist()) == [0, 1]


def test_recall_is_the_share_of_true_rows_found() -> None:
    assert recall([[1, 2], [7, 8]], np.array([[2, 3], [8, 7]])) == 0.75
