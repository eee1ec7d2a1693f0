"""API keys: who may call an operation."""

from collections.abc import Collection, Mapping

from attrs import define

from aiotalonone.sandbox.http.problems import ApiProblem

API_KEY_SCHEME = "ApiKey-v1"
MANAGEMENT_SCHEME = "Bearer"


@define(frozen=True)
class Keys:
    """The API keys and management tokens that the sandbox accepts."""

    api_keys: Collection[str]
    management_tokens: Collection[str]

    def check(self, headers: Mapping[str, str], *, accepts_management_token: bool) -> str:
        """Return the caller's credential, or raise a 401."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme == API_KEY_SCHEME and key in self.api_keys:
            return key
        if accepts_management_token and scheme == MANAGEMENT_SCHEME and key in self.management_tokens:
            return key
        raise ApiProblem(401, "Invalid API key")
