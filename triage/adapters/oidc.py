"""OpenID Connect: authorization code with PKCE, and identity tokens verified against the provider's published keys.

Source: OpenID Connect Core 1.0, 3.1.3.7 (ID token validation); RFC 7636 (PKCE); RFC 9700 (OAuth 2.0 security practice);
RFC 8725 (JWT practice: a fixed list of asymmetric algorithms, never the token's own choice).
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from triage.adapters.outgoing import OutgoingClient
from triage.domain.people import Identity, SignOnBegun
from triage.errors import OutgoingError, SignOnRefused

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_FRESH_S, _AGAIN_S = 3600.0, 60.0
_LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class OidcClient:
    """How this service is registered at the provider.

    Attributes:
        secret: empty for a public client, which PKCE alone protects.
        role_claim: claim that holds the person's groups, a text or a list of them.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_url: str
    role_claim: str = "groups"


@dataclass(slots=True)
class OidcProvider:
    """A provider found by its issuer; answers to the ``IdentityProvider`` port. Keys are kept for an hour."""

    registered: OidcClient
    http: OutgoingClient
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _metadata: tuple[float, Mapping[str, str]] | None = None
    _keys: tuple[float, tuple[jwt.PyJWK, ...]] | None = None

    def authorization_url(self, state: str, secrets: SignOnBegun) -> str:
        """Where the browser asks the provider who its person is."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(secrets.verifier.encode("ascii")).digest())
        query = {
            "response_type": "code",
            "client_id": self.registered.client_id,
            "redirect_uri": self.registered.redirect_url,
            "scope": "openid profile email",
            "state": state,
            "nonce": secrets.nonce,
            "code_challenge": challenge.decode("ascii").rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def identify(self, code: str, secrets: SignOnBegun) -> Identity:
        """Exchange the code the browser brought for the provider's word.

        Raises:
            SignOnRefused: the provider refused the code, cannot be reached, or its word cannot be verified.
        """
        try:
            claims = self._verified(self._token(code, secrets.verifier))
        except (OutgoingError, jwt.PyJWTError, KeyError, TypeError, ValueError) as exc:
            logger.warning("identity not verified", extra={"action": "oidc_refused", "error": type(exc).__name__})
            raise SignOnRefused("The identity provider's answer could not be verified.") from None
        if claims.get("nonce") != secrets.nonce:
            raise SignOnRefused("The identity provider's answer could not be verified.")
        return self._identity(claims)

    def _token(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registered.redirect_url,
            "client_id": self.registered.client_id,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self.registered.secret:
            pair = f"{quote(self.registered.client_id, safe='')}:{quote(self.registered.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")
        answer = self.http.request("POST", self._endpoint("token_endpoint"), headers, urlencode(form).encode("ascii"))
        if answer.status != 200:
            raise ValueError("the provider refused the code")
        return str(json.loads(answer.body)["id_token"])

    def _verified(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise ValueError("algorithm")
        key = self._key(header.get("kid"))
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[str(key.algorithm_name)],  # what the provider published the key for
            audience=self.registered.client_id,
            issuer=self.registered.issuer,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.registered.client_id:
            raise ValueError("authorised party")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = claims.get(self.registered.role_claim, ())
        listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        email = claims.get("email")
        by_email = isinstance(email, str) and email != ""
        return Identity(
            subject=f"{self.registered.issuer}|{claims['sub']}",
            name=str(email if by_email else claims.get("preferred_username", "")),
            name_is_verified=by_email and claims.get("email_verified") is True,
            groups=frozenset(value for value in listed if isinstance(value, str)),
        )

    def _key(self, kid: object) -> jwt.PyJWK:
        """The published key a token names; keys are read again when it is new, at most once a minute."""
        with self._lock:
            found = self._find(kid, _FRESH_S) or self._find(kid, _AGAIN_S)
        if found is None or found.algorithm_name not in ALGORITHMS:
            raise ValueError("unknown key")
        return found

    def _find(self, kid: object, oldest_s: float) -> jwt.PyJWK | None:
        now = self.monotonic()
        if self._keys is None or now - self._keys[0] > oldest_s:
            published = json.loads(self.http.get(self._endpoint("jwks_uri")).body)["keys"]
            self._keys = now, tuple(jwt.PyJWK(jwk) for jwk in published if _is_for_signing(jwk))
        keys = self._keys[1]
        if kid is None:
            return keys[0] if len(keys) == 1 else None
        return next((key for key in keys if key.key_id == kid), None)

    def _endpoint(self, name: str) -> str:
        now = self.monotonic()
        if self._metadata is None or now - self._metadata[0] > _FRESH_S:
            where = f"{self.registered.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = json.loads(self.http.get(where).body)
            if found.get("issuer") != self.registered.issuer:
                raise SignOnRefused("The identity provider calls itself by another name than TRIAGE_OIDC_ISSUER.")
            self._metadata = now, found
        endpoint = str(self._metadata[1][name])
        self.http.allowed.target(endpoint)
        return endpoint


def _is_for_signing(jwk: Mapping[str, object]) -> bool:
    """Whether a published key is a public one that signs; a symmetric key would let anyone who reads it sign."""
    return jwk.get("use", "sig") == "sig" and jwk.get("kty") in ("RSA", "EC", "OKP")
