"""Both images, built once for all tests by docker/compose.yaml.

A build of this machine's may need its mirrors and certificates. They come by a second file for Compose, as secrets, and
every test that lets Compose build uses the same file: so it finds all layers in the builder's cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tests.docker.daemon import COMPOSE, Docker, base_images

SUITES: Final = {"pbx": "sid", "runner": "trixie"}
"""The images, and the suite of Debian of which each is made."""
_BUILT_AS: Final = {"pbx": ("production", "pbx"), "runner": ("test", "runner")}
"""A profile and a service by which each image is built."""
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy")


def build(docker: Docker, folder: Path) -> Docker:
    """Build both as they are in this tree; the answer knows the second file. Raises :class:`NoDockerError`."""
    bases = base_images(docker, folder)
    names = {f"{image.upper()}_BASE": bases[suite][0] for image, suite in SUITES.items()}
    ready = replace(docker, environment={**docker.environment, **names}, machine=folder / "machine.json")
    told = ready.say("compose", "--file", str(COMPOSE), "--profile", "*", "config", "--format", "json")
    ready.machine.write_text(json.dumps(_machine(json.loads(told), bases, folder)), encoding="utf-8")
    with ThreadPoolExecutor(len(SUITES)) as pool:
        list(pool.map(lambda image: _build(ready, image), SUITES))
    ready.say("image", "prune", "--force", "--filter", "label=org.opencontainers.image.vendor=centralita")
    return ready


def _build(docker: Docker, image: str) -> None:
    profile, service = _BUILT_AS[image]
    docker.say(*docker.compose(), "--profile", profile, "build", "--quiet", service, seconds=900)


def _machine(
    config: Mapping[str, Any], bases: Mapping[str, tuple[str, Path | None]], folder: Path
) -> dict[str, dict[str, Any]]:
    """The second file: what every service needs when its image is built here."""
    files = {f"apt-sources-{image}": bases[suite][1] for image, suite in SUITES.items()}
    files["certificates"] = _CERTIFICATES if _CERTIFICATES.exists() else None
    files["pip-conf"] = _pip_settings(folder / "pip.conf")
    known = {name: {"file": str(path)} for name, path in files.items() if path}
    proxies = {name: os.environ[name] for name in _PROXIES if name in os.environ}
    services = {}
    for name, service in config["services"].items():
        own = f"apt-sources-{service['image'].removeprefix('centralita-')}"
        wanted = {own: "apt-sources", "certificates": "certificates", "pip-conf": "pip-conf"}
        secrets = [{"source": source, "target": target} for source, target in wanted.items() if source in known]
        services[name] = {"build": {"network": "host", "args": proxies, "secrets": secrets}}
    return {"services": services, "secrets": known}


def _pip_settings(path: Path) -> Path | None:
    """Where this machine's pip looks for packages, when that was changed."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    if not index:
        return None
    path.write_text(f"[global]\nindex-url = {index}\n", encoding="utf-8")
    return path
