"""Screen text readers: implementations of ``indexer.interfaces.ScreenTextReader``, one a file."""
