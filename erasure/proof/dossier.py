"""All entries of a case, gathered one after the other: a large case fits into little memory."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from erasure.proof.entries import Line, written
from erasure.proof.facts import Facts, recompute
from erasure.proof.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Dossier:
    """``data`` is entries.jsonl; ``indices`` are where its entries stand in the log."""

    data: bytes = field(repr=False)
    indices: "array[int]" = field(repr=False)
    facts: Facts


@dataclass(frozen=True, slots=True)
class Written:
    """entries.jsonl, the leaf hashes of its entries by index, nothing recomputed."""

    data: bytes = field(repr=False)
    leaves: dict[int, bytes] = field(repr=False)


def write(rows: Iterable[tuple[int, str, bytes]]) -> Written:
    """From index, scope and canonical bytes of each entry, by rising index."""
    out, leaves = BytesIO(), dict[int, bytes]()
    for index, scope, data in rows:
        out.write(written(index, scope, data) + b"\n")
        leaves[index] = leaf_hash(data)
    return Written(out.getvalue(), leaves)


def gather(lines: Iterable[Line]) -> Dossier:
    """What a case's entries come to, in the order of the log."""
    out, indices = BytesIO(), array("Q")

    def noted() -> Iterator[Line]:
        for line in lines:
            out.write(line.encode() + b"\n")
            indices.append(line.index)
            yield line

    facts = recompute(noted())
    return Dossier(out.getvalue(), indices, facts)
