--- nabla: matrix calculus by rules.
--
--     local nabla = require "nabla"
--     local s = nabla.new { layout = "denominator" }
--     local A, b, x = s:declare "matrix A(m,n), vector b(m), vector x(n)"
--     print(s:diff(nabla.norm2(A*x - b)^2, x))      --> 2*A'*(A*x - b)
--
-- Every operator of the rule files is a function of this module: nabla.tr(A), nabla.kron(A, B). An unknown name is an error.
--
-- @module nabla

if not math.type then -- the first of what older Lua lacks; the other modules do not even parse there
  error("nabla needs Lua 5.3 or 5.4; this is " .. (rawget(_G, "jit") and "LuaJIT" or _VERSION), 0)
end

require("nabla.start.precompiled").install()

local handles = require "nabla.session.handles"
local node = require "nabla.session.node"
local Session = require "nabla.session"
local spelling = require "nabla.text.spelling"

local M = {}

-- Proofs are above the session, which asks for them by this name.
function Session.prove_loaded(...)
  local there, loading = pcall(require, "nabla.check.loading")
  if not there then
    error({ message = "the option check needs the numeric module, which is not there: " .. tostring(loading) }, 0)
  end
  loading.prove(...)
end

--- The version of nabla: `nabla --version` prints it, and the rockspecs are named after it.
M.version = "1.0.0"

M._VERSION = "nabla " .. M.version

--- A new session; see nabla.Session.
M.new = Session.new

--- The Hadamard product of nodes, A.*B.
M.hadamard = function(...)
  local result = node.hadamard(...)
  return result
end

--- The sum of a list of nodes, in one go.
M.add = function(list)
  local result = node.fold("sum", list)
  return result
end

--- The matrix product of a list of nodes, in one go.
M.multiply = function(list)
  local result = node.fold("product", list)
  return result
end

--- Are two nodes (or texts) equal? "yes", "no" or "unknown", why, and a counterexample. See nabla.Session:equal.
M.equal = function(a, b)
  local session = Session.of(a) or Session.of(b)
  if not session then
    error("equal takes at least one node", 2)
  end
  return session:equal(a, b)
end

--- The equation of two sides, at least one of them a node: nabla.Equation.
M.eq = function(a, b)
  local session = Session.of(a) or Session.of(b)
  if not session then
    error("eq takes at least one node", 2)
  end
  local e, err = session:equation(a, b)
  if not e then
    error(err.message, 2)
  end
  return e
end

-- The functions of a session that has the default rules only, for whoever asks before there is a session.
local default_functions

-- Is there an operator of this name, in a session or in the default rules?
local function is_function(name)
  for _, session in handles.sessions() do
    if session.ops[name] and not session.ops[name].gone then
      return true
    end
  end
  if not default_functions then
    local session = Session.new()
    default_functions = session and session.ops or {}
  end
  return default_functions[name] ~= nil
end

return setmetatable(M, {
  __index = function(_, name)
    if type(name) ~= "string" or name:sub(1, 1) == "_" then
      return nil
    elseif not is_function(name) then
      local known = spelling.names(default_functions)
      for _, of in ipairs { M, Session } do
        for key in pairs(of) do
          known[#known + 1] = key
        end
      end
      local nearest = spelling.nearest(name, known)
      local where = nearest and Session[nearest] and not rawget(M, nearest) and "session:" or "nabla."
      local hint = nearest and "; did you mean " .. where .. nearest .. "?" or ""
      error(("nabla has no function '%s'%s"):format(name, hint), 2)
    end
    return function(...)
      local result = node.apply(name, ...) -- no tail call: errors point at the caller
      return result
    end
  end,
})
