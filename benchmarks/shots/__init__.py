"""Composes films whose every cut is known, and measures the shot detectors on them."""
