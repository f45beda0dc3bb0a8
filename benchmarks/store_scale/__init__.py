"""How the store scales: search, opening, recall, memory and disk from 10^4 to 10^6 vectors.

Run ``python -m benchmarks.store_scale``; ``--quick`` runs everything small. What is searched is
made up, so that it needs nothing from outside the project, but from what the real encoder says:

- *Words* (``vocabulary.py``): the encoder's own word list in its order of frequency, drawn by
  Zipf's law, grouped into topics by the encoder's word vectors, with invented names for the tail.
- *Sentences* (``sentences.py``): the project's own sentences with their content words exchanged
  for words of one topic. Some thousands of them are embedded by the real encoder: the seeds.
- *Texts* (``synthesis.py``): a row is a seed with some words exchanged. Its vector is the seed
  moved as far, and in such directions, as the encoder moves a sentence whose words are exchanged.
- *Pictures* (``pictures.py``): the real head's mixture of the real label embeddings, under
  probabilities as a network gives them; the pictures of a scene resemble each other.
- *Queries* (``sentences.py``): sentences of another form, with stop words, encoded at search time.

``structure.py`` compares the made-up vectors with really embedded sentences and with noise.
"""
