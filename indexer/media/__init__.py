"""Media files: what they are, their frames and their sound, on one clock.

The only home of PyAV and decord. PyAV is the reference for frames and times.
"""

from indexer.media.audio import AudioReader, AudioTrack, audio_chunks, read_audio
from indexer.media.frames import Frame, FrameReader, decode_frames
from indexer.media.probe import MediaInfo, probe
from indexer.media.random_access import RandomAccessFrames

__all__ = [
    "AudioReader",
    "AudioTrack",
    "Frame",
    "FrameReader",
    "MediaInfo",
    "RandomAccessFrames",
    "audio_chunks",
    "decode_frames",
    "probe",
    "read_audio",
]
