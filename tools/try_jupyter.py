"""Asks the notebook kernel of nabla as a front end does: answers, errors, completion, interrupts, a restart.

The last line is `N passed, N failed`. Started by try_jupyter.sh, which sets JUPYTER_PATH and NABLA.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

from jupyter_client.manager import start_new_kernel

counts = {True: 0, False: 0}


def expect(title, right):
    counts[bool(right)] += 1
    if not right:
        print("failed:", title, file=sys.stderr)


def check_notebook(path):
    with open(path, encoding="utf-8") as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    outputs = ["".join(cell["source"]) + "\n" + json.dumps(cell["outputs"], ensure_ascii=False) for cell in cells]

    def shown(source, text):
        return any(part.startswith(source) and text in part for part in outputs)

    expect("every cell of the notebook has an output", all(cell["outputs"] for cell in cells))
    expect("a derivative", shown("diff norm2", "[1] 2*A'*(A*x - b)"))
    expect("the same, typeset", shown("diff norm2", r"$$2 \\mathbf{A}^\\top"))
    expect("a declaration", shown("matrix S", "[3] 2*S*x"))
    expect("a layout", shown("%layout numerator", "x'*(A + A')"))
    expect("a derivation", shown("derive tr", r"\\begin{align*}"))
    expect("a derivation as a list", shown("derive tr", "text/markdown"))
    expect("reasons in Chinese", shown("%lang zh", "函数"))
    expect("the last answer", shown("diff logdet", "yes (same node)"))
    expect("an error with a caret", shown("A*X + 1", '"    ^"'))
    expect("rules in a cell", shown("diff softmin", "softmin(W*x)*softmin(W*x)' - diag(softmin(W*x))"))
    expect("code", shown("code numpy", "def value_and_gradient"))
    expect("what is known of a name", shown("?det", "Jacobi's formula"))


def run(client, code, timeout=60):
    """The reply, and the texts that the cell has shown."""
    texts = []

    def hook(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            texts.append(content["text"])
        elif message["msg_type"] in ("execute_result", "display_data"):
            texts.append(content["data"]["text/plain"])
        elif message["msg_type"] == "error":
            texts.append("\n".join(content["traceback"]))

    reply = client.execute_interactive(code, output_hook=hook, timeout=timeout)
    return reply["content"]["status"], "".join(texts)


def completions(client, code):
    content = client.complete(code, reply=True, timeout=60)["content"]
    return content["matches"], content["cursor_start"]


LONG = "diff tr(" + "A*X*" * 6000 + "A) by X"


def check_kernel():
    manager, client = start_new_kernel(kernel_name="nabla")
    try:
        expect("an answer", run(client, "diff x'*A*x by x") == ("ok", "[1] (A + A')*x"))
        expect("an empty cell", run(client, "\n  \n# nothing\n") == ("ok", ""))
        expect("a line that goes on", run(client, "tr(A*\n  inv(B))")[1] == "[2] tr(A*inv(B))")
        status, text = run(client, "matrix B(n,n)\ntr(B))\ndiff tr(B) by B")
        expect("an error ends the cell", status == "error" and "tr(B))\n     ^" in text and "[3]" not in text)
        expect("the session goes on after it", run(client, "diff tr(B) by B")[1] == "[3] I(n)")
        expect("quotes, backslashes, other letters", run(client, 'x"\\é')[0] == "error")
        expect("completion of an operator", completions(client, "diff logd") == (["logdet("], 5))
        expect("completion in the second line", completions(client, "A\n%lay") == (["%layout"], 2))
        expect("completion of nothing", completions(client, "A + ")[0] == [])

        timer = threading.Timer(1, manager.interrupt_kernel)
        timer.start()
        begin = time.time()
        status, text = run(client, LONG, timeout=300)
        expect("an interrupt stops a long line", status == "error" and "interrupted" in text and time.time() - begin < 20)
        expect("the session survives it", run(client, "diff tr(B) by B")[1].endswith("I(n)"))

        kernel = manager.provisioner.process.pid
        engine = int(subprocess.check_output(["pgrep", "-P", str(kernel), "-f", "json"], text=True))
        os.kill(engine, signal.SIGKILL)
        expect("the end of the engine is told", "the next cell starts another" in run(client, "A")[1])
        expect("the next cell has an engine", run(client, "diff x'*x by x")[1].endswith("2*x"))

        manager.restart_kernel(now=False)
        client.wait_for_ready(timeout=60)
        expect("a restart forgets", run(client, ":names")[1] == "no names are declared\n")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


check_notebook(sys.argv[1])
check_kernel()
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(counts[False] > 0)
