"""Queries of a dataset put to a library, and what the predictions are worth.

Running (``running.py``) and measuring (``report.py``) are apart: what lies between is a file
(``predictions_file.py``), so that predictions of others can be measured too.
"""
