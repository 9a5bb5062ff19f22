--- A derivation that its user leads goes on with equations: the derivative set to zero, the equation solved.
--
--     D:auto():stationary()                 -- 2*A'*(A*x - b) = 0
--     D:step "A'*A*x = A'*b"                -- a line of one's own: an equation that says the same
--     D:solve()                             -- x = inv(A'*A)*A'*b, with the condition
--
-- Invariant: `equation` is true once the lines are equations; `left` and `at` are then the sides of the last one.
--
-- @module nabla.derive.led_equations

local display = require "nabla.print.display"
local format = require "nabla.print.format"

local M = {}

-- An equation may be a multiple of the one before it.
local MULTIPLES = { "1", "-1", "2", "-2", "1/2", "-1/2" }

-- The nodes of both sides; a side 0 has the shape of the other.
local function sides_of(S, value_of, left, right)
  local a, b = value_of(left), value_of(right)
  local function zero(id, like)
    return id == S:rational(0) and S:zeros(S:rows(like), S:cols(like)) or id
  end
  return zero(a, b), zero(b, a)
end

-- One side minus the other.
local function difference(S, value_of, left, right)
  local a, b = sides_of(S, value_of, left, right)
  if S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    return nil
  end
  return S:sum { a, S:neg(b) }
end

local function multiple(S, text, id)
  local sign, above, below = text:match "^(%-?)(%d+)/?(%d*)$"
  local number = S:rational(above)
  number = below ~= "" and S:div(number, S:rational(below)) or number
  return S:product { sign == "-" and S:neg(number) or number, id }
end

--- Add the methods to those of a derivation that is led.
-- @tparam table Led the class
-- @tparam table lead what the methods share: open, push, stop, wrong, tree_of, value_of, known_equal
function M.add(Led, lead)
  local stop = lead.stop

  local function show(self, line)
    self.left, self.at, self.equation = line.left, line.right, true
    self.builder.derivation:add(line)
  end

  --- The derivative is zero: an equation. What is left of the derivation is done before.
  function Led:stationary()
    if self.equation then
      stop(2, "the lines are equations already")
    elseif self.left.tag ~= "derivative" then
      self:auto()
    end
    local w = lead.open(self)
    lead.push(self)
    local line = { kind = "equation", left = self.at, right = display.number "0" }
    show(self, w.words:line("stationary", {}, line))
    return self
  end

  --- Solve the equation of the last line. The conditions stand in the reason of the last line; `D.solutions` has them as values.
  -- @param[opt] unknown a node or a name; the variable, without it
  function Led:solve(unknown)
    unknown = type(unknown) == "userdata" and unknown.name or unknown
    if not self.equation then
      stop(2, "there is no equation to solve; D:stationary() sets the derivative to zero")
    elseif unknown ~= nil and type(unknown) ~= "string" then
      stop(2, "an unknown is a name, found a %s", type(unknown))
    end
    local w = lead.open(self)
    local S = self.session.S
    local function value_of(tree)
      return lead.value_of(self, tree)
    end
    local a, b = sides_of(S, value_of, self.left, self.at)
    local back = w.how.back
    if back then -- complex letters in their places
      a, b, unknown = back(a), back(b), unknown or w.how.unknown
    end
    local name = unknown or self.ids.x and format.text(w.D:print(self.ids.x))
    if not name then
      stop(2, "solve takes the name of the unknown")
    end
    local solutions, err = w.how.solve(a, b, name)
    if not solutions then
      stop(2, "%s", type(err) == "table" and err.message or tostring(err))
    end
    w = lead.open(self) -- ids do not last
    lead.push(self)
    self.solutions = solutions
    for _, found in ipairs(w.how.lines_of(solutions)) do
      local left, right = w.D:print(found.left), w.D:print(found.right)
      right = S:op(found.right) == "zeros" and display.number "0" or right
      if not w:is_said(left, right) then
        local line = { kind = "equation", left = left, right = right, says = found.says, rule = found.says "en" or "" }
        line.zh = found.says "zh"
        show(self, line)
      end
    end
    return self
  end

  --- A line of one's own among equations: it is a multiple of the one before it, or has its solution.
  -- @param left the tree of a side
  -- @param right
  -- @tparam[opt] string reason
  -- @tparam integer level at which a mistake is raised
  function Led:step_equation(left, right, reason, level)
    local w, S = self.builder, self.session.S
    local function value_of(tree)
      return lead.value_of(self, tree)
    end
    local before = difference(S, value_of, self.left, self.at)
    local now = difference(S, value_of, left, right)
    local proved, why, example
    if not now then
      lead.wrong(level + 1, "this line does not follow", "its sides are of different shapes")
    end
    for _, factor in ipairs(MULTIPLES) do
      local id = multiple(S, factor, before)
      local same_shape = S:rows(id) == S:rows(now) and S:cols(id) == S:cols(now)
      if not proved and same_shape then
        local how, reason_why, values = lead.known_equal(self, id, now)
        proved = how or nil
        why, example = why or reason_why, example or values
      end
    end
    if not proved and self.ids.x then
      proved = w.how.holds_where(before, now, format.text(w.D:print(self.ids.x)))
    end
    if not proved then
      lead.wrong(level + 1, "this line does not follow", why or "the equation before it does not lead to it", example)
    end
    lead.push(self)
    local line = w.words:line("user", { reason or "" }, { kind = "user", left = left, right = right })
    line.proved = proved
    show(self, line)
    return self
  end
end

return M
