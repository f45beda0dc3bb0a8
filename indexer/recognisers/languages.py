"""Languages as recognisers name them: some go by another code there than in containers."""

from indexer.media.languages import short_language

# Whisper's list has macrolanguages and codes that ISO 639-1 has since given up.
_WHISPER_CODES = {
    "cmn": "zh",  # Mandarin
    "fil": "tl",  # Filipino, which is standard Tagalog
    "iw": "he",
    "jv": "jw",
    "nb": "no",  # Bokmål; Nynorsk has a code of its own there too
}


def heard_language(stated: str | None) -> str | None:
    """Return the code that a recogniser knows a language by; ``None`` where none is stated.

    Args:
        stated: As a container or a person names it.

    Example:
        >>> [heard_language(stated) for stated in ("nob", "nor", "cmn", "jav", "eng", "und")]
        ['no', 'no', 'zh', 'jw', 'en', None]
    """
    language = short_language(stated)
    return _WHISPER_CODES.get(language, language) if language else None
