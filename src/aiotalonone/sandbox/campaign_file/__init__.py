"""The campaign file, which sets an account up: one module for each of its subjects, and the file as a whole."""

from aiotalonone.sandbox.campaign_file.file import SHOP, CampaignFileError, Setup, load, read_setup
from aiotalonone.sandbox.campaign_file.replacement import carry_over

__all__ = ["SHOP", "CampaignFileError", "Setup", "carry_over", "load", "read_setup"]
