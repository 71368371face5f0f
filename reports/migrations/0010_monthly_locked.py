"""A published report's row is as locked as its snapshot; words have a version of their own."""

from django.db import migrations, models
from django.db.models import F

# Only when it was compared last may still be noted of it.
LOCKED = """
CREATE FUNCTION reports_published_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    OLD.compared_at := NEW.compared_at;
    IF NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'published reports and their history are append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reports_published_is_locked BEFORE UPDATE ON reports_monthlyreport
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION reports_published_is_locked();
"""
NO_MORE = """
DROP TRIGGER reports_published_is_locked ON reports_monthlyreport;
DROP FUNCTION reports_published_is_locked();
"""


def take_over(apps, _editor):
    """Pages that are open go on with the version that they have."""
    apps.get_model("reports", "MonthlyReport").objects.update(words_version=F("version"))


class Migration(migrations.Migration):

    dependencies = [
        ("reports", "0009_open_alone"),
    ]

    operations = [
        migrations.AddField(
            model_name="monthlyreport",
            name="words_version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(LOCKED, NO_MORE),
    ]
