"""Where workers sit on a cluster: how many of which kind on which node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.parts import Part

CREW_BYTES = 3 * 1024**3
"""Memory that one worker of each kind takes together, with room for pictures that wait."""

# A core is shared by one worker of each kind; the sum of the shares is one.
CORE_SHARES: Mapping[Part, float] = {Part.LOOK: 0.5, Part.LISTEN: 0.3, Part.DESCRIBE: 0.2}
CORE_SHARES_WITHOUT_LOOK: Mapping[Part, float] = {Part.LISTEN: 0.6, Part.DESCRIBE: 0.4}


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of a cluster, and what it offers."""

    node_id: str
    num_cores: int
    num_gpus: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A place for one worker.

    Attributes:
        number: Tells seats of one kind on one node apart.
        num_cores: Share of the node's cores.
        num_gpus: Whole GPUs.
    """

    node_id: str
    part: Part
    number: int
    num_cores: float
    num_gpus: int = 0


def plan_seats(nodes: Iterable[Node]) -> list[Seat]:
    """Say where workers sit: a crew of one of each kind a core, as far as memory goes.

    Where the cluster has GPUs, who looks sits there, one a GPU and with a core to decode, and the
    others share what cores are left.
    """
    nodes = list(nodes)
    has_gpus = any(node.num_gpus for node in nodes)
    shares = CORE_SHARES_WITHOUT_LOOK if has_gpus else CORE_SHARES
    seats = []
    for node in nodes:
        num_looking = min(node.num_gpus, node.num_cores)
        seats += [Seat(node.node_id, Part.LOOK, i, 1.0, 1) for i in range(num_looking)]
        num_cores = node.num_cores - num_looking
        num_crews = min(num_cores, max(1, node.memory_bytes // CREW_BYTES))
        for i in range(num_crews):
            seats += [Seat(node.node_id, part, i, share) for part, share in shares.items()]
    return seats
