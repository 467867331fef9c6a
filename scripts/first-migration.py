"""Write the first migration anew from the models. Only until the first release; then migrations
add.
"""

import tempfile
from pathlib import Path

from alembic import command

from partners.app import Settings, create_app

HOME = Path(__file__).parent.parent / "partners" / "migrations"


def main() -> None:
    for old in (HOME / "versions").glob("*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            Settings(f"sqlite:///{folder}/x.sqlite", Path(folder), HOME.parent.parent / "data")
        )
        with app.app_context():
            config = app.extensions["migrate"].migrate.get_config(str(HOME))
            command.revision(config, "first", autogenerate=True, rev_id="0001")
    path = HOME / "versions" / "0001_first.py"
    text = path.read_text()
    text = text.replace("import sqlalchemy as sa\n", "import sqlalchemy as sa\n\n" + HELPERS, 1)
    text = text.replace("partners.ground.db.Moment(timezone=True)", "sa.DateTime(timezone=True)")
    text = text.replace("    # ### end Alembic commands ###\n", GUARDS, 1)
    path.write_text(text)


HELPERS = '''APPEND_ONLY = ("history", "looks")


def guards(table):
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )

'''
GUARDS = '''    for table in APPEND_ONLY:
        guards(table)
    # ### end Alembic commands ###
'''
main()
