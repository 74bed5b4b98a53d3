import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

import erasure.clock

ALL_KINDS = [
    "ACKNOWLEDGEMENT", "IDENTITY_REQUEST", "EXTENSION", "INTERIM", "COMPLETE", "PARTIAL_HOLD",
    "REFUSAL", "HOLD_RELEASED",
]  # fmt: skip
ALL_STATES = ["WAITING", "TO_POST", "SENT", "FAILED", "RETURNED", "WITHDRAWN"]
KEPT = ["HELD", "EXEMPT"]
KINDS = {"refusal": "REFUSAL", "interim": "INTERIM"}


def name_kinds(apps, schema_editor):
    """Letters so far were recorded as sent; an outcome told of all or of a part."""
    letters = apps.get_model("erasure", "Letter").objects
    for letter in letters.select_related("case"):
        kept = letter.case.items.filter(state__in=KEPT).exists()
        kind = KINDS.get(letter.kind) or ("PARTIAL_HOLD" if kept else "COMPLETE")
        letters.filter(pk=letter.pk).update(  # a protected state is not set on a row in hand
            kind=kind, state="SENT", language=letter.case.language
        )


class Migration(migrations.Migration):
    dependencies = [("erasure", "0015_identity")]

    operations = [
        migrations.AddField(
            "subjectidentifier", "proven_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.RenameField("letter", "recorded_at", "written_at"),
        migrations.RenameField("letter", "recorded_by", "written_by"),
        migrations.AlterField(
            "letter",
            "written_by",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "letter", "kind", models.CharField(choices=[(k, k) for k in ALL_KINDS], max_length=16)
        ),
        migrations.AlterField(
            "letter", "dispatched_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "letter",
            "state",
            django_fsm.FSMField(
                choices=[(s, s) for s in ALL_STATES], default="WAITING", max_length=50,
                protected=True,
            ),
        ),
        migrations.AddField("letter", "version", models.CharField(blank=True, max_length=8)),
        migrations.AddField(
            "letter", "language", models.CharField(default="en", max_length=8), preserve_default=False
        ),
        migrations.AddField("letter", "article", models.CharField(blank=True, max_length=10)),
        migrations.AddField("letter", "reason_sealed", models.BinaryField(blank=True, default=b"")),
        migrations.AddField("letter", "pdf_sealed", models.BinaryField(blank=True, default=b"")),
        migrations.AddField("letter", "proof", models.CharField(blank=True, max_length=300)),
        migrations.AddField("letter", "problem", models.CharField(blank=True, max_length=300)),
        migrations.AlterModelOptions("letter", options={"ordering": ["written_at"]}),
        migrations.CreateModel(
            name="Mailing",
            fields=[
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True,
                        related_name="mailing", serialize=False, to="erasure.letter",
                    ),
                ),
                ("message_id", models.CharField(max_length=120, unique=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try", models.DateTimeField(default=erasure.clock.now)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "identifier",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+", to="erasure.subjectidentifier",
                    ),
                ),
                ("address_sealed", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("accepted_at", None)), fields=["next_try"],
                        name="mailing_due",
                    )
                ],
            },
        ),
        migrations.RunPython(name_kinds, migrations.RunPython.noop),
        migrations.AddIndex(
            "letter",
            models.Index(
                condition=models.Q(("state__in", ["FAILED", "RETURNED", "TO_POST"])),
                fields=["state"], name="letter_for_a_person",
            ),
        ),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ALL_KINDS)),
                name="letter_kind_known",
            ),
        ),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                condition=models.Q(("state__in", ALL_STATES)),
                name="letter_state_known",
            ),
        ),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                condition=models.Q(
                    ("dispatched_at__isnull", False), ("state__in", ["SENT", "RETURNED"])
                )
                | models.Q(
                    ("dispatched_at__isnull", True),
                    models.Q(("state__in", ["SENT", "RETURNED"]), _negated=True),
                ),
                name="letter_sent_has_its_date",
            ),
        ),
    ]  # fmt: skip
