--- The statements `curvature` and `domain`: what is known of convexity.
--
-- A curvature becomes a rule of the engine that rewrites nothing: nabla.convexity asks where it matches. What it says stands beside
-- the rule in the session, as `curvature`: `shape` (convex, concave, affine), `strictly`, and sets of the engine's numbers of
-- variables: `variables`, `increasing`, `decreasing`; `on`: a list of { attribute, variable }; `about_complex`: it is stated of complex
-- arguments as well, see is_about_complex.
--
-- @module nabla.rules.curvature

local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local trees = require "nabla.language.tree"

local M = {}

local KINDS = loaders.kinds

-- The variables of a list of names, as a set of the engine's numbers.
local function numbers(loader, scope, names, bound)
  local set = {}
  for _, item in ipairs(names or {}) do
    local var = bound[item.name] and scope.vars[item.name]
    if not var then
      loader:stop(item, ("%s is no variable of the expression"):format(item.name), "name a variable of a let in it")
    end
    set[var.index + 1] = true
  end
  return set
end

-- The domain: attributes of variables.
local function domain_of(loader, scope, conditions, bound)
  local list = {}
  for _, condition in ipairs(conditions or {}) do
    local arg = condition.tag == "call" and #condition.args == 1 and condition.args[1]
    local var = arg and arg.tag == "name" and bound[arg.name] and scope.vars[arg.name]
    if not var then
      local hint = arg and "a condition on an expression stands behind if: if " .. condition.name .. "(..)"
        or "a domain is written on positive(t)"
      loader:stop(condition, "a domain is an attribute of a variable of the expression", hint)
    end
    loader:known_attribute(condition.name, condition.pos)
    list[#list + 1] = { attribute = condition.name, variable = var.index + 1 }
  end
  return list
end

-- Is a statement about complex arguments? Its expression holds a conjugate or an operator of a value and its conjugate, or a condition
-- is on an attribute of complex letters or on a conjugate.
local function is_about_complex(loader, lhs, conditions)
  local session = loader.session
  for _, c in ipairs(conditions or {}) do
    for name in pairs(trees.names(c)) do
      if session.ops[name] and session.ops[name].antilinear then
        return true
      end
    end
    if c.tag == "call" and session.attributes[c.name] and loader:implied(c.name).complex then
      return true
    end
  end
  for _, node in ipairs(session.S:postorder(lhs)) do
    local name, own = session.S:op(node)
    local op = not own and session.ops[name]
    if op and (op.antilinear or op.conjugate_pair) then
      return true
    end
  end
end

--- `curvature`: in which variables an expression is convex, concave or affine, and in which it increases.
function M.curvature(loader, st, newer)
  loops.each_round(loader, st, newer, function(s)
    local c = loader:context(loader:variables(), true)
    local lhs = c:node(s.lhs)
    if loader.session.S:op(lhs) == "variable" then
      loader:stop(s.lhs, "a curvature is of an expression, not of a variable alone")
    end
    local conditions = loader:conditions(s.conditions, c, lhs)
    local bound = loader:open_names(lhs) or {}
    local curvature = {
      shape = st.shape,
      strictly = st.strictly and true,
      variables = numbers(loader, c.scope, st.variables, bound),
      increasing = numbers(loader, c.scope, st.increasing, bound),
      decreasing = numbers(loader, c.scope, st.decreasing, bound),
      on = domain_of(loader, c.scope, st.on, bound),
      about_complex = is_about_complex(loader, lhs, s.conditions),
    }
    for _, key in ipairs { "increasing", "decreasing" } do
      for number in pairs(curvature[key]) do
        if not curvature.variables[number] then
          loader:stop(st[key][1], ("the statement says no curvature in this variable"), "name it after `in` as well")
        end
      end
    end
    local serial = loader:add_rule(
      { name = st.name, line = st.line, pos = st.pos, cite = st.cite, zh = st.zh, over = s.over, kind = st.kind },
      loaders.fields(KINDS.curvature, lhs, nil, conditions)
    )
    loader.session.rules[serial].curvature = curvature
  end)
end

--- `domain subspace symmetric`: which attributes make convex sets.
function M.domain(loader, st)
  local domains = loaders.copy(loader.session.domains)
  for _, item in ipairs(st.names) do
    loader:known_attribute(item.name, item.pos)
    domains[item.name] = st.shape
  end
  loader.session.domains = domains
end

return M
