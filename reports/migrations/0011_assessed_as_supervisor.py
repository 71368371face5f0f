"""Whether somebody was a supervisor when he was assessed: who reads it does not change with his office."""

from django.db import migrations, models

# Final ones too, which nothing else may change: as whom they were assessed is not known of earlier ones, so
# the office of today is taken, as until now.
TAKE_OVER = """
ALTER TABLE reports_assessment DISABLE TRIGGER USER;
UPDATE reports_assessment SET of_supervisor = true FROM staff_user
WHERE staff_user.id = person_id AND staff_user.role = 'supervisor';
ALTER TABLE reports_assessment ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_monthly_locked")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="of_supervisor",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop),
    ]
