"""Captions by a model that looks at each clip and reads what is said in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from indexer.findings import Finding
from indexer.interfaces import Captioner
from indexer.media.random_access import RandomAccessFrames
from indexer.memo import Memo
from indexer.payloads import pack, unpack
from indexer.report import EventState, Listener
from indexer.workbook import StageWork
from store.records import SPOKEN_KINDS, Clip, EvidenceKind

NO_CAPTION = ""


def write_captions(
    path: Path,
    clips: Sequence[Clip],
    heard: Sequence[Finding],
    captioner: Captioner,
    work: StageWork,
    listener: Listener,
) -> list[Finding]:
    """Caption clips one after another, saving what was written, abstentions too.

    Args:
        path: Of the video.
        clips: Those that have a picture, in time order.
        heard: Speech and subtitles are told to the captioner.
        captioner: That writes.
        work: The captions stage, running.
        listener: Told how far it has come.

    Returns:
        One finding for each clip that the captioner could tell something of.

    Raises:
        MediaError: The file cannot be read.
    """
    memo: Memo[str] = Memo(work, _packed, _unpacked)
    spoken = sorted(
        (found for found in heard if found.kind in SPOKEN_KINDS), key=lambda found: found.span
    )
    frames = RandomAccessFrames()
    captions = []
    for clip in clips:
        at = clip.span.start_seconds
        written = memo.recall(at)
        if written is None:
            pictures = frames.frames_at(path, captioner.instants(clip.span))
            lines = [(each.span, each.text) for each in spoken if each.span.overlaps(clip.span)]
            written = captioner.caption(clip.span, pictures, lines) or NO_CAPTION
            memo.note(at, written)
            memo.save_in_time()
            listener.tell("captions", EventState.PROGRESS, clip.span.end_seconds)
        if written != NO_CAPTION:
            captions.append(Finding(EvidenceKind.CAPTION, clip.span, written, captioner.model_id))
    return captions


def _packed(entries: Sequence[tuple[float, str]]) -> bytes:
    return pack({"captions": [list(entry) for entry in entries]})


def _unpacked(payload: bytes) -> list[tuple[float, str]]:
    values, _ = unpack(payload)
    return cast("list[tuple[float, str]]", [(at, text) for at, text in values["captions"]])
