import json

from django.db import migrations, models

from erasure.ledger.tables import TILE, create_table, create_triggers
from erasure.ledger.tree import write_tiles
from erasure.models import LogEntry


def make(apps, schema_editor):
    """The table, its guards, and what an earlier log lacks."""
    vendor = schema_editor.connection.vendor
    create_table(TILE, vendor, schema_editor.execute)
    with schema_editor.connection.cursor() as cursor:
        create_triggers(vendor, cursor.execute, (TILE,))
    write_tiles(LogEntry.objects.count())
    for first in LogEntry.objects.filter(seq=0):
        vkey = json.loads(bytes(first.bytes))["vkey"]
        apps.get_model("erasure", "LogKey").objects.create(vkey=vkey, index=0)


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {TILE}")


class Migration(migrations.Migration):
    dependencies = [
        ("erasure", "0010_aftercare"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root", models.BinaryField()),
            ],
            options={
                "db_table": "erasure_tile",
                "ordering": ["level", "number"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LogCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("size", models.BigIntegerField()),
                ("passed", models.BooleanField()),
                ("findings", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "get_latest_by": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="LogKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vkey", models.TextField(unique=True)),
                ("index", models.BigIntegerField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LogAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("witness", "witness"),
                            ("timestamp", "timestamp"),
                            ("mail", "mail"),
                            ("file", "file"),
                        ],
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(blank=True, max_length=200)),
                ("size", models.BigIntegerField()),
                ("note", models.TextField()),
                ("token", models.BinaryField(blank=True, default=b"")),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["size", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("way", "by", "size", "at"), name="anchored_once"
                    )
                ],
            },
        ),
        migrations.RunPython(make, drop),
    ]
