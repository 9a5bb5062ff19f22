"""The notebook kernel of nabla: cells go to one process of `nabla repl --json`, which keeps the session.

The command is `nabla`, or what the environment variable NABLA names. All that a cell means is decided there; this file
carries text and typesets nothing itself.
"""

import json
import os
import re
import signal
import subprocess

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

PATIENCE = 10  # seconds that an interrupted line may take to stop


class Engine:
    """A process of nabla. It has a session of its own in the operating system, so that it gets only the interrupts that
    are meant for it."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ.get("NABLA", "nabla"), "repl", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def ask(self, **request):
        """The answer to a request. An interrupt stops the work; the answer then says so. EOFError: the process has ended."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        try:
            line = self.process.stdout.readline()
        except KeyboardInterrupt:
            self.process.send_signal(signal.SIGINT)
            line = self.line_in_time()
        if not line:
            raise EOFError
        return json.loads(line)

    def line_in_time(self):
        """A line that comes soon, or none, and the process is ended."""

        def late(_signal, _frame):
            self.process.kill()

        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(PATIENCE)
        try:
            return self.process.stdout.readline()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    def end(self):
        self.process.kill()
        self.process.wait()


class NablaKernel(Kernel):
    implementation = "nabla"
    implementation_version = "1.0.0"
    banner = "nabla: matrix calculus. `help` explains; ?det tells of det."
    language_info = {
        "name": "nabla",
        "mimetype": "text/x-nabla",
        "file_extension": ".nabla",
        "codemirror_mode": "octave",
        "pygments_lexer": "octave",
    }
    help_links = []

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.engine = None

    def ask(self, **request):
        """The answer, or None where the engine has ended: the next request starts another."""
        try:
            self.engine = self.engine or Engine()
            return self.engine.ask(**request)
        except (EOFError, OSError, ValueError) as error:
            if self.engine:
                self.engine.end()
                self.engine = None
            elif isinstance(error, OSError):
                raise
            return None

    # ------------------------------------------------------------------ cells

    def failure(self, text):
        lines = text.split("\n")
        error = {"ename": "nabla", "evalue": lines[0], "traceback": lines}
        self.send_response(self.iopub_socket, "error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}

    def show(self, answer, is_last):
        if "latex" not in answer:
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": answer["text"] + "\n"})
            return
        latex = answer["latex"]
        shown = latex if latex.startswith("\\begin{align*}") else "$$" + latex + "$$"
        data = {"text/plain": answer["text"], "text/latex": shown}
        if "markdown" in answer:
            data["text/markdown"] = answer["markdown"]
        content = {"data": data, "metadata": {}}
        if is_last:
            content["execution_count"] = self.execution_count
        self.send_response(self.iopub_socket, "execute_result" if is_last else "display_data", content)

    async def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
        try:
            response = self.ask(code=code)
        except OSError as error:
            return self.failure(f"cannot start {os.environ.get('NABLA', 'nabla')}: {error.strerror}\n"
                                "put nabla on the PATH, or its path into the environment variable NABLA")
        if response is None:
            return self.failure("the engine had to be ended; the next cell starts another, without declarations")
        answers = response["answers"] if "answers" in response else [response]
        for answer in answers:
            if answer.get("failed"):
                return self.failure(answer["text"])
            if not silent:
                self.show(answer, answer is answers[-1])
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    # ------------------------------------------------------------------ the word at the cursor

    def do_complete(self, code, cursor_pos):
        before = code[:cursor_pos].rsplit("\n", 1)[-1]
        response = self.ask(complete=before) or {"matches": []}
        word = re.search(r"[:%]?[A-Za-z_]\w*$", before)
        return {
            "status": "ok",
            "matches": list(response["matches"]),
            "cursor_start": cursor_pos - (len(word.group()) if word else 0),
            "cursor_end": cursor_pos,
            "metadata": {},
        }

    def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        begin = re.search(r"\w*$", code[:cursor_pos]).group()
        word = begin + re.match(r"\w*", code[cursor_pos:]).group()
        response = self.ask(about=word) if word else None
        found = bool(response) and not response.get("failed")
        return {"status": "ok", "found": found, "data": {"text/plain": response["text"]} if found else {}, "metadata": {}}

    def do_is_complete(self, code):
        response = self.ask(goes_on=code.rsplit("\n", 1)[-1])
        return {"status": "incomplete", "indent": "  "} if response and response.get("goes_on") else {"status": "complete"}

    def do_shutdown(self, restart):
        if self.engine:
            self.engine.end()
            self.engine = None
        return {"status": "ok", "restart": restart}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=NablaKernel)
