--- One derivation under way: its trees, its words, its lines so far.
--
-- @module nabla.derive.builder

local as_written = require "nabla.print.as_written"
local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local differentials = require "nabla.derive.differentials"
local display = require "nabla.print.display"
local errors = require "nabla.text.errors"
local facts = require "nabla.derive.facts"
local laws = require "nabla.derive.laws"
local forms = require "nabla.print.forms"
local lines = require "nabla.derive.lines"
local scopes = require "nabla.language.scope"
local unknown_functions = require "nabla.calculus.unknown_functions"
local values = require "nabla.derive.values"
local wording = require "nabla.derive.wording"

local M = {}

local ONE = core.constants.one -- the dimension 1
local LONGEST = 5000 -- lines; only rules that come to no end need more

--- The names of a scope and of those around it, as the one scope that nabla.print.as_written looks into.
function M.names(scope)
  local vars = setmetatable({}, {
    __index = function(_, name)
      return scopes.lookup(scope, name)
    end,
  })
  return { vars = vars }
end

local Builder = {}
Builder.__index = Builder

--- Begin.
-- @tparam table session
-- @param f a node, derivatives of unknown functions in the engine's form
-- @tparam table|nil context the context that has read the text of f (nabla.language.elaborate); nil: the node is printed
-- @tparam table how `layout`; `print`: options of nabla.print.forms; `answer`, a handle; `lang`; `input`: f before anything in it was
-- replaced, `replaced`: of a node of the text, what it is in f; `restored`: the other way
function M.new(session, f, context, how)
  local self = { session = session, S = session.S, how = how, f = f, context = context, doubts = {}, answers = {} }
  self.right_of = {} -- the value of a left side -> that of the last right side
  setmetatable(self, Builder)
  self.scope = values.scope(session, context and context.scope or session.scope, f, table.unpack(how.variables))
  self.words = wording.new(session)
  self.derivation = lines.new {
    session = session, layout = how.layout.name, answer = how.answer, print_options = how.print }
  return self
end

--- Differentiate by a variable from here on: its values and its rules.
-- @param x the symbol
-- @param[opt] dx its change, where not every change is meant
-- @param[opt] hole in which dx is linear
function Builder:by(x, dx, hole)
  local S = self.S
  local scalar = S:rows(x) == ONE and S:cols(x) == ONE
  if not dx then
    hole = scalar and S:rational(1) or S:hole(S:name(x), S:rows(x), S:cols(x))
    dx = hole
  end
  local W = values.new(self.session, self.scope, x, dx)
  W.hole = hole or S:rational(1)
  W.layout, W.conjugate = self.how.layout.name, self.how.conjugate
  self.W = W
  self.D = differentials.new(W, {
    print = self.how.print,
    layout = self.how.layout,
    identities = self.how.identities,
  })
  return self
end

--- The change of the variable by its coordinates, as a formula for words: d(S) = unvec(Dup(n)*d(vech(S)), n, n); by a member of
-- a family the member.
-- @param x the symbol
-- @param vector its coordinates, or the member
function Builder:change_words(x, vector)
  local D, W = self.D, self.W
  if self.S:op(vector) == self.S:operator_with "member" then
    return { formula = true, D:print(vector) }
  end
  D:seed(W.hole, display.call("d", { D:print(vector) }))
  return { formula = true, display.call("d", { D:print(x) }), D:print(W.dx) }
end

--- Differentiate by several variables at once: each is taken to be a function of one parameter. Returns the nodes that stand for
-- them. To be called before `by`.
-- @tparam table session
-- @param variables symbols
-- @return the parameter, and for each variable its node
function M.moving(session, variables)
  local S = session.S
  local parameter = S:symbol(" s", core.constants.kinds.scalar, 0, ONE, ONE)
  local nodes = {}
  for i, x in ipairs(variables) do
    nodes[i] = S:call(S:func(S:name(x), 0, parameter, S:rows(x), S:cols(x)), parameter)
  end
  return parameter, nodes
end

--- As `by`, for what `moving` has given and the variables that it stands for.
function Builder:by_all(parameter, nodes, variables)
  local S = self.S
  for i, node in ipairs(nodes) do
    self:define(S:name(variables[i]), node)
  end
  self:by(parameter)
  local W, D = self.W, self.D
  W.moving = {}
  D.x_names = {}
  for i, node in ipairs(nodes) do
    local name = S:name(variables[i])
    D.x_names[name] = true
    D:seed(node, display.name(name, not W:is_scalar_node(node)))
    W.moving[name] = S:forward(node, parameter, W.dx)
  end
  return self
end

-- The display tree of a text as it was written, and the nodes of its leaves.
local function read_text(self)
  local c, W = self.context, self.W
  local types = c:types_of(c.ast)
  local context = as_written.context(self.session, M.names(c.scope), types)
  context.written = {}
  local text = { context = c, tree = as_written.tree(context, c.ast), leaves = {}, kept = {} }
  local replaced = self.how.replaced
  for t, ast in pairs(context.written) do
    if types[ast] and (#t == 0 or t.tag == "call" and W:is_opaque(t)) then
      local id = unknown_functions.from_layout(self.session, c:build(ast))
      text.leaves[t] = replaced and replaced(id) or id
      text.kept[#text.kept + 1] = self.S:handle(text.leaves[t])
    end
  end
  return text
end

-- The display tree of the text, its leaves with their values; read once, also for a derivation that is found again with names.
local function tree_of_text(self)
  local how = self.how
  if not how.text or how.text.context ~= self.context then
    how.text = read_text(self)
  end
  for t, id in pairs(how.text.leaves) do
    self.W:note(t, id)
  end
  return how.text.tree
end

--- Of some letters the first that stands for nothing; nil where all do.
function Builder:letter(letters)
  for letter in letters:gmatch "%S+" do
    if not (self.session.scope.vars[letter] or self.scope.vars[letter] or self.scope.dims[letter]) then
      return letter
    end
  end
end

--- The same; there must be one.
function Builder:free_name(letters)
  return self:letter(letters) or self.W.disagree "no letter is left for the function"
end

--- The tree of f: of its text, or as f is printed.
function Builder:as_written()
  local tree = self.context and self.context.ast and tree_of_text(self)
  if not tree or self.W:of(tree) ~= self.f then
    tree = self.D:print(self.f)
  end
  return tree
end

--- The first line, f = .. as it was written. Returns the tree of f.
-- @tparam[opt] string wanted its name
function Builder:given(wanted)
  local tree = self:as_written()
  local name = wanted or self:free_name "f F y g h f0"
  self.of = display.name(name, not self.W:is_scalar_node(self.f))
  self.derivation.of = self.of.text
  self:define(self.of.text, self.f)
  self.how.values = self.W
  self.words:order_by(tree)
  self:add("given", {}, { kind = "given", left = self.of, right = tree })
  return tree
end

--- From here on a name stands for a node.
function Builder:define(name, id)
  self.scope.vars[name] = { name = name, id = id, rows = self.S:rows(id), cols = self.S:cols(id), kind = "matrix" }
end

-- The nodes of both sides of a line; the left one of D(f, x) is the answer. Nil for a line that is true by definition, or whose
-- right side is the answer.
local function sides(self, line)
  if line.kind == "given" or line.kind == "let" then
    return nil
  elseif line.left.tag ~= "derivative" then
    return self.W:of(line.left), self.W:of(line.right)
  elseif not self.answers[line.right] then
    local answer = self.how.answer_id
    answer = type(answer) == "function" and answer() or answer -- asked for anew where ids do not last
    return unknown_functions.from_layout(self.session, answer), self.W:of(line.right)
  end
end

--- Do the rules show that two nodes are equal? Not where they come to no end with them.
function M.same_by_rules(session, a, b)
  local ok, same = errors.attempt(session.same, session, a, b)
  return ok and same
end

-- Is a node equal to the one before it by the rules? Two lines that follow each other differ in little.
local function follows(self, before, b)
  return before and (before == b or M.same_by_rules(self.session, before, b))
end

-- A line is true: both sides have one value. Where the rules show neither that nor that it follows from the line before, numbers
-- are asked in the end.
local function check(self, line)
  local a, b = sides(self, line)
  if not a then
    return
  end
  local before = self.right_of[a]
  self.right_of[a] = b
  if a ~= b and before ~= b and not M.same_by_rules(self.session, a, b) and not follows(self, before, b) then
    if self.how.restored then
      a, b = self.how.restored(a), self.how.restored(b)
    end
    self.doubts[#self.doubts + 1] = { self.S:handle(a), self.S:handle(b), self.S:handle(self.W.hole) }
  end
end

--- The derivation, if all of its lines are true.
function Builder:finished()
  for _, doubt in ipairs(self.doubts) do
    if self.how.equal(table.unpack(doubt)) == "no" then
      self.W.disagree "a line that is not true"
    end
  end
  return self.derivation
end

-- Append a line to a derivation.
local function append(self, derivation, line)
  check(self, line)
  return derivation:add(line)
end

--- The display tree of the answer, as it is printed alone.
function Builder:answer_tree(id)
  local how, tree, why = self.how, nil, nil
  if id == how.answer_id then -- printed once, also where the derivation is found again with names
    tree = how.answer_tree
  end
  if not tree then
    tree, why = forms.tree(self.S, id, how.print)
  end
  if not tree then
    self.W.disagree(why)
  end
  if id == how.answer_id then
    how.answer_tree = tree
  end
  self.answers[tree] = true
  return tree
end

--- Append a line with its wording.
function Builder:add(word, args, line)
  return append(self, self.derivation, self.words:line(word, args, line))
end

local function same_text(a, b)
  return a == b or compose.text(a) == compose.text(b)
end

-- The names in a tree that lines have introduced.
local function names_in(definitions, tree, list)
  if tree.tag == "name" and definitions[tree.text] and not list[tree.text] then
    list[tree.text] = true
    list[#list + 1] = tree
  end
  for i = 1, #tree do
    names_in(definitions, tree[i], list)
  end
  return list
end

--- Append a line in which the last one is only written in another way, or simplified: by the laws between the two, where they are
-- known, or by what is known of its letters. No line where it would only move scalars and terms about, unless it is the last.
function Builder:add_simplified(line, is_last)
  local last = self.derivation[#self.derivation]
  local definitions = self.W.definitions or {}
  local letters = names_in(definitions, last.right, {})
  if #letters > 0 and #names_in(definitions, line.right, {}) == 0 then
    return self:add("back", { self.words:list(letters) }, line)
  end
  local known = laws.between(self.W, last.right, line.right)
  if known and laws.is_bookkeeping(known) and not is_last then
    return last
  elseif known then
    return append(self, self.derivation, self.words:joined_line(known, line))
  end
  local a, b = self.W:of(last.right), self.W:of(line.right)
  local asked = a ~= b and facts.between(self.session, a, b) or {}
  if #asked > 0 then
    return append(self, self.derivation, self.words:facts_line(asked, line))
  end
  return self:add("simplified", {}, line)
end

--- Does a line say what the last one says?
function Builder:is_said(left, right)
  local last = self.derivation[#self.derivation]
  return same_text(last.left, left) and same_text(last.right, right)
end

-- A derivation like this one, without lines.
function Builder:empty()
  local own = self.derivation
  return lines.new { session = own.session, layout = own.layout, print_options = own.print_options, of = own.of }
end

-- Append the finer lines from a tree to the next line.
function Builder:add_finer(derivation, left, tree, whole)
  for _, finer in ipairs(self.D:finer_lines(tree)) do
    if not same_text(tree, finer[1]) then
      append(self, derivation, self.words:rules_line(finer[2], { left = left, right = whole(finer[1]) }))
    end
    tree = finer[1]
  end
  return derivation
end

-- A tree with the names that were given (nabla.derive.names).
function Builder:with_names(tree)
  for _, known in ipairs(self.known_names or {}) do
    tree = compose.put(self.W, tree, known.id, known.name)
  end
  return tree
end

-- The lines of a derivation without identities from a tree to what an identity has made of it.
function Builder:open_identity(derivation, left, tree, whole, result)
  local D = self.D
  D.identities, D.left_alone = false, {}
  compose.each_d(result, function(d)
    D.left_alone[compose.text(d)] = true
  end)
  while D:unfinished(tree) do
    local next_tree, made = D:next_line(tree)
    local changed = not same_text(tree, next_tree)
    tree = next_tree
    if changed then
      append(self, derivation, self.words:rules_line(made, { left = left, right = whole(tree) }))
    end
  end
  if not same_text(tree, result) then
    append(self, derivation, self.words:line("factor", {}, { kind = "collect", left = left, right = whole(result) }))
  end
  D.identities, D.left_alone = true, nil
  return derivation
end

--- The lines d(of) = .. by the rules, until only d(x) is left; for the form of a row. Returns the last right side.
function Builder:differentiate(of, tree, row)
  local D, derivation = self.D, self.derivation
  local left, at = display.call("d", { of }), display.call("d", { tree })
  local function whole(t)
    return t
  end
  local outer = row and row.left.tag == "call" and row.left.name
  if outer and outer ~= "d" and row.reading ~= "block" then -- vec(d(Y)): the lines are of that
    function whole(t)
      return display.call(outer, { t })
    end
    left = whole(left)
  end
  local first = #derivation
  repeat
    local before = at
    local made
    at, made = D:next_line(at)
    at = self:with_names(at)
    if self.how.detail == "fine" then
      self:add_finer(derivation, left, before, whole)
    elseif not same_text(before, at) then
      local line = append(self, derivation, self.words:rules_line(made, { left = left, right = whole(at) }))
      if self.how.finer then
        local opens = line.kind == "identity" and self.open_identity or self.add_finer
        line.steps = opens(self, self:empty(), left, before, whole, at)
      end
    end
    if #derivation > LONGEST then
      self.W.disagree "a derivation of more lines than anyone reads"
    end
  until not D:unfinished(at)
  if #derivation == first then -- f is the variable
    self:add("linear", {}, { kind = "rule", left = left, right = whole(at) })
  end
  return at
end

--- The lines in the form of C (nabla.derive.canonical), the last with G for its unknown.
function Builder:bring_to(C, at, G)
  if self.W:zero(self.W:of(at)) then
    return
  end
  local left, right, reasons, terms = C:lines(at)
  local collected = not self.W:zero(G) and C:right(G) or right
  if #C.others > 0 and collected ~= right then
    collected = compose.sum({ collected, table.unpack(C.others) }, { 1, table.unpack(C.other_signs) })
  end
  local brief = self.how.detail == "brief" and not same_text(right, collected)
  if not brief and not self:is_said(left, right) then
    local line = { kind = "canonical", left = left, right = right }
    if C.change then
      self:add(C.change_word or "coordinates", { C.change }, line)
    else
      append(self, self.derivation, self.words:canonical_line(reasons, C:form_words(), line))
    end
  end
  if not self:is_said(left, collected) then
    local fewer = terms > 1 and not (collected.tag == "sum" and #collected >= terms)
    local line = { kind = "collect", left = left, right = collected }
    if fewer then
      self:add("factor", {}, line)
    else
      self:add_simplified(line)
    end
  end
end

return M
