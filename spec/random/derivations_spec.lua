-- Derivations of random problems: each is found, ends in the answer, and its lines are true by numbers.

local derivation_lines = require "spec.support.derivation_lines"
local generator = require "spec.random.generator"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local problems = sample.count(100)
local seed = 20261128

-- At least this share of what has an answer is derived.
local least_derived = 0.97

local DETAILS = { "fine", "normal", "brief" }

describe("derivations of random problems", function()
  local session = assert(nabla.new())
  local g = generator.new(seed)
  local answered, derived, judged = 0, 0, 0

  for number = 1, problems do
    local p = g:problem(1 + number % 4)
    it(string.format("%d: is true about %s by %s", number, p.expr, p.wrt), function()
      session:reset()
      assert(session:declare(table.unpack(p.decl)))
      local opts = { layout = p.layout, convention = p.convention }
      local answer
      if p.op == "hessian" then
        answer = session:hessian(p.expr, p.wrt, p.wrt2, opts)
      else
        answer = session:diff(p.expr, p.wrt, opts)
      end
      if not answer then
        return
      end
      answered = answered + 1
      opts.detail = DETAILS[number % 3 + 1]
      local derivation
      if p.op == "hessian" then
        derivation = session:derive_hessian(p.expr, p.wrt, p.wrt2, opts)
      else
        derivation = session:derive(p.expr, p.wrt, opts)
      end
      if not derivation then
        return
      end
      derived = derived + 1
      local last = derivation[#derivation]
      assert.are.equal("derivative", last.left.tag)
      assert.are.equal(answer:text(), derivation:write(last.right))
      if not p.convention and not p.wrt:find "[('\"]" then
        local ok, wrong, count = pcall(derivation_lines.wrong, derivation, p, 1e-3)
        judged = judged + (ok and count or 0)
        assert.are.same({}, ok and wrong or {})
      end
    end)
  end

  if not sample.quick then
    it("are found nearly always", function()
      print(string.format("\nderivations (seed %d): %d of %d, %d lines judged", seed, derived, answered, judged))
      assert.is_true(derived >= least_derived * answered)
      assert.is_true(judged > problems)
    end)
  end
end)
