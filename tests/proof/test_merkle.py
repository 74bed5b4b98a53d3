import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erasure.proof import merkle
from tests.proof.given import ENTRIES, LEAVES, VECTORS

PUBLISHED = VECTORS["published_rfc6962_leaves"]
INCLUSION = [key for key in VECTORS if key.startswith("inclusion_proof")]
CONSISTENCY = [key for key in VECTORS if key.startswith("consistency_proof")]
ENTRIES_PROOFS = [key for key in VECTORS if key.startswith("entries_proof")]


def numbered(count):
    return [merkle.leaf_hash(b"%d" % number) for number in range(count)]


def hashes(texts):
    return [bytes.fromhex(text) for text in texts]


def plain_root(leaves):
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda one: one["leaf_hash_hex"][:8])
def test_leaf_hash_of_published_entry(vector):
    assert merkle.leaf_hash(vector["entry_utf8"].encode()).hex() == vector["leaf_hash_hex"]


@pytest.mark.parametrize("size", range(1, 9))
def test_root_of_published_leaves(size):
    leaves = [merkle.leaf_hash(one) for one in hashes(PUBLISHED["leaf_inputs_hex"][:size])]
    assert merkle.root(leaves).hex() == PUBLISHED["root_hex"][str(size)]


def test_root_of_nothing_is_the_published_one():
    assert merkle.root([]).hex() == PUBLISHED["empty_root_hex"]
    assert merkle.Frontier().root().hex() == PUBLISHED["empty_root_hex"]


@pytest.mark.parametrize("size", VECTORS["merkle_roots"], ids=str)
def test_root_of_published_log(size):
    assert merkle.root(LEAVES[: int(size)]).hex() == VECTORS["merkle_roots"][size]["hex"]


def test_frontier_after_every_append_has_the_root_of_all_leaves():
    frontier, leaves = merkle.Frontier(), numbered(70)
    for size, leaf in enumerate(leaves, start=1):
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, plain_root(leaves[:size]))
        frontier = merkle.Frontier.load(frontier.dump())


@pytest.mark.parametrize(
    "data", [b"", bytes(7), bytes(8) + bytes(32), b"\0" * 7 + b"\x03" + bytes(32)]
)
def test_frontier_load_of_wrong_length_raises(data):
    with pytest.raises(ValueError, match="length"):
        merkle.Frontier.load(data)


@pytest.mark.parametrize("key", INCLUSION)
def test_inclusion_proof_published_is_made_and_verified(key):
    vector = VECTORS[key]
    index, size, proof = vector["index"], vector["tree_size"], hashes(vector["proof_hex"])
    leaf, root = bytes.fromhex(vector["leaf_hash_hex"]), bytes.fromhex(vector["root_hex"])
    assert merkle.inclusion_proof(index, size, LEAVES) == proof
    assert merkle.verify_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize("key", CONSISTENCY)
def test_consistency_proof_published_is_made_and_verified(key):
    vector = VECTORS[key]
    old, new, proof = vector["size1"], vector["size2"], hashes(vector["proof_hex"])
    roots = bytes.fromhex(vector["root1_hex"]), bytes.fromhex(vector["root2_hex"])
    assert merkle.consistency_proof(old, new, LEAVES) == proof
    assert merkle.verify_consistency(old, new, *roots, proof)


@pytest.mark.parametrize("key", ENTRIES_PROOFS)
def test_entries_proof_published_is_made_and_verified(key):
    vector = VECTORS[key]
    indices, size, proof = vector["indices"], vector["tree_size"], hashes(vector["hashes_hex"])
    assert merkle.entries_proof(indices, size, LEAVES) == proof
    listed = {index: LEAVES[index] for index in indices}
    assert merkle.entries_root(listed, size, proof).hex() == vector["root_hex"]


def test_every_inclusion_proof_to_33_leaves_holds_for_its_place_alone():
    for size in range(1, 34):
        leaves = numbered(size)
        root = merkle.root(leaves)
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, leaves)
            holds = [
                place
                for place in range(size)
                if merkle.verify_inclusion(leaves[index], place, size, proof, root)
            ]
            assert holds == [index]


def test_every_consistency_proof_to_24_leaves_holds():
    leaves = numbered(24)
    for new in range(1, 25):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, leaves)
            roots = merkle.root(leaves[:old]), merkle.root(leaves[:new])
            assert merkle.verify_consistency(old, new, *roots, proof)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_verify_with_a_proof_altered_fails(data):
    leaves = numbered(data.draw(st.integers(2, 40)))
    size, root = len(leaves), merkle.root(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    altered = data.draw(st.sampled_from(["drop", "flip", "add"]))
    inclusion = alter(merkle.inclusion_proof(index, size, leaves), altered)
    consistency = alter(merkle.consistency_proof(old, size, leaves), altered)
    assert not merkle.verify_inclusion(leaves[index], index, size, inclusion, root)
    assert not merkle.verify_consistency(old, size, merkle.root(leaves[:old]), root, consistency)


def alter(proof, how):
    if how == "add":
        return [*proof, bytes(32)]
    if how == "drop":
        return proof[:-1]
    return [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_entries_proof_of_any_choice_gives_the_root_and_no_less_or_more(data):
    size = data.draw(st.integers(1, 80))
    indices = data.draw(st.sets(st.integers(0, size - 1)))
    leaves = numbered(size)
    proof = merkle.entries_proof(indices, size, lambda lo, hi: plain_root(leaves[lo:hi]))
    listed = {index: leaves[index] for index in indices}
    assert merkle.entries_root(listed, size, proof) == plain_root(leaves)
    with pytest.raises(ValueError, match="left over"):
        merkle.entries_root(listed, size, [*proof, bytes(32)])
    if proof:
        with pytest.raises(ValueError, match="missing"):
            merkle.entries_root(listed, size, proof[:-1])


def test_proofs_from_a_subtree_ask_for_few_hashes():
    leaves, asked = numbered(1000), []

    def subtree(lo, hi):
        asked.append((lo, hi))
        return merkle.root(leaves[lo:hi])

    assert merkle.inclusion_proof(17, 1000, subtree) == merkle.inclusion_proof(17, 1000, leaves)
    assert len(asked) == 10
    asked.clear()
    proof = merkle.entries_proof(range(100, 400), 1000, subtree)
    assert (len(asked), len(proof)) == (7, 7)


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_proof_of_a_leaf_outside_the_tree_is_refused(index, size):
    leaves = numbered(4)
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(index, size, leaves)
    with pytest.raises(ValueError, match="outside"):
        merkle.entries_proof([index], size, leaves)
    with pytest.raises(ValueError, match="outside"):
        merkle.entries_root({index: leaves[0]}, size, [])
    assert not merkle.verify_inclusion(leaves[0], index, size, [], leaves[0])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_consistency_of_sizes_out_of_order_is_refused(old, new):
    with pytest.raises(ValueError, match="earlier size"):
        merkle.consistency_proof(old, new, numbered(4))
    assert not merkle.verify_consistency(old, new, bytes(32), bytes(32), [])


def test_consistency_of_equal_sizes_needs_equal_roots_and_no_proof():
    one, other = bytes(32), bytes([1]) * 32
    assert merkle.verify_consistency(3, 3, one, one, [])
    assert not merkle.verify_consistency(3, 3, one, other, [])
    assert not merkle.verify_consistency(3, 3, one, one, [other])
