import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erasure.errors import TamperedError
from erasure.ledger.tables import LOG, TILE
from erasure.ledger.tree import BITS, WIDTH, Tree, write_tiles
from erasure.models import LogEntry, Tile
from erasure.proof import merkle
from tests.ledger.given import fill_log

pytestmark = pytest.mark.django_db

SIZE = 2 * WIDTH + 77


@pytest.fixture(autouse=True)
def _any_order(unguarded):
    """Rows of the middle of a log may be put in without those before."""
    with unguarded(LOG), unguarded(TILE):
        yield


@pytest.fixture
def leaves():
    found = fill_log(SIZE)
    write_tiles(SIZE)
    return found


def test_write_tiles_keeps_the_hashes_of_each_full_tile_and_their_root(leaves):
    found = [(t.level, t.number, bytes(t.hashes), bytes(t.root)) for t in Tile.objects.all()]
    assert found == [
        (0, n, b"".join(part), merkle.root(part))
        for n, part in enumerate((leaves[:WIDTH], leaves[WIDTH : 2 * WIDTH]))
    ]


def test_write_tiles_twice_writes_each_once(leaves):
    write_tiles(SIZE)
    assert Tile.objects.count() == 2


def test_write_tiles_as_the_log_grows_ends_with_the_same_tiles(leaves):
    at_once = list(Tile.objects.values_list())
    fill_log(WIDTH, start=SIZE)
    for size in range(SIZE, SIZE + WIDTH + 1, 64):
        write_tiles(size)
    write_tiles(SIZE + WIDTH)
    assert list(Tile.objects.values_list())[:2] == at_once
    assert Tile.objects.count() == 3


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, SIZE])
def test_tree_proves_as_the_leaves_themselves_do(leaves, size):
    for index in {0, size // 2, size - 1, min(size - 1, 255), min(size - 1, 256)}:
        expected = merkle.inclusion_proof(index, size, leaves)
        assert merkle.inclusion_proof(index, size, Tree(size)) == expected
    old = size // 2 + 1
    assert merkle.consistency_proof(old, size, Tree(size)) == merkle.consistency_proof(
        old, size, leaves
    )


def test_tree_of_many_leaves_is_read_in_two_queries(leaves):
    listed = range(0, SIZE, 3)
    with CaptureQueriesContext(connection) as asked:
        tree = Tree(SIZE)
        tree.load(listed)
        found = merkle.entries_proof(listed, SIZE, tree)
    assert found == merkle.entries_proof(listed, SIZE, leaves)
    assert len(asked) == 2


def test_tree_of_a_million_leaves_proves_inclusion_in_five_queries():
    """The tiles on the way are there; what they hold does not matter to how often is asked."""
    size, index = 1_000_000, 123_456
    levels = [size >> BITS * level for level in (0, 1, 2)]
    some = b"\x11" * 32
    for level in (0, 1):
        last = levels[level + 1]
        for number in {index >> BITS * (level + 1), *range(last & ~(WIDTH - 1), last)}:
            insert_tile(level, number, some)
    insert_leaves(range(levels[1] * WIDTH, size), some)
    with CaptureQueriesContext(connection) as asked:
        proof = merkle.inclusion_proof(index, size, Tree(size))
    assert (len(proof), len(asked)) == (20, 5)


def insert_tile(level, number, each):
    Tile.objects.bulk_create([Tile(level=level, number=number, hashes=each * WIDTH, root=each)])


def insert_leaves(places, each):
    fill_log(len(places), start=places[0], leaf=each)


@pytest.mark.parametrize("gone", ["tile", "leaf"])
def test_tree_with_something_missing_says_so(leaves, gone):
    if gone == "tile":
        Tile.objects.filter(number=1).delete()
    else:
        LogEntry.objects.filter(seq=SIZE - 1).delete()
    with pytest.raises(TamperedError, match=f"A {gone} of the log is missing."):
        merkle.inclusion_proof(WIDTH + 1 if gone == "tile" else 0, SIZE, Tree(SIZE))
