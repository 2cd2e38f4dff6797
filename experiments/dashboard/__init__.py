"""The page on which a market and its twin are played with, side by side, day by day."""
