--- Complex letters: which expressions hold them, what may be applied to them, and how `^H` is read.
--
-- An expression in Z and conj(Z) that is built of holomorphic operators is an analytic function of the two, and an analytic function
-- that vanishes wherever the second argument is the conjugate of the first vanishes everywhere (Brandwood 1983, theorem 1). So rules for
-- real letters hold of such expressions, with conj(Z) as a letter of its own, and whatever else is applied to a complex
-- expression is an error.
--
-- @module nabla.language.complex

local adjoints = require "nabla.language.adjoints"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local scopes = require "nabla.language.scope"

local M = {}

-- Attributes that tie a letter to its conjugate.
local TIED = { "hermitian", "skewhermitian", "unitary", "hpsd", "hpd" }

-- Properties of operators, each of which makes an operator holomorphic, with real coefficients.
local HOLOMORPHIC = {}
for name in
  ([[holomorphic linear jointly_linear antilinear unit_matrix entry cyclic
  sum_of_entries member lone_member]]):gmatch "%S+"
do
  HOLOMORPHIC[#HOLOMORPHIC + 1] = name
end

-- Operators of the engine that keep an expression analytic.
local BUILTIN = {}
for name in ("number symbol sum product power hadamard elpower transpose I ones zeros d hole range"):gmatch "%S+" do
  BUILTIN[name] = true
end

-- Values of unknown functions, which are real, and their derivatives.
local VALUES = { call = true, D = true }

local HINTS = {
  abs = "the square of the absolute value of z is conj(z)*z",
  norm2 = "the square of the length of z is z^H*z, that of a matrix tr(Z^H*Z)",
  normF = "the square of the Frobenius norm is tr(Z^H*Z)",
  eigvec = "its phase is free: eigproj(S,k) is the projection on the eigenvector of a Hermitian matrix",
  logdet = "of a Hermitian matrix write log(det(Z))",
}

local function bits_of(session, name)
  local known = session.attributes[name]
  return known and known.bits or 0
end

-- The bit of an attribute, without those of what it implies.
local function own_bit(session, name)
  return bits_of(session, name) ~= 0 and session.S:attribute(name, false) or 0
end

--- Is a letter complex?
function M.is_letter(session, id)
  return session.S:attributes(id) & own_bit(session, "complex") ~= 0
end

--- The attribute that ties a letter to its conjugate, or nil.
function M.tie(session, id)
  for _, name in ipairs(TIED) do
    local own = bits_of(session, name)
    if own ~= 0 and session.S:attributes(id) & own == own then
      return name
    end
  end
end

--- The bits of a letter without those that only a complex letter has: it stays analytic, so that no rule takes it for real.
function M.real_bits(session, id)
  local bits = session.S:attributes(id) & ~own_bit(session, "complex")
  for _, name in ipairs(TIED) do
    bits = bits & ~own_bit(session, name)
  end
  return bits
end

--- The complex letters of an expression, in order.
function M.letters(session, id)
  local list = {}
  for _, x in ipairs(session.S:below(id, "symbol")) do
    list[#list + 1] = M.is_letter(session, x) and x or nil
  end
  return list
end

-- Is a node the imaginary unit?
local function is_unit(session, id)
  local name, own = session.S:op(id)
  local op = not own and session.ops[name]
  return op and op.imaginary_unit or false
end

M.is_unit = is_unit

--- Is there a complex letter, or the imaginary unit, in any of some nodes?
-- @tparam table session
-- @tparam table nodes handles
function M.occurs(session, nodes)
  for _, node in ipairs(nodes) do
    local _, id = core.unwrap(node)
    for _, part in ipairs(session.S:postorder(id)) do
      if is_unit(session, part) or session.S:op(part) == "symbol" and M.is_letter(session, part) then
        return true
      end
    end
  end
  return false
end

local function stop(message, hint)
  error({ status = "rule", message = hint and message .. "; " .. hint or message }, 0)
end

--- Is an operator analytic, with real coefficients?
function M.is_holomorphic(session, name)
  local op = session.ops[name]
  for _, property in ipairs(HOLOMORPHIC) do
    if op and op[property] then
      return true
    end
  end
  return false
end

--- Has an operator of the rules, or of the engine (`own`), real values where its arguments are real, and is it applied to such only?
function M.has_real_values(session, name, own)
  return own and VALUES[name] or not own and not M.is_holomorphic(session, name)
end

-- Operators of one argument that are analytic where that is a positive number.
local function of_positive(session, name, own, args)
  local op = session.ops[name]
  if own then
    return (name == "power" or name == "elpower") and not math.tointeger(tonumber(session:text(args[2])) or 0.5)
  end
  return op and op.branched or false
end

-- Are all arguments that hold something complex equal to their conjugates?
local function all_real(args, holds, real)
  for _, arg in ipairs(args) do
    if holds[arg] and not real(arg, arg) then
      return false
    end
  end
  return true
end

-- Are there letters that have taken the place of complex ones? Then the expression was checked before.
local function is_apart(session, id)
  local analytic = own_bit(session, "analytic")
  for _, x in ipairs(session.S:below(id, "symbol")) do
    if session.S:attributes(x) & analytic ~= 0 and not M.is_letter(session, x) then
      return true
    end
  end
  return false
end

--- Stop at what is applied to a complex expression and is not known to be analytic. A logarithm and a power have branches: each has
-- the same derivative, but an identity may hold of one and not of another.
-- @tparam table session
-- @tparam integer id
-- @tparam function real is an expression equal to its conjugate?
-- @tparam[opt] boolean branches a logarithm or a power of what is not real will do
function M.check(session, id, real, branches)
  local S, holds = session.S, {}
  if is_apart(session, id) then
    return
  end
  for _, node in ipairs(S:postorder(id)) do
    local name, own = S:op(node)
    local args = S:args(node)
    holds[node] = name == "symbol" and M.is_letter(session, node) or is_unit(session, node)
    for _, arg in ipairs(args) do
      holds[node] = holds[node] or holds[arg] or false
    end
    local applied = false
    for _, arg in ipairs(args) do
      applied = applied or holds[arg]
    end
    local op = not own and session.ops[name]
    if applied and op and op.of_hermitian and not S:property("hermitian", args[1]) then
      local message = "eigenvalues are known of Hermitian matrices, and %s is not known to be Hermitian"
      stop(message:format(session:text(args[1])))
    elseif applied and of_positive(session, name, own, args) then
      local will_do = branches and (own or session.ops[name].elementwise)
      if not will_do and ((own and holds[args[2]]) or not real(args[1], node)) then
        local what = own and "a power that is no whole number" or name
        local message = "%s is taken of a real value only, and %s is not known to be its own conjugate"
        stop(message:format(what, session:text(args[1])))
      end
    elseif
      applied
      and not (own and BUILTIN[name] or not own and M.is_holomorphic(session, name))
      and not ((not own or VALUES[name]) and all_real(args, holds, real))
    then
      stop(("%s of a complex expression is not known"):format(own and "'" .. name .. "'" or name), HINTS[name])
    end
  end
end

--- A tree in which `^H` is the conjugate transpose, unless H is a declared scalar. The tree itself is not changed.
function M.with_adjoints(session, tree)
  local var = scopes.lookup(session.scope, "H")
  return adjoints.written_out(tree, var and var.kind == "scalar" or nil)
end

--- Is the sign ' of the notation of a program, which is written there for a transpose, the conjugate transpose of what is complex?
-- @tparam table notation with `programs`, its rows
function M.has_conjugating_sign(notation)
  for _, row in ipairs(notation.programs or {}) do
    if row.reads and row.form == "%1'" then
      return true
    end
  end
  return false
end

--- The names of the complex letters that are declared: a set, or nil.
function M.declared(session)
  local set = {}
  for name in pairs(session.complex_letters or {}) do
    local var = scopes.lookup(session.scope, name)
    set[name] = var and var.id and M.is_letter(session, var.id) or nil
  end
  return next(set) and set or nil
end

-- Does an argument of a call, or a part of it, hold a complex letter? A text that may name one counts.
local function mentions(session, x, depth)
  if type(x) == "string" then
    local names = M.declared(session) or {}
    if x:find "[\128-\255]" then
      return (next(names))
    elseif x:find "%di%f[^%w_]" or x:find("imagunit", 1, true) then
      return "1i"
    end
    for name in pairs(names) do
      if x:find(name, 1, true) then
        return name
      end
    end
    return nil
  end
  local S, id = core.unwrap(x)
  if S then
    local letter = S == session.S and M.letters(session, id)[1]
    return letter and S:name(letter) or S == session.S and M.occurs(session, { x }) and "1i" or nil
  elseif type(x) == "table" and depth < 4 then
    for _, part in pairs(x) do
      local name = mentions(session, part, depth + 1)
      if name then
        return name
      end
    end
  end
  return nil
end

--- Raise an error where an argument of a call that knows real letters only holds a complex one.
-- @tparam table session
-- @tparam string what the call
-- @param ... its arguments
function M.need_real(session, what, ...)
  for i = 1, select("#", ...) do
    local name = mentions(session, (select(i, ...)), 1)
    if name then
      local found = name == "1i" and "1i is the imaginary unit" or name .. " is declared complex"
      errors.refuse(("%s knows real letters only, and %s"):format(what, found))
    end
  end
end

return M
