"""A headless Chromium under remote control, over the pipe of its DevTools protocol: no port, no network, no driver.

The protocol: one JSON text a message, each ended by a zero byte; the browser reads descriptor 3 and writes 4
(chromium's ``--remote-debugging-pipe``, content/browser/devtools/devtools_pipe_handler.cc).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.chromium import fetched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
DEADLINE: Final = 60.0
"""Seconds for an answer, on a machine that does much else."""
_NO_ZERO: Final = b"\0"


def program() -> str:
    """The browser of this machine, else one that is fetched; ``CENTRALITA_CHROMIUM`` names another.

    Raises :class:`lab.engine.base.EngineError` where there is none and none can be had.
    """
    named = os.environ.get("CENTRALITA_CHROMIUM")
    return named or next((found for each in NAMES if (found := shutil.which(each))), None) or str(fetched())


class PageError(Exception):
    """The browser refused, was silent for too long, or a script of the page failed."""


@dataclass
class Page:
    """One page of a browser."""

    process: subprocess.Popen[bytes]
    reading: int
    writing: int
    session: str = ""
    last: int = 0
    rest: bytes = b""
    complaints: list[str] = field(default_factory=list)
    """What the page's scripts and its security policy complained about."""

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Ask for something and wait for the answer."""
        self.last += 1
        message: dict[str, Any] = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + _NO_ZERO)
        until = time.monotonic() + DEADLINE
        while True:
            told = self._next(until)
            if told.get("id") == self.last:
                if "error" in told:
                    raise PageError(f"{method}: {told['error']}")
                result: dict[str, Any] = told["result"]
                return result
            self._note(told)

    def wait_for(self, method: str) -> None:
        """Wait for an event."""
        until = time.monotonic() + DEADLINE
        while (told := self._next(until)).get("method") != method:
            self._note(told)

    def _next(self, until: float) -> dict[str, Any]:
        while _NO_ZERO not in self.rest:
            ready, _, _ = select.select([self.reading], [], [], max(0.0, until - time.monotonic()))
            read = os.read(self.reading, 1 << 20) if ready else b""
            if not read:
                raise PageError(f"the browser said nothing for {DEADLINE:.0f} s, or is gone")
            self.rest += read
        message, _, self.rest = self.rest.partition(_NO_ZERO)
        told: dict[str, Any] = json.loads(message)
        return told

    def _note(self, told: Mapping[str, Any]) -> None:
        if told.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(told["params"]["exceptionDetails"].get("exception", {}).get("description")))
        elif told.get("method") == "Log.entryAdded":
            self.complaints.append(str(told["params"]["entry"]["text"]))

    def open(self, address: str) -> None:
        """Load a page from nothing, so that its address is read as when somebody opens it."""
        self.send("Page.navigate", url="about:blank")
        self.wait_for("Page.loadEventFired")
        self.send("Page.navigate", url=address)
        self.wait_for("Page.loadEventFired")

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise PageError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page: what follows from a click comes in its own time."""
        look = f"const look = () => ({expression}) ? done() : requestAnimationFrame(look)"
        self.ask(f"new Promise((done) => {{ {look}; look() }})")

    def middle(self, selector: str) -> tuple[float, float]:
        """Where the middle of an element is on the screen."""
        rect = self.ask(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
            "if (!e.closest('svg')) e.scrollIntoView({block: 'nearest'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2, r.width] })()"
        )
        if not rect or not rect[2]:
            raise PageError(f"there is nothing to see at {selector}")
        return rect[0], rect[1]

    def click(self, selector: str) -> None:
        """Click in the middle of an element, with the mouse."""
        x, y = self.middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press, move and let go."""
        self.send("Input.dispatchMouseEvent", type="mousePressed", x=start[0], y=start[1], button="left", clickCount=1)
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=end[0], y=end[1], button="left", buttons=1)
        self.send("Input.dispatchMouseEvent", type="mouseReleased", x=end[0], y=end[1], button="left", clickCount=1)

    def key(self, name: str) -> None:
        """Press a key that has a name."""
        codes = {"Enter": 13, "Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "ArrowUp": 38, "Escape": 27}
        text = {"text": "\r"} if name == "Enter" else {"text": name} if len(name) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            more = text if kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=codes.get(name, 0), **more)

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """The size of the screen; a phone's has two dots a pixel and is touched."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    def touch(self, *moves: list[tuple[float, float]]) -> None:
        """Fingers set down at the first places, moved to each of the next, and taken away."""
        for index, places in enumerate(moves):
            points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
            kind = "touchMove" if index else "touchStart"
            self.send("Input.dispatchTouchEvent", type=kind, touchPoints=points)
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def dark(self, *, wanted: bool) -> None:
        """Whether the reader likes it dark."""
        value = "dark" if wanted else "light"
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def picture(self, file: Path) -> None:
        """Write what is seen as a PNG."""
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(executable: str, folder: Path) -> Iterator[Page]:
    """A browser with one empty page and its own profile in a folder; it ends with the block."""
    to_browser, from_browser = os.pipe(), os.pipe()
    read_end, write_end = to_browser[0], from_browser[1]
    command = [
        executable, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank",
    ]  # fmt: skip
    # The shell puts the two pipes where the browser wants them: no code of ours runs between fork and exec.
    plumbing = f'exec 3<&{read_end} 4>&{write_end}; exec "$@"'
    process = subprocess.Popen(
        ["bash", "-c", plumbing, "browser", *command],
        pass_fds=(read_end, write_end),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_end)
    os.close(write_end)
    page = Page(process, from_browser[0], to_browser[1])
    try:
        target = next(each for each in page.send("Target.getTargets")["targetInfos"] if each["type"] == "page")[
            "targetId"
        ]
        page.session = page.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            page.send(f"{domain}.enable")
        yield page
    finally:
        process.terminate()
        try:
            process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(page.reading)
        os.close(page.writing)
