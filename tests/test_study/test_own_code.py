"""A run hangs on the text of its own classes, and of the modules beside them that these import."""

import importlib
import sys

import pytest

from experiments.study.own_code import code_of

RULE = """from sim.mechanism import Mechanism
import numpy
class Idle(Mechanism):
    def step(self, today):
        import {name}_deep
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes modules of a name, and returns the hash of its class."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name, helper="X = 1\n", deep="from {name}_pack import part\n", part="Y = 1\n", other="Z = 1\n"):
        (tmp_path / f"{name}_pack").mkdir(exist_ok=True)
        (tmp_path / f"{name}_pack" / "__init__.py").write_text("from . import sister\n")
        texts = {"": RULE + "from {name}_helper import X\n", "_helper": helper, "_deep": deep, "_other": other,
                 "_pack/part": part, "_pack/sister": "S = 1\n"}  # fmt: skip
        for suffix, text in texts.items():
            (tmp_path / f"{name}{suffix}.py").write_text(text.format(name=name))
        for module in [module for module in sys.modules if module.startswith(name)]:
            del sys.modules[module]
        importlib.invalidate_caches()
        code_of.cache_clear()
        return code_of(importlib.import_module(name).Idle)

    return write


def test_a_changed_module_beside_a_class_is_other_code(written):
    first = written("mine")
    assert written("mine") == first
    assert written("mine", helper="X = 2\n") != first
    assert written("mine", deep="from mine_pack import part\nW = 2\n") != first  # imported by a method
    assert written("mine", part="Y = 2\n") != first  # imported by what it imports
    assert written("mine", other="Z = 2\n") == first  # which nobody imports


def test_text_that_is_no_python_is_no_mistake_here(written):
    assert written("odd", deep="this is no python\n") != written("odd")
