"""A video file in; clips, evidence and embeddings out."""
