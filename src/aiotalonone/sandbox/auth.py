"""Who may call what."""

from collections.abc import Collection, Mapping

from attrs import define

from aiotalonone.sandbox.problems import ProblemError

API_KEY_SCHEME = "ApiKey-v1"
MANAGEMENT_SCHEME = "Bearer"


@define(frozen=True)
class Keys:
    """The keys that open the sandbox."""

    api_keys: Collection[str]
    management_tokens: Collection[str]

    def check(self, headers: Mapping[str, str], *, management: bool) -> str:
        """Hands back the caller's credential, or raises a 401; a management token counts where it is allowed."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme == API_KEY_SCHEME and key in self.api_keys:
            return key
        if management and scheme == MANAGEMENT_SCHEME and key in self.management_tokens:
            return key
        raise ProblemError(401, "Invalid API key")
