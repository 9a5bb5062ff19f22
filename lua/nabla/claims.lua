--- Statements that claim: `identity`, `check`, `fail`.
--
-- An identity is a theorem with a name: it is read when its file is loaded, so that a mistake in it is found at once, and
-- worked out when session:check asks. A check or a fail has no name and is decided at once. Invariant: a claim never
-- changes how anything is rewritten.
--
-- @module nabla.claims

local loaders = require "nabla.loader"

local M = {}

local keys, meant, unrolled = loaders.keys, loaders.meant, loaders.unrolled

-- ---------------------------------------------------------------------------------------------- identities

-- Reads what is differentiated, the f of D(f, x) or of D(D(f, x), x); the derivative is not worked out.
local function read_derivative(loader, scope, ast)
  local call = ast.tag == "call" and ast.name == "D" and #ast.args == 2
  local f = call and ast.args[1]
  if not call or f.tag == "name" and scope.vars[f.name] and scope.vars[f.name].func then
    local c = loader:context(scope)
    c.infer(c, ast)
  else
    read_derivative(loader, scope, f)
  end
end

-- A derivative in several layouts.
local function read_answers(loader, scope, form)
  read_derivative(loader, scope, form.lhs)
  local known = loader.session.layouts
  for _, a in ipairs(form.answers) do
    if not known[a.layout] then
      loader:stop(a, "unknown layout '" .. a.layout .. "'", meant(a.layout, keys(known)))
    end
    local c = loader:context(scope)
    c.layout = a.layout
    c.infer(c, a.rhs)
  end
end

--- `identity`: named equations, or derivatives in several layouts.
function M.identity(loader, st)
  local session, name = loader.session, st.name
  if session.identities[name] then
    loader:stop(
      st,
      'there is an identity "' .. name .. '" already',
      'take it away first: without identity "' .. name .. '"'
    )
  end
  local decls = loader:declarations_of(st.forms, st.decls)
  local scope = loader:symbols(decls)
  for _, form in ipairs(st.forms) do
    if form.answers then
      read_answers(loader, scope, form)
    else
      loader:context(scope):sides(form.lhs, form.rhs)
    end
  end
  session.identities[name] = {
    name = name,
    zh = st.zh,
    cite = st.cite,
    decls = decls,
    forms = st.forms,
    text = loader.text,
    file = loader.file,
    line = st.line,
  }
  session.identity_order[#session.identity_order + 1] = name
end

-- ---------------------------------------------------------------------------------------------- checks

local function both_sides(loader, st)
  local c = loader:context(loader:symbols(loader:declarations_of { st.lhs, st.rhs }))
  return c:sides(st.lhs, st.rhs)
end

--- `check`: the two sides are equal, or the file is refused.
function M.check(loader, st)
  local session = loader.session
  local S = session.S
  for s in unrolled(st) do
    local a, b = both_sides(loader, s)
    if not session:same(a, b) then
      loader:stop(
        st,
        string.format(
          "the check fails: the left side is %s, the right side %s",
          session:text(S:textbook(a)),
          session:text(S:textbook(b))
        )
      )
    end
  end
end

--- `fail`: the rules do not make the two sides equal, or the file is refused.
function M.fail(loader, st)
  local session = loader.session
  for s in unrolled(st) do
    local a, b = both_sides(loader, s)
    if session:same(a, b) then
      loader:stop(
        st,
        "the two sides are equal, and the file says that they are not: both are " .. session:text(a)
      )
    end
  end
end

return M
