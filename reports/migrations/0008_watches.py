"""What is noted as stale says since when; a change whose system turns out to be another moves its window there."""

import django.db.models.functions.datetime
from django.db import migrations, models

WATCH = """
CREATE FUNCTION reports_housed_tickets_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO reports_stalespan (source, since, until)
    SELECT 'clients_system', window_from, window_to FROM tickets_change
    WHERE ticket_id = NEW.id AND window_from IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_housed AFTER UPDATE OF system_id ON tickets_ticket FOR EACH ROW
    WHEN (OLD.system_id IS DISTINCT FROM NEW.system_id) EXECUTE FUNCTION reports_housed_tickets_ticket();
"""
UNWATCH = "DROP TRIGGER reports_housed ON tickets_ticket; DROP FUNCTION reports_housed_tickets_ticket();"


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_graded")]
    operations = [
        migrations.AddField(
            model_name="stalespan",
            name="noted_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunSQL(WATCH, UNWATCH),
    ]
