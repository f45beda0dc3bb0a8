"""Which points are to say which span when the decoder is trained.

Source:
    Zhang et al., "ActionFormer: Localizing Moments of Actions with Transformers", ECCV 2022: centre
    sampling, a range of lengths for each level, and the shortest span where several fit.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

CENTRE_RADIUS_STRIDES = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class PointTargets:
    """What the heads should say.

    Attributes:
        is_positive: ``(..., N)`` bool; the point belongs to a span.
        distances: ``(..., N, 2)`` back to the start and on to the end of that span, in strides of
            the point; of the first span where the point belongs to none.
    """

    is_positive: Tensor
    distances: Tensor


def assign_points(points: Tensor, spans: Tensor) -> PointTargets:
    """Give each point the shortest span that it is to find.

    A point finds a span if it stands inside it, within 1.5 strides of its centre, and if the
    farther end of the span is as far away as the point's level answers for.

    Args:
        points: ``(N, 4)``, as ``point_table`` lists them.
        spans: ``(G, 2)`` start and end in frames, at least one.

    Raises:
        ValueError: There is no span.
    """
    if not len(spans):
        raise ValueError("needs at least one span to assign points to")
    place, lowest, highest, stride = (column[:, None] for column in points.unbind(dim=1))
    start, end = spans[:, 0], spans[:, 1]
    centre, radius = (start + end) / 2, CENTRE_RADIUS_STRIDES * stride
    is_near = (place >= torch.maximum(centre - radius, start)) & (
        place <= torch.minimum(centre + radius, end)
    )
    back, on = place - start, end - place
    far = torch.maximum(back, on)
    fits = is_near & (far >= lowest) & (far <= highest)
    length = torch.where(fits, end - start, math.inf)
    shortest = length.argmin(dim=1, keepdim=True)
    distances = torch.cat((back.gather(1, shortest), on.gather(1, shortest)), dim=1) / stride
    return PointTargets(fits.any(dim=1), distances)
