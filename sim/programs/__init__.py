"""Policies, one short file each. A scenario names them by their class name in words."""

from sim.mechanism import Program
from sim.programs.closure import Closure
from sim.programs.exposure import HostExposure, ProductExposure
from sim.programs.fee_holiday import FeeHoliday
from sim.programs.feed import Exploration, ExposureCap, Recommender
from sim.programs.free_shipping import FreeShipping
from sim.programs.insurance import SocialInsurance
from sim.programs.live_bonus import LiveBonus
from sim.programs.matching import Matching
from sim.programs.mega_campaign import MegaCampaign
from sim.programs.nudge import Nudge, Placebo
from sim.programs.recruiting import Recruiting
from sim.programs.rival import RivalPlatform
from sim.programs.samples import Samples
from sim.programs.top_up import CommissionTopUp
from sim.programs.training import Training
from sim.programs.vouchers import Vouchers

#: Programs that scenario files may name.
PROGRAMS: tuple[type[Program], ...] = (
    Training, Recruiting, Matching, Samples, CommissionTopUp, FeeHoliday, Vouchers, FreeShipping, HostExposure,
    ProductExposure, Recommender, Exploration, ExposureCap, LiveBonus, MegaCampaign, SocialInsurance, RivalPlatform,
    Closure, Nudge, Placebo,
)  # fmt: skip
