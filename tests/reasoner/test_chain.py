import math
from dataclasses import dataclass, replace

import pytest

from reasoner.answer import GroundedSpan, Role
from reasoner.chain import Chain
from reasoner.choice import Choice
from reasoner.options import ChainOptions
from store.errors import QueryError
from store.records import Scope, Skip
from store.timespan import TimeSpan
from store.unheard import SUBTITLED
from tests.reasoner.timeline import (
    LINES,
    VIDEO,
    ConstantVerifier,
    EchoPlanner,
    FakeLibrary,
    FakeRetriever,
    FirstLineGrounder,
    QuotingAnswerer,
    moment,
    span_on,
)


def chain(moments=None, **parts) -> Chain:
    found = [moment(30.0, 36.0, evidence=LINES[2:3])] if moments is None else moments
    made = {
        "library": FakeLibrary(),
        "retriever": FakeRetriever(found),
        "planner": EchoPlanner(),
        "grounder": FirstLineGrounder(),
        "verifier": ConstantVerifier(),
        "answerer": QuotingAnswerer(),
        "model_revisions": {"verifier": "fake@1"},
    }
    return Chain(**{**made, **parts})


def test_an_answer_carries_text_seconds_citation_and_revisions():
    answer = chain().ask("  Where will\nthey meet? ")
    assert answer.question == "Where will they meet?"
    assert answer.text == "They will meet at the old mill."
    assert not answer.abstained
    (span,) = answer.spans
    assert (span.span.start_seconds, span.yes_probability) == (30.0, 0.9)
    (citation,) = answer.citations
    assert (citation.evidence_id, citation.title) == (LINES[2].evidence_id, VIDEO.title)
    assert answer.model_revisions == {"verifier": "fake@1"}
    assert set(answer.seconds_by_role) == {"retriever", *map(str, Role)}
    assert answer.fallbacks == ()


def test_no_moment_abstains_and_says_what_was_looked_at():
    answer = chain(moments=[]).ask("Where?")
    assert answer.abstained
    assert answer.spans == answer.citations == ()
    assert "does not hold an answer" in answer.text
    assert "1 video" in answer.text


def unheard(name, reason="the sound is marked as 'de'"):
    return replace(
        VIDEO,
        video_id=name * 64,
        title=f"Film {name}",
        audio_codec="aac",
        skips=(Skip("speech", reason), Skip("subtitles", "none")),
    )


def test_an_answer_that_abstains_names_the_videos_that_it_could_not_hear():
    library = FakeLibrary(listed=(VIDEO, unheard("a"), replace(unheard("b"), audio_codec=None)))
    answer = chain(moments=[], library=library).ask("Where?")
    assert answer.caveats == (
        "what is spoken in 'Film a' is not known: the sound is marked as 'de'",
    )
    elsewhere = Scope(video_ids=(VIDEO.video_id,))
    assert chain(moments=[], library=library).ask("Where?", elsewhere).caveats == ()


def test_many_videos_that_were_not_heard_are_counted():
    library = FakeLibrary(listed=tuple(map(unheard, "abcde")))
    caveats = chain(moments=[], library=library).ask("Where?").caveats
    assert len(caveats) == 4
    assert caveats[-1].startswith("what is spoken in 2 more videos is not all known")


def test_a_video_that_was_heard_in_part_is_partly_known():
    library = FakeLibrary(listed=(unheard("a", "heard in part: 300 of 410 s make no sense"),))
    assert chain(moments=[], library=library).ask("Where?").caveats == (
        "what is spoken in 'Film a' is only partly known: 300 of 410 s make no sense",
    )


def test_subtitles_stand_in_for_speech():
    library = FakeLibrary(listed=(unheard("a", SUBTITLED),))
    assert chain(moments=[], library=library).ask("Where?").caveats == ()


def test_an_answer_doubts_only_what_it_rests_on():
    library = FakeLibrary(listed=(VIDEO, unheard("a")))
    assert chain(library=library).ask("Where will they meet?").caveats == ()
    deaf = replace(VIDEO, audio_codec="aac", skips=(Skip("speech", "65 s make no sense"),))
    answer = chain(library=FakeLibrary(listed=(deaf, unheard("a")))).ask("Where will they meet?")
    assert not answer.abstained
    assert answer.caveats == ("what is spoken in 'The Ferry' is not known: 65 s make no sense",)


def test_unsupported_spans_abstain_and_name_the_nearest_place():
    answer = chain(verifier=ConstantVerifier(0.1)).ask("Where?")
    assert answer.abstained
    assert answer.spans == ()
    assert "'The Ferry' at 30.0-36.0 s" in answer.text


def test_a_limit_that_empties_the_library_is_said_and_not_searched():
    retriever = FakeRetriever([moment(30.0, 36.0)])

    class SeasonPlanner(EchoPlanner):
        def plan(self, question):
            return replace(super().plan(question), season=4)

    answer = chain(retriever=retriever, planner=SeasonPlanner()).ask("Who?")
    assert "season 4" in answer.text
    assert answer.abstained
    assert retriever.asked == []


def test_a_confidence_that_is_no_number_never_ranks_and_is_told():
    answer = chain(grounder=FirstLineGrounder(math.nan)).ask("Where?")
    assert (answer.abstained, answer.confidence) == (True, 0.0)
    assert [fallback.role for fallback in answer.fallbacks] == [Role.GROUNDER]
    assert "could not be looked at: 1 span(s) left out" in answer.text


def test_a_verifier_without_numbers_keeps_the_grounders_order_and_is_told():
    answer = chain(verifier=ConstantVerifier(math.nan)).ask("Where?")
    assert not answer.abstained
    assert answer.spans[0].yes_probability is None
    assert [fallback.role for fallback in answer.fallbacks] == [Role.VERIFIER]


@pytest.mark.parametrize("left_out", list(Role))
def test_any_role_can_be_left_out(left_out):
    answer = chain().ask("Where?", roles=set(Role) - {left_out})
    assert not answer.abstained
    assert "old mill" in answer.text
    assert left_out not in answer.seconds_by_role
    assert (answer.spans[0].yes_probability is None) == (left_out is Role.VERIFIER)


def test_without_a_grounder_the_widened_moment_is_the_span():
    answer = chain().ask("Where?", roles={Role.VERIFIER, Role.ANSWERER})
    assert answer.spans[0].span.start_seconds == 22.0


SEEN = GroundedSpan(VIDEO, TimeSpan(12.0, 18.0), 0.4, (), is_seen=True)
GROUND_ONLY = {Role.PLANNER, Role.GROUNDER, Role.VERIFIER}


@dataclass
class FixedGrounder:
    spans: tuple[GroundedSpan, ...]

    def ground(self, plan, windows):
        del plan, windows
        return list(self.spans)


@pytest.mark.parametrize("said", [(), LINES[1:2]], ids=["silent", "spoken over"])
def test_a_moment_that_was_seen_is_an_answer_by_its_seconds_alone(said):
    library = FakeLibrary(listed=(VIDEO, unheard("a")))
    grounder = FixedGrounder((replace(SEEN, evidence=said),))
    answer = chain(grounder=grounder, library=library).ask("When?", roles=GROUND_ONLY)
    assert (answer.abstained, answer.text, answer.confidence) == (
        False,
        "Found in the pictures of 'The Ferry' at 12.0-18.0 s.",
        0.9,
    )
    assert [span.span for span in answer.spans] == [SEEN.span]
    assert answer.spans[0].is_seen
    assert answer.citations == answer.caveats == ()


def test_a_moment_that_was_seen_and_not_judged_has_the_grounders_confidence():
    roles = GROUND_ONLY - {Role.VERIFIER}
    assert chain(grounder=FixedGrounder((SEEN,))).ask("When?", roles=roles).confidence == 0.4


def test_a_moment_that_the_verifier_denies_was_not_found():
    answer = chain(grounder=FixedGrounder((SEEN,)), verifier=ConstantVerifier(0.25)).ask(
        "When?", roles=GROUND_ONLY
    )
    assert (answer.abstained, answer.confidence, answer.spans) == (True, 0.75, ())


def test_a_moment_that_nobody_saw_and_of_which_nothing_is_known_is_no_answer():
    grounder = FixedGrounder((replace(SEEN, is_seen=False),))
    assert chain(grounder=grounder).ask("When?", roles=GROUND_ONLY).abstained


def test_what_the_grounder_only_fell_back_on_is_no_answer_until_it_is_judged():
    part = replace(span_on(LINES[1], 0.0), fallback="the grounder named no moment")
    parts = chain(grounder=FixedGrounder((part,)))
    answer = parts.ask("When?", roles=GROUND_ONLY - {Role.VERIFIER})
    assert (answer.abstained, answer.confidence, answer.citations) == (True, 0.0, ())
    assert "nothing there supports one" in answer.text
    assert parts.ask("When?", roles=GROUND_ONLY).text == LINES[1].text


def test_the_callers_scope_and_the_options_reach_the_retriever():
    retriever = FakeRetriever([])
    chain(retriever=retriever, options=ChainOptions(k=2)).ask("Who?", scope=Scope(language="en"))
    assert retriever.asked == [("Who?", 2, Scope(language="en"))]


def test_the_callers_time_limit_is_part_of_the_plan_that_roles_see():
    within = TimeSpan(0.0, 30.0)
    assert chain().ask("Who?", scope=Scope(within=within)).plan.within == within


def test_one_of_several_answers_is_chosen_even_where_a_moment_was_all_that_was_planned():
    class GroundOnly(EchoPlanner):
        def plan(self, question):
            return replace(super().plan(question), roles=(Role.PLANNER, Role.GROUNDER))

    answer = chain(planner=GroundOnly()).ask("Where?", choices=["by the sea", "at the  old mill"])
    assert answer.choice == Choice("B", "at the old mill")
    assert answer.text == "(B) at the old mill"
    assert [citation.evidence_id for citation in answer.citations] == [LINES[2].evidence_id]


def test_where_none_of_several_answers_is_supported_none_is_chosen():
    answer = chain().ask("Where?", choices=["by the sea", "on a boat"])
    assert (answer.abstained, answer.choice, answer.spans) == (True, None, ())


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (["one"], "there is 1 choice; give 2 to 26"),
        (map(str, range(27)), "there are 27 choices; give 2 to 26"),
        (["a mill", " "], "empty"),
        (["a mill", "A  Mill"], "the same"),
    ],
)
def test_choices_that_are_none_are_refused(choices, words):
    with pytest.raises(QueryError, match=words):
        chain().ask("Where?", choices=list(choices))


def test_choices_without_an_answerer_are_a_mistake():
    with pytest.raises(ValueError, match="let it run"):
        chain().ask("Where?", roles=GROUND_ONLY, choices=["a mill", "a boat"])


@pytest.mark.parametrize("question", ["", " \n", "?!", "a" * 2001])
def test_questions_that_cannot_be_asked_are_refused(question):
    with pytest.raises(QueryError):
        chain().ask(question)
