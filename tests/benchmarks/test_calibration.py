import numpy as np
import pytest

from benchmarks.calibration import NUM_GROUPS, Example, fit_odds
from retriever.found import Asked
from retriever.options import SourceKind
from retriever.source import Source, SourceHits
from retriever.words import read_query
from store.records import Space

ASKED = Asked(
    read_query("a dog"),
    (
        SourceHits(Source("lexical", SourceKind.LEXICAL), ()),
        SourceHits(Source("t", SourceKind.TEXT, Space("t", "e", "e", 4, "text")), ()),
        SourceHits(Source("p", SourceKind.PICTURE, Space("p", "f", "e", 4, "picture")), ()),
    ),
)


def test_fitting_finds_the_slope_and_the_offsets_that_chose_the_right_clips():
    generator = np.random.default_rng(0)
    slope, offsets, words = 15.0, np.array([0.0, -1.0, -3.0, -2.0]), 2.0
    examples = []
    for _ in range(600):
        cosines = generator.uniform(0, 0.6, size=(20, NUM_GROUPS))
        cosines[generator.random(cosines.shape) < 0.3] = np.nan
        cosines[:, 0] = np.nan_to_num(cosines[:, 0])
        shares = generator.choice([0.0, 0.5, 1.0], size=20)
        nats = np.logaddexp.reduce(
            np.where(np.isnan(cosines), -1e3, slope * cosines + offsets), axis=1
        )
        nats += words * shares
        chances = np.exp(nats - np.logaddexp.reduce(nats))
        examples.append(
            Example(
                cosines, shares, np.arange(20) == generator.choice(20, p=chances / chances.sum())
            )
        )
    model = fit_odds(examples, ASKED)
    assert model.words == pytest.approx(words, abs=0.4)
    assert model.spaces["t"].slope == model.spaces["p"].slope == pytest.approx(slope, rel=0.15)
    assert model.spaces["t"].offsets["tag"] == pytest.approx(-3.0, abs=0.6)
    assert model.spaces["t"].offsets["screen_text"] == pytest.approx(-1.0, abs=0.6)
    assert model.spaces["p"].offsets == pytest.approx({"picture": -2.0}, abs=0.6)
