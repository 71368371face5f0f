"""A secret address may be that of a calendar of monthly reports."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("duty", "0009_feeds_revoked_by"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feed",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mine", "My duties"),
                    ("group", "My group's duties"),
                    ("month", "Monthly reports"),
                    ("wall", "Wall-board: duty"),
                    ("ops", "Wall-board: operations"),
                ],
                max_length=5,
            ),
        ),
    ]
