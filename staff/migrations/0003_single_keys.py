from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_idempotency_key")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(
                default=True,
                help_text="j and k walk through a list, ? shows all of them. Switch them off if you dictate or press keys by chance.",
                verbose_name="single keys do things",
            ),
        ),
    ]
