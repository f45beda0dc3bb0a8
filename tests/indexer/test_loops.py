from indexer.findings import Finding
from indexer.loops import without_loops
from store.records import EvidenceKind
from store.timespan import TimeSpan


def said(*lines, confidence=0.9):
    return [
        Finding(EvidenceKind.SPEECH, TimeSpan(at, at + 1), line, "w", confidence)
        for at, line in enumerate(lines)
    ]


def texts(findings):
    return [finding.text for finding in findings]


def test_what_people_say_three_times_stays():
    lines = said("Free at last!", "Free at last!", "Free at last!", "Thank God.")
    assert without_loops(lines) == lines


def test_of_a_loop_that_the_model_was_sure_of_one_line_stays():
    lines = said("Before", "Oh, my love.", "oh my love", "Oh my love!", "Oh, my love.", "After")
    assert texts(without_loops(lines)) == ["Before", "Oh, my love.", "After"]


def test_a_loop_that_it_was_not_sure_of_is_nothing():
    assert without_loops(said("I don't know.", *3 * ["I don't know."], confidence=0.6)) == []


def test_the_same_answer_to_several_questions_is_no_loop():
    lines = said("Tea?", "No.", "Milk?", "No.", "Sugar?", "No.", "Cake?", "No.")
    assert without_loops(lines) == lines


def test_credits_said_again_or_unsurely_are_made_up():
    assert without_loops(said("Thanks for watching!", "Hello.", "Thank you for watching.")) == said(
        "Thanks for watching!", "Hello.", "Thank you for watching."
    )
    again = said("Thanks for watching!", "Hello.", "Thanks for watching!")
    assert texts(without_loops(again)) == ["Hello."]
    assert without_loops(said("Thanks for watching!", confidence=0.7)) == []
    assert without_loops(said("Subtitles by the Amara.org community", confidence=0.7)) == []
    assert without_loops(said("Untertitel im Auftrag des ZDF für funk, 2017", confidence=0.7)) == []


def test_a_sentence_that_holds_a_credit_is_none():
    lines = said("She said thanks for watching the dog.", confidence=0.5)
    assert without_loops(lines) == lines
