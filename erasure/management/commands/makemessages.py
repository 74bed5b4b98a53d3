"""``manage.py makemessages -a``: collect what people read; knows our short mark for later."""

from typing import Any

from django.core.management.commands import makemessages

# Pages of staff are in English; letters have a catalogue and a collector of their own.
ELSEWHERE = ("tests/*", "var/*", "templates/admin/*", "erasure/correspondence/*",
             "erasure/documents/*")  # fmt: skip


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=mark"]

    def handle(self, *args: Any, **options: Any) -> None:
        options["ignore_patterns"] = [*options["ignore_patterns"], *ELSEWHERE]
        super().handle(*args, **options | {"no_location": True, "no_wrap": True})
