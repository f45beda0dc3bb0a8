from retriever.folding import fold_to_clips, fuse_clips, fuse_hits, hit_key, scores_by_clip
from retriever.moment import SourceScore
from retriever.options import SearchOptions, SourceKind
from retriever.source import Source, SourceHits
from store.records import Clip, Evidence, EvidenceKind, Hit
from store.timespan import TimeSpan

FIRST = Clip("v", 0, TimeSpan(0, 8))
SECOND = Clip("v", 1, TimeSpan(8, 16))
RANKS_ONLY = SearchOptions(fusion="rrf", lexical_weight=1.0, text_weight=1.0)
LEXICAL = Source("lexical", SourceKind.LEXICAL)
TEXT = Source("text:fake", SourceKind.TEXT)


def line(clip, ordinal, score, kind=EvidenceKind.SPEECH):
    span = TimeSpan(clip.span.start_seconds + ordinal, clip.span.start_seconds + ordinal + 1)
    return Hit(clip, span, score, Evidence("v", kind, ordinal, clip.ordinal, span, "words", "fake"))


def test_a_clip_counts_once_however_many_of_its_lines_match():
    folded = fold_to_clips([line(FIRST, 0, 3.0), line(FIRST, 1, 5.0), line(SECOND, 2, 4.0)])
    assert [(hit.clip.ordinal, hit.score) for hit in folded] == [(0, 5.0), (1, 4.0)]


def test_equal_scores_come_in_time_order():
    assert [hit.clip for hit in fold_to_clips([line(SECOND, 0, 1.0), line(FIRST, 1, 1.0)])] == [
        FIRST,
        SECOND,
    ]


def test_a_source_with_many_lines_of_one_clip_votes_once():
    lexical = SourceHits(LEXICAL, tuple(line(FIRST, number, 9.0 - number) for number in range(5)))
    text = SourceHits(TEXT, (line(SECOND, 7, 0.9), line(FIRST, 0, 0.2)))
    fused = dict(fuse_clips([lexical, text], RANKS_ONLY))
    assert fused == {("v", 0): 1 / 61 + 1 / 62, ("v", 1): 1 / 61}


def test_a_line_that_two_sources_agree_on_beats_lines_that_one_likes_best():
    agreed = line(FIRST, 0, 1.0)
    lexical = SourceHits(LEXICAL, (line(FIRST, 1, 2.0), agreed))
    text = SourceHits(TEXT, (line(SECOND, 2, 2.0), agreed))
    [best, *_] = fuse_hits([lexical, text], RANKS_ONLY)
    assert best == (hit_key(agreed), 2 / 62)


def test_each_source_says_its_rank_among_clips_not_lines():
    lexical = SourceHits(LEXICAL, (line(FIRST, 0, 3.0), line(FIRST, 1, 2.0), line(SECOND, 2, 1.0)))
    said = scores_by_clip([lexical])
    assert said[("v", 1)] == [SourceScore("lexical", 2, 1.0)]
