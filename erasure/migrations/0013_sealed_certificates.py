"""Certificates in two editions: who may have the one with the openings."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

ROLES = ("DPO", "Auditor")


def give_permissions(apps, schema_editor):
    create_permissions(
        installed.get_app_config("erasure"), verbosity=0, using=schema_editor.connection.alias
    )
    may = apps.get_model("auth", "Permission").objects.get(
        codename="download_openings", content_type__app_label="erasure"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.add(may)


class Migration(migrations.Migration):
    dependencies = [
        ("erasure", "0012_watch"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="certificate",
            options={
                "ordering": ["version"],
                "permissions": [("download_openings", "Can download the authority edition")],
            },
        ),
        migrations.RemoveField(
            model_name="certificate",
            name="bundle",
        ),
        migrations.AddField(
            model_name="certificate",
            name="proof_size",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="stage",
            field=models.CharField(
                choices=[
                    ("APPENDED", "APPENDED"),
                    ("ANCHORED", "ANCHORED"),
                    ("RENDERED", "RENDERED"),
                    ("ISSUED", "ISSUED"),
                ],
                default="APPENDED",
                max_length=10,
            ),
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]
