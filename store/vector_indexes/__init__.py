"""Vector search: in files beside the catalogue, or inside PostgreSQL."""
