"""The witness's command against files and against a log that answers over HTTP."""

import subprocess
import sys
import threading
from types import SimpleNamespace
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from erasure.proof import merkle
from erasure.proof.encoding import b64
from erasure.proof.witness.command import main
from erasure.proof.witness.offer import render_offer
from tests.proof.given import LEAVES, LOG_KEY, SIGNER


class Silent(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def log():
    """A log of which a test sets the leaves; what is posted to it is kept."""
    state = SimpleNamespace(leaves=LEAVES[:7], taken=[], answers={})

    def answer(environ, start):
        page = environ["PATH_INFO"].removeprefix("/log/")
        status, text = "200 OK", ""
        if page in state.answers:
            status, text = state.answers[page]
        elif page == "checkpoint":
            text = SIGNER.sign(len(state.leaves), merkle.root(state.leaves))
        elif page == "consistency":
            old, new = (int(parse_qs(environ["QUERY_STRING"])[name][0]) for name in ("old", "new"))
            proof = merkle.consistency_proof(old, new, state.leaves)
            text = "".join(f"{b64(each)}\n" for each in proof)
        elif page == "cosignature":
            length = int(environ["CONTENT_LENGTH"])
            state.taken.append(environ["wsgi.input"].read(length).decode())
        start(status, [("Content-Type", "text/plain")])
        return [text if isinstance(text, bytes) else text.encode()]

    server = make_server("127.0.0.1", 0, answer, handler_class=Silent)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trust.txt").write_text(f"log {LOG_KEY}\n")
    assert main(["init", "--folder", str(tmp_path / "w"), "--name", "dpo.example.org"]) == 0
    return tmp_path


def cosign(folder, *options):
    given = ["--folder", str(folder / "w"), "--trust", str(folder / "trust.txt")]
    return main(["cosign", *given, *options])


def test_witness_init_prints_its_line_of_the_trust_file(tmp_path, capsys):
    main(["init", "--folder", str(tmp_path), "--name", "dpo.example.org"])
    assert capsys.readouterr().out.startswith("witness dpo.example.org+")


def test_witness_cosigns_the_log_as_it_grows_and_sends_it_back(folder, log, capsys):
    assert cosign(folder, "--url", log.url) == 0
    log.leaves = LEAVES
    assert cosign(folder, "--url", f"{log.url}/") == 0
    assert [text.split("\n")[1] for text in log.taken] == ["7", "45"]
    assert capsys.readouterr().out.splitlines() == [
        f"Cosigned {LOG_KEY.name} over 7 entries.",
        "This was the first time: what the log held until now is believed as it stands.",
        "The installation has taken the cosignature.",
        f"Cosigned {LOG_KEY.name} over 45 entries.",
        "The installation has taken the cosignature.",
    ]


def test_witness_refuses_a_log_that_shrank_with_1_and_sends_nothing(folder, log, capsys):
    cosign(folder, "--url", log.url)
    log.leaves = LEAVES[:3]
    assert cosign(folder, "--url", log.url) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("REFUSED: The log has shrunk: 7")
    assert len(log.taken) == 1


@pytest.mark.parametrize(
    ("page", "answer", "sentence"),
    [
        ("checkpoint", ("404 Not Found", "Empty."), "The log answers 404: Empty."),
        ("checkpoint", ("200 OK", "x" * 70_000), "The log answers with more than a head."),
        ("checkpoint", ("200 OK", b"\xff"), "The log's answer is not UTF-8 text."),
        ("consistency", ("200 OK", "nonsense\n"), "The log's proof cannot be read."),
        ("cosignature", ("409 Conflict", "Too late."), "The log answers 409: Too late."),
    ],
    ids=["empty", "huge", "binary", "no proof", "refused"],
)
def test_witness_of_a_log_that_answers_otherwise_ends_with_2(
    folder, log, capsys, page, answer, sentence
):
    cosign(folder, "--url", log.url)
    log.leaves, log.answers = LEAVES, {page: answer}
    assert cosign(folder, "--url", log.url) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"UNREADABLE: {sentence}"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "file:///etc/passwd", "nonsense"])
def test_witness_of_no_log_ends_with_2(folder, url):
    assert cosign(folder, "--url", url) == 2


def test_witness_cosigns_from_a_file_to_a_file(folder, tmp_path):
    for size, old in ((7, 0), (45, 7)):
        proof = merkle.consistency_proof(old, size, LEAVES) if old else []
        note = SIGNER.sign(size, merkle.root(LEAVES[:size]))
        (tmp_path / "offer").write_text(render_offer(note, old, proof))
        out = tmp_path / "out"
        assert cosign(folder, "--offer", str(tmp_path / "offer"), "--out", str(out)) == 0
        assert out.read_text().startswith(note)


def test_witness_with_a_file_that_proves_growth_from_elsewhere_ends_with_2(folder, capsys):
    text = render_offer(SIGNER.sign(7, merkle.root(LEAVES[:7])), 0, [])
    (folder / "offer").write_text(text)
    cosign(folder, "--offer", str(folder / "offer"))
    note = SIGNER.sign(45, merkle.root(LEAVES))
    (folder / "offer").write_text(render_offer(note, 3, merkle.consistency_proof(3, 45, LEAVES)))
    assert cosign(folder, "--offer", str(folder / "offer")) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "UNREADABLE: The file proves growth from 3 entries; this witness last saw 7."
    )


@pytest.mark.parametrize("data", [b"", b"\xff", b"old x\n\nnote", b"old 3\nAA\n\nnote", b"old 3"])
def test_witness_with_a_file_that_is_no_offer_ends_with_2(folder, data, capsys):
    (folder / "offer").write_bytes(data)
    assert cosign(folder, "--offer", str(folder / "offer")) == 2
    assert capsys.readouterr().err.endswith("UNREADABLE: The file is no offer of a checkpoint.\n")


@pytest.mark.parametrize(
    "options", [[], ["--url", "http://a", "--offer", "b"], ["--offer", "nowhere"]], ids=str
)
def test_witness_without_one_place_to_ask_ends_with_2(folder, options):
    assert cosign(folder, *options) == 2


def test_witness_runs_without_django(tmp_path):
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from erasure.proof.witness.command import main\n"
        f"sys.exit(main(['init', '--folder', {str(tmp_path / 'w')!r}, '--name', 'a.example.org']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:5]) == (0, "Give ")
    assert done.stdout.startswith("witness a.example.org+")
