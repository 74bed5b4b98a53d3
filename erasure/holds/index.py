"""How a conversation is named in the register without its id."""

from erasure.models import blind


def conversation_index(slug: str, conversation_id: str) -> str:
    """Keyed index of a conversation of one connection; empty for none."""
    return blind("conversation", f"{slug}:{conversation_id}") if conversation_id else ""
