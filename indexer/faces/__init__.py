"""Detectors of faces."""
