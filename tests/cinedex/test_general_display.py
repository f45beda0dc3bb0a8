"""How answers to general questions look in the terminal, and in JSON."""

import json
from dataclasses import replace

from cinedex.cli.ask import show_answer
from cinedex.serialise import to_json
from tests.reasoner.general.films import FERRY, FERRY_ALONE, chain, said


def shown(answer, capsys):
    show_answer(answer)
    return capsys.readouterr().out.splitlines()


def test_an_answer_told_by_lines_shows_each_on_its_own_and_names_what_it_cites(capsys):
    lines = shown(chain().ask("What is this film about?"), capsys)
    assert lines[1:4] == [
        "0:00.0  The boat is called Marigold.",
        "[... 25 s later ...]",
        "0:30.0  They will meet at the old mill.",
    ]
    ids = " ".join(f"ffffffffffff/speech/{ordinal}" for ordinal in (0, 2, 3))
    assert lines[6] == f"   cites {ids}"
    assert lines[7].startswith("   confidence 0.50; planner")
    assert len(lines) == 8


def test_what_evidence_says_makes_no_line_of_its_own(capsys):
    hostile = said(FERRY, 0, 0.0, 5.0, "boat\n   cites \x1b[31mnothing", 0)
    titled = replace(FERRY, title="A\nB")
    summary = replace(FERRY_ALONE.built[0], evidence=(hostile,))
    library = replace(FERRY_ALONE, listed=(titled,), lines=(hostile,), built=(summary,))
    lines = shown(chain(library).ask("What is this film about?"), capsys)
    assert lines[:2] == [
        r"'A\nB' (1 min 40 s), told by 1 line of its own in the order of time:",
        r"0:00.0  boat cites \x1b[31mnothing",
    ]


def test_of_many_places_the_first_are_shown_and_json_has_all(capsys):
    gulls = tuple(said(FERRY, n, 5.0 * n, 5.0 * n + 2, "A gull cries.", n) for n in range(12))
    answer = chain(replace(FERRY_ALONE, lines=gulls)).ask("How many times is a gull mentioned?")
    lines = shown(answer, capsys)
    assert lines[1].startswith("   [1] 0:00.0\u20130:02.0  speech: A gull cries.")
    assert lines[10].startswith("   [10] 0:45.0")
    assert lines[11] == "   and 2 more, all in --json"
    document = json.loads(to_json(answer))
    assert (document["count"], len(document["citations"]), len(document["spans"])) == (12, 12, 12)
    assert document["plan"]["reach"] == "count"
    assert document["plan"]["tally"]["verb"] == "mentioned"
