from dataclasses import replace

import pytest

from reasoner.answer import Role
from reasoner.options import ChainOptions
from reasoner.reach import Reach
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan
from tests.reasoner.general.films import (
    BELL,
    BOAT,
    BOTH,
    FERRY,
    FERRY_ALONE,
    FERRY_SUMMARIES,
    FLOUR,
    FOUR,
    MEETING,
    MILL,
    OIL,
    WHEEL,
    chain,
)


def ids(*lines):
    return [line.evidence_id for line in lines]


def cited(answer):
    return [citation.evidence_id for citation in answer.citations]


def test_one_film_is_told_by_its_central_lines_in_time_order_with_gaps_marked():
    answer = chain().ask("What is this film about?")
    assert answer.text.split("\n") == [
        "'The Ferry' (1 min 40 s), told by 3 lines of its own in the order of time:",
        "0:00.0  The boat is called Marigold.",
        "[... 25 s later ...]",
        "0:30.0  They will meet at the old mill.",
        "[... 24 s later ...]",
        "1:00.0  A bell rings in the fog.",
    ]
    assert cited(answer) == ids(BOAT, MEETING, BELL)
    assert (answer.abstained, answer.plan.reach, answer.fallbacks) == (False, Reach.SUMMARY, ())
    assert [span.span for span in answer.spans] == [TimeSpan(0.0, 64.0)]


def test_several_films_are_told_each_under_its_title():
    answer = chain(BOTH).ask("Give me an overview")
    assert answer.text.startswith("2 videos, each by its foremost lines in the order of time:\n")
    assert "\n'The Mill' (40 s):\n0:02.0  The wheel turns at noon.\n[... 24 s" in answer.text
    assert cited(answer) == ids(BOAT, MEETING, BELL, WHEEL, FLOUR)
    assert [span.video.title for span in answer.spans] == ["The Ferry", "The Mill"]


@pytest.mark.parametrize("question", ["What is The Mill about?", "Summarise the film called mill"])
def test_a_title_in_the_words_finds_the_film(question):
    answer = chain(BOTH).ask(question)
    assert cited(answer) == ids(WHEEL, FLOUR)


def test_a_series_in_the_words_finds_its_films():
    listed = (FERRY, replace(MILL, series="Old Trades"))
    answer = chain(replace(BOTH, listed=listed)).ask("What is Old Trades about?")
    assert cited(answer) == ids(WHEEL, FLOUR)


def test_what_is_no_title_is_asked_of_moments():
    answer = chain(BOTH).ask("What is Nosferatu about?")
    assert answer.plan.reach is Reach.MOMENTS
    assert answer.text == "They will meet at the old mill."


@pytest.mark.parametrize(
    ("question", "scope", "lines"),
    [
        ("What happens in the first 40 seconds?", Scope(), (BOAT, OIL, MEETING)),
        ("What happens after 0:50?", Scope(), (BELL, FOUR)),
        ("What is it about?", Scope(within=TimeSpan(3.0, 33.5)), (OIL, MEETING)),
        ("What is it about?", Scope(video_ids=(MILL.video_id,)), (WHEEL, FLOUR)),
    ],
)
def test_a_stretch_is_told_by_the_scenes_inside_it(question, scope, lines):
    library = BOTH if scope.video_ids else FERRY_ALONE
    assert cited(chain(library).ask(question, scope=scope)) == ids(*lines)


def test_a_stretch_without_a_central_line_is_told_by_what_is_known_of_it():
    answer = chain().ask("Summarise it", scope=Scope(within=TimeSpan(70.0, 90.0)))
    assert [citation.text for citation in answer.citations] == ["The boat from above."]
    assert "'The Ferry' (1:10.0 to 1:30.0)" in answer.text


def test_a_limit_of_kinds_holds():
    spoken = Scope(kinds=(EvidenceKind.CAPTION,))
    assert chain().ask("What is it about?", scope=spoken).abstained


def test_without_summaries_it_abstains_and_says_how_to_get_one():
    answer = chain(replace(FERRY_ALONE, built=())).ask("What is this film about?")
    assert (answer.abstained, answer.citations, answer.spans) == (True, (), ())
    assert "no summary was built of 'The Ferry'; `cinedex index`" in answer.text


def test_a_film_of_which_nothing_is_known_is_not_told_to_be_indexed_again():
    answer = chain(replace(FERRY_ALONE, built=(), lines=())).ask("What is this film about?")
    assert answer.text.endswith("nothing is known of 'The Ferry'.")


def test_a_film_without_a_summary_beside_others_is_named():
    answer = chain(replace(BOTH, built=FERRY_SUMMARIES)).ask("Give me an overview")
    assert cited(answer) == ids(BOAT, MEETING, BELL)
    assert [fallback.reason for fallback in answer.fallbacks] == [
        "nothing sums up 'The Mill'; `cinedex index` on the same files builds what is missing"
    ]


def test_an_episode_that_nobody_has_is_named_and_nothing_is_summed_up():
    answer = chain().ask("Summarise the last episode")
    assert answer.abstained
    assert "no video is numbered as an episode" in answer.text


def test_what_does_not_fit_is_left_out_evenly_and_said():
    few = ChainOptions(max_evidence_tokens=14)  # 7 tokens each
    answer = chain(options=few).ask("What is this film about?")
    assert cited(answer) == ids(BOAT, BELL)
    assert [fallback.reason.split(" do")[0] for fallback in answer.fallbacks] == ["1 of 3 lines"]


def test_of_several_films_each_keeps_a_line():
    few = ChainOptions(max_evidence_tokens=14)
    assert cited(chain(BOTH, options=few).ask("Give me an overview")) == ids(BOAT, WHEEL)


def test_without_a_planner_nobody_reads_how_far_a_question_reaches():
    answer = chain().ask("What is this film about?", roles=set(Role) - {Role.PLANNER})
    assert (answer.plan.reach, answer.text) == (Reach.MOMENTS, MEETING.text)


@pytest.mark.parametrize(
    ("scope", "choices"),
    [(Scope(phrases=("mill",)), ()), (Scope(), ("at the old mill", "on a boat"))],
)
def test_what_only_moments_can_answer_is_said(scope, choices):
    answer = chain().ask("What is this film about?", scope=scope, choices=choices)
    assert answer.plan.reach is Reach.MOMENTS
    assert "old mill" in answer.text
    assert [fallback.role for fallback in answer.fallbacks] == ["planner"]
