import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# By these instants rows of other apps fall into the periods of figures, and into nothing else: so they stand
# here, and the apps above need not know of figures. (table, column, condition)
INSTANTS = {
    "reports_ticket_acknowledged": ("tickets_ticket", "acknowledged_at", "acknowledged_at IS NOT NULL"),
    "reports_ticket_closed": ("tickets_ticket", "closed_at", "closed_at IS NOT NULL"),
    "reports_entry_solved": ("tickets_entry", "at", "kind = 'resolved'"),
    "reports_escalation_due": ("tickets_escalation", "due_at", "due_at IS NOT NULL"),
    "reports_pause_ended": ("tickets_pause", "ended_at", "ended_at IS NOT NULL"),
    "reports_dispatch_left": ("tickets_dispatch", "left_at", "left_at IS NOT NULL"),
    "reports_inspection_closes": ("duty_inspection", "closes_at", "TRUE"),
    "reports_sheet_given": ("surveys_answersheet", "given_at", "finished_at IS NOT NULL"),
}


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('duty', '0007_drafted_nights'),
        ('staff', '0005_duty_topics'),
        ('surveys', '0003_corrective_of_audits'),
        ('tickets', '0032_work_types'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PhoneDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('offered', models.PositiveIntegerField(verbose_name='calls that came in')),
                ('answered', models.PositiveIntegerField(verbose_name='of these answered')),
                ('version', models.PositiveIntegerField(default=1)),
                ('group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.group', verbose_name='group')),
            ],
            options={
                'verbose_name': 'calls of a day',
                'verbose_name_plural': 'calls by day',
                'ordering': ['-day', 'group'],
            },
        ),
        migrations.CreateModel(
            name='PhoneEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offered', models.PositiveIntegerField()),
                ('answered', models.PositiveIntegerField()),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='reports.phoneday')),
            ],
            options={
                'verbose_name': 'filing of the calls of a day',
                'verbose_name_plural': 'filings of the calls of days',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='KpiTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kpi', models.SlugField(verbose_name='KPI')),
                ('since', models.DateField(verbose_name='in force from')),
                ('target', models.FloatField(blank=True, null=True, verbose_name='target')),
                ('minimum_sample', models.PositiveIntegerField(blank=True, null=True, verbose_name='minimum sample')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'target of a KPI',
                'verbose_name_plural': 'targets of KPIs',
                'ordering': ['kpi', '-since', '-pk'],
                'indexes': [models.Index(fields=['kpi', '-since', '-id'], name='reports_target_of_kpi')],
                'constraints': [models.CheckConstraint(condition=models.Q(('since__day', 1)), name='reports_target_from_a_month'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reports_target_for_a_reason'), models.CheckConstraint(condition=models.Q(('target', None), ('target__gte', 0), _connector='OR'), name='reports_target_not_negative')],
            },
        ),
        migrations.AddIndex(
            model_name='phoneday',
            index=models.Index(fields=['-day', '-id'], name='reports_phone_by_day'),
        ),
        migrations.AddConstraint(
            model_name='phoneday',
            constraint=models.UniqueConstraint(fields=('group', 'day'), name='reports_phone_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='phoneday',
            constraint=models.CheckConstraint(condition=models.Q(('answered__lte', models.F('offered'))), name='reports_phone_answers_what_came'),
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {name} ON {table} ({column}) WHERE {condition}", f"DROP INDEX {name}"
            )
            for name, (table, column, condition) in INSTANTS.items()
        ),
    ]
