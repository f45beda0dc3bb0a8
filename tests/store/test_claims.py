from pathlib import Path

from store.claims import Claims
from tests.holders import another_holds

VIDEO, OTHER = "0123456789ab" + "0" * 20, "0123456789ac" + "0" * 20


def test_a_claim_is_seen_by_others_and_goes_with_its_process(tmp_path: Path) -> None:
    claims = Claims(tmp_path / "claims.lock")
    assert not claims.is_taken(VIDEO)
    with another_holds(tmp_path / "claims.lock", VIDEO) as holder:
        assert claims.is_taken(VIDEO)
        assert not claims.is_taken(OTHER)
        with claims.held(OTHER):
            pass
        holder.kill()
        with claims.held(VIDEO):  # waits until the other has gone
            pass
    assert not claims.is_taken(VIDEO)
