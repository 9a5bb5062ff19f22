--- A derivation without a variable, led by a user: an expression, or an equation, brought to another form line by line.
--
--     local D = s:derivation { title = "Woodbury" }
--     D:step "(A + U*C*V)*(inv(A) - inv(A)*U*inv(T)*V*inv(A))"     -- the expression
--     D:expand()                                                    -- also D:simplify()
--     D:subst("V*inv(A)*U = T - inv(C)", "definition of T")
--     D:step("I(n)", "the terms cancel")                            -- a line of one's own, checked
--
-- The lines are checked as those of nabla.derive.led_by_user; where the first line is an equation, so are all.
--
-- @module nabla.derive.led_expression

local builder = require "nabla.derive.builder"
local format = require "nabla.print.format"
local laws = require "nabla.derive.laws"

local M = {}

--- Make the class.
-- @tparam table Led the class of derivations that are led
-- @tparam table lead what the methods share: open, push, stop, wrong, tree_of, value_of, known_equal, sides, need_text
function M.class(Led, lead)
  local Titled = setmetatable({}, { __index = Led })
  Titled.__index = Titled
  Titled.__tostring = Led.text
  Titled.__name = "nabla.LedDerivation"
  local stop = lead.stop

  -- The first line.
  local function begin(self, text, reason)
    local session, how = self.session, self.how
    local left_text, right_text = lead.sides(text)
    local id, context = how.read(left_text and ("(%s) - (%s)"):format(left_text, right_text) or text)
    how.variables = {}
    local w = builder.new(session, id, context, how)
    self.builder = w
    w.derivation = self
    self.keep = { session.S:handle(id) }
    lead.open(self)
    local left = lead.tree_of(self, left_text or right_text)
    local right = lead.tree_of(self, right_text)
    lead.value_of(self, left)
    w.words:order_by(left)
    self.left, self.at, self.equation = left, right, left_text ~= nil
    if self.equation then
      local line = { kind = "given", left = left, right = right }
      self:add(w.words:line(reason and "user" or "equation", { reason }, line))
    end
  end

  --- The expression or the equation, then lines of one's own: a right side, or an equation.
  -- @tparam string text
  -- @tparam[opt] string reason
  function Titled:step(text, reason)
    lead.need_text(text, "a line", 2)
    lead.need_text(reason or "", "a reason", 2)
    if self.left then
      return Led.step(self, text, reason)
    end
    local ok, err = pcall(begin, self, text, reason)
    if not ok then
      self.left = nil
      stop(2, "%s", tostring(type(err) == "table" and err.message or err))
    end
    return self
  end

  -- The next line by a function of nodes.
  local function by(self, word, nothing, make)
    if not self.left or self.equation then
      stop(3, self.left and "only an expression is rewritten so" or "there is no line yet: D:step(..) is the first")
    end
    local w = lead.open(self)
    local before, id = self.at, w.W:of(self.at)
    local after, reason = make(id)
    w = lead.open(self)
    local right = w.D:print(after)
    if format.text(right) == format.text(before) then
      stop(3, "%s", nothing)
    end
    local proved, why, example = lead.known_equal(self, w.W:of(before), after)
    if proved == false then
      lead.wrong(3, "this line does not follow", why, example)
    end
    lead.push(self)
    self.at = right
    local line = { kind = "rewrite", left = self.left, right = right, proved = proved or false }
    local known = not reason and laws.between(w.W, before, right)
    if known then
      w.words:joined_line(known, line)
    else
      w.words:line(reason and "user" or word, { reason }, line)
    end
    self:add(line)
    return self
  end

  --- The next line: the last one with its brackets opened.
  function Titled:expand()
    return by(self, "expanded", "there is nothing to expand", function(id)
      return self.session.S:expand(id)
    end)
  end

  --- The next line: the last one in its simplest form.
  function Titled:simplify()
    return by(self, "simplified", "the line is in its simplest form", function(id)
      return self.session.S:textbook(id)
    end)
  end

  --- The next line: by an equation that holds, its left side replaced by its right side, also in longer products.
  -- @tparam string equation such as "V*inv(A)*U = T - inv(C)"
  -- @tparam[opt] string reason
  function Titled:subst(equation, reason)
    lead.need_text(equation, "an equation", 2)
    lead.need_text(reason or "", "a reason", 2)
    return by(self, "put_in", "the left side of " .. equation .. " is not in the line", function(id)
      return self.how.subst(id, equation), reason
    end)
  end

  for _, name in ipairs { "d", "collect", "read", "auto", "stationary" } do
    Titled[name] = function()
      stop(2, "this derivation has no variable to differentiate by: s:derivation(f, x) begins one with a variable")
    end
  end

  return Titled
end

return M
