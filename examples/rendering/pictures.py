"""Photographs that ship inside the scikit-image wheel, and a camera that moves over them.

Only pictures whose free right scikit-image states are listed; see ``sample/CREDITS.md``.
"""

import importlib.util
from functools import cache
from pathlib import Path

from PIL import Image

from rendering.errors import MissingToolError, ScreenplayError
from rendering.screenplay import View

PICTURE_FILES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cell": "cell.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "microaneurysms": "microaneurysms.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
}

# A picture lies on a black mat this many times its width and height on each side, so that a view
# wider than the picture shows a black border.
MAT_FRACTION = 0.5


def view_at(view_from: View, view_to: View, progress: float) -> View:
    """Where the camera is after ``progress`` (0 to 1) of a steady move."""
    x, y, width = (a + (b - a) * progress for a, b in zip(view_from, view_to, strict=True))
    return x, y, width


def photograph(name: str, view: View, width_pixels: int, height_pixels: int) -> Image.Image:
    """Take the part of a picture that the camera sees.

    Args:
        name: A key of ``PICTURE_FILES``.
        view: Centre and width, in fractions of the picture.
        width_pixels: Width of the frame.
        height_pixels: Height of the frame; fixes the height of the view too.

    Raises:
        ScreenplayError: The picture is unknown, or the view leaves the mat.
    """
    matted, picture_width, picture_height = _matted(name)
    view_width = view[2] * picture_width
    view_height = view_width * height_pixels / width_pixels
    left = (view[0] + MAT_FRACTION) * picture_width - view_width / 2
    top = (view[1] + MAT_FRACTION) * picture_height - view_height / 2
    box = (left, top, left + view_width, top + view_height)
    if min(left, top) < 0 or box[2] > matted.width or box[3] > matted.height:
        raise ScreenplayError(f"view {view} of {name} leaves its mat; move or narrow it")
    return matted.resize((width_pixels, height_pixels), Image.Resampling.BICUBIC, box=box)


@cache
def _matted(name: str) -> tuple[Image.Image, int, int]:
    if name not in PICTURE_FILES:
        raise ScreenplayError(f"unknown picture {name!r}; known: {', '.join(PICTURE_FILES)}")
    picture = Image.open(_data_folder() / PICTURE_FILES[name]).convert("RGB")
    border = (round(picture.width * MAT_FRACTION), round(picture.height * MAT_FRACTION))
    mat = Image.new("RGB", (picture.width + 2 * border[0], picture.height + 2 * border[1]))
    mat.paste(picture, border)
    return mat, picture.width, picture.height


def _data_folder() -> Path:
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise MissingToolError("scikit-image is missing; run: pip install 'cinedex[film]'")
    return Path(spec.origin).parent / "data"
