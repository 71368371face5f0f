"""What stands open, and what is down, is answered by indexes that hold nothing else: merged ones never count."""

from django.db import migrations

DROP = "DROP INDEX reports_ticket_open; DROP INDEX reports_ticket_outages;"
NARROW = DROP + """
CREATE INDEX reports_ticket_open ON tickets_ticket (reported_at)
INCLUDE (id, group_id)
WHERE closed_at IS NULL AND status <> 'merged';
CREATE INDEX reports_ticket_outages ON tickets_ticket (resolved_at, reported_at)
INCLUDE (system_id)
WHERE kind = 'fault' AND grade = 1 AND status <> 'merged' AND system_id IS NOT NULL
"""
BEFORE = DROP + """
CREATE INDEX reports_ticket_open ON tickets_ticket (reported_at)
INCLUDE (id, group_id, status, closed_at)
WHERE closed_at IS NULL;
CREATE INDEX reports_ticket_outages ON tickets_ticket (resolved_at, reported_at)
WHERE kind = 'fault' AND grade = 1
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_assessed_as_supervisor")]

    operations = [migrations.RunSQL(NARROW, BEFORE)]
