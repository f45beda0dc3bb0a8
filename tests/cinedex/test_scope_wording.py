"""Limits as people read them in ``cinedex judge --list``."""

import pytest

from cinedex.scope_wording import scope_text
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (Scope(), ""),
        (Scope(within=TimeSpan(75.0, 1_000_000.0)), "within 1:15.0 to the end"),
        (Scope(within=TimeSpan(0.0, 20.0)), "within 0:00.0 to 0:20.0"),
        (Scope(up_to_episode=(2, -1)), "before S02"),
        (Scope(from_episode=(2, 0)), "from S02"),
        (Scope(from_episode=(2, 6), up_to_episode=(3, 0)), "up to S03E00; from S02E06"),
        (
            Scope(kinds=(EvidenceKind.SPEECH, EvidenceKind.TAG), season=2, without=("toy", "car")),
            "kinds speech, tag; season 2; without toy, car",
        ),
        (Scope(video_ids=("ab" * 16,)), "video ids abababababab"),
    ],
)
def test_every_limit_is_named(scope, said):
    assert scope_text(scope) == said
