"""How good retrieval is: one measure a file, each with its definition and source; numpy only."""
