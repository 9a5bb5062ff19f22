--- Languages in which functions of complex letters are exported: what is written otherwise there than for real letters.
--
-- A transpose must not conjugate, a sum of products must not conjugate a factor, and arrays keep or get a complex type.
--
-- @module nabla.code.complex_targets

local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local SUM, TIMES, CALL, ATOM = writer.SUM, writer.TIMES, writer.CALL, writer.ATOM

local M = {}

-- What every language has: operators that rule files state of complex letters, and `realpart`, of a value that is real.
local function operators(unit, formats)
  local list = {
    imagunit = function()
      return unit, ATOM
    end,
  }
  for name, format in pairs(formats) do
    list[name] = writer.call(format)
  end
  return list
end

local function python(target, own)
  local module = require "nabla.code.targets.python_module"
  own.operators.conj = own.operators.conj or writer.call "xp.conj(%1)"
  function own.write(functions, check)
    return module.write(own, functions, check)
  end
  return own, target
end

local variants = {}

function variants.numpy(target)
  return python(target, {
    array = "(np.asarray(value) * 1.0)",
    scalar = "value.reshape(())[()]",
    operators = operators("1j", {
      complexabs = "xp.abs(%1)",
      complexnorm = "xp.linalg.norm(%1)",
      complexpinv = "xp.linalg.pinv(%1)",
      argument = "xp.angle(%1)",
      realpart = "xp.real(%1)",
    }),
  })
end

function variants.torch(target)
  local list = operators("1j", {
    conj = "xp.conj_physical(%1)",
    complexnorm = "xp.linalg.norm(%1)",
    complexpinv = "xp.linalg.pinv(%1)",
    argument = "xp.angle(%1)",
    realpart = "xp.real(%1)",
  })
  function list.complexabs(w, t) -- a product of matrices takes one type
    return "xp.abs(" .. w:at(t.args[1]) .. ") + 0j", SUM
  end
  local function dot(w, t) -- a @ b of two complex vectors is 0 in some builds
    local a, b = t.args[1], t.args[2]
    if target.is_flat(a) and target.is_flat(b) and kind(t) == "scalar" then
      return ("xp.sum(%s * %s)"):format(w:at(a, TIMES), w:at(b, TIMES + 1)), CALL
    end
    return target.ops[t.op](w, t)
  end
  return python(target, {
    ops = { product = dot, dot = dot },
    dtype = ", dtype=torch.complex128",
    array = "torch.as_tensor(value, dtype=torch.complex128)",
    operators = list,
  })
end

function variants.octave(target)
  local own = {
    ops = { transpose = writer.postfix("%1.'", CALL) },
    operators = operators("1i", {
      conj = "conj(%1)",
      complexabs = "abs(%1)",
      complexnorm = "norm(%1, 'fro')",
      complexpinv = "pinv(%1)",
      argument = "angle(%1)",
      realpart = "real(%1)",
    }),
  }
  function own.write(functions, check)
    return target.write_as(own, functions, check)
  end
  return own
end
variants.matlab = variants.octave

function variants.julia(target)
  local function each(name)
    return function(w, t)
      return name .. (kind(t) == "scalar" and "(" or ".(") .. w:at(t.args[1]) .. ")", CALL
    end
  end
  local own = {
    ops = { transpose = writer.call "transpose(%1)", dot = writer.call "sum(%1 .* %2)" },
    operators = operators("im", { conj = "conj(%1)", complexnorm = "norm(%1)", complexpinv = "pinv(%1)" }),
  }
  own.operators.complexabs, own.operators.argument, own.operators.realpart = each "abs", each "angle", each "real"
  function own.ops.spread(w, t)
    local text, level = target.ops.spread(w, t)
    if kind(t) == "row" then
      return "transpose(" .. text:gsub("'$", "") .. ")", CALL
    end
    return text, level
  end
  function own.entry(f)
    local lines = target.entry(f)
    for i, line in ipairs(lines) do
      lines[i] = line:gsub("(vec%b())'$", "transpose(%1)")
    end
    return lines
  end
  function own.write(functions, check)
    return target.write_as(own, functions, check)
  end
  return own
end

--- The language for functions with complex letters.
-- @tparam string name of the language
-- @tparam table target the language for real letters
-- @treturn table the same with what is written otherwise; an error is a table with a message
function M.of(name, target)
  if not variants[name] then
    local message = "functions with complex letters are exported in numpy, torch, octave, matlab and julia, not in %s"
    error({ message = message:format(target.title) }, 0)
  end
  local own = variants[name](target)
  own.ops = setmetatable(own.ops or {}, { __index = target.ops })
  own.operators = setmetatable(own.operators, { __index = target.operators })
  return setmetatable(own, { __index = target })
end

return M
