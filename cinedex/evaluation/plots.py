"""Plots as SVG, drawn as text: a page carries them and needs no library to show them.

Colours are classes, so that the page's style says them, for light and for dark.
"""

from collections.abc import Sequence

from cinedex.evaluation.curves import RIGHT_IOU, RecallCurve
from cinedex.evaluation.figures import Figure
from cinedex.evaluation.prediction import PredictedMoment
from cinedex.evaluation.report_text import percent
from store.timespan import TimeSpan

WIDTH, HEIGHT = 460, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 66, 14, 36
LABEL_GAP = 14
FOREST_WIDTH, FOREST_HEIGHT = 240, 16
TIMELINE_WIDTH, TIMELINE_HEIGHT = 300, 30
LEAST_BAR_WIDTH = 2.0


def recall_plot(curves: Sequence[RecallCurve]) -> str:
    """Draw R@k over k, a line for each IoU with its name at the end."""
    depth = len(curves[0].recalls)
    parts = [_percent_grid(), _depth_axis(depth)]
    ends = []
    for number, curve in enumerate(curves, start=1):
        points = [(_x(k, depth), _y(share)) for k, share in enumerate(curve.recalls, start=1)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="line s{number}" points="{line}"/>')
        parts += [
            f'<circle class="dot s{number}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
            f"<title>R@{k}, IoU={curve.iou}: {percent(share)} %</title></circle>"
            for k, ((x, y), share) in enumerate(zip(points, curve.recalls, strict=True), start=1)
        ]
        ends.append((points[-1], f"IoU {curve.iou}"))
    heights = _apart([y for (_, y), _ in ends])
    parts += [
        f'<text x="{x + 8:.1f}" y="{height + 4:.1f}">{label}</text>'
        for ((x, _), label), height in zip(ends, heights, strict=True)
    ]
    return _svg(WIDTH, HEIGHT, "Recall over k", parts)


def histogram_plot(counts: Sequence[int]) -> str:
    """Draw how many queries have a first moment of which IoU; those that are right stand out."""
    most = max(max(counts), 1)
    step = (WIDTH - LEFT - RIGHT) / len(counts)
    parts = [f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(0)}" y2="{_y(0)}"/>']
    for number, count in enumerate(counts):
        low, high = number / len(counts), (number + 1) / len(counts)
        left, top = LEFT + number * step, _y(count / most)
        kind = "right" if low >= RIGHT_IOU else "wrong"
        parts.append(
            f'<rect class="{kind}" x="{left + 1:.1f}" y="{top:.1f}" width="{step - 2:.1f}" '
            f'height="{_y(0) - top:.1f}"><title>IoU {low:.1f} to {high:.1f}: {count}</title></rect>'
        )
        if count:
            middle = left + step / 2
            parts.append(f'<text class="mid" x="{middle:.1f}" y="{top - 3:.1f}">{count}</text>')
    parts += [
        f'<text class="mid" x="{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}" y="{_y(0) + 16}">'
        f"{share:g}</text>"
        for share in (0, 0.5, 1)
    ]
    parts.append(_axis_name("IoU of the first moment"))
    return _svg(WIDTH, HEIGHT, "Queries by the IoU of their first moment", parts)


def forest_plot(figure: Figure) -> str:
    """Draw one mean and its interval between 0 and 100 %."""
    low, mean, high = (FOREST_WIDTH * share for share in (figure.low, figure.mean, figure.high))
    middle = FOREST_HEIGHT / 2
    parts = [
        f'<line class="grid" x1="0" x2="{FOREST_WIDTH}" y1="{middle}" y2="{middle}"/>',
        f'<rect class="interval" x="{low:.1f}" y="4" width="{high - low:.1f}" height="8"/>',
        f'<line class="mean" x1="{mean:.1f}" x2="{mean:.1f}" y1="1" y2="15"/>',
    ]
    return _svg(FOREST_WIDTH, FOREST_HEIGHT, f"{figure.name} and its interval", parts, "forest")


def timeline_plot(truths: Sequence[TimeSpan], predicted: PredictedMoment | None) -> str:
    """Draw where the true spans lie, above, and the predicted one, below."""
    spans = [*truths, *([] if predicted is None else [predicted.span])]
    total_seconds = max(span.end_seconds for span in spans)
    parts = [
        f'<line class="axis" x1="0" x2="{TIMELINE_WIDTH}" y1="15" y2="15"/>',
        *(_bar("right", truth, total_seconds, top=3) for truth in truths),
    ]
    if predicted is not None:
        parts.append(_bar("wrong", predicted.span, total_seconds, top=17))
    return _svg(TIMELINE_WIDTH, TIMELINE_HEIGHT, "True above, found below", parts, "timeline")


def _bar(kind: str, span: TimeSpan, total_seconds: float, top: int) -> str:
    scale = (TIMELINE_WIDTH - LEAST_BAR_WIDTH) / total_seconds
    width = max(LEAST_BAR_WIDTH, scale * span.duration_seconds)
    return (
        f'<rect class="{kind}" x="{scale * span.start_seconds:.1f}" y="{top}" '
        f'width="{width:.1f}" height="10"/>'
    )


def _svg(width: int, height: int, label: str, parts: Sequence[str], kind: str = "plot") -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _x(k: int, depth: int) -> float:
    reach = WIDTH - LEFT - RIGHT
    return LEFT + reach * (k - 1) / (depth - 1) if depth > 1 else LEFT + reach / 2


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _percent_grid() -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(share)}" y2="{_y(share)}"/>'
        f'<text class="end" x="{LEFT - 6}" y="{_y(share) + 4}">{100 * share:.0f} %</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )


def _depth_axis(depth: int) -> str:
    marks = sorted({1, depth, *(k for k in (5, 10, 20, 50, 100) if k < depth)})
    return _axis_name("k") + "".join(
        f'<text class="mid" x="{_x(k, depth):.1f}" y="{_y(0) + 16}">{k}</text>' for k in marks
    )


def _axis_name(name: str) -> str:
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    return f'<text class="mid name" x="{middle}" y="{HEIGHT - 4}">{name}</text>'


def _apart(heights: Sequence[float]) -> list[float]:
    """Move labels down, from the top on, until none covers another."""
    moved = list(heights)
    below = float("-inf")
    for number in sorted(range(len(heights)), key=lambda number: heights[number]):
        moved[number] = max(heights[number], below + LABEL_GAP)
        below = moved[number]
    return moved
