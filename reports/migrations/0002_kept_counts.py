"""Kept counts of the figures, and triggers that note what becomes stale of them."""

import django.db.models.deletion
from django.db import migrations, models

STANDS = "({row}.status <> 'merged')"


def instants(table, *columns, row):
    """Rows of a table as what becomes stale by them: each instant by which they fall into periods."""
    return " UNION ALL ".join(
        f"SELECT '{table}.{column}', {row}.{column}, {row}.{column} WHERE {row}.{column} IS NOT NULL"
        for column in columns
    )


def watch(table, changed, *columns):
    """A row that comes, goes, or changes in what counts makes stale what it falls into, before and after."""
    insert = "INSERT INTO reports_stalespan (source, since, until)"
    was, becomes = (instants(table, *columns, row=row) for row in ("OLD", "NEW"))
    tell = [
        f"""
CREATE FUNCTION reports_stale_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {insert} {becomes};
    ELSIF TG_OP = 'DELETE' THEN {insert} {was};
    ELSE {insert} SELECT * FROM ({was}) AS was UNION SELECT * FROM ({becomes}) AS becomes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_stale AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION reports_stale_{table}();
"""
    ]
    old, new = (", ".join(f"{row}.{name}" for name in (*columns, *changed)) for row in ("OLD", "NEW"))
    tell.append(
        f"""
CREATE TRIGGER reports_stale_changed AFTER UPDATE OF {", ".join((*columns, *changed))} ON {table} FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION reports_stale_{table}();
"""
    )
    return "".join(tell)


def stand(table, begins, ends, stands, changed):
    """The same of a stock: stale are the instants at which a row stands that did not, or stands no more."""
    source = f"'{table}.{begins}-{ends}'"
    old, new = (", ".join(f"{row}.{name}" for name in changed) for row in ("OLD", "NEW"))
    all_old, all_new = f"{old}, OLD.{begins}, OLD.{ends}", f"{new}, NEW.{begins}, NEW.{ends}"
    is_old, is_new = stands.format(row="OLD"), stands.format(row="NEW")
    insert = "INSERT INTO reports_stalespan (source, since, until)"
    return f"""
CREATE FUNCTION reports_stock_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ({old}) IS NOT DISTINCT FROM ({new}) AND {is_old} = {is_new} THEN
        IF NOT {is_new} THEN RETURN NULL; END IF;
        {insert} SELECT {source}, least(OLD.{begins}, NEW.{begins}), greatest(OLD.{begins}, NEW.{begins})
        WHERE OLD.{begins} <> NEW.{begins};
        {insert} SELECT {source}, least(OLD.{ends}, NEW.{ends}),
            CASE WHEN OLD.{ends} IS NOT NULL AND NEW.{ends} IS NOT NULL THEN greatest(OLD.{ends}, NEW.{ends}) END
        WHERE OLD.{ends} IS DISTINCT FROM NEW.{ends};
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        {insert} SELECT {source}, OLD.{begins}, OLD.{ends} WHERE {is_old};
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {insert} SELECT {source}, NEW.{begins}, NEW.{ends} WHERE {is_new};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_stock AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION reports_stock_{table}();
CREATE TRIGGER reports_stock_changed AFTER UPDATE OF {", ".join((*changed, begins, ends, "status"))} ON {table}
    FOR EACH ROW WHEN (({all_old}, {is_old}) IS DISTINCT FROM ({all_new}, {is_new}))
    EXECUTE FUNCTION reports_stock_{table}();
"""


def follow(table, key, of, column, *changed):
    """What a record says counts for the rows that belong to it."""
    old, new = (", ".join(f"{row}.{name}" for name in changed) for row in ("OLD", "NEW"))
    return f"""
CREATE FUNCTION reports_stale_{of}_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_stalespan (source, since, until)
    SELECT '{of}.{column}', {column}, {column} FROM {of} WHERE {key} = NEW.id AND {column} IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_stale_{of} AFTER UPDATE OF {", ".join(changed)} ON {table} FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION reports_stale_{of}_of_{table}();
"""


TRIGGERS = "".join(
    (
        watch("tickets_ticket", ("group_id", "kind", "status", "reported_at"), "resolved_at"),
        watch("tickets_clock", ("kind", "stopped_at", "superseded_at", "ticket_id"), "due_at"),
        follow("tickets_ticket", "ticket_id", "tickets_clock", "due_at", "group_id"),
        stand("tickets_ticket", "reported_at", "closed_at", STANDS, ("group_id",)),
    )
)
NO_TRIGGERS = """
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE starts_with(proname, 'reports_stale_') OR starts_with(proname, 'reports_stock_')
    LOOP EXECUTE format('DROP FUNCTION %s CASCADE', it.name); END LOOP;
END $$
"""
EXACT = {"decimal_places": 12, "max_digits": 44, "null": True}


def key(**more):
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID", **more)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0032_work_types"), ("staff", "0005_duty_topics")]

    operations = [
        migrations.CreateModel(
            name="Reckoning",
            fields=[
                ("kpi", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("is_whole", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="StaleSpan",
            fields=[
                ("id", key()),
                ("source", models.CharField(max_length=80)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="KeptCount",
            fields=[
                ("id", key()),
                ("kpi", models.CharField(max_length=40)),
                ("unit", models.CharField(max_length=7)),
                ("first_on", models.DateField()),
                ("numerator", models.DecimalField(**EXACT)),
                ("denominator", models.BigIntegerField(null=True)),
                ("squares", models.DecimalField(**EXACT)),
                ("median", models.FloatField(null=True)),
                ("p90", models.FloatField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="staff.group",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kpi", "unit", "first_on", "group"),
                        name="reports_kept_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
