-- A predicate in Lua that uses the session which asks it: nothing is collected meanwhile, the rules stay, and the limits
-- of the call that asks hold.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local RULE = [[
operator bar(A(m,n)): scalar
let matrix A(m,n)
rule "small bar" bar(A) -> tr(A*A') if small(A)
]]
local INPUT = "bar(P) + 2*bar(Q)*bar(Q*Q) + bar(R)*bar(R*Q)*bar(P*P)"
local ANSWER = "tr(P'*P) + 2*tr(Q'*Q)*tr(Q^2*Q'^2) + tr(R'*R)*tr(Q'*R'*R*Q)*tr(P^2*P'^2)"

describe("a predicate that uses its session", function()
  local s, asked

  -- The answer, or the error's text, with a predicate that does `work` and then says yes.
  local function simplified(work, input)
    asked = 0
    s = assert(nabla.new {})
    s:predicate("small", function(M)
      asked = asked + 1
      work(M)
      return true
    end)
    assert(s:rule(RULE))
    s:declare "matrix P(3,3), matrix Q(n,n), matrix R(n,n)"
    local answer, err = s:simplify(input or INPUT)
    return answer and tostring(answer) or err.message
  end

  after_each(function() -- whatever it did, the session can be used
    assert.is_nil(s.S:check())
    assert.are.equal("(A + A')*x", tostring(s:diff("x'*A*x", "x")))
  end)

  it("finds its nodes where they were, however many it makes", function()
    local function many()
      for i = 1, 30000 do
        s.S:rational(30000 * asked + i)
      end
      assert.are.equal("tr(Q*R')", tostring(assert(s:parse "tr(R'*Q)")))
    end
    assert.are.equal(ANSWER, simplified(many))
    assert.is_true(s:stats().nodes > 30000 * asked and asked >= 5)
    s:parse "x" -- now they are collected
    assert.is_true(s:stats().nodes < 30000)
  end)

  it("may collect nothing", function()
    assert.are.equal(
      ANSWER,
      simplified(function()
        s.S:rational(123456789)
        local nodes = s:stats().nodes
        s.S:collect()
        assert.are.equal(nodes, s:stats().nodes)
      end)
    )
  end)

  it("differentiates, simplifies and compares in it, with the answers that it gives outside", function()
    local answers = {}
    local function all()
      answers[#answers + 1] = table.concat({
        tostring(s:diff("x'*S*x + norm2(A*x - b)^2", "x")),
        tostring(s:diff("tr(Y'*Y*Q)", "Q")),
        tostring(s:hessian("exp(c'*x)", "x")),
        tostring(s:simplify "Z'*Z*x"),
        (s:equal("tr(Q*R)", "tr(R*Q)")),
      }, "; ")
    end
    local function declared()
      s:declare "matrix S(n,n) symmetric, matrix Y(n,n), matrix Z(n,n) orthogonal, vector x(n), vector c(n)"
      all()
    end
    assert.are.equal(ANSWER, simplified(declared))
    all()
    assert.are.equal(asked + 1, #answers)
    for _, answer in ipairs(answers) do
      assert.are.equal(answers[#answers], answer)
    end
    assert.are.equal("2*(S*x + A'*(A*x - b)); Y'*Y; exp(c'*x)*c*c'; x; yes", answers[1])
  end)

  it("leaves the derivative under way as it is", function()
    asked = 0
    s = assert(nabla.new {})
    s:predicate("small", function()
      asked = asked + 1
      assert.are.equal("-sin(u)*cos(cos(u))", tostring(s:diff("sin(cos(u))", "u")))
      return true
    end)
    s:declare "scalar t, scalar u"
    assert(s:rule [[
operator bar(t): scalar
let scalar t
rule d(bar(t)) -> cos(t)*d(t) if small(t)
]])
    assert.are.equal(
      "bar(bar(t)) + exp(t)*cos(exp(t)) + t*cos(t)*cos(bar(t))",
      tostring(assert(s:diff("bar(bar(t))*t + bar(exp(t))", "t")))
    )
    assert.is_true(asked >= 3)
  end)

  it("may ask for the property that is asked, which leads nowhere and is an error or no", function()
    s = assert(nabla.new {})
    s:predicate("ok", function(M)
      return s:holds("spd", M)
    end)
    assert(s:rule [[
operator bar(A(n,n)): matrix (n,n)
let matrix A(n,n)
fact spd(bar(A)) if ok(A)
fact symmetric(bar(A)) if ok(bar(A))
]])
    local S, Q = s:declare "matrix S(n,n) spd, matrix Q(n,n)"
    local bar = nabla.bar
    assert.is_true(s:holds("spd", bar(bar(S))))
    assert.is_false(s:holds("spd", bar(bar(Q))))
    assert.is_true(s:holds("symmetric", bar(S)))
    assert.is_false(s:holds("symmetric", bar(Q)))
  end)

  sample.whole(it)("may do so in a coroutine that is collected before it returns", function()
    local junk
    local function inner(M)
      coroutine.wrap(function()
        return tostring(M * M.T)
      end)()
      collectgarbage()
      collectgarbage()
      junk = {}
      for i = 1, 20000 do
        junk[i] = { tostring(i), i }
      end
    end
    assert.are.equal(ANSWER, simplified(inner))
    assert.are.equal(20000, #junk)
  end)

  local REFUSED = "rules cannot change while a predicate is asked"

  it("cannot read rules", function()
    local messages = {}
    local function more()
      local before = s:stats().rules
      for i = 1, 300 do
        local name = "zz" .. i
        local ok, err = s:rule(
          ("operator %s(A(m,n)): scalar\nlet matrix A(m,n)\nrule %s(A) -> bar(A) if small(A)"):format(name, name)
        )
        assert.is_nil(ok)
        messages[err.message] = true
      end
      for _, text in ipairs { 'without rule "small bar"', "operator yy(t): scalar", "attribute strange" } do
        messages[select(2, s:rule(text)).message] = true
      end
      messages[select(2, s:load "layouts/vec.rules").message] = true
      assert.are.equal(before, s:stats().rules)
    end
    assert.are.equal(ANSWER, simplified(more))
    assert.are.same({ [REFUSED] = true }, messages)
    assert(s:rule 'without rule "small bar"')
    assert.are.equal("bar(P)", tostring(s:simplify "bar(P)"))
  end)

  it("cannot replace a predicate, change limits or close the store", function()
    local message
    local function attempt(f)
      return function()
        message = select(2, pcall(f))
      end
    end
    for what, f in pairs {
      ["predicates cannot change while a predicate is asked"] = function()
        s:predicate("small", function() end)
      end,
      ["limits cannot change while a predicate is asked"] = function()
        s:limits { seconds = 100 }
      end,
      ["a store cannot be closed while a predicate is asked"] = function()
        s.S:close()
      end,
    } do
      assert.are.equal(ANSWER, simplified(attempt(f)))
      assert.is_truthy(tostring(message):find(what, 1, true), tostring(message))
    end
  end)

  sample.whole(it)("that fails is an error of the call, with its text", function()
    for text, fail in pairs {
      ["boom"] = function()
        error("boom", 0)
      end,
      ["error"] = function()
        error {}
      end,
      ["this `(` is never closed"] = function()
        error((select(2, s:parse "Q*(")))
      end,
      ["stack overflow"] = function()
        local function r()
          return 1 + r()
        end
        return r()
      end,
      ["attempt to yield"] = function()
        coroutine.yield(1)
      end,
    } do
      local message = simplified(fail)
      assert.is_truthy(message:find("^the predicate small failed: "), message)
      assert.is_truthy(message:find(text, 1, true), message)
    end
  end)

  it("that asks itself without end is answered", function()
    assert.are.equal(
      "bar(Q)",
      simplified(function()
        assert(s:simplify "bar(Q)")
      end, "bar(Q)"):gsub("^the predicate small failed: .*", "bar(Q)")
    )
  end)

  sample.whole(it)("spends the limits of the call that asks it", function()
    for what, limits in pairs { steps = { steps = 5000 }, seconds = { seconds = 0.2 } } do
      asked = 0
      s = assert(nabla.new { limits = limits })
      s:predicate("ok", function()
        asked = asked + 1
        s:parse "sin(1) + t"
        return true
      end)
      assert(s:rule [[
operator grow(k): scalar
let number k
rule "g" grow(k) -> grow(k+1) if ok(k) terminating
]])
      local answer, err = s:simplify "grow(1)"
      assert.is_nil(answer)
      assert.are.equal("budget", err.status)
      assert.is_truthy(err.message:find("^the budget of %S+ " .. what .. " is used up"), err.message)
      assert.is_true(asked > 10)
    end
  end)

  it("gets an error from its own call when the limits are used up, and so does the call that asks", function()
    local message, _
    s = assert(nabla.new {})
    s:predicate("small", function()
      local err
      for i = 1, 2000 do
        _, err = s:parse("sin(1 + " .. i .. ")")
      end
      message = err and err.message
      return true
    end)
    assert(s:rule(RULE))
    s:limits { steps = 2000 }
    local answer, err = s:simplify "bar(Q)"
    s:limits { steps = 1e9 }
    assert.is_nil(answer)
    assert.are.equal("the budget of 2000 steps is used up", err.message:sub(1, 35))
    assert.are.equal("the budget of 2000 steps is used up", message:sub(1, 35))
  end)
end)

describe("a predicate and the letters of a rule", function()
  local RULES = [[
operator mean(A(m,n)): matrix (m,n)
let matrix C(m,n), matrix X(n,p), matrix F(p,q)
rule "left"  mean(C*X) -> C*mean(X)  if fixed(C)
rule "right" mean(X*F) -> mean(X)*F  if fixed(F)
]]

  it("is not asked about them: neither of two rules hides the other", function()
    for _, rules in ipairs { RULES, (RULES:gsub("fixed%(", "not moving(")) } do
      local s = assert(nabla.new {})
      local asked = {}
      s:predicate("fixed", function(A)
        asked[#asked + 1] = A.op
        return tostring(A) == "K"
      end)
      s:predicate("moving", function(A)
        asked[#asked + 1] = A.op
        return tostring(A) ~= "K"
      end)
      assert(s:rule(rules))
      assert.are.same({}, asked)
      s:declare "matrix K(n,n), vector v(n), vector e(n)"
      assert.are.equal("K*mean(v*e')", tostring(s:simplify "mean(K*v*e')"))
      assert.are.equal("mean(e*v')*K", tostring(s:simplify "mean(e*v'*K)"))
      for _, op in ipairs(asked) do
        assert.are_not.equal("variable", op)
      end
    end
  end)
end)
