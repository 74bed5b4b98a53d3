"""What the connector's source can send, read from its syntax."""

import ast
import importlib
import re
from pathlib import Path

import erasure.connectors.genesys as package

API = "/api/v2/"


def plain(template):
    """A template whatever its ids are called."""
    return re.sub(r"\{\w+\}", "{}", template)


def modules():
    """The syntax of each module of the connector, with the names it defines."""
    for file in sorted(Path(package.__file__).parent.glob("*.py")):
        dotted = package.__name__ if file.stem == "__init__" else f"{package.__name__}.{file.stem}"
        yield ast.parse(file.read_text()), vars(importlib.import_module(dotted))


def templates():
    """Every path template the source names, ids nameless."""
    found = set()
    for tree, names in modules():
        found |= {one for one in names.values() if isinstance(one, str)}
        found |= {_text(node, names) for node in ast.walk(tree)}
    return {plain(one) for one in found if one.startswith(API)}


def beginnings(named):
    """Templates that another one begins with: they may be no call of their own."""
    return {one for one in named if any(other.startswith(f"{one}/") for other in named)}


def calls():
    """(method, template) of every ``send`` that names both; ids nameless."""
    found = set()
    for tree, names in modules():
        for scope in ast.walk(tree):
            if isinstance(scope, ast.FunctionDef | ast.Lambda | ast.Module):
                known = names | _assigned(scope)
                found |= {_call(node, known) for node in ast.walk(scope) if _sends(node)}
    return {(method, plain(path)) for method, path in found if method and path.startswith(API)}


def _sends(node):
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "send"


def _assigned(scope):
    """Texts a function puts under a name of its own."""
    return {
        target.id: node.value.value
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _call(node, names):
    method, template = (*(_text(one, names) for one in node.args[:2]), "", "")[:2]
    return method, template


def _text(node, names):
    """The text an expression stands for; "" if only the running program knows."""
    if not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.BinOp | ast.JoinedStr):
        return ""
    try:
        code = compile(ast.Expression(node), "<source>", "eval")
        value = eval(code, dict(names))  # noqa: S307 - an expression of our own source
    except (NameError, AttributeError, TypeError, ValueError):
        return ""
    return value if isinstance(value, str) else ""
