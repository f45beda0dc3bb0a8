"""Full-text search in each kind of database."""
