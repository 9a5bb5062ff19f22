--- Splits a formula from a page into the function, the variable and the claimed derivative.
--
-- The text is LaTeX, the language of nabla, or plain mathematics with signs of Unicode. A page may define its names
-- (`y = A*x => d(y)/dx = A`), state several right sides in a chain, and state a differential (`d(X^-1) = ...`).
--
-- A formula is { text, f, x, y, claims, open, bold, notes, differential }: trees of nabla.language.syntax, `x` and
-- `y` texts; `through`: "vec", "vech" or "inv" if the derivative is by that function of x.
-- @module nabla.identify.formula

local copy_tree = require("nabla.language.tree").copy
local complex = require "nabla.language.complex"
local errors = require "nabla.text.errors"
local latex = require "nabla.latex.parser"
local letters = require "nabla.page.letters"
local page = require "nabla.page.page_to_node"
local readings = require "nabla.identify.substitution"
local scopes = require "nabla.language.scope"
local choices = require "nabla.page.choices"
local syntax = require "nabla.language.syntax"

-- What the reader of pages asks of a session.
local function reading(session)
  return page.known(session)
end

local M = {}

local function stop(text, pos, message, hint)
  error(errors.at { text = text, pos = pos, message = message, hint = hint }, 0)
end

-- The letters that are transposed in a tree.
local function transposed_in(tree, out)
  if type(tree) == "table" then
    if tree.tag == "transpose" and tree[1].tag == "name" then
      out[tree[1].name] = true
    end
    for _, v in pairs(tree) do
      transposed_in(v, out)
    end
  end
  return out
end

-- ---------------------------------------------------------------------------------------------- the language of nabla

-- A part of a text as a tree whose places are those of the whole text.
local function part(text, from, to)
  if not text:sub(from, to):find "%S" then
    stop(text, math.min(from, #text), "an expression is missing here", "d(x'*A*x)/dx = x'*(A + A')")
  end
  local tree, err = syntax.expression((" "):rep(from - 1) .. text:sub(from, to))
  if not tree then
    stop(text, err.pos or from, err.message, err.hint)
  end
  return tree
end

-- The places of the signs = that part sides, and of => that parts statements.
local function equals_signs(text, from)
  local depth, list, arrow, opened = 0, {}, nil, {}
  for i = from, #text do
    local c = text:sub(i, i)
    if c == "(" or c == "{" then
      depth = depth + 1
      opened[depth] = i
    elseif c == ")" or c == "}" then
      depth = depth - 1
    end
    if c == "=" and depth == 0 then
      if text:sub(i + 1, i + 1) == ">" then
        arrow = arrow or i
        break
      end
      list[#list + 1] = i
    end
  end
  if depth > 0 and #list == 0 and not arrow then
    stop(text, opened[depth], "this bracket is never closed", "`)` is missing")
  end
  return list, arrow
end

--- The parts of a tree D(f, x) or D(D(f, x), y): f, and the trees of x and y.
local function derivative_parts(text, tree)
  if tree.tag ~= "call" or tree.name ~= "D" or #tree.args ~= 2 then
    stop(
      text,
      tree.pos,
      "the left side is no derivative",
      "d(f)/dx = ..., or D(f, x) = ..., or \\frac{\\partial f}{\\partial x} = ..."
    )
  end
  local f, x, y = tree.args[1], tree.args[2], nil
  if f.tag == "call" and f.name == "D" and #f.args == 2 then
    f, x, y = f.args[1], f.args[2], x
  end
  return f, x, y
end

local function is_differential(tree)
  return tree.tag == "call" and tree.name == "d" and #tree.args == 1
end

-- Pages print I and 0 without their sizes.
local function with_placeholders(session, tree, open)
  if type(tree) ~= "table" then
    return tree
  end
  local sized = tree.tag == "call" and tree.name == "I"
  if tree.tag == "name" and tree.name == "I" and not scopes.lookup(session.scope, "I") then
    open[#open + 1] = { name = "O_I" .. #open + 1, what = "I" }
    return { tag = "name", name = open[#open].name, open = "square", pos = tree.pos }
  end
  for k, v in pairs(tree) do
    tree[k] = not sized and with_placeholders(session, v, open) or v
  end
  return tree
end

-- A tree in which ^H is the conjugate transpose, where a complex letter is declared.
local function with_adjoints(session, tree)
  return session.complex_letters and complex.with_adjoints(session, tree) or tree
end

-- The left side of a formula as text: d(f)/dx, d2(f)/dxdx', D(f, x), d(f). The tree of f, the trees of the variables.
local function left_side(text, from, last)
  local head = (" "):rep(from - 1) .. text:sub(from, last)
  local start, order, inner_from, inner_to, rest = head:match "^%s*()d%^?(2?)%s*()%b()()%s*/%s*(.-)%s*$"
  if not start then
    start, order, inner_from, inner_to, rest = head:match "^%s*()∂%^?(2?)%s*()%b()()%s*/%s*(.-)%s*$"
  end
  if not start then -- du/dx
    start, order, inner_from, inner_to, rest = head:match "^%s*()d%^?(2?)()[%a_][%w_]*()%s*/%s*(d.-)%s*$"
  end
  if not start then
    start, order, inner_from, inner_to, rest = head:match "^%s*()∂%^?(2?)()[%a_][%w_]*()%s*/%s*(∂.-)%s*$"
  end
  if not start then -- d/dx (f)
    local below, f_from
    start, below, f_from = head:match "^%s*()d%s*/%s*d([%a_][%w_]*'?)%s*()%b()%s*$"
    if not start then
      start, below, f_from = head:match "^%s*()∂%s*/%s*∂([%a_][%w_]*'?)%s*()%b()%s*$"
    end
    if start then
      order, inner_from, inner_to, rest = "", f_from, #head + 1, "d" .. below
    end
  end
  if start then
    local x, y
    local below = rest:gsub("∂", "d")
    x, y = below:match "^d%s*([%a_][%w_]*'?)%s*d%s*([%a_][%w_]*'?)$"
    x = x
      or below:match "^d%s*([%a_][%w_]*'?)$"
      or below:match "^d%s*([%a_][%w_]*%b()'?)$"
      or below:match "^d%s*%((.*)%)$"
    if not x then
      stop(text, start, "the variable of the derivative is missing", "d(f)/dx, or d2(f)/dxdx'")
    elseif (order == "2") ~= (y ~= nil) then
      stop(
        text,
        start,
        y and "order 1 above, 2 below" or "order 2 above, 1 below",
        ("a second derivative is taken twice: d2(f)/d%sd%s'"):format(x, x)
      )
    end
    local function variable(name)
      local tree = syntax.expression(name)
      if not tree then
        stop(text, start, ("%s is no variable"):format(name), "d(f)/dx, or d2(f)/dxdx'")
      end
      return tree
    end
    return part(text, inner_from, inner_to - 1), variable(x), y and variable((y:gsub("'$", ""))) or nil
  end
  local tree = part(text, from, last)
  if is_differential(tree) then
    return tree.args[1], nil, nil, true
  end
  return derivative_parts(text, tree)
end

-- On pages a transpose is often x^T; as long as no T is declared it means that.
local function plain(session, text)
  text = scopes.lookup(session.scope, "T") and text
    or text:gsub("%^%-T%f[^%w_]", "^-1' "):gsub("%^T%f[^%w_]", "' ")
  return (text:gsub(":=", " ="))
end

-- ∂u/∂x in a claim.
local function with_derivatives(text)
  return (text:gsub("∂([%a][%w_]*)/∂([%a][%w_]*)", "D(%1,%2)"))
end

local function read_text(session, given)
  local text = plain(session, given)
  local definitions, from = {}, 1
  local signs, arrow = equals_signs(text, from)
  while arrow do
    if #signs ~= 1 then
      stop(text, from, "a definition has one sign =", "y = A*x => d(y)/dx = A")
    end
    local name, parameter = text:sub(from, signs[1] - 1):match "^%s*([%a_][%w_]*)%s*%(?%s*([%w_]*)%s*%)?%s*$"
    if not name then
      stop(text, from, "a definition has a name on its left side", "y = A*x => d(y)/dx = A")
    end
    definitions[#definitions + 1] = {
      name = name,
      parameter = parameter ~= "" and parameter or nil,
      value = part(text, signs[1] + 1, arrow - 1),
    }
    from = arrow + 2
    signs, arrow = equals_signs(text, from)
  end
  if not signs[1] then
    stop(text, from, "this is no formula: the sign = is missing", "d(x'*A*x)/dx = x'*(A + A')")
  end
  local f, x, y, differential = left_side(text, from, signs[1] - 1)
  local claims = {}
  text = text:sub(1, signs[1]) .. with_derivatives(text:sub(signs[1] + 1))
  signs = equals_signs(text, from)
  for i, at in ipairs(signs) do
    claims[i] = part(text, at + 1, (signs[i + 1] or #text + 1) - 1)
  end
  local open = {}
  for i, claim in ipairs(claims) do
    claims[i] = with_placeholders(session, with_adjoints(session, claim), open)
  end
  return {
    text = text,
    f = with_placeholders(session, with_adjoints(session, f), open),
    x_tree = x,
    y_tree = y,
    differential = differential,
    claims = claims,
    open = open,
    bold = {},
    notes = {},
    definitions = definitions,
  }
end

-- ---------------------------------------------------------------------------------------------- LaTeX

-- How much more may be assumed for what is claimed. A claim that needs more does not fit.
local FURTHER = 1.5

-- Read trees of a page together: the letters are the same things in all of them. Where they do not fit together, the
-- kinds are those with which the first ones fit, and what does not fit stays as it is.
local function read_together(session, read, text, options, trees, first)
  local from = {
    scope = options.scope,
    bold = read.bold,
    placeholder = read.placeholder,
    stop = readings.stopper(text),
    variable = options.variable,
    options = { entrywise = options.entrywise, numbers_beside_matrices = true },
    free = {},
  }
  for i = 2, #trees do
    from.free[trees[i]] = true
  end
  local solution, found = choices.found(session, trees, from)
  local roles, fits = found and found[1].roles, found ~= nil
  if #trees > first then
    local _, alone = choices.found(session, table.move(trees, 1, first, 1, {}), from)
    if not found or alone and found[1].price > alone[1].price + FURTHER then
      local others = solution.roles or found[1].roles
      fits = false
      roles = setmetatable(alone and alone[1].roles or {}, { __index = others })
    end
  end
  local result = choices.finish(session, solution, roles, not fits)
  table.move(read.notes, 1, #read.notes, #result.notes + 1, result.notes)
  return result
end

-- What a derivative is by: a letter with an index is a name of its own.
local function variable_tree(tree, f)
  if not tree then
    return nil
  elseif tree.tag == "transpose" then
    return { tag = "transpose", variable_tree(tree[1], f), pos = tree.pos, oppos = tree.oppos }
  elseif tree.tag == "sub" then
    local args = tree.args or {}
    if #args > 0 and not letters.holds(f, { name = tree.name }) and letters.holds(f, { name = tree.base }) then
      return { tag = "call", name = tree.base, args = args, pos = tree.pos } -- an entry
    end
    return { tag = "name", name = tree.name, pos = tree.pos }
  elseif tree.tag == "apply" and #tree.args == 1 and tree.head.tag == "name" then
    return { tag = "call", name = tree.head.name, args = tree.args, pos = tree.pos }
  end
  return tree
end

local function is_derivative(tree)
  return tree.tag == "call" and tree.name == "D" or is_differential(tree)
end

-- On a left side \nabla f + g is the gradient of f + g.
local function whole_side(tree)
  local first = tree.tag == "sum" and not tree.paren and tree.args[1]
  if not (first and is_derivative(first) and first.name == "D" and first.args[1].name ~= "D") then
    return tree
  end
  tree.args[1] = first.args[1]
  first.args[1] = tree
  tree.paren = true
  return first
end

-- The side that is a derivative goes first: A = d(A*x)/dx. A letter alone that names it, as in H = d2(f)/dxdx' = A, is left out.
local function derivative_first(sides)
  sides[1] = whole_side(sides[1])
  for i = 2, is_derivative(sides[1]) and 0 or #sides do
    if is_derivative(sides[i]) then
      local out = { from = sides.from, sides[i] }
      for k, side in ipairs(sides) do
        local label = side.tag == "name" and #sides > 2 and k == 1
        out[#out + 1] = k ~= i and not label and side or nil
      end
      return out
    end
  end
  return sides
end

-- The statement that is asked about, and the definitions of the others.
local function split_claim(text, statements)
  local question, definitions
  for _, given in ipairs(statements) do
    local sides = derivative_first(given)
    if is_derivative(sides[1]) and #sides > 1 then
      if question then
        stop(
          text,
          sides[1].pos,
          "a second formula: one is judged at a time",
          "ask about each of them by itself"
        )
      end
      question = sides
      given.asked = true
    end
  end
  definitions = {}
  for _, sides in ipairs(statements) do
    if not sides.asked and sides.name and #sides == 2 then
      definitions[#definitions + 1] = { name = sides.name, parameter = sides.parameter, value = sides[2] }
    elseif not sides.asked and question then
      stop(
        text,
        sides.from,
        "this is neither a formula nor a definition",
        "y = A*x \\Rightarrow \\frac{\\partial y}{\\partial x} = A"
      )
    end
  end
  question = question or statements[#statements]
  if #question < 2 then
    derivative_parts(text, question[1])
    stop(
      text,
      #text + 1,
      "the right side is missing: a formula has a sign =",
      "\\frac{\\partial f}{\\partial x} = CLAIM"
    )
  end
  return question, definitions
end

local function read_latex(session, text, options)
  local read, err = latex.read(text, reading(session))
  if not read then
    error(err, 0)
  end
  local sides, definitions = split_claim(text, read.statements)
  local head = sides[1]
  local differential = is_differential(head)
  local f, x, y = head.args and head.args[1], nil, nil
  if not differential then
    f, x, y = derivative_parts(text, head)
  end
  local trees = { f }
  for _, definition in ipairs(definitions) do
    trees[#trees + 1] = definition.value
  end
  table.move(sides, 2, #sides, #trees + 1, trees)
  local own = x and (x.tag == "transpose" and x[1] or x)
  local variable = own and (own.tag == "name" or own.tag == "sub") and own.name ~= "?" and own
  options = setmetatable({
    variable = variable
      and { name = variable.name, base = variable.base or variable.name, indexed = variable.tag == "sub" },
  }, { __index = options })
  local result = read_together(session, read, text, options, trees, 1 + #definitions)
  for i, definition in ipairs(definitions) do
    definition.value = result.trees[i + 1]
  end
  return {
    text = text,
    f = result.trees[1],
    x_tree = variable_tree(x, result.trees[1]),
    y_tree = variable_tree(y, result.trees[1]),
    differential = differential,
    claims = table.move(result.trees, 2 + #definitions, #trees, 1, {}),
    open = read.placeholders,
    bold = read.bold,
    kinds = result.kinds,
    functions = result.functions,
    notes = result.notes,
    definitions = definitions,
    changed = result.changed,
  }
end

-- ---------------------------------------------------------------------------------------------- both

-- The variable's text from its tree; of vec(X) and X^-1 it is X.
local function variable_text(formula, tree, key)
  if not tree then
    return nil
  end
  local transposed = tree.tag == "transpose"
  local inner = transposed and tree[1] or tree
  local exponent = inner.tag == "power" and syntax.dump(inner[2])
  local inverse = exponent == "(-1)" or inner.tag == "call" and inner.name == "inv"
  local column = inner.tag == "call" and (inner.name == "vec" or inner.name == "vech")
  local argument = exponent and inner[1] or inner.args and inner.args[1]
  if (column or inverse) and argument.tag == "name" then
    formula.through = column and inner.name or "inv"
    formula.transposed = formula.transposed or key == "x" and transposed
    formula[key] = argument.name
  else
    formula[key] = tree.name == "?" and "?" or syntax.dump(tree)
  end
end

-- The values of functions in a tree: name -> the call.
local function calls_in(tree, out)
  if type(tree) == "table" then
    if tree.tag == "call" and #tree.args == 1 then
      out[tree.name] = tree
    end
    for _, v in pairs(tree) do
      calls_in(v, out)
    end
  end
  return out
end

-- D(f, g) where the expression holds g(u) is the derivative of f at g(u).
local function with_arguments(tree, calls)
  if type(tree) ~= "table" then
    return tree
  end
  local point = tree.tag == "call" and tree.name == "D" and #tree.args == 2 and tree.args[2]
  if point and point.tag == "name" and calls[point.name] then
    tree.args[2] = copy_tree(calls[point.name])
  end
  for k, v in pairs(tree) do
    tree[k] = with_arguments(v, calls)
  end
  return tree
end

local function finish(formula)
  for i, definition in ipairs(formula.definitions) do
    for k = i + 1, #formula.definitions do
      local other = formula.definitions[k]
      other.value = readings.substitute(other.value, definition)
    end
  end
  -- \nabla f(x) of a defined f: by its parameter
  for _, definition in ipairs(formula.definitions) do
    local f = formula.f
    local named = f.tag == "name" and f.name == definition.name
    local called = f.tag == "call" and f.name == definition.name and #f.args == 1 and f.args[1].tag == "name"
    if formula.x_tree and formula.x_tree.name == "?" and definition.parameter and (named or called) then
      local name = called and f.args[1].name or definition.parameter
      for _, key in ipairs { "x_tree", "y_tree" } do
        formula[key] = formula[key] and { tag = "name", name = name, pos = f.pos }
      end
    end
  end
  for _, definition in ipairs(formula.definitions) do
    if formula.f.tag == "name" and formula.f.name == definition.name then
      formula.f = copy_tree(definition.value)
    else
      formula.f = readings.substitute(formula.f, definition)
    end
    for i, claim in ipairs(formula.claims) do
      formula.claims[i] = readings.substitute(claim, definition)
    end
  end
  for i, claim in ipairs(formula.claims) do
    if claim.tag == "number" and tonumber(claim.text) == 0 then
      local name = "O_zeros" .. #formula.open + 1
      formula.open[#formula.open + 1] = { name = name, what = "zeros" }
      claim = { tag = "name", name = name, open = "any", pos = claim.pos }
    end
    formula.claims[i] = with_arguments(claim, calls_in(formula.f, {}))
  end
  variable_text(formula, formula.x_tree, "x")
  variable_text(formula, formula.y_tree, "y")
  return formula
end

--- Read a formula. Raises a nabla.Error.
-- @tparam table session
-- @tparam string text
-- @tparam table options readings: `entrywise`; `scope`: what the letters are, beside those declared
function M.read(session, text, options)
  if latex.is_latex(text) then
    return finish(read_latex(session, text, options))
  end
  local ok, formula = errors.attempt_in_budget(read_text, session, text)
  if not ok and text:find "%*" then
    error(formula, 0)
  elseif not ok then -- xᵀAx, with nothing between the letters
    local again, other = errors.attempt_in_budget(read_latex, session, text, options)
    if not again then
      error(formula, 0)
    end
    formula = other
  end
  return finish(formula)
end

--- Read an expression in LaTeX or in the language: a tree, what is open in it, the names in bold type, the notes. Raises.
function M.expression(session, text, options)
  if options.latex or latex.is_latex(text) then
    local read, err = latex.read(text, reading(session))
    if not read then
      error(err, 0)
    end
    local sides = read.statements[1]
    if #sides > 1 or #read.statements > 1 then
      stop(text, (sides[2] or read.statements[2][1]).pos, "an expression is not an equation")
    end
    local result = read_together(session, read, text, options, { sides[1] }, 1)
    return result.trees[1], read.placeholders, read.bold, result.notes, result
  end
  local tree, err = syntax.expression(with_derivatives(plain(session, text)))
  if not tree then
    error(err, 0)
  end
  return with_adjoints(session, tree), {}, {}, {}
end

M.transposed_in = transposed_in

return M
