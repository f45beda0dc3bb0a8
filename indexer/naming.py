"""What is known of a video before it is opened: what NFO files say, else its name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.discovery import VIDEO_EXTENSIONS
from indexer.nfo import NfoEntry, read_nfo
from indexer.titles import NameFacts, read_name
from store.records import Skip

STAGE = "probe"
_SHOW_FILE = "tvshow.nfo"
# A show's file lies beside its episodes, above the folder of a season, or above an episode's own
# folder in that.
NUM_SHOW_FOLDERS = 3


def read_facts(path: Path) -> NameFacts:
    """Read what NFO files and the name say of a video; field by field the NFO goes before.

    Never fails: what cannot be read is among the result's skips.
    """
    named = read_name(path, [video.stem for video in _other_videos(path) or ()])
    entries: list[NfoEntry] = []
    skips: list[Skip] = []
    for file in name_files(path):
        reading = read_nfo(file)
        entries += reading.entries
        if reading.problem:
            skips.append(Skip(STAGE, f"{file.name}: {reading.problem}"))
    episodes = [entry for entry in entries if entry.kind == "episodedetails"]
    films = [entry for entry in entries if entry.kind == "movie"]
    shows = [entry for entry in entries if entry.kind == "tvshow"]
    if episodes:
        facts = _episode(named, _wanted(episodes, named), shows)
    elif films:
        facts = NameFacts(films[0].title or named.own_title, year=films[0].year or named.year)
    elif shows:
        facts = replace(named, series=shows[0].title or named.series)
    else:
        facts = named
    return replace(facts, skips=tuple(skips))


def name_files(path: Path) -> list[Path]:
    """List the NFO files that say something of a video and exist.

    ``film.nfo`` and, where the video has its folder for itself, ``movie.nfo``; then the nearest
    ``tvshow.nfo``.
    """
    folder = path.absolute().parent
    names = [f"{path.stem}.nfo", f"{path.stem}.NFO"]
    if _other_videos(path) == []:
        names.append("movie.nfo")
    own = _existing(folder / name for name in names)
    above = [folder, *folder.parents][:NUM_SHOW_FOLDERS]
    return own[:1] + _existing(place / _SHOW_FILE for place in above)[:1]


def _episode(named: NameFacts, entries: Sequence[NfoEntry], shows: Sequence[NfoEntry]) -> NameFacts:
    """Join the entries of one file, which may hold several episodes, with what the name says."""
    first, last = entries[0], entries[-1]
    numbers = [entry.episode for entry in entries if entry.episode is not None]
    titles = [entry.title for entry in entries if entry.title]
    show_titles = [show.title for show in shows if show.title]
    return NameFacts(
        own_title=" / ".join(dict.fromkeys(titles)) or named.own_title,
        series=first.series or (show_titles[0] if show_titles else named.series),
        season=first.season if first.season is not None else named.season,
        episode=min(numbers) if numbers else named.episode,
        last_episode=max(numbers) if len(set(numbers)) > 1 else named.last_episode,
        year=first.year or last.year or named.year,
    )


def _wanted(entries: Sequence[NfoEntry], named: NameFacts) -> Sequence[NfoEntry]:
    """Choose the entries of the episodes that the name says; all where it says none of them."""
    if named.episode is None:
        return entries
    wanted = range(named.episode, (named.last_episode or named.episode) + 1)
    return [entry for entry in entries if entry.episode in wanted] or entries


def _other_videos(path: Path) -> list[Path] | None:
    """List the other videos in a video's folder; ``None`` where it cannot be looked into."""
    try:
        neighbours = list(path.absolute().parent.iterdir())
    except OSError:
        return None
    return [
        file
        for file in neighbours
        if file.suffix.lower() in VIDEO_EXTENSIONS and file.name != path.name
    ]


def _existing(files: Iterable[Path]) -> list[Path]:
    return [file for file in files if _is_file(file)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
