"""How a conversation is named in the register without its id."""

import re

from erasure.models import blind

UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def conversation_index(slug: str, conversation_id: str) -> str:
    """Keyed index of a conversation of one connection; empty for none.

    A UUID counts in small letters, however it was typed; other ids letter by letter.
    """
    plain = conversation_id.strip()
    named = plain.lower() if UUID_FORM.fullmatch(plain) else plain
    return blind("conversation", f"{slug}:{named}") if named else ""
