-- Verdicts on convexity (spec/data/convexity.cases): each is what the table says, and right by numbers.

local files = require "spec.support.files"
local judge = require "spec.judge.convexity"
local language = require "spec.judge.language"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- The lines of the table.
local function cases()
  local list, subject = {}, nil
  for line in files.read("spec/data/convexity.cases"):gmatch "[^\n]+" do
    subject = line:match "^== (.*)" or subject
    local verdict, expr, names, decl = line:match "^(%a[%a ]-)%s*| (.-) | (.-) | (.*)$"
    if verdict then
      local kinks = expr:find "abs" or expr:find "norm" or expr:find "relu" or expr:find "max" or expr:find "step"
      kinks = kinks or expr:find "eigval"
      kinks = kinks or expr:find "sign%(" or expr:find "sqrt%(x'" or expr:find "huber" or expr:find "elu%("
      list[#list + 1] = {
        verdict = verdict,
        expr = expr,
        names = language.split(names),
        decl = language.split(decl),
        subject = subject,
        kinks = kinks and true,
      }
    end
  end
  return list
end

describe("a verdict on convexity", function()
  local session = assert(nabla.new())
  local counts = {}

  for _, case in ipairs(sample.of(cases(), 28)) do
    it(("%s: %s by %s"):format(case.verdict, case.expr, table.concat(case.names, ", ")), function()
      session:reset()
      assert(session:declare(table.unpack(case.decl)))
      local result = assert(session:convexity(case.expr, case.names))
      counts[result.verdict] = (counts[result.verdict] or 0) + 1
      assert.are.equal(case.verdict, result.verdict)
      if result.verdict == "neither" then
        assert.is_true(result.points.convex.mean < result.points.convex.value)
        assert.is_true(result.points.concave.mean > result.points.concave.value)
      elseif result.verdict ~= "unknown" and result.verdict ~= "affine" then
        assert.is_true(#result.because > 0)
      end
      if result.verdict ~= "unknown" then
        case.domain = result.domain
        local right, why = judge.judge(case, result.verdict)
        assert.is_true(right, why)
      end
    end)
  end

  sample.whole(it)("is given for at least eighty questions, all kinds among them", function()
    local all = 0
    for _, n in pairs(counts) do
      all = all + n
    end
    assert.is_true(all - counts.unknown >= 80)
    for _, verdict in ipairs { "affine", "convex", "concave", "strictly convex", "strictly concave", "neither" } do
      assert.is_true((counts[verdict] or 0) >= 3, verdict)
    end
  end)

  it("is refused by the judge where it is wrong", function()
    local function wrong(verdict, expr, names, decl)
      return judge.judge({ expr = expr, names = language.split(names), decl = language.split(decl) }, verdict)
    end
    assert.is_false(wrong("convex", "sin(x)", "x", "scalar x"))
    assert.is_false(wrong("convex", "x'*A*x", "x", "vector x(n), matrix A(n,n)"))
    assert.is_false(wrong("affine", "x'*x", "x", "vector x(n)"))
    assert.is_false(wrong("strictly convex", "(x - y)*0", "x, y", "scalar x, scalar y"))
    assert.is_false(wrong("neither", "x^2", "x", "scalar x"))
    assert.is_false(wrong("concave", "-logdet(X)", "X", "matrix X(n,n) spd"))
  end)
end)
