from store.records import EvidenceKind
from store.vector_indexes.rows import KINDS, NO_KIND, NUM_KIND_CODES


def test_codes_that_files_hold_keep_their_meaning():
    # Vector files of 0.1 were written with these; 6 stands for a picture, which has no kind.
    old = ("speech", "subtitle", "screen_text", "tag", "caption", "sound")
    assert [KINDS[name] for name in old] == [0, 1, 2, 3, 4, 5]
    assert NO_KIND == 6
    assert KINDS["music"] == 7


def test_every_kind_has_a_code_of_its_own():
    codes = [KINDS[str(kind)] for kind in EvidenceKind]
    assert len({*codes, NO_KIND}) == NUM_KIND_CODES
    assert max(codes) < NUM_KIND_CODES
