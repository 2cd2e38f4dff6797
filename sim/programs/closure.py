"""Regulation: channels are closed for a time, as social commerce was in Indonesia from October to December 2023."""

import pydantic

from sim.mechanism import Today
from sim.programs.campaign import Timed
from sim.state import Channel

CHANNELS = tuple(channel.name.lower() for channel in Channel)


class Closure(Timed):
    """Close channels; nothing can be bought from them."""

    channels: tuple[str, ...] = ("video", "live")

    @pydantic.field_validator("channels")
    @classmethod
    def _known(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        for channel in channels:
            if channel not in CHANNELS:
                raise ValueError(f"channels: there is no {channel!r}. Choose from {', '.join(CHANNELS)}.")
        return channels

    def act(self, today: Today, me: int) -> None:
        today.levers.open[[CHANNELS.index(channel) for channel in self.channels]] = False
