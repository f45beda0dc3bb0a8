"""Renders the sample film and its truth: ``python examples/render.py``."""

import json
import sys
from pathlib import Path

from rendering.encoder import encode
from rendering.errors import RenderError
from rendering.frames import film_frames
from rendering.screenplay import load_screenplay
from rendering.timeline import lay_out, mix_audio
from rendering.truth import truth_of

SAMPLE_FOLDER = Path(__file__).parent / "sample"


def render(folder: Path) -> Path:
    """Render ``folder/script.toml`` into a film and ``truth.json`` beside it.

    Returns:
        The film's path.

    Raises:
        RenderError: A tool is missing or the screenplay asks for the impossible.
    """
    screenplay = load_screenplay(folder / "script.toml")
    timeline = lay_out(screenplay)
    truth = json.dumps(truth_of(timeline), indent=2, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8")
    film_path = folder / f"{screenplay.title}.mp4"
    encode(film_path, screenplay, film_frames(timeline), mix_audio(timeline))
    return film_path


if __name__ == "__main__":
    try:
        print(render(SAMPLE_FOLDER))
    except RenderError as error:
        sys.exit(f"render: {error}")
