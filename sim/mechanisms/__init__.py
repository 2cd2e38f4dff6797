"""The processes of the market, one file each; ``DAY`` is their order."""

from sim.mechanism import Plan

DAY = Plan(before=(), users=(), after=())
