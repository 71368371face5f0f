"""What follows from generated records: report-ups, cases of overrun, notices and their copies, made by SQL.

Report-ups fired while their clock ran are history, the others of running clocks are planned. Every record had
one notice that was sent by e-mail and read. So the tables that the sweep writes and the auditor reads are as
large as they would be.
"""

from datetime import datetime

from django.db import connection

SETTLE = """
UPDATE tickets_clock c SET next_at = LEAST(
  CASE WHEN near_marked_at IS NULL THEN near_at END,
  CASE WHEN breached_marked_at IS NULL THEN due_at END,
  (SELECT min(e.due_at) FROM tickets_escalation e WHERE e.clock_id = c.id AND e.fired_at IS NULL))
WHERE stopped_at IS NULL
"""
STEPS = [
    """
INSERT INTO tickets_escalation
  (ticket_id, clock_id, rule_id, turn, target, "offset", due_at, fired_at, is_late, found_nobody)
SELECT c.ticket_id, c.id, r.id, 0, r.target, f.after, c.started_at + f.after,
  CASE WHEN c.started_at + f.after < %(now)s THEN c.started_at + f.after END, false, false
FROM tickets_clock c
JOIN tickets_escalationrule r ON r.kind = c.kind AND r.grade IS NOT DISTINCT FROM c.grade AND r.is_active
JOIN tickets_policyversion v ON v.id = r.version_id AND v.state = 'adopted'
CROSS JOIN LATERAL (SELECT COALESCE(r.after, c.limit * r.percent / 100)) AS f(after)
WHERE r.only_while = '' AND (c.stopped_at IS NULL OR c.started_at + f.after < c.stopped_at)
""",
    """
INSERT INTO tickets_coordinationmeeting
  (ticket_id, cycle, convened_at, escalation_id, reason, place, closed_at)
SELECT DISTINCT ON (e.ticket_id) e.ticket_id, 1, e.fired_at, e.id, '', '', e.fired_at
FROM tickets_escalation e JOIN tickets_escalationrule r ON r.id = e.rule_id
WHERE r.convenes AND e.fired_at IS NOT NULL
""",
    """
INSERT INTO tickets_overrun
  (ticket_id, clock_id, kind, grade, group_id, due_at, opened_at, state, told, explanation, proposed_cause,
   ruling, ruled_at, ruled_by_id, ruled_cause, ruled_excused, appeal_until, appeal, decision, settled_at,
   cause, is_excused)
SELECT c.ticket_id, c.id, c.kind, c.grade, t.group_id, c.due_at, c.due_at, 'settled', 4, '', '',
  'bench', c.due_at, u.id, 'own', false, c.due_at, '', '', c.due_at, 'own', false
FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id, staff_user u
WHERE c.breached_marked_at IS NOT NULL AND u.username = 'bench'
""",
    """
INSERT INTO staff_notice (recipient_id, kind, params, url, key, created_at, read_at)
SELECT COALESCE(owner_id, taken_by_id), 'assigned', '{}', '', 'bench:' || id, logged_at, logged_at
FROM tickets_ticket
""",
    """
INSERT INTO staff_delivery
  (notice_id, channel, state, next_try_at, attempts, lease, sent_at, error, message, answer)
SELECT id, 'email', 'sent', created_at, 1, 1, created_at, '', '', '' FROM staff_notice
""",
    SETTLE,
]


def let_follow(*, now: datetime) -> None:
    """Write it all, as it stands at `now` (aware)."""
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, {"now": now})
