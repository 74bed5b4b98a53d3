"""The Merkle tree of RFC 6962 section 2.1 (= RFC 9162) and its proofs.

Hashes are 32 bytes. Where a proof is made, ``tree`` is either the list of all
leaf hashes or a callable ``subtree(lo, hi)`` that gives the hash over the leaves
lo..hi-1, so that a database need not load millions of leaves.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from erasure.proof.encoding import HASH_BYTES

Subtree = Callable[[int, int], bytes]
_SIZE_BYTES = 8
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; over none, SHA-256 of nothing."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs) :]
    return level[0]


class Frontier:
    """The right edge of a growing tree: enough to append and to give the root."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # roots of the full subtrees, largest first

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        size, top = self.size, leaf
        while size & 1:
            top = node_hash(self._peaks.pop(), top)
            size >>= 1
        self._peaks.append(top)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        folded = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            folded = node_hash(peak, folded)
        return folded

    def dump(self) -> bytes:
        """Size (8 bytes, big-endian), then the peaks, largest first."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self._peaks)

    @classmethod
    def load(cls, data: bytes) -> "Frontier":
        """What ``dump`` wrote.

        Raises:
            ValueError: the length does not fit the size.
        """
        frontier = cls()
        frontier.size = int.from_bytes(data[:_SIZE_BYTES], "big")
        peaks = data[_SIZE_BYTES:]
        if len(data) < _SIZE_BYTES or len(peaks) != HASH_BYTES * frontier.size.bit_count():
            raise ValueError("the frontier's length does not fit its size")
        frontier._peaks = [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)]
        return frontier


def inclusion_proof(index: int, size: int, tree: Sequence[bytes] | Subtree) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of the first ``size`` leaves.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in this tree")
    subtree = _subtree(tree)
    lo, hi = 0, size
    proof: list[bytes] = []
    while hi - lo > 1:
        middle = lo + split(hi - lo)
        if index < middle:
            proof.append(subtree(middle, hi))
            hi = middle
        else:
            proof.append(subtree(lo, middle))
            lo = middle
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Whether the proof leads from the leaf hash to the expected root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, folded = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            folded = node_hash(step, folded)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            folded = node_hash(folded, step)
        at, last = at >> 1, last >> 1
    return last == 0 and folded == expected


def consistency_proof(old: int, new: int, tree: Sequence[bytes] | Subtree) -> list[bytes]:
    """The hashes that show the first ``old`` leaves unchanged within ``new`` (RFC 9162 2.1.4.1).

    Raises:
        ValueError: ``old`` is not between 1 and ``new``.
    """
    if not 1 <= old <= new:
        raise ValueError("the earlier size must be between 1 and the later one")
    subtree = _subtree(tree)
    lo, hi, whole = 0, new, True
    proof: list[bytes] = []
    while old < hi:
        middle = lo + split(hi - lo)
        if old <= middle:
            proof.append(subtree(middle, hi))
            hi = middle
        else:
            proof.append(subtree(lo, middle))
            lo, whole = middle, False
    if not whole:
        proof.append(subtree(lo, hi))
    return proof[::-1]


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the later tree begins with the earlier one (RFC 9162 2.1.4.2)."""
    if not 1 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def entries_proof(
    indices: Iterable[int], size: int, tree: Sequence[bytes] | Subtree
) -> list[bytes]:
    """The hashes that, with the listed leaves, give the root of ``size`` leaves.

    The tree is walked from the root, left first: a subtree without a listed leaf
    gives its hash, one wholly listed nothing, any other is walked.

    Raises:
        ValueError: an index lies outside the tree.
    """
    listed = sorted(set(indices))
    if listed and not 0 <= listed[0] <= listed[-1] < size:
        raise ValueError("a listed leaf lies outside the tree")
    subtree = _subtree(tree)
    return [subtree(lo, hi) for lo, hi in _unlisted(listed, 0, size)]


def entries_root(leaves: Mapping[int, bytes], size: int, proof: Sequence[bytes]) -> bytes:
    """The root that the listed leaf hashes (by index) and an entries proof give.

    Raises:
        ValueError: a hash is missing or left over, or an index lies outside the tree.
    """
    listed = sorted(leaves)
    if size < 1 or (listed and not 0 <= listed[0] <= listed[-1] < size):
        raise ValueError("a listed leaf lies outside the tree")
    steps = iter(proof)

    def walk(lo: int, hi: int) -> bytes:
        count = bisect_left(listed, hi) - bisect_left(listed, lo)
        if count == 0:
            return next(steps)
        if hi - lo == 1:
            return leaves[lo]
        middle = lo + split(hi - lo)
        return node_hash(walk(lo, middle), walk(middle, hi))

    try:
        folded = walk(0, size)
    except StopIteration:
        raise ValueError("a hash of the proof is missing") from None
    if next(steps, None) is not None:
        raise ValueError("a hash of the proof is left over")
    return folded


def _unlisted(listed: Sequence[int], lo: int, hi: int) -> Iterator[tuple[int, int]]:
    """The largest subtrees of lo..hi-1 without a listed leaf, left first."""
    count = bisect_left(listed, hi) - bisect_left(listed, lo)
    if count == 0:
        yield lo, hi
    elif count < hi - lo:
        middle = lo + split(hi - lo)
        yield from _unlisted(listed, lo, middle)
        yield from _unlisted(listed, middle, hi)


def split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(tree: Sequence[bytes] | Subtree) -> Subtree:
    if callable(tree):
        return tree
    leaves = tree
    return lambda lo, hi: root(leaves[lo:hi])
