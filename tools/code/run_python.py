"""Runs exported Python modules on the problems of standard input and compares their results; prints `N right, N wrong`."""
import inspect
import json
import sys

import numpy as np


def parameters(function, problem, flat):
    found = {}
    for name in inspect.signature(function).parameters:
        if name == "step":
            continue
        letter = name if name in problem["values"] or name in problem["sizes"] else name.rstrip("_")
        if letter in problem["values"]:
            value = np.array(problem["values"][letter], float)
            found[name] = value.ravel() if flat and value.ndim == 2 and 1 in value.shape else value
        else:
            found[name] = problem["sizes"][letter]
    return found


def agrees(found, wanted, flat):
    found, wanted = np.asarray(found, float), np.array(wanted, float)
    if found.size != wanted.size or not flat and found.ndim == 2 and found.shape != wanted.shape:
        return False
    return np.allclose(found.reshape(wanted.shape), wanted, rtol=1e-7, atol=1e-9)


def run(problem):
    module = {"__name__": "exported"}
    exec(compile(problem["text"], problem["id"], "exec"), module)
    function = module["value_and_gradient"]
    for flat in (True, False) if problem["columns"] else (True,):  # vectors as one-dimensional arrays, and as columns
        value, gradient = function(**parameters(function, problem, flat))
        if not agrees(value, problem["value"], flat) or not agrees(gradient, problem["gradient"], flat):
            return False
    if problem.get("hessian"):
        for name, wanted in ("hessian", problem["hessian"]), ("hessian_times", problem["product"]):
            if not agrees(module[name](**parameters(module[name], problem, True)), wanted, True):
                return False
    if problem["checked"]:  # the gradient by an independent way
        given = parameters(module["check_gradient"], problem, True)
        return module["check_gradient"](**given) < 1e-4 * max(1, np.abs(problem["gradient"]).max())
    return True


right = wrong = second = 0
for line in sys.stdin:
    problem = json.loads(line)
    problem["values"], problem["sizes"] = dict(problem["values"]), dict(problem["sizes"])
    try:
        good = run(problem)
    except Exception as error:
        good = False
        print(problem["id"], repr(error))
    right, wrong = right + good, wrong + (not good)
    second += good and bool(problem.get("hessian"))
    if not good:
        print(problem["id"])
print(f"{right} right, {wrong} wrong; of {second} the Hessian, too")
sys.exit(wrong > 0)
