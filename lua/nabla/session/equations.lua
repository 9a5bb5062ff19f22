--- Equations: reading, solving, stationary points. The methods of a session.
--
-- @submodule nabla.Session

local complex = require "nabla.language.complex"
local Equation = require "nabla.session.equation"
local Solutions = require "nabla.session.solutions"
local core = require "nabla.core"
local differentiate = require "nabla.session.differentiate"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local handles = require "nabla.session.handles"
local lift = require "nabla.session.lift"
local notations = require "nabla.session.notation"
local notes = require "nabla.text.notes"
local scopes = require "nabla.language.scope"
local shapes = require "nabla.text.shape"
local syntax = require "nabla.language.syntax"

local M = {}

local KIND = core.constants.kinds
local MOST_SIZES = 8 -- of undeclared letters that may have to be made one

local stop = lift.stop

-- ---------------------------------------------------------------------------------------------- reading

-- The two sides of a text, at its sign = that stands in no brackets; and where the right side begins.
local function split(text)
  local depth, at = 0, nil
  local i = 1
  while i <= #text do
    local c, two = text:sub(i, i), text:sub(i, i + 1)
    if two == "<=" or two == ">=" or two == "!=" or two == "~=" then
      stop("an equation has the sign =, found %s", two)
    elseif c == "(" or c == "[" or c == "{" then
      depth = depth + 1
    elseif c == ")" or c == "]" or c == "}" then
      depth = depth - 1
    elseif c == "=" and depth == 0 then
      if at then
        stop("an equation has one sign =, found two in %s", text)
      end
      at = { i, two == "==" and i + 2 or i + 1 }
      i = at[2] - 1
    end
    i = i + 1
  end
  if not at then
    stop("an equation has a sign =, such as A*x = b; found %s", text)
  end
  return text:sub(1, at[1] - 1), text:sub(at[2])
end

local function is_zero(text)
  return text:match "^%s*0%s*$" ~= nil
end

-- The trees of a text: left, right (nil for 0); nil where it is page text.
local function trees_of(session, text, as_page)
  local left, right = split(text)
  if as_page or text:find("\\", 1, true) then
    return nil, left, right
  end
  local signs = { signs = notations.signs(session) }
  local function tree(part)
    local ast, err = syntax.expression(part, signs)
    if not ast then
      error(err, 0)
    end
    return session.complex_letters and complex.with_adjoints(session, ast) or ast
  end
  local l, r = tree(left), tree(right)
  return { left = is_zero(left) and r or l, right = r, zero = is_zero(left) or is_zero(right) }, left, right
end

-- One tree in which all equations stand, so that the letters of all of them get their sizes together.
local function joint(session, list)
  local sums = session.S:operator_with "sum_of_entries"
  local args, signs, oppos = {}, {}, {}
  for i, t in ipairs(list) do
    local tree = t.left
    if not t.zero then
      tree = {
        tag = "sum",
        args = { t.left, t.right },
        signs = { 1, -1 },
        oppos = { false, t.left.pos },
        pos = t.left.pos,
        sides = true,
      }
    end
    args[i] = #list > 1 and { tag = "call", name = sums, args = { tree }, pos = t.left.pos, unwritten = true }
      or tree
    signs[i], oppos[i] = 1, i > 1 and t.left.pos or false
  end
  if #args == 1 then
    return args[1]
  end
  return { tag = "sum", args = args, signs = signs, oppos = oppos, pos = args[1].pos }
end

-- Notes without those on the sums that join several equations.
local function without_wrapping(session, list)
  local sums = session.S:operator_with "sum_of_entries"
  local kept = {}
  for _, note in ipairs(list or {}) do
    kept[#kept + 1] = note ~= ("the argument of %s is a scalar"):format(sums) and { text = note } or nil
  end
  return #kept > 0 and notes.list(kept) or nil
end

-- Read the texts of equations in one language; `scope`: what is known of their letters; `as_page`: as page text.
local function read_in_language(session, texts, scope, as_page)
  local list, own = {}, {}
  for i, text in ipairs(texts) do
    local trees, left, right = trees_of(session, text, as_page)
    list[i] = { trees = trees, left = left, right = right, text = text }
    own[#own + 1] = trees
  end
  local context
  if #own > 0 then
    context = elaborate.context(session, {
      text = texts[1],
      habit = true,
      scope = scope,
      layout = session.layout,
      convention = session.convention,
    })
    context:node(joint(session, own))
    scope = context.scope
    if #own > 1 then
      context.notes = without_wrapping(session, context.notes)
    end
  end
  local before, equations = session.scope, {}
  session.scope = scope or before
  local done, err = pcall(function()
    for i, item in ipairs(list) do
      if not item.trees and not is_zero(item.left) and not is_zero(item.right) then -- LaTeX: both sides together
        local difference = ("%s - \\left(%s\\right)"):format(item.left, item.right)
        local read, reason, c = errors.attempt(session.read, session, difference)
        if as_page and not read then
          error(reason, 0)
        end
        session.scope = read and c.scope or session.scope
        context = context or read and c or nil
      end
      local first = is_zero(item.left) and item.right or item.left
      local id, c = session:read(first)
      local one = session:wrap(id, handles.remember(session, c))
      local function other(text)
        if is_zero(text) then
          return session:wrap(session.S:zeros(session.S:rows(id), session.S:cols(id)))
        end
        local node, d = session:read(text)
        return session:wrap(node, handles.remember(session, d))
      end
      if first == item.left then
        equations[i] = Equation.new(session, one, other(item.right))
      else
        equations[i] = Equation.new(session, other(item.left), one)
      end
    end
  end)
  session.scope = before
  if not done then
    error(err, 0)
  end
  return equations, context
end

-- Read the texts of equations: in nabla's language, or else as page text, `A^T A x = A^T b`.
local function read_texts(session, texts, scope)
  local done, equations, context = pcall(read_in_language, session, texts, scope)
  if done then
    return equations, context
  elseif type(equations) ~= "table" then
    error(equations, 0)
  end
  local again, other, notes_of = pcall(read_in_language, session, texts, scope, true)
  if not again then
    error(equations, 0)
  end
  return other, notes_of
end

local function checked(session, equation)
  local S = session.S
  local _, l = handles.of(equation.left)
  local _, r = handles.of(equation.right)
  if S:rows(l) ~= S:rows(r) or S:cols(l) ~= S:cols(r) then
    stop("the left side is %s and the right side %s", shapes.of(S, l), shapes.of(S, r))
  end
  return equation
end

--- Read an equation, or make one of two nodes.
-- @param left a text with a sign =, or a node, a text or a number
-- @param[opt] right
-- @return the equation (nabla.Equation) and the notes on what was assumed; or nil and the error
function M:equation(left, right)
  self.S:begin()
  return handles.try(function()
    if Equation.is_equation(left) then
      return left
    elseif right == nil then
      if type(left) ~= "string" then
        stop("an equation is a text with a sign =, or two sides; found a %s", type(left))
      end
      local list, context = read_texts(self, { left })
      return handles.told(checked(self, list[1]), context and context.notes)
    elseif type(left) == "string" and type(right) == "string" then
      local list, context = read_texts(self, { left .. " = " .. right })
      return handles.told(checked(self, list[1]), context and context.notes)
    end
    local first, second = left, right
    if type(left) == "number" then
      first, second = right, left
    end
    local l, hint = lift.lift(self, first)
    local r, other = lift.lift(self, second, { near = { l }, like = l })
    if first ~= left then
      l, r, hint, other = r, l, other, hint
    end
    return checked(self, Equation.new(self, self:wrap(l, hint), self:wrap(r, other)))
  end)
end

-- ---------------------------------------------------------------------------------------------- solving

-- A list of what may be given alone.
local function listed(x)
  if type(x) == "table" and not Equation.is_equation(x) and not handles.of(x) then
    return x
  end
  return { x }
end

-- The names in a text such as "x, y".
local function unknowns_of(x)
  local list = {}
  for _, item in ipairs(listed(x)) do
    if type(item) == "string" then
      for name in item:gmatch "[^,]+" do
        list[#list + 1] = name:match "^%s*(.-)%s*$"
      end
    else
      list[#list + 1] = item
    end
  end
  if #list == 0 then
    stop "an unknown was expected: the name of a variable"
  end
  return list
end

-- The member of a family that a name or a node is; nil for others.
local function member_of(session, name, id, hints)
  local done, found = pcall(differentiate.variable, session, name, id, hints)
  return done and session.S:op(found) == session.S:operator_with "member" and found or nil
end

-- The ids of the unknowns, found in the equations; `of_points`: a member of a family may be one.
local function find_unknowns(session, names, ids, hints, of_points)
  local S, list, seen = session.S, {}, {}
  local all = #ids == 1 and ids[1] or S:product((function()
    local scalars = {}
    for i, id in ipairs(ids) do
      scalars[i] = S:apply(S:operator_with "sum_of_entries", { id })
    end
    return scalars
  end)())
  local keep = session:wrap(all)
  for i, name in ipairs(names) do
    local found
    if type(name) == "string" then
      for _, id in ipairs(ids) do
        for _, node in ipairs(S:postorder(id)) do
          found = found or S:op(node) == "symbol" and S:name(node) == name and S:kind(node) ~= "dimension" and node
        end
      end
    end
    local plain = type(name) == "string" and name:match "^[%w_]+$" and not scopes.lookup(session.scope, name)
    local member = not found and of_points and member_of(session, name, ids[1], hints)
    if plain and not (found or member) then
      stop("%s does not occur", name)
    end
    list[i] = found or member or differentiate.variable(session, name, ids[1], hints)
    if member then
      seen[member] = true
    elseif S:op(list[i]) ~= "symbol" or S:kind(list[i]) == "dimension" then
      stop("an unknown is a variable, found %s", session:text(list[i]))
    elseif seen[list[i]] then
      stop("%s is given twice", S:name(list[i]))
    end
    seen[list[i]] = true
  end
  return list, keep
end

local function ids_of(equations)
  local list, ids = {}, {}
  for i, e in ipairs(equations) do
    local _, l = handles.of(e.left)
    local _, r = handles.of(e.right)
    list[i] = { left = l, right = r }
    ids[#ids + 1], ids[#ids + 2] = l, r
  end
  return list, ids
end

-- Make two sizes of letters that nobody declared one: the letters change. A scope with them; nil where a size is no such name.
local function squared(session, letters, pair)
  local S = session.S
  local from, to = S:dimtext(pair[1]), S:dimtext(pair[2])
  if not (from:match "^[%a_][%w_]*$" and to:match "^[%a_][%w_]*$") then
    return nil
  elseif session.scope.dims[from] then
    from, to = to, from
  end
  if session.scope.dims[from] then
    return nil
  end
  local scope = scopes.scope(session.scope)
  local changed = false
  local function size(dim)
    if S:dimtext(dim) == from then
      changed = true
      return S:dim(to)
    end
    return dim
  end
  for _, letter in ipairs(letters) do
    local id = letter.id
    local rows, cols, kind = size(S:rows(id)), size(S:cols(id)), S:kind(id)
    letter.id = S:symbol(S:name(id), KIND[kind], 0, rows, cols)
    letter.handle = session:wrap(letter.id)
    scope.vars[letter.name] = { id = letter.id, rows = rows, cols = cols, kind = kind, handle = letter.handle }
    scope.vars[S:name(id)] = scope.vars[letter.name]
  end
  scope.dims[to] = true
  return changed and scope or nil
end

-- The equations, read, and what can be read anew with other sizes.
local function given_equations(session, equations)
  local list, texts = {}, {}
  for i, e in ipairs(listed(equations)) do
    if type(e) == "string" then
      texts[#texts + 1] = e
    elseif Equation.is_equation(e) then
      list[i] = e
    else
      stop("an equation was expected, found a %s", type(e))
    end
  end
  if #texts > 0 and #texts ~= #listed(equations) then
    for i, e in ipairs(listed(equations)) do
      list[i] = list[i] or select(1, read_texts(session, { e }))[1]
    end
    return list
  end
  if #texts > 0 then
    local read, context = read_texts(session, texts)
    return read, context, texts
  end
  if #list == 0 then
    stop "an equation was expected"
  end
  return list
end

-- One equation for each unknown, in their order, while the other unknowns are given.
local function solve_in_turn(session, list, unknowns)
  if #list ~= #unknowns then
    local text = "unknowns in turn take one equation each, in their order: found %d equations for %d unknowns"
    stop(text, #list, #unknowns)
  end
  local blocks = {}
  for i, e in ipairs(list) do
    blocks[i] = { equations = { e }, unknowns = { unknowns[i] } }
  end
  return require("nabla.solve.alternating").solve(session, blocks)
end

-- What was found, with complex letters in their places.
local function taken_back(session, found, back)
  return back and require("nabla.solve.complex_letters").back(session, found, back) or found
end

local function solve_once(session, equations, names, opts)
  local list, ids = ids_of(equations)
  for _, e in ipairs(equations) do
    checked(session, e)
  end
  local unknowns, keep = find_unknowns(session, names, ids, handles.hints[equations[1].left])
  local back
  if session.complex_letters then
    list, unknowns, back = require("nabla.solve.complex_letters").apart(session, list, unknowns)
  end
  if opts and opts.alternating then
    return taken_back(session, solve_in_turn(session, list, unknowns), back), keep
  end
  local found = require("nabla.solve.system").solve(session, list, unknowns)
  if #list == 1 and #unknowns == 1 and found.several and not (found.free or back) then
    found.others = require("nabla.solve").others(session, list[1], unknowns[1], found.values[1])
  end
  return taken_back(session, found, back), keep
end

--- Solve equations for unknowns: scalars, columns, matrices.
-- @param equations an equation or its text, or a list of them
-- @param unknowns a variable or its name, or a list of them; "x, y" names two
-- @tparam[opt] table opts `alternating = true`: each unknown from its own equation, in their order, while the others are given
-- @return the solutions (nabla.Solutions) and the notes on what was assumed; or nil and the error, which says why there is
-- no solution
function M:solve(equations, unknowns, opts)
  self.S:begin()
  return handles.try_pinned(self, function()
    local names = unknowns_of(unknowns)
    local list, context, texts = given_equations(self, equations)
    local done, result = pcall(solve_once, self, list, names, opts)
    local letters = {}
    for i, letter in ipairs(context and context.letters or {}) do
      letters[i] = { id = letter.id, name = letter.name }
    end
    for _ = 1, MOST_SIZES do
      local pair = context and type(result) == "table" and result.not_square
      local scope = pair and squared(self, letters, pair)
      if not scope then
        break
      end
      list = read_texts(self, texts, scope)
      done, result = pcall(solve_once, self, list, names, opts)
    end
    if not done then
      error(result, 0)
    end
    local assumed = context and context.notes
    return handles.told(Solutions.new(self, list, result), assumed)
  end)
end

-- What a verdict on convexity says of a stationary point, where the constraints are affine.
local KINDS = {
  ["strictly convex"] = "unique minimum",
  convex = "minimum",
  ["strictly concave"] = "unique maximum",
  concave = "maximum",
  affine = "minimum and maximum",
}

-- The same where unknowns are complex: what a verdict on convexity says, where the constraints are affine.
local function kind_of_complex_point(self, f, unknowns, constraints)
  local S, list = self.S, {}
  local is_affine = require("nabla.convexity.complex_letters").is_affine
  for _, c in ipairs(constraints) do
    local ok, affine = errors.attempt(is_affine, self, S:sum { c.left, S:neg(c.right) }, unknowns)
    if not (ok and affine) then
      return "unknown"
    end
  end
  for i, x in ipairs(unknowns) do
    list[i] = self:wrap(x)
  end
  local verdict = self:convexity(f, list)
  return verdict and KINDS[verdict.verdict] or "unknown", verdict and verdict.because
end

-- A kind that is proved where letters without a sign are positive, as the weight of a penalty: { kind, names }, or nil. The
-- constraints are affine.
local function kind_where_positive(self, f, list)
  local verdict, names = require("nabla.convexity").where_positive(self, f, list, function(verdict)
    return verdict.verdict ~= "affine" and KINDS[verdict.verdict] and not (verdict.needs and verdict.needs[1])
  end)
  return verdict and { KINDS[verdict.verdict], names } or nil
end

-- The kind of a stationary point, as far as it is proved, and what proves it; where nothing does, perhaps what kind it is where some
-- letters are positive. `values`: of the unknowns, or nil.
local function kind_of_point(self, f, unknowns, constraints, values)
  for _, x in ipairs(self.complex_letters and unknowns or {}) do
    if complex.is_letter(self, x) then
      return kind_of_complex_point(self, f, unknowns, constraints)
    end
  end
  local linear = require "nabla.solve.linear"
  local S = self.S
  for _, x in ipairs(unknowns) do
    if S:op(x) ~= "symbol" then -- a member of a family
      return "unknown"
    end
  end
  for _, c in ipairs(constraints) do
    for _, x in ipairs(unknowns) do
      if not linear.graph(self, S:sum { c.left, S:neg(c.right) }, x) then
        return "unknown"
      end
    end
  end
  local list, at = {}, values and table.move(values, 1, #unknowns, 1, {})
  for i, x in ipairs(unknowns) do
    list[i] = self:wrap(x)
  end
  -- numbers that are tried begin a new call of the engine, which forgets nodes without a handle
  local handled = {}
  for i, value in ipairs(at or {}) do
    handled[i] = self:wrap(value)
  end
  local verdict = self.convexity and self:convexity(f, list, { elsewhere = false })
  for i, value in ipairs(handled) do
    at[i] = select(2, handles.of(value))
  end
  local kind = verdict and KINDS[verdict.verdict]
  local convexity = require "nabla.convexity"
  if kind and not convexity.is_inside(self, verdict.needs, unknowns, at) then
    kind = nil
  end
  if kind or #constraints > 0 or not verdict then
    local elsewhere = not kind and verdict and kind_where_positive(self, f, list) or nil
    return kind or "unknown", verdict and verdict.because, elsewhere
  end
  local point
  if #unknowns > 1 then
    point = convexity.kind_of_point(self, f, list, nil, verdict)
  else
    point = convexity.kind_by_inverse(self, select(2, handles.of(f)), unknowns[1])
  end
  if point and point.kind ~= "unknown" then
    return point.kind, point.because
  end
  kind = at and convexity.kind_at(self, select(2, handles.of(f)), unknowns, at) or "unknown"
  return kind, verdict.because, kind == "unknown" and kind_where_positive(self, f, list) or nil
end

-- The expression and the constraints, read together.
local function given_problem(self, f, constraints)
  local S = self.S
  local list = {}
  local texts = type(f) == "string"
  for _, c in ipairs(constraints) do
    texts = texts and type(c) == "string"
  end
  if texts and #constraints > 0 then
    local all = { f .. " = 0", table.unpack(constraints) }
    local equations, context = read_texts(self, all)
    f = table.remove(equations, 1).left
    return f, equations, context and context.notes
  end
  local assumed
  if type(f) == "string" then
    local id, context = self:read(f)
    f, assumed = self:wrap(id, handles.remember(self, context)), context.notes
  end
  local _, id = handles.of(f)
  if not id then
    stop("an expression or its text was expected, found a %s", type(f))
  end
  for i, c in ipairs(constraints) do
    if Equation.is_equation(c) then
      list[i] = c
    else
      local e, err = self:equation(c)
      if not e then
        error(err, 0)
      end
      list[i] = e
    end
  end
  S:begin()
  return f, list, assumed
end

-- For each unknown the equations of a stationary point in it alone, with the constraints that hold it; then all of these equations.
local function points_in_turn(self, f, unknowns, constraints)
  local factors = require "nabla.algebra.factors"
  local blocks, shown = {}, {}
  for i, x in ipairs(unknowns) do
    local own, holds = {}, factors.holder(self.S, self.S:op(x) == "symbol" and x or self.S:args(x)[1])
    for _, c in ipairs(constraints) do
      own[#own + 1] = (holds(c.left) or holds(c.right)) and c or nil
    end
    local equations, multipliers, free = require("nabla.solve.stationary").equations(self, f, { x }, own)
    blocks[i] = { equations = equations, unknowns = { free[1], table.unpack(multipliers) } }
    table.move(equations, 1, #equations, #shown + 1, shown)
  end
  return blocks, shown
end

-- Unknowns in turn are real letters.
local function need_real_unknowns(self, unknowns)
  for _, x in ipairs(self.complex_letters and unknowns or {}) do
    if complex.is_letter(self, x) then
      stop("unknowns in turn are real letters, and %s is declared complex", self.S:name(x))
    end
  end
end

--- Find the stationary point of a scalar expression, perhaps under equality constraints.
-- @param f a node or a text
-- @param unknowns a variable or its name, or a list of them
-- @param[opt] constraints an equation or its text, or a list of them
-- @tparam[opt] table opts `alternating = true`: in each unknown alone, while the others are given, as the steps of an alternating
-- method; a multiplier then follows its unknown
-- @return the solutions (nabla.Solutions), the multipliers last, with `kind`: "unique minimum", "minimum", "maximum", ..,
-- "local minimum", "saddle", "unknown", and `conditions`; `kinds`, in turn, by the names of the unknowns; `stationary`, the
-- equations; `multipliers`, their symbols; `remaining`, equations that are left where some unknowns have no closed form; and the
-- notes. Or nil and the error
function M:stationary(f, unknowns, constraints, opts)
  self.S:begin()
  return handles.try_pinned(self, function()
    local names = unknowns_of(unknowns)
    local node, equations, assumed = given_problem(self, f, constraints and listed(constraints) or {})
    local _, id = handles.of(node)
    local list, ids = ids_of(equations)
    table.insert(ids, 1, id)
    local x = find_unknowns(self, names, ids, handles.hints[node], true)
    local in_turn = opts and opts.alternating
    local gradients, found, blocks, multipliers
    if in_turn then
      need_real_unknowns(self, x)
      blocks, gradients = points_in_turn(self, id, x, list)
      found = require("nabla.solve.alternating").solve(self, blocks)
    else
      gradients, found, multipliers = require("nabla.solve.point").solve(self, id, x, list)
    end
    local shown = {}
    for i, e in ipairs(gradients) do
      shown[i] = Equation.new(self, self:wrap(e.shown or e.left), self:wrap(e.right))
    end
    local keep = Solutions.new(self, shown, found)
    keep.stationary, keep.multipliers = shown, {}
    for i, multiplier in ipairs(multipliers or {}) do
      keep.multipliers[i] = self:wrap(multiplier)
    end
    if in_turn then
      keep.kinds = {}
      for _, v in ipairs(x) do
        keep.kinds[self:text(v)] = kind_of_point(self, node, { v }, list)
      end
    else
      if #gradients > #x + #list then -- an attribute of a variable is a constraint
        keep.kind = "unknown"
      else
        local solved = found.values and #found.values >= #x and not found.remaining and found.values or nil
        local kind_if
        keep.kind, keep.because, kind_if = kind_of_point(self, node, x, list, solved)
        if kind_if then
          keep:add_kind_if(table.unpack(kind_if))
        end
      end
    end
    return handles.told(keep, assumed)
  end)
end

return M
