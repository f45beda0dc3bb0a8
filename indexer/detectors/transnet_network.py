"""The layers of TransNetV2.

Apart from ``transnet.py`` so that the architecture reads in one sitting and the detector is about
streaming. Module names follow the published state dict, which therefore loads as it is.

Source:
    Soucek & Lokoc, "TransNet V2: An effective deep network architecture for fast shot transition
    detection", arXiv:2008.04838, 2020.
"""

import torch
from torch import Tensor, nn

FRAME_HEIGHT = 27
FRAME_WIDTH = 48
BLOCKS = 3
CELLS_PER_BLOCK = 2
FIRST_FILTERS = 16
DILATIONS = (1, 2, 4, 8)
LOOKUP_FRAMES = 101  # each frame is compared with 50 before it, itself and 50 after it
SIMILARITY_FEATURES = 128
HISTOGRAM_BITS = 3  # per colour channel
NORMALISATION_EPSILON = 1e-3


class FactorisedConvolution(nn.Module):
    """A 3 x 3 convolution in space, then one over three frames, ``dilation`` apart."""

    def __init__(self, inputs: int, filters: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Conv3d(inputs, 2 * filters, (1, 3, 3), padding=(0, 1, 1), bias=False),
                nn.Conv3d(
                    2 * filters,
                    filters,
                    (3, 1, 1),
                    dilation=(dilation, 1, 1),
                    padding=(dilation, 0, 0),
                    bias=False,
                ),
            ]
        )

    def forward(self, volume: Tensor) -> Tensor:
        """Map ``(B, C, T, H, W)`` to ``(B, filters, T, H, W)``."""
        for layer in self.layers:
            volume = layer(volume)
        return volume


class DilatedCell(nn.Module):
    """Four time scales side by side."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        for dilation in DILATIONS:
            self.add_module(f"Conv3D_{dilation}", FactorisedConvolution(inputs, filters, dilation))
        self.bn = nn.BatchNorm3d(filters * len(DILATIONS), eps=NORMALISATION_EPSILON)

    def forward(self, volume: Tensor) -> Tensor:
        """Map ``(B, C, T, H, W)`` to ``(B, 4 * filters, T, H, W)``, not yet rectified."""
        scales = [self.get_submodule(f"Conv3D_{dilation}")(volume) for dilation in DILATIONS]
        normalised: Tensor = self.bn(torch.cat(scales, dim=1))
        return normalised


class ResidualBlock(nn.Module):
    """Two cells with a skip connection over the second; halves height and width."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        width = filters * len(DILATIONS)
        self.DDCNN = nn.ModuleList(
            DilatedCell(inputs if cell == 0 else width, filters) for cell in range(CELLS_PER_BLOCK)
        )

    def forward(self, volume: Tensor) -> Tensor:
        """Map ``(B, C, T, H, W)`` to ``(B, 4 * filters, T, H // 2, W // 2)``."""
        skipped = torch.relu(self.DDCNN[0](volume))
        deep = torch.relu(self.DDCNN[1](skipped))
        return nn.functional.avg_pool3d(deep + skipped, (1, 2, 2))


class FrameSimilarity(nn.Module):
    """How alike each frame's learned features are to those of the frames around it."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, SIMILARITY_FEATURES)
        self.fc = nn.Linear(LOOKUP_FRAMES, SIMILARITY_FEATURES)

    def forward(self, features: Tensor) -> Tensor:
        """Map ``(B, T, C)`` frame features to ``(B, T, 128)``."""
        directions = nn.functional.normalize(self.projection(features), dim=2)
        return torch.relu(self.fc(similarity_bands(directions)))


class ColourSimilarity(nn.Module):
    """How alike each frame's colour histogram is to those of the frames around it."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(LOOKUP_FRAMES, SIMILARITY_FEATURES)

    def forward(self, frames: Tensor) -> Tensor:
        """Map ``(B, T, H, W, 3)`` uint8 to ``(B, T, 128)``."""
        return torch.relu(self.fc(similarity_bands(colour_histograms(frames))))


def colour_histograms(frames: Tensor) -> Tensor:
    """Count colours in 512 bins: ``(B, T, H, W, 3)`` uint8 to ``(B, T, 512)`` of unit L2 norm."""
    levels = frames.to(torch.int64) >> (8 - HISTOGRAM_BITS)
    bins = (
        (levels[..., 0] << 2 * HISTOGRAM_BITS) + (levels[..., 1] << HISTOGRAM_BITS) + levels[..., 2]
    )
    bins = bins.flatten(2)
    counts = torch.zeros(*bins.shape[:2], 1 << 3 * HISTOGRAM_BITS)
    counts.scatter_add_(2, bins, torch.ones_like(bins, dtype=counts.dtype))
    return nn.functional.normalize(counts, dim=2)


def similarity_bands(directions: Tensor) -> Tensor:
    """Compare each frame with its neighbours: ``(B, T, C)`` unit rows to ``(B, T, 101)``."""
    half = LOOKUP_FRAMES // 2
    padded = nn.functional.pad(directions, (0, 0, half, half))
    neighbours = padded.unfold(1, LOOKUP_FRAMES, 1)
    return torch.einsum("btc,btcw->btw", directions, neighbours)


class TransNetV2(nn.Module):
    """The whole network."""

    def __init__(self) -> None:
        super().__init__()
        blocks = []
        inputs, pooled = 3, 0
        for index in range(BLOCKS):
            filters = FIRST_FILTERS << index
            blocks.append(ResidualBlock(inputs, filters))
            inputs = filters * len(DILATIONS)
            pooled += inputs
        self.SDDCNN = nn.ModuleList(blocks)
        self.frame_sim_layer = FrameSimilarity(pooled)
        self.color_hist_layer = ColourSimilarity()
        cells = (FRAME_HEIGHT >> BLOCKS) * (FRAME_WIDTH >> BLOCKS)
        self.fc1 = nn.Linear(inputs * cells + 2 * SIMILARITY_FEATURES, 1024)
        self.cls_layer1 = nn.Linear(1024, 1)
        self.cls_layer2 = nn.Linear(1024, 1)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Look at ``(B, T, 27, 48, 3)`` uint8 RGB.

        Returns:
            Two ``(B, T)`` probabilities: that a frame is the middle of a transition; that it
            belongs to one.
        """
        volume = frames.permute(0, 4, 1, 2, 3).float() / 255
        pooled = []
        for block in self.SDDCNN:
            volume = block(volume)
            pooled.append(volume.mean(dim=(3, 4)))
        similar = self.frame_sim_layer(torch.cat(pooled, dim=1).transpose(1, 2))
        coloured = self.color_hist_layer(frames)
        flat = volume.permute(0, 2, 3, 4, 1).flatten(2)
        hidden = torch.relu(self.fc1(torch.cat([coloured, similar, flat], dim=2)))
        middles = torch.sigmoid(self.cls_layer1(hidden)).squeeze(2)
        members = torch.sigmoid(self.cls_layer2(hidden)).squeeze(2)
        return middles, members
