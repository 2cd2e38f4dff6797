"""Long checks of a market: its luck, its scale, its years. ``python -m experiments.validation`` runs them."""
