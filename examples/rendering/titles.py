"""Writing on the screen: title cards and lower thirds."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

BACKGROUND = (22, 28, 38)
HEADING_COLOR = (250, 236, 200)
TEXT_COLOR = (245, 245, 245)
BAR_COLOR = (0, 0, 0, 185)
HEADING_POINTS = 58
CARD_POINTS = 36
LOWER_THIRD_POINTS = 27
LINE_SPACING = 1.3
MARGIN_PIXELS = 24


def title_card(
    heading: Sequence[str], lines: Sequence[str], width_pixels: int, height_pixels: int
) -> Image.Image:
    """Draw a card: heading in large letters, further lines below, all centred."""
    image = Image.new("RGB", (width_pixels, height_pixels), BACKGROUND)
    draw = ImageDraw.Draw(image)
    rows = [(text, HEADING_POINTS, HEADING_COLOR) for text in heading]
    rows += [(text, CARD_POINTS, TEXT_COLOR) for text in lines]
    y = (height_pixels - sum(points * LINE_SPACING for _, points, _ in rows)) / 2
    for text, points, color in rows:
        y += points * LINE_SPACING / 2
        font = ImageFont.load_default(size=points)
        draw.text((width_pixels / 2, y), text, fill=color, font=font, anchor="mm")
        y += points * LINE_SPACING / 2
    return image


def with_lower_third(image: Image.Image, lines: Sequence[str]) -> Image.Image:
    """Lay a caption on a dark bar over the foot of a frame."""
    font = ImageFont.load_default(size=LOWER_THIRD_POINTS)
    row_pixels = LOWER_THIRD_POINTS * LINE_SPACING
    bar_top = image.height - MARGIN_PIXELS - row_pixels * len(lines) - 8
    overlay = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(overlay)
    bar = (0, bar_top, image.width, image.height - MARGIN_PIXELS + 8)
    draw.rectangle(bar, fill=BAR_COLOR)
    for number, text in enumerate(lines):
        y = bar_top + 8 + row_pixels * (number + 0.5)
        draw.text((MARGIN_PIXELS, y), text, fill=TEXT_COLOR, font=font, anchor="lm")
    return Image.alpha_composite(image.convert("RGBA"), overlay).convert("RGB")
