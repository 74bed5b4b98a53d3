"""L1 to L3: the entries, the signed heads over them, the tiles."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.db.models import Max, Min

from erasure.errors import TamperedError
from erasure.ledger.head import log_size
from erasure.ledger.tree import BITS, WIDTH
from erasure.ledger.verify.walk import Problems, Slice
from erasure.models import Checkpoint, Tile
from erasure.proof import merkle
from erasure.proof.merkle import Frontier
from erasure.proof.note import Vkey, open_checkpoint, parse_vkey
from erasure.proof.verify import Finding

_MASK = WIDTH - 1


class Leaves:
    """L1: every index is there once, and every hash is that of its bytes."""

    def __init__(self, size: int) -> None:
        self.size, self.next, self.problems = size, 0, Problems("L1")

    def take(self, part: Slice) -> None:
        for seq, data, leaf, value in zip(
            part.seqs, part.datas, part.leaves, part.values, strict=True
        ):
            if seq != self.next:
                self.problems.add(f"Entry {self.next:,} is missing.")
                self.next = seq
            if sha256(b"\x00" + data).digest() != leaf:
                self.problems.add(f"Entry {seq:,} has not the hash of its bytes.")
            if not value:
                self.problems.add(f"Entry {seq:,} cannot be read.")
            self.next += 1

    def finish(self) -> Finding:
        if self.next != self.size:
            self.problems.add(f"Entry {self.next:,} is missing.")
        return self.problems.finding(
            f"Entries at their index, each with the hash of its bytes: {self.size:,}."
        )


class Heads:
    """L2: every checkpoint is signed and has the root over the entries as they are now.

    The log names its keys in ``key`` entries; a change of key is signed by both. The
    newest must be one that is trusted from elsewhere, or the whole log may be another.
    """

    def __init__(self, size: int, trusted: Sequence[Vkey], also: Iterable[int] = ()) -> None:
        self.roots: dict[int, bytes] = {0: merkle.EMPTY_ROOT}  # as computed, by size
        self.trusted, self.problems = trusted, Problems("L2")
        self._key: Vkey | None = None
        self._coming: Vkey | None = None  # named, and not yet signed with
        self._edge, self._also = Frontier(), {each for each in also if each <= size}
        self._points = Checkpoint.objects.order_by("size").iterator()
        self._due, self._count = next(self._points, None), 0

    def take(self, part: Slice) -> None:
        edge = self._edge
        for seq, leaf, value in zip(part.seqs, part.leaves, part.values, strict=True):
            edge.append(leaf)
            if value.get("type") == "key":
                self._name(seq, value)
            if edge.size in self._also:
                self.roots[edge.size] = edge.root()
            while self._due and self._due.size == edge.size:
                self._check(self._due)
                self._due, self._count = next(self._points, None), self._count + 1

    def _name(self, seq: int, value: dict[str, object]) -> None:
        try:
            vkey = parse_vkey(str(value.get("vkey")))
        except ValueError:
            self.problems.add(f"Entry {seq:,} names no key.")
            return
        if self._key is None:
            self._key = vkey
        else:
            self._coming = vkey

    def _check(self, point: Checkpoint) -> None:
        size, root = point.size, self._edge.root()
        self.roots[size] = root
        if (bytes(point.root), bytes(point.frontier)) != (root, self._edge.dump()):
            self.problems.add(f"The checkpoint of size {size:,} is not that of the entries.")
        if self._key is None:
            self.problems.add("Entry 0 names no key.")
        for key in filter(None, (self._key, self._coming)):
            self._check_signature(point, root, key)
        self._key, self._coming = self._coming or self._key, None

    def _check_signature(self, point: Checkpoint, root: bytes, key: Vkey) -> None:
        try:
            signed = open_checkpoint(point.note, [key])
        except TamperedError as why:
            self.problems.add(f"The checkpoint of size {point.size:,}: {why}")
            return
        if (signed.size, signed.root) != (point.size, root):
            self.problems.add(f"The checkpoint of size {point.size:,} signs another root.")

    def finish(self) -> Finding:
        while self._due:
            self.problems.add(f"The checkpoint of size {self._due.size:,} has not its entries.")
            self._due = next(self._points, None)
        if self._key and self._key not in self.trusted:
            self.problems.add("The log's own key is not the one that is trusted.")
        return self.problems.finding(
            f"Checkpoints that are signed and have the root of the entries: {self._count:,}."
        )


class Tiles:
    """L3: every full tile is there, with the hashes and the root that the entries give."""

    def __init__(self) -> None:
        self.problems, self._count = Problems("L3"), 0
        self._hashes: list[list[bytes]] = [[]]  # of the tile that fills, by level

    def take(self, part: Slice) -> None:
        known = self._stored(0, part.first >> BITS, (part.first + len(part.leaves)) >> BITS)
        filling = self._hashes[0]
        for seq, leaf in zip(part.seqs, part.leaves, strict=True):
            filling.append(leaf)
            if seq & _MASK == _MASK:
                self._full(0, seq >> BITS, filling, known.get(seq >> BITS))
                filling.clear()

    def _stored(self, level: int, first: int, last: int) -> dict[int, tuple[bytes, bytes]]:
        rows = Tile.objects.filter(level=level, number__gte=first, number__lte=last)
        return {n: (bytes(h), bytes(r)) for n, h, r in rows.values_list("number", "hashes", "root")}

    def _full(
        self, level: int, number: int, hashes: list[bytes], stored: tuple[bytes, bytes] | None
    ) -> None:
        root = merkle.root(hashes)
        self._count += 1
        if stored is None:
            self.problems.add(f"Tile {number:,} of level {level} is missing.")
        elif stored != (b"".join(hashes), root):
            self.problems.add(f"Tile {number:,} of level {level} is not that of the entries.")
        self._up(level + 1, number, root)

    def _up(self, level: int, number: int, root: bytes) -> None:
        if level == len(self._hashes):
            self._hashes.append([])
        filling = self._hashes[level]
        filling.append(root)
        if number & _MASK == _MASK:
            above = number >> BITS
            self._full(level, above, filling, self._stored(level, above, above).get(above))
            filling.clear()

    def finish(self) -> Finding:
        levels = Tile.objects.order_by().values_list("level").annotate(Min("number"), Max("number"))
        edges, now = list(levels), log_size()  # in this order: the log grows meanwhile
        for level, least, most in edges:
            if level < 0 or least < 0 or most >= now >> BITS * (level + 1):
                self.problems.add(f"Level {level} has a tile that the entries do not fill.")
        return self.problems.finding(f"Tiles with the hashes of the entries: {self._count:,}.")
