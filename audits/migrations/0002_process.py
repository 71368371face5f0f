import audits.suggesting
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# §1.1: older versions are readable for ever, and so is what happened.
FROZEN = """
CREATE FUNCTION audits_clause_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM audits_processversion WHERE state = 'published'
           AND id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END,
                      CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END)
    ) THEN
        RAISE EXCEPTION 'a published version of the process never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER audits_clause_frozen BEFORE INSERT OR UPDATE OR DELETE ON audits_clause
    FOR EACH ROW EXECUTE FUNCTION audits_clause_is_frozen();
CREATE FUNCTION audits_process_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published versions of the process and its history are never changed';
END $$;
CREATE TRIGGER audits_processversion_kept BEFORE UPDATE OR DELETE ON audits_processversion
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION audits_process_is_kept();
CREATE TRIGGER audits_processevent_append_only BEFORE UPDATE OR DELETE ON audits_processevent
    FOR EACH ROW EXECUTE FUNCTION audits_process_is_kept();
"""
NO_MORE = """
DROP TRIGGER audits_clause_frozen ON audits_clause;
DROP FUNCTION audits_clause_is_frozen();
DROP TRIGGER audits_processversion_kept ON audits_processversion;
DROP TRIGGER audits_processevent_append_only ON audits_processevent;
DROP FUNCTION audits_process_is_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audits', '0001_audits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ProcessTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)], verbose_name='Working days for an answer')),
                ('department_manager', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)], verbose_name='Working days overdue until the department manager is told')),
                ('general_manager', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)], verbose_name='Working days overdue until the general manager is told')),
                ('again', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)], verbose_name='Working days until he is told again')),
            ],
            options={
                'verbose_name': 'terms of suggestions',
                'verbose_name_plural': 'terms of suggestions',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='audits_process_terms_once'), models.CheckConstraint(condition=models.Q(('department_manager__lt', models.F('general_manager'))), name='audits_process_terms_go_up', violation_error_message='Each level is told later than the one below it.')],
            },
        ),
        migrations.CreateModel(
            name='ProcessVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft', max_length=9, verbose_name='state')),
                ('in_force_on', models.DateField(null=True, verbose_name='in force from')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='what changes')),
                ('edition', models.PositiveIntegerField(default=1)),
                ('begun_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
                ('begun_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='audits_process_one_draft'), models.CheckConstraint(condition=models.Q(models.Q(('in_force_on', None), ('published_at', None), ('state', 'draft')), models.Q(('in_force_on__isnull', False), ('published_at__isnull', False), ('state', 'published')), _connector='OR'), name='audits_process_published_since')], 
                'verbose_name': 'version of the process',
                'verbose_name_plural': 'versions of the process',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Clause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=24, verbose_name='number')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=120, verbose_name='English title')),
                ('text', models.TextField(blank=True, max_length=6000, verbose_name='text')),
                ('text_en', models.TextField(blank=True, max_length=6000, verbose_name='English text')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clauses', to='audits.processversion')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('version', 'number'), name='audits_clause_number_once'), models.UniqueConstraint(fields=('version', 'line'), name='audits_clause_line_once')], 
                'verbose_name': 'clause',
                'verbose_name_plural': 'clauses',
                'ordering': ['version', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='audits.processversion')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('version', 'person'), name='audits_reading_once')], 
                'verbose_name': 'reading of the process',
                'verbose_name_plural': 'readings of the process',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('text', models.TextField(max_length=6000, verbose_name='what is wrong or missing')),
                ('wording', models.TextField(blank=True, max_length=6000, verbose_name='proposed wording')),
                ('filed_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('filed', 'Filed'), ('review', 'Under review'), ('adopted', 'Adopted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='filed', max_length=9, verbose_name='state')),
                ('answer', models.TextField(blank=True, max_length=6000, verbose_name='answer')),
                ('over_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(verbose_name='answer due')),
                ('told', models.PositiveSmallIntegerField(default=audits.suggesting.Told['NOBODY'])),
                ('tell_at', models.DateTimeField(null=True)),
                ('adopted_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='adopted', to='audits.processversion')),
                ('answered_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clause', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions', to='audits.clause')),
                ('reviewer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={'indexes': [models.Index(condition=models.Q(('tell_at__isnull', False)), fields=['tell_at'], name='audits_suggestion_tell'), models.Index(fields=['line', '-id'], name='audits_suggestion_line'), models.Index(fields=['state', '-id'], name='audits_suggestion_state')], 'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('over_at', None), ('state__in', ('filed', 'review')), ('tell_at__isnull', False)), models.Q(models.Q(('state__in', ('filed', 'review')), _negated=True), ('over_at__isnull', False), ('tell_at', None)), _connector='OR'), name='audits_suggestion_open_is_told_of'), models.CheckConstraint(condition=models.Q(models.Q(('adopted_in__isnull', False), ('answered_by__isnull', False), ('state', 'adopted'), models.Q(('answer', ''), _negated=True)), models.Q(('adopted_in', None), ('answered_by__isnull', False), ('state', 'declined'), models.Q(('answer', ''), _negated=True)), models.Q(('adopted_in', None), ('answer', ''), ('answered_by', None), ('state__in', ['filed', 'review', 'withdrawn'])), _connector='OR'), name='audits_suggestion_answered_whole'), models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('by')), _negated=True), _connector='OR'), name='audits_suggestion_answered_by_another')], 
                'verbose_name': 'suggestion',
                'verbose_name_plural': 'suggestions',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ProcessEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('begun', 'Version begun'), ('published', 'Version published'), ('filed', 'Filed'), ('reviewed', 'Taken under review'), ('adopted', 'Adopted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('reported_up', 'Reported up')], max_length=11)),
                ('at', models.DateTimeField()),
                ('text', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='audits.processversion')),
                ('suggestion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='audits.suggestion')),
            ],
            options={'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('suggestion', None), ('version__isnull', False)), models.Q(('suggestion__isnull', False), ('version', None)), _connector='OR'), name='audits_process_event_is_of_one')], 
                'verbose_name': "entry of the process register's history",
                'verbose_name_plural': 'history of the process register',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.RunSQL(FROZEN, NO_MORE),
    ]
