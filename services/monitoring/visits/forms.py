"""The forms of visits as a release brings them; every version stays readable."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from services.monitoring.forms.model import Form
from services.monitoring.forms.schemas import Form as WrittenForm
from services.monitoring.forms.schemas import read_form


@cache
def load_forms() -> Mapping[tuple[str, int], Form]:
    """Every version of every form, by type and version.

    :raises ValueError: if a version is there twice.
    """
    read = tomllib.loads(resources.files("services.monitoring.visits").joinpath("forms.toml").read_text("utf-8"))
    forms = [read_form(WrittenForm.model_validate(one)) for one in read["forms"]]
    found = {(form.code, form.version): form for form in forms}
    if len(found) != len(forms):
        raise ValueError("a version of a form stands in forms.toml twice")
    return found


def newest(form_type: str) -> Form:
    """The version of a form that is handed out now.

    :raises KeyError: for a type that no release brought.
    """
    versions = [form for form in load_forms().values() if form.code == form_type]
    if not versions:
        raise KeyError(form_type)
    return max(versions, key=lambda form: form.version)
