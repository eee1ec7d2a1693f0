"""Pictures of what the platform does: the life of a session, and the effects of its updates."""

from typing import Final

from tools.pictures.canvas import Kind, Picture

SESSION_STATES: Final = ("open", "closed", "cancelled", "partially_returned")
UPDATES: Final = (
    ("open", "code WINTER", ("rejectCoupon", "addLoyaltyPoints"), "Show them. The next response replaces them."),
    (
        "open",
        "code SUMMER",
        ("acceptCoupon", "setDiscount", "addLoyaltyPoints"),
        "Show them. The next response replaces them.",
    ),
    (
        "closed",
        "the same cart",
        ("acceptCoupon", "setDiscount", "addLoyaltyPoints"),
        "Carried out: charge the price, and keep them with the order.",
    ),
    (
        "cancelled",
        "the order is off",
        ("rollbackCoupon", "rollbackDiscount", "rollbackAddedLoyaltyPoints"),
        "Taken back: refund what was paid.",
    ),
)
"""Updates of one session in the sandbox's small shop: state, what is new, effects, what to do."""


def sessions() -> Picture:
    """Draw the states of a session, and what leads from one to another."""
    picture = Picture("sessions", "The states of a session, and the calls that lead from one to another", 372)
    is_open, closed, cancelled, returned = SESSION_STATES
    picture.dot((128, 26))
    picture.arrow([(128, 32), (128, 66)], "the first update", at=(128, 52))
    picture.arrow([(134, 26), (562, 26), (562, 66)], 'the first update, state="closed"', at=(345, 18), style="code")
    picture.box((28, 68, 200, 78), is_open, "evaluated at each update,", "uses nothing up", kind="accent")
    picture.box((452, 68, 220, 78), closed, "codes redeemed,", "points booked", kind="accent")
    picture.box((28, 266, 200, 78), cancelled, "nothing used up, or all", "of it rolled back")
    picture.box((452, 266, 220, 78), returned, "some units came back,", "and what they gave")
    picture.arrow([(228, 92), (450, 92)], 'state="closed"', style="code")
    picture.arrow([(452, 126), (230, 126)], "reopen_customer_session", at=(340, 144), style="code")
    picture.arrow([(90, 146), (90, 264)], 'state="cancelled"', at=(98, 212), style="code")
    picture.arrow([(562, 146), (562, 264)], "return_cart_items", at=(562, 212), style="code")
    picture.arrow([(470, 146), (222, 264)], 'state="cancelled"', at=(345, 210), style="code")
    picture.arrow([(452, 308), (230, 308)], 'state="cancelled"', at=(340, 326), style="code")
    picture.arrow([(640, 266), (640, 238), (662, 238), (662, 264)], "again", at=(652, 230))
    return picture


def effects() -> Picture:
    """Draw four updates of one session and the effects that each gets."""
    picture = Picture("effects", "Four updates of one session, and the effects of each", 378)
    for row, (state, request, types, advice) in enumerate(UPDATES):
        y = 18 + row * 90
        is_closed = state == "closed"
        picture.box((20, y, 150, 64), state, request, kind="accent" if is_closed else "plain")
        if row < len(UPDATES) - 1:
            picture.arrow([(95, y + 64), (95, y + 88)])
        picture.arrow([(170, y + 20), (194, y + 20)])
        x = 198.0
        for effect_type in types:
            width = 22 + 6.9 * len(effect_type)
            kind: Kind = "warn" if effect_type.startswith(("reject", "rollback")) else "plain"
            picture.bar((x, y + 5, width, 30), effect_type, kind)
            x += width + 8
        picture.text((198, y + 56), advice, style="note", anchor="start")
    return picture
