"""Command line flags: `DEFINE_*` declares them, `FLAGS.name` reads them.

The command line is read when a flag's value is first asked for. What it has beyond the declared flags is left to the
program: `app.run` hands it to `main`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from graphlab_nb.export import public_names

_TRUE = ("true", "t", "yes", "y", "1")
_FALSE = ("false", "f", "no", "n", "0")


class _FlagValues:
    """The flags' values as attributes.

    Reading a flag parses the command line first, if that was not done since a flag was last declared. Assigning sets
    the value for good, whatever the command line says.
    """

    # Programs written for TensorFlow 0.x reach for the names in quotes: FLAGS.__flags is a dict of values.
    def __init__(self) -> None:
        self.__dict__["__flags"] = {}
        self.__dict__["__parsed"] = False
        self.__dict__["_parser"] = argparse.ArgumentParser(conflict_handler="resolve", allow_abbrev=False)
        self.__dict__["_defaults"] = {}
        self.__dict__["_assigned"] = {}

    def _define(self, name: str, default: Any, **options: Any) -> None:
        """Declares a flag; declaring it again (a notebook's cell run twice) replaces the first declaration."""
        self.__dict__["__parsed"] = False
        self._defaults[name] = default
        self._assigned.pop(name, None)
        # argparse expands % in help texts.
        options["help"] = (options.get("help") or "").replace("%", "%%")
        self._parser.add_argument(f"--{name}", dest=name, default=default, **options)

    def _parse_flags(self, args: Sequence[str] | None = None) -> list[str]:
        """Reads the flags from `args` (the process's command line by default) and returns what is not a flag."""
        known, rest = self._parser.parse_known_args(sys.argv[1:] if args is None else list(args))
        values = self.__dict__["__flags"]
        values.clear()
        values.update({name: getattr(known, name) for name in self._defaults})
        values.update(self._assigned)
        self.__dict__["__parsed"] = True
        return rest

    def flag_values_dict(self) -> dict[str, Any]:
        """All flags' values by name."""
        if not self.__dict__["__parsed"]:
            self._parse_flags()
        return dict(self.__dict__["__flags"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if not self.__dict__["__parsed"]:
            self._parse_flags()
        try:
            return self.__dict__["__flags"][name]
        except KeyError:
            known = ", ".join(sorted(self._defaults)) or "none"
            raise AttributeError(f"no flag {name!r} is defined (defined: {known})") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if not self.__dict__["__parsed"]:
            self._parse_flags()
        self._assigned[name] = self.__dict__["__flags"][name] = value

    def __contains__(self, name: str) -> bool:
        return name in self.flag_values_dict()

    def __iter__(self) -> Any:
        return iter(self.flag_values_dict())

    def __dir__(self) -> list[str]:
        return sorted(self._defaults)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in sorted(self.flag_values_dict().items()))
        return f"FLAGS({values})"


FLAGS = _FlagValues()
"""The values of the flags that this process declared."""


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise argparse.ArgumentTypeError(f"expected true or false, not {text!r}")


def _define(flag_name: str, default_value: Any, docstring: str | None, parse: Callable[[str], Any]) -> None:
    FLAGS._define(flag_name, default_value, help=docstring, type=parse)


def DEFINE_string(flag_name: str, default_value: str | None, docstring: str | None = None) -> None:
    """Declares a flag of any text: `--name=text` or `--name text`.

    Args:
      flag_name: its name.
      default_value: its value where the command line does not say.
      docstring: what it is for, shown by --help.

    Example:
      >>> tf.app.flags.DEFINE_string("folder_example", "logs", "Where to.")
      >>> tf.app.flags.FLAGS.folder_example
      'logs'
    """
    _define(flag_name, default_value, docstring, str)


def DEFINE_integer(flag_name: str, default_value: int | None, docstring: str | None = None) -> None:
    """Declares a flag of an integer: `--name=3`.

    Args:
      flag_name: its name.
      default_value: its value where the command line does not say.
      docstring: what it is for, shown by --help.

    Example:
      >>> tf.app.flags.DEFINE_integer("steps_example", 100, "How many steps.")
      >>> tf.app.flags.FLAGS.steps_example
      100
    """
    _define(flag_name, default_value, docstring, int)


def DEFINE_float(flag_name: str, default_value: float | None, docstring: str | None = None) -> None:
    """Declares a flag of a number: `--name=0.5`.

    Args:
      flag_name: its name.
      default_value: its value where the command line does not say.
      docstring: what it is for, shown by --help.

    Example:
      >>> tf.app.flags.DEFINE_float("rate_example", 0.5, "The step's length.")
      >>> tf.app.flags.FLAGS.rate_example
      0.5
    """
    _define(flag_name, default_value, docstring, float)


def DEFINE_boolean(flag_name: str, default_value: bool | None, docstring: str | None = None) -> None:
    """Declares a flag that is on or off: `--name`, `--name=true`, `--name=false` or `--noname`.

    Args:
      flag_name: its name.
      default_value: its value where the command line does not say.
      docstring: what it is for, shown by --help.

    Example:
      >>> tf.app.flags.DEFINE_boolean("fake_example", False, "Without data.")
      >>> tf.app.flags.FLAGS.fake_example
      False
    """
    FLAGS._define(flag_name, default_value, help=docstring, type=_boolean, nargs="?", const=True)
    FLAGS._parser.add_argument(
        f"--no{flag_name}", dest=flag_name, default=default_value, action="store_false", help=argparse.SUPPRESS
    )


DEFINE_bool = DEFINE_boolean


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted([*public_names(globals()), "FLAGS"])
