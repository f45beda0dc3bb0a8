"""Every error that cinedex raises on purpose.

    CinedexError
    ├── InputError                 what was asked cannot be done (exit code 2)
    │   ├── QueryError             empty query, k < 1, a span that ends before it starts
    │   │   └── QuerySyntaxError   a filter or a mark of a query that cannot be read
    │   ├── UnknownNameError       no such video, stage, model, profile or setting
    │   ├── ConfigError            a setting that is unknown or out of range
    │   ├── ArchiveError           an archive that is damaged, forged or not to be written there
    │   ├── TrainingDataError      a line of training data that a role cannot learn from
    │   └── DatasetError           a line of a dataset or of predictions that cannot be scored
    ├── MediaError                 one file that cannot be indexed (exit code 6; the run goes on)
    │   ├── MediaNotFoundError     missing, or vanished while it was read
    │   ├── MediaUnreadableError   no permission, or an input/output error
    │   ├── NotAVideoError         no container that the decoder knows, or no bytes
    │   ├── MediaDecodeError       a container that opens and holds nothing that can be decoded
    │   └── PictureShapeError      pictures so long and narrow that no model takes them
    ├── LibraryError               the library itself (exit code 4)
    │   ├── LibraryNotFoundError
    │   ├── LibraryLockedError
    │   ├── LibraryNewerError      written by a newer cinedex
    │   ├── LibraryDamagedError
    │   ├── LibraryFullError       no space left on the device
    │   ├── LibraryConnectionError the database server cannot be reached, or went away
    │   ├── LibraryPlaceError      the place cannot hold a library, such as a network share
    │   ├── RecallTooLowError      quantised vectors would find too little
    │   └── EncoderMismatchError   vectors of one encoder searched with another
    ├── ClusterError               the cluster of workers cannot be reached or used (exit code 4)
    ├── WorkerDiedError            a process died, again and again, over one video (exit code 6)
    ├── DeviceMemoryError          a model, or what it is shown, has no room in memory (exit code 5)
    ├── ModelOutputError           a model gave numbers that mean nothing, such as NaN (exit code 1)
    └── WeightsError               model files (exit code 5)
        ├── WeightsMissingError    not here, and not fetched because offline
        ├── WeightsDigestError     here, and not what was pinned
        └── CheckpointError        files of a model that do not fit together

An error says what happened with the facts and, last, what to do about it. ``ValueError`` and
``TypeError`` stay what they are: a mistake in the calling code.
"""


class CinedexError(Exception):
    """Root of the tree; ``exit_code`` is what the command line returns."""

    exit_code = 1


class InputError(CinedexError):
    """What was asked cannot be done as asked."""

    exit_code = 2


class QueryError(InputError):
    """A query or question that cannot be searched."""


class QuerySyntaxError(QueryError):
    """A query with a filter or a mark that cannot be read.

    Attributes:
        query: As typed.
        column: Of the character where what is wrong begins, from 1.
    """

    def __init__(self, message: str, query: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.query = query
        self.column = column


class UnknownNameError(InputError):
    """A name that stands for nothing here; the message lists the names that do."""


class ConfigError(InputError):
    """A setting that is unknown, or whose value is out of range."""


class ArchiveError(InputError):
    """An archive of a library that cannot be read or written as asked."""


class TrainingDataError(InputError):
    """A file of training data, or a line of it, that is not what a role learns from."""


class DatasetError(InputError):
    """A file of queries or predictions, or a line of it, that cannot be scored."""


class MediaError(CinedexError):
    """One media file that cannot be indexed."""

    exit_code = 6


class MediaNotFoundError(MediaError):
    """The file is missing, or vanished while it was read."""


class MediaUnreadableError(MediaError):
    """The file exists and cannot be read."""


class NotAVideoError(MediaError):
    """The file holds no container that the decoder knows."""


class MediaDecodeError(MediaError):
    """The container opens and holds nothing that can be decoded."""


class PictureShapeError(MediaError):
    """The pictures are so long and narrow that no model takes them."""


class LibraryError(CinedexError):
    """The library cannot be used as it is."""

    exit_code = 4


class LibraryNotFoundError(LibraryError):
    """There is no library at this place."""


class LibraryLockedError(LibraryError):
    """Another process is writing and did not finish in time."""


class LibraryNewerError(LibraryError):
    """The library was written by a newer version of cinedex."""


class LibraryDamagedError(LibraryError):
    """The catalogue cannot be read."""


class LibraryFullError(LibraryError):
    """There is no space left for what must be written."""


class LibraryConnectionError(LibraryError):
    """The database server cannot be reached, or the connection to it was lost."""


class LibraryPlaceError(LibraryError):
    """The file system cannot hold a library that several processes use safely."""


class RecallTooLowError(LibraryError):
    """Quantised vectors would find too little of what these vectors find."""


class EncoderMismatchError(LibraryError):
    """A query vector comes from another encoder than the vectors it is compared with."""


class ClusterError(CinedexError):
    """The cluster of workers cannot be reached, or no worker runs on it."""

    exit_code = 4


class WorkerDiedError(CinedexError):
    """A worker process died over a video as often as it was tried."""

    exit_code = 6


class DeviceMemoryError(CinedexError):
    """A model, or what it is shown, has no room in the memory of its device."""

    exit_code = 5


class ModelOutputError(CinedexError):
    """A model gave NaN or infinity where a number is ranked or shown."""


class WeightsError(CinedexError):
    """Model files are missing or are not what was pinned."""

    exit_code = 5


class WeightsMissingError(WeightsError):
    """Model files are not on this machine and were not fetched."""


class WeightsDigestError(WeightsError):
    """A model file's digest is not the pinned one."""


class CheckpointError(WeightsError):
    """A model's files are damaged, or do not fit together."""
