"""A query in; ranked moments out."""
