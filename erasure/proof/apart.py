"""The other process that judges a certificate somebody uploaded.

``python -m erasure.proof.apart TRUST SECONDS BYTES``: the certificate on standard input,
one line of JSON on standard output, {"findings": [[id, state, text], ..]} or
{"unreadable": why}. Whatever the file does, it can take no more time and memory than this
and write no file.
"""

import json
import logging
import resource
import sys

from erasure.proof import files, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.verify import verify


def main() -> None:
    path, seconds, memory = sys.argv[1], *map(int, sys.argv[2:4])
    data, trusted = sys.stdin.buffer.read(), trust.read(path)
    logging.disable(logging.CRITICAL)
    limit_process(seconds, memory)
    try:
        found = verify(files.parse(data), trusted)
        said: dict[str, object] = {"findings": [[one.id, one.state, one.text] for one in found]}
    except UnreadableError as why:
        said = {"unreadable": str(why)}
    print(json.dumps(said))


def limit_process(seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
