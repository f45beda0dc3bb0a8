"""A short film with all that a stage may find: some seconds of the sample film, and subtitles.

The subtitles hold one line of what is spoken and marks, so the rest is listened to.
"""

from fractions import Fraction
from pathlib import Path

import av

START_SECONDS, NUM_SECONDS = 42.0, 40.0
# Spoken, on the clock of the sample film; marks beside it become evidence of their own.
CUES = (
    (42.5, 44.8, "BEN: Part one. Leaving the ground."),
    (48.0, 49.0, "[engines hum]"),
    (75.0, 77.5, "♪ slow piano ♪"),
)


def write_stretch(
    source: Path,
    path: Path,
    start_seconds: float = START_SECONDS,
    num_seconds: float = NUM_SECONDS,
) -> Path:
    """Encode a stretch of a film anew, and write the sample film's cues beside it.

    Args:
        source: A film with a picture and a sound track.
        path: Of the new film; its subtitles lie beside it.
        start_seconds: Of the stretch in ``source``.
        num_seconds: Of it.
    """
    end_seconds = start_seconds + num_seconds
    with av.open(str(source)) as whole, av.open(str(path), "w") as part:
        pictures, sounds = whole.streams.video[0], whole.streams.audio[0]
        video = part.add_stream("libx264", rate=pictures.average_rate)
        video.width, video.height, video.pix_fmt = pictures.width, pictures.height, "yuv420p"
        video.options = {"preset": "veryfast", "crf": "20", "threads": "1"}
        sound = part.add_stream("aac", rate=sounds.rate, layout=sounds.layout.name)
        sound.metadata["language"] = sounds.metadata.get("language", "und")
        outputs = {pictures.index: video, sounds.index: sound}
        whole.seek(int(start_seconds / pictures.time_base), stream=pictures)
        for frame, index in _frames(whole, (pictures, sounds), end_seconds):
            if start_seconds <= frame.time < end_seconds:
                frame.pts -= round(Fraction(start_seconds) / frame.time_base)
                if isinstance(frame, av.VideoFrame):
                    frame.pict_type = av.video.frame.PictureType.NONE
                part.mux(outputs[index].encode(frame))
        for output in outputs.values():
            part.mux(output.encode(None))
    path.with_suffix(".en.srt").write_text(_subtitles(start_seconds, end_seconds), "utf-8")
    return path


def _frames(whole, streams, end_seconds):
    for packet in whole.demux(streams):
        if packet.pts is not None and packet.pts * packet.time_base > end_seconds + 1:
            return
        for frame in packet.decode():
            yield frame, packet.stream.index


def _subtitles(start_seconds: float, end_seconds: float) -> str:
    within = [cue for cue in CUES if start_seconds <= cue[0] and cue[1] <= end_seconds]
    return "\n".join(
        f"{number}\n{_clock(start - start_seconds)} --> {_clock(end - start_seconds)}\n{text}\n"
        for number, (start, end, text) in enumerate(within, start=1)
    )


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"00:{whole // 60:02}:{whole % 60:02},{milliseconds:03}"
