"""The raw rows: tables of Postgres copied out as they are, into a DuckDB of the test's own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
from django.db import connection

# Everything that the words of the dictionary speak of. A table is known by its own name.
TABLES = [
    *("clients_client", "clients_system"),
    *("duty_shift", "duty_emptyshift", "duty_sheetversion", "duty_inspectionsheet"),
    *("duty_inspection", "duty_inspectionanswer"),
    *("tickets_ticket", "tickets_entry", "tickets_clock", "tickets_escalation", "tickets_pause"),
    *("tickets_link", "tickets_dispatch", "tickets_timespent", "tickets_change", "tickets_attachment"),
    *("tickets_remoteauthorisation", "tickets_remotesession", "tickets_inspectionrecord"),
    *("tickets_handover", "tickets_handoverterms"),
    *("visits_callback", "surveys_campaign", "surveys_invitation", "surveys_question"),
    *("surveys_answersheet", "surveys_answer", "surveys_correctiveaction"),
    *("audits_audit", "audits_check", "audits_sampledrecord", "audits_finding"),
    *("meetings_decision", "meetings_weeklyreport", "reports_phoneday"),
]
TYPES = {
    "timestamp with time zone": "TIMESTAMPTZ",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "integer": "BIGINT",
    "smallint": "BIGINT",
    "numeric": "DOUBLE",
    "jsonb": "JSON",
}  # all else is text
COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ANY(%s) ORDER BY table_name, ordinal_position
"""


def exported() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB with the tables as they are now, seen from the test's own transaction."""
    raw = duckdb.connect(config={"threads": 1})
    raw.execute("SET TimeZone = 'Asia/Shanghai'")
    columns: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        cursor.execute(COLUMNS, [TABLES])
        for table, column, kind in cursor.fetchall():
            columns.setdefault(table, {})[column] = TYPES.get(kind, "VARCHAR")
        assert set(columns) == set(TABLES), set(TABLES) - set(columns)
        for table, types in columns.items():
            file = Path(folder) / f"{table}.csv"
            out = f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv, HEADER, NULL '\\N')"
            with file.open("wb") as target:
                cursor.copy_expert(out, target)
            raw.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, columns = ?, header = true, "
                "nullstr = '\\N', delim = ',', quote = '\"', escape = '\"', auto_detect = false)",
                [str(file), types],
            )
    return raw
