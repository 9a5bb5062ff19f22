--- Python with PyTorch: tensors in double precision, through which autograd can differentiate again.
--
-- @module nabla.code.targets.torch

local module = require "nabla.code.targets.python_module"
local writer = require "nabla.code.writer"

local CALL = writer.CALL

local python = require "nabla.code.targets.python_expressions"

-- Of a transposed tensor torch.kron fails.
local function kron(w, t)
  local text, precedence = python.kron(w, t)
  if text:find "^xp%.kron%(" then
    w:need "_kron"
    text = "_kron" .. text:sub(8)
  end
  return text, precedence
end

local target = module.target {
  title = "PyTorch",
  module = "torch",
  import = "import torch\n",
  dtype = ", dtype=torch.float64",
  array = "torch.as_tensor(value, dtype=torch.float64)",
  scalar = "value.reshape(())",
  operators = {
    relu = writer.call "torch.relu(%1)",
    sigmoid = writer.call "torch.sigmoid(%1)",
    softplus = writer.call "torch.nn.functional.softplus(%1)",
    softmax = writer.call "torch.softmax(%1, 0)",
    logsumexp = writer.call "torch.logsumexp(%1.reshape(-1), 0)",
    cross = writer.call "torch.linalg.cross(%1, %2)",
    kron = kron,
    expm = writer.call "torch.linalg.matrix_exp(%1)",
    asin = writer.call "torch.asin(%1)",
    acos = writer.call "torch.acos(%1)",
    atan = writer.call "torch.atan(%1)",
    pi = function()
      return "torch.pi", CALL
    end,
  },
}

for name, format in pairs(python.special) do
  target.operators[name] = writer.call("torch.special." .. format)
end

function target.operators.vech(w, t)
  local n = w.target.size(t.args[1].rows)
  return ("%s.T[tuple(torch.triu_indices(%s, %s))]"):format(w:at(t.args[1], CALL), n, n), CALL
end

function target.operators.eigval(w, t)
  return ("torch.linalg.eigvalsh(%s).flip(0)[%s]"):format(w:at(t.args[1]), target.index(w, t.args[2])), CALL
end

function target.operators.eigvec(w, t)
  return ("torch.linalg.eigh(%s)[1].flip(1)[:, %s]"):format(w:at(t.args[1]), target.index(w, t.args[2])), CALL
end

-- With the factor of Cholesky where the matrix is positive definite.
function target.ops.solve(w, t)
  local A, b = t.args[1], t.args[2]
  local right = w:at(b)
  if not t.spd then
    return ("torch.linalg.solve(%s, %s)"):format(w:at(A), right), CALL
  elseif target.is_flat(b) then
    return ("torch.cholesky_solve(%s[:, None], torch.linalg.cholesky(%s))[:, 0]"):format(w:at(b, CALL), w:at(A)), CALL
  end
  return ("torch.cholesky_solve(%s, torch.linalg.cholesky(%s))"):format(right, w:at(A)), CALL
end

-- Functions of a tensor take no plain number.
for _, name in ipairs { "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "abs", "sign" } do
  local plain = target.operators[name]
  target.operators[name] = function(w, t)
    if t.args[1].op == "number" or t.args[1].op == "size" then
      return ("torch.%s(torch.tensor(%s, dtype=torch.float64))"):format(name, w:at(t.args[1])), CALL
    end
    return plain(w, t)
  end
end

target.without(target, "logm sqrtm sinm cosm frechet frechetn frechetmatrix care dare")
return target
