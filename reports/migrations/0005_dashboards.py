"""Indexes that answer alone what a dashboard asks of a period: which hours, which causes, whose."""

from django.db import migrations

REPORTED = """
CREATE INDEX reports_calls_reported ON tickets_ticket (reported_at)
INCLUDE (group_id, owner_id, client_id, grade)
WHERE status <> 'merged' AND kind <> 'change'
"""
SOLVED = """
CREATE INDEX reports_faults_solved ON tickets_ticket (resolved_at)
INCLUDE (group_id, owner_id, client_id, cause)
WHERE kind = 'fault' AND status <> 'merged' AND resolved_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_assessment"), ("tickets", "0032_work_types")]

    operations = [
        migrations.RunSQL(REPORTED, "DROP INDEX reports_calls_reported"),
        migrations.RunSQL(SOLVED, "DROP INDEX reports_faults_solved"),
    ]
