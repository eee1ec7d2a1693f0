"""The API's schemas as attrs classes, one for each schema and one for each type of effect.

A new model is a class in the module of its subject, and its name in that module's ``__all__``.
"""

from typing import TYPE_CHECKING

from aiotalonone.models.achievements import *
from aiotalonone.models.audiences import *
from aiotalonone.models.campaigns import *
from aiotalonone.models.carts import *
from aiotalonone.models.catalogs import *
from aiotalonone.models.coupons import *
from aiotalonone.models.customers import *
from aiotalonone.models.effects import *
from aiotalonone.models.eligibility import *
from aiotalonone.models.errors import *
from aiotalonone.models.events import *
from aiotalonone.models.loyalty import *
from aiotalonone.models.loyalty_ledgers import *
from aiotalonone.models.prices import *
from aiotalonone.models.referrals import *
from aiotalonone.models.rewards import *
from aiotalonone.models.sessions import *
from aiotalonone.models.states import *

if not TYPE_CHECKING:  # checkers take what the stars import, and read no list that is put together
    _SUBJECTS = (
        achievements,
        audiences,
        campaigns,
        carts,
        catalogs,
        coupons,
        customers,
        effects,
        eligibility,
        errors,
        events,
        loyalty,
        loyalty_ledgers,
        prices,
        referrals,
        rewards,
        sessions,
        states,
    )
    __all__ = [name for subject in _SUBJECTS for name in subject.__all__]
