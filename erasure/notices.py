"""Mail to staff, the one place. No personal data; a failure is logged and tried again.

A notice is a row, written with what it tells of. The sweep mails what is due, so a mail
server that is down costs time and no notice.
"""

import logging
import uuid
from datetime import timedelta

from django.core.mail import send_mail

from erasure import clock
from erasure.models import ErasureCase, StaffNotice, User
from erasure.values import Role

logger = logging.getLogger(__name__)

SENDING = timedelta(minutes=5)  # nobody else sends it meanwhile
LONGEST_WAIT = timedelta(hours=1)
AT_ONCE = 100  # notices


def tell_dpo(subject: str, text: str) -> None:
    """Mail to everybody in the DPO role, within a minute or two. Call it anywhere."""
    tell(str(uuid.uuid4()), subject, text)


def tell(
    key: str, subject: str, text: str, *,
    case: ErasureCase | None = None, user: User | None = None, role: Role = Role.DPO,
) -> bool:  # fmt: skip
    """Tell an event once: ``key`` names it. Says whether it is news.

    To ``user``; without one to everybody in ``role``, and to those who prepared ``case``.
    """
    given = {"subject": subject, "text": text, "case": case, "user": user, "role": role.value}
    return StaffNotice.objects.get_or_create(key=key, defaults=given)[1]


def send_due() -> int:
    """Mail what is due. Returns how many went out. Call with no transaction open."""
    due = StaffNotice.objects.due().values_list("pk", flat=True)[:AT_ONCE]
    return sum(_send(notice_id) for notice_id in list(due))


def _send(notice_id: uuid.UUID) -> bool:
    """Mail one notice, by one process at a time."""
    mine = StaffNotice.objects.due().filter(pk=notice_id)
    if not mine.update(next_try=clock.now() + SENDING):
        return False
    notice = StaffNotice.objects.select_related("case", "user").get(pk=notice_id)
    sent = _mail(notice)
    notice.tries += 1
    notice.mailed_at = clock.now() if sent else None
    wait = timedelta(minutes=2 ** min(notice.tries, 6))
    notice.next_try = clock.now() + min(wait, LONGEST_WAIT)
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
    staff = User.objects.filter(is_active=True).exclude(email="")
    if notice.user:
        return list(staff.filter(pk=notice.user.pk).values_list("email", flat=True))
    to = set(staff.filter(groups__name=notice.role).values_list("email", flat=True))
    if notice.case:
        to |= set(staff.filter(prepared_cases=notice.case).values_list("email", flat=True))
    return sorted(to)
