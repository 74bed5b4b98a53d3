import pytest

from erasure.proof import trust
from erasure.proof.errors import UnreadableError
from tests.proof.given import LOG_KEY, WITNESS_KEY

SEAL = "5e" * 32
TEXT = f"log {LOG_KEY}\nwitness {WITNESS_KEY}\nseal {SEAL}\nroot root.pem\n"


def test_trust_file_is_read_and_written_alike():
    read = trust.parse(TEXT)
    assert read == trust.Trust((LOG_KEY,), (WITNESS_KEY,), (SEAL,), ("root.pem",))
    assert read.render() == TEXT


def test_trust_file_with_comments_and_blank_lines_is_read():
    assert trust.parse(f"# handed over in person\r\n\n  log {LOG_KEY}  \n") == trust.Trust(
        (LOG_KEY,)
    )


@pytest.mark.parametrize(
    "text",
    [
        "logs x",
        "log",
        "log x+y",
        "log " + str(LOG_KEY).replace("411c", "411d"),
        f"log {WITNESS_KEY}",
        f"witness {LOG_KEY}",
        "seal 5e",
        "seal " + SEAL.upper(),
        "root",
    ],
)
def test_trust_file_malformed_is_unreadable(text):
    with pytest.raises(UnreadableError, match=r"^[A-Z].*\.$"):
        trust.parse(text)
