"""A Ray cluster of the tests' own on loopback: one head without cores, and nodes of one core each.

A node is the process of ``ray start`` and all that it starts; killing them is its power cut.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
STORE_BYTES = 80 * 1024 * 1024  # the smallest object store that Ray takes is 75 MB
START_SECONDS = 90.0
HEAD_SETTINGS = {
    # The head asks a node each second and believes it dead after three refusals, not after fifteen
    # seconds; a node that is only slow keeps its ten seconds for each answer.
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
}
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing leaves the machine
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",  # Ray believes so of any cluster on loopback
    "OMP_NUM_THREADS": "1",
}


class RayNodes:
    """A cluster that is started when it is made and stopped by ``stop``.

    Args:
        num_nodes: Beside the head.
        environment: What the nodes' processes get beyond this process's environment.
        pins_nodes: Whether each node, with all its threads, has one core of this machine.
    """

    def __init__(
        self,
        num_nodes: int = 2,
        environment: dict[str, str] | None = None,
        *,
        pins_nodes: bool = False,
    ) -> None:
        self._pins_nodes = pins_nodes
        self._environment = {**os.environ, **SETTINGS, **(environment or {})}
        self._folder = tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True)
        self._nodes: list[subprocess.Popen[bytes]] = []
        self.address = f"{LOOPBACK}:{_free_port()}"
        try:
            self._start_head()
            for _ in range(num_nodes):
                self.add_node()
        except BaseException:
            self.stop()
            raise

    def add_node(self) -> int:
        """Start one more node with one core and return its number, from 1."""
        number = len(self._nodes)
        self._start(f"--address={self.address}", "--num-cpus=1")
        return number

    def kill_node(self, number: int) -> None:
        """End everything that runs on a node at once."""
        for pid in _tree(self._nodes[number].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._nodes[number].wait()

    def kill_worker(self, pid: int) -> None:
        """End one worker process at once."""
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        for number in reversed(range(len(self._nodes))):
            self.kill_node(number)
        self._folder.cleanup()

    def _pinned(self, number: int) -> list[str]:
        """Return what a command of a node begins with; the head, number 0, has every core."""
        if not self._pins_nodes or not number:
            return []
        cores = sorted(os.sched_getaffinity(0))
        return ["taskset", "--cpu-list", str(cores[(number - 1) % len(cores)])]

    def _start_head(self) -> None:
        port = self.address.rpartition(":")[2]
        self._start(
            "--head",
            f"--port={port}",
            "--num-cpus=0",
            "--include-dashboard=false",
            f"--temp-dir={self._folder.name}",
            settings=HEAD_SETTINGS,
        )

    def _start(self, *arguments: str, settings: dict[str, str] | None = None) -> None:
        command = [
            *self._pinned(len(self._nodes)),
            sys.executable,
            "-m",
            "ray.scripts.scripts",
            "start",
            *arguments,
            "--block",
            f"--node-ip-address={LOOPBACK}",
            f"--object-store-memory={STORE_BYTES}",
            f"--dashboard-agent-listen-port={_free_port()}",
            "--disable-usage-stats",
            "--min-worker-port=0",
            "--max-worker-port=0",
        ]
        log = Path(self._folder.name) / f"node{len(self._nodes)}.log"
        with log.open("wb") as output:
            node = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._environment | (settings or {}),
            )
        self._nodes.append(node)
        deadline = time.monotonic() + START_SECONDS
        while b"Ray runtime started." not in log.read_bytes():
            if time.monotonic() > deadline or node.poll() is not None:
                raise RuntimeError(f"a node of Ray does not start: {log.read_text()}")
            time.sleep(0.1)


def _tree(pid: int) -> list[int]:
    """Return a process and everything that it started, however deep."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])
