import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.general.count_words import HEARD_KINDS, SEEN_KINDS, WRITTEN_KINDS
from reasoner.general.reading import read_question, read_reach
from reasoner.limits import Limits
from reasoner.reach import Asked, CountUnit, Reach, Tally
from store.records import SPOKEN_KINDS
from store.timespan import TimeSpan

SUMMARIES = [
    ("What is this film about?", ()),
    ("What's the video about", ()),
    ("what is it about?", ()),
    ("What was this lecture all about?", ()),
    ("What are these videos about?", ()),
    ("What is Nosferatu about?", ("Nosferatu",)),
    ("What is nosferatu about?", ("nosferatu",)),
    ("What is the film Nosferatu about?", ("Nosferatu",)),
    ('What is the film "The Last Ferry" about?', ("The Last Ferry",)),
    ("What is the movie called Night Train about?", ("Night Train",)),
    ("Tell me what this film is about.", ()),
    ("Summarise this episode.", ()),
    ("Please summarize the whole video", ()),
    ("Could you sum up the lecture?", ()),
    ("summarise", ()),
    ("Summarise The Last Ferry", ("The Last Ferry",)),
    ("Give me an overview", ()),
    ("Give me a short summary of this documentary", ()),
    ("give us a quick recap of the season", ()),
    ("Summary of Night Train, please", ("Night Train, please",)),
    ("What is the plot of the film?", ()),
    ("What's the gist?", ()),
    ("What is the main topic of this talk?", ()),
    ("What are the main points of the lecture?", ()),
    ("Which topics does the lecture cover?", ()),
    ("What happens in the film?", ()),
    ("What happens?", ()),
    ("What goes on in this episode?", ()),
    ("What happens in Nosferatu?", ("Nosferatu",)),
    ("Describe the video", ()),
    ("Tell me about this film", ()),
]


@pytest.mark.parametrize(("question", "titles"), SUMMARIES)
def test_questions_about_the_whole_ask_for_a_summary(question, titles):
    asked = read_reach(question)
    assert asked.reach is Reach.SUMMARY
    assert asked.subjects == titles


@pytest.mark.parametrize(
    ("question", "limits"),
    [
        ("Summarise the last episode", Limits("Summarise", last_episode=True)),
        ("What is episode 3 about?", Limits("What is about?", episode=3)),
        ("Give me a summary of season two", Limits("Give me a summary", season=2)),
        ("What happens in the first ten minutes?", Limits("What happens?", TimeSpan(0.0, 600.0))),
        ("What happens between 1:05 and 1:20?", Limits("What happens?", TimeSpan(65.0, 80.0))),
        ("Summarize the first two minutes", Limits("Summarize", TimeSpan(0.0, 120.0))),
        (
            "Summarise the first minute of the last episode of the series",
            Limits("Summarise of the series", TimeSpan(0.0, 60.0), last_episode=True),
        ),
    ],
)
def test_a_stretch_can_be_what_is_summarised(question, limits):
    assert read_question(question) == (limits, Asked(Reach.SUMMARY))


def test_a_limit_that_is_named_in_another_question_stays_where_it_is():
    assert read_question("What is episode 3 called?") == (
        Limits("What is episode 3 called?"),
        Asked(),
    )


def said(subject, **more):
    return Asked(Reach.COUNT, (subject,), Tally("said", SPOKEN_KINDS, **more))


def shown(subject, **more):
    return Asked(Reach.COUNT, (subject,), Tally("shown", SEEN_KINDS, **more))


def mentioned(subject, **more):
    return Asked(Reach.COUNT, (subject,), Tally("mentioned", SPOKEN_KINDS + WRITTEN_KINDS, **more))


def there(subject, **more):
    return Asked(Reach.COUNT, (subject,), Tally("found", **more))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ('How many times is "look twice" said?', said('"look twice"')),
        ("How many times does she say 'closely' in the film?", said("'closely'")),
        ('How often does Ada say "look"?', said('"look"', speaker="Ada")),
        ("How often is the word thunder said?", said("word thunder")),
        ("How many times is Hubble mentioned in this video?", mentioned("Hubble")),
        ("How many times has the bridge been mentioned?", mentioned("bridge")),
        ("How often do they talk about the bridge?", mentioned("bridge")),
        ("How often does Ben mention honey?", mentioned("honey", speaker="Ben")),
        ("How many times is the rocket shown?", shown("rocket")),
        ("How many times do we see the cup?", shown("cup")),
        ("How often is a cat on screen?", shown("cat")),
        ("In how many scenes is a boat shown?", shown("boat", unit=CountUnit.SCENES)),
        ("In how many clips does the cat appear?", there("cat", unit=CountUnit.CLIPS)),
        ("In how many scenes is there a church?", there("church", unit=CountUnit.SCENES)),
        ("In how many episodes is the map mentioned?", mentioned("map", unit=CountUnit.VIDEOS)),
        ("How many episodes mention the map?", mentioned("map", unit=CountUnit.VIDEOS)),
        ("How many times does the rocket appear altogether?", there("rocket")),
        ("Count every mention of the bridge", there("bridge")),
        ("Count every time the bridge is mentioned", mentioned("bridge")),
        ("count the times the cat is shown", shown("cat")),
        ("Count how many times the cup is shown", shown("cup")),
        ("Count how often a cat is seen", shown("cat")),
        ("How many mentions of Clara are there?", there("Clara")),
        (
            "How many times do we hear a bell?",
            Asked(Reach.COUNT, ("bell",), Tally("heard", HEARD_KINDS)),
        ),
        (
            "How often is PART displayed?",
            Asked(Reach.COUNT, ("PART",), Tally("written", WRITTEN_KINDS)),
        ),
        (
            "How many times does the bell ring?",
            Asked(Reach.COUNT, ("bell ring",), Tally("told of", may_be_told=True)),
        ),
        (
            "How many times did she hit the jetty?",
            Asked(Reach.COUNT, ("she hit the jetty",), Tally("told of", may_be_told=True)),
        ),
    ],
)
def test_questions_that_count_say_what_and_of_which_kinds(question, asked):
    assert read_reach(question) == asked


@pytest.mark.parametrize(
    ("question", "reach", "subjects"),
    [
        ("What happens after the rocket?", Reach.AFTER, ("the rocket",)),
        (
            "What happens right after they meet at the mill?",
            Reach.AFTER,
            ("they meet at the mill",),
        ),
        ("What happens after they talk about the coins?", Reach.AFTER, ("the coins",)),
        ("What happens once the third part begins?", Reach.AFTER, ("the third part",)),
        ("What happens after the gate opens at the start?", Reach.AFTER, None),
        ("What comes next after part two?", Reach.AFTER, ("part two",)),
        ("After the bell rings, what happens?", Reach.AFTER, ("the bell rings",)),
        ("What happens once the boat sinks?", Reach.AFTER, ("the boat sinks",)),
        ("What follows the interview?", Reach.AFTER, ("the interview",)),
        ("What do we see after the cat?", Reach.AFTER, ("the cat",)),
        ("What is said just before the clock?", Reach.BEFORE, ("the clock",)),
        ("What happens before the scene where the coins are shown?", Reach.BEFORE, None),
        ("What leads up to the vote?", Reach.BEFORE, ("the vote",)),
        ("What happens between the rocket and the clock?", Reach.BETWEEN, None),
        ("What happens after the moment when he bows?", Reach.AFTER, ("he bows",)),
    ],
)
def test_questions_of_order_name_their_moments(question, reach, subjects):
    asked = read_reach(question)
    assert asked.reach is reach
    expected = {
        Reach.AFTER: ("the gate opens at the start",),
        Reach.BEFORE: ("the coins",),
        Reach.BETWEEN: ("the rocket", "the clock"),
    }
    assert asked.subjects == (subjects or expected[reach])


@pytest.mark.parametrize(
    "question",
    [
        "What does she say about the film?",
        "How many people voted?",
        "How many galaxies have been counted?",
        "How many years has the ferry crossed the lake?",
        "How many times bigger is the sun?",
        "How many times a week does the boat go?",
        "How many times as heavy is the new engine?",
        "How often do they meet?",
        "How often does the ferry leave?",
        "How many coins are there?",
        "How many scenes are in the film?",
        "Count the coins",
        "What is she talking about?",
        "What is the song about?",
        "What is so special about this film?",
        "What do they say about the plot of land?",
        "What is the story of the boat?",
        "What is the topic of his speech?",
        "What is the message on the card?",
        "What is the point of the needle?",
        "What is the theme of the party called?",
        "What is the name of the film?",
        "What happens in the kitchen?",
        "What happened to the boat?",
        "What happens to the cell in salt water?",
        "What happens when the nerve leaves the eye?",
        "What happens next?",
        "What happens after that?",
        "What did she do after the war?",
        "Who speaks after the bell?",
        "Who are the main characters?",
        "Describe the boat",
        "Tell me about the boat",
        "Summarise what Ben says about tea",
        "Give me a summary of the results",
        "Where is the summary written?",
        "Who wrote the overview?",
        "When is the film mentioned?",
        "Which film is this about?",
        "Why does it happen after the rain?",
        "How long is the film?",
        "Is the bridge mentioned?",
        "about",
        "the rocket on its launch pad",
    ],
)
def test_questions_that_only_look_general_stay_with_moments(question):
    assert read_reach(question) == Asked()


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    assert read_reach(text).reach in Reach


@pytest.mark.parametrize(
    "question",
    [
        "how many times does " + "a " * 900 + "?",
        "how many times does " + "a" * 1900,
        "what happens between " + "and " * 450,
        "what is " + "about " * 320,
        "count every time " + "is said " * 220,
        "after " + ", " * 900,
    ],
    ids=lambda text: text[:18],
)
def test_the_longest_questions_are_read_at_once(question):
    started = time.process_time()
    read_reach(question)
    assert time.process_time() - started < 1.0
