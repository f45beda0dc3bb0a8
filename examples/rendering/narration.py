"""Speech by espeak-ng, trimmed to the sound itself so that its times are true."""

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rendering.errors import MissingToolError
from rendering.screenplay import Voice

SAMPLES_PER_SECOND = 44_100
SPEECH_RMS = 0.11
# Sound below this share of the peak, at either end of a line, is silence.
SILENCE_SHARE = 0.01


def speak(text: str, voice: Voice) -> NDArray[np.float32]:
    """Speak a line.

    Returns:
        ``(T,)`` float32 at ``SAMPLES_PER_SECOND``, from the first audible sample to the last.

    Raises:
        MissingToolError: espeak-ng is not installed.
    """
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        raise MissingToolError("espeak-ng is missing; run: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        speed = str(voice.words_per_minute)
        command = [espeak, "-v", voice.espeak_voice, "-s", speed, "-w", str(path), text]
        subprocess.run(command, check=True)
        return _level(_trim(_read(path)))


def _read(path: Path) -> NDArray[np.float32]:
    with wave.open(str(path), "rb") as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        samples = pcm.astype(np.float32) / np.float32(32768)
        rate = file.getframerate()
    return _resample(samples, rate)


def _resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    num_samples = round(samples.size * SAMPLES_PER_SECOND / rate)
    longer = np.fft.irfft(np.fft.rfft(samples), num_samples) * (num_samples / samples.size)
    return np.asarray(longer, dtype=np.float32)


def _trim(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(samples) > SILENCE_SHARE * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def _level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    gain = SPEECH_RMS / float(np.sqrt(np.mean(samples**2)))
    return np.asarray(np.clip(samples * gain, -0.98, 0.98), dtype=np.float32)
