"""Videos of which nobody knows all that is spoken, and why: words that no search will find."""

from store.records import Video

SPEECH = "speech"
SUBTITLED = "subtitles say what is spoken"
# Begins the reason where some of the speech was heard.
PARTLY = "heard in part: "


def unheard_reason(video: Video) -> str:
    """Say why the speech of a video is not known; empty where it is, or where there is no sound.

    Returns:
        A reason, which begins with ``PARTLY`` where only some of the speech is not known.
    """
    if not video.audio_codec:
        return ""
    reasons = (skip.reason for skip in video.skips if skip.stage == SPEECH)
    return "; ".join(reason for reason in reasons if reason != SUBTITLED)
