-- A course file (examples/course.rules) changes what nabla answers, in the sessions that read it and in no other.

local nabla = require "nabla"
local judge = require "spec.judge"

local file = "examples/course.rules"
local decl =
  { "scalar t, vector x(n), vector b(m), matrix W(m,n)", "matrix A(n,n), matrix X(n,n), scalar f of t" }

local function session(opts)
  local s = assert(nabla.new(opts))
  assert(s:declare(table.unpack(decl)))
  return s
end

local function answer(s, f, x, opts)
  local g, err = s:diff(f, x, opts)
  return tostring(g or err)
end

-- The text with softmin written out: the judge does not know it.
local function expanded(text)
  return (
    text:gsub("softmin(%b())", function(argument)
      return ("(exp(-%s)/sum(exp(-%s)))"):format(argument, argument)
    end)
  )
end

-- What a session answers to problems that the course file does not touch and to those that it does.
local function answers(s)
  local out = { s.layout }
  local problems =
    { "x'*A*x by x", "W*x by x", "tr(A*X) by X", "exp(t*x) by t", "det(X) by X", "softmin(x) by x" }
  for _, layout in ipairs { "numerator", "denominator", "mixed", "vec", "course" } do
    for _, problem in ipairs(problems) do
      local f, x = problem:match "^(.*) by (.*)$"
      out[#out + 1] = ("%s, %s: %s"):format(layout, problem, answer(s, f, x, { layout = layout }))
    end
  end
  for _, name in ipairs(s.identity_order) do
    out[#out + 1] = name
  end
  return table.concat(out, "\n")
end

describe("a course file", function()
  local before = session()
  local untouched = answers(before)
  local course = session { rules = { file } }

  it("has about twenty lines apart from comments", function()
    local lines = 0
    for line in io.lines(file) do
      if line:match "%S" and not line:match "^%s*#" then
        lines = lines + 1
      end
    end
    assert.is_true(lines >= 12 and lines <= 22, lines .. " lines")
  end)

  describe("adds a function, which", function()
    local problems = { -- softmin(..), its derivative in denominator layout
      { "softmin(x)", "softmin(x)*softmin(x)' - diag(softmin(x))" },
      { "softmin(W*x)", "W'*(softmin(W*x)*softmin(W*x)' - diag(softmin(W*x)))" },
      { "softmin(W*x)'*b" },
      { "log(b'*softmin(W*x))" },
      { "norm2(softmin(x) - x)^2" },
    }
    for _, problem in ipairs(problems) do
      it("answers rightly for " .. problem[1], function()
        local text = answer(course, problem[1], "x", { layout = "denominator" })
        if problem[2] then
          assert.equal(problem[2], text)
        end
        local right, why = judge.check {
          decl = decl,
          expr = expanded(problem[1]),
          wrt = "x",
          layout = "denominator",
          domain = { b = "positive" },
          answer = expanded(text),
        }
        assert.is_true(right, tostring(why) .. ": " .. text)
      end)
    end

    it("answers as its definition does", function()
      for _, f in ipairs { "softmin(x)", "softmin(W*x)'*b" } do
        local by_name = answer(course, f, "x", { layout = "denominator" })
        local by_definition = answer(course, expanded(f), "x", { layout = "denominator" })
        assert.is_true(judge.same(expanded(by_name), by_definition, decl))
      end
    end)

    it("is checked by a judge that would notice a mistake", function()
      assert.is_false((judge.check {
        decl = decl,
        expr = expanded "softmin(x)",
        wrt = "x",
        layout = "denominator",
        answer = expanded "diag(softmin(x))",
      }))
    end)

    it("is unknown to other sessions, which name it", function()
      local _, err = before:diff("softmin(x)", "x")
      assert.equal("unknown function 'softmin'", err.message)
    end)
  end)

  describe("adds a layout, which", function()
    it("is the default of its sessions", function()
      assert.equal("course", course.layout)
    end)

    local rows = { -- expression, variable, in the course's layout, the layout that arranges this row alike
      { "x'*A*x", "x", "(A + A')*x", "denominator" },
      { "W*x", "x", "W'", "denominator" },
      { "exp(t*x)", "t", "x.*exp(t*x)", "numerator" },
      { "tr(A*X)", "X", "A", "numerator" },
      { "t^2*A", "t", "2*t*A", "numerator" },
      { "sin(t)", "t", "cos(t)", "numerator" },
    }
    for _, row in ipairs(rows) do
      it(("arranges d(%s)/d%s as %s"):format(row[1], row[2], row[3]), function()
        assert.equal(row[3], answer(course, row[1], row[2]))
        local problem = { decl = decl, expr = row[1], wrt = row[2], layout = row[4], answer = row[3] }
        assert.is_true(judge.check(problem))
      end)
    end

    it("differs from each of nabla's own", function()
      for _, layout in ipairs { "numerator", "denominator", "mixed" } do
        local same = true
        for _, row in ipairs(rows) do
          same = same and answer(course, row[1], row[2], { layout = layout }) == row[3]
        end
        assert.is_false(same, layout)
      end
    end)

    it("prints derivatives of unknown functions", function()
      assert.equal("D(f, t)*x", answer(course, "f(t)*x", "t"))
    end)

    it("is unknown to other sessions", function()
      local _, err = before:diff("x'*x", "x", { layout = "course" })
      assert.equal(
        "unknown layout 'course'; known: block, block_f, block_t, denominator, mixed, numerator, vec",
        err.message
      )
    end)
  end)

  describe("renames an identity, which", function()
    it("answers by its new name", function()
      local identity = course.identities["proposition 8"]
      assert.same({ "proposition 8", "命题 8", "Lecture 3" }, { identity.name, identity.zh, identity.cite })
      assert.is_true(course:check "proposition 8")
    end)

    it("does not answer by the old one", function()
      assert.is_nil(course.identities["quadratic form"])
      assert.has_error(function()
        course:check "quadratic form"
      end, "there is no identity 'quadratic form'")
    end)

    it("keeps its place", function()
      local other = session { rules = { "identities/scalar-by-vector.rules" } }
      local places = {}
      for i, name in ipairs(other.identity_order) do
        places[name] = i
      end
      for _, name in ipairs(course.identity_order) do
        if name == "proposition 8" then
          return
        end
        assert.is_true(not places[name] or places[name] < places["quadratic form"])
      end
      error "the list of identities does not hold the new name"
    end)

    it("keeps the old one in other sessions", function()
      local other = session { rules = { "identities/scalar-by-vector.rules" } }
      assert.is_nil(other.identities["proposition 8"])
      assert.is_true(other:check "quadratic form")
    end)
  end)

  describe("takes a rule away, and then", function()
    it("a derivative that needs it is an error that names what is missing", function()
      for _, f in ipairs { "det(X)", "x'*A*x + 2*det(A*X)" } do
        local g, err = course:diff(f, "X")
        assert.is_nil(g)
        assert.equal("no rule for d(det(..))", err.message)
      end
    end)

    it("other derivatives are there", function()
      assert.equal("inv(X)", answer(course, "logdet(X)", "X"))
    end)

    it("a text can put it back", function()
      local s = session { rules = { file } }
      assert(s:rule [[
        let matrix X(n,n)
        rule "determinant" d(det(X)) -> det(X)*tr(inv(X)*d(X))
      ]])
      assert.equal("det(X)*inv(X)", answer(s, "det(X)", "X"))
      assert.equal("no rule for d(det(..))", answer(course, "det(X)", "X"))
    end)

    it("a new session has it", function()
      assert.equal("det(X)*inv(X)'", answer(session(), "det(X)", "X"))
    end)
  end)

  describe("uses other files, and then", function()
    it("the function of the file beside it is there", function()
      assert.equal("A'*ones(n)/n", answer(course, "average(A*x)", "x"))
      assert.is_true(judge.check {
        decl = decl,
        expr = "sum(A*x)/n",
        wrt = "x",
        layout = "denominator",
        answer = answer(course, "average(A*x)", "x"),
      })
    end)

    it("the identities of both files are there and are proved", function()
      for _, name in ipairs { "least squares", "mean of a vector", "proposition 8", "distance" } do
        assert.is_true(course:check(name))
      end
    end)

    it("a file that is used twice is read once", function()
      local s = session { rules = { file } }
      assert.is_true(s:rule 'use "identities/scalar-by-vector.rules"')
    end)
  end)

  it("leaves a session that was made before as it was", function()
    assert.equal(untouched, answers(before))
  end)

  it("leaves new sessions as they were", function()
    assert.equal(untouched, answers(session()))
  end)

  it("can be read by a session that is there already", function()
    local s = session()
    assert.equal(untouched, answers(s))
    assert.is_true(s:load(file))
    assert.equal(answers(course), answers(s))
  end)

  it("has its effect shown by the example program", function()
    local pipe = assert(
      io.popen(
        ("LUA_PATH=%q LUA_CPATH=%q lua5.4 examples/course.lua 2>&1"):format(package.path, package.cpath)
      )
    )
    local output = pipe:read "a"
    local ok = pipe:close()
    assert.is_true(ok, output)
    assert.equal(
      [[
nabla, layout denominator
  d(softmin(W*x))/dx = cannot: unknown function 'softmin'
  d(softmin(x)'*b)/dx = cannot: unknown function 'softmin'
  d(average(A*x))/dx = cannot: unknown function 'average'
  d(x'*A*x)/dx = (A + A')*x
  d(tr(A*X))/dX = A'
  d(exp(t*x))/dt = (x.*exp(t*x))'
  d(det(X))/dX = det(X)*inv(X)'
  identity "quadratic form": not known
  identity "proposition 8": not known
  identity "least squares": not known
the course, layout course
  d(softmin(W*x))/dx = W'*(softmin(W*x)*softmin(W*x)' - diag(softmin(W*x)))
  d(softmin(x)'*b)/dx = (softmin(x)*softmin(x)' - diag(softmin(x)))*b
  d(average(A*x))/dx = A'*ones(n)/n
  d(x'*A*x)/dx = (A + A')*x
  d(tr(A*X))/dX = A
  d(exp(t*x))/dt = x.*exp(t*x)
  d(det(X))/dX = cannot: no rule for d(det(..))
  identity "quadratic form": not known
  identity "proposition 8": known
  identity "least squares": known
]],
      output
    )
  end)
end)
