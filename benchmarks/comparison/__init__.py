"""Compares ways to rank on films whose every answer is known, each source asked once a query."""
