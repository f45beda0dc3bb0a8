"""The four roles on the pixels of the windows: one Qwen2-VL, an adapter for each role."""
