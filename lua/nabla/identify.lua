--- Which layout is a formula written in? `d(x'*A*x)/dx = x'*(A + A')`
--
-- A claimed derivative is evaluated at random values and compared with the derivative, in every layout: nabla's own, which is first
-- compared with finite differences of the expression. A claim that is right nowhere is tried under other conventions, then
-- with values that have an attribute (A symmetric), and then with its tree changed a little: what makes it right names the mistake.
--
-- Invariant: nothing is called right that does not agree in value and shape, at every draw of values and sizes.
--
-- @module nabla.identify

local conventions = require "nabla.conventions"
local derivative = require "nabla.derivative"
local edits = require "nabla.edits"
local elaborate = require "nabla.elaborate"
local equality = require "nabla.equality"
local latex_input = require "nabla.latex_input"
local source = require "nabla.source"
local syntax = require "nabla.syntax"
local trials = require "nabla.trial"

local M = {}

local EXACT, DIFFERENCES = 1e-8, 1e-5 -- tolerances: of claims against the derivative, of the derivative against differences
local FIRST = { "numerator", "denominator", "mixed" } -- the layouts that are looked at before the others
local MOST_PAIRS, MOST_NEAREST = 1500, 3

-- ---------------------------------------------------------------------------------------------- reading a formula

local function stop(text, pos, message, hint)
  error(source.error { text = text, pos = pos, message = message, hint = hint }, 0)
end

-- What a name is, for the reader of LaTeX.
local function kinds_of(session)
  return function(name)
    local var = elaborate.lookup(session.scope, name)
    if var then
      return var.func and "function" or "variable"
    end
    local op = session.ops[name]
    return op and not op.gone and "operator" or session.scope.dims[name] and "size" or nil
  end
end

-- A part of a text as a tree whose places are those of the whole text.
local function part(text, from, to)
  local tree, err = syntax.expression((" "):rep(from - 1) .. text:sub(from, to))
  if not tree then
    stop(text, err.pos or from, err.message, err.hint)
  end
  return tree
end

-- The place of the sign = that parts two sides.
local function equals_sign(text)
  local depth = 0
  for i = 1, #text do
    local c = text:sub(i, i)
    depth = depth + ((c == "(" or c == "{") and 1 or (c == ")" or c == "}") and -1 or 0)
    if c == "=" and depth == 0 then
      return i
    end
  end
end

-- The left side of a formula as text: d(f)/dx, d2(f)/dxdx', D(f, x). The tree of f, the variables, the order.
local function left_side(text, last)
  local head = text:sub(1, last)
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
  if start then
    local x, y
    local below = rest:gsub("∂", "d")
    x, y = below:match "^d%s*([%a_][%w_]*'?)%s*d%s*([%a_][%w_]*'?)$"
    x = x
      or below:match "^d%s*([%a_][%w_]*'?)$"
      or below:match "^d%s*([%a_][%w_]*%b())$"
      or below:match "^d%s*%((.*)%)$"
    if not x then
      stop(text, 1, "the variable of the derivative is missing", "d(f)/dx, or d2(f)/dxdx'")
    elseif (order == "2") ~= (y ~= nil) then
      stop(
        text,
        start,
        y and "order 1 above, 2 below" or "order 2 above, 1 below",
        ("a second derivative is taken twice: d2(f)/d%sd%s'"):format(x, x)
      )
    end
    return part(text, inner_from, inner_to - 1), x, y and y:gsub("'$", "") or nil
  end
  local tree = part(text, 1, last)
  return M.derivative_parts(text, tree)
end

--- The parts of a tree D(f, x) or D(D(f, x), y).
function M.derivative_parts(text, tree)
  if tree.tag ~= "call" or tree.name ~= "D" or #tree.args ~= 2 then
    stop(
      text,
      tree.pos,
      "the left side is no derivative",
      "d(f)/dx = ..., or D(f, x) = ..., or \\frac{\\partial f}{\\partial x} = ..."
    )
  end
  local f, x, y = tree.args[1], syntax.dump(tree.args[2]), nil
  if f.tag == "call" and f.name == "D" and #f.args == 2 then
    f, x, y = f.args[1], syntax.dump(f.args[2]), x
  end
  return f, x, y
end

-- On pages a transpose is often x^T; as long as no T is declared it means that.
local function plain(session, text)
  return elaborate.lookup(session.scope, "T") and text or (text:gsub("%^T%f[^%w_]", "' "))
end

-- One expression, in LaTeX or in the language.
local function side(session, text, cross, latex)
  if latex or latex_input.is_latex(text) then
    local tree, right, open, bold = latex_input.parse(text, { kind = kinds_of(session), cross = cross })
    if not tree then
      error(right, 0)
    elseif right then
      stop(text, right.pos, "an expression is not an equation")
    end
    return tree, open, bold
  end
  local tree, err =
    syntax.expression((plain(session, text):gsub("∂([%a][%w_]*)/∂([%a][%w_]*)", "D(%1,%2)")))
  if not tree then
    error(err, 0)
  end
  return tree, {}, {}
end

-- A formula: { text, f, x, y, claim, open }.
local function read_formula(session, text, cross)
  if latex_input.is_latex(text) then
    local left, right, open, bold = latex_input.parse(text, { kind = kinds_of(session), cross = cross })
    if not left then
      error(right, 0)
    elseif not right then
      stop(text, #text + 1, "the right side is missing: a formula has a sign =")
    end
    local f, x, y = M.derivative_parts(text, left)
    return { text = text, f = f, x = x, y = y, claim = right, open = open, bold = bold, claim_text = text }
  end
  text = plain(session, text)
  local at = equals_sign(text)
  if not at then
    stop(text, 1, "this is no formula: the sign = is missing", "d(x'*A*x)/dx = x'*(A + A')")
  end
  local f, x, y = left_side(text, at - 1)
  text = text:sub(1, at) .. text:sub(at + 1):gsub("∂([%a][%w_]*)/∂([%a][%w_]*)", "D(%1,%2)")
  local claim = part(text, at + 1, #text)
  return { text = text, f = f, x = x, y = y, claim = claim, open = {}, bold = {}, claim_text = text }
end

-- ---------------------------------------------------------------------------------------------- elaboration

-- The tree of a node that is a symbol or a call of unknown functions.
local function tree_of(S, id, pos)
  if S:op(id) == "call" then
    local args = S:args(id)
    return { tag = "call", name = S:name(args[1]), args = { tree_of(S, args[2], pos) }, pos = pos }
  end
  return { tag = "name", name = S:name(id), pos = pos }
end

-- A bare `u` of a declared function u of x stands for u(x), but not in D(u, x).
local function complete(session, tree, inside_derivative)
  if type(tree) ~= "table" then
    return tree
  end
  local var = tree.tag == "name" and elaborate.lookup(session.scope, tree.name)
  if var and var.func then
    return inside_derivative and tree
      or {
        tag = "call",
        name = tree.name,
        args = { tree_of(session.S, var.arg_id, tree.pos) },
        pos = tree.pos,
      }
  end
  local copy = {}
  for k, v in pairs(tree) do
    if k == "args" then
      copy.args = {}
      for i, arg in ipairs(v) do
        copy.args[i] = complete(session, arg, tree.tag == "call" and tree.name == "D")
      end
    else
      copy[k] = type(v) == "table" and v.tag and complete(session, v) or v
    end
  end
  return copy
end

-- The node of a tree, and its handle. `open`: names of what LaTeX prints without sizes.
local function elaborated(session, tree, text, open, opts)
  local S = session.S
  local scope = opts.scope or session.scope
  local c = elaborate.context(session, {
    text = text,
    scope = scope,
    habit = true,
    layout = opts.layout or session.layout,
    convention = opts.convention or session.convention,
  })
  for name in pairs(opts.vectors or {}) do
    c.vectors[name] = true
  end
  local id = c:node(edits.copy(tree))
  if #open > 0 then
    local from, to = {}, {}
    for _, node in ipairs(S:postorder(id)) do
      local name = S:op(node) == "symbol" and S:name(node)
      for _, o in ipairs(name and open or {}) do
        if o.name == name then
          local rows, cols = S:rows(node), S:cols(node)
          from[#from + 1] = node
          if o.what == "E" then
            local at = {}
            for i, index in ipairs(o.indices) do
              local place = { text = text, scope = scope, habit = true }
              at[i] = elaborate.context(session, place):node(edits.copy(index))
            end
            to[#to + 1] = S:apply("E", { at[1], at[2], S:dimnode(rows), S:dimnode(cols) })
          else
            to[#to + 1] = o.what == "I" and S:identity(rows)
              or o.what == "ones" and S:ones(rows, cols)
              or S:zeros(rows, cols)
          end
        end
      end
    end
    id = S:replace(id, from, to)
  end
  return id, c
end

--- Read LaTeX as a node; for `session:parse`.
-- @return the id and the context of its elaboration
function M.latex(session, text, opts)
  local function attempt(cross)
    local tree, open, bold = side(session, text, cross, true)
    local o = { layout = opts and opts.layout, convention = opts and opts.convention, vectors = bold }
    return elaborated(session, complete(session, tree), text, open, o)
  end
  local ok, id, c = pcall(attempt, false)
  if not ok and text:find "\\times" then
    local again, other, context = pcall(attempt, true)
    if again then
      return other, context
    end
  end
  if not ok then
    error(id, 0)
  end
  return id, c
end

-- ---------------------------------------------------------------------------------------------- the question

local Question = {}
Question.__index = Question

local function layout_names(session, wanted)
  if wanted then
    derivative.layout_named(session, wanted)
    return { wanted }
  end
  local names, seen = {}, {}
  local function add(name)
    local layout = session.layouts[name]
    if layout and not seen[layout] then
      seen[layout], names[#names + 1] = true, name
    end
  end
  for _, name in ipairs(FIRST) do
    add(name)
  end
  for _, name in ipairs(source.names(session.layouts)) do
    add(name)
  end
  return names
end

-- The names of the variables in a tree.
local function names_in(tree, out)
  if type(tree) == "table" then
    if tree.tag == "name" or tree.tag == "call" then
      out[tree.name] = true
    end
    for _, v in pairs(tree) do
      names_in(v, out)
    end
  end
  return out
end

-- The letters that stand transposed in a tree.
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

-- The question with its expression read: the scope holds what the expression's letters were found to be.
local function ask(session, formula, opts)
  local S = session.S
  local self =
    setmetatable({ session = session, formula = formula, opts = opts, cache = {}, keep = {} }, Question)
  -- a letter is a vector if it is printed in bold, or stands transposed in the claim
  local vectors = transposed_in(formula.claim, {})
  for name in pairs(formula.bold) do
    vectors[name] = name:find "^%l" and true or nil
  end
  local f =
    elaborated(session, complete(session, formula.f), formula.text, formula.open, { vectors = vectors })
  self:hold(f)
  self.scope = elaborate.scope(session.scope)
  for _, node in ipairs(S:postorder(f)) do
    if S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:kind(node) ~= "counter" then
      local name = S:name(node)
      if not elaborate.lookup(session.scope, name) then
        self.scope.vars[name] =
          { name = name, id = node, rows = S:rows(node), cols = S:cols(node), kind = S:kind(node) }
      end
    end
  end
  local x, turned = session:variable(formula.x, f)
  local y = formula.y and session:variable(formula.y, f)
  self.f, self.x, self.turned = f, x, turned
  self.trial = trials.new(session, {
    f = f,
    x = x,
    y = y and y ~= x and y or nil,
    second = formula.y and true or nil,
    turned = turned,
    at = opts.at,
  })
  self.claim = complete(session, formula.claim)
  self.has_derivatives = names_in(self.claim, {}).D
  -- what the claim speaks of, for values
  self.further = {}
  for name in pairs(names_in(self.claim, {})) do
    local var = elaborate.lookup(self.scope, name)
    if var then
      self.further[#self.further + 1] = var.func and S:call(var.id, var.arg_id) or var.id
      self:hold(self.further[#self.further])
    end
  end
  return self
end

function Question:hold(id)
  self.keep[#self.keep + 1] = self.session:wrap(id)
  return id
end

-- The node of a claim's tree as a layout reads it, in the engine's form; nil and the error. What is printed without sizes, such
-- as \mathbf{0}, takes those that give the claim the shape of `like`, if there are such.
function Question:node(tree, layout, like)
  local ok, id = pcall(function()
    local open, text, session, S = self.formula.open, self.formula.claim_text, self.session, self.session.S
    local id
    if #open > 0 and like then
      local scope = elaborate.scope(self.scope)
      local rows, cols = S:rows(like), S:cols(like)
      local shape = S:symbol(" shape", 2, 0, rows, cols)
      scope.vars[" shape"] = { name = " shape", id = shape, rows = rows, cols = cols, kind = "matrix" }
      local sum = {
        tag = "sum",
        args = { tree, { tag = "name", name = " shape", pos = 1 } },
        signs = { 1, 1 },
        pos = 1,
      }
      sum.oppos = { false, 1 }
      local fits, whole = pcall(elaborated, session, sum, text, open, { scope = scope, layout = layout })
      id = fits and S:sum { whole, S:neg(shape) } or nil
    end
    id = id or elaborated(session, tree, text, open, { scope = self.scope, layout = layout })
    self:hold(id)
    return { id, self:hold(derivative.from_layout(self.session, id)) }
  end)
  if not ok then
    return nil, id
  end
  return id[2], id[1]
end

-- A world: attributes that values are to have beside those declared. Its values and differences at each draw.
function Question:world(extra, key)
  key = key or ""
  local known = self.cache[key]
  if not known then
    known = { extra = extra, draws = {} }
    self.cache[key] = known
    local more = { table.unpack(self.further) }
    for _, layout in ipairs(self.layouts) do
      local id = self:node(self.claim, layout)
      more[#more + 1] = id
    end
    known.ok, known.err = pcall(function()
      for draw = 1, trials.draws do
        local values, J = self.trial:differences(draw, more, extra)
        known.draws[draw] = { values = values, J = J }
      end
    end)
    if not known.ok and type(known.err) ~= "table" then
      error(known.err, 0)
    end
  end
  return known
end

-- What a layout and a convention give in a world: { shape of the arrangement, values at each draw }; nil and why.
function Question:truth(layout, convention, world, key, bits)
  key = table.concat({ "truth", layout, convention, key or "", bits or "" }, "\0")
  local known = self.cache[key]
  if known == nil then
    known = false
    local session = self.session
    local id, why =
      self.trial:arrangement(session.layouts[layout], conventions.named(session, convention), bits)
    if id then
      local F = trials.compile(session, id)
      known = { id = id, values = {} }
      for draw, at in ipairs(world.draws) do
        known.values[draw] = self.trial:arranged(F, at.values, at.J)
      end
      local answer = not bits and self:answer(layout, convention)
      if answer then
        local own = self:hold(derivative.from_layout(session, trials.id(answer)))
        local value, exact = trials.compile(session, own), {}
        known.own = own
        for draw, at in ipairs(world.draws) do
          local ok, v = pcall(value, at.values)
          local far = ok and trials.distance(v, known.values[draw])
          if not far or far > (self.trial.second and 1e-3 or DIFFERENCES) then
            exact = nil
            known.doubtful, known.own = true, nil
            break
          end
          exact[draw] = v
        end
        known.exact = exact
      end
    end
    self.cache[key] = known
    self.cache[key .. "why"] = why
  end
  return known or nil, self.cache[key .. "why"]
end

-- nabla's own derivative in a layout: a node, or nil and why.
function Question:answer(layout, convention)
  local session, formula = self.session, self.formula
  local key = "answer\0" .. layout .. "\0" .. convention
  if self.cache[key] == nil then
    local opts = { layout = layout, convention = convention }
    local f = session:wrap(self.f)
    local node, why
    if formula.y then
      node, why = session:hessian(f, formula.x, formula.y, opts)
    else
      node, why = session:diff(f, formula.x, opts)
    end
    self.cache[key] = node or false
    self.cache[key .. "why"] = not node and why or nil
  end
  return self.cache[key] or nil, self.cache[key .. "why"]
end

-- Does a node (in the engine's form) agree with the truth at each draw? Its values are remembered in `memo`.
function Question:agrees(id, truth, world, memo)
  local S = self.session.S
  if S:rows(id) ~= S:rows(truth.id) or S:cols(id) ~= S:cols(truth.id) then
    return false
  end
  memo.F = memo.F or trials.compile(self.session, id)
  for draw, at in ipairs(world.draws) do
    if memo[draw] == nil then
      local ok, v = pcall(memo.F, at.values)
      memo[draw] = ok and v or false
    end
    local v = memo[draw]
    local far = v and trials.distance(v, (truth.exact or truth.values)[draw])
    if not far or far > (truth.exact and EXACT or self.trial:tolerance() * 10) then
      return false
    end
  end
  return true
end

-- Is a tree right in a layout? right, and the node as that layout reads it.
function Question:judge(tree, layout, convention, world, key, bits, nodes)
  local truth = self:truth(layout, convention, world, key, bits)
  if not truth then
    return nil
  end
  local slot = (self.has_derivatives or #self.formula.open > 0) and layout or 1
  local known = nodes[slot]
  if known == nil then
    local own, shown = self:node(tree, layout, truth.id)
    known = own and { own = own, shown = shown, memo = {} } or { err = shown }
    nodes[slot] = known
  end
  if not known.own then
    return false, nil, known.err or nil
  end
  local S = self.session.S
  local function agrees(own, memo)
    local ok, right = pcall(self.agrees, self, own, truth, world, memo)
    if not ok and type(right) ~= "table" then
      error(right, 0)
    end
    local comparable = ok and right and truth.own and not self.opts.at
    if comparable then -- but for rounding they agree; do they for certain?
      return not equality.differ(self.session, own, truth.own, world.extra)
    end
    return ok and right
  end
  if agrees(known.own, known.memo) then
    return true, known.shown
  end
  if S:rows(truth.id) == S:cols(known.own) and S:cols(truth.id) == S:rows(known.own) then
    if agrees(self:hold(S:transpose(known.own)), {}) then
      return false, known.shown, "transposed"
    end
  end
  return false, known.shown
end

-- ---------------------------------------------------------------------------------------------- the steps

-- Each layout: right, transposed, wrong, or none there.
function Question:in_layouts(convention, result)
  local world = self:world(nil)
  if not world.ok then
    error(world.err, 0)
  end
  local nodes, found, meaningful = {}, false, false
  for _, layout in ipairs(self.layouts) do
    local truth, why = self:truth(layout, convention, world)
    local entry = { layout = layout, convention = convention }
    if not truth then
      entry.verdict, entry.reason = "none", why
    else
      local right, shown, how = self:judge(self.claim, layout, convention, world, nil, nil, nodes)
      entry.verdict = right and "right" or how == "transposed" and "transposed" or "wrong"
      entry.answer = self:answer(layout, convention)
      if truth.doubtful then
        entry.answer = nil
      end
      entry.claim = shown and self.session:wrap(shown) or nil
      if not right and type(how) == "table" then
        entry.reason = how.message
        result.error = result.error or how
      else
        meaningful = true
      end
      found = found or right
    end
    result.layouts[#result.layouts + 1] = entry
  end
  if meaningful then -- its sizes fit in some layout
    result.error = nil
  end
  return found
end

-- Other conventions, for a variable with structure.
function Question:in_conventions(result)
  local session = self.session
  local names = self.opts.convention and {} or source.names(session.conventions)
  local seen = {}
  for _, name in ipairs(names) do
    local convention = session.conventions[name]
    if not seen[convention] and name ~= session.convention then
      seen[convention] = true
      local nodes, world = {}, self:world(nil)
      for _, layout in ipairs(self.layouts) do
        local right, shown = self:judge(self.claim, layout, name, world, nil, nil, nodes)
        if right then
          result.conditions[#result.conditions + 1] =
            { layout = layout, convention = convention.name, claim = session:wrap(shown) }
        end
      end
    end
  end
  return #result.conditions > 0
end

-- The square matrices that the question speaks of.
function Question:matrices()
  local S, list, seen = self.session.S, {}, {}
  for _, id in ipairs { self.f, self.trial.variable, table.unpack(self.further) } do
    for _, node in ipairs(S:postorder(id)) do
      local square = S:op(node) == "symbol" and S:kind(node) == "matrix" and S:rows(node) == S:cols(node)
      if square and S:rows(node) ~= 1 and not seen[S:name(node)] then
        seen[S:name(node)] = true
        list[#list + 1] = node
      end
    end
  end
  table.sort(list, function(a, b)
    return S:name(a) < S:name(b)
  end)
  return list
end

-- Attributes of square matrices that a value can be given, those that say least first.
local function attributes_of(session)
  local list = {}
  for name in pairs(session.attributes) do
    if session.square[name] or name == "diagonal" or name == "orthogonal" then
      list[#list + 1] = name
    end
  end
  local function weight(name)
    local n = 0
    for _ in pairs(session.implications[name] or {}) do
      n = n + 1
    end
    return n
  end
  table.sort(list, function(a, b)
    local v, w = weight(a), weight(b)
    return v < w or v == w and (a == "symmetric" or b ~= "symmetric" and a < b)
  end)
  return list
end

local function implied_by(session, stronger, weaker)
  for other in pairs(session.implications[stronger] or {}) do
    if other == weaker or implied_by(session, other, weaker) then
      return true
    end
  end
  return false
end

-- Is a derivative zero in its world? Then any claim with a factor that is zero there would be right.
local function vanishes(truth)
  for _, value in ipairs(truth.values) do
    for k = 1, value.rows * value.cols do
      if math.abs(value[k]) > DIFFERENCES then
        return false
      end
    end
  end
  return true
end

-- Under which attributes is it right?
function Question:under_attributes(result)
  local session, S = self.session, self.session.S
  local matrices = self:matrices()
  local known = {
    symmetric = 1,
    skew = 1,
    diagonal = 1,
    orthogonal = 1,
    idempotent = 1,
    lower = 1,
    upper = 1,
    toeplitz = 1,
  }
  local function try(names, attribute, convention, bits)
    local extra, key = {}, { attribute }
    for i, name in ipairs(names) do
      extra[name] = { [attribute] = true }
      for weaker in pairs(session.implications[attribute] or {}) do
        extra[name][weaker] = true
      end
      key[i + 1] = name
    end
    key = table.concat(key, " ")
    local world = self:world(extra, key)
    if not world.ok then
      return
    end
    local nodes = {}
    for _, layout in ipairs(self.layouts) do
      local right, shown = self:judge(self.claim, layout, convention, world, key, bits, nodes)
      if right and not vanishes(self:truth(layout, convention, world, key, bits)) then
        result.conditions[#result.conditions + 1] = {
          layout = layout,
          names = names,
          attribute = attribute,
          convention = convention ~= session.convention and convention or nil,
          claim = session:wrap(shown),
        }
      end
    end
  end
  local function weaker_works(name, attribute)
    for _, c in ipairs(result.conditions) do
      if c.names and c.names[1] == name and #c.names == 1 and implied_by(session, attribute, c.attribute) then
        return true
      end
    end
  end
  local list = attributes_of(session)
  for _, attribute in ipairs(list) do
    for _, node in ipairs(known[attribute] and matrices or {}) do
      local name = S:name(node)
      if not S:property(attribute, node) and not weaker_works(name, attribute) then
        try({ name }, attribute, session.convention)
      end
    end
  end
  if #result.conditions == 0 and #matrices > 1 then
    local names = {}
    for i, node in ipairs(matrices) do
      names[i] = S:name(node)
    end
    for _, attribute in ipairs { "symmetric", "diagonal" } do
      if #result.conditions == 0 and session.attributes[attribute] then
        try(names, attribute, session.convention)
      end
    end
  end
  local x = self.trial.variable
  local before = #result.conditions
  for _, c in ipairs(result.conditions) do
    before = c.attribute == "symmetric" and math.huge or before
  end
  if before < math.huge and not self.opts.convention and S:kind(x) == "matrix" and S:rows(x) == S:cols(x) then
    for _, attribute in ipairs(list) do
      for _, convention in ipairs(source.names(session.conventions)) do
        local name = session.conventions[convention].name
        if name == convention and name ~= "free" and known[attribute] and #result.conditions == before then
          try({ S:name(x) }, attribute, convention, session.attributes[attribute].bits)
        end
      end
    end
  end
  return #result.conditions > 0
end

-- Is the claim of a first derivative the second one?
function Question:is_second(result)
  local session, S = self.session, self.session.S
  if self.formula.y or S:op(self.x) == "entry" or S:rows(self.f) ~= 1 or S:cols(self.f) ~= 1 then
    return false
  end
  local own = self:node(self.claim, session.layout)
  local question = { f = self.f, x = self.x, second = true, at = self.opts.at }
  local ok, right = pcall(function()
    return own
      and trials.new(session, question):agrees(own, session.layouts[session.layout], conventions.free)
      and session:hessian(session:wrap(self.f), self.formula.x)
  end)
  if ok and right then
    result.nearest[1] = {
      layout = session.layout,
      change = "the second derivative, twice by " .. self.formula.x,
      answer = right,
    }
  end
  return ok and right
end

-- Small changes of the claim that make it right.
function Question:near(result)
  local world, session = self:world(nil), self.session
  local convention = session.convention
  local seen, found = {}, 0
  local function try(edit)
    local nodes, hit = {}, false
    for _, layout in ipairs(self.layouts) do
      local ok, right, shown = pcall(self.judge, self, edit.tree, layout, convention, world, nil, nil, nodes)
      if not ok and type(right) ~= "table" then
        error(right, 0)
      end
      if ok and right then
        local node = session:wrap(shown)
        local key = layout .. "\0" .. tostring(node)
        if not seen[key] then
          seen[key] = true
          result.nearest[#result.nearest + 1] = { layout = layout, change = edit.text, answer = node }
          hit = true
        end
      end
    end
    found = found + (hit and 1 or 0)
  end
  local single = edits.single(self.claim, self.scope)
  for _, edit in ipairs(single) do
    try(edit)
    if found >= MOST_NEAREST then
      return true
    end
  end
  if found == 0 then
    for _, edit in ipairs(edits.pairs_of(single, MOST_PAIRS)) do
      try(edit)
      if found > 0 then
        break
      end
    end
  end
  return found > 0
end

--- Identify a formula; see nabla.Session:identify.
function M.identify(session, given)
  local function attempt(cross)
    local formula
    if given.formula then
      formula = read_formula(session, given.formula, cross)
    else
      local function node(text)
        if type(text) ~= "string" then
          text = session:text(text)
        end
        return side(session, text, cross)
      end
      local f, f_open, bold = node(given.expr)
      local claim, open, also_bold = node(given.claim)
      for name in pairs(also_bold) do
        bold[name] = true
      end
      for _, o in ipairs(f_open) do
        open[#open + 1] = o
      end
      formula = {
        text = tostring(given.expr),
        f = f,
        x = given.wrt,
        claim = claim,
        open = open,
        bold = bold,
        claim_text = tostring(given.claim),
      }
      if given.hessian then
        formula.y = given.hessian == true and given.wrt or given.hessian
      end
      if latex_input.is_latex(given.wrt) then
        formula.x = syntax.dump((side(session, given.wrt)))
      end
    end
    local self = ask(session, formula, given)
    self.layouts = layout_names(session, given.layout)
    return self
  end
  local ok, self = pcall(attempt, false)
  if not ok and (given.formula or given.expr .. given.claim):find "\\times" then
    local again, other = pcall(attempt, true)
    if again then
      ok, self = again, other
    end
  end
  if not ok then
    error(self, 0)
  end
  local result = { layouts = {}, conditions = {}, nearest = {} }
  result.expr, result.wrt, result.wrt2 = session:wrap(self.f), self.formula.x, self.formula.y
  if self:in_layouts(session.convention, result) then
    result.status = "right"
  elseif self:in_conventions(result) or self:under_attributes(result) then
    result.status = "conditional"
  else
    local transposed = false
    for _, entry in ipairs(result.layouts) do
      transposed = transposed or entry.verdict == "transposed"
    end
    result.status = transposed and "transposed" or "wrong"
    if not transposed and not self:is_second(result) then
      self:near(result)
    end
  end
  if given.to then
    derivative.layout_named(session, given.to)
    local node, why = self:answer(given.to, session.convention)
    if not node then
      error(why, 0)
    end
    self.layouts = { given.to }
    local truth = self:truth(given.to, session.convention, self:world(nil))
    if not truth or truth.doubtful then
      error({
        status = "rule",
        message = "the derivative in the " .. given.to .. " layout does not agree with finite differences",
      }, 0)
    end
    result.converted = node
  end
  return result
end

-- ---------------------------------------------------------------------------------------------- in words

local function condition_text(c)
  local parts = {}
  if c.names then
    parts[1] = ("if %s %s %s"):format(
      table.concat(c.names, " and "),
      #c.names > 1 and "are" or "is",
      c.attribute
    )
  end
  if c.convention then
    parts[#parts + 1] = "by the convention " .. c.convention
  end
  return table.concat(parts, ", ")
end

-- Entries with the same text together, with the layouts of all.
local function grouped(list, text)
  local groups, known = {}, {}
  for _, entry in ipairs(list) do
    local key = text(entry)
    if not known[key] then
      known[key] = { key = key, layouts = {} }
      groups[#groups + 1] = known[key]
    end
    table.insert(known[key].layouts, entry.layout)
  end
  return groups
end

local SUMMARY = {
  right = "right",
  conditional = "right under a condition",
  transposed = "right after a transpose only",
  wrong = "wrong in every layout",
}

--- The result of `identify` as lines of text.
-- @tparam table result
-- @tparam[opt] string how text, unicode or latex
function M.describe(result, how)
  local out, rows = {}, {}
  local function text(node)
    return node:text(how or "text")
  end
  out[1] = SUMMARY[result.status]
  if #result.layouts == 1 and result.status == "wrong" then
    out[1] = "wrong"
  end
  local refused = {}
  for _, entry in ipairs(result.layouts) do
    if entry.verdict == "none" then
      refused[#refused + 1] = entry.layout
    elseif entry.verdict == "right" then
      rows[#rows + 1] = { entry.layout, "right" }
    else
      local what = entry.verdict == "transposed" and "transposed" or "wrong"
      local shown = entry.answer and text(entry.answer)
      if entry.verdict == "wrong" and result.status == "conditional" then
        what = "in general"
      end
      rows[#rows + 1] = { entry.layout, shown and what .. ": " .. shown or what }
    end
  end
  if #refused > 0 then
    rows[#rows + 1] = { table.concat(refused, ", "), "no such derivative" }
  end
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, #row[1])
  end
  for _, row in ipairs(rows) do
    out[#out + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(width - #row[1]), row[2])
  end
  for _, group in ipairs(grouped(result.conditions, condition_text)) do
    out[#out + 1] = ("right %s (%s)"):format(group.key, table.concat(group.layouts, ", "))
  end
  if result.error then
    out[#out + 1] = "as printed: " .. result.error.message
  end
  local function near_text(near)
    return near.change .. ": " .. text(near.answer)
  end
  for _, group in ipairs(grouped(result.nearest, near_text)) do
    out[#out + 1] = ("nearest: %s (%s)"):format(group.key, table.concat(group.layouts, ", "))
  end
  if result.converted then
    out[#out + 1] = "converted: " .. text(result.converted)
  end
  return table.concat(out, "\n") .. "\n"
end

return M
