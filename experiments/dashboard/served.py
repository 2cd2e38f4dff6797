"""What all visitors of a server share; told by ``server`` before the page is first opened."""

from dataclasses import dataclass


@dataclass
class Served:
    """The scenario that the server was started with."""

    start: str = "village"
    title: str = "Etalase"


SERVED = Served()
