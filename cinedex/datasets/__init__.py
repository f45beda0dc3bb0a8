"""Queries with what is true of them, in the formats of the field: one format a file.

``formats.py`` names them; ``docs/EVALUATION.md`` shows a line of each.
"""
