"""A person's own key: what the browser is asked for, and whether its answer holds (WebAuthn)."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from partners.accounts.models import Account, Key
from partners.accounts.queries import municipality
from partners.ground.refusals import Refusal
from partners.ground.words import N_

# Because openssl alone must be able to check what they sign.
ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
OLDEST = 900  # seconds between the page and the key
NOT_OURS = N_("The key did not answer to this page. Open the page again, then touch the key.")


def _site() -> tuple[str, str]:
    """The name and the address under which a key knows this house; the browser sees to it, too."""
    known = municipality()
    address = str(known.texts.get("url", "") if known else "") or request.host_url
    address = address.rstrip("/")
    return urlsplit(address).hostname or "", address


def _packer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="own key")


def _known(keys: Sequence[Key]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(k.credential)) for k in keys]


def to_add(account: Account, keys: Sequence[Key]) -> tuple[str, str]:
    """What the browser is asked for to add a key, and a token that says what was asked."""
    options = generate_registration_options(
        rp_id=_site()[0], rp_name="Partners", user_name=account.email,
        user_id=account.public_id.encode(), user_display_name=account.name,
        exclude_credentials=_known(keys), supported_pub_key_algs=ALGORITHMS,
    )  # fmt: skip
    token = _packer().dumps([account.id, bytes_to_base64url(options.challenge)])
    return options_to_json(options), str(token)


def added(token: str, answer: str, account: Account) -> tuple[str, str, int]:
    """The new key's id, its public half (COSE) and its count."""
    name, origin = _site()
    try:
        who, challenge = _packer().loads(token, max_age=OLDEST)
        if who != account.id:
            raise Refusal(NOT_OURS)
        found = verify_registration_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=name, expected_origin=origin, supported_pub_key_algs=ALGORITHMS,
        )  # fmt: skip
    except (WebAuthnException, BadData, ValueError) as error:
        raise Refusal(NOT_OURS) from error
    public = bytes_to_base64url(found.credential_public_key)
    return bytes_to_base64url(found.credential_id), public, found.sign_count


def to_sign(challenge: bytes, keys: Sequence[Key]) -> str:
    """What the browser is asked for to sign this challenge with one of these keys."""
    options = generate_authentication_options(
        rp_id=_site()[0], challenge=challenge, allow_credentials=_known(keys)
    )
    return options_to_json(options)


def signed(answer: str, challenge: bytes, keys: Sequence[Key]) -> dict[str, Any]:
    """What proves that one of these keys signed this challenge, as openssl can check it."""
    name, origin = _site()
    try:
        told = json.loads(answer)
        key = next(k for k in keys if k.credential == told["id"])
        found = verify_authentication_response(
            credential=told, expected_challenge=challenge, expected_rp_id=name,
            expected_origin=origin, credential_current_sign_count=key.sign_count,
            credential_public_key=base64url_to_bytes(key.public_key),
        )  # fmt: skip
        said = told["response"]
        proof = {n: said[n] for n in ("authenticatorData", "clientDataJSON", "signature")}
    except (WebAuthnException, ValueError, KeyError, TypeError, StopIteration) as error:
        raise Refusal(NOT_OURS) from error
    key.sign_count = found.new_sign_count
    return {**proof, "public_key": pem(key.public_key), "credential": key.credential,
            "site": name}  # fmt: skip


def pem(public: str) -> str:
    """A public key as openssl reads it."""
    key: Any = decoded_public_key_to_cryptography(
        decode_credential_public_key(base64url_to_bytes(public))
    )
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
