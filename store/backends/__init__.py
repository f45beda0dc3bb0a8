"""Databases that can hold a catalogue."""
