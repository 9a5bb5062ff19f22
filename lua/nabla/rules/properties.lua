--- The properties that an operator may have, as words of rule files: `operator tr(A(n,n)): scalar  linear cyclic`.
--
-- @module nabla.rules.properties

local loaders = require "nabla.rules.loader"
local spelling = require "nabla.text.spelling"

local M = {}

--- The words: a set.
M.known = {}
for name in
  ([[assoc comm linear additive antilinear involution elementwise cyclic matrixfunction avoid bilinear sum_of_entries
  transpose_invariant transpose_equivariant odd even entry unit_matrix replaceable expectation
  jointly_linear member lone_member holomorphic branched imaginary_unit conjugate_pair of_hermitian
  real_part]]):gmatch "%S+"
do
  M.known[name] = true
end

-- Properties that only operators of one form have: the form, with sizes named in the order in which they come, and how it is
-- written. `alone`: one operator has it, which the engine uses for itself.
local FORMS = {
  sum_of_entries = { "(a,b): (1,1)", "operator f(A(m,n)): scalar", alone = true },
  cyclic = { "(a,a): (1,1)", "operator f(A(n,n)): scalar", alone = true },
  entry = {
    "(a,b) index a index b: (1,1)",
    "operator f(A(m,n), index i(m), index j(n)): scalar",
    alone = true,
  },
  unit_matrix = {
    "index a index b size a size b: (a,b)",
    "operator f(index i(m), index j(n), m, n): matrix (m,n)",
    alone = true,
  },
  member = {
    "(a*b,c*d) index a index c size a size c size b size d: (b,d)",
    "operator f(X(M*p,N*q), index i(M), index j(N), M, N, p, q): matrix (p,q)",
    alone = true,
  },
  lone_member = {
    "(a,b) index c index d size c size d size a size b: (c*a,d*b)",
    "operator f(T(p,q), index i(M), index j(N), M, N, p, q): matrix (M*p,N*q)",
    alone = true,
  },
  imaginary_unit = { ": (1,1)", "operator i: scalar", alone = true },
  real_part = { "(a,b): (a,b)", "function f(A(m,n)): matrix (m,n)", alone = true },
  matrixfunction = { "(a,a): (a,a)", "operator f(A(n,n)): matrix (n,n)" },
}

-- Other words for properties.
local SYNONYMS = {
  associative = "assoc",
  commutative = "comm",
  entrywise = "elementwise",
  multilinear = "bilinear",
  selfinverse = "involution",
}

-- What may have been meant by a word that is no property.
local function hint_on(session, st, flag)
  local names = loaders.keys(M.known)
  local nearest = SYNONYMS[flag] or spelling.nearest(flag, names)
  if nearest then
    return "did you mean " .. nearest .. "?"
  elseif session.attributes[flag] then
    return string.format("it is an attribute: say it of the values, fact %s(%s(..))", flag, st.name)
  end
  return "known: " .. table.concat(names, " ")
end

--- Stop at a property of a definition that there is not.
function M.check_known(loader, st)
  local unknown, place -- the first one
  for flag in pairs(st.flags or {}) do
    local pos = st.flagpos and st.flagpos[flag]
    if not M.known[flag] and (not unknown or (pos or 0) < (place or 0)) then
      unknown, place = flag, pos
    end
  end
  if unknown then
    local hint = hint_on(loader.session, st, unknown)
    loader:stop(place or st, "unknown property '" .. unknown .. "' of an operator", hint)
  end
end

-- The form of an operator, as FORMS have it.
local function form_of(S, op)
  local function shape(rows, cols)
    return rows and cols and string.format("(%s,%s)", S:dimtext(rows), S:dimtext(cols)) or "any"
  end
  local parts = {}
  for i, p in ipairs(op.params) do
    parts[i] = p.index and "index " .. (p.rows and S:dimtext(p.rows) or "any")
      or p.dimension and "size " .. p.dimension
      or shape(p.rows, p.cols)
  end
  local text = table.concat(parts, " ") .. ": " .. (op.same and parts[1] or shape(op.rows, op.cols))
  local names, count = { index = "index", size = "size", any = "any" }, 0
  return (
    text:gsub("[%a_\128-\255][%w_\128-\255]*", function(name)
      if not names[name] then
        count = count + 1
        names[name] = string.char(96 + count)
      end
      return names[name]
    end)
  )
end

--- Stop at a property that only operators of another form have, or that another operator has alone.
-- @tparam Loader loader
-- @tparam table st the definition
-- @tparam table op the operator that it makes
function M.check_forms(loader, st, op)
  local session = loader.session
  for property, form in pairs(FORMS) do
    if op[property] and form_of(session.S, op) ~= form[1] then
      local message = string.format("the property %s is one of operators of another form", property)
      loader:stop(st.flagpos[property], message, form[2])
    end
    for name, other in pairs(form.alone and op[property] and session.ops or {}) do
      if other[property] and not other.gone and name ~= op.name then
        loader:stop(
          st.flagpos[property],
          string.format("%s has the property %s already; one operator can have it", name, property),
          string.format('take it away first: without operator "%s"', name)
        )
      end
    end
  end
end

--- Has an operator a property, and are there expressions of it? There are none of those that stand for their body.
-- @tparam table op
-- @tparam string property
-- @treturn boolean
function M.has(op, property)
  local has = op[property] or property == "elementwise" and op.spreads
  return has and not op.gone and not op.stands_for_body or false
end

--- The operators with a property, in the order in which they were defined.
-- @tparam table session
-- @tparam string property
-- @tparam[opt] integer newer only those whose number is higher
-- @treturn {table,...}
function M.operators(session, property, newer)
  local numbers, by_number = {}, {}
  newer = newer or -1
  for _, op in pairs(session.ops) do
    if op.number > newer and M.has(op, property) then
      numbers[#numbers + 1], by_number[op.number] = op.number, op
    end
  end
  table.sort(numbers) -- without a function of Lua, which would take most of the time
  for i, number in ipairs(numbers) do
    numbers[i] = by_number[number]
  end
  return numbers
end

return M
