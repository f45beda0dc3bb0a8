"""VideoMind's weights on disk: the published layout, our converted form, and what both hold."""
