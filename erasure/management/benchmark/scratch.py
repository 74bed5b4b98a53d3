"""A database that is there for one measurement."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


@contextmanager
def database(server: str, folder: Path) -> Iterator[str]:
    """The address of a new database on this PostgreSQL server; of a file, without a server."""
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    name = sql.Identifier(own := f"erasure_bench_{uuid.uuid4().hex[:8]}")
    with psycopg.connect(server, autocommit=True) as there:
        there.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield urlsplit(server)._replace(path=f"/{own}").geturl()
        finally:
            there.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
