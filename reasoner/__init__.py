"""A question and moments in; a grounded answer out."""
