"""How good retrieval is: one measure a file, each with its definition and source; numpy only.

A measure scores one query, in ``[0, 1]``; what is published is the mean over queries, which
``per_query`` prepares: it pairs predictions with what is true and counts a missing one as a miss.
What the reasoner adds, from IoU to answers, is in ``reasoner/metrics``.
"""
