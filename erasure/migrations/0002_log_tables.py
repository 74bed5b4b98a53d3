from django.db import migrations

from erasure.ledger.tables import CHECKPOINT, LOG, OUTBOX, create_table, create_triggers


def make(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    tables = (OUTBOX, LOG, CHECKPOINT)
    for table in tables:
        create_table(table, vendor, schema_editor.execute)
    with schema_editor.connection.cursor() as cursor:
        create_triggers(vendor, cursor.execute, tables)


def drop(apps, schema_editor):
    for table in (CHECKPOINT, LOG, OUTBOX):
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("erasure", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
