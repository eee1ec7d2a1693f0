"""The campaign file, which sets an account up: one module for each of its subjects, and the file as a whole."""

from aiotalonone.sandbox.campaign_file.file import SHOP, CampaignFileError, load

__all__ = ["SHOP", "CampaignFileError", "load"]
