"""Metric math, as far as alarms on rates need it: numbers, ids, + - * /, comparisons, FILL, IF, SUM,
MIN and MAX.

A value is that of one period, or None where there is no data; what is calculated from None is None,
and so is what is divided by 0.
"""

import ast
import operator

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
              ast.Div: lambda left, right: left / right if right else None, ast.USub: operator.neg,
              ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
              ast.Eq: operator.eq, ast.NotEq: operator.ne}
_NODES = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Name, ast.Constant, ast.List, ast.Load, *_OPERATORS)
_FUNCTIONS = {"FILL": lambda value, other: other if value is None else value,
              "IF": lambda condition, value, other=None: value if condition else other,
              "SUM": lambda values: _of(sum, values), "MIN": lambda values: _of(min, values),
              "MAX": lambda values: _of(max, values)}


def parse(expression):
    """The expression as a tree, for `calculate`. Raises ValueError for what is not supported."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"Metric math {expression!r} cannot be read.") from error
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
        if not is_call and not isinstance(node, _NODES):
            raise ValueError(f"Metric math {expression!r} has something that the local cloud does not calculate.")
    return tree


def names(tree):
    """The ids that an expression needs."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _FUNCTIONS.keys()


def calculate(tree, values):
    """The value of an expression. `values` are a function from id to value."""
    def of(node):
        return calculate(node, values)

    match tree:
        case ast.Constant():
            return tree.value
        case ast.Name():
            return values(tree.id)
        case ast.List():
            return [of(element) for element in tree.elts]
        case ast.Call():
            return _FUNCTIONS[tree.func.id](*map(of, tree.args))
        case ast.UnaryOp():
            return _apply(tree.op, of(tree.operand))
        case ast.Compare():
            return _apply(tree.ops[0], of(tree.left), of(tree.comparators[0]))
        case _:
            return _apply(tree.op, of(tree.left), of(tree.right))


def _apply(operation, *operands):
    if None in operands:
        return None
    result = _OPERATORS[type(operation)](*operands)
    return float(result) if isinstance(result, bool) else result


def _of(function, values):
    known = [value for value in values if value is not None]
    return function(known) if known else None
