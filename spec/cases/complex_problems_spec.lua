-- Derivatives by complex letters from textbooks and papers (spec/data/complex_problems.txt): every answer, in every layout that has
-- one and by every convention, is judged by differences in real and imaginary direction; in the denominator layout it is no larger
-- than the book's.

local judge = require "spec.judge.complex"
local problems = require "spec.support.complex_problems"
local sample = require "spec.support.sample"

local LAYOUTS = { "denominator", "numerator", "mixed", "vec", "block" }
local MOST = 1.8 -- of the size of the book's answer

local decl, first, second = problems.read()
local session = problems.sessions(decl)

describe("a derivative by complex letters", function()
  for _, p in ipairs(sample.of(first, 30)) do
    local f, x, book, option = table.unpack(p, 1, 4)
    local convention = option ~= "tall" and option or nil
    it(("of %s by %s (line %d)"):format(f, x, p.line), function()
      for _, layout in ipairs(LAYOUTS) do
        local answer = assert(session(layout, convention):diff(f, x))
        local text = tostring(answer)
        -- with more columns than rows, Z^H*P*Z has no inverse
        local problem =
          { decl = decl, expr = f, wrt = x, layout = layout, convention = convention, sizes = option == "tall" and 1 }
        problem.answer = text
        local right, why = judge.check(problem)
        assert.is_true(right, layout .. ": " .. text .. ": " .. tostring(why))
        if layout == "denominator" then
          problem.answer = book
          right, why = judge.check(problem)
          assert.is_true(right, "the book's: " .. tostring(why))
          assert.is_true(problems.size(text) <= MOST * problems.size(book) or #book < 8, text)
        end
      end
    end)
  end

  it("is of the size of the book's answer", function()
    local ratios = {}
    for i, p in ipairs(sample.of(first)) do
      local answer = session("denominator", p[4] ~= "tall" and p[4] or nil):diff(p[1], p[2])
      ratios[i] = problems.size(tostring(answer)) / problems.size(p[3])
    end
    table.sort(ratios)
    assert.is_true(ratios[#ratios // 2 + 1] <= 1)
  end)
end)

describe("a second derivative by complex letters", function()
  for _, p in ipairs(sample.of(second, 15)) do
    local f, x, y, book = table.unpack(p, 1, 4)
    it(("of %s by %s and %s (line %d)"):format(f, x, y, p.line), function()
      local text = tostring(assert(session "denominator":hessian(f, x, y)))
      for _, answer in ipairs { text, book } do
        local right, why = judge.check { decl = decl, expr = f, wrt = x, wrt2 = y, answer = answer }
        assert.is_true(right, answer .. ": " .. tostring(why))
      end
      assert.is_true(problems.size(text) <= MOST * problems.size(book), text)
    end)
  end
end)

describe("the judge of complex letters", function()
  it("finds wrong answers", function()
    for _, p in ipairs {
      { "x^H*R*x", "x", "R*x" }, { "x^H*R*x", "conj(x)", "R'*x" }, { "tr(B*R)", "R", "B" },
      { "norm2(x)", "conj(x)", "x/norm2(x)" },
      { "abs(z)", "z", "z/(2*abs(z))" }, { "x^H*W*x", "x", "W'*x" },
    } do
      assert.is_false((judge.check { decl = decl, expr = p[1], wrt = p[2], answer = p[3] }), p[1])
    end
  end)
end)
