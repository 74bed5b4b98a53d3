"""Is this the person? The least intrusive proof that is enough (Art. 12(6))."""

from erasure.verification.stage import (
    ask,
    confirm,
    expire_documents,
    link_of,
    reject,
    upload,
    view_page,
)

__all__ = ["ask", "confirm", "expire_documents", "link_of", "reject", "upload", "view_page"]
