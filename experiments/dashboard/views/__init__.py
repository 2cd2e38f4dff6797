"""What can be looked at, each in a file: pictures that stay, and rows that change every day."""

from experiments.dashboard.views import gains, incomes, live, map, money, network, sales
from experiments.dashboard.views.drawing import View

VIEWS: dict[str, View] = {
    view.name: view for view in (sales.VIEW, incomes.VIEW, gains.VIEW, map.VIEW, money.VIEW, live.VIEW, network.VIEW)
}
