"""Judging by keys: a moment is shown, a key says what it is."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from cinedex.cli.marks import span_between
from cinedex.cli.output import complain, plain, prompt, results, say
from cinedex.cli.search import show_moment
from store.errors import InputError, QueryError
from store.mark import Verdict

if TYPE_CHECKING:
    from cinedex.judging.deck import Card, Deck

QUIT = ("q", "")
KEYS = "   [r]ight [w]rong [e]dges [a]bsent [s]kip [u]ndo [q]uit, [?]: "
KEYS_AT_THE_END = "   nothing is left to judge: [u]ndo, or any key to end: "
HELP = (
    "r  the moment satisfies the query",
    "w  it does not",
    "e  it does, with other edges: type where it starts and ends, 12.5 17 or 0:12.5 0:17",
    "a  nothing in the library satisfies the query; the next query is shown",
    "s  nothing is said; the moment is shown again another time",
    "u  take the last verdict back",
    "q  end; every verdict is kept already",
)


class Keys:
    """Keys as they are pressed on a terminal; from a pipe they are read as they come."""

    def key(self) -> str:
        """Wait for a key, in lower case; empty at the end of what is typed."""
        if sys.stdin.isatty():
            try:
                return typer.getchar().lower()
            except EOFError:
                return ""
        while (key := sys.stdin.read(1)).isspace():
            pass
        return key.lower()

    def line(self) -> str:
        """Read the rest of a line."""
        return sys.stdin.readline()


def judge_by_keys(deck: "Deck", keys: Keys) -> None:
    """Put card after card before a person, until none is left or they quit."""
    while _judge_what_is_left(deck, keys) and deck.can_undo:
        prompt(KEYS_AT_THE_END)
        if keys.key() != "u":
            say("done")
            return
        _undo(deck, keys)


def _judge_what_is_left(deck: "Deck", keys: Keys) -> bool:
    """Put cards, and say whether none is left."""
    shown = None
    while (card := deck.card()) is not None:
        if card is not shown:
            _show(card)
            shown = card
        prompt(KEYS)
        key = keys.key()
        if key in QUIT:
            say("quit")
            return False
        try:
            ACTIONS.get(key, _explain)(deck, keys)
        except InputError as error:
            say()
            complain(error)
    return True


def summary(deck: "Deck") -> str:
    """Say how much was judged."""
    counts = Counter(str(mark.verdict) for mark in deck.marks)
    parts = [f"{number} {verdict}" for verdict, number in counts.items()]
    if deck.num_skipped:
        parts.append(f"{deck.num_skipped} skipped")
    return ", ".join(parts) or "nothing was judged"


def _show(card: "Card") -> None:
    from rich.text import Text

    console = results()
    if card.number == 1:
        place = "" if card.num_queries == 1 else f"  {card.query_number} of {card.num_queries}"
        console.print(Text.assemble((plain(card.query), "bold"), (place, "dim")), soft_wrap=True)
    if card.moment is None:
        console.print(Text("   nothing was found"), soft_wrap=True)
        return
    show_moment(console, card.number, card.moment)
    console.print(Text(f"   {plain(card.moment.video.path)}", style="dim"), soft_wrap=True)


def _right(deck: "Deck", keys: Keys) -> None:
    deck.judge(Verdict.RIGHT)
    say("right")


def _wrong(deck: "Deck", keys: Keys) -> None:
    deck.judge(Verdict.WRONG)
    say("wrong")


def _edges(deck: "Deck", keys: Keys) -> None:
    say("edges")
    prompt("   start and end: ")
    bounds = keys.line().split()
    if len(bounds) != 2:
        raise QueryError("type where it starts and where it ends, such as 12.5 17")
    deck.judge(Verdict.RIGHT, span_between(*bounds))


def _absent(deck: "Deck", keys: Keys) -> None:
    deck.say_absent()
    say("absent")


def _skip(deck: "Deck", keys: Keys) -> None:
    deck.skip()
    say("skip")


def _undo(deck: "Deck", keys: Keys) -> None:
    say("undo" if deck.undo() else "undo: this is the first")


def _explain(deck: "Deck", keys: Keys) -> None:
    say()
    for line in HELP:
        say(f"   {line}")


ACTIONS: Mapping[str, Callable[["Deck", Keys], None]] = {
    "r": _right,
    "w": _wrong,
    "e": _edges,
    "a": _absent,
    "s": _skip,
    "u": _undo,
}
