import pytest
from django.core.management import CommandError, call_command

from erasure.ledger.append import append_system
from erasure.ledger.keys import signer
from erasure.ledger.sequencer import sequence
from erasure.models import LogAnchor
from erasure.proof.witness.folder import Witness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logged(settings, tmp_path):
    settings.DATA, settings.ANCHOR_FOLDER = tmp_path, str(tmp_path / "worm")
    append_system("sign-in.failed")
    sequence()


def run(capsys, *given):
    call_command("anchors", *given)
    return capsys.readouterr().out


def test_anchors_now_sends_the_head_once_and_list_shows_it(capsys):
    assert run(capsys, "now") == "The head over 2 entries left by 1 more ways.\n"
    assert run(capsys, "now") == "The head over 2 entries left by 0 more ways.\n"
    at = LogAnchor.objects.get().at
    assert run(capsys, "list") == f"{at:%Y-%m-%d %H:%M} UTC             2  file \n"


def test_anchors_offer_is_cosigned_on_another_machine_and_taken(capsys, settings, tmp_path):
    witness = Witness.make(tmp_path / "w", "dpo.example.org")
    settings.WITNESSES = [str(witness.vkey)]
    (tmp_path / "trust").write_text(f"log {signer().vkey}\n")
    offer, back = str(tmp_path / "offer"), str(tmp_path / "back")
    for seen, size in ((0, 2), (2, 3)):
        run(capsys, "offer", offer, "--seen", str(seen))
        with pytest.raises(SystemExit) as end:
            call_command(
                "witness", "cosign", "--folder", str(tmp_path / "w"), "--offer", offer,
                "--trust", str(tmp_path / "trust"), "--out", back,
            )  # fmt: skip
        assert end.value.code == 0
        said = run(capsys, "take", back)
        assert said.endswith(f"Taken: dpo.example.org cosigned {size} entries.\n")
        append_system("sign-in.failed")
        sequence()


@pytest.mark.parametrize(
    "given",
    [["offer"], ["take"], ["take", "/nowhere/file"], ["offer", "/nowhere/file"],
     ["offer", "x", "--seen", "3"]],
    ids=str,
)  # fmt: skip
def test_anchors_that_cannot_be_done_say_so_in_a_sentence(given):
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("anchors", *given)
