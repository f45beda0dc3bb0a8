"""What the stages of indexing found, kept in the catalogue until it is published and after.

A stage writes its result in parts while it runs, so that a process that is killed loses what it did
since the last part and no more. Results outlive their publication: a stage whose key has not
changed is not run again. They are a memory and no truth: a part that is damaged is forgotten, and
an archive leaves them out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, defer

from store.database import Database
from store.records import StageResult, StageState
from store.tables import StagePartRow, StageResultRow, VideoRow

DIGEST_BYTES = 16


class StageResults:
    """Reads and writes stage results; every method is one transaction.

    Args:
        database: Open; not closed here.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all_of(self, video_id: str) -> dict[str, StageResult]:
        """Map stages of a video to what is known of them; what is damaged is not known."""
        statement = (
            select(StageResultRow)
            .where(StageResultRow.video_id == video_id)
            .options(defer(StageResultRow.facts))
        )
        with self._database.reading() as session:
            records = [_record(row) for row in session.scalars(statement)]
        return {record.stage: record for record in records if record is not None}

    def begin(
        self, video_id: str, stage: str, key: str, facts: Mapping[str, Any]
    ) -> tuple[int, list[bytes]]:
        """Note that a stage starts.

        Returns:
            The number of the attempt, and the parts that an earlier one under the same key left, in
            order; a result under another key is forgotten. No parts where another process has
            finished it meanwhile: that stays.
        """

        def work(session: Session) -> tuple[int, list[bytes]]:
            row = _row(session, video_id, stage)
            if row is not None and row.key == key and (known := _record(row)) is not None:
                whole = _whole_parts(session, row.id)
                if known.state is StageState.FINISHED:
                    if len(whole) == _num_parts(session, row.id):
                        return row.attempt, []
                    whole = []
                row.attempt = known.attempt + 1
                row.state, row.error = StageState.RUNNING, None
                _drop_from(session, row.id, len(whole))
                return row.attempt, whole
            if row is not None:
                session.execute(delete(StageResultRow).where(StageResultRow.id == row.id))
                session.expunge(row)
            session.add(
                StageResultRow(
                    video_id=video_id,
                    stage=stage,
                    key=key,
                    state=StageState.RUNNING,
                    attempt=1,
                    seconds=0.0,
                    error=None,
                    facts=dict(facts),
                )
            )
            return 1, []

        return self._database.write(work)

    def add_part(
        self, video_id: str, stage: str, key: str, attempt: int, number: int, payload: bytes
    ) -> None:
        """Keep a part of a running stage; a part of the same number is replaced.

        A stage that another process has begun or finished meanwhile is left alone.
        """

        def work(session: Session) -> None:
            row = _row(session, video_id, stage)
            if row is not None and _is_running(row, key, attempt):
                _write_part(session, row.id, number, payload)

        self._database.write(work)

    def finish(
        self,
        video_id: str,
        stage: str,
        key: str,
        attempt: int,
        seconds: float,
        parts: Sequence[bytes] | None,
    ) -> None:
        """Note that a stage has finished.

        Args:
            video_id: Of the video.
            stage: Of it.
            key: That it began with.
            attempt: Which one it was.
            seconds: Wall time.
            parts: What it found, in place of the parts so far, whosever those are; ``None`` leaves
                those, unless another process has begun the stage meanwhile.
        """

        def work(session: Session) -> None:
            row = _row(session, video_id, stage)
            if row is None or row.key != key:
                return
            if parts is None and not _is_running(row, key, attempt):
                return
            if parts is not None:
                _drop_from(session, row.id, 0)
            for number, payload in enumerate(parts or ()):
                _write_part(session, row.id, number, payload)
            row.state, row.seconds, row.error = StageState.FINISHED, seconds, None

        self._database.write(work)

    def fail(self, video_id: str, stage: str, key: str, seconds: float, error: str) -> None:
        """Note why a stage could not be finished; its parts stay for the next attempt.

        A stage that another process has finished meanwhile is left alone.
        """
        changed = (
            update(StageResultRow)
            .where(
                StageResultRow.video_id == video_id,
                StageResultRow.stage == stage,
                StageResultRow.key == key,
                StageResultRow.state != StageState.FINISHED,
            )
            .values(state=StageState.FAILED, seconds=seconds, error=error)
        )
        self._database.write(lambda session: session.execute(changed))

    def parts(self, video_id: str, stage: str, key: str) -> list[bytes] | None:
        """Read what a finished stage found.

        Returns:
            ``None`` where no run with this key has finished, or where what it left is damaged.
        """
        with self._database.reading() as session:
            row = _row(session, video_id, stage)
            if row is None or row.key != key or row.state != StageState.FINISHED:
                return None
            whole = _whole_parts(session, row.id)
            return whole if len(whole) == _num_parts(session, row.id) else None

    def each_part(self, video_id: str, stage: str, key: str) -> Iterator[bytes]:
        """Read what a finished stage found part by part, for what is too large to be held at once.

        Raises:
            LookupError: No run with this key has finished, or a part is damaged.
        """
        with self._database.reading() as session:
            row = _row(session, video_id, stage)
            if row is None or row.key != key or row.state != StageState.FINISHED:
                raise LookupError(f"no run of stage {stage} with this key has finished")
            result, num_parts = row.id, _num_parts(session, row.id)
        for number in range(num_parts):
            with self._database.reading() as session:
                part = session.scalar(
                    select(StagePartRow).where(
                        StagePartRow.result == result, StagePartRow.number == number
                    )
                )
                if part is None or part.digest != _digest(part.payload):
                    raise LookupError(f"part {number} of stage {stage} is damaged or gone")
                payload = bytes(part.payload)
            yield payload

    def forget(self, video_id: str, stages: Iterable[str] | None = None) -> None:
        """Forget results of a video: those of some stages, or all."""
        statement = delete(StageResultRow).where(StageResultRow.video_id == video_id)
        if stages is not None:
            statement = statement.where(StageResultRow.stage.in_(list(stages)))
        self._database.write(lambda session: session.execute(statement))

    def forget_unpublished(self) -> None:
        """Forget what was found in videos that were begun and never published."""
        is_published = select(VideoRow.video_id)
        statement = delete(StageResultRow).where(StageResultRow.video_id.not_in(is_published))
        self._database.write(lambda session: session.execute(statement))


def _record(row: StageResultRow) -> StageResult | None:
    """Read a row; ``None`` where it is damaged."""
    try:
        return StageResult(
            stage=row.stage,
            key=row.key,
            state=StageState(row.state),
            attempt=int(row.attempt),
            seconds=float(row.seconds),
            error=row.error or "",
            facts=dict(row.facts),
        )
    except (TypeError, ValueError):
        return None


def _row(session: Session, video_id: str, stage: str) -> StageResultRow | None:
    return session.scalar(
        select(StageResultRow)
        .where(StageResultRow.video_id == video_id, StageResultRow.stage == stage)
        .options(defer(StageResultRow.facts))
    )


def _is_running(row: StageResultRow, key: str, attempt: int) -> bool:
    return (row.key, row.attempt, row.state) == (key, attempt, StageState.RUNNING)


def _num_parts(session: Session, result: int) -> int:
    statement = select(func.count()).where(StagePartRow.result == result)
    return session.execute(statement).scalar_one()


def _whole_parts(session: Session, result: int) -> list[bytes]:
    """Read the parts up to the first that is missing or not what was written."""
    statement = (
        select(StagePartRow.number, StagePartRow.digest, StagePartRow.payload)
        .where(StagePartRow.result == result)
        .order_by(StagePartRow.number)
    )
    whole: list[bytes] = []
    for number, digest, payload in session.execute(statement):
        if number != len(whole) or digest != _digest(payload):
            break
        whole.append(bytes(payload))
    return whole


def _write_part(session: Session, result: int, number: int, payload: bytes) -> None:
    session.execute(
        delete(StagePartRow).where(StagePartRow.result == result, StagePartRow.number == number)
    )
    session.execute(
        insert(StagePartRow).values(
            result=result, number=number, digest=_digest(payload), payload=payload
        )
    )


def _drop_from(session: Session, result: int, first: int) -> None:
    session.execute(
        delete(StagePartRow).where(StagePartRow.result == result, StagePartRow.number >= first)
    )


def _digest(payload: bytes) -> str:
    return blake2b(payload, digest_size=DIGEST_BYTES).hexdigest()
