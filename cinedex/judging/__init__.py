"""What people say of what a search found: how it is asked for, summed up and made a dataset of.

``store/marks.py`` keeps it.
"""
