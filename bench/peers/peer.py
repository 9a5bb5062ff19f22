"""What the peers that compute with numbers share: PROGRAM PEER CASE FOLDER, PEER is numpy or torch.

Reads the values and nabla's results (.npy) from the folder. Prints seconds a call, the peak of memory in kilobytes, and the
largest difference from nabla's results, as a share of the largest entry."""
import os
import resource
import sys
import time

import numpy as np

peer, case, folder = sys.argv[1:4]
torch = None
if peer == "torch":
    import torch

    torch.set_num_threads(1)


def value(name):
    """A value from the folder: a column as a vector, 1 x 1 as a number, the rest as NumPy and PyTorch lay matrices out."""
    a = np.load(os.path.join(folder, name + ".npy"))
    if a.shape == (1, 1):
        return a[0, 0]
    return a.ravel() if a.shape[1] == 1 else np.ascontiguousarray(a)


def hessian_by_autograd(function, tensors, at):
    """All second derivatives by argument `at`, columns first; all directions at once, if that is faster."""
    size = tensors[at].numel()

    def of_one(t):
        return function(*[t if i == at else a for i, a in enumerate(tensors)])

    def hessian_by(vectorize):
        h = torch.autograd.functional.hessian(of_one, tensors[at], vectorize=vectorize)
        if tensors[at].dim() == 2:  # columns first
            h = h.permute(1, 0, 3, 2)
        return [h.reshape(size, size)]

    faster = False
    if size <= 1000:
        times = []
        for vectorize in (False, True):
            hessian_by(vectorize)
            start = time.process_time()
            hessian_by(vectorize)
            times.append(time.process_time() - start)
        faster = times[1] < times[0]
    return lambda: hessian_by(faster)


def by_torch(function, arguments, names, by, how):
    """What to time: "gradient", "hessian", "values" (the function itself), "both" (value and gradient), or the name of an
    argument that is the direction of a Hessian-vector product and no argument of the function."""
    tensors = [torch.from_numpy(np.array(a)) for a in arguments]
    if how == "values":

        def values():
            with torch.no_grad():
                return function(*tensors)

        return values
    active = [names.index(name) for name in by]
    if how == "hessian":
        return hessian_by_autograd(function, tensors, active[0])
    for i in active:
        tensors[i].requires_grad_(True)
    inputs = [tensors[i] for i in active]
    if how in ("gradient", "both"):

        def gradient():
            f = function(*tensors)
            g = torch.autograd.grad(f, inputs)
            return [f, *g] if how == "both" else g

        return gradient
    direction = tensors.pop(names.index(how))

    def product():
        (g,) = torch.autograd.grad(function(*tensors), inputs, create_graph=True)
        return torch.autograd.grad((g * direction).sum(), inputs)

    return product


def difference_from_nabla(results, by):
    difference = 0
    for i, result in enumerate(results):
        want = np.load(os.path.join(folder, "result%d.npy" % (i + 1)))
        got = np.asarray(result.detach().numpy() if peer == "torch" else result)
        if got.ndim == 0:
            got = got.reshape(1, 1)
        if got.ndim == 1:
            got = got[:, None]
        if got.size > 4000000:
            got = got[:, [(j * 7919 - 1) % got.shape[1] for j in range(1, 9)]]
        if peer == "torch" and case == "Gaussian" and by[i] == "S":
            got = (got + got.T) / 2  # by the factors of Cholesky PyTorch gives the projection on symmetric matrices
        difference = max(difference, float(np.abs(want - got).max() / max(1e-300, np.abs(want).max())))
    return difference


def run(entry):
    """An entry: NumPy's function, PyTorch's, the arguments, those it is differentiated by, how."""
    by_hand, function, names, by, how = entry
    names, by = names.split(), by.split()
    arguments = [value(name) for name in names]
    if peer == "numpy":

        def work():
            return by_hand(*arguments)

    else:
        work = by_torch(function, arguments, names, by, how)
    difference = difference_from_nabla(work(), by)
    best, repetitions, start = float("inf"), 1, time.process_time()
    for turn in range(200):
        before = time.process_time()
        for _ in range(repetitions):
            work()
        seconds = time.process_time() - before
        best = min(best, seconds / repetitions)
        if seconds < 0.02 and turn < 20:
            repetitions = int(np.ceil(repetitions * min(10, 0.03 / max(seconds, 1e-6))))
        if time.process_time() - start > 1:
            break
    print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, difference)
