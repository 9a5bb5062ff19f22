-- Depth, width, long loops, failing allocations, budgets, and how long nodes live. What is timed is in bench/.

local core = require "nabla.core"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- Under the sanitizers everything is an order of magnitude slower: less of the same.
local sanitized = (os.getenv "LD_PRELOAD" or ""):find("asan", 1, true) ~= nil
local million = sanitized and 50000 or sample.count(1000000, 50)

local function id_of(node)
  return (select(2, core.unwrap(node)))
end

local function collect(s)
  collectgarbage()
  collectgarbage()
  s.S:collect()
end

-- The nodes that are left when nothing is held but the session.
local function left(s)
  collect(s)
  return s:stats().nodes
end

describe("size and depth", function()
  local s, S, before
  before_each(function()
    s = assert(nabla.new {})
    S = s.S
    s:declare "scalar x, scalar y, matrix A(n,n), matrix B(n,n), matrix X(n,n), vector a(n)"
    before = left(s)
  end)

  local function variable(name)
    return id_of(assert(s:parse(name)))
  end

  it("builds a function nested a million deep, differentiates it, and frees it", function()
    local x = variable "x"
    local f = x
    for _ = 1, million do
      f = S:apply("sin", { f })
    end
    local handle = S:handle(f)
    local stats = s:stats()
    assert.is_true(stats.nodes >= before + million)
    assert.is_true(stats.bytes_per_node <= 50, stats.bytes_per_node .. " bytes a node")
    -- a product of a million factors, kept as products of products: its size is linear in the depth
    local d = S:handle(S:forward(f, x, S:rational(1)))
    assert.are.equal("product", (S:op(id_of(d))))
    assert.is_true(s:stats().nodes < before + 4 * million)
    d = nil -- luacheck: ignore 311
    collect(s)
    assert.is_nil(S:check())
    assert.are.equal(f, id_of(handle))
    assert.are.equal("cos(x)", tostring(s:diff("sin(x)", "x")))
    handle = nil -- luacheck: ignore 311
    assert.are.equal(before, left(s))
  end)

  it("differentiates a function nested deep: a product of as many factors", function()
    local f = variable "x"
    for _ = 1, 2000 do
      f = S:apply("sin", { f })
    end
    local cosines = 0
    for _, node in ipairs(S:postorder(S:forward(f, variable "x", S:rational(1)))) do
      cosines = cosines + (S:op(node) == "cos" and 1 or 0)
    end
    assert.are.equal(2000, cosines)
  end)

  it("differentiates sums and functions nested a million deep, and frees all of it", function()
    local x = variable "x"
    local f = x
    for _ = 1, million // 2 do
      f = S:sum { S:apply("sin", { f }), x }
    end
    local handle = S:handle(f)
    local d = S:handle(S:forward(f, x, S:rational(1)))
    assert.is_true(s:stats().nodes > 2 * million and s:stats().nodes < 10 * million)
    assert.are.equal(f, id_of(handle))
    assert.are.equal("sum", (S:op(id_of(d))))
    assert.is_nil(S:check())
    handle, d = nil, nil -- luacheck: ignore 311
    assert.are.equal(before, left(s))
  end)

  it("differentiates a sum of a million terms", function()
    local x, terms = variable "x", {}
    local other = variable "y"
    for i = 1, million do -- one in four depends on x
      other = S:apply("exp", { other })
      terms[i] = i % 4 == 0 and S:apply("sin", { S:sum { x, S:rational(i) } }) or other
    end
    local f = S:sum(terms)
    assert.are.equal(2 * million, #S:args(f))
    local handle = S:handle(S:forward(f, x, S:rational(1)))
    local args = S:args(id_of(handle))
    assert.are.equal(million // 2, #args)
    assert.are.equal("cos", (S:op(args[2])))
    assert.are.equal("cos", (S:op(args[#args])))
    assert.is_nil(S:check())
    handle = nil -- luacheck: ignore 311
    assert.are.equal(before, left(s))
  end)

  it("differentiates sums, products and transposes of matrices, nested deep", function()
    local A, B = variable "A", variable "B"
    local f = variable "X"
    for _ = 1, million // 20 do
      f = S:transpose(S:sum { S:product { A, f }, B })
    end
    local trace = S:handle(S:apply("tr", { f }))
    local gradient = assert(s:diff(trace, "X"))
    -- A stands to the left of X and A' to the right of it, half of them each
    assert.are.equal(string.format("A'^%d*A^%d", million // 40, million // 40), tostring(gradient))
    collect(s)
    assert.is_nil(S:check())
    trace, gradient = nil, nil -- luacheck: ignore 311
    assert.are.equal(before, left(s))
  end)

  sample.whole(it)("prints, replaces, simplifies, expands and compares what is nested deep", function()
    local x = variable "x"
    local f = x
    for _ = 1, 10000 do
      f = S:sum { S:apply("sin", { f }), x }
    end
    local node = S:handle(f)
    assert.is_true(#tostring(node) > 10000)
    assert.are.equal(node, s:simplify(node))
    assert.are.equal(node, s:expand(node))
    assert.are.equal("yes", (s:equal(node, node)))
    local there = node:replace(s:parse "x", s:parse "y")
    assert.are_not.equal(node, there)
    assert.are.equal(node, there:replace(s:parse "y", s:parse "x"))
  end)

  it("multiplies a chain of 50 matrices at once", function()
    local chain = {}
    for i = 1, 50 do
      chain[i] = S:symbol("P" .. i, 2, 0, S:dim "n", S:dim "n")
    end
    S:begin()
    local product = S:product(chain)
    assert.are.equal(51, #S:args(product))
    -- work in proportion to the fourth power of the length would be 400,000 steps
    assert.is_true(S:stats().steps < 20000, S:stats().steps .. " steps")
  end)

  it("differentiates a high power of a scalar at once", function()
    S:begin()
    assert.are.equal("100000*x^99999", tostring(assert(s:diff("x^100000", "x"))))
    assert.is_true(S:stats().steps < 1000, S:stats().steps .. " steps")
  end)
end)

describe("memory in long loops", function()
  it("does not grow when nodes are made and dropped", function()
    local s = assert(nabla.new {})
    local x = s:declare "scalar x"
    local S, id, peak = s.S, id_of(x), 0
    collect(s) -- what other specs hold is not of this loop
    local others = collectgarbage "count" * 1024
    for i = 1, million // 3 do
      S:begin() -- collects now and then
      assert(S:handle(S:apply("sin", { S:sum { id, S:rational(i) } }))) -- three new nodes
      if i % 1000 == 0 then
        peak = math.max(peak, s:stats().bytes + collectgarbage "count" * 1024 - others)
      end
    end
    assert.is_true(peak < 200e6, string.format("%.0f MB", peak / 1e6))
    assert.is_nil(S:check())
  end)

  it("does not grow when derivatives are made and dropped", function()
    local s = assert(nabla.new {})
    local X = s:declare "matrix X(n,n)"
    local f = assert(s:parse "tr(X'*A*X) + logdet(X)")
    assert(s:diff(f, X))
    local before = left(s)
    for i = 1, sanitized and 50 or 500 do
      assert(s:diff(i * f, X))
    end
    assert.are.equal(before, left(s))
  end)
end)

describe("an allocation that fails", function()
  -- Many terms, so that there are more than 200 allocations.
  local function work(s)
    local declarations, terms = { "vector x(n)" }, {}
    for i = 1, 120 do
      declarations[#declarations + 1] = string.format("matrix A%d(n,n)", i)
      terms[i] = string.format("tanh(x'*A%d*x)^%d*norm2(A%d*x)", i, i % 3 + 2, i)
    end
    s:declare(table.concat(declarations, ", "))
    return assert(s:parse(table.concat(terms, " + ")))
  end

  sample.whole(it)("is an error each time, and leaves the store sound and able to do the same work", function()
    local s = assert(nabla.new {})
    local S = s.S
    local f = work(s)
    local expected = tostring(assert(s:diff(f, "x")))
    for n = 0, 200, sample.quick and 70 or sanitized and 10 or 1 do
      collect(s)
      s:limits { fail_after = n }
      local answer, err = s:diff(f, "x")
      s:limits { fail_after = -1 }
      assert.is_nil(answer, n .. ": there were not so many allocations")
      assert.are.equal("memory", err.status)
      assert.is_nil(S:check())
      if n % 40 == 0 then
        assert.are.equal(expected, tostring(assert(s:diff(f, "x"))))
      end
    end
    assert.are.equal(expected, tostring(assert(s:diff(f, "x"))))
  end)

  sample.whole(it)("while rules are read is an error, and the rules can be read after it", function()
    for n = 0, 300, (sanitized or sample.quick) and 100 or 20 do
      local s = assert(nabla.new { default_rules = false })
      s:limits { fail_after = n }
      local ok, err = s:load "default.rules"
      s:limits { fail_after = -1 }
      assert.is_nil(s.S:check())
      if not ok then
        assert.is_truthy(tostring(err):find("out of memory", 1, true))
        assert(s:load "default.rules")
      end
      assert.are.equal("(A + A')*x", tostring(s:diff("x'*A*x", "x")))
    end
  end)
end)

describe("a budget that runs out", function()
  local s, S, f, none
  before_each(function()
    s = assert(nabla.new {})
    S = s.S
    none = { steps = 2e9, nodes = 2 ^ 31, bytes = 0, seconds = 0 }
    s:declare "matrix A(n,n), matrix X(n,n), scalar t"
    f = assert(s:parse "tr(X'*A*X*X'*A*X)^3*exp(tr(X'*A*X))*log(det(X))*norm2(A*X)")
    collect(s)
  end)

  local function expect_refusal(answer, err, what)
    assert.is_nil(answer)
    assert.are.equal("budget", err.status)
    assert.is_truthy(err.message:find("^the budget of %S+ " .. what .. " is used up"), err.message)
    assert.is_truthy(err.message:find('the rules that fired last: "', 1, true), err.message)
    s:limits(none)
    assert.is_nil(S:check())
    assert.are.equal("(A + A')*x", tostring(s:diff("x'*A*x", "x")))
    assert(s:diff(f, "X"))
  end

  it("of steps names the rules that fired last, and leaves the session usable", function()
    s:limits { steps = 100 }
    local answer, err = s:diff(f, "X")
    expect_refusal(answer, err, "steps")
  end)

  it("of nodes names the rules that fired last, and leaves the session usable", function()
    s:limits { nodes = s:stats().nodes + 30 }
    local answer, err = s:diff(f, "X")
    expect_refusal(answer, err, "nodes")
  end)

  it("of bytes names the rules that fired last, and leaves the session usable", function()
    local t = assert(s:parse "t")
    collect(s)
    s:limits { bytes = s:stats().bytes + 1e6 }
    local answer, err = nabla.sin(nabla.exp(t) * nabla.cos(3 * t)), nil
    while answer and not err do
      answer, err = s:diff(answer, "t")
    end
    expect_refusal(answer, err, "bytes")
  end)

  sample.whole(it)("of seconds names the rules that fired last, and leaves the session usable", function()
    local g = assert(s:parse "t")
    for _ = 1, 3 do
      g = nabla.sin(nabla.exp(g + s:parse "t^2") * nabla.cos(3 * g))
    end
    s:limits { seconds = 0.05 }
    local answer, err = g, nil
    local start = os.clock()
    while answer and not err do
      answer, err = s:diff(answer, "t")
    end
    assert.is_true(os.clock() - start < 30)
    expect_refusal(answer, err, "seconds")
  end)

  it("while a text is read is an error with that status too", function()
    s:limits { steps = 5 }
    local answer, err = s:parse("tr(" .. ("A*X*"):rep(20) .. "A)")
    s:limits(none)
    assert.is_nil(answer)
    assert.are.equal("budget", err.status)
    assert(s:parse("tr(" .. ("A*X*"):rep(20) .. "A)"))
  end)
end)

describe("a node in Lua", function()
  it("lives through collections, and what it is made of with it", function()
    local s = assert(nabla.new {})
    local x = s:declare "vector x(n)"
    local f = assert(s:parse "norm2(A*x - b)^2")
    local text, derivative = tostring(f), tostring(s:diff(f, x))
    for i = 1, 20 do
      collect(s)
      assert(s:parse("tr(A*inv(X))^" .. i)) -- new nodes in the places of old ones
      assert.are.equal(text, tostring(f))
      assert.are.equal(derivative, tostring(s:diff(f, x)))
    end
    assert.is_nil(s.S:check())
  end)

  it("is the same node as one made later that is equal, also as a key of a table", function()
    local s = assert(nabla.new {})
    local x = s:declare "scalar x"
    local f = nabla.sin(x) + 1
    local seen = { [f] = "here" }
    collect(s)
    local g = 1 + nabla.sin(s:parse "x")
    assert.is_true(f == g)
    assert.are.equal("here", seen[g])
    assert.is_nil(seen[g + 1])
    f, g, seen = nil, nil, nil -- luacheck: ignore 311
    collect(s)
    assert.are.equal("cos(x)", tostring(s:diff("sin(x) + 1", "x")))
  end)

  it("keeps its session", function()
    local function node()
      local s = assert(nabla.new {})
      return (s:declare "scalar x")
    end
    local x = node()
    collectgarbage()
    collectgarbage()
    assert.are.equal("cos(x)", tostring(nabla.sin(x):diff(x)))
  end)

  it("and its session can be dropped in any order", function()
    for i = 1, 20 do
      local s = assert(nabla.new { default_rules = i % 10 == 0 })
      local nodes = {}
      for k = 1, 50 do
        nodes[k] = s.S:handle(s.S:rational(k))
      end
      if i % 2 == 0 then
        s = nil -- luacheck: ignore 311
      else
        nodes = nil -- luacheck: ignore 311
      end
      collectgarbage()
      assert(nodes or s)
    end
  end)
end)
