"""The build is checked before anyone uses it: every jump lands, everything that is named exists, everything fits.

Works on the generated text alone, as Asterisk will read it, and knows nothing of how it came about: a mistake of the
templates, of the lowering or of a name cannot hide behind itself. Whatever is found is a mistake of ours.
"""

from __future__ import annotations

from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic
from pbx.verify import limits
from pbx.verify.configuration import read_configuration
from pbx.verify.dialplan import read_dialplan
from pbx.verify.judge import Judge
from pbx.verify.modules import read_modules
from pbx.verify.origin import with_origin
from pbx.verify.text import read

__all__ = ["verify"]


def verify(bundle: Bundle) -> list[Diagnostic]:
    """Everything that is wrong with a build, each at its generated line and, where it is known, at its YAML."""
    configuration = read_configuration(bundle.files)
    reading = read(bundle.files, "extensions.conf")
    dialplan = read_dialplan(reading.sections)
    dialplan.made |= configuration.made
    configuration.objects.add("context", [*dialplan.contexts, *dialplan.made])
    configuration.objects.add("sound", [name.rpartition(".")[0] for name in bundle.sounds])
    modules = read_modules(bundle.files)
    problems = [*reading.problems, *dialplan.problems, *configuration.problems, *modules.problems]
    problems += Judge(configuration, dialplan, modules).problems()
    problems += limits.long_lines(bundle.files)
    return with_origin(problems, dialplan)
