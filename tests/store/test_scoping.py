import numpy as np
import pytest
from sqlalchemy import event

from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan

A, B, C, D = (letter * 32 for letter in "abcd")


@pytest.fixture
def episodes(library, make_video):
    """Four videos, each with a door in seconds 0 and 1."""
    doors = ["door", "door"]
    library.publish(make_video("a", doors, series="Show", season=1, episode=9, language="en"))
    library.publish(make_video("b", doors, series="Show", season=2, episode=1, language="de"))
    library.publish(
        make_video(
            "c",
            doors,
            series="Other",
            season=2,
            episode=2,
            language="de",
            kind=EvidenceKind.CAPTION,
        )
    )
    library.publish(make_video("d", doors, season=1, said_in="en", speaker="Jon"))
    return library


CASES = [
    (Scope(), {A, B, C, D}),
    (Scope(video_ids=(A, C)), {A, C}),
    (Scope(video_ids=()), set()),
    (Scope(video_ids=("unknown",)), set()),
    (Scope(kinds=(EvidenceKind.SPEECH,)), {A, B, D}),
    (Scope(kinds=(EvidenceKind.CAPTION, EvidenceKind.TAG)), {C}),
    (Scope(kinds=()), set()),
    (Scope(series="show"), {A, B}),
    (Scope(season=2), {B, C}),
    (Scope(series="Show", season=2), {B}),
    (Scope(up_to_episode=(2, 1)), {A, B}),  # d has no number
    (Scope(up_to_episode=(1, 99)), {A}),
    (Scope(up_to_episode=(1, 8)), set()),
    (Scope(from_episode=(1, 9)), {A, B, C}),
    (Scope(from_episode=(2, 0), up_to_episode=(2, 1)), {B}),
    (Scope(phrases=("doors",)), {A, B, C, D}),
    (Scope(without=("the door",)), {A, B, C, D}),
    (Scope(without=("DOOR",)), set()),
    (Scope(language="de"), {B, C}),  # the video's, where the evidence states none
    (Scope(language="en"), {A, D}),
    (Scope(speaker="JON"), {D}),
    (Scope(within=TimeSpan(5, 9)), set()),
]


@pytest.mark.parametrize(("scope", "expected"), CASES)
def test_both_searches_stay_in_scope(episodes, scope, expected):
    query = np.array([[1, 0, 0, 0]], dtype=np.float32)
    by_text = episodes.search_text(["door"], 100, scope)
    [by_vector] = episodes.search_vectors(
        "text:mini@1", query, 100, scope, query_encoder_id="mini@1"
    )
    assert {hit.clip.video_id for hit in by_text} == expected
    assert {hit.clip.video_id for hit in by_vector} == expected
    assert len(by_text) == len(by_vector) == 2 * len(expected)


@pytest.mark.parametrize(
    ("within", "ordinals"),
    [
        (TimeSpan(0, 1), {0}),
        (TimeSpan(0.999, 1.001), {0, 1}),
        (TimeSpan(1, 2), {1}),
        (TimeSpan(2, 3), set()),
    ],
)
def test_time_is_half_open_in_both_searches(episodes, within, ordinals):
    scope = Scope(within=within)
    query = np.array([[1, 0, 0, 0]], dtype=np.float32)
    [by_vector] = episodes.search_vectors(
        "text:mini@1", query, 100, scope, query_encoder_id="mini@1"
    )
    by_text = episodes.search_text(["door"], 100, scope)
    assert {hit.clip.ordinal for hit in by_text} == ordinals
    assert {hit.clip.ordinal for hit in by_vector} == ordinals


SENTENCES = [
    "we argue about the Café door",
    "about the door we argued",
    "a red door",
    "don't open that door",
]


@pytest.mark.parametrize(
    ("phrases", "without", "ordinals"),
    [
        (("the door",), (), {1}),  # in a row, and no word between
        (("CAFE doors",), (), {0}),  # folded and stemmed as the index does it
        (("we argue",), (), {0, 1}),
        (("we argue", "the door"), (), {1}),  # each must be there
        (("we argue", "nowhere"), (), set()),
        (("door",), ("argue",), {2, 3}),
        ((), ("argued",), {2, 3}),
        ((), ("red door", "don't"), {0, 1}),
        ((), ("door red",), {0, 1, 2, 3}),
        ((), ("nowhere",), {0, 1, 2, 3}),
        ((), ("\U0001f3ac",), {0, 1, 2, 3}),  # no letter or digit: held by none
        (("\U0001f3ac",), (), set()),
        (("'; DROP TABLE evidence; --",), (), set()),
        ((), ('door" OR "x', "\0", "\ud800"), {0, 1, 2, 3}),
    ],
)
def test_both_searches_heed_the_words_of_the_evidence(
    library, make_video, phrases, without, ordinals
):
    library.publish(make_video("a", SENTENCES))
    library.publish(make_video("b", ["nothing of this"]))
    library.compact(is_forced=True)
    library.publish(make_video("c", SENTENCES))
    scope = Scope(phrases=phrases, without=without, video_ids=(A, C))
    query = np.array([[1, 0, 0, 0]], dtype=np.float32)
    by_text = library.search_text(["door"], 100, scope)
    [by_vector] = library.search_vectors(
        "text:mini@1", query, 100, scope, query_encoder_id="mini@1"
    )
    expected = {(video, ordinal) for video in (A, C) for ordinal in ordinals}
    assert {(hit.clip.video_id, hit.clip.ordinal) for hit in by_text} == expected
    assert {(hit.clip.video_id, hit.clip.ordinal) for hit in by_vector} == expected


def test_pictures_have_a_language_and_a_time_but_no_kind_or_speaker(library, full_video):
    library.publish(full_video)
    query = np.array([[0, 1, 0, 0]], dtype=np.float32)

    def pictures(scope):
        [hits] = library.search_vectors(
            "picture:head@1", query, 9, scope, query_encoder_id="mini@1"
        )
        return [(hit.evidence, hit.span, hit.score) for hit in hits]

    picture = [(None, TimeSpan(9.0, 11.0), 1.0)]
    assert pictures(Scope()) == picture
    assert pictures(Scope(language="de", within=TimeSpan(10, 10.5))) == picture
    assert pictures(Scope(language="en")) == []
    assert pictures(Scope(kinds=tuple(EvidenceKind))) == []
    assert pictures(Scope(speaker="JON")) == []
    assert pictures(Scope(phrases=("cafe",))) == []
    assert pictures(Scope(without=("cafe",))) == []  # written in its clip
    assert pictures(Scope(without=("argued",))) == picture  # said in another


@pytest.mark.parametrize(
    "scope",
    [
        Scope(phrases=("door",)),
        Scope(phrases=("red door", "argue")),
        Scope(without=("argue",)),
        Scope(phrases=("door",), without=("argue",), speaker="JON", from_episode=(1, 1)),
    ],
)
def test_no_scope_reads_all_evidence_or_all_vectors(sqlite_library, make_video, scope):
    for letter in "abcdef":
        sqlite_library.publish(make_video(letter, SENTENCES * 20))
    statements = []
    engine = sqlite_library._database._readers

    def remember(_connection, _cursor, statement, parameters, *_):
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    query = np.array([[1, 0, 0, 0]], dtype=np.float32)
    sqlite_library.search_text(["door"], 100, scope)
    sqlite_library.search_vectors("text:mini@1", query, 9, scope, query_encoder_id="mini@1")
    event.remove(engine, "before_cursor_execute", remember)
    asked = [one for one in statements if "MATCH" in one[0]]
    assert len(asked) == 2  # one by text, one for the vectors
    with engine.connect() as connection:
        steps = [
            step
            for statement, parameters in asked
            for *_, step in connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN " + statement, parameters
            )
        ]
    # By full text to the rows; no table from end to end, nor all vectors of the space.
    assert {step.split()[1] for step in steps if step.startswith("SCAN ")} == {"evidence_text"}
    assert not [step for step in steps if "embedding_space" in step]
