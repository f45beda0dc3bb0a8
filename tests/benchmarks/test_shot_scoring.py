"""The measure of shot detectors, worked out by hand, and films that are composed alike again."""

import numpy as np
import pytest

from benchmarks.shots.composing import TrueCut, compose, plan
from benchmarks.shots.material import Stretch, stretches_of
from benchmarks.shots.scoring import match, score

TRUTH = [TrueCut("hard", 2.0, 2.0), TrueCut("dissolve", 5.0, 6.0), TrueCut("fade", 9.0, 10.0)]


def test_each_true_cut_is_met_once_and_within_its_tolerance() -> None:
    found = match(TRUTH, [2.08, 4.6, 5.4, 9.5, 12.0])
    assert [(cut.kind, at) for cut, at in found.met] == [
        ("hard", 2.08),
        ("dissolve", 5.4),
        ("fade", 9.5),
    ]
    assert found.false_seconds == (4.6, 12.0)
    assert match(TRUTH, [2.11]).missed[0].kind == "hard"


def test_figures_of_several_films_are_put_together() -> None:
    figures = score([match(TRUTH, [2.0, 5.4, 12.0]), match(TRUTH, [2.0])])
    assert (figures.num_true, figures.num_false) == (6, 1)
    assert figures.precision == pytest.approx(3 / 4)
    assert figures.recall == pytest.approx(3 / 6)
    assert figures.f1 == pytest.approx(0.6)
    assert figures.recall_by_kind == {"hard": 1.0, "dissolve": 0.5, "fade": 0.0}
    assert figures.error_seconds_by_kind["dissolve"] == pytest.approx(0.1)


def test_no_file_is_in_both_halves() -> None:
    tuned = {stretch.stem for stretch in stretches_of("development")}
    assert tuned.isdisjoint(stretch.stem for stretch in stretches_of("held-out"))


def test_a_film_is_the_same_again_and_its_truth_is_where_its_pictures_change() -> None:
    stretches = [Stretch(str(number), 0.0, 12.0, False) for number in range(4)]
    # Each stretch is one grey; a hard cut then shows as a change of grey at its very frame.
    pictures = {
        stretch: np.full((300, 144, 256, 3), 40 + 50 * number, np.uint8)
        for number, stretch in enumerate(stretches)
    }
    pieces = [
        piece for piece in plan(0, 0, stretches) if piece.treatment in ("plain", "still", "zoom")
    ][:12]
    film, truth = compose(pieces, "colour", pictures)
    again, _ = compose(pieces, "colour", pictures)
    assert all(np.array_equal(one, other) for one, other in zip(film, again, strict=True))
    hard = [cut for cut in truth if cut.kind == "hard"]
    assert hard
    for cut in hard:
        frame = round(cut.start_seconds * 25)
        changes = not np.array_equal(film[frame], film[frame - 1])
        assert changes or pieces[truth.index(cut)].stretch == pieces[truth.index(cut) + 1].stretch
