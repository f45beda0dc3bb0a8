import pytest

from reasoner.answer import Role
from reasoner.choice import lettered
from reasoner.pocket.answerer import AnswererOptions, PocketAnswerer
from reasoner.pocket.support import SupportReader
from tests.fakes import HashingEncoder
from tests.reasoner.timeline import LINES, plan_for, span_on


class ScriptedModel:
    """Writes what it is told and remembers what it was given."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.seen = ""

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def generate(self, prompt, max_new_tokens: int, stop: str = "\n") -> str:
        self.seen = prompt.text
        return self.reply


READER = SupportReader(HashingEncoder())
MEET = plan_for("Where will they meet?")
MILL = span_on(LINES[2], yes=0.9)


def test_words_of_the_evidence_are_given_and_cited():
    answer = PocketAnswerer(ScriptedModel("at the old mill"), READER).answer(MEET, [MILL])
    assert (answer.text, answer.abstained) == ("At the old mill.", False)
    assert answer.cited == (LINES[2],)
    assert answer.confidence == 0.9
    assert answer.fallbacks == ()


@pytest.mark.parametrize("written", ["at the new station", "", "They will meet.", "the"])
def test_words_that_are_no_grounded_answer_give_way_to_the_sentence_and_are_told(written):
    answer = PocketAnswerer(ScriptedModel(written), READER).answer(MEET, [MILL])
    assert answer.text == "They will meet at the old mill."
    assert answer.cited == (LINES[2],)
    assert [fallback.role for fallback in answer.fallbacks] == [Role.ANSWERER]


@pytest.mark.parametrize("spans", [[], [span_on(LINES[2], yes=0.4)], [span_on(LINES[2], 0.4)]])
def test_without_support_it_abstains_and_does_not_write(spans):
    model = ScriptedModel("at the old mill")
    answer = PocketAnswerer(model, READER).answer(MEET, spans)
    assert answer.abstained
    assert answer.cited == ()
    assert model.seen == ""


def test_spans_are_read_in_time_order_and_the_line_that_holds_the_answer_is_cited():
    model = ScriptedModel("Marigold")
    options = AnswererOptions(max_spans=2)
    spans = [MILL, span_on(LINES[0], yes=0.8)]
    answer = PocketAnswerer(model, READER, options).answer(
        plan_for("What is the boat called?"), spans
    )
    told = [LINES[0].text, "[... 25 s later ...]", LINES[2].text]
    assert model.seen.startswith("Text: " + "\n".join(told) + "\nQuestion: ")
    assert answer.cited == (LINES[0],)


def test_evidence_over_the_budget_is_cut_and_told_and_the_question_is_not():
    model = ScriptedModel("Marigold")
    options = AnswererOptions(max_spans=2, max_context_tokens=6)
    question = "What is the very long name of the boat that they will meet?"
    boat = span_on(LINES[0], yes=0.9)
    answer = PocketAnswerer(model, READER, options).answer(
        plan_for(question), [boat, span_on(LINES[2], yes=0.8)]
    )
    assert question in model.seen
    assert "Marigold" in model.seen
    assert "old mill" not in model.seen
    assert [each.reason for each in answer.fallbacks] == [
        "the model was not told 1 line, for want of room"
    ]


def test_extractive_answers_are_the_sentence_without_a_fallback():
    answerer = PocketAnswerer(ScriptedModel("x"), READER).configured(AnswererOptions(writes=False))
    answer = answerer.answer(MEET, [MILL])
    assert answer.text == "They will meet at the old mill."
    assert answer.fallbacks == ()


CHOICES = lettered(["at the lighthouse", "at the old mill", "on a boat"])


def test_the_choice_whose_words_are_said_is_chosen_without_the_model():
    model = ScriptedModel("(A)")
    draft = PocketAnswerer(model, READER).choose(MEET, CHOICES, [MILL])
    assert (draft.choice, draft.text) == (CHOICES[1], "(B) at the old mill")
    assert (draft.cited, draft.confidence, model.seen) == ((LINES[2],), 0.9, "")


@pytest.mark.parametrize(
    ("texts", "fallback"),
    [
        (["at the lighthouse", "on a boat"], ""),
        (["yes", "no"], ""),
        (["the old mill", "mill"], "as much for (A) the old mill and (B) mill"),
    ],
    ids=["none is said", "nothing that could be", "two are said"],
)
def test_where_the_evidence_does_not_tell_choices_apart_none_is_chosen(texts, fallback):
    draft = PocketAnswerer(None, READER).choose(MEET, lettered(texts), [MILL])
    assert (draft.abstained, draft.choice, draft.cited) == (True, None, ())
    assert [each.reason.endswith(fallback) for each in draft.fallbacks] == [True] * bool(fallback)


def test_what_does_not_support_an_answer_supports_no_choice():
    draft = PocketAnswerer(None, READER).choose(MEET, CHOICES, [span_on(LINES[2], yes=0.4)])
    assert (draft.abstained, draft.choice, draft.confidence) == (True, None, 0.6)
