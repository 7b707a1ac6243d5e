"""Named configuration of a workspace."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from sidecar.domain.ids import new_etag
from sidecar.errors import ReadAgain, Reason
from sidecar.store.context import Context
from sidecar.store.port import Policy
from sidecar.store.tables import policies as t

_GET = select(t.c.name, t.c.value, t.c.etag).where(
    t.c.workspace == bindparam("of"), t.c.name == bindparam("named")
)
_SET = update(t).where(
    t.c.workspace == bindparam("of"),
    t.c.name == bindparam("named"),
    t.c.etag == bindparam("seen"),
)


class SqlPolicies:
    """Taxonomy, rules, flags: named JSON texts with etags."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, workspace: str, name: str) -> Policy | None:
        """Return it."""
        found = self._context.run(_GET, {"of": workspace, "named": name}).first()
        return Policy(found.name, found.value, found.etag) if found else None

    def put(self, workspace: str, name: str, value: str, etag: str) -> Policy:
        """Compare and set (etag '' only creates); see the port."""
        new = Policy(name, value, new_etag())
        if not etag:
            row = {"workspace": workspace, "name": name}
            row |= {"value": value, "etag": new.etag}
            created = self._context.insert_or_keep(t, row)
            if created is None:
                stored = self._context.run(_GET, {"of": workspace, "named": name}).one()
                created = stored.etag == new.etag
        else:
            place = {"of": workspace, "named": name, "seen": etag}
            update_to = {"value": value, "etag": new.etag}
            created = self._context.changed(_SET, {**place, **update_to})
        if not created:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        return new
