--- The statement `prefer`: which of two equal forms is printed (nabla.print.preferences).
--
-- Both sides are kept as they are written: what is preferred is how an answer reads. Invariant: the sides are equal, or the
-- file is refused, as with `check`.
--
-- @module nabla.rules.preferences

local as_written = require "nabla.print.as_written"
local core = require "nabla.core"
local display = require "nabla.print.display"
local elaborate = require "nabla.language.elaborate"
local loaders = require "nabla.rules.loader"
local preferences = require "nabla.print.preferences"
local rebuild = require "nabla.print.rebuild"
local trees = require "nabla.language.tree"

local M = {}

local KIND = core.constants.kinds

-- Powers of -1 as the printer writes them.
local function with_inverses(tree)
  if #tree == 0 then
    return tree
  end
  local parts, changed = {}, false
  for i = 1, #tree do
    parts[i] = with_inverses(tree[i])
    changed = changed or parts[i] ~= tree[i]
  end
  local exponent = tree.tag == "power" and parts[2]
  if exponent and exponent.tag == "neg" and exponent[1] == display.one then
    return display.call("inv", { parts[1] })
  end
  return changed and rebuild.with(tree, parts) or tree -- a sum keeps the order in which it is written
end

-- The side of a declared variable that is a size, as of S in S.*I(n); nil if no variable of the form has it.
local function size_of(loader, name, form)
  local names = {}
  for variable in pairs(trees.names(form)) do
    names[#names + 1] = variable
  end
  table.sort(names)
  for _, variable in ipairs(names) do
    local d = loader.decls[variable] or {}
    for _, side in ipairs { "rows", "cols" } do
      if d[side] and d[side].tag == "name" and d[side].name == name then
        return { name = variable, side = side }
      end
    end
  end
  return nil
end

-- The variables of a preference: the declared names in it, and the sizes.
local function variables(loader, scope, st)
  local vars, names = {}, trees.names { st.lhs, st.rhs }
  for name in pairs(names) do
    local d = loader.decls[name]
    if not d and scope.dims[name] then
      vars[name] = { name = name, kind = "size", size_of = size_of(loader, name, st.rhs) }
    elseif d then
      local attributes
      for _, attribute in ipairs(d.attributes or {}) do
        attributes = attributes or {}
        attributes[#attributes + 1] = attribute.name
      end
      vars[name] = { name = name, kind = d.kind, func = d.of ~= nil, attributes = attributes }
    end
  end
  return vars
end

-- Stop at a variable of the preferred side that the other does not bind.
local function check_bound(loader, preference, st)
  local bound = trees.names(st.rhs)
  for name in pairs(trees.names(st.lhs)) do
    local var = preference.vars[name]
    if var and not bound[name] and not var.size_of then
      loader:stop(
        trees.find(st.lhs, name) or st.lhs,
        ("the variable %s stands on the preferred side only"):format(name),
        "a preference can use only what the form behind `over` has"
      )
    end
  end
end

-- Is a derivative D(f, x) in a tree?
local function has_derivative(tree)
  local found = false
  trees.walk(tree, function(t)
    found = found or t.tag == "call" and t.name == "D"
  end)
  return found
end

-- The context of a preference in a layout, and the nodes of its sides.
local function sides_in(loader, st, scope, layout)
  local place = { text = loader.text, file = loader.file, scope = scope, layout = layout }
  local c = elaborate.context(loader.session, place)
  return c, c:sides(st.lhs, st.rhs)
end

-- Is a preference with derivatives one in every layout? What D(f, x) is, is said by the layout.
local function holds_in_all(loader, st, scope)
  for _, layout in ipairs { "numerator", "denominator" } do
    local ok, _, a, b = pcall(sides_in, loader, st, scope, loader.session.layouts[layout] and layout)
    if not ok or a ~= b and require("nabla.rules.identities").compare(loader.session, a, b) ~= "yes" then
      return false
    end
  end
  return true
end

-- The preference of a statement; the nodes of its sides and the scope of its names.
local function preference_of(loader, st)
  local session = loader.session
  local scope = loader:symbols(loader:declarations_of { st.lhs, st.rhs })
  local c, a, b = sides_in(loader, st, scope)
  local written = as_written.context(session, scope, c.types)
  local preference = {
    name = st.name or "",
    to = with_inverses(as_written.tree(written, st.lhs)),
    from = with_inverses(as_written.tree(written, st.rhs)),
    vars = variables(loader, scope, st),
    cite = st.cite,
    file = loader.file,
    line = st.line,
  }
  preference.order = preferences.order_of(preference.from, preference.to)
  return preference, a, b, scope
end

--- `prefer FORM over FORM`.
function M.prefer(loader, st)
  local session = loader.session
  local preference, a, b, scope = preference_of(loader, st)
  check_bound(loader, preference, st)
  local verdict, why = require("nabla.rules.identities").compare(session, a, b)
  if verdict ~= "yes" then
    local known = verdict == "no" and "the two forms are not equal" or "that the two forms are equal is not decided"
    loader:stop(st, known, why)
  end
  if preference.vars[preference.from.text] then
    loader:stop(st.rhs, "the form behind `over` is any expression")
  end
  local _, acted = preferences.apply(nil, { preference }, preference.from)
  if preference.order and not next(acted) then
    local hint = "write what tells them apart: A*x + b"
    loader:stop(st, "the terms may stand for each other: this order says nothing", hint)
  elseif preferences.has_no_end({ preference }, preference.to) then
    local hint = "the form before `over` is printed in place of the one behind it, which it may not contain"
    loader:stop(st, "this preference would act on what it prefers, without end", hint)
  end
  if has_derivative { st.lhs, st.rhs } and not holds_in_all(loader, st, scope) then
    preference.layouts = { [session.layout] = true }
  end
  local list = {}
  for i, other in ipairs(session.preferences or {}) do
    list[i] = other
    if preferences.has_no_end({ other, preference }, preference.to) then
      local place = (" (%s:%d)"):format(other.file or "text", other.line)
      loader:stop(st, "this preference and another" .. place .. " would undo each other", "leave one of them out")
    end
  end
  list[#list + 1] = preference
  session.preferences = list
end

-- ---------------------------------------------------------------------------------------------- names that are kept

-- The variable of a function of expressions and one variable; nil if it has several.
local function only_variable(st)
  local found, count = nil, 0
  for _, param in ipairs(st.params) do
    if param.variable then
      found, count = param, count + 1
    end
  end
  return count == 1 and found or nil
end

-- The parameters as what is printed by the function's name: its expressions are unknown functions of its variable.
local function as_declarations(st, variable)
  local decls = {}
  for _, p in ipairs(st.params) do
    local kind = p.cols and "matrix" or p.rows and "vector" or "scalar"
    local of = p ~= variable and variable.name or nil
    decls[p.name] = { name = p.name, kind = kind, rows = p.rows, cols = p.cols, of = of, pos = p.pos or st.pos }
  end
  return decls
end

--- A function of an expression and a variable that has a print form keeps its name round an unknown function: what its body is
-- printed as, in each layout, is written as the call.
-- @tparam Loader loader
-- @tparam table st the statement `function`
function M.keep_name(loader, st)
  local session, variable = loader.session, only_variable(st)
  if not variable then
    return
  end
  local outer, args = loader.decls, {}
  loader.decls = as_declarations(st, variable)
  for i, p in ipairs(st.params) do
    args[i] = { tag = "name", name = p.name, pos = st.pos }
  end
  local call = { tag = "call", name = st.name, args = args, pos = st.pos }
  local kept, list = {}, table.move(session.preferences or {}, 1, #(session.preferences or {}), 1, {})
  for _, layout in ipairs(loaders.keys(session.layouts)) do
    local scope = loader:symbols(loader:declarations_of(call))
    local c = elaborate.context(session, { text = loader.text, file = loader.file, scope = scope, layout = layout })
    local ok, id = pcall(c.node, c, call) -- a layout may have no row for a derivative in the body
    local from = ok and session:tree(id, { preferences = false })
    local text = from and session:write(from)
    if from and #from > 0 and not kept[text] then
      local written = as_written.context(session, scope, c.types)
      kept[text] = {
        name = st.name .. " keeps its name",
        to = as_written.tree(written, call),
        from = from,
        vars = variables(loader, scope, { lhs = call, rhs = call }),
        layouts = {},
        keep = session.S:handle(id), -- the leaves of the form are nodes of it
        whole = true, -- tr(D(D(g, x), x)) goes before D(g, x)
        file = loader.file,
        line = st.line,
      }
      list[#list + 1] = kept[text]
    end
    if kept[text] then
      kept[text].layouts[layout] = true
    end
  end
  loader.decls, session.preferences = outer, list[1] and list or nil
end

-- ---------------------------------------------------------------------------------------------- preferences without effect

local MOST_FACTORS = 4

-- A node with each matrix variable replaced by a product of so many matrices, and each number by one.
local function with_products(session, preference, scope, id, count)
  local S, from, to = session.S, {}, {}
  if count == 1 then
    return id
  end
  for name, var in pairs(preference.vars) do
    if var.kind == "number" then
      from[#from + 1], to[#to + 1] = scope.vars[name].id, S:rational(count)
    end
    local symbol = var.kind == "matrix" and not var.func and not var.attributes and scope.vars[name]
    if symbol then
      local factors = {}
      for i = 1, count do
        local rows = i == 1 and symbol.rows or S:dim(("%s%d"):format(name, i))
        local cols = i == count and symbol.cols or S:dim(("%s%d"):format(name, i + 1))
        if symbol.rows == symbol.cols then
          rows, cols = symbol.rows, symbol.cols
        end
        factors[i] = S:symbol(("%s_%d"):format(name, i), KIND.matrix, 0, rows, cols)
      end
      from[#from + 1], to[#to + 1] = symbol.id, S:product(factors)
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

--- Does a preference act on no form that is printed, neither of its variables nor of products in their places?
-- @tparam table session one that has read the file
-- @tparam table entry of nabla.check.lint
-- @tparam string text of the file
-- @treturn string|nil then how the form behind `over` is printed
function M.idle(session, entry, text)
  local loader = loaders.new(session, text, entry.file, {})
  loader.decls, loader.statement = entry.known, entry.st
  local preference, _, id, scope = preference_of(loader, entry.st)
  if preference.order then -- nabla's own order depends on the letters
    return nil
  end
  local printed
  for count = 1, MOST_FACTORS do
    local tree = session:tree(with_products(session, preference, scope, id, count), { preferences = false })
    local _, acted = preferences.apply(session.S, { preference }, tree)
    if next(acted) then
      return nil
    end
    printed = printed or session:write(tree)
  end
  return printed
end

return M
