"""The words about records, limits, visits, remote access and changes, as SQL over the raw rows."""

from __future__ import annotations

from reports.tests.recount.shapes import Shape, Words, day_begun, moment

RECORD = "t.group_id AS grp, t.owner_id AS person, t.client_id AS client"


# Limits (§5.4): clocks


def _clocks(kind: str, more: str = "true") -> str:
    return f"""
        SELECT {moment("c.due_at")}, {RECORD}, coalesce(c.stopped_at <= c.due_at, false) AS yes
        FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
        WHERE c.kind = '{kind}' AND c.superseded_at IS NULL AND c.due_at IS NOT NULL AND {more}
    """


REPORT_UP = f"""
    SELECT {moment("e.due_at")}, {RECORD},
        coalesce(e.fired_at <= e.due_at + INTERVAL 10 SECOND, false) AND NOT e.found_nobody AS yes
    FROM tickets_escalation e JOIN tickets_ticket t ON t.id = e.ticket_id
    WHERE e.due_at IS NOT NULL AND t.status <> 'merged'
"""
# An arrival that ended before its deadline without anybody arriving then was not owed any more.
ARRIVED = """(c.stopped_at IS NULL OR c.stopped_at > c.due_at OR EXISTS (
    SELECT 1 FROM tickets_dispatch d WHERE d.ticket_id = t.id AND d.arrived_at = c.stopped_at))"""
DANGERS_CLOSED = _clocks("resolution", "t.id IN (SELECT ticket_id FROM tickets_inspectionrecord)")


# Records (§3.2)

ALIVE = "t.status <> 'merged' AND t.kind <> 'change'"
CLOSED = "t.status = 'closed' AND t.kind <> 'change'"


def _between(end: str, where: str) -> str:
    return f"""
        SELECT {moment(end)}, {RECORD}, epoch_us({end} - t.reported_at) / 1e6 AS amount
        FROM tickets_ticket t WHERE {end} IS NOT NULL AND {where}
    """


def _closed(yes: str) -> str:
    return f"SELECT {moment('t.closed_at')}, {RECORD}, {yes} AS yes FROM tickets_ticket t WHERE {CLOSED}"


def _number(at: str, where: str) -> str:
    return f"""
        SELECT {moment(at)}, {RECORD}, 1 AS amount FROM tickets_ticket t
        WHERE {at} IS NOT NULL AND {where}
    """


REOPENED_EVER = "EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.kind = 'reopened')"
DENIED = "EXISTS (SELECT 1 FROM visits_callback v WHERE v.ticket_id = t.id AND v.is_solved = false)"
# From one group to another, or from one person to another; that somebody takes up what was nobody's is not.
HANDED_ON = """EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.kind = 'assigned' AND (
    (e.changes->>'$.group[0]' IS NOT NULL AND e.changes->>'$.group[0]' <> e.changes->>'$.group[1]')
    OR (e.changes->>'$.owner[0]' IS NOT NULL AND e.changes->>'$.owner[1]' IS NOT NULL
        AND e.changes->>'$.owner[0]' <> e.changes->>'$.owner[1]')))"""
CALLED_AGAIN = """EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.at <= t.closed_at AND (
    e.kind IN ('repeat_contact', 'mail')
    OR e.kind = 'absorbed' AND EXISTS (SELECT 1 FROM tickets_link l WHERE l.entry_id = e.id)))"""
REPEATS = "EXISTS (SELECT 1 FROM tickets_link l WHERE l.record_id = t.id AND l.kind = 'repeat')"
COMPLETE = """(t.system_id IS NOT NULL AND (t.contact_id IS NOT NULL OR t.callback_number <> '')
    AND t.cause <> '' AND t.solution <> ''
    AND (t.kind <> 'fault' OR (t.grade IS NOT NULL AND t.grade_reason <> '')))"""
REOPENED = f"""
    SELECT {moment("s.at + INTERVAL 168 HOUR")}, {RECORD}, EXISTS (
        SELECT 1 FROM tickets_entry r WHERE r.ticket_id = t.id AND r.kind = 'reopened'
            AND r.id > s.id AND r.at <= s.at + INTERVAL 168 HOUR) AS yes
    FROM tickets_entry s JOIN tickets_ticket t ON t.id = s.ticket_id
    WHERE s.kind = 'resolved' AND {ALIVE}
"""
REPEAT_FAULTS = f"""
    SELECT {moment("t.resolved_at")}, {RECORD}, {REPEATS} AS yes FROM tickets_ticket t
    WHERE t.kind = 'fault' AND t.status <> 'merged' AND t.resolved_at IS NOT NULL
"""
COMPLAINTS = f"""
    SELECT {moment("t.reported_at")}, {RECORD}, t.kind = 'complaint' AS yes
    FROM tickets_ticket t WHERE {ALIVE}
"""
MERGED = f"""
    SELECT {moment("l.at")}, {RECORD}, 1 AS amount
    FROM tickets_link l JOIN tickets_ticket t ON t.id = l.record_id
    WHERE l.kind = 'duplicate' AND t.status = 'merged'
"""


def _open(days: int | None = None, until: int | None = None) -> str:
    """Those open at an instant that were reported more than `days` and at most `until` days before."""
    since = f"t.reported_at + INTERVAL {24 * (days or 0)} HOUR"
    ends = "coalesce(t.closed_at, TIMESTAMPTZ '9999-01-01')"
    if until is not None:
        ends = f"least({ends}, t.reported_at + INTERVAL {24 * until} HOUR)"
    return f"""
        SELECT {since} AS since, {ends} AS until, {RECORD} FROM tickets_ticket t WHERE t.status <> 'merged'
    """


WAITING = f"""
    SELECT p.started_at AS since, coalesce(p.ended_at, TIMESTAMPTZ '9999-01-01') AS until, {RECORD}
    FROM tickets_pause p JOIN tickets_ticket t ON t.id = p.ticket_id WHERE t.status <> 'merged'
"""
PAUSED = f"""
    SELECT {moment("p.ended_at")}, {RECORD}, epoch_us(p.ended_at - p.started_at) / 3600e6 AS amount
    FROM tickets_pause p JOIN tickets_ticket t ON t.id = p.ticket_id
    WHERE t.status <> 'merged' AND p.ended_at IS NOT NULL
"""
WORK_HOURS = f"""
    SELECT {day_begun('s."on"')}, t.group_id AS grp, s.person_id AS person, t.client_id AS client,
        s.minutes / 60.0 AS amount
    FROM tickets_timespent s JOIN tickets_ticket t ON t.id = s.ticket_id
"""


# On site, at a distance, changes (§4.2, tail 7.2)

FIRST_DISPATCH = f"""
    SELECT {moment("d.left_at")}, t.group_id AS grp, d.engineer_id AS person, t.client_id AS client,
        d.outcome = 'solved' AS yes
    FROM (
        SELECT *, row_number() OVER (PARTITION BY ticket_id ORDER BY left_at, ordered_at, id) AS place
        FROM tickets_dispatch WHERE left_at IS NOT NULL AND called_off_at IS NULL
    ) d JOIN tickets_ticket t ON t.id = d.ticket_id WHERE d.place = 1
"""
CALLED_OFF = f"""
    SELECT {moment("d.called_off_at")}, t.group_id AS grp, d.engineer_id AS person, t.client_id AS client,
        1 AS amount
    FROM tickets_dispatch d JOIN tickets_ticket t ON t.id = d.ticket_id WHERE d.called_off_at IS NOT NULL
"""
REMOTE = f"""
    SELECT {moment("greatest(a.window_to, a.written_due_at)")}, t.group_id AS grp, s.operator_id AS person,
        t.client_id AS client,
        coalesce(
            s.started_at >= a.window_from AND s.started_at < a.window_to AND s.ended_at <= a.window_to
            AND (a.revoked_at IS NULL OR s.started_at < a.revoked_at)
            AND CASE WHEN a.how = 'phone'
                THEN a.written_received_at <= a.written_due_at AND w.withdrawn_at IS NULL AND w.id IS NOT NULL
                ELSE p.id IS NOT NULL AND p.withdrawn_at IS NULL END,
            false) AS yes
    FROM tickets_remotesession s
    JOIN tickets_remoteauthorisation a ON a.id = s.authorisation_id
    JOIN tickets_ticket t ON t.id = a.ticket_id
    LEFT JOIN tickets_attachment p ON p.id = a.evidence_id
    LEFT JOIN tickets_attachment w ON w.id = a.written_evidence_id
"""
CHANGES = f"""
    SELECT {moment("c.finished_at")}, {RECORD}, c.outcome = 'succeeded' AS yes
    FROM tickets_change c JOIN tickets_ticket t ON t.id = c.ticket_id WHERE c.finished_at IS NOT NULL
"""


S = Shape
OF_RECORDS: dict[str, Words] = {
    "response": Words(S.SHARE, _clocks("response")),
    "diagnosis": Words(S.SHARE, _clocks("diagnosis", "t.kind = 'fault'")),
    "report_up": Words(S.SHARE, REPORT_UP),
    "arrival": Words(S.SHARE, _clocks("arrival", ARRIVED)),
    "resolution": Words(S.SHARE, _clocks("resolution")),
    "mtta": Words(S.MEAN, _between("t.acknowledged_at", ALIVE)),
    "mttr": Words(S.MEAN, _between("t.resolved_at", "t.kind = 'fault' AND t.status <> 'merged'")),
    "solved": Words(S.SHARE, _closed(f"NOT {REOPENED_EVER} AND NOT {DENIED}")),
    "first_time": Words(S.SHARE, _closed(f"NOT {REOPENED_EVER} AND NOT {HANDED_ON} AND NOT {CALLED_AGAIN}")),
    "second_calls": Words(S.SHARE, _closed(CALLED_AGAIN)),
    "repeat_faults": Words(S.SHARE, REPEAT_FAULTS),
    "reopened": Words(S.SHARE, REOPENED),
    "first_dispatch": Words(S.SHARE, FIRST_DISPATCH),
    "complete": Words(S.SHARE, _closed(COMPLETE)),
    "reported": Words(S.TOTAL, _number("t.reported_at", ALIVE)),
    "solved_records": Words(S.TOTAL, _number("t.resolved_at", ALIVE)),
    "closed": Words(S.TOTAL, _number("t.closed_at", CLOSED)),
    "backlog": Words(S.STOCK, _open()),
    "open_0_3": Words(S.STOCK, _open(until=3)),
    "open_4_7": Words(S.STOCK, _open(3, 7)),
    "open_8_30": Words(S.STOCK, _open(7, 30)),
    "open_over_30": Words(S.STOCK, _open(30)),
    "waiting": Words(S.STOCK, WAITING),
    "paused_hours": Words(S.TOTAL, PAUSED),
    "merged": Words(S.TOTAL, MERGED),
    "work_hours": Words(S.TOTAL, WORK_HOURS),
    "per_engineer": Words(S.HEADS, _number("t.resolved_at", f"{ALIVE} AND t.owner_id IS NOT NULL")),
    "remote": Words(S.SHARE, REMOTE),
    "changes": Words(S.SHARE, CHANGES),
    "called_off": Words(S.TOTAL, CALLED_OFF),
    "dangers_closed": Words(S.SHARE, DANGERS_CLOSED),
    "complaints": Words(S.SHARE, COMPLAINTS),
    "complaints_answered": Words(S.SHARE, _clocks("response", "t.kind = 'complaint'")),
}
