from django.db import migrations, models


class Migration(migrations.Migration):
    """How many systems are in use, and since when, is answered by an index alone."""

    dependencies = [("clients", "0003_archive")]

    operations = [
        migrations.AddIndex(
            "system",
            models.Index(
                fields=["in_service_since"],
                condition=models.Q(is_active=True),
                name="clients_system_in_use",
            ),
        ),
    ]
