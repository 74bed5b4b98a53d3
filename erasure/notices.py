"""Mail to staff, the one place. No personal data; a failure is logged and tried again.

A notice is a row first, written with what it tells of; after the commit it is mailed,
and what could not be mailed then goes out with a later sweep.
"""

import logging
import uuid
from datetime import timedelta
from functools import partial

from django.core.mail import send_mail
from django.db import transaction

from erasure import clock
from erasure.models import ErasureCase, StaffNotice, User
from erasure.values import Role

logger = logging.getLogger(__name__)

SENDING = timedelta(minutes=5)  # nobody else sends it meanwhile
LONGEST_WAIT = timedelta(hours=1)
ONE_SWEEP = 100  # notices


def tell_dpo(subject: str, text: str) -> None:
    """Mail to everybody in the DPO role. Never raises for a mail that cannot go out."""
    tell(str(uuid.uuid4()), subject, text)


def tell(
    key: str, subject: str, text: str, *, case: ErasureCase | None = None, user: User | None = None
) -> bool:
    """Tell an event once: ``key`` names it. Says whether it is news.

    To ``user``; without one to the DPO role and to those who prepared ``case``.
    """
    row, new = StaffNotice.objects.get_or_create(
        key=key, defaults={"subject": subject, "text": text, "case": case, "user": user}
    )
    if new:
        transaction.on_commit(partial(send, row.pk))
    return new


def send_due() -> int:
    """Mail what could not be mailed so far. Returns how many went out."""
    due = StaffNotice.objects.due().values_list("pk", flat=True)[:ONE_SWEEP]
    return sum(send(notice_id) for notice_id in list(due))


def send(notice_id: uuid.UUID) -> bool:
    """Mail one notice, by one process at a time. Call with no transaction open."""
    now = clock.now()
    mine = StaffNotice.objects.due().filter(pk=notice_id)
    if not mine.update(next_try=now + SENDING):
        return False
    notice = StaffNotice.objects.select_related("case", "user").get(pk=notice_id)
    sent = _mail(notice)
    notice.tries += 1
    notice.mailed_at = clock.now() if sent else None
    wait = min(timedelta(minutes=2 ** min(notice.tries, 6)), LONGEST_WAIT)
    notice.next_try = clock.now() + wait
    notice.save(update_fields=["tries", "mailed_at", "next_try"])
    return sent


def _mail(notice: StaffNotice) -> bool:
    to = recipients(notice)
    if not to:
        logger.warning("A notice waits: nobody it goes to has an e-mail address.")
        return False
    try:
        send_mail(notice.subject, notice.text, None, to)
    except OSError as why:  # smtplib's errors are OSErrors
        logger.warning("A notice could not be mailed (%s); it is tried again.", type(why).__name__)
        return False
    return True


def recipients(notice: StaffNotice) -> list[str]:
    """Addresses, each once."""
    if notice.user:
        return [notice.user.email] if notice.user.is_active and notice.user.email else []
    staff = User.objects.filter(is_active=True).exclude(email="")
    to = set(staff.filter(groups__name=Role.DPO).values_list("email", flat=True))
    if notice.case:
        to |= set(staff.filter(prepared_cases=notice.case).values_list("email", flat=True))
    return sorted(to)
