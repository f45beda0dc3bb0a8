"""Questions that a few moments do not answer: what it is about, how often, what comes next."""
