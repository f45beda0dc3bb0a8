"""Where workers sit on a cluster: how many of which kind on which node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.parts import Part

CREW_BYTES = 3 * 1024**3
"""Memory that one worker of each kind takes together, with room for pictures that wait."""

# A core is shared by one worker of each kind; the sum of the shares is one.
CORE_SHARES: Mapping[Part, float] = {Part.LOOK: 0.5, Part.LISTEN: 0.3, Part.DESCRIBE: 0.2}


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

    Each GPU goes to one who looks: with a core of its own to decode on where the node has one to
    spare, else in a crew. One core of every node is left to a crew, for somebody must listen and
    describe. Whether what sits at a GPU computes on it is the models' affair: those of the pocket
    profile compute on the CPU, which is why there are crews beside the GPUs.
    """
    return [seat for node in nodes for seat in _seats_of(node)]


def _seats_of(node: Node) -> list[Seat]:
    num_places = min(node.num_cores, max(1, node.memory_bytes // CREW_BYTES))
    num_gpu_seats = max(0, min(node.num_gpus, num_places - 1))
    num_crews = num_places - num_gpu_seats
    num_gpus_left = node.num_gpus - num_gpu_seats
    seats = []
    for i in range(num_crews):
        for part, share in CORE_SHARES.items():
            num_gpus = int(part is Part.LOOK and i < num_gpus_left)
            seats.append(Seat(node.node_id, part, i, share, num_gpus))
    numbers = range(num_crews, num_places)
    return seats + [Seat(node.node_id, Part.LOOK, i, 1.0, 1) for i in numbers]
