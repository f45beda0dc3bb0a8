"""Shot detectors: implementations of ``indexer.interfaces.ShotDetector``, one a file."""
