"""The film's pictures, one after another, as the timeline orders them."""

from collections.abc import Iterator

from PIL import Image

from rendering.pictures import photograph, view_at
from rendering.timeline import PlacedShot, Timeline
from rendering.titles import title_card, with_lower_third


def film_frames(timeline: Timeline) -> Iterator[Image.Image]:
    """Draw every frame of the film, in order."""
    width, height = timeline.screenplay.width_pixels, timeline.screenplay.height_pixels
    first = 0
    for number in range(timeline.num_frames):
        while timeline.shots[first].end_frame <= number:
            first += 1
        image = shot_frame(timeline.shots[first], number, width, height)
        if first + 1 < len(timeline.shots) and timeline.shots[first + 1].start_frame <= number:
            incoming = timeline.shots[first + 1]
            share = (number - incoming.start_frame + 1) / (timeline.screenplay.dissolve_frames + 1)
            image = Image.blend(image, shot_frame(incoming, number, width, height), share)
        yield image


def shot_frame(
    placed: PlacedShot, frame_number: int, width_pixels: int, height_pixels: int
) -> Image.Image:
    """Draw one shot alone, as of a frame of the film."""
    shot = placed.shot
    if shot.picture is None:
        return title_card(shot.heading, shot.card, width_pixels, height_pixels)
    elapsed_frames = frame_number - placed.start_frame
    progress = elapsed_frames / max(placed.num_frames - 1, 1)
    view = view_at(shot.view_from, shot.view_to, progress)
    image = photograph(shot.picture, view, width_pixels, height_pixels)
    if shot.lower_third and elapsed_frames >= placed.caption_delay_frames:
        image = with_lower_third(image, shot.lower_third)
    return image
