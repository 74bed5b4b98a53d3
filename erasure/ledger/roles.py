"""What each PostgreSQL role may do: nobody who serves pages can change the log.

Three roles: the owner of the tables, who migrates and does nothing else; the application,
which writes into the outbox and reads the log; the sequencer, which may do besides what it
alone does. None of the last two owns a table, so neither can switch a trigger off.
"""

import re
from collections.abc import Iterator

from erasure.ledger.tables import CHECKPOINT, LOG, OUTBOX, TILE

HALVES, KEYS = "erasure_deletionlogentry", "erasure_logkey"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(application: str, sequencer: str, schema: str = "public") -> Iterator[str]:
    """SQL for the owner, who runs it after each ``migrate``; safe to repeat.

    Raises:
        ValueError: a name is no plain name of PostgreSQL, or both roles are one.
    """
    if application == sequencer:
        raise ValueError("The application and the sequencer must be two roles.")
    for name in (application, sequencer, schema):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name}: use small letters, digits and underscores.")
    both = f"{application}, {sequencer}"
    for role in (application, sequencer):
        yield (
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = "
            f"'{role}') THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
    yield (  # a temporary table could stand in for the one that a trigger asks
        "DO $$ BEGIN EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, "
        f"{both}', current_database()); END $$"
    )
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {both}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {both}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {both}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {both}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {both}"
    log, outbox, halves, keys = (f"{schema}.{name}" for name in (LOG, OUTBOX, HALVES, KEYS))
    others = ", ".join(f"{schema}.{name}" for name in (CHECKPOINT, TILE))
    yield f"REVOKE INSERT, UPDATE, DELETE ON {log}, {others} FROM {both}"
    yield f"REVOKE UPDATE, DELETE ON {outbox}, {keys} FROM {both}"
    yield f"REVOKE UPDATE ON {halves} FROM {both}"
    yield f"REVOKE INSERT ON {keys} FROM {application}"
    yield f"GRANT INSERT ON {log}, {others} TO {sequencer}"
    yield f"GRANT DELETE ON {outbox} TO {sequencer}"
    yield f"GRANT UPDATE (log_index) ON {halves} TO {sequencer}"


def script(application: str, sequencer: str, schema: str = "public") -> str:
    """The same as one script for psql.

    Raises:
        ValueError: as ``statements``.
    """
    return "".join(f"{one};\n" for one in statements(application, sequencer, schema))
