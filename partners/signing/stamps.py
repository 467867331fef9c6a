"""A time-stamp authority outside the house (RFC 3161), over the house's one way out.

What it sends is a stranger's: it is read with limits, and believed only after its digest, its
number, its signature and the certificate behind it were checked.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from asn1crypto import crl, ocsp, tsp
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import OCSPFetchError, OCSPValidationError
from pyhanko_certvalidator.fetchers import CRLFetcher, Fetchers, OCSPFetcher
from pyhanko_certvalidator.fetchers.common_utils import (
    format_ocsp_request,
    process_ocsp_response_data,
)
from pyhanko_certvalidator.util import get_ocsp_urls

from partners.ground.outside import Reach, Unreachable, fetch

QUERY, STATUS = "application/timestamp-query", "application/ocsp-request"
# Whoever runs the house names the authority, so it may be its own machine on any port.
REACH = Reach(seconds=10, most=64 * 1024, ports=range(1, 1 << 16), public_only=False)


class Authority(TimeStamper):
    """The authority at an address; `validity` knows the roots that are trusted."""

    def __init__(self, address: str, validity: ValidationContext) -> None:
        super().__init__()
        self.address, self.validity = address, validity

    async def async_request_tsa_response(self, req: Any) -> Any:
        came = fetch(self.address, question=req.dump(), kind=QUERY, reach=REACH)
        return tsp.TimeStampResp.load(came.body or b"", strict=True)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        try:
            token: Any = await super().async_timestamp(message_digest, md_algorithm)
            said = await validate_tst_signed_data(
                token["content"], self.validity, lambda _: message_digest
            )
        except Exception as error:  # because there are a hundred ways to send nonsense
            raise TimestampRequestError(f"no stamp: {error}") from error
        if not (said["intact"] and said["valid"] and said["trust_problem_indic"] is None):
            raise TimestampRequestError("a stamp that is not whole, or that no known root vouches")
        return token


class Lists(CRLFetcher):
    """Lists of revoked certificates. Because a stranger's certificate says where they lie, they
    are fetched from the open network alone; what cannot be had is left out.
    """

    def __init__(self, reach: Reach | None = None) -> None:
        self.found: dict[bytes, list[crl.CertificateList]] = {}
        self.reach = reach

    async def fetch(self, cert: Any, *, use_deltas: Any = None) -> list[crl.CertificateList]:
        made = self.found[cert.issuer_serial] = []
        for point in cert.crl_distribution_points:
            with suppress(Unreachable, ValueError):
                body = fetch(point.url or "", reach=self.reach).body or b""
                made.append(crl.CertificateList.load(body, strict=True))
        return made

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        return [one for found in self.found.values() for one in found]

    def fetched_crls_for_cert(self, cert: Any) -> Iterable[crl.CertificateList]:
        return self.found[cert.issuer_serial]


class Answers(OCSPFetcher):
    """What is answered about a single certificate, where its authority keeps no list. Asked as
    the lists are; whoever checks the paper checks who signed the answer.
    """

    def __init__(self, reach: Reach | None = None) -> None:
        self.found: dict[bytes, list[ocsp.OCSPResponse]] = {}
        self.reach = reach

    async def fetch(self, cert: Any, authority: Any) -> Any:
        asked = format_ocsp_request(cert, authority, certid_hash_algo="sha1", request_nonces=True)
        for address in get_ocsp_urls(cert):
            with suppress(Unreachable, ValueError, OCSPFetchError, OCSPValidationError):
                came = fetch(address, question=asked.dump(), kind=STATUS, reach=self.reach)
                made = process_ocsp_response_data(came.body or b"", ocsp_request=asked,
                                                  ocsp_url=address)  # fmt: skip
                self.found.setdefault(cert.issuer_serial, []).append(made)
                return made
        raise OCSPFetchError("nobody answered")

    def fetched_responses(self) -> Iterable[ocsp.OCSPResponse]:
        return [one for found in self.found.values() for one in found]

    def fetched_responses_for_cert(self, cert: Any) -> Iterable[ocsp.OCSPResponse]:
        return self.found.get(cert.issuer_serial, [])


def asking(reach: Reach | None = None) -> Fetchers:
    """How the certificates of an authority are asked about."""
    nobody: Any = None  # certificates that are missing are not looked for
    return Fetchers(Answers(reach), Lists(reach), nobody)
