"""A record that is graded is another one among those of its day (`reports.kpis.series.BY_GRADE`)."""

from django.db import migrations

WATCH = """
CREATE FUNCTION reports_graded_tickets_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO reports_stalespan (source, since, until)
    VALUES ('tickets_ticket.reported_at', NEW.reported_at, NEW.reported_at);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_graded AFTER UPDATE OF grade ON tickets_ticket FOR EACH ROW
    WHEN (OLD.grade IS DISTINCT FROM NEW.grade) EXECUTE FUNCTION reports_graded_tickets_ticket();
"""
UNWATCH = "DROP TRIGGER reports_graded ON tickets_ticket; DROP FUNCTION reports_graded_tickets_ticket();"
# What was kept without it may be wrong: it is begun anew.
FORGET = """
DELETE FROM reports_keptcount WHERE kpi IN ('reported_1', 'reported_2', 'reported_3', 'reported_ungraded');
DELETE FROM reports_reckoning WHERE kpi IN ('reported_1', 'reported_2', 'reported_3', 'reported_ungraded');
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_assessment_frozen")]
    operations = [
        migrations.RunSQL(WATCH, UNWATCH),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
