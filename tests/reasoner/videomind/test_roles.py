"""The four roles over a tiny random model and a film of plain colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reasoner.answer import GroundedSpan, Plan, Role, Window
from reasoner.chain import Chain
from reasoner.choice import lettered
from reasoner.pocket.planner import PocketPlanner
from reasoner.videomind.answerer import VideoMindAnswerer
from reasoner.videomind.backend import LoadedVideoMind, load_videomind, videomind_chain
from reasoner.videomind.grounder import VideoMindGrounder
from reasoner.videomind.model_input import ModelInput, VisionFeatures
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.prompts import MAX_SUBTITLES, verifier_prompt
from reasoner.videomind.reading import Generation, Reading
from reasoner.videomind.scores import MAX_CANDIDATES
from reasoner.videomind.tokens import read_tokenizer
from reasoner.videomind.verifier import VideoMindVerifier
from store.errors import MediaNotFoundError, WeightsMissingError
from store.records import EvidenceKind
from store.timespan import TimeSpan
from tests.reasoner.timeline import (
    LINES,
    VIDEO,
    EchoPlanner,
    FakeLibrary,
    FakeRetriever,
    line,
    moment,
    plan_for,
    span_on,
    window,
)
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")
SEED = 11
PLAN = plan_for("a bell rings")


class Colours:
    """Frames whose grey tells their second."""

    def __init__(self) -> None:
        self.is_there = True

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        if not self.is_there:
            raise MediaNotFoundError(f"{path} is not there")
        levels = (np.array(instants_seconds) * 2).astype(np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (len(levels), 112, 112, 3)).copy()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_checkpoint(tmp_path_factory.mktemp("seeing") / "tiny", SEED)


@pytest.fixture
def colours() -> Colours:
    return Colours()


@pytest.fixture
def loaded(folder: Path, colours: Colours) -> LoadedVideoMind:
    return load_videomind(folder, colours, options=BackboneOptions("cpu", "float32"))


def made_to_write(loaded: LoadedVideoMind, token_ids: tuple[int, ...]) -> None:
    """Let every role write these tokens; all states are the model's own."""

    def write(role: str, prompt: ModelInput, max_new_tokens: int = 3) -> Generation:
        del max_new_tokens
        reading = Reading(loaded.model.backbone, role, prompt)
        states = [reading.state]
        for token in token_ids[:-1]:
            reading.write(token)
            states.append(reading.state)
        return Generation(token_ids, torch.stack(states), reading.prompt_states, False)

    loaded.model.write = write  # type: ignore[method-assign]


def noted_prompts(loaded: LoadedVideoMind) -> list[str]:
    """What the roles are asked from here on."""
    asked: list[str] = []
    prompt = loaded.model.prompt

    def noted(text: str, *rest: Any) -> ModelInput:
        asked.append(text)
        return prompt(text, *rest)

    loaded.model.prompt = noted  # type: ignore[method-assign]
    return asked


@pytest.fixture
def naming(loaded: LoadedVideoMind) -> LoadedVideoMind:
    """A model made to say the timestamp token as its third."""
    made_to_write(loaded, (65, 66, loaded.tokens.reg))
    return loaded


def late_window() -> Window:
    return replace(window(), span=TimeSpan(40.0, 80.0), evidence=LINES[3:])


def test_the_grounder_proposes_spans_on_the_videos_clock(naming: LoadedVideoMind) -> None:
    spans = VideoMindGrounder(naming.model, naming.decoder, naming.tokens.reg).ground(
        PLAN, [late_window()]
    )
    assert 1 <= len(spans) <= MAX_CANDIDATES
    scores = [span.confidence for span in spans]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    for span in spans:
        assert 40.0 <= span.span.start_seconds <= span.span.end_seconds <= 80.0
        assert span.evidence == tuple(x for x in LINES[3:] if x.span.overlaps(span.span))
        assert span.fallback == ""


def test_spans_of_two_windows_are_ranked_together_and_apart(naming: LoadedVideoMind) -> None:
    grounder = VideoMindGrounder(naming.model, naming.decoder, naming.tokens.reg)
    twice = grounder.ground(PLAN, [late_window(), late_window()])
    assert twice == grounder.ground(PLAN, [late_window()])
    early = replace(window(), span=TimeSpan(0.0, 30.0))
    both = grounder.ground(PLAN, [early, late_window()])
    assert {span.span.start_seconds < 35 for span in both} == {True, False}
    assert [s.confidence for s in both] == sorted((s.confidence for s in both), reverse=True)


def test_a_grounder_that_names_no_moment_says_so(loaded: LoadedVideoMind) -> None:
    made_to_write(loaded, (65, 66, 67))
    spans = VideoMindGrounder(loaded.model, loaded.decoder, loaded.tokens.reg).ground(
        PLAN, [late_window()]
    )
    assert [span.confidence for span in spans] == [0.0] * 5
    assert all("named no moment" in span.fallback for span in spans)
    assert spans[0].span.start_seconds == 40.0
    assert spans[-1].span.end_seconds == pytest.approx(80.0)


def test_numbers_that_are_none_are_not_ranked_but_told(naming: LoadedVideoMind) -> None:
    with torch.no_grad():
        naming.decoder.vis_norm.weight.fill_(math.nan)
    (span,) = VideoMindGrounder(naming.model, naming.decoder, naming.tokens.reg).ground(
        PLAN, [late_window()]
    )
    assert math.isnan(span.confidence)
    assert "NaN" in span.fallback
    answer = chain_over(naming).ask("When does a bell ring?")
    assert answer.abstained
    (told,) = (each.reason for each in answer.fallbacks if each.role is Role.GROUNDER)
    assert "NaN" in told


def test_a_film_that_has_gone_is_told(loaded: LoadedVideoMind, colours: Colours) -> None:
    colours.is_there = False
    (span,) = VideoMindGrounder(loaded.model, loaded.decoder, loaded.tokens.reg).ground(
        PLAN, [late_window()]
    )
    assert "is not there" in span.fallback
    (judged,) = VideoMindVerifier(loaded.model, loaded.tokens).verify(PLAN, [span_on(LINES[3])])
    assert judged.yes_probability is not None
    assert math.isnan(judged.yes_probability)
    draft = VideoMindAnswerer(loaded.model, FakeLibrary()).answer(PLAN, [span_on(LINES[3])])
    assert draft.abstained
    assert [fallback.role for fallback in draft.fallbacks] == [Role.ANSWERER]


@pytest.mark.parametrize("roles", [set(Role) - {Role.PLANNER}, {Role.ANSWERER}])
def test_of_a_film_that_has_gone_no_answer_says_that_it_was_looked_at(
    loaded: LoadedVideoMind, colours: Colours, roles: set[Role]
) -> None:
    colours.is_there = False
    answer = chain_over(loaded).ask("When does a bell ring?", roles=roles)
    assert (answer.abstained, answer.confidence) == (True, 0.0)
    assert answer.text == (
        "Whether the library holds an answer is not known: 1 moment in 1 video could not be "
        "looked at: /films/ferry.mp4 is not there"
    )
    assert [each.reason for each in answer.fallbacks] == ["/films/ferry.mp4 is not there"]


def test_the_verifier_reads_candidates_together_as_it_does_one_by_one(
    loaded: LoadedVideoMind,
) -> None:
    spans = [span_on(LINES[0]), span_on(LINES[2]), span_on(LINES[3])]
    together = VideoMindVerifier(loaded.model, loaded.tokens).verify(PLAN, spans)
    alone = VideoMindVerifier(loaded.model, loaded.tokens, batch_size=1).verify(PLAN, spans)
    scores = [span.verifier_score or 0.0 for span in together]
    assert scores == sorted(scores, reverse=True)
    assert all(0.2689 <= score <= 0.7311 for score in scores)
    assert [span.span for span in together] == [span.span for span in alone]
    assert scores == pytest.approx([span.verifier_score or 0.0 for span in alone], abs=1e-5)


def test_the_verifier_ranks_by_the_reference_s_score_and_shows_yes_against_no(
    loaded: LoadedVideoMind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is surer of yes, but nearly all is on other words: the second's score is higher."""
    rows = torch.zeros(2, 300)
    yes, no, other = loaded.tokens.yes, loaded.tokens.no, 7
    rows[0, [yes, no, other]] = torch.tensor([4.0, 0.0, 20.0])
    rows[1, [yes, no, other]] = torch.tensor([21.0, 20.0, 0.0])
    monkeypatch.setattr(loaded.model.backbone, "last_logits", lambda role, prompts: rows)
    first, second = span_on(LINES[0]), span_on(LINES[2])
    judged = VideoMindVerifier(loaded.model, loaded.tokens).verify(PLAN, [first, second])
    assert [span.span for span in judged] == [second.span, first.span]
    # 1 / (1 + e^-1) and 1 / (1 + e^-4); P(yes) - P(no) is tanh(1/2), which is squeezed.
    assert [span.yes_probability for span in judged] == pytest.approx(
        [0.731059, 0.982014], abs=1e-6
    )
    assert judged[0].verifier_score == pytest.approx(1 / (1 + math.exp(-math.tanh(0.5))), abs=1e-6)
    assert judged[1].verifier_score == pytest.approx(0.5, abs=1e-6)


def test_the_verifier_judges_a_single_candidate_by_the_description_alone(
    loaded: LoadedVideoMind,
) -> None:
    asked = noted_prompts(loaded)
    plan = replace(PLAN, question="When does it ring?", grounding_query=" a  bell rings. ")
    (judged,) = VideoMindVerifier(loaded.model, loaded.tokens).verify(plan, [span_on(LINES[3])])
    assert 0 < (judged.yes_probability or 0) < 1
    assert asked == [verifier_prompt("a bell rings")]


def test_a_clip_is_encoded_once_for_roles_that_see_it_alike(loaded: LoadedVideoMind) -> None:
    grounder = VideoMindGrounder(loaded.model, loaded.decoder, loaded.tokens.reg)
    grounder.ground(PLAN, [late_window()])
    assert loaded.model.encoded_clips == 1
    grounder.ground(plan_for("something else"), [late_window()])
    assert loaded.model.encoded_clips == 1
    VideoMindVerifier(loaded.model, loaded.tokens).verify(PLAN, [span_on(LINES[3])])
    assert loaded.model.encoded_clips == 2


def made_to_say(loaded: LoadedVideoMind, reply: str) -> None:
    """Let every role say this."""
    ids = read_tokenizer(loaded.checkpoint).encode(reply, add_special_tokens=False).ids
    made_to_write(loaded, tuple(ids))


@pytest.mark.parametrize("reply", ["UNCLEAR", "Unclear."])
def test_an_answerer_that_cannot_tell_abstains(loaded: LoadedVideoMind, reply: str) -> None:
    made_to_say(loaded, reply)
    draft = VideoMindAnswerer(loaded.model, FakeLibrary()).answer(
        PLAN, [span_on(LINES[3], yes=0.75)]
    )
    assert (draft.text, draft.abstained, draft.cited) == ("", True, ())
    assert draft.confidence == 0.25
    assert draft.fallbacks == ()


def test_the_answerer_is_told_what_is_said_in_the_clip_that_it_sees(
    loaded: LoadedVideoMind,
) -> None:
    """Seen is 46 to 78: the span's 60 to 64 and what makes it 32 seconds long."""
    seen_too = line(7, 46.0, 48.0, "The lamp is out.")
    not_said = line(8, 62.0, 63.0, "a boat", EvidenceKind.TAG)
    library = FakeLibrary(lines=(LINES[2], seen_too, LINES[3], not_said))
    made_to_say(loaded, "A bell.")
    asked = noted_prompts(loaded)
    draft = VideoMindAnswerer(loaded.model, library).answer(PLAN, [span_on(LINES[3])])
    assert asked[0].splitlines()[:3] == [
        "The video lasts 32.0 seconds. Subtitles:",
        "0.0 - 2.0, The lamp is out.",
        "14.0 - 18.0, A bell rings in the fog.",
    ]
    assert "a boat" not in asked[0]
    assert draft.cited == (seen_too, LINES[3])


def test_where_more_is_said_than_the_model_is_told_the_answer_says_so(
    loaded: LoadedVideoMind,
) -> None:
    said = tuple(line(n, 47.0 + n / 10, 47.1 + n / 10, "Yes.") for n in range(MAX_SUBTITLES + 3))
    made_to_say(loaded, "A bell.")
    answerer = VideoMindAnswerer(loaded.model, FakeLibrary(lines=said))
    draft = answerer.answer(PLAN, [span_on(LINES[3])])
    assert [each.reason for each in draft.fallbacks] == [
        "the model is told the first 100 of 103 lines spoken"
    ]


def test_the_answerer_neither_sees_nor_is_told_what_lies_outside_the_limits(
    loaded: LoadedVideoMind,
) -> None:
    """A span is lengthened to 46 to 78 seconds, of which only those from 58 to 66 are allowed."""
    outside = line(7, 46.0, 48.0, "The lamp is out.")
    library = FakeLibrary(lines=(LINES[2], outside, LINES[3]))
    made_to_say(loaded, "A bell.")
    asked = noted_prompts(loaded)
    plan = replace(PLAN, within=TimeSpan(58.0, 66.0))
    draft = VideoMindAnswerer(loaded.model, library).answer(plan, [span_on(LINES[3])])
    assert asked[0].splitlines()[:2] == [
        "The video lasts 8.0 seconds. Subtitles:",
        "2.0 - 6.0, A bell rings in the fog.",
    ]
    assert draft.cited == (LINES[3],)


@dataclass(frozen=True)
class ToldRoles:
    """A grounder and a verifier that know their spans beforehand."""

    spans: tuple[GroundedSpan, ...]

    def ground(self, plan: Plan, windows: Sequence[Window]) -> list[GroundedSpan]:
        return list(self.spans)

    def verify(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        return list(spans)


SILENT = GroundedSpan(VIDEO, TimeSpan(10.0, 14.0), 0.6, (), 0.95, is_seen=True)
TALKED_OVER = line(2, 18.0, 24.0, "They will meet at the old mill.")
SPOKEN = replace(span_on(TALKED_OVER, 0.5, yes=0.2), is_seen=True)


@pytest.mark.parametrize(
    ("spans", "is_first_gone"),
    [((SILENT, SPOKEN), False), ((SPOKEN, SILENT), True)],
    ids=["what is cited lies in a worse span", "the best span cannot be read"],
)
def test_an_answer_shows_the_seconds_that_it_was_seen_in(
    loaded: LoadedVideoMind, spans: tuple[GroundedSpan, ...], is_first_gone: bool
) -> None:
    """The clip of the silent span is 0 to 32 seconds, so that the other's subtitle is cited too."""
    see = loaded.model.see

    def refuse_at_times(*clip: Any) -> VisionFeatures:
        if next(refusals, False):
            raise MediaNotFoundError("the film is not there")
        return see(*clip)

    loaded.model.see = refuse_at_times  # type: ignore[method-assign]
    roles = ToldRoles(spans)
    library = FakeLibrary(lines=(TALKED_OVER,))
    chain = replace(
        chain_over(loaded),
        library=library,
        grounder=roles,
        verifier=roles,
        planner=EchoPlanner(),
        answerer=VideoMindAnswerer(loaded.model, library),
    )
    for choices in ((), ("a bell", "a boat")):
        made_to_say(loaded, "A" if choices else "A bell.")
        refusals = iter([is_first_gone])
        answer = chain.ask("What rings?", choices=choices)
        assert [citation.evidence_id for citation in answer.citations] == [TALKED_OVER.evidence_id]
        assert (answer.spans[0], answer.confidence) == (SILENT, 0.95)


def test_an_answer_that_tells_of_what_is_unclear_is_an_answer(loaded: LoadedVideoMind) -> None:
    made_to_say(loaded, "The water is unclear.")
    draft = VideoMindAnswerer(loaded.model, FakeLibrary()).answer(
        PLAN, [span_on(LINES[3], yes=0.75)]
    )
    assert (draft.text, draft.abstained) == ("The water is unclear.", False)


CHOICES = lettered(["red", "grey"])


@pytest.mark.parametrize(("reply", "number"), [("B) Grey", 1), ("a", 0)])
def test_the_answerer_chooses_by_the_clip_and_what_is_said_in_it(
    loaded: LoadedVideoMind, reply: str, number: int
) -> None:
    made_to_say(loaded, reply)
    asked = noted_prompts(loaded)
    draft = VideoMindAnswerer(loaded.model, FakeLibrary()).choose(
        plan_for("What colour?"), CHOICES, [span_on(LINES[3], yes=0.75)]
    )
    assert (draft.choice, draft.text) == (CHOICES[number], str(CHOICES[number]))
    assert (draft.cited, draft.confidence) == ((LINES[3],), 0.75)
    assert "A bell rings in the fog.\nWhat colour?\nOptions:\n(A) Red\n(B) Grey\n" in asked[0]


def test_an_answerer_that_names_no_choice_chooses_none_and_says_so(loaded: LoadedVideoMind) -> None:
    made_to_say(loaded, "C)")
    draft = VideoMindAnswerer(loaded.model, FakeLibrary()).choose(
        PLAN, CHOICES, [span_on(LINES[3])]
    )
    assert (draft.abstained, draft.choice, draft.cited) == (True, None, ())
    assert [each.reason for each in draft.fallbacks] == ["the model named none of the choices"]


def test_the_whole_chain_runs_and_says_what_each_role_did(naming: LoadedVideoMind) -> None:
    answer = chain_over(naming).ask("When does a bell ring?")
    assert set(answer.seconds_by_role) == {
        "planner",
        "retriever",
        "grounder",
        "verifier",
        "answerer",
    }
    assert all(0 <= s.span.start_seconds <= s.span.end_seconds <= 100 for s in answer.spans)
    again = chain_over(naming).ask("When does a bell ring?")
    assert (again.text, again.spans, again.fallbacks) == (
        answer.text,
        answer.spans,
        answer.fallbacks,
    )


def test_a_moment_that_is_all_that_was_asked_for_needs_no_words(naming: LoadedVideoMind) -> None:
    """Nothing is said where it was found, so that only its pictures can speak for it."""
    chain = replace(chain_over(naming), library=FakeLibrary(lines=()))
    answer = chain.ask("A bell rings", roles={Role.GROUNDER})
    best = answer.spans[0]
    assert answer.text.startswith("Found in the pictures of 'The Ferry' at ")
    assert (best.is_seen, best.evidence, answer.citations) == (True, (), ())


def test_a_verifier_that_looked_says_so_and_one_that_could_not_does_not(
    loaded: LoadedVideoMind, colours: Colours
) -> None:
    verifier = VideoMindVerifier(loaded.model, loaded.tokens)
    assert [span.is_seen for span in verifier.verify(PLAN, [span_on(LINES[3])])] == [True]
    colours.is_there = False
    assert [span.is_seen for span in verifier.verify(PLAN, [span_on(LINES[2])])] == [False]


def test_a_checkpoint_that_cannot_ground_is_refused(tmp_path: Path, colours: Colours) -> None:
    folder = build_checkpoint(tmp_path / "tiny", SEED)
    (folder / "pytorch_model.safetensors").unlink()
    with pytest.raises(WeightsMissingError, match="timestamp decoder"):
        load_videomind(folder, colours)
    with pytest.raises(WeightsMissingError, match="no grounder, verifier, timestamp decoder"):
        load_videomind(folder / "base", colours)


def chain_over(loaded: LoadedVideoMind) -> Chain:
    retriever = FakeRetriever([moment(60.0, 64.0, 1.0, LINES[3:])])
    return videomind_chain(FakeLibrary(), retriever, PocketPlanner(), loaded, "tiny@1")


def test_no_window_is_longer_than_what_is_looked_at_densely(naming: LoadedVideoMind) -> None:
    film = replace(VIDEO, duration_seconds=900.0)
    found = [
        replace(moment(start, start + 30.0), video=film) for start in (100.0, 140.0, 180.0, 220.0)
    ]
    chain = replace(
        chain_over(naming), library=FakeLibrary(listed=(film,)), retriever=FakeRetriever(found)
    )
    seen: list[TimeSpan] = []
    see = naming.model.see
    naming.model.see = lambda video, clip, settings: (  # type: ignore[method-assign]
        seen.append(clip) or see(video, clip, settings)
    )
    chain.ask("A bell rings", roles={Role.GROUNDER})
    assert [clip.duration_seconds <= 150 for clip in seen] == [True, True]
    assert seen[0].hull(seen[1]) == TimeSpan(92.0, 258.0)


def test_every_even_part_is_looked_at_where_no_moment_is_named(loaded: LoadedVideoMind) -> None:
    made_to_write(loaded, (65, 66, 67))
    spans = [span.span for span in chain_over(loaded).ask("When does a bell ring?").spans]
    assert len(spans) == MAX_CANDIDATES
    assert max(span.end_seconds for span in spans) == pytest.approx(VIDEO.duration_seconds)
