"""Compiles the inner loops of search while the package is installed; without a compiler, numpy takes their place."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension

FOLDER = Path("knowledge_base/kernels")
MODULE = "knowledge_base.kernels._compiled"


class CompileKernels(BuildHookInterface[Any]):
    """Called by hatch before a wheel is made, an editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile beside the source; the package works, slower, where that fails."""
        os.chdir(self.root)
        sources = [str(path) for path in sorted(FOLDER.glob("*.c"))]
        headers = [str(path) for path in sorted(FOLDER.glob("*.h"))]
        # as knowledge_base/kernels/__init__.py has it
        content = b"".join(Path(path).read_bytes() for path in sorted([*sources, *headers]))
        digest = hashlib.sha256(content).hexdigest()
        flags = [] if os.name == "nt" else ["-O3", "-std=c11"]
        extension = Extension(
            MODULE,
            sources,
            depends=headers,
            define_macros=[("SOURCE", f'"{digest}"')],
            extra_compile_args=flags,
            optional=True,
        )
        command = Distribution({"name": "kernels", "ext_modules": [extension]}).get_command_obj("build_ext")
        command.inplace = True
        command.build_temp = "build/kernels"
        command.ensure_finalized()
        command.run()
        built = [str(path) for path in FOLDER.glob("_compiled.*") if path.suffix in {".so", ".pyd"}]
        if built:
            build_data["artifacts"] += built
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
