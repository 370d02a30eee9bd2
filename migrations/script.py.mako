"""${message}.

The application's role gets exactly the rights it needs on whatever is created here. A migration never inserts, changes
or deletes an event, and never batch-alters a table that has triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say what this adds."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Undo it, or refuse when something recorded would be lost."""
    ${downgrades if downgrades else "pass"}
