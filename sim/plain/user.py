"""A user: what one person does in a day."""

from sim.plain.browsing import Browsing
from sim.plain.buying import Buying
from sim.plain.visiting import Visiting


class User(Browsing, Visiting, Buying):
    """Browses, visits rooms, searches, chooses, and minds the ties."""
