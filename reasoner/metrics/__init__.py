"""How good grounding and answering are: one measure a file; numpy only.

A measure scores one query, in ``[0, 1]`` but for the in-span score;
``retriever/metrics/per_query.py`` scores all of them, and the mean is what papers report.
The predictions of a query are spans, best first, as a sequence; empty is a miss. A span is a
``TimeSpan``, which refuses NaN, negative bounds and an end before the start when it is made.
"""
