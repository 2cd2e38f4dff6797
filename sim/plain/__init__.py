"""The market by hand: Mesa agents that act one after the other, on a follow graph that lives in networkx.

``PlainMarket`` gives the same bits as ``Market``. Who does what, and when, can be read here in an hour; how much, the
formulas, stands on top of each file of ``sim/mechanisms``, whose scalar rules agents call. In this order: the classes
of ``day.py`` (the plan of the day), ``people.py``, ``person.py``; what a user does, ``browsing.py``, ``visiting.py``,
``buying.py``, ``following.py``; ``host.py``, ``creator.py``, ``seller.py``, ``product.py``; ``parcels.py``,
``books.py``.

A mechanism acts once a day (``step``) or on a block of users (``act``), one mechanism after the other. ``Today`` holds
the ``state`` (columns, which an agent reads and writes as its own attributes), the ``levers`` that programs have moved,
and the ``flows`` of the day: counts, rooms, orders, showcases (which begin as everybody's own), and what ``prepare``
has made ``ready`` for the users. Chance is looked up, by who and when and what for: ``units(key)``.

An agent has a ``row`` in its table and a ``unique_id`` in it; a host also has a ``place`` among all hosts, creators
before sellers, and an ``identity`` that no other host has, creator or seller.
"""
