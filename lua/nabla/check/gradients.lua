--- Conventions about the gradient of a real function of a complex variable, by numbers.
--
-- A row `complex  G -> C(G)` is right if the real part of <C(G), dZ> is a positive multiple, the same everywhere, of the change of the
-- function along dZ: C(G) points uphill the fastest.
--
-- @module nabla.check.gradients

local conjugates = require "nabla.check.conjugates"
local errors = require "nabla.text.errors"
local loaders = require "nabla.rules.loader"
local proof = require "nabla.check.proof"
local random_conjugates = require "nabla.compare.random_conjugates"
local tree_value = require "nabla.check.tree_value"

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local M = {}

local ROUNDS = 4

-- The change of the function over the real part of <C(G), dZ>, for random G and dZ; or nil and an error.
local function ratio(checker, source, row, has, n)
  local G, conjugate = random_conjugates.with(source, has, n, n)
  local dz, conjugate_dz = random_conjugates.with(source, has, n, n)
  local env = tree_value.env(checker.session, { vars = { [row.gradient] = G }, dims = { n = n, m = n } })
  env.partners = { [row.gradient] = conjugate }
  local ok, value = errors.attempt(env.value, env, row.rhs)
  if not ok then
    return nil, value
  end
  local turned = conjugates.exchanged(env):value(row.rhs)
  local tied = not has.complex
  local change = tree_value.inner(G, dz) + (tied and 0 or tree_value.inner(conjugate, conjugate_dz))
  return change / ((tree_value.inner(turned, dz) + tree_value.inner(value, conjugate_dz)) / 2)
end

--- The verdict on the rows of a convention that are about complex variables.
function M.convention(checker, st, source)
  for _, row in ipairs(st.rows) do
    local names, has, first = {}, {}, nil
    for i, a in ipairs(row.attributes) do
      names[i], has[a.name] = a.name, true
    end
    local title = table.concat(names, " ")
    for round = 1, row.rhs and ROUNDS or 0 do
      local known, k, why = true, nil, nil
      for name in pairs(has) do
        known = known and random_conjugates.tests[name] ~= nil
      end
      if known then
        k, why = ratio(checker, source, row, has, 1 + round)
      end
      if not known then
        return OPEN, "what the convention " .. st.name .. " means is defined by this statement"
      elseif not k then
        return FAILED, title .. ": " .. (type(why) == "table" and why.message or tostring(why))
      end
      first = first or k
      if not (k > 0) or math.abs(k - first) > proof.TOLERANCE * first then
        local message = "%s: this is not the direction in which a real function of the variable grows the fastest"
        return FAILED, message:format(title)
      end
    end
  end
  return PROVED, { how = "floating", instances = ROUNDS, tolerance = proof.TOLERANCE }
end

--- Is a convention about complex variables alone?
function M.concern(st, session)
  for _, row in ipairs(st.rows) do
    local complex = false
    for _, a in ipairs(row.attributes) do
      complex = complex or a.name == "complex" or loaders.new(session, ""):implied(a.name).complex ~= nil
    end
    if not complex then
      return false
    end
  end
  return #st.rows > 0
end

return M
