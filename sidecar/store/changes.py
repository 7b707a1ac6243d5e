"""What connectors changed at their vendors."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select, update

from sidecar.domain.connector import ChangeState, VendorChange
from sidecar.domain.ids import new_id
from sidecar.store.context import Context, Record
from sidecar.store.paging import before, moment_cursor, page_of
from sidecar.store.port import Page
from sidecar.store.tables import vendor_changes as t

_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_GET = select(t).where(_THIS)
_SAME = select(t).where(
    t.c.workspace == bindparam("of"),
    t.c.connector == bindparam("by"),
    t.c.mark == bindparam("marked"),
    t.c.field == bindparam("named"),
)


class SqlChanges:
    """Changes at vendors; the same mark and field is the same change."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, change: VendorChange) -> VendorChange:
        """Write it down and return it; of a known mark and field, the first."""
        now = self._context.now()
        new = replace(change, id=new_id("chg", now), made_at=now)
        row = {
            "workspace": workspace,
            "id": new.id,
            "connector": new.connector,
            "ticket_id": new.ticket_id,
            "external_id": new.external_id,
            "field": new.field,
            "old_value": new.before,
            "new_value": new.after,
            "mark": new.mark,
            "made_at": now,
            "state": new.state.value,
            "message": "",
            "reverted_by": "",
        }
        if self._context.insert_or_keep(t, row):
            return new
        place = {"of": workspace, "by": new.connector}
        place |= {"marked": new.mark, "named": new.field}
        return _read(self._context.run(_SAME, place).one())

    def get(self, workspace: str, change_id: str) -> VendorChange | None:
        """Return one."""
        place = {"of": workspace, "own_id": change_id}
        found = self._context.run(_GET, place).first()
        return _read(found) if found else None

    def page(
        self, workspace: str, connector: str, ticket_id: str, size: int, cursor: str
    ) -> Page[VendorChange]:
        """Return a stable page, newest first; '' lets all through."""
        query = select(t).where(t.c.workspace == workspace)
        if connector:
            query = query.where(t.c.connector == connector)
        if ticket_id:
            query = query.where(t.c.ticket_id == ticket_id)
        if cursor:
            query = query.where(before(t.c.made_at, t.c.id, cursor))
        query = query.order_by(t.c.made_at.desc(), t.c.id.desc()).limit(size + 1)
        rows = self._context.run(query).all()
        return page_of(
            rows, size, _read, lambda row: moment_cursor(row.made_at, row.id)
        )

    def move(
        self,
        workspace: str,
        change_id: str,
        was: tuple[ChangeState, ...],
        now: ChangeState,
        message: str,
        by: str,
    ) -> bool:
        """Change its state if it is one of ``was``; ``by`` '' keeps who asked."""
        values = {"state": now.value, "message": message}
        if by:
            values["reverted_by"] = by
        statement = update(t).where(
            t.c.workspace == workspace,
            t.c.id == change_id,
            t.c.state.in_([state.value for state in was]),
        )
        return self._context.run(statement.values(values)).rowcount > 0


def _read(row: Record) -> VendorChange:
    return VendorChange(
        connector=row.connector,
        external_id=row.external_id,
        field=row.field,
        before=row.old_value,
        after=row.new_value,
        mark=row.mark,
        ticket_id=row.ticket_id,
        id=row.id,
        made_at=row.made_at,
        state=ChangeState(row.state),
        message=row.message,
        reverted_by=row.reverted_by,
    )
