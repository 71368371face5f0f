"""What stands open now is answered by an index alone."""

from django.db import migrations

DROP = "DROP INDEX reports_ticket_open;"
OPEN = DROP + """
CREATE INDEX reports_ticket_open ON tickets_ticket (reported_at)
INCLUDE (id, group_id, status, closed_at)
WHERE closed_at IS NULL
"""
BEFORE = DROP + "CREATE INDEX reports_ticket_open ON tickets_ticket (reported_at) WHERE closed_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [("reports", "0008_watches"), ("tickets", "0032_work_types")]

    operations = [migrations.RunSQL(OPEN, BEFORE)]
