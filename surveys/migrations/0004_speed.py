from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_corrective_of_audits")]

    operations = [
        migrations.AddIndex(
            model_name="answersheet",
            index=models.Index(
                name="surveys_sheet_keyed_once",
                fields=["-id"],
                condition=Q(keyed_at__isnull=False, finished_at=None),
            ),
        ),
        migrations.AddIndex(
            model_name="answersheet",
            index=models.Index(
                name="surveys_sheet_given",
                fields=["given_at"],
                include=["id", "invitation", "channel", "score", "is_bad"],
                condition=Q(finished_at__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                name="surveys_invitation_sent",
                fields=["group", "sent_at"],
                include=[
                    *("id", "version", "campaign", "system", "engineer", "client_type"),
                    *("channel", "state"),
                ],
            ),
        ),
    ]
