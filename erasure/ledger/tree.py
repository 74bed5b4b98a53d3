"""The log's Merkle tree, read and written in tiles of 256 hashes (C2SP tlog-tiles).

Tile ``number`` of level 0 holds 256 leaf hashes; of level n, the roots of 256 tiles of
the level below. A tile is written once it is full; what is not yet in one, the right
edge of a level, is read from the level below. So a proof costs two queries a level.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Max

from erasure.errors import TamperedError
from erasure.models import LogEntry, Tile
from erasure.proof import merkle
from erasure.proof.encoding import HASH_BYTES

BITS = 8
WIDTH = 1 << BITS
TOGETHER = 500  # tiles in one query


class Tree:
    """Hashes over the first ``size`` leaves, each tile asked for once.

    It stands for the leaves wherever ``erasure.proof.merkle`` makes a proof.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __call__(self, lo: int, hi: int) -> bytes:
        """The hash over the leaves lo to hi-1, a subtree of RFC 6962 section 2.1.

        Raises:
            TamperedError: a tile or a leaf is not there.
        """
        count = hi - lo
        if count & (count - 1):
            middle = lo + merkle.split(count)
            return merkle.node_hash(self(lo, middle), self(middle, hi))
        level, rest = divmod(count.bit_length() - 1, BITS)
        place = lo >> BITS * level
        hashes = self._tile(level, place >> BITS)
        start, many = place & (WIDTH - 1), 1 << rest
        if len(hashes) < (start + many) * HASH_BYTES:
            raise TamperedError("A leaf of the log is missing.")
        return merkle.root(_split(hashes)[start : start + many])

    def load(self, leaves: Iterable[int]) -> None:
        """Read the tiles of these leaves in few queries, for a proof of many."""
        full = self.size >> BITS
        wanted = sorted({leaf >> BITS for leaf in leaves if leaf >> BITS < full})
        for at in range(0, len(wanted), TOGETHER):
            rows = Tile.objects.filter(level=0, number__in=wanted[at : at + TOGETHER])
            for number, hashes in rows.values_list("number", "hashes"):
                self._tiles[0, number] = bytes(hashes)

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._tiles:
            full = (number + 1) << BITS * (level + 1) <= self.size
            self._tiles[level, number] = (
                _full(level, number)
                if full
                else b"".join(_below(level, number * WIDTH, self.size >> BITS * level))
            )
        return self._tiles[level, number]


def write_tiles(size: int) -> None:
    """Write each tile that is full at this size of the log and not there yet."""
    level = 0
    while full := size >> BITS * (level + 1):
        last = Tile.objects.filter(level=level).aggregate(last=Max("number"))["last"]
        first = 0 if last is None else last + 1
        for at in range(first, full, TOGETHER):
            end = min(at + TOGETHER, full)
            hashes = b"".join(_below(level, at * WIDTH, end * WIDTH))
            Tile.objects.bulk_create(_made(level, at, hashes))
        level += 1


def _made(level: int, first: int, hashes: bytes) -> Iterator[Tile]:
    step = WIDTH * HASH_BYTES
    for number, at in enumerate(range(0, len(hashes), step), start=first):
        each = hashes[at : at + step]
        yield Tile(level=level, number=number, hashes=each, root=merkle.root(_split(each)))


def _full(level: int, number: int) -> bytes:
    found = Tile.objects.filter(level=level, number=number).values_list("hashes", flat=True)
    for hashes in found:
        return bytes(hashes)
    raise TamperedError("A tile of the log is missing.")


def _below(level: int, first: int, end: int) -> list[bytes]:
    """Hashes first to end-1 of a level, from the leaves or the tiles under it."""
    if level == 0:
        leaves = LogEntry.objects.filter(seq__gte=first, seq__lt=end).order_by("seq")
        return [bytes(leaf) for leaf in leaves.values_list("leaf_hash", flat=True)]
    tiles = Tile.objects.filter(level=level - 1, number__gte=first, number__lt=end)
    return [bytes(root) for root in tiles.order_by("number").values_list("root", flat=True)]


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
