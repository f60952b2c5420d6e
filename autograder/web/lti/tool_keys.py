"""The keys of the tool: one signs, and retired ones stay published for a while."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from autograder.web.db.database import Database
from autograder.web.db.locking import lock_keys
from autograder.web.db.models import ToolKey, now

PUBLISHED = timedelta(days=1)
"""After its retirement: LMSs cache a key set for some hours, and what the tool signs is valid for minutes."""


@dataclass(frozen=True)
class SigningKey:
    """The current signing key."""

    kid: str
    private_pem: str = field(repr=False)
    """Not shown, since a log may show the key."""


def signing_key(database: Database) -> SigningKey:
    """Return the current signing key; create it if there is none."""
    with database.read() as session:
        key = _current(session)
    return key or _create(database, replace=False)


def rotate_key(database: Database) -> SigningKey:
    """Create a new signing key; the previous one stays published for a day."""
    return _create(database, replace=True)


def published_keys(database: Database, moment: datetime | None = None) -> dict[str, Any]:
    """Return the key set (JWKS) of the tool: public keys only."""
    signing_key(database)
    with database.read() as session:
        keys = session.scalars(
            select(ToolKey)
            .where(or_(ToolKey.retired_at.is_(None), ToolKey.retired_at > (moment or now()) - PUBLISHED))
            .order_by(ToolKey.id)
        ).all()
    return {"keys": [_public(key) for key in keys]}


def _current(session: Session) -> SigningKey | None:
    key = session.scalars(
        select(ToolKey).where(ToolKey.retired_at.is_(None)).order_by(ToolKey.id.desc()).limit(1)
    ).first()
    return SigningKey(key.kid, key.private_pem) if key else None


def _create(database: Database, *, replace: bool) -> SigningKey:
    pem = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )
    with database.write() as session:
        lock_keys(session)
        if not replace and (first := _current(session)):  # another process was faster
            return first
        for key in session.scalars(select(ToolKey).where(ToolKey.retired_at.is_(None))):
            key.retired_at = now()
        made = ToolKey(kid=secrets.token_urlsafe(12), private_pem=pem)
        session.add(made)
        return SigningKey(made.kid, pem)


def _public(key: ToolKey) -> dict[str, Any]:
    private = serialization.load_pem_private_key(key.private_pem.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": key.kid, "alg": "RS256", "use": "sig"}
