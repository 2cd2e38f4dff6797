"""The shape of the code: who may import whom, which functions may not be called, how long a file is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 300

#: A module may import what stands in a layer above its own, or before it in its own. A new module
#: of ``sim`` needs a place here.
LAYERS = (
    "errors mathematics rng params entries tables calendar trie sampler inputs layout",
    "state levers flows offers feed stays prices surplus",
    "traits network follow_graph population",
    "mechanism ledger day",
    "measures mechanisms programs metrics",
    "recorder views scenario_file scenario snapshot burn_in watch contract",
    "market",
    "plain",
)
#: Within this layer nobody imports a neighbour: policy and nature meet in levers and state only.
STRANGERS = "mechanisms programs metrics"
ORDER = " ".join(LAYERS).split()

#: Their last bit, or all of it, depends on the machine; ``sim.rng`` and ``sim.mathematics`` replace them.
FOREIGN_MODULES = ("random", "secrets", "numpy.random", "scipy.stats", "scipy.special")
FOREIGN_FUNCTIONS = {
    f"{library}.{name}"
    for library in ("numpy", "math", "cmath")
    for name in (
        "exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 pow power float_power cbrt hypot sin cos tan sinc "
        "arcsin arccos arctan arctan2 asin acos atan atan2 sinh cosh tanh arcsinh arccosh arctanh asinh acosh atanh "
        "erf erfc gamma lgamma random"
    ).split()
}
KERNEL_DECORATORS = {"njit", "jit", "vectorize", "guvectorize", "overload", "cfunc"}


def files_of(*packages):
    return sorted(file for package in packages for file in (ROOT / package).rglob("*.py"))


def shown(file):
    return str(file.relative_to(ROOT))


def module_of(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def imports_of(file):
    """Yield (line, module) of every import, also inside functions and under TYPE_CHECKING."""
    package = module_of(file).split(".")[: None if file.name == "__init__.py" else -1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield node.lineno, inner if base.split(".")[0] == "sim" and is_module(inner) else base


def head(module):
    """Return the name in LAYERS of a module of ``sim``, or "" for the package itself and its data."""
    parts = module.split(".")
    return "" if len(parts) == 1 or parts[1] == "data" else parts[1]


def may_import(importer, imported):
    """Whether one module of ``sim`` may import another."""
    mine, its = head(importer), head(imported)
    if not its:
        return True
    if not mine:
        return False
    if mine == its:
        return mine != "mechanisms" or importer == "sim.mechanisms"
    if mine in STRANGERS.split() and its in STRANGERS.split():
        return False
    return {mine, its} <= set(ORDER) and ORDER.index(its) < ORDER.index(mine)


def wrong_imports(file):
    importer = module_of(file)
    for line, imported in imports_of(file):
        package = imported.split(".")[0]
        if package == "experiments" or (package == "sim" and not may_import(importer, imported)):
            yield f"{shown(file)}:{line} imports {imported}"


def dotted(node):
    """Return ``a.b.c`` of such an expression, else ""."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}" if dotted(node.value) else ""
    return node.id if isinstance(node, ast.Name) else ""


def full_names(tree):
    """Yield (line, name) of every imported or dotted name, with ``np`` and other nicknames spelt out."""
    nicknames = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            nicknames |= {a.asname: a.name for a in node.names if a.asname}
            yield from ((node.lineno, a.name) for a in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            nicknames |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            yield from ((node.lineno, f"{node.module}.{a.name}") for a in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := dotted(node)):
            first, _, rest = name.partition(".")
            yield node.lineno, f"{nicknames.get(first, first)}.{rest}"


def foreign_calls(source):
    """Yield (line, what) of everything whose bits another machine would not give."""
    tree = ast.parse(source)
    for line, name in full_names(tree):
        if name in FOREIGN_FUNCTIONS or any(f"{name}.".startswith(f"{m}.") for m in FOREIGN_MODULES):
            yield line, name
    for node in ast.walk(tree):
        exponent = getattr(node, "value" if isinstance(node, ast.AugAssign) else "right", None)
        if isinstance(getattr(node, "op", None), ast.Pow) and not is_whole(exponent):
            yield node.lineno, "** with an exponent that is no whole number (see sim.mathematics.power)"


def is_whole(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def is_kernel(function):
    calls = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return any(dotted(call).split(".")[-1] in KERNEL_DECORATORS for call in calls)


def untyped_functions(source):
    """Yield (line, name) of functions, other than kernels, that leave an argument or the result untyped."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_kernel(node):
            a = node.args
            named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
            missing = [arg.arg for arg in named if arg.annotation is None and arg.arg not in ("self", "cls")]
            if missing or node.returns is None:
                yield node.lineno, node.name


def test_every_module_of_the_market_has_a_place_in_the_layers():
    unknown = {shown(f) for f in files_of("sim") if head(module_of(f)) and head(module_of(f)) not in ORDER}
    assert not unknown, f"give them a place in LAYERS: {sorted(unknown)}"


def test_imports_point_one_way():
    known = [f for f in files_of("sim") if not head(module_of(f)) or head(module_of(f)) in ORDER]
    assert [wrong for file in known for wrong in wrong_imports(file)] == []


def test_nobody_imports_the_command_line():
    importers = [
        f"{shown(file)}:{line}"
        for file in files_of("experiments")
        for line, name in imports_of(file)
        if name.startswith("experiments.cli") and not file.stem.startswith("cli")
    ]
    assert importers == []


@pytest.mark.parametrize(
    "importer, imported, allowed",
    [
        ("sim.rng", "sim.mathematics", True),
        ("sim.mathematics", "sim.rng", False),
        ("sim.mechanisms.live", "sim.state", True),
        ("sim.mechanisms.live", "sim.mechanisms.search", False),
        ("sim.mechanisms", "sim.mechanisms.search", True),
        ("sim.mechanisms.live", "sim.programs.labs", False),
        ("sim.programs.labs", "sim.mechanisms.live", False),
        ("sim.metrics", "sim.mechanisms", False),
        ("sim.market", "sim.mechanisms.live", True),
        ("sim.state", "sim.levers", False),
        ("sim.state", "sim", True),
        ("sim", "sim.market", False),
        ("sim.market", "sim.a_module_without_a_place", False),
    ],
)
def test_the_rule_of_layers_says_what_it_should(importer, imported, allowed):
    assert may_import(importer, imported) == allowed


@pytest.mark.parametrize("file", files_of("sim"), ids=shown)
def test_the_market_uses_no_foreign_chance_and_no_foreign_mathematics(file):
    assert list(foreign_calls(file.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.random.default_rng()",
        "import numpy\nx = numpy.exp(1.0)",
        "import numpy as np\nf = np.log1p",
        "import numpy.random",
        "from numpy import random",
        "from numpy import cos as c",
        "from math import exp",
        "import math as m\nm.pow(2, 0.5)",
        "import random",
        "from random import choice",
        "from numpy.random import default_rng",
        "y = x**0.5",
        "y = 2.0**x",
        "y **= gamma",
    ],
)
def test_the_rule_against_foreign_functions_finds_them(source):
    assert list(foreign_calls(source))


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.sqrt(np.floor(2.0))",
        "from sim.mathematics import exp, log\nexp(log(2.0))",
        "y = x**2",
        "import math\nmath.inf",
        "from sim import rng\nrng.gamma",
    ],
)
def test_the_rule_against_foreign_functions_lets_ours_pass(source):
    assert list(foreign_calls(source)) == []


@pytest.mark.parametrize("file", files_of("sim"), ids=shown)
def test_every_function_but_a_kernel_says_its_types(file):
    assert list(untyped_functions(file.read_text())) == []


def test_only_kernels_may_leave_their_types_to_numba():
    kernels = "@njit(cache=True)\ndef f(x): ...\n@numba.njit\ndef g(x): ...\n"
    plain = "@property\ndef h(self): ...\ndef i(x) -> int: ...\ndef j(self, x: int) -> int: ..."
    assert [name for _, name in untyped_functions(kernels + plain)] == ["h", "i"]


@pytest.mark.parametrize("file", files_of("sim", "experiments"), ids=shown)
def test_files_are_short(file):
    assert len(file.read_text().splitlines()) < LONGEST
