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
local formulas = require "nabla.formula"
local latex_input = require "nabla.latex_input"
local source = require "nabla.source"
local syntax = require "nabla.syntax"
local trials = require "nabla.trial"

local M = {}

local EXACT, DIFFERENCES = 1e-8, 1e-5 -- tolerances: of claims against the derivative, of the derivative against differences
local FIRST = { "numerator", "denominator", "mixed" } -- the layouts that are looked at before the others
local MOST_PAIRS, MOST_NEAREST = 1500, 3

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
  local turned = tree.tag == "call"
    and tree.name == "D"
    and #tree.args == 2
    and tree.args[2].tag == "transpose"
  local of = turned and tree.args[1].tag == "name" and elaborate.lookup(session.scope, tree.args[1].name)
  if of and of.func and of.arg_cols == 1 and of.arg_rows ~= 1 then -- D(f, x') is D(f, x) laid out as a row
    local plain = {
      tag = "call",
      name = "D",
      args = { tree.args[1], tree.args[2][1] },
      pos = tree.pos,
      r = false,
      c = false,
    }
    plain = complete(session, plain)
    local scalar = of.rows == 1 and of.cols == 1
    return scalar and { tag = "transpose", plain, pos = tree.pos, r = false, c = false } or plain
  elseif var and var.func then
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
            if rows == 1 or cols == 1 then
              error(
                source.error {
                  text = text,
                  pos = 1,
                  message = "a matrix with a single entry is no column here",
                },
                0
              )
            end
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
    local tree, open, bold = formulas.expression(session, text, { cross = cross, latex = true })
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

-- The letters of a tree that the sizes of constants, as in I(n), and counters are not counted among.
local SIZED = { I = true, ones = true, zeros = true, K = true, E = true, Dup = true, Elim = true }

local function letters_in(tree, out, bound)
  if type(tree) ~= "table" or tree.tag == "call" and SIZED[tree.name] then
    return out
  elseif tree.tag == "name" or tree.tag == "call" then
    out[#out + 1] = not tree.open and not bound[tree.name] and tree or nil
  elseif tree.tag == "sumover" then
    bound = setmetatable({ [tree.var] = true }, { __index = bound })
  end
  for _, v in pairs(tree) do
    letters_in(v, out, bound)
  end
  return out
end

-- The names of the vectors and matrices below a node.
local function arrays_in(S, id, kind)
  local list = {}
  for _, node in ipairs(S:postorder(id)) do
    if S:op(node) == "symbol" and S:kind(node) == kind then
      list[#list + 1] = S:name(node)
    end
  end
  return list
end

-- The scope of what f's letters were found to be.
function Question:letters(f, outer)
  local S = self.session.S
  self.scope = elaborate.scope(outer)
  for _, node in ipairs(S:postorder(f)) do
    if S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:kind(node) ~= "counter" then
      local name = S:name(node)
      if not elaborate.lookup(self.scope, name) then
        self.scope.vars[name] =
          { name = name, id = node, rows = S:rows(node), cols = S:cols(node), kind = S:kind(node) }
      end
    end
  end
end

-- By which variable? \nabla f says it of a function of one vector.
function Question:variable_name(f, key)
  local formula, S = self.formula, self.session.S
  if formula[key] ~= "?" then
    return formula[key]
  end
  local list = arrays_in(S, f, "vector")
  if #list == 0 then
    list = arrays_in(S, f, "matrix")
  end
  if #list ~= 1 then
    error(
      source.error {
        text = formula.text,
        pos = 1,
        message = "a gradient by which variable?",
        hint = ("\\nabla_{%s}"):format(list[1] or "x"),
      },
      0
    )
  end
  return list[1]
end

-- A letter f alone, of which nobody has said what it is, has no derivative by x.
function Question:depends(f, name)
  local S, formula = self.session.S, self.formula
  local letter = S:op(f) == "symbol" and S:name(f)
  local plain = name:match "^[%w_\128-\255]*"
  if letter and letter ~= plain and not elaborate.lookup(self.session.scope, plain) then
    error(
      source.error {
        text = formula.text,
        pos = formula.f.pos,
        message = ("%s is not known to depend on %s"):format(letter, plain),
        hint = (
          "write it out: %s = ... => d(%s)/d%s = ...; "
          .. "or declare an unknown function: vector %s(n), scalar %s of %s"
        ):format(letter, letter, plain, plain, letter, plain),
      },
      0
    )
  end
end

-- A differential: the derivative of f(X + t*dX) by t at t = 0. `constant`: names that do not change.
function Question:along(f, constant)
  local session, S = self.session, self.session.S
  local t = self:hold(S:symbol(" t", 0, 0, 1, 1))
  local from, to, moved = {}, {}, {}
  for _, node in ipairs(S:postorder(f)) do
    local kind = S:op(node) == "symbol" and S:kind(node)
    if kind == "scalar" or kind == "vector" or kind == "matrix" then
      local change = self:hold(derivative.total_differential(session, node))
      if S:op(change) == "d" then
        local width = { scalar = 0, vector = 1, matrix = 2 }
        local name = "d(" .. S:name(node) .. ")"
        local direction = self:hold(S:symbol(name, width[kind], 0, S:rows(node), S:cols(node)))
        if constant[S:name(node)] then
          direction = self:hold(S:zeros(S:rows(node), S:cols(node)))
        else
          from[#from + 1] = node
          to[#to + 1] = self:hold(S:sum { node, S:product { t, direction } })
        end
        moved[#moved + 1] = { change, direction }
      end
    end
  end
  if #from == 0 then
    error({ status = "rule", message = "nothing changes in what the differential is of" }, 0)
  end
  self.shown_f, self.f, self.x = f, self:hold(S:replace(f, from, to)), t
  self.into = { {}, {} }
  for i, pair in ipairs(moved) do
    self.into[1][i], self.into[2][i] = pair[1], pair[2]
  end
  self.at = { [" t"] = 0 }
  for name, value in pairs(self.opts.at or {}) do
    self.at[name] = value
  end
end

-- By vec(X), vech(X) or X^-1: a symbol of its own takes the place of that, and X is found from it.
function Question:by_function(f)
  local session, S, formula = self.session, self.session.S, self.formula
  local X = session:variable(formula.x, f)
  local rows, cols = S:dimnode(S:rows(X)), S:dimnode(S:cols(X))
  local through = self:hold(S:apply(formula.through, { X }))
  local kind = formula.through == "inv" and 2 or 1
  local v = S:symbol(formula.through .. "(" .. S:name(X) .. ")", kind, 0, S:rows(through), S:cols(through))
  self:hold(v)
  local found
  if formula.through == "inv" then
    found = S:apply("inv", { v })
  else
    found = formula.through == "vech" and S:product { S:apply("Dup", { rows }), v } or v
    found = S:apply("unvec", { found, rows, cols })
  end
  self:hold(found)
  self.shown_f, self.f, self.x = f, self:hold(S:replace(f, { X }, { found })), v
  self.turned = not formula.y and formula.turned
  self.by = session:wrap(self.turned and S:transpose(v) or v)
  self.by_other = formula.y and self.by
  self.into, self.back = { { X }, { found } }, { { v }, { through } }
end

-- The question with its expression read: the scope holds what the expression's letters were found to be.
local function ask(session, formula, claim, opts, outer)
  local S = session.S
  local self =
    setmetatable({ session = session, formula = formula, opts = opts, cache = {}, keep = {} }, Question)
  -- a letter is a vector if it is printed in bold, or stands transposed in the claim
  local vectors = formulas.transposed_in(claim, {})
  for name in pairs(formula.bold) do
    vectors[name] = name:find "^%l" and true or nil
  end
  self.vectors = vectors
  local f = elaborated(
    session,
    complete(session, formula.f),
    formula.text,
    formula.open,
    { vectors = vectors, scope = outer }
  )
  self:hold(f)
  self:letters(f, outer or session.scope)
  self.shown_f, self.f = f, f
  local y
  if formula.differential then
    self:along(f, opts.constant or {})
  elseif formula.through then
    self:by_function(f)
  else
    local name = self:variable_name(f, "x")
    self.by, self.by_other = name, formula.y and self:variable_name(f, "y")
    self:depends(f, name)
    self.x, self.turned = session:variable(name, f)
    y = formula.y and session:variable(self.by_other, f)
  end
  self.trial = trials.new(session, {
    f = self.f,
    x = self.x,
    y = y and y ~= self.x and y or nil,
    second = formula.y and true or nil,
    turned = self.turned,
    at = self.at or self.opts.at,
  })
  self.claim = complete(session, claim)
  self.has_derivatives = names_in(self.claim, {}).D
  self:strangers()
  -- what the claim speaks of, for values
  self.further = {}
  for name in pairs(names_in(self.claim, {})) do
    local var = elaborate.lookup(self.scope, name)
    if var then
      self.further[#self.further + 1] = self:own(var.func and S:call(var.id, var.arg_id) or var.id)
    end
  end
  return self
end

-- A letter of the claim that neither the expression holds nor anybody has declared means nothing yet.
function Question:strangers()
  local session, formula = self.session, self.formula
  for _, tree in ipairs(letters_in(self.claim, {}, {})) do
    local name = tree.name
    local op = session.ops[name]
    local known = elaborate.lookup(self.scope, name)
      or op and not op.gone
      or session.scope.dims[name]
      or tree.tag == "call" and (name == "D" or name == "d")
    if not known then
      local answer = self:answer(session.layout, session.convention)
      local shown = answer
        and ("; the derivative is " .. tostring(answer) .. " in the " .. session.layout .. " layout")
      error(
        source.error {
          text = formula.text,
          pos = tree.pos,
          message = ("%s stands only on the right side: what it is, the formula does not say"):format(name),
          hint = ("put in what %s stands for, or declare it"):format(name) .. (shown or ""),
        },
        0
      )
    end
  end
end

-- A node as it is evaluated: derivatives in the engine's form, differentials and entries as symbols of their own.
function Question:own(id)
  local own = self:hold(derivative.from_layout(self.session, id))
  if self.into then
    own = self:hold(self.session.S:replace(own, self.into[1], self.into[2]))
  end
  return own
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
    return { id, self:own(id) }
  end)
  if not ok then
    return nil, id
  end
  return id[2], id[1]
end

-- A test of values: nabla's own derivative does not hang on their last digits, as det(X)*inv(X) does where X is singular.
-- nil if there is no such derivative.
function Question:steady()
  for _, layout in ipairs(self.layouts) do
    local answer = self:answer(layout, "free")
    local ok, F = pcall(trials.compile, self.session, answer and self:own(trials.id(answer)))
    if answer and ok then
      return function(values)
        self.trial:steady(F, values)
      end
    end
  end
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
    local steady = self:steady()
    known.ok, known.err = pcall(function()
      for draw = 1, trials.draws do
        local ok, values, J = pcall(self.trial.differences, self.trial, draw, more, extra, steady)
        if not ok then -- the claim may be about other sizes, or about a function that has no derivative here
          values, J = self.trial:differences(draw, more, extra)
        end
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
        local own = self:own(trials.id(answer))
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

-- The differential, what is constant in it left out.
function Question:differential_answer()
  local session, S = self.session, self.session.S
  local id = self:hold(derivative.total_differential(session, self.shown_f))
  local from, to = {}, {}
  for i, change in ipairs(self.into[1]) do
    if S:op(self.into[2][i]) ~= "symbol" then
      from[#from + 1], to[#to + 1] = change, self.into[2][i]
    end
  end
  return S:textbook(S:replace(id, from, to), self.shown_f)
end

-- nabla's own derivative in a layout: a node, or nil and why.
function Question:answer(layout, convention)
  local session, formula = self.session, self.formula
  local key = "answer\0" .. layout .. "\0" .. convention
  if self.cache[key] == nil then
    local opts = { layout = layout, convention = convention }
    local f = session:wrap(self.f)
    local node, why
    if formula.differential then
      local ok, id = pcall(self.differential_answer, self)
      node, why = ok and session:wrap(id) or nil, not ok and id or nil
    elseif formula.y then
      node, why = session:hessian(f, self.by, self.by_other, opts)
    else
      node, why = session:diff(f, self.by, opts)
    end
    if node and self.back then
      local S = session.S
      node = session:wrap(S:textbook(S:replace(trials.id(node), self.back[1], self.back[2]), self.shown_f))
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
  local there, doubtful = 0, 0
  for _, layout in ipairs(self.layouts) do
    local truth, why = self:truth(layout, convention, world)
    local entry = { layout = layout, convention = convention }
    if not truth then
      entry.verdict, entry.reason = "none", why
    else
      local right, shown, how = self:judge(self.claim, layout, convention, world, nil, nil, nodes)
      entry.verdict = right and "right" or how == "transposed" and "transposed" or "wrong"
      entry.answer = self:answer(layout, convention)
      there = there + 1
      if truth.doubtful then
        entry.answer, doubtful = nil, doubtful + 1
      end
      entry.claim = shown and self.session:wrap(shown) or nil
      if not right and type(how) == "table" then
        if how.message:find "^unknown " then
          error(how, 0)
        end
        entry.reason = how.message
        result.error = result.error or how
      else
        meaningful = true
      end
      found = found or right
    end
    result.layouts[#result.layouts + 1] = entry
  end
  if meaningful and doubtful > 0 and doubtful == there and not found then
    error({
      status = "rule",
      message = "it cannot be judged: nabla's own derivative and finite differences do not agree at random values",
    }, 0)
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
  local list, symmetric = attributes_of(session), {}
  for _, attribute in ipairs(list) do
    for _, node in ipairs(known[attribute] and matrices or {}) do
      local name = S:name(node)
      if not S:property(attribute, node) and not weaker_works(name, attribute) and not symmetric[name] then
        try({ name }, attribute, session.convention)
        symmetric[name] = attribute == "symmetric" and #result.conditions > 0 or nil
      end
    end
  end
  local printed = syntax.dump(self.claim)
  for _, name in ipairs(#result.conditions == 0 and arrays_in(S, self.f, "vector") or {}) do
    -- a page that prints the sum, or the length, does not take it for 1
    local stated = { ["sum 1"] = { "sum(%s)" }, ["length 1"] = { "norm2(%s)", "(%s' * %s)" } }
    for _, attribute in ipairs(#result.conditions == 0 and { "sum 1", "length 1" } or {}) do
      local there = false
      for _, form in ipairs(stated[attribute]) do
        there = there or printed:find((form:gsub("%%s", name)), 1, true)
      end
      if not there then
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
  local special = self.formula.y or self.formula.through or self.formula.differential
  if special or S:op(self.x) == "entry" or S:rows(self.f) ~= 1 or S:cols(self.f) ~= 1 then
    return false
  end
  local own = self:node(self.claim, session.layout)
  local question = { f = self.f, x = self.x, second = true, at = self.opts.at }
  local ok, right = pcall(function()
    return own
      and trials.new(session, question):agrees(own, session.layouts[session.layout], conventions.free)
      and session:hessian(session:wrap(self.f), self.by)
  end)
  if ok and right then
    result.nearest[1] = {
      layout = session.layout,
      change = "the second derivative, twice by " .. self.by,
      answer = right,
    }
  end
  return ok and right
end

-- Small changes of the claim that make it right. `only_one`: no two changes at once.
function Question:near(result, only_one)
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
    found = self:by_numbers(result)
  end
  if found == 0 and not only_one then
    for _, edit in ipairs(edits.pairs_of(single, MOST_PAIRS)) do
      try(edit)
      if found > 0 then
        break
      end
    end
  end
  return found > 0
end

-- ---------------------------------------------------------------------------------------------- repairs that numbers tell

-- A fraction with a small denominator that a number is; nil if there is none.
local function fraction(x)
  for below = 1, 12 do
    local above = x * below
    local whole = math.floor(above + 0.5)
    if math.abs(above - whole) < 1e-6 * below and math.abs(whole) <= 240 then
      return whole, below
    end
  end
end

local function fraction_node(S, above, below)
  return S:product { S:rational(above), S:power(S:rational(below), S:rational(-1)) }
end

local function fraction_text(above, below)
  return below == 1 and tostring(above) or above .. "/" .. below
end

-- What number times B is A at every entry? nil if none is.
local function ratio(A, B)
  local size, product = 0, 0
  if A.rows ~= B.rows or A.cols ~= B.cols then
    return nil
  end
  for k = 1, A.rows * A.cols do
    size, product = size + B[k] * B[k], product + A[k] * B[k]
  end
  if size < 1e-20 then
    return nil
  end
  local r = product / size
  for k = 1, A.rows * A.cols do
    if math.abs(A[k] - r * B[k]) > DIFFERENCES * math.max(1, math.abs(A[k])) then
      return nil
    end
  end
  return r
end

-- The scalars that may be missing as a factor: those in the expression, its derivative and the claim, and the sizes.
function Question:scalars(ids)
  local S, list, seen = self.session.S, {}, {}
  for _, root in ipairs(ids) do
    for _, node in ipairs(S:postorder(root)) do
      local own, op = seen[node] == nil, S:op(node)
      seen[node] = true
      if own and S:rows(node) == 1 and S:cols(node) == 1 and op ~= "number" and op ~= "hole" then
        list[#list + 1] = node
      end
    end
  end
  table.sort(list, function(a, b)
    local x, y = S:cost(a), S:cost(b)
    return x < y or x == y and a < b
  end)
  return list
end

-- A scalar, as a power and with a number before it, that has the values r at the draws.
function Question:as_scalar(r, ids, world)
  local S, session = self.session.S, self.session
  for _, node in ipairs(self:scalars(ids)) do
    local ok, F = pcall(trials.compile, session, node)
    local v = {}
    for draw, at in ipairs(ok and world.draws or {}) do
      local good, value = pcall(F, at.values)
      v[draw] = good and value and value[1] or nil
    end
    for _, power in ipairs(#v == #world.draws and { 1, -1, 2, -2 } or {}) do
      local above, below = fraction(r[1] / v[1] ^ power)
      local fits = above and above ~= 0
      for draw = 2, #v do
        fits = fits and math.abs(r[draw] / v[draw] ^ power - above / below) < 1e-6
      end
      if fits then
        return S:product { fraction_node(S, above, below), S:power(node, S:rational(power)) }
      end
    end
  end
end

-- The coefficients with which vectors make up another one: least squares; nil if they do not.
local function combination(terms, target)
  local n, count = #terms, #target
  local rows = {}
  for i = 1, n do
    rows[i] = {}
    for j = 1, n + 1 do
      local sum, right = 0, j <= n and terms[j] or target
      for k = 1, count do
        sum = sum + terms[i][k] * right[k]
      end
      rows[i][j] = sum
    end
  end
  for i = 1, n do
    local pivot = i
    for k = i + 1, n do
      pivot = math.abs(rows[k][i]) > math.abs(rows[pivot][i]) and k or pivot
    end
    rows[i], rows[pivot] = rows[pivot], rows[i]
    if math.abs(rows[i][i]) < 1e-10 then
      return nil
    end
    for k = 1, n do
      local factor = k ~= i and rows[k][i] / rows[i][i] or 0
      for j = i, n + 1 do
        rows[k][j] = rows[k][j] - factor * rows[i][j]
      end
    end
  end
  local c = {}
  for i = 1, n do
    c[i] = rows[i][n + 1] / rows[i][i]
  end
  for k = 1, count do
    local sum = 0
    for i = 1, n do
      sum = sum + c[i] * terms[i][k]
    end
    if math.abs(sum - target[k]) > DIFFERENCES * math.max(1, math.abs(target[k])) then
      return nil
    end
  end
  return c
end

-- The claim against the terms of the derivative: which is missing, which has another factor?
function Question:term_by_term(answer, claim, world)
  local S, session = self.session.S, self.session
  local expanded = self:hold(S:expand(trials.id(answer)))
  if S:op(expanded) ~= "sum" then
    return nil
  end
  local nodes, pairs_of = {}, S:args(expanded) -- a sum holds its terms behind their coefficients
  for i = 1, #pairs_of, 2 do
    nodes[#nodes + 1] = self:hold(S:product { pairs_of[i], pairs_of[i + 1] })
  end
  if #nodes > 6 then
    return nil
  end
  local function values(id, out)
    local F = trials.compile(session, self:own(id))
    for _, at in ipairs(world.draws) do
      local v = F(at.values)
      for k = 1, v.rows * v.cols do
        out[#out + 1] = v[k]
      end
    end
    return out
  end
  local vectors = {}
  for i, id in ipairs(nodes) do
    vectors[i] = values(id, {})
  end
  local c = combination(vectors, values(claim, {}))
  local words = {}
  for i, id in ipairs(c and nodes or {}) do
    local above, below = fraction(c[i])
    local shown = session:text(id)
    if not above then
      return nil
    elseif above == 0 then
      words[#words + 1] = "the term " .. shown .. " is missing"
    elseif above ~= below then
      words[#words + 1] = ("the term %s once, not %s times"):format(shown, fraction_text(above, below))
    end
  end
  return #words > 0 and #words <= 2 and table.concat(words, ", and ") or nil
end

-- A factor or a term that is missing, told from the values of the claim and the derivative. How many were found.
function Question:by_numbers(result)
  local session, S = self.session, self.session.S
  local world, convention, found, seen = self:world(nil), self.session.convention, 0, {}
  for _, layout in ipairs(self.layouts) do
    local truth = self:truth(layout, convention, world)
    local answer = truth and truth.exact and self:answer(layout, convention)
    local own, shown
    if answer then
      own, shown = self:node(self.claim, layout, truth.id)
    end
    local alike = own and S:rows(own) == S:rows(truth.id) and S:cols(own) == S:cols(truth.id)
    if alike then
      local r, F = {}, trials.compile(session, own)
      local ok = pcall(function()
        for draw, at in ipairs(world.draws) do
          r[draw] = ratio(truth.exact[draw], F(at.values))
        end
      end)
      local change, node
      if ok and #r == #world.draws then
        local above, below = fraction(r[1])
        local constant = above
        for draw = 2, #r do
          constant = constant and math.abs(r[draw] - r[1]) < 1e-6
        end
        local factor = constant and fraction_node(S, above, below)
          or self:as_scalar(r, { self.shown_f, trials.id(answer), shown }, world)
        if factor then
          self:hold(factor)
          change = "a factor " .. session:text(factor)
          node = session:wrap(S:textbook(S:product { factor, shown }, self.shown_f))
        end
      end
      if not change then
        local good, words = pcall(self.term_by_term, self, answer, shown, world)
        change, node = good and words or nil, answer
      end
      local key = change and change .. "\0" .. layout
      if key and not seen[key] then
        seen[key] = true
        result.nearest[#result.nearest + 1] = { layout = layout, change = change, answer = node }
        found = found + 1
      end
    end
  end
  return found
end

-- ---------------------------------------------------------------------------------------------- the whole

-- A scope in which letters that nobody declared are scalars: the lower-case ones that are not printed in bold, where a page has
-- letters in bold; t; all, where no letter stands transposed or is a capital. What stands transposed is none of them.
local function with_scalars(session, formula)
  local scope, S, names = elaborate.scope(session.scope), session.S, {}
  scope.keep = {}
  local trees = letters_in(formula.f, {}, {})
  local transposed = formulas.transposed_in(formula.f, {})
  for _, claim in ipairs(formula.claims) do
    letters_in(claim, trees, {})
    formulas.transposed_in(claim, transposed)
  end
  local bold = next(formula.bold)
  local plain_calculus = not next(transposed) -- no transpose, no capital: d ln x / dx
  for _, tree in ipairs(trees) do
    plain_calculus = plain_calculus and (tree.tag ~= "name" or elaborate.habit(tree.name) ~= "matrix")
  end
  for _, tree in ipairs(trees) do
    local name = tree.name
    local free = tree.tag == "name" and not elaborate.lookup(scope, name) and not session.scope.dims[name]
    local plain = (bold or name == "t" or plain_calculus) and not formula.bold[name] and not transposed[name]
    if free and plain and elaborate.habit(name) == "vector" then
      local id = S:symbol(name, 0, 0, 1, 1)
      scope.keep[#scope.keep + 1] = session:wrap(id)
      scope.vars[name] = { name = name, id = id, rows = 1, cols = 1, kind = "scalar" }
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return #names > 0 and scope or nil,
    table.concat(names, ", ") .. (#names > 1 and " are scalars" or " is a scalar")
end

-- The readings of a text, the plainest first: options for nabla.formula, and words.
local function readings_of(given)
  local text = given.formula or (given.expr .. " " .. given.claim)
  local list = { { options = {} } }
  if not latex_input.is_latex(text) and (not given.formula or text:find "%*") then
    return list -- the language says what it means
  end
  local function add(options, words)
    list[#list + 1] = { options = options, words = words }
  end
  if text:find "\\times" then
    add({ cross = true }, "\\times is the cross product")
  end
  local functions = false
  for name in ("exp log ln sin cos sqrt"):gmatch "%S+" do
    functions = functions or text:find("%f[%a]" .. name .. "%f[%A]") ~= nil
  end
  local of_a_matrix = "exp, log, sin, cos of a matrix are functions of a matrix"
  if functions then
    add({ functions = true }, of_a_matrix)
  end
  add({ scalars = true }, nil)
  if functions then
    add({ scalars = true, functions = true }, of_a_matrix)
  end
  if text:find "\\lvert" then
    add({ bars = true }, "\\lvert X\\rvert is a determinant")
  end
  add({ square = true }, nil)
  return list
end

-- A formula from what `identify` is given.
local function formula_of(session, given, options)
  if given.formula then
    return formulas.read(session, given.formula, options)
  end
  local f, open, bold, notes = formulas.expression(session, given.expr, options)
  local claim, more, also_bold, also_notes = formulas.expression(session, given.claim, options)
  for name in pairs(also_bold) do
    bold[name] = true
  end
  for note in pairs(also_notes) do
    notes[note] = true
  end
  for _, o in ipairs(more) do
    open[#open + 1] = o
  end
  local formula = {
    text = given.expr,
    claim_text = given.claim,
    f = f,
    x = given.wrt,
    claims = { claim },
    open = open,
    bold = bold,
    notes = notes,
  }
  if given.hessian then
    formula.y = given.hessian == true and given.wrt or given.hessian
  end
  if latex_input.is_latex(given.wrt) then
    formula.x = syntax.dump((formulas.expression(session, given.wrt, options)))
  end
  return formula
end

local function new_question(session, formula, claim, given, outer)
  formula.claim_text = formula.claim_text or formula.text
  formula.claim = claim
  local self = ask(session, formula, claim, given, outer)
  self.layouts = formula.differential and { "numerator" } or layout_names(session, given.layout)
  return self
end

-- The sizes at which both sides have a meaning, if they are not those that the expression alone has: a scope, and words.
local function common_sizes(self)
  local session, formula = self.session, self.formula
  local c = elaborate.context(session, { text = formula.text, habit = true, layout = session.layout })
  for name in pairs(self.vectors) do
    c.vectors[name] = true
  end
  for name, var in pairs(self.scope.vars) do
    c.vectors[name] = var.kind == "vector" or nil
  end
  local scope, words = elaborate.scope(session.scope), {}
  local ok = pcall(function()
    local trees = { edits.copy(complete(session, formula.f)), edits.copy(self.claim) }
    c.infer(c, trees[1])
    c.infer(c, trees[2])
    c:settle(trees[1])
  end)
  for name, var in pairs(ok and c.scope.vars or {}) do
    local before = self.scope.vars[name]
    if before and var.id then
      scope.vars[name] =
        { name = name, id = self:hold(var.id), rows = var.rows, cols = var.cols, kind = var.kind }
      local changed = before.rows ~= before.cols and var.rows == var.cols and var.rows ~= 1
      words[#words + 1] = changed and name or nil
    end
  end
  table.sort(words)
  return #words > 0 and scope or nil, words
end

-- A scope in which every matrix that nobody declared is n x n; and their names.
local function all_square(session, formula, claim)
  local S, scope, names = session.S, elaborate.scope(session.scope), {}
  scope.keep = {}
  local n = S:dim "n"
  for _, tree in ipairs(letters_in(claim, letters_in(formula.f, {}, {}), {})) do
    local name = tree.name
    local unknown = tree.tag == "name" and not elaborate.lookup(scope, name) and not session.ops[name]
    if unknown and elaborate.habit(name) == "matrix" then
      local id = S:symbol(name, 2, 0, n, n)
      scope.keep[#scope.keep + 1] = session:wrap(id)
      scope.vars[name] = { name = name, id = id, rows = n, cols = n, kind = "matrix" }
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return #names > 0 and scope or nil, names
end

-- Is a claim whose sizes do not fit right for other sizes: those that both sides have in common, or if all matrices are square?
function Question:at_other_sizes(result, given)
  for _, find in ipairs { common_sizes, all_square } do
    local scope, names
    if find == common_sizes then
      scope, names = common_sizes(self)
    else
      scope, names = all_square(self.session, self.formula, self.formula.claim)
    end
    local again = { layouts = {}, conditions = {}, nearest = {} }
    local ok, right = pcall(function()
      local other = scope and new_question(self.session, self.formula, self.formula.claim, given, scope)
      return other and other:in_layouts(self.session.convention, again)
    end)
    for _, entry in ipairs(ok and right and again.layouts or {}) do
      if entry.verdict == "right" then
        table.insert(
          result.conditions,
          { layout = entry.layout, names = names, attribute = "square", claim = entry.claim }
        )
      end
    end
    if #result.conditions > 0 then
      return
    end
  end
end

-- One claim: what is found. `near` is left for later: it takes long, and there may be another reading.
local function judged(session, formula, claim, given, outer)
  local self = new_question(session, formula, claim, given, outer)
  local result = { layouts = {}, conditions = {}, nearest = {} }
  result.expr, result.wrt = session:wrap(self.shown_f), self.by and tostring(self.by)
  result.wrt2 = self.by_other and tostring(self.by_other)
  local found = self:in_layouts(session.convention, result)
  if found then
    result.status = "right"
    return result, self
  end
  if result.error and not self.has_derivatives and not formula.differential and not outer then
    self:at_other_sizes(result, given)
  end
  if formula.differential and not result.error then
    self:if_constant(result, claim, given)
  end
  if #result.conditions > 0 then
    result.status, result.error = "conditional", nil
  elseif not formula.differential and self:in_conventions(result) or self:under_attributes(result) then
    result.status = "conditional"
    local plain = false
    for _, c in ipairs(result.conditions) do
      plain = plain or c.attribute == "symmetric" or c.convention ~= nil
    end
    if not plain then
      function result.later()
        self:near(result, true)
      end
    end
  else
    local transposed = false
    for _, entry in ipairs(result.layouts) do
      transposed = transposed or entry.verdict == "transposed"
    end
    result.status = transposed and "transposed" or "wrong"
    function result.later()
      if not transposed and not self:is_second(result) then
        self:near(result)
      end
    end
  end
  return result, self
end

-- A differential that leaves letters out is right if these are constants.
function Question:if_constant(result, claim, given)
  local session, S = self.session, self.session.S
  local own = self:node(self.claim, "numerator")
  local constant, names, some = {}, {}, false
  for _, direction in ipairs(self.into[2]) do
    local occurs = false
    for _, node in ipairs(own and S:postorder(own) or {}) do
      occurs = occurs or node == direction
    end
    some = some or occurs
    local name = not occurs and S:op(direction) == "symbol" and S:name(direction):match "^d%((.*)%)$"
    if name then
      constant[name] = true
      names[#names + 1] = name
    end
  end
  if not some or #names == 0 then
    return
  end
  table.sort(names)
  local opts = setmetatable({ constant = constant }, { __index = given })
  local again = { layouts = {}, conditions = {}, nearest = {} }
  if new_question(session, self.formula, claim, opts):in_layouts(session.convention, again) then
    result.conditions[1] =
      { layout = "numerator", names = names, attribute = "constant", claim = again.layouts[1].claim }
  end
end

local RANK = { right = 1, conditional = 2, transposed = 3, wrong = 4 }

-- All claims of a formula. In a chain the first that is not right is the answer; a layout is right if all claims are right in it.
local function all_claims(session, formula, given, outer)
  local results, questions = {}, {}
  for i, claim in ipairs(formula.claims) do
    results[i], questions[i] = judged(session, formula, claim, given, outer)
  end
  local worst = 1
  for i, result in ipairs(results) do
    worst = RANK[result.status] > RANK[results[worst].status] and i or worst
  end
  local result = results[worst]
  if #results > 1 and result.status ~= "right" then
    result.part, result.parts = worst, #results
  elseif #results > 1 then
    local common = false
    for k, entry in ipairs(result.layouts) do
      for i = 2, #results do
        local other = results[i].layouts[k]
        if entry.verdict == "right" and other.verdict ~= "right" then
          entry.verdict = other.verdict
        end
      end
      common = common or entry.verdict == "right"
    end
    if not common then
      result.status, result.mixed = "transposed", true
    end
  end
  local later = result.later
  function result.later()
    if later then
      later()
    end
    for _, list in
      ipairs(formula.differential and { result.layouts, result.conditions, result.nearest } or {})
    do
      for _, entry in ipairs(list) do
        entry.layout = "differential"
      end
    end
  end
  return result, questions[1]
end

--- Identify a formula; see nabla.Session:identify.
function M.identify(session, given)
  given = setmetatable({}, { __index = given })
  for _, key in ipairs { "expr", "claim" } do
    if given[key] and type(given[key]) ~= "string" then
      given[key] = session:text(given[key])
    end
  end
  if given.wrt and type(given.wrt) ~= "string" then
    given.wrt = session:text(given.wrt)
  end
  local best, question, words, first_error
  local found_so_far = {}
  local function attempt(reading)
    local options, also = {}, reading.words
    for key, value in pairs(reading.options) do
      options[key] = value
    end
    local formula, outer = formula_of(session, given, options), nil
    if options.scalars or options.square then
      local what
      if options.square then
        outer, what = all_square(session, formula, formula.claims[1])
        what = table.concat(what, ", ") .. (#what > 1 and " are square" or " is square")
      else
        outer, what = with_scalars(session, formula)
      end
      if not outer then
        return nil
      end
      options.scope = outer
      formula = formula_of(session, given, options)
      also = also and what .. "; " .. also or what
    end
    if options.functions and not formula.changed then
      return nil
    end
    local found, first = all_claims(session, formula, given, outer)
    found.notes = {}
    for note in pairs(formula.notes) do
      found.notes[#found.notes + 1] = note
    end
    table.sort(found.notes)
    return found, first, also
  end
  for _, reading in ipairs(readings_of(given)) do
    -- matrices that are square are looked at where nothing else could be read
    if not reading.options.square or not best and first_error.message:find "^the sizes" then
      local ok, result, asked, also = pcall(attempt, reading)
      if not ok and type(result) ~= "table" then
        error(result, 0)
      elseif not ok then
        first_error = first_error or result
      elseif result then
        found_so_far[#found_so_far + 1] = { result, asked, also }
        if not best or RANK[result.status] < RANK[best.status] then
          best, question, words = result, asked, also
        end
      end
      if best and best.status == "right" then
        break
      end
    end
  end
  if not best then
    error(first_error, 0)
  end
  best.later()
  for _, other in ipairs(best.status == "wrong" and #best.nearest == 0 and found_so_far or {}) do
    if other[1] ~= best and #best.nearest == 0 then -- a reading in which there is a repair is the likelier one
      other[1].later()
      if #other[1].nearest > 0 then
        best, question, words = other[1], other[2], other[3]
      end
    end
  end
  best.later = nil
  if words then
    table.insert(best.notes, 1, words)
  end
  if given.to then
    local self = question
    if self.formula.differential then
      error({ status = "rule", message = "a differential has no layout to be converted to" }, 0)
    end
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
    best.converted = node
  end
  return best
end

-- ---------------------------------------------------------------------------------------------- in words

local function condition_text(c)
  local parts = {}
  if c.names then
    local verb = #c.names > 1 and "are" or c.attribute:find " 1$" and "has the" or "is"
    parts[1] = ("if %s %s %s"):format(table.concat(c.names, " and "), verb, c.attribute)
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
  if result.part then
    out[1] = ("right side %d of %d: %s"):format(result.part, result.parts, out[1])
  elseif result.mixed then
    out[1] = "each right side is right, but in another layout than the others"
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
  for _, note in ipairs(result.notes or {}) do
    out[#out + 1] = "read so: " .. note
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
