"""LIVE incentive: a bonus per hour LIVE, traffic to rooms, and a push to start.

bonus_h = per_hour hours_h   up to hours_most a day;   pull of the room x room_pull;   chance of a LIVE + live_days
"""

import numpy as np

from sim.mechanism import Today, own_table
from sim.params import param
from sim.programs.campaign import Campaign
from sim.programs.enrolment import Enrolment
from sim.programs.paying import pay_bonus
from sim.tables import Column


class LiveBonus(Campaign):
    """Pay hosts for going LIVE, and send viewers to their rooms."""

    per_hour: int = param(20_000, "Bonus", unit="Rp/hour", low=0, high=10**9)
    hours_most: float = param(2.0, "Hours a day that are paid", unit="hour/day", low=0, high=24)
    room_pull: float = param(1.0, "Weight of their rooms, times this", low=0, high=100)
    live_days: float = param(0.0, "LIVE days more, while taking part", unit="1/day", low=0, high=1)
    adoption: float = param(1.0, "Hazard of adopting LIVE, times this (sellers)", low=0, high=100)

    def treat(self, today: Today, me: int, strength: Column) -> None:
        levers, n = today.levers, len(today.state.creators)
        levers.room_pull *= 1.0 + (self.room_pull - 1.0) * strength
        levers.live_chance += self.live_days * strength
        levers.live_attraction *= 1.0 + (self.adoption - 1.0) * strength[n:]

    def bill(self, today: Today, me: int) -> None:
        super().bill(today, me)
        own, rooms = today.state.own[own_table(me)], today.flows.rooms
        assert isinstance(own, Enrolment)
        inside = (own.since <= today.counter) & (own.until > today.counter)
        minutes = np.zeros(len(own), np.int64)
        np.add.at(minutes, rooms.host, rooms.minutes)
        paid = np.flatnonzero(inside & (minutes > 0))
        amounts = np.floor(self.per_hour * np.minimum(minutes[paid] / 60.0, self.hours_most)).astype(np.int64)
        if self.per_hour and len(paid) and self.is_open(today, me):
            pay_bonus(today, me, paid.astype(np.int32), amounts, own.turn[paid])
