"""The market by hand: Mesa agents that act one after the other, on a follow graph that lives in networkx.

``PlainMarket`` gives the same bits as ``Market``, and can be read in an hour: begin with ``user.py``.
"""
