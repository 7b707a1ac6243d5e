"""Column types that mean the same on SQLite, MariaDB and MySQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

_CHARSET = "utf8mb4"
# Known to MariaDB and MySQL; in utf8mb4_unicode_ci all emoji would be equal.
WORDS = "utf8mb4_unicode_520_ci"
_EXACT = "utf8mb4_bin"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with microseconds, aware in UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Ask MySQL for microseconds, which it drops unless told."""
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        """Turn an aware moment into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        """Give the stored moment its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[str]):
    """A name given by somebody else, compared byte by byte.

    Every collation that MariaDB and MySQL share ignores spaces at the end when it
    compares, which would make two vendors' ids one; bytes do not.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Store bytes on MySQL: four for each of the characters allowed."""
        length: int = getattr(self.impl_instance, "length", 0)
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.VARBINARY(4 * length))
        return dialect.type_descriptor(String(length))

    def process_bind_param(
        self, value: str | None, dialect: Dialect
    ) -> str | bytes | None:
        """Encode for MySQL."""
        if value is not None and dialect.name == "mysql":
            return value.encode()
        return value

    def process_result_value(
        self, value: str | bytes | None, _dialect: Dialect
    ) -> str | None:
        """Decode what MySQL returns."""
        return value.decode() if isinstance(value, bytes) else value


def key(length: int) -> TypeEngine[str]:
    """An id, digest or code of ours, at most ``length`` characters, case matters."""
    on_mysql = mysql.VARCHAR(length, charset=_CHARSET, collation=_EXACT)
    return String(length).with_variant(on_mysql, "mysql")


def words(length: int) -> TypeEngine[str]:
    """A short text for people, at most ``length`` characters."""
    on_mysql = mysql.VARCHAR(length, charset=_CHARSET, collation=WORDS)
    return String(length).with_variant(on_mysql, "mysql")


def long_text() -> TypeEngine[str]:
    """A text for people, up to 16 MB."""
    on_mysql = mysql.MEDIUMTEXT(charset=_CHARSET, collation=WORDS)
    return Text().with_variant(on_mysql, "mysql")


def exact_text() -> TypeEngine[str]:
    """A text up to 16 MB in which case matters, such as the JSON of ``encode``.

    A JSON column is text on MariaDB, a tree that forgets the order of keys on MySQL.
    """
    on_mysql = mysql.MEDIUMTEXT(charset=_CHARSET, collation=_EXACT)
    return Text().with_variant(on_mysql, "mysql")


def blob() -> TypeEngine[bytes]:
    """Bytes, up to 16 MB."""
    return LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")


def counter() -> TypeEngine[int]:
    """A number given by the database; SQLite counts only in INTEGER."""
    return BigInteger().with_variant(Integer(), "sqlite")
