-- Formulas as they stand on pages, in spec/data/pages.formulas: which are right, where, and what is wrong with the others.
-- The judge, which shares no code with nabla, works on what a formula means, written in the language by hand.

local identify = require "nabla.identify"
local judge = require "spec.judge"
local nabla = require "nabla"
local pages = require "spec.support.pages"
local sample = require "spec.support.sample"

local s = assert(nabla.new())
local LAYOUTS = pages.layouts

local function asked(page)
  s:reset()
  if page.let then
    assert(s:declare(page.let))
  end
  return s:identify { formula = page.formula }
end

local function verdicts(result)
  local found = {}
  for _, entry in ipairs(result.layouts) do
    found[entry.layout] = entry
  end
  return found
end

-- The layouts in which the judge finds every claim right.
local function judged(page, layout, claim, extra)
  local problem = pages.problem(page, layout, claim)
  if extra then
    problem.decl, problem.convention, problem.memo = extra.decl or problem.decl, extra.convention, nil
    if extra.value then
      problem.expr, problem.answer = extra.value(problem.expr), extra.value(problem.answer)
    end
  end
  local right, message = judge.check(problem)
  assert(right ~= nil, message)
  return right, message
end

local function is_right_in(page, layout, extra)
  for _, claim in ipairs(page.claims) do
    if not judged(page, layout, claim, extra) then
      return false
    end
  end
  return true
end

local count = { right = 0, wrong = 0, conditional = 0, refused = 0 }

describe("a formula from a page", function()
  for _, page in ipairs(sample.of(pages.read "spec/data/pages.formulas", 160)) do
    local status = page.status
    count[status] = count[status] + 1
    it("is " .. status .. ": " .. page.formula, function()
      local result, err = asked(page)
      if status == "refused" then
        assert.is_nil(result)
        assert.is_truthy(tostring(err.message):find(page.message, 1, true), tostring(err))
        assert.is_truthy(err.hint, "a repair is missing")
        return
      end
      assert(result, tostring(err))
      local shown = identify.describe(result)
      assert.are.equal(status, result.status, shown)
      local found = verdicts(result)
      if page.differential then
        assert.are.equal(status ~= "wrong", is_right_in(page, "numerator"))
        assert.are.equal(status == "right", found.differential.verdict == "right", shown)
      elseif status == "conditional" then
        for layout in pairs(page.right) do
          local said = false
          for _, c in ipairs(result.conditions) do
            said = said
              or c.layout == layout
                and (c.attribute or c.convention) == page.condition
                and table.concat(c.names or {}, " ") == (page.names or "")
          end
          assert.is_true(said, shown)
          assert.is_true(is_right_in(page, layout, pages.under(page)), layout)
          assert.is_false(is_right_in(page, layout), layout .. " without the condition")
        end
      else
        for _, layout in ipairs(LAYOUTS) do
          if pages.has(page, layout) then
            assert.are.equal(
              page.right[layout] or false,
              is_right_in(page, layout),
              layout .. " by the judge"
            )
          end
          local entry = found[layout]
          assert.are.equal(page.right[layout] or false, entry.verdict == "right", layout .. "\n" .. shown)
        end
      end
      if page.change then
        local changes = {}
        for _, near in ipairs(result.nearest) do
          changes[near.change] = near
        end
        assert.is_not_nil(changes[page.change], shown)
      end
      -- the right formula that is named, and every repair
      if status == "wrong" and not page.differential then
        local answers = 0
        for _, layout in ipairs(LAYOUTS) do
          local answer = found[layout] and found[layout].answer
          if answer and pages.has(page, layout) then
            assert.is_true(judged(page, layout, tostring(answer)), layout .. ": " .. tostring(answer))
            answers = answers + 1
          end
        end
        assert.is_true(answers > 0)
        for _, near in ipairs(result.nearest) do
          local first = not near.change:find "second derivative"
          if first and pages.has(page, near.layout) then
            assert.is_true(judged(page, near.layout, tostring(near.answer)), tostring(near.answer))
          end
        end
      end
    end)
  end

  if not sample.quick then
    it("is right in one half and wrong in the other", function()
      assert.is_true(count.right >= 200 and count.wrong >= 100, count.right .. " " .. count.wrong)
    end)
  end
end)
