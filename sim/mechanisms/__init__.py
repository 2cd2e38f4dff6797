"""The processes of the market, one file each; ``DAY`` is their order."""

from sim.mechanism import Plan
from sim.mechanisms.affiliates import Affiliates
from sim.mechanisms.discovery import Discovery
from sim.mechanisms.entry import Entry
from sim.mechanisms.fulfilment import Fulfilment
from sim.mechanisms.funding import Funding
from sim.mechanisms.learning import Learning
from sim.mechanisms.live import Live
from sim.mechanisms.purchase import Purchase
from sim.mechanisms.reputation import Reputation
from sim.mechanisms.rooms import Rooms
from sim.mechanisms.search import Search
from sim.mechanisms.settlement import Settlement
from sim.mechanisms.supply import Supply
from sim.mechanisms.terms import Terms
from sim.mechanisms.ties import Ties

#: One simulated day, in order.
DAY = Plan(
    before=(
        Entry(),  # who joins
        Reputation(),  # what everybody can see of each product
        Affiliates(),  # which products creators promote
        Supply(),  # posts, stock, arranged collaborations
        Rooms(),  # who goes LIVE, when, with what
    ),
    users=(
        Discovery(),  # who sees and clicks what in the feed
        Live(),  # who enters which room, and stays
        Search(),  # who looks for what on the shelf
        Purchase(),  # who orders what
        Ties(),  # who follows whom
    ),
    after=(
        Terms(),  # what each order will pay to whom
        Funding(),  # what programs can pay of it
        Fulfilment(),  # stock, delivery, ratings, returns
    ),
    evening=(
        Settlement(),  # the books: the only mover of money
        Learning(),  # momentum, skill, effort, imitation, giving up
    ),
)
