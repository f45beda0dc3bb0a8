"""Vector stores that a user might take instead, each behind the same few verbs."""
