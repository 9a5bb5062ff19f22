-- What is done to random expressions, judged by numbers: substitution, expansion, collecting, factors on a side, linear and
-- quadratic parts, completed squares, names for parts.

local matrix = require "nabla.matrix"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local COUNT = tonumber(os.getenv "EXPRESSIONS" or "") or sample.count(300)
local SEED = tonumber(os.getenv "SEED" or "") or 20261128

local DECLARED = "scalar a, scalar c, vector x(n), vector y(n), vector b(m), "
  .. "matrix A(m,n), matrix C(m,n), matrix B(n,n), matrix S(n,n) symmetric, matrix P(n,n) spd, matrix R(m,m)"
local SIZE = { n = 2, m = 3, ["1"] = 1 }
local SHAPES = { "1 1", "n 1", "m 1", "m n", "n m", "n n", "m m", "1 n", "1 m" }

-- ---------------------------------------------------------------------------------------------- numbers

local state = SEED
local function random(k)
  state = (state * 1103515245 + 12345) % 2147483648
  return (state >> 8) % k + 1
end

local function pick(list)
  return #list > 0 and list[random(#list)] or nil
end

local function filled(rows, cols)
  local m = {}
  for i = 1, rows do
    m[i] = {}
    for j = 1, cols do
      m[i][j] = (random(2001) - 1001) / 1000
    end
  end
  return matrix(m)
end

local at = { a = 0.7, c = -1.3, S = matrix { { 0.4, -0.8 }, { -0.8, 1.1 } }, P = matrix { { 2, 0.6 }, { 0.6, 1.5 } } }
local SIZES = { x = { 2, 1 }, y = { 2, 1 }, b = { 3, 1 }, A = { 3, 2 }, C = { 3, 2 }, B = { 2, 2 }, R = { 3, 3 } }
for name in ("A B C R b x y"):gmatch "%a" do
  at[name] = filled(table.unpack(SIZES[name]))
end

-- ---------------------------------------------------------------------------------------------- expressions

local leaves = {
  ["1 1"] = { "a", "c" },
  ["n 1"] = { "x", "y" },
  ["m 1"] = { "b" },
  ["m n"] = { "A", "C" },
  ["n n"] = { "B", "S", "P", "inv(P)" },
  ["m m"] = { "R" },
}

local function turned(shape)
  return (shape:gsub("(%w) (%w)", "%2 %1"))
end

local expression

local function scalar(depth)
  local kind = random(9)
  if kind == 1 then
    return "norm2(" .. expression(pick { "n 1", "m 1", "m n" }, depth - 1) .. ")^2"
  elseif kind == 2 then
    return "tr(" .. expression(pick { "n n", "m m" }, depth - 1) .. ")"
  elseif kind == 3 then
    return ("(%s)/(2 + x'*x)"):format(expression("1 1", depth - 1))
  elseif kind == 4 then
    return ("(%s)^%d"):format(expression("1 1", depth - 1), random(3))
  elseif kind == 5 then
    return ("sum(i = 1..n, exp(x(i)/4)*i*(%s))"):format(expression("1 1", depth - 1))
  elseif kind == 6 then
    return "sum(" .. expression(pick(SHAPES), depth - 1) .. ")"
  end
  local inner = pick { "n 1", "m 1" }
  return ("(%s)'*(%s)"):format(expression(inner, depth - 1), expression(inner, depth - 1))
end

function expression(shape, depth)
  local known = leaves[shape]
  if depth <= 0 and known then
    return pick(known)
  elseif depth <= 0 or random(8) == 1 and depth > 0 then
    return ("(%s)'"):format(expression(turned(shape), known and depth - 1 or depth))
  elseif shape == "1 1" and random(3) > 1 then
    return scalar(depth)
  end
  local kind = random(8)
  if kind <= 3 then
    local sign = pick { "+", "-" }
    return ("(%s %s %s)"):format(expression(shape, depth - 1), sign, expression(shape, depth - 1))
  elseif kind == 4 then
    return ("%d*(%s)"):format(random(5) - 6, expression(shape, depth - 1))
  elseif kind == 5 then
    return ("(%s)*(%s)"):format(expression("1 1", depth - 1), expression(shape, depth - 1))
  elseif kind == 6 and shape ~= "1 1" then
    return ("(%s).*(%s)"):format(expression(shape, depth - 1), expression(shape, depth - 1))
  end
  local rows, cols = shape:match "(%w) (%w)"
  local inner = pick { "n", "m", "n", "m", "1" }
  return ("(%s)*(%s)"):format(expression(rows .. " " .. inner, depth - 1), expression(inner .. " " .. cols, depth - 1))
end

-- ---------------------------------------------------------------------------------------------- the judge

local s = assert(nabla.new())
s:declare(DECLARED)

-- The value of a node at the values above, changed by `more`.
local function value(node, more)
  local given = {}
  for _, list in ipairs { at, more or {} } do
    for name, v in pairs(list) do
      given[name] = v
    end
  end
  local v = assert(s:compile(node))(given)
  return type(v) == "number" and matrix { { v } } or v
end

-- How far two values are from each other, against their size.
local function apart(p, q)
  local worst, size = 0, 1
  for k = 1, #p do
    worst, size = math.max(worst, math.abs(p[k] - q[k])), math.max(size, math.abs(p[k]))
  end
  return (#p == #q and worst == worst) and worst / size or math.huge
end

local judged, done = {}, {}

-- Is the value of what was made of a node, at changed values, that of the node?
local function check(what, node, result, more, original_more)
  judged[what] = (judged[what] or 0) + 1
  local off = apart(value(node, original_more), value(result, more))
  assert.is_true(off < 1e-7, ("%s of %s gives %s: off by %g"):format(what, tostring(node), tostring(result), off))
end

local function count(what, n)
  done[what] = (done[what] or 0) + n
end

-- A part of an expression, perhaps of a product or a sum, perhaps turned, perhaps with a number; no number and no counter.
local function part_of(node)
  local list = {}
  for part in node:walk() do
    local text = tostring(part)
    if part.op ~= "number" and part.op ~= "zeros" and not SIZE[text] and not text:find "%f[%w][i-l]%f[%W]" then
      list[#list + 1] = part
    end
  end
  local part = pick(list)
  if not part then
    return nil
  elseif (part.op == "product" or part.op == "sum") and #part > 2 and random(2) == 1 then
    local from = random(#part - 1)
    if part.op == "sum" then
      part = part[from] + part[from + 1]
    elseif part[from].cols == part[from + 1].rows and part[from + 1].cols ~= "1" then
      part = part[from] * part[from + 1]
    end
  end
  local how = random(4)
  return how == 1 and part.T or how == 2 and -2 * part or part
end

-- A variable of the shape of a part.
local stand_ins = {}
local function stand_in(part)
  local name = "Z" .. SIZE[part.rows] .. SIZE[part.cols]
  stand_ins[name] = stand_ins[name] or s:declare(("matrix %s(%s,%s)"):format(name, part.rows, part.cols))
  return name, stand_ins[name]
end

local operations = {}

function operations.subst(node, part)
  local name, z = stand_in(part)
  local result, times = node:subst(part, z)
  count("subst", math.min(times, 1))
  check("subst", node, result, { [name] = value(part) })
end

function operations.exchange(node)
  local exchanged = node:subst { x = "y", y = "x", A = "C", C = "A" }
  check("exchange", node, exchanged, { x = at.y, y = at.x, A = at.C, C = at.A })
end

function operations.factor(node, part)
  if part.rows == "1" and part.cols == "1" or part.cols == node.cols then
    local result, times = node:factor(part, "right")
    count("factor", math.min(times, 1))
    check("factor", node, result)
  end
  if part.rows == node.rows then
    check("factor", node, (node:factor(part, "left")))
  end
end

function operations.expand(node)
  check("expand", node, node:expand())
end

function operations.collect(node)
  local x = pick { "x", "A", "B", "a" }
  local result = node:collect(x, pick { "left", "right", false } or nil)
  count("collect", result ~= node and 1 or 0)
  check("collect", node, result)
end

function operations.linear(node)
  local x = pick { "x", "A", "B", "a", "b", "y" }
  local terms, rest = node:linear(x)
  if not terms then
    return
  end
  local whole = rest
  for _, term in ipairs(terms) do
    local inner = term.transposed and s:parse(x).T or s:parse(x)
    local product = nabla.multiply { term.left, inner, term.right }
    whole = whole + (term.trace and nabla[term.trace](product) or product)
  end
  count("linear", math.min(#terms, 1))
  check("linear", node, whole)
  check("linear, at zero", node:replace(x, 0), rest)
end

function operations.quadratic(node)
  local x = pick { "x", "a", "b", "y" }
  local M, c, r = node:quadratic(x)
  if not M then
    return
  end
  local v = s:parse(x)
  count("quadratic", M.op ~= "zeros" and 1 or 0)
  check("quadratic", node, v.T * M * v + c.T * v + r)
  check("symmetric", M, M.T)
end

function operations.square(node)
  local x = pick { "x", "a", "b", "y" }
  local square = s:parse("(x'*P*x + a^2*(2 + y'*y) + b'*b + y'*y)*(1 + c^2)") + node
  local result, facts = square:square(x)
  if result and tonumber(tostring(facts.matrix)) ~= 0 then
    count("square", 1)
    check("square", square, result)
  end
end

function operations.fold(node, part)
  local number = s.parts and #s.parts or 0
  if number > 40 or part.op == "symbol" then
    return
  end
  assert(s:let("part" .. number, part))
  local folded, times = node:fold()
  count("fold", math.min(times, 1))
  check("fold", node, folded)
  check("unfold", node, folded:unfold())
  s:reset()
  s:declare(DECLARED)
  stand_ins = {}
end

local NAMES = {}
for name in pairs(operations) do
  NAMES[#NAMES + 1] = name
end
table.sort(NAMES)

describe("random expressions", function()
  for i = 1, COUNT do
    local shape = pick { "1 1", "1 1", "1 1", "n 1", "m n", "n n", "m 1" }
    local text = expression(shape, 1 + random(3))
    it(("%d keep their value: %s"):format(i, text), function()
      local node = assert(s:parse(text))
      local part = part_of(node)
      for _, name in ipairs(NAMES) do
        local scalar_only = name == "quadratic" or name == "square"
        local needs_part = name == "subst" or name == "factor" or name == "fold"
        if not (scalar_only and shape ~= "1 1") and (part or not needs_part) then
          operations[name](node, part)
        end
      end
    end)
  end

  it("are judged often, and each operation acts", function()
    local total = 0
    for _, n in pairs(judged) do
      total = total + n
    end
    assert.is_true(total >= 7 * COUNT, "judged: " .. total)
    for _, what in ipairs { "subst", "factor", "collect", "linear", "quadratic", "square", "fold" } do
      assert.is_true((done[what] or 0) >= COUNT / 20, what .. " acted " .. (done[what] or 0) .. " times")
    end
    if os.getenv "EXPRESSIONS" then
      for what, n in pairs(judged) do
        print(what, n, done[what] or "")
      end
      print("all", total)
    end
  end)
end)
