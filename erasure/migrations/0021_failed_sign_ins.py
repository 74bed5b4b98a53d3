from django.db import migrations, models

import erasure.clock


class Migration(migrations.Migration):
    dependencies = [("erasure", "0020_report_indexes")]

    operations = [
        migrations.CreateModel(
            name="FailedSignIns",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("count", models.PositiveIntegerField(default=0)),
                ("told_at", models.DateTimeField(default=erasure.clock.now)),
            ],
            options={"default_permissions": ()},
        ),
    ]
