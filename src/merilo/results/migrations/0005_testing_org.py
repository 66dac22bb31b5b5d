import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_staff_and_imports"),
        ("results", "0004_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="result",
            name="testing_org",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.organisation",
            ),
        ),
        migrations.RunSQL(
            # The references are checked at once: a column with checks to come cannot be altered.
            """
            UPDATE results_result SET testing_org_id = s.testing_org_id
              FROM testday_attempt a
              JOIN testday_sessionday d ON d.id = a.day_id
              JOIN booking_testsession s ON s.id = d.session_id
             WHERE a.id = results_result.attempt_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="result",
            name="testing_org",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(
                fields=["testing_org", "-held_on", "-id"], name="results_of_testing_org"
            ),
        ),
    ]
