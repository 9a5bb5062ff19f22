--- Functions of an expression and a variable: `function laplacian(scalar f, variable x(n)): scalar = tr(D(D(f,x),x))`.
--
-- Such a function is a formula with places for trees, not an operator of the engine: a call is its body, with the arguments in their
-- places.
-- An argument may be an unknown function; round one, a function with a print form keeps its name in what is printed.
-- Derivatives in the body are those of the numerator layout, whatever the layout in force,
-- so that a function means one thing.
--
-- @module nabla.rules.formulas

local trees = require "nabla.language.tree"

local M = {}

local KNOWN = { D = true, I = true, d = true, ones = true, zeros = true }

--- Is a statement the definition of one?
function M.is_one(st)
  if st.kind ~= "function" then
    return false
  end
  for _, param in ipairs(st.params) do
    if param.variable then
      return true
    end
  end
  return false
end

--- Make its name known.
function M.define(loader, st)
  local session = loader.session
  local old = session.ops[st.name]
  if old and not old.gone or session.formulas[st.name] then
    loader:stop(st, st.name .. " is defined already", "give the function another name")
  elseif not st.body then
    loader:stop(
      st,
      "a function of a variable needs a body",
      string.format("function %s(scalar f, variable x(n)): scalar = tr(D(D(f,x),x))", st.name)
    )
  elseif st.differential or st.derivative then
    loader:stop(st, "a function of a variable is its body; its differential follows", "leave the differential out")
  end
  local names, positions = {}, {}
  for i, param in ipairs(st.params) do
    if param.of or param.index then
      loader:stop(param, "a function of a variable takes expressions and variables")
    end
    names[i], positions[param.name] = param.name, i
  end
  for _, leaf in ipairs(trees.leaves(st.body)) do
    local name = leaf.name
    if not positions[name] and not session.ops[name] then
      loader:stop(
        leaf,
        "unknown name '" .. name .. "'",
        "a function of a variable uses its parameters only: " .. table.concat(names, ", ")
      )
    end
  end
  trees.walk(st.body, function(tree)
    local name = tree.tag == "call" and tree.name
    local known = session.ops[name] or session.formulas[name] or positions[name] or KNOWN[name]
    if name and not known then
      local hint = "define it above: operator " .. name .. "(..): .., or function " .. name .. "(..): .. = .."
      loader:stop(tree, "unknown function '" .. name .. "'", hint)
    end
  end)
  session.formulas[st.name] = {
    name = st.name,
    params = names,
    body = st.body,
    unicode = st.unicode,
    latex = st.latex,
    infix = st.infix,
    file = loader.file,
    line = st.line,
  }
end

--- One that has a print form keeps its name round an unknown function.
function M.keep_name(loader, st)
  if st.unicode or st.latex or st.infix then
    require("nabla.rules.preferences").keep_name(loader, st)
  end
end

-- A print form of a formula, if it can be read: it names all arguments, and literals are round them.
local function readable(formula, form)
  if form and (form:find "^%%%d" or form:find "%%%d$") then
    return nil
  end
  for i = 1, form and #formula.params or 0 do
    if not form:find("%" .. i, 1, true) then
      return nil
    end
  end
  return form
end

--- The operators of a session and its functions of a variable, by name, with the print forms that can be read.
function M.with_operators(session)
  if not next(session.formulas) then
    return session.ops
  end
  local all = {}
  for name, op in pairs(session.ops) do
    all[name] = op
  end
  for name, f in pairs(session.formulas) do
    local unicode, latex = readable(f, f.unicode), readable(f, f.latex)
    all[name] = { name = name, params = f.params, unicode = unicode, latex = latex, infix = f.infix }
  end
  return all
end

return M
