-- nabla batch: the operations of the command as requests.

local batch = require "nabla.command.batch"
local json = require "dkjson"
local sample = require "spec.support.sample"

local cache = { count = 0 }

local function answer(request)
  return json.decode(batch.answer(cache, json.encode(request)))
end

local function message(request)
  local found = answer(request)
  return found.error and found.error.message or json.encode(found), found.error and found.error.field
end

local RIGHT = 'let matrix A(n,n)\ncheck "gain" tr(2*A\') == 2*tr(A)'
local WRONG = 'rule "loss" tr(4*A) -> 3*tr(A)'

describe("a request", function()
  it("to identify a formula is answered with its layouts", function()
    local found = answer { op = "identify", formula = "d(x'*A*x)/dx = x'*(A + A')", to = "denominator" }
    assert.equal("right", found.answer)
    assert.equal("(A + A')*x", found.converted)
    local verdicts = {}
    for _, entry in ipairs(found.layouts) do
      verdicts[entry.layout] = entry.verdict
    end
    assert.equal("right", verdicts.numerator)
    assert.equal("transposed", verdicts.denominator)
  end)

  it("to identify a claim has the condition under which it is right", function()
    local found = answer { op = "identify", expr = "x'*A*x", wrt = "x", claim = "2*A*x" }
    assert.equal("conditional", found.answer)
    assert.equal("symmetric", found.conditions[1].attribute)
    assert.equal("right", answer({ op = "identify", formula = "d(sin(t))/dt = 1", at = "t = 0" }).answer)
    local why = message { op = "identify", formula = "d(t^2)/dt = 0", at = "t" }
    assert.equal('"at" has names and their values, such as "t = 0, s = 1"', why)
  end)

  it("about equality has the reason, and values that tell the sides apart", function()
    local found = answer { op = "equal", left = "tr(A*B)", right = "tr(B*A)", steps = true }
    assert.equal("yes", found.answer)
    assert.equal("tr(A*B) = tr(B*A)", found.steps[1].text)
    local decl = { "matrix A(n,n), matrix B(n,n)" }
    local other = answer { op = "equal", left = "A*B", right = "B*A", decl = decl }
    assert.equal("no", other.answer)
    assert.matches("exact", other.why)
    assert.equal("right", select(2, message { op = "equal", left = "A", right = "B +" }))
  end)

  it("for a table has its text, without a name the list of tables", function()
    local list = answer({ op = "table" }).tables
    assert.truthy(#list > 3 and list[1].name and list[1].title and list[1].rows > 0)
    local text = answer({ op = "table", name = list[1].name, format = "markdown" }).answer
    assert.matches("^### ", text)
    assert.matches("did you mean scalar%-by%-vector%?", (message { op = "table", name = "scalar-by-vectr" }))
  end)

  sample.whole(it)("to check rules has the verdict on each statement", function()
    assert.equal("proved", answer({ op = "check", rules_text = RIGHT }).answer)
    local found = answer { op = "check", rules_text = { { name = "mine", text = RIGHT .. "\n" .. WRONG } } }
    assert.equal("failed", found.answer)
    local last = found.statements[#found.statements]
    assert.are.same({ "mine", 3, "loss", "failed" }, { last.file, last.line, last.name, last.verdict:lower() })
    local why, field = message { op = "check", rules_text = "rule nonsense" }
    assert.equal("rules_text", field, why)
  end)

  it("to derive has the steps, also of second derivatives", function()
    local found = answer { op = "derive", expr = "x'*A*x", wrt = "x" }
    assert.equal("(A + A')*x", found.answer)
    assert.truthy(#found.steps >= 3)
    assert.equal("A + A'", answer({ op = "derive", expr = "x'*A*x", wrt = "x", hessian = true }).answer)
  end)

  it("for code has the text", function()
    local found = answer {
      op = "code",
      expr = "x'*A*x",
      wrt = "x",
      target = "numpy",
      hessian = true,
      direction = true,
      check_gradient = true,
    }
    for _, name in ipairs { "value_and_gradient", "hessian", "hessian_times", "check_gradient" } do
      assert.truthy(found.answer:find("def " .. name .. "(", 1, true), name)
    end
    assert.matches("did you mean fortran%?", (message { op = "code", expr = "x'*x", wrt = "x", target = "fortrn" }))
  end)

  it("may ask for names of the parts of an expansion", function()
    local request = { op = "taylor", expr = "norm2(A*x - b)^4", wrt = "x", direction = "h", order = 1, parts = true }
    local found = answer(request)
    assert.equal("norm2(r)^4 + 4*norm2(r)^2*r'*A*h + O(norm2(h)^2) where r = A*x - b", found.answer)
  end)

  it("may bring its rules", function()
    local rules = "function twice(t) elementwise = 2*t"
    local request = { expr = "twice(t)", wrt = "t", decl = { "scalar t" }, rules_text = rules }
    assert.equal("2", answer(request).answer)
    request.rules_text = { { name = "mine", text = rules .. " +" } }
    local found = answer(request)
    assert.are.same({ "mine", "rules_text" }, { found.error.file, found.error.field })
    request.rules_text = nil
    assert.matches("unknown function 'twice'", (message(request)))
  end)

  it("may have limits of its own", function()
    local request = { expr = "tr(A*X*B*inv(X)*X'*C)", wrt = "X", limits = { steps = 20 } }
    assert.matches("the budget of 20 steps is used up", (message(request)))
    request.limits = nil
    assert.truthy(answer(request).answer)
    request.limits = { stepz = 1 }
    assert.matches('"limits" must be an object of numbers', (message(request)))
  end)

  it("with a key of another operation is refused", function()
    for expected, request in pairs {
      ['"claim" belongs to the op "identify"'] = { expr = "x", wrt = "x", claim = "1" },
      ['"left" belongs to the op "equal"'] = { expr = "x", wrt = "x", left = "1" },
      ['the op "table" does not take "expr"'] = { op = "table", expr = "x" },
      ['the op "code" does not take "steps"'] = { op = "code", expr = "x'*x", target = "lua", steps = true },
      ['"direction" must be true or false'] = { op = "code", expr = "x'*x", wrt = "x", target = "c", direction = "v" },
      ['"wrt" is missing'] = { op = "code", expr = "x'*x", target = "c", hessian = true },
      ['"rules" or "rules_text" is missing'] = { op = "check" },
      ['"formula" is missing, or "expr", "wrt" and "claim"'] = { op = "identify", expr = "x", wrt = "x" },
      ['"wrt2" belongs to "hessian": true'] = { op = "derive", expr = "x'*y", wrt = "x", wrt2 = "y" },
      ['"right" is missing'] = { op = "equal", left = "x" },
      ['the op "derive" has its steps; without them it is "derivative"'] = {
        op = "derive",
        expr = "x",
        wrt = "x",
        steps = false,
      },
      ['"detail" belongs to "steps": true'] = { expr = "x", wrt = "x", detail = "fine" },
      ['"alternating" belongs to the ops "solve", "stationary"'] = { expr = "x", wrt = "x", alternating = true },
      ['"layout" belongs to "name": without it the answer is the list of the tables'] = {
        op = "table",
        layout = "mixed",
      },
      ['"wrt" belongs to "claim": a formula says it'] = { op = "identify", formula = "d(t^2)/dt = 2*t", wrt = "t" },
    } do
      assert.equal(expected, (message(request)))
    end
  end)

  -- What each operation answers, and keys that it would ignore.
  local ANSWERED = {
    { { op = "derivative", expr = "x'*x", wrt = "x" }, "equations", "order", "name", "target", "hessian" },
    { { op = "hessian", expr = "x'*x", wrt = "x" }, "constraints", "direction", "hessian", "check_gradient" },
    { { op = "derive", expr = "x'*x", wrt = "x" }, "verify", "equations", "at" },
    { { op = "convexity", expr = "x'*x", wrt = "x" }, "steps", "detail", "names", "parts", "verify", "order" },
    { { op = "taylor", expr = "t^2", wrt = "t" }, "detail", "names", "unknowns", "target" },
    { { op = "solve", equations = { "A*x = b" }, unknowns = { "x" } }, "expr", "wrt", "detail", "constraints" },
    { { op = "stationary", expr = "norm2(x)^2", unknowns = { "x" } }, "wrt", "detail", "names", "equations" },
    { { op = "identify", expr = "x'*x", wrt = "x", claim = "2*x" }, "steps", "lang" },
    { { op = "equal", left = "x", right = "x" }, "expr", "wrt", "parts", "detail", "names" },
    { { op = "table", name = "scalar-by-vector" }, "decl", "convention", "habits", "steps", "typed" },
    { { op = "check", rules_text = RIGHT }, "decl", "layout", "format", "lang", "expr" },
    {
      { op = "code", expr = "x'*x", wrt = "x", target = "lua" },
      "steps", "format", "lang", "names", "parts", "verify",
    },
  }
  local SOME = { lists = { equations = 1, unknowns = 1, constraints = 1, decl = 1 }, numbers = { order = 1 } }
  local FLAGS =
    { hessian = 1, check_gradient = 1, verify = 1, steps = 1, names = 1, parts = 1, habits = 1, direction = 1 }
  for _, case in ipairs(ANSWERED) do
    local request = case[1]
    it(("to %s is refused with a key that it would ignore, by name"):format(request.op), function()
      assert.is_nil(answer(request).error)
      for i = 2, #case do
        local key, with = case[i], {}
        for name, value in pairs(request) do
          with[name] = value
        end
        with[key] = SOME.lists[key] and { "x" } or SOME.numbers[key] or FLAGS[key] and true or "x"
        if key == "direction" and request.op ~= "code" then
          with[key] = "v"
        end
        local why = message(with)
        assert.truthy(why:find('"' .. key .. '"', 1, true) and not why:find "must be", key .. ": " .. why)
      end
    end)
  end

  it("reads and writes as it says, for every operation", function()
    local typed = answer { op = "convexity", expr = "x @ x", wrt = "x", decl = { "vector x(n)" }, typed = "numpy" }
    assert.equal("strictly convex", typed.verdict)
    local decl = { "matrix A(n,n) invertible, vector b(n), vector x(n)" }
    local solve = { op = "solve", equations = { "A*x = b" }, unknowns = { "x" }, decl = decl }
    assert.equal("inv(A)*b", answer(solve).solutions.x)
    local square = answer { op = "solve", equations = { "x^2 = 4" }, unknowns = { "x" }, decl = { "scalar x" } }
    assert.same({ { solutions = { x = "-2" }, conditions = {} } }, square.others)
    solve.notation = "numpy"
    assert.equal("np.linalg.solve(A, b)", answer(solve).solutions.x)
    solve.notation = nil
    assert.equal("inv(A)*b", answer(solve).solutions.x)
    local alone = { op = "taylor", expr = "sum(log(1 + x))", wrt = "x", direction = "h" }
    assert.is_nil(answer(alone).error)
    alone.habits = false
    assert.truthy(answer(alone).error)
  end)
end)
