--- A derivation that its user leads: each line is asked for, or written by hand and then checked.
--
--     local D = s:derivation("f = norm2(A*x - b)^2", "x")   -- line 1
--     D:let "r = A*x - b"                                   -- a name for what is in the lines
--     D:d()                                                 -- d(f) by the rule that fits; D:d "squared norm" insists on one
--     D:step("d(f) = 2*r'*A*d(x)", "A and b are constant")  -- a line of one's own
--     D:because("A' = A", "A is symmetric")                 -- a fact, checked
--     D:collect()                                           -- in the form that the layout reads, collected
--     D:read()                                              -- the answer; D:auto() all that is left
--     D:stationary():solve()                                -- see nabla.derive.led_equations
--
-- Invariant: every line is equal to the one before it, or is marked: `proved` is "rules", "exact" (modulo a prime), "rounding"
-- (in floating point) or false (not known). A line that is wrong is an error, with values that show it.
--
-- A method returns the derivation. Nodes are kept by handles between the calls: the store may collect its garbage then.
--
-- @module nabla.derive.led_by_user

local as_written = require "nabla.print.as_written"
local complex = require "nabla.language.complex"
local compose = require "nabla.derive.compose"
local derivative = require "nabla.calculus.derivative"
local conventions = require "nabla.calculus.convention"
local display = require "nabla.print.display"
local format = require "nabla.print.format"
local led_equations = require "nabla.derive.led_equations"
local led_expression = require "nabla.derive.led_expression"
local lines = require "nabla.derive.lines"
local named_parts = require "nabla.calculus.named_parts"
local rewriting = require "nabla.derive.rewriting"
local shapes = require "nabla.text.shape"
local structured = require "nabla.derive.structured"
local syntax = require "nabla.language.syntax"
local builder = require "nabla.derive.builder"
local variable = require "nabla.derive.variable"

local M = {}

local Led = setmetatable({}, { __index = lines.Derivation })
Led.__index = Led
Led.__tostring = lines.Derivation.text
Led.__name = "nabla.LedDerivation"

-- ---------------------------------------------------------------------------------------------- state

-- The values and rules of this call.
local function open(self)
  local S, w = self.session.S, self.builder
  S:begin()
  w.right_of = {} -- ids do not last from call to call
  if self.ids.x then
    self.by = variable.of(self.session, self.ids.f, self.ids.x, w.how)
    variable.begin(w, self.by)
  else -- nothing is differentiated: any symbol will do for the variable
    w:by(S:symbol(" none", 0, 0, S:dim "1", S:dim "1"))
  end
  for tree, handle in pairs(self.noted) do
    w.W:note(tree, handle.id)
  end
  w.W.definitions = self.definitions
  return w
end

-- Remember the state, so that `undo` can bring it back.
local function push(self)
  local state = { at = self.at, left = self.left, count = #self, equation = self.equation, definitions = {} }
  for name, tree in pairs(self.definitions) do
    state.definitions[name] = tree
  end
  self.states[#self.states + 1] = state
end

--- Take back the last line, or the lines of the last call.
function Led:undo()
  local state = table.remove(self.states)
  if not state then
    error("there is nothing to take back", 2)
  end
  for i = #self, state.count + 1, -1 do
    self[i] = nil
  end
  for name in pairs(self.definitions) do
    if not state.definitions[name] then
      self.builder.scope.vars[name] = nil
    end
  end
  self.at, self.left, self.definitions, self.equation = state.at, state.left, state.definitions, state.equation
  return self
end

-- ---------------------------------------------------------------------------------------------- texts

local function stop(level, message, ...)
  error(select("#", ...) > 0 and message:format(...) or message, level + 1)
end

-- Stop where an argument of a method is no text.
local function need_text(value, what, level)
  if type(value) ~= "string" then
    stop(level + 1, "%s is a text, found %s", what, value == nil and "nothing" or "a " .. type(value))
  end
end

-- The display tree of a text, or an error.
local function tree_of(self, text)
  local ast, err = syntax.expression(text)
  if not ast then
    error(tostring(err), 4)
  end
  if self.session.complex_letters then
    ast = complex.with_adjoints(self.session, ast)
  end
  local context = as_written.context(self.session, builder.names(self.builder.scope), {})
  context.written = {}
  return as_written.tree(context, ast)
end

-- The sides of an equation; the left one is nil where only a right side is written.
local function sides(text)
  local left, right = text:match "^(.-)%s*==?%s*(.*)$"
  if left and not left:find "%($" and not left:find "%(%s*%a%w*$" then
    return left, right
  end
  return nil, text
end

-- ---------------------------------------------------------------------------------------------- checking

-- Are two nodes equal? How that is known: "rules", "exact", "rounding"; nil where it is not known; or false and the reason,
-- with the values that tell them apart.
local function known_equal(self, a, b)
  local S, session = self.session.S, self.session
  a, b = named_parts.unfolded(session, a), named_parts.unfolded(session, b)
  if a == b then
    return "rules"
  elseif S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    return false, ("its sides are %s and %s"):format(shapes.of(S, a), shapes.of(S, b))
  elseif builder.same_by_rules(session, a, b) then
    return "rules"
  end
  local answer, why, example = self.compare(S:handle(a), S:handle(b), S:handle(self.builder.W.dx))
  if answer == "yes" then
    return why:find "^modulo" and "exact" or "rounding"
  elseif answer == "no" then
    return false, why, example
  end
  return nil
end

local function wrong(level, what, why, example)
  local message = what .. ": " .. why
  error(setmetatable({ message = message, status = "wrong", example = example }, {
    __tostring = function()
      return message
    end,
  }), level + 1)
end

-- The node of a tree; what the engine says is wrong with it is raised where the line was written.
local function value_of(self, tree)
  local ok, id = pcall(self.builder.W.of, self.builder.W, tree)
  if not ok then
    stop(3, "%s", type(id) == "string" and id or tostring(id.message or id))
  end
  local other = self.builder.how.conjugate and complex.letters(self.session, id)[1]
  if other then
    stop(3, "the function does not hold the complex letter %s", self.session.S:name(other))
  end
  return id
end

-- ---------------------------------------------------------------------------------------------- lines

--- A name for what is in the lines: D:let "r = A*x - b".
function Led:let(text)
  need_text(text, "a definition", 2)
  local name, right = text:match "^%s*([%a_][%w_]*)%s*=%s*(.-)%s*$"
  if not name then
    stop(2, "let takes a name and what it stands for, such as r = A*x - b")
  end
  local w = open(self)
  local scope = w.scope
  if scope.vars[name] or scope.dims[name] or self.session.scope.vars[name] then
    stop(2, "the name %s is taken", name)
  end
  push(self)
  local tree = tree_of(self, right)
  local id = value_of(self, tree)
  self.keep[#self.keep + 1] = self.session.S:handle(id)
  local scalar = w.W:is_scalar_node(id)
  local left = display.name(name, not scalar)
  w:add("let", { { formula = true, tree } }, { kind = "let", let = name, left = left, right = tree })
  w:define(name, id)
  self.definitions[name] = tree
  self.at = compose.put(w.W, self.at, id, left)
  return self
end

--- The next line of d(f) by the rules.
-- @param[opt] which the name of a rule that must be the one; or { at = "d(r)" }: only there
function Led:d(which)
  local w = open(self)
  if self.equation or self.left.tag == "derivative" then
    stop(2, "the answer is there: nothing is left to differentiate")
  end
  local place = type(which) == "table" and which.at
  need_text(place or "", "a place", 2)
  local place_text = place and format.text(tree_of(self, place))
  push(self)
  local D = w.D
  local at = self.left == w.of and display.call("d", { self.at }) or self.at
  local before = at
  local made
  if place then
    at, made = D:next_line_at(at, place_text)
  else
    at, made = D:next_line(at)
  end
  if format.text(before) == format.text(at) then
    self:undo()
    stop(2, place and "there is no %s in the line" or "only the differential of the variable is left", place)
  end
  if type(which) == "string" then
    local found = false
    for _, rule in ipairs(made.rules) do
      found = found or self.session.rules[rule.serial].name == which
    end
    if not found then
      local names = w.words:rules_line(made, {}).rule
      self:undo()
      stop(2, 'the rule "%s" does not apply here; what applies: %s', which, names)
    end
  end
  self.left, self.at = display.call("d", { w.of }), at
  w.derivation:add(w.words:rules_line(made, { left = self.left, right = at }))
  return self
end

-- The node of a left side: D(f, x) is the derivative.
local function left_value(self, tree)
  if tree.tag == "derivative" then
    return self.builder.how.answer_id()
  end
  return self.builder.W:of(tree)
end

--- A line of one's own: an equation, or a right side for the left side of the line before.
-- @tparam string text
-- @tparam[opt] string reason
function Led:step(text, reason)
  need_text(text, "a line", 2)
  need_text(reason or "", "a reason", 2)
  local w = open(self)
  local left_text, right_text = sides(text)
  local left = left_text and tree_of(self, left_text) or self.left
  local right = tree_of(self, right_text)
  if self.equation then
    return self:step_equation(left, right, reason, 2)
  end
  local same_left = format.text(left) == format.text(self.left)
  local a = same_left and self.left.tag ~= "derivative" and w.W:of(self.at) or left_value(self, left)
  local b = value_of(self, right)
  local proved, why, example = known_equal(self, a, b)
  if proved == false then
    wrong(2, "this line does not follow", why, example)
  end
  push(self)
  self.left, self.at = left, right
  local line = w.words:line("user", { reason or "" }, { kind = "user", left = left, right = right })
  line.proved = proved or false
  if not proved then
    line.note = "not proved"
  end
  w.derivation:add(line)
  return self
end

--- A fact that later lines use: D:because("A' = A", "A is symmetric"). It must be true.
function Led:because(text, reason)
  need_text(text, "a fact", 2)
  need_text(reason or "", "a reason", 2)
  local w = open(self)
  local left_text, right_text = sides(text)
  if not left_text then
    stop(2, "a fact is an equation, such as A' = A")
  end
  local left, right = tree_of(self, left_text), tree_of(self, right_text)
  local proved, why, example = known_equal(self, value_of(self, left), value_of(self, right))
  if proved == false then
    wrong(2, "this is no fact", why, example)
  end
  push(self)
  local line = w.words:line("fact", { reason or text }, { kind = "fact", left = left, right = right })
  line.proved = proved or false
  w.derivation:add(line)
  return self
end

--- Rewrite by a rule: where its left side is, or only in the subtree `at` of the line.
-- @tparam string name of the rule
-- @tparam[opt] table where `at`, the text of a subtree or of some factors side by side; `backwards`: what the right side of the rule
-- matches becomes its left side
function Led:rewrite(name, where)
  need_text(name, "the name of a rule", 2)
  need_text(where and where.at or "", "a place", 2)
  local w = open(self)
  local serials = rewriting.named(self.session, name)
  if #serials == 0 then
    stop(2, 'there is no rule "%s"', name)
  end
  local at_tree = where and where.at and tree_of(self, where.at)
  local place = at_tree and format.text(at_tree)
  local node = at_tree and not compose.holds_d(at_tree) and value_of(self, at_tree) or nil
  local backwards = where and where.backwards
  local at, used = rewriting.rewrite(w, self.at, serials, { at = place, node = node, backwards = backwards })
  if not at then
    local direction = backwards and " from its right side to its left" or ""
    stop(2, 'the rule "%s" applies nowhere%s%s', name, place and " in " .. place or "", direction)
  end
  local proved, why, example = known_equal(self, w.W:of(self.at), w.W:of(at)) -- what the rule needs may not hold
  if proved == false then
    wrong(2, "this line does not follow", why, example)
  end
  push(self)
  self.at = at
  local rule, zh, cite, others = w.words:named { used }
  local line = { kind = "rewrite", left = self.left, right = at, rule = rule or name, zh = zh, cite = cite }
  line.titles, line.serials, line.proved = others, { used }, proved or false
  w.derivation:add(line)
  return self
end

-- The lines that the last call has made are true, or they are taken back.
local function check_lines(self, level)
  local w = self.builder
  local ok, err = pcall(w.finished, w)
  w.doubts = {}
  if not ok then
    self:undo()
    stop(level + 1, "%s", tostring(err.message or err))
  end
end

-- The differential, by rules until only d(x) is left.
local function finish_rules(self, w)
  local D = w.D
  local at = self.left == w.of and display.call("d", { self.at }) or self.at
  self.left = display.call("d", { w.of })
  while D:unfinished(at) do
    local before = at
    local ok, next_one, made = pcall(D.next_line, D, at)
    if not ok then
      self:undo()
      stop(3, "%s", tostring(type(next_one) == "table" and next_one.message or next_one))
    end
    at = next_one
    if format.text(before) ~= format.text(at) then
      w.derivation:add(w.words:rules_line(made, { left = self.left, right = at }))
    end
  end
  self.at = at
end

-- How the layout reads the derivative by independent entries: the form, the linear node, the derivative.
local function reading(self, w)
  local how, ids = w.how, self.ids
  local free = { layout = how.layout, convention = conventions.free, transposed = how.transposed }
  return variable.last_part(w, self.by, w.f), self.by.linear, derivative.derivative(self.session, ids.f, ids.x, free)
end

--- The form that the layout reads, collected.
function Led:collect()
  local w = open(self)
  if self.equation or self.left.tag == "derivative" then
    stop(2, "the answer is there")
  elseif self.by.row.reading == "block" or self.by.entry then
    stop(2, "%s is read at once: D:read()", self.by.entry and "a derivative by one entry" or "a block layout")
  end
  push(self)
  finish_rules(self, w)
  local C, linear, free = reading(self, w)
  local G = C:unknown(free, linear, w.how.layout)
  w:bring_to(C, self.at, G)
  check_lines(self, 2)
  local last = self[#self]
  self.left, self.at = last.left, last.right
  return self
end

--- The answer, read off.
function Led:read()
  local w = open(self)
  if self.equation or self.left.tag == "derivative" then
    stop(2, "the answer is there")
  end
  push(self)
  local C, _, free = reading(self, w)
  local structure = structured.row(self.session, w.how.convention, self.ids.x)
  if self.by.entry then
    finish_rules(self, w)
    variable.entry_lines(w, self.at, self.by, w.how.answer_id())
  elseif structure then
    structured.lines(w, C, structure, free, w.how.answer_id())
  else
    local line = { kind = "layout", left = C:derivative(), right = w:answer_tree(w.how.answer_id()) }
    local word, args = w.words:reading(C, w.how.layout)
    w:add(word, args, line)
  end
  check_lines(self, 2)
  local last = self[#self]
  self.left, self.at = last.left, last.right
  return self
end

--- All that is left, by the rules.
function Led:auto()
  local w = open(self)
  if self.equation or self.left.tag == "derivative" then
    return self
  end
  push(self)
  local count = #self.states
  local C, linear, free = reading(self, w)
  if self.left == w.of or compose.is_d(self.left) then
    finish_rules(self, w)
    if C.row.reading ~= "block" and not self.by.entry then
      w:bring_to(C, self.at, C:unknown(free, linear, w.how.layout))
    end
  end
  self:read()
  for i = #self.states, count + 1, -1 do
    self.states[i] = nil
  end
  return self
end

local lead = {
  open = open,
  push = push,
  stop = stop,
  wrong = wrong,
  tree_of = tree_of,
  value_of = value_of,
  known_equal = known_equal,
  sides = sides,
  need_text = need_text,
}
led_equations.add(Led, lead)
local Titled = led_expression.class(Led, lead)

--- Begin a derivation without a variable.
-- @tparam table session
-- @tparam string title
-- @tparam table how as for `new`; also `read(text)`: the node and the context of a text; `subst(id, equation)`
function M.titled(session, title, how)
  return setmetatable({
    session = session,
    title = title,
    how = how,
    ids = {},
    definitions = {},
    states = {},
    noted = {},
    compare = how.compare,
    layout = how.layout.name,
    print_options = how.print,
  }, Titled)
end

--- Begin.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f
-- @param x an id: see nabla.derive.variable
-- @tparam table how see nabla.derive.builder; `answer_id`, a function; `name` of the function, or nil; `compare(a, b, dx)` of
-- handles
function M.new(session, f, context, x, how)
  local S = session.S
  how.variables = { variable.of(session, f, x, how).by }
  local own = how.own
  local w = builder.new(session, own, context, how)
  local self = setmetatable({
    session = session,
    builder = w,
    keep = { S:handle(f), S:handle(x), S:handle(own) },
    ids = { f = f, x = x },
    definitions = {},
    states = {},
    noted = {},
    compare = how.compare,
    layout = how.layout.name,
    print_options = how.print,
  }, Led)
  w.derivation = self
  variable.begin(w, variable.of(session, f, x, how))
  self.at = w:given(how.name)
  self.left = w.of
  self.of = w.of.text
  for tree, id in pairs(w.W.memo) do
    if #tree == 0 or tree.tag == "call" then
      self.noted[tree] = { id = id, handle = S:handle(id) }
    end
  end
  return self
end

return M
