"""The SAM transform knows the values of parameters.

Gap: MiniStack transforms a template without them, so what SAM decides by a parameter (DeploymentPreference's Enabled, a
version that is published because a value has changed) is decided by its name. AWS gives them to the transform.
Leans on: _apply_transforms of cloudformation/engine.py, as imported by handlers.py and changesets.py, which imports
samtranslator's transform at each call; _transform_parameters of engine.py.
"""

from contextvars import ContextVar

from ministack.services.cloudformation import changesets, engine, handlers
from samtranslator.translator import transform as sam

_values = ContextVar("the values of the parameters", default=None)


def apply():
    apply_transforms, transform = engine._apply_transforms, sam.transform

    def with_values(template, provided_params=None, previous_params=None):
        token = _values.set(engine._transform_parameters(template, provided_params, previous_params))
        try:
            return apply_transforms(template, provided_params, previous_params)
        finally:
            _values.reset(token)

    for module in (engine, changesets, handlers):
        module._apply_transforms = with_values
    sam.transform = lambda fragment, parameters, *others: transform(
        fragment, {**(_values.get() or {}), **parameters}, *others)
