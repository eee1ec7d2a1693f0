"""The JSON schema of campaign files, for editors, and for the reader, which takes the names of members from it.

What a value may be is taken from the constants that the readers use; a test holds the schema to what they accept.
"""

from aiotalonone.sandbox.campaign_file.schema.document import campaign_schema
from aiotalonone.sandbox.campaign_file.schema.members import check_members

__all__ = ["campaign_schema", "check_members"]
