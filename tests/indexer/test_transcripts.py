import json

from hypothesis import given
from hypothesis import strategies as st

from indexer.findings import Finding
from indexer.transcripts import PieceTranscript, from_json, to_json
from store.records import EvidenceKind, TimedWord
from store.timespan import TimeSpan

seconds = st.floats(0, 1e6)
spans = st.tuples(seconds, seconds).map(lambda bounds: TimeSpan(*sorted(bounds)))
shares = st.floats(0, 1)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
languages = st.none() | st.sampled_from(["en", "yue"])
findings = st.builds(
    Finding,
    st.just(EvidenceKind.SPEECH),
    spans,
    texts,
    texts,
    st.none() | shares,
    languages,
    st.none() | texts,
    st.lists(st.builds(TimedWord, texts, spans), max_size=3).map(tuple),
)
transcripts = st.builds(
    PieceTranscript,
    st.integers(0, 10**6),
    spans,
    st.lists(findings, max_size=3).map(tuple),
    languages,
    st.none() | shares,
    seconds,
    seconds,
    st.booleans(),
)


@given(transcripts)
def test_what_is_saved_comes_back_to_the_last_bit(heard):
    assert from_json(json.loads(json.dumps(to_json(heard)))) == heard
