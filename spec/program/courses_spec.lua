-- The files of examples/courses print what their sources print, and are proved.

local courses = require "spec.support.courses"
local nabla = require "nabla"
local sample = require "spec.support.sample"

for _, name in ipairs(courses.names()) do
  describe("the page of " .. courses.rules(name), function()
    local page = courses.page(name)

    it("has ten answers", function()
      assert.is_true(#page >= 10)
    end)

    for _, request in ipairs(sample.of(page, 20)) do
      it(("prints %s as its source does (line %d)"):format(request.text, request.line), function()
        local s = courses.session(name)
        local answer = courses.answer(s, request)
        assert.equal(request.answer, courses.written(request, answer))
        local right, err = courses.judge(name, s, request, answer)
        assert.is_true(right, tostring(err))
      end)
    end
  end)
end

describe("the folder examples/courses", function()
  sample.whole(it)("is proved, without a warning", function()
    local pipe = assert(io.popen "bin/nabla check examples/courses 2>&1")
    local report = pipe:read "a"
    local ended_well = pipe:close()
    assert.is_truthy(ended_well, report)
    assert.is_nil(report:find "failed" or report:find "checkable" or report:find "warning", report)
  end)
end)

describe("examples/courses/textbook-forms.rules", function()
  local s = assert(nabla.new { rules = "examples/courses/textbook-forms.rules" })
  assert(s:declare "matrix F(3,3), scalar t, vector xi(n) of t, scalar h of xi, vector x(n), scalar f of x")
  local cases = {
    { "tr(A*inv(X)*B)", "X", "-inv(X)'*A'*B'*inv(X)'" },
    { "logdet(A*X*B)", "X", "A'*inv(A*X*B)'*B'" },
    { "tr(X^3)", "X", "3*X'^2" },
    { "norm2(dev(F))", "F", "dev(F)/norm2(dev(F))" },
    { "h(xi(t))", "t", "D(h, xi)'*D(xi, t)" },
    { "x'*A*x", "x", "(A + A')*x" },
    { "(y - X*b)'*(y - X*b)", "b", "-2*X'*(y - X*b)" },
    { "tr(A*X*B)", "X", "A'*B'" },
    { "a'*inv(X)*b", "X", "-inv(X)'*a*b'*inv(X)'" },
  }
  for _, case in ipairs(cases) do
    it("prints the derivative of " .. case[1], function()
      assert.equal(case[3], tostring(assert(s:diff(case[1], case[2]))))
    end)
  end

  it("prints a trace of second order in numerator layout", function()
    assert.equal("B*X'*A + B'*X'*A'", tostring(s:diff("tr(X'*A*X*B)", "X", { layout = "numerator" })))
  end)

  it("prints a Hessian", function()
    local expected = [[\frac{\partial^2 f}{\partial \mathbf{x} \partial \mathbf{x}'}]]
    assert.equal(expected, s:hessian("f(x)", "x"):latex())
  end)

  it("is proved", function()
    local pipe = assert(io.popen "bin/nabla check examples/courses/textbook-forms.rules 2>&1")
    local report = pipe:read "a"
    pipe:close()
    assert.equal(
      "examples/courses/textbook-forms.rules: 3 proved (1 function, 2 preferences), 2 modulo 2^61-1\n",
      report
    )
  end)
end)
