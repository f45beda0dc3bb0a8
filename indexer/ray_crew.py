"""A crew on a Ray cluster: every worker is an actor that holds its models; Ray's only home.

Ray says which nodes there are, starts the actors there, carries tasks and answers, and notices who
dies. An actor is tied to its node: what a lost node was doing is done by those that are left, and a
node that joins gets actors of its own.
"""

import logging
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from indexer.crew import Died, Ended
from indexer.part_actor import PartActor, PartDoer
from indexer.part_queue import PartRun
from indexer.parts import Part, PartTask
from indexer.ray_output import ray_to_stderr
from indexer.report import IndexEvent
from indexer.seating import Node, Seat, plan_seats
from store.errors import ClusterError, ConfigError

WAIT_SECONDS = 0.5
NODES_SECONDS = 2.0
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
DRAIN_SECONDS = 2.0
PATIENCE_SECONDS = 300.0
MAX_FALSE_STARTS = 3
VIDEOS_PER_LOOKER = 2


@dataclass(slots=True, eq=False)
class _Worker:
    """An actor as this process sees it.

    Attributes:
        run: The part that it does.
        answer: Ray's reference to what it will say: ``ready`` at first, then how the part ended.
        told: Ray's reference to its events, while they are asked for.
    """

    seat: Seat
    actor: Any
    answer: Any
    is_ready: bool = False
    run: PartRun | None = None
    told: Any = None


class RayCrew:
    """The workers of one run; they end with the ``with`` block.

    Args:
        address: Of the cluster's head, as host and port; ``auto`` for the one of this machine.
        make_doer: Makes what does parts; sent to every actor.
        patience_seconds: How long there may be no worker of some kind.

    Raises:
        ConfigError: Ray is not installed.
        ClusterError: The cluster cannot be reached.
    """

    def __init__(
        self,
        address: str,
        make_doer: Callable[[], PartDoer],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._aside = ExitStack()
        with redirect_stdout(sys.stderr):
            self._ray = connect(address)
        self._make_doer = make_doer
        self._patience_seconds = patience_seconds
        self._workers: dict[Seat, _Worker] = {}
        self._nodes_at = float("-inf")
        self._alive_at = dict.fromkeys(Part, time.monotonic())
        self._false_starts: Counter[Seat] = Counter()
        self._start_reasons: dict[Seat, str] = {}

    def free(self) -> Sequence[Part]:
        """Say what the workers do that have nothing to do: one entry for each."""
        return [worker.seat.part for worker in self._workers.values() if _is_free(worker)]

    def num_videos(self) -> int:
        """Say how many videos keep every worker busy."""
        looking = sum(seat.part is Part.LOOK for seat in self._workers)
        return max(1, VIDEOS_PER_LOOKER * looking)

    def give(self, run: PartRun, task: PartTask) -> None:
        """Hand a part to a free worker of its kind."""
        worker = next(
            worker
            for worker in self._workers.values()
            if worker.seat.part is run.part and _is_free(worker)
        )
        worker.run = run
        worker.answer = worker.actor.run.remote(task)

    def wait(self, on_event: Callable[[IndexEvent], None]) -> Sequence[Ended | Died]:
        """Wait a moment for parts that are over, and pass on what workers tell."""
        over: list[Ended | Died] = self._see_nodes()
        answers = {worker.answer: worker for worker in self._workers.values() if worker.answer}
        if not answers:
            time.sleep(WAIT_SECONDS)
        else:
            done, _ = self._ray.wait(list(answers), num_returns=1, timeout=WAIT_SECONDS)
            for answer in done:
                over += self._answered(answers[answer], on_event)
        self._pass_on(on_event)
        return over

    def __enter__(self) -> Self:
        self._aside.enter_context(ray_to_stderr())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            closed = [worker.actor.close.remote() for worker in self._workers.values()]
            if closed:
                self._ray.wait(closed, num_returns=len(closed), timeout=CLOSE_SECONDS)
            for worker in self._workers.values():
                self._ray.kill(worker.actor)
            self._workers.clear()
            self._ray.shutdown()
        finally:
            self._aside.close()

    def _see_nodes(self) -> list[Ended | Died]:
        """Seat workers on nodes that joined, and mourn those of nodes that are gone."""
        now = time.monotonic()
        if now - self._nodes_at < NODES_SECONDS:
            return []
        self._nodes_at = now
        wanted = plan_seats(_nodes(self._ray.nodes()))
        over: list[Ended | Died] = []
        for seat in set(self._workers) - set(wanted):
            over += self._lose(self._workers[seat], "its node left the cluster")
        for seat in wanted:
            if seat not in self._workers:
                self._require_starts(seat)
                self._workers[seat] = self._started(seat)
        self._require_every_part(now)
        return over

    def _require_starts(self, seat: Seat) -> None:
        """Give up where worker after worker dies before it is ready; its node is still there."""
        if self._false_starts[seat] >= MAX_FALSE_STARTS:
            raise ClusterError(
                f"workers that {seat.part} cannot start on node {seat.node_id}: "
                f"{self._start_reasons[seat]}, {MAX_FALSE_STARTS} times; take the node out, or "
                "look at its memory and installation, then index again: what is done is kept"
            )

    def _require_every_part(self, now: float) -> None:
        """Give up where nobody has done some part for long: its videos would wait for ever."""
        for worker in self._workers.values():
            if worker.is_ready:
                self._alive_at[worker.seat.part] = now
        for part, alive_at in self._alive_at.items():
            if now - alive_at > self._patience_seconds:
                raise ClusterError(
                    f"no node of the cluster has run a worker that can {part} for "
                    f"{self._patience_seconds:.0f} s; look at `ray status`, then index again: "
                    "what is done is kept"
                )

    def _started(self, seat: Seat) -> _Worker:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        made = self._ray.remote(PartActor).options(
            num_cpus=seat.num_cores,
            num_gpus=seat.num_gpus,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=2,  # events are asked for while a part runs
            scheduling_strategy=NodeAffinitySchedulingStrategy(seat.node_id, soft=False),
        )
        actor = made.remote(self._make_doer)
        return _Worker(seat, actor, actor.ready.remote())

    def _answered(
        self, worker: _Worker, on_event: Callable[[IndexEvent], None]
    ) -> list[Ended | Died]:
        from ray.exceptions import RayActorError, RayTaskError

        if self._workers.get(worker.seat) is not worker:
            return []  # lost meanwhile
        run = worker.run
        try:
            end = self._ray.get(worker.answer)
        except RayTaskError as error:
            raise error.cause from error
        except RayActorError as error:
            if not worker.is_ready:
                self._false_starts[worker.seat] += 1
                self._start_reasons[worker.seat] = _why(error)
            return self._lose(worker, _why(error))
        if run is not None:
            self._pass_on_last(worker, on_event)
        self._false_starts.pop(worker.seat, None)
        worker.answer, worker.run, worker.is_ready = None, None, True
        return [Ended(run, end)] if run is not None else []

    def _lose(self, worker: _Worker, reason: str) -> list[Ended | Died]:
        """Take out a worker; where its node is still there, another one is seated in its place."""
        del self._workers[worker.seat]
        return [Died(worker.run, reason)] if worker.run is not None else []

    def _pass_on(self, on_event: Callable[[IndexEvent], None]) -> None:
        for worker in self._workers.values():
            if worker.told is None:
                if worker.run is not None:
                    worker.told = worker.actor.events.remote()
                continue
            if not self._ray.wait([worker.told], timeout=0)[0]:
                continue
            told, worker.told = worker.told, None
            self._tell(told, on_event)

    def _pass_on_last(self, worker: _Worker, on_event: Callable[[IndexEvent], None]) -> None:
        """Pass on what is left to tell of a part that is over, before anybody hears of its end."""
        told, worker.told = worker.told, None
        if told is None or self._tell(told, on_event):
            self._tell(worker.actor.events.remote(), on_event)

    def _tell(self, told: Any, on_event: Callable[[IndexEvent], None]) -> bool:
        """Pass on a worker's events; return whether it answered."""
        from ray.exceptions import RayError

        try:
            events = self._ray.get(told, timeout=DRAIN_SECONDS)
        except RayError:  # its death is noticed by what it was doing
            return False
        for event in events:
            on_event(event)
        return True


def connect(address: str) -> Any:
    """Connect this process to a cluster and return Ray.

    Raises:
        ConfigError: Ray is not installed.
        ClusterError: The cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    try:
        import ray
    except ImportError as error:
        raise ConfigError(
            "a cluster needs Ray, which is not installed; `pip install 'cinedex[ray]'`"
        ) from error
    _require_answer(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"no Ray cluster at {address} ({error}); this machine must be a node of it: "
            f"`ray start --address={address}`"
        ) from error
    return ray


def _require_answer(address: str) -> None:
    """Ask at once whether anybody listens: Ray itself would ask for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise ClusterError(
            f"no Ray cluster at {address} ({error}); start one with `ray start --head`"
        ) from error


def _nodes(told: Sequence[Mapping[str, Any]]) -> list[Node]:
    return [
        Node(
            node_id=node["NodeID"],
            num_cores=int(node["Resources"].get("CPU", 0)),
            num_gpus=int(node["Resources"].get("GPU", 0)),
            memory_bytes=int(node["Resources"].get("memory", 0)),
        )
        for node in told
        if node["Alive"]
    ]


def _is_free(worker: _Worker) -> bool:
    return worker.is_ready and worker.run is None


def _why(error: Exception) -> str:
    """Shorten what Ray says of a death to one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"its worker died ({lines[0] if lines else type(error).__name__})"
