--- What the statements of layouts and conventions mean by numbers.
--
-- @module nabla.check.layouts

local arrangement = require "nabla.check.arrangement"
local errors = require "nabla.text.errors"
local floating = require "nabla.numeric.arithmetic"
local gradients = require "nabla.check.gradients"
local jacobian = require "nabla.compare.jacobian"
local matrix = require "nabla.numeric.matrix"
local proof = require "nabla.check.proof"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"
local several_parts = require "nabla.check.several_parts"
local tree_value = require "nabla.check.tree_value"
local variables = require "nabla.check.variables"

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local kinds = {}

-- ---------------------------------------------------------------------------------------------- layouts

-- vec(y)'s Jacobian as the literature's layouts arrange it.
local function same(J)
  return J
end
local function transposed(J)
  return J.T
end
local function as_variable(J, _, x)
  return tree_value.unvec(tree_value.vec(J.T), x.rows, x.cols)
end
local function as_value(J, y)
  return tree_value.unvec(J, y.rows, y.cols)
end
local function blocks(J, y, x, A)
  return arrangement.blocks(A, { J = J, y = y, x = x })
end
local function block_f(J, y, x, A)
  return tree_value.block_matrix(A, y.rows, y.cols, function(a, b)
    return A:build(x.rows, x.cols, function(i, j)
      return J((b - 1) * y.rows + a, (j - 1) * x.rows + i)
    end)
  end)
end
local function block_t(J, y, x, A)
  return arrangement.blocks(A, { J = J, y = y, x = x }, true)
end
local function then_transposed(f)
  return function(...)
    return f(...).T
  end
end

local literature = {
  numerator = {
    ["scalar by vector"] = same,
    ["vector by vector"] = same,
    ["vector by scalar"] = same,
    ["scalar by matrix"] = then_transposed(as_variable),
    ["matrix by scalar"] = as_value,
  },
  denominator = {
    ["scalar by vector"] = transposed,
    ["vector by vector"] = transposed,
    ["vector by scalar"] = transposed,
    ["scalar by matrix"] = as_variable,
    ["matrix by scalar"] = then_transposed(as_value),
  },
  mixed = {
    ["scalar by vector"] = transposed,
    ["vector by vector"] = same,
    ["vector by scalar"] = same,
    ["scalar by matrix"] = as_variable,
    ["matrix by scalar"] = as_value,
  },
  vec = setmetatable({}, {
    __index = function()
      return same
    end,
  }),
  block = setmetatable({}, {
    __index = function()
      return blocks
    end,
  }),
  block_f = setmetatable({}, {
    __index = function()
      return block_f
    end,
  }),
  block_t = setmetatable({}, {
    __index = function()
      return block_t
    end,
  }),
}

-- The entries of a matrix of residues, in an order that does not depend on their places.
local function entries(A)
  local list = {}
  for k = 1, #A do
    list[k] = residue.text(nil, residue.new(""):from(A[k]))
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- Why a matrix is no arrangement of the entries of a Jacobian; nil where it is one.
local function changed(A, G, J)
  if next(A.opaque) then
    return OPEN, "it depends on " .. next(A.opaque) .. ", whose value nothing says"
  elseif entries(G) ~= entries(J) then
    return FAILED, "what it gives has other entries than the derivative"
  end
end

function kinds.layout(checker, _, st)
  local A = residue.new "layout"
  local source = random_matrix.source(A, checker.random, "all")
  local all = several_parts.new()
  local sides = { scalar = { 1, 1 }, vector = { 3, 1 }, matrix = { 3, 2 }, row = { 1, 3 } }
  local by_sides = { scalar = { 1, 1 }, vector = { 4, 1 }, matrix = { 4, 5 }, row = { 1, 4 } }
  local known_layout = literature[st.name]
  for _, row in ipairs(st.rows) do
    local kind = row.of .. " by " .. row.by
    local s, p = sides[row.of] or { 2, 2 }, by_sides[row.by] or { 3, 3 }
    local attributed = not (sides[row.of] and by_sides[row.by])
    local x = source:matrix(p[1], p[2])
    local y, J = jacobian(A, A:unknown("f", s[1], s[2]), x)
    local env = tree_value.env(checker.session, { layouts = checker.layouts, layout = st.name, arithmetic = A })
    env.by = variables.new(checker, nil, {})
    local ok, G, why = errors.attempt(arrangement.of_row, env, row, { J = J, y = y, x = x })
    if not ok then
      return FAILED, kind .. ": " .. (type(G) == "table" and G.message or tostring(G))
    elseif not G then
      return FAILED, kind .. ": " .. why
    end
    local verdict, reason
    if not attributed then -- by coordinates, entries are added up
      verdict, reason = changed(A, G, J)
    end
    if verdict then
      return verdict, kind .. ": " .. reason
    elseif known_layout and row.of .. row.by ~= "scalarscalar" and known_layout[kind] then
      local stated = known_layout[kind](J, y, x, A)
      local agree, how = proof.agree(G, stated)
      all:add(PROVED, { how = "modulo", instances = 1, chance = residue.chance(G, stated) })
      if not agree then
        return FAILED,
          string.format("%s is not that of the %s layout of the literature: %s", kind, st.name, how or "")
      end
    end
  end
  all:add(PROVED, { how = "modulo", instances = 1, chance = 1 / residue.PRIME })
  return all:result()
end

-- ---------------------------------------------------------------------------------------------- conventions

-- Which entries move along with entry (i, j), by which factor: the element of the structure, or nil where there is none.
local function partner(names, i, j, n)
  local set = {}
  for _, a in ipairs(names) do
    set[a.name or a] = true
  end
  local e = matrix.zeros(n, n)
  if set.toeplitz then
    for a = 1, n do
      for b = 1, n do
        local same_diagonal = a - b == i - j or set.symmetric and b - a == i - j
        e:set(a, b, same_diagonal and 1 or 0)
      end
    end
    return e
  elseif set.diagonal or set.lower and set.upper then
    e:set(i, j, i == j and 1 or 0)
  elseif set.lower then
    e:set(i, j, i >= j and 1 or 0)
  elseif set.upper then
    e:set(i, j, i <= j and 1 or 0)
  elseif set.symmetric or set.hermitian then -- by real parts
    e:set(i, j, 1)
    e:set(j, i, 1)
  elseif set.skew or set.skewhermitian then
    if i ~= j then
      e:set(i, j, 1)
      e:set(j, i, -1)
    end
  else
    return nil
  end
  return e
end

function kinds.convention(checker, _, st)
  if gradients.concern(st, checker.session) then
    return gradients.convention(checker, st, random_matrix.source(floating, checker.random, "general"))
  elseif st.name ~= "entries" and st.name ~= "projected" then
    return OPEN, "what the convention " .. st.name .. " means is defined by this statement"
  end
  local source = random_matrix.source(floating, checker.random, "general")
  for _, row in ipairs(st.rows) do
    if row.rhs then
      for n = 2, 4 do
        local G = source:matrix(n, n)
        local env = tree_value.env(checker.session, { vars = { [row.gradient] = G }, dims = { n = n } })
        local ok, v = errors.attempt(env.value, env, row.rhs)
        local names = {}
        for i, a in ipairs(row.attributes) do
          names[i] = a.name
        end
        local title = table.concat(names, " ")
        if not ok then
          return FAILED, title .. ": " .. (type(v) == "table" and v.message or tostring(v))
        end
        for i = 1, n do
          for j = 1, n do
            local e = partner(names, i, j, n)
            if not e then
              return OPEN, "no definition by numbers of the structure " .. title
            end
            local wanted = tree_value.inner(G, e)
            local found = st.name == "entries" and v(i, j) or tree_value.inner(v, e)
            if math.abs(wanted - found) > proof.TOLERANCE * (1 + math.abs(wanted)) then
              return FAILED,
                string.format(
                  "%s: entry (%d,%d) is %.4g, it should be %.4g; %s = %s",
                  title,
                  i,
                  j,
                  found,
                  wanted,
                  row.gradient,
                  floating:text(G)
                )
            end
          end
        end
        if st.name == "projected" then
          for _, a in ipairs(names) do
            if not random_matrix.tests[a](v) then
              return FAILED,
                string.format(
                  "%s: the projection is not %s; %s = %s",
                  title,
                  a,
                  row.gradient,
                  floating:text(G)
                )
            end
          end
        end
      end
    end
  end
  return PROVED, { how = "floating", instances = 3, tolerance = proof.TOLERANCE }
end

return kinds
