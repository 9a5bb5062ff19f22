--- A question about a claimed derivative: its letters, the values at which it is compared, whether it is right there.
--
-- The derivative is nabla's own, which is first compared with finite differences of the expression, in every layout. `judge`
-- decides whether a tree is right in a layout. Invariant: nothing is called right that does not agree in value and shape, at
-- every draw of values and sizes.
--
-- @module nabla.identify.question

local constants = require "nabla.identify.constants"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local distance = require "nabla.compare.distance"
local equality = require "nabla.compare.equality"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local by_numbers = require "nabla.compare.derivative_by_numbers"
local formulas = require "nabla.identify.formula"
local layouts = require "nabla.calculus.layout"
local page = require "nabla.page.elaborate"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"
local unknown_functions = require "nabla.calculus.unknown_functions"

local EXACT = 1e-8 -- the tolerance of claims against the derivative
local FIRST = { "numerator", "denominator", "mixed" } -- the layouts that are looked at before the others

local KIND = core.constants.kinds

local Question = {}
Question.__index = Question

--- How far nabla's own derivative may be from finite differences; smaller values count as zero.
Question.DIFFERENCES = 1e-5

--- The layouts to look at: the one that is wanted, or each once.
function Question.layout_names(session, wanted)
  if wanted then
    layouts.named(session, wanted)
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
  for _, name in ipairs(spelling.names(session.layouts)) do
    add(name)
  end
  return names
end

--- The letters of a tree, added to a list: not the sizes of constants, as in I(n), nor counters (`bound`).
function Question.letters_in(session, tree, out, bound)
  bound = bound or {}
  if type(tree) ~= "table" or tree.tag == "call" and constants.is_constant(session, tree) then
    return out
  elseif tree.tag == "name" or tree.tag == "call" then
    out[#out + 1] = not tree.open and not bound[tree.name] and tree or nil
  elseif tree.tag == "sumover" then
    bound = setmetatable({ [tree.var] = true }, { __index = bound })
  end
  for _, v in pairs(tree) do
    Question.letters_in(session, v, out, bound)
  end
  return out
end

-- The names of the vectors and matrices below a node.
function Question.arrays_in(S, id, kind)
  local list = {}
  for _, node in ipairs(S:postorder(id)) do
    if S:op(node) == "symbol" and S:kind(node) == kind then
      list[#list + 1] = S:name(node)
    end
  end
  return list
end

-- The scope of the letters of f as they were inferred.
function Question:letters(f, outer)
  local S = self.session.S
  self.scope = scopes.scope(outer)
  families.add_known(S, f, self.scope)
  for _, node in ipairs(S:postorder(f)) do
    if S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:kind(node) ~= "counter" then
      local name = S:name(node)
      if not scopes.lookup(self.scope, name) then
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
  local list = Question.arrays_in(S, f, "vector")
  if #list == 0 then
    list = Question.arrays_in(S, f, "matrix")
  end
  if #list ~= 1 then
    error(
      errors.at {
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

-- An undeclared letter f alone has no derivative by x.
function Question:depends(f, name)
  local S, formula = self.session.S, self.formula
  local letter = S:op(f) == "symbol" and S:name(f)
  local plain = name:match "^[%w_\128-\255]*"
  if letter and letter ~= plain and not scopes.lookup(self.session.scope, plain) then
    error(
      errors.at {
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
function Question:differential_along(f, constant)
  local session, S = self.session, self.session.S
  local t = self:pin(S:symbol(" t", KIND.scalar, 0, 1, 1))
  local from, to, moved = {}, {}, {}
  for _, node in ipairs(S:postorder(f)) do
    local kind = S:op(node) == "symbol" and S:kind(node)
    if kind == "scalar" or kind == "vector" or kind == "matrix" then
      local change = self:pin(derivative.total_differential(session, node))
      if S:op(change) == "d" then
        local width = { scalar = 0, vector = 1, matrix = 2 }
        local name = "d(" .. S:name(node) .. ")"
        local direction = self:pin(S:symbol(name, width[kind], 0, S:rows(node), S:cols(node)))
        if constant[S:name(node)] then
          direction = self:pin(S:zeros(S:rows(node), S:cols(node)))
        else
          from[#from + 1] = node
          to[#to + 1] = self:pin(S:sum { node, S:product { t, direction } })
        end
        moved[#moved + 1] = { change, direction }
      end
    end
  end
  if #from == 0 then
    errors.refuse "nothing changes in what the differential is of"
  end
  self.shown_f, self.f, self.x = f, self:pin(S:replace(f, from, to)), t
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
  local through = self:pin(S:apply(formula.through, { X }))
  local kind = formula.through == "inv" and 2 or 1
  local v = S:symbol(formula.through .. "(" .. S:name(X) .. ")", kind, 0, S:rows(through), S:cols(through))
  self:pin(v)
  local found
  if formula.through == "inv" then
    found = S:apply("inv", { v })
  else
    found = formula.through == "vech" and S:product { S:apply("Dup", { rows }), v } or v
    found = S:apply("unvec", { found, rows, cols })
  end
  self:pin(found)
  self.shown_f, self.f, self.x = f, self:pin(S:replace(f, { X }, { found })), v
  self.transposed = not formula.y and formula.transposed
  self.by = session:wrap(self.transposed and S:transpose(v) or v)
  self.by_other = formula.y and self.by
  self.into, self.back = { { X }, { found } }, { { v }, { through } }
end

local function holds_derivative(claim)
  local found = false
  trees.walk(claim, function(t)
    found = found or t.tag == "call" and t.name == "D" and #t.args == 2
  end)
  return found
end

--- The question with its expression read: the scope holds what the expression's letters were found to be.
function Question.ask(session, formula, claim, opts, outer)
  local S = session.S
  local self = { session = session, formula = formula, opts = opts, cache = {}, pinned = {} }
  self.programs, self.values, self.read = {}, {}, {}
  setmetatable(self, Question)
  -- a letter is a vector if it is printed in bold, or transposed in the claim
  local vectors = formulas.transposed_in(claim, {})
  for name in pairs(formula.bold) do
    vectors[name] = name:find "^%l" and true or nil
  end
  self.vectors = vectors
  local f, c = page.elaborated(
    session,
    page.complete(session, formula.f),
    formula.text,
    formula.open,
    { vectors = vectors, scope = outer, kinds = formula.kinds }
  )
  self:pin(f)
  for _, note in ipairs(c.notes or {}) do
    table.insert(formula.notes, { text = note })
  end
  self:letters(f, outer or session.scope)
  self.shown_f, self.f = f, f
  local y
  if formula.differential then
    self:differential_along(f, opts.constant or {})
  elseif formula.through then
    self:by_function(f)
  else
    local name = self:variable_name(f, "x")
    self.by, self.by_other = name, formula.y and self:variable_name(f, "y")
    self:depends(f, name)
    self.x, self.transposed = session:variable(name, f)
    y = formula.y and session:variable(self.by_other, f)
  end
  self.differences = by_numbers.new(session, {
    f = self.f,
    x = self.x,
    y = y and y ~= self.x and y or nil,
    second = formula.y and true or nil,
    transposed = self.transposed,
    at = self.at or self.opts.at,
  })
  self.claim = page.complete(session, claim)
  self.follows_sizes = #formula.open > 0 or page.is_unsized(self.claim) -- its sizes follow from the answer's
  self.has_derivatives = holds_derivative(self.claim)
  self:refuse_undeclared_letters()
  -- the variables of the claim need values, too
  self.further = {}
  for name in pairs(trees.names(self.claim)) do
    local var = scopes.lookup(self.scope, name)
    if var then
      self.further[#self.further + 1] = self:engine_form(var.func and S:call(var.id, var.arg_id) or var.id)
    end
  end
  return self
end

-- A letter of the claim that is neither in the expression nor declared is an error.
function Question:refuse_undeclared_letters()
  local session, formula = self.session, self.formula
  for _, tree in ipairs(Question.letters_in(session, self.claim, {})) do
    local name = tree.name
    local op = session.ops[name]
    local known = scopes.lookup(self.scope, name)
      or op and not op.gone
      or session.scope.dims[name]
      or tree.tag == "call" and (name == "D" or name == "d")
    if not known then
      local answer = self:answer(session.layout, session.convention)
      local shown = answer
        and ("; the derivative is " .. tostring(answer) .. " in the " .. session.layout .. " layout")
      error(
        errors.at {
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
function Question:engine_form(id)
  local own = self:pin(unknown_functions.from_layout(self.session, id))
  if self.into then
    own = self:pin(self.session.S:replace(own, self.into[1], self.into[2]))
  end
  return own
end

-- Keep a node as long as the question.
function Question:pin(id)
  self.pinned[#self.pinned + 1] = self.session:wrap(id)
  return id
end

-- A node as a function of values, made once.
function Question:compiled(id)
  local F = self.programs[id] or by_numbers.compile(self.session, id)
  self.programs[id] = F -- it keeps the node
  return F
end

-- The value of a node at a draw under assumptions, worked out once; nil where it has none.
function Question:value(id, assumptions, draw)
  local F = self:compiled(id)
  local key = id .. assumptions.key
  local known = self.values[key] or {}
  self.values[key] = known
  if known[draw] == nil then
    local ok, v = errors.attempt_in_budget(F, assumptions.draws[draw].values)
    known[draw] = ok and v or false
  end
  return known[draw] or nil
end

-- The node of a claim's tree as a layout reads it, in the engine's form; nil and the error. What is printed without sizes, such
-- as \mathbf{0}, takes those that give the claim the shape of `like`, if there are such.
function Question:node(tree, layout, like)
  local ok, id = errors.attempt_in_budget(function()
    local open, text, session, S = self.formula.open, self.formula.claim_text, self.session, self.session.S
    local id
    if like and (#open > 0 or page.is_unsized(tree)) then
      local scope = scopes.scope(self.scope)
      local rows, cols = S:rows(like), S:cols(like)
      local shape = S:symbol(" shape", KIND.matrix, 0, rows, cols)
      scope.vars[" shape"] = { name = " shape", id = shape, rows = rows, cols = cols, kind = "matrix" }
      local sum = {
        tag = "sum",
        args = { tree, { tag = "name", name = " shape", pos = 1 } },
        signs = { 1, 1 },
        pos = 1,
        sides = true, -- neither spreads over the other
      }
      sum.oppos = { false, 1 }
      local fits, whole =
        errors.attempt_in_budget(page.elaborated, session, sum, text, open, { scope = scope, layout = layout })
      id = fits and S:sum { whole, S:neg(shape) } or nil
    end
    id = id or page.elaborated(session, tree, text, open, { scope = self.scope, layout = layout })
    self:pin(id)
    return { id, self:engine_form(id) }
  end)
  if not ok then
    return nil, id
  end
  return id[2], id[1]
end

-- A test of values: raises an error where nabla's own derivative is ill conditioned, as det(X)*inv(X) is where X is singular.
-- nil if there is no such derivative.
function Question:conditioning_test()
  for _, layout in ipairs(self.layouts) do
    local answer = self:answer(layout, "free")
    local form = answer and self:engine_form(by_numbers.id(answer))
    local ok, F = errors.attempt_in_budget(self.compiled, self, form)
    if answer and ok then
      return function(values)
        self.differences:well_conditioned_value(F, values)
      end
    end
  end
end

-- Assumptions: attributes that values are to have beside those declared. The result has the values and differences at each draw;
-- its `ok` is false where there are none, and `err` the reason.
function Question:assuming(extra, key)
  key = key or ""
  local known = self.cache[key]
  if not known then
    known = { extra = extra, key = key, draws = {} }
    self.cache[key] = known
    local more = { table.unpack(self.further) }
    for _, layout in ipairs(self.layouts) do
      local id = self:node(self.claim, layout)
      more[#more + 1] = id
    end
    local accept = self:conditioning_test()
    known.ok, known.err = errors.attempt_in_budget(function()
      for draw = 1, by_numbers.draws do
        local differences = self.differences
        local ok, values, J = errors.attempt_in_budget(differences.at_draw, differences, draw, more, extra, accept)
        if not ok then -- the claim may be about other sizes, or about a function that has no derivative here
          values, J = self.differences:at_draw(draw, more, extra)
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

-- The values of an arrangement of the differences at each draw, worked out once: several layouts have the same.
function Question:arranged(id, assumptions)
  local key = id .. "differences" .. assumptions.key
  local known = self.values[key]
  if not known then
    known = {}
    local F = self:compiled(id)
    for draw, at in ipairs(assumptions.draws) do
      known[draw] = self.differences:arranged(F, at.values, at.J)
    end
    self.values[key] = known
  end
  return known
end

-- The derivative in a layout and a convention under assumptions: `id` of its shape, `values` at each draw; nil and why there is none.
-- `bits`: attributes of the variable in place of those declared.
function Question:truth(layout, convention, assumptions, bits)
  local key = table.concat({ "truth", layout, convention, assumptions.key, bits or "" }, "\0")
  local known = self.cache[key]
  if known == nil then
    known = false
    local session = self.session
    local id, why =
      self.differences:arrangement(session.layouts[layout], conventions.named(session, convention), bits)
    if id then
      known = { id = id, values = self:arranged(id, assumptions) }
      local answer = not bits and self:answer(layout, convention)
      if answer then
        local own, exact = self:engine_form(by_numbers.id(answer)), {}
        known.own = own
        for draw = 1, #assumptions.draws do
          local v = self:value(own, assumptions, draw)
          local far = v and distance.relative(v, known.values[draw])
          if not far or far > (self.differences.second and 1e-3 or Question.DIFFERENCES) then
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
  local id = self:pin(derivative.total_differential(session, self.shown_f))
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
      local ok, id = errors.attempt_in_budget(self.differential_answer, self)
      node, why = ok and session:wrap(id) or nil, not ok and id or nil
    elseif formula.y then
      node, why = session:hessian(f, self.by, self.by_other, opts)
    else
      node, why = session:diff(f, self.by, opts)
    end
    if node and self.back then
      local S = session.S
      local id = S:replace(by_numbers.id(node), self.back[1], self.back[2])
      node = session:wrap(S:textbook(id, self.shown_f))
    end
    if why and why.status == "budget" then
      error(why, 0)
    end
    self.cache[key] = node or false
    self.cache[key .. "why"] = not node and why or nil
  end
  return self.cache[key] or nil, self.cache[key .. "why"]
end

-- Does a node (in the engine's form) agree with the truth at each draw?
function Question:agrees(id, truth, assumptions)
  local S = self.session.S
  if S:rows(id) ~= S:rows(truth.id) or S:cols(id) ~= S:cols(truth.id) then
    return false
  end
  S:on_time()
  for draw = 1, #assumptions.draws do
    local v = self:value(id, assumptions, draw)
    local far = v and distance.relative(v, (truth.exact or truth.values)[draw])
    if not far or far > (truth.exact and EXACT or self.differences:tolerance() * 10) then
      return false
    end
  end
  return true
end

--- A tree to be judged in some layouts.
-- @tparam table tree
-- @tparam string convention
-- @tparam table assumptions of `assuming`
-- @tparam[opt] integer bits attributes of the variable in place of those declared
function Question.case(_, tree, convention, assumptions, bits)
  return { tree = tree, convention = convention, assumptions = assumptions, bits = bits }
end

-- The tree of a case as a layout reads it, worked out once: `own` (in the engine's form) and `shown`; or `err`.
function Question:read_in(case, layout, truth)
  local slot = 1
  if self.follows_sizes then
    slot = layout .. truth.id
  elseif self.has_derivatives then
    slot = layout
  end
  local nodes = self.read[case.tree] or {}
  self.read[case.tree] = nodes
  if nodes[slot] == nil then
    local own, shown = self:node(case.tree, layout, truth.id)
    nodes[slot] = own and { own = own, shown = shown } or { err = shown }
  end
  return nodes[slot]
end

-- Do two nodes that agree at each draw differ for certain?
function Question:differ(a, b, assumptions)
  local key = table.concat({ "differ", a, b, assumptions.key }, "\0")
  if self.cache[key] == nil then
    self.cache[key] = equality.differ(self.session, a, b, assumptions.extra)
  end
  return self.cache[key]
end

-- Is the tree of a case right in a layout? right, and the node as that layout reads it; nil where the layout has no such derivative.
function Question:judge(case, layout)
  local assumptions = case.assumptions
  local truth = self:truth(layout, case.convention, assumptions, case.bits)
  if not truth then
    return nil
  end
  local known = self:read_in(case, layout, truth)
  if not known.own then
    return false, nil, known.err or nil
  end
  local S = self.session.S
  local function agrees(own)
    local ok, right = errors.attempt_in_budget(self.agrees, self, own, truth, assumptions)
    if not ok and type(right) ~= "table" then
      error(right, 0)
    end
    local comparable = ok and right and truth.own and not self.opts.at
    if comparable then -- but for rounding they agree; do they for certain?
      return not self:differ(own, truth.own, assumptions)
    end
    return ok and right
  end
  if agrees(known.own) then
    return true, known.shown
  end
  if S:rows(truth.id) == S:cols(known.own) and S:cols(truth.id) == S:rows(known.own) then
    if agrees(self:pin(S:transpose(known.own))) then
      return false, known.shown, "transposed"
    end
  end
  return false, known.shown
end

return Question
