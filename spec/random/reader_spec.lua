-- Random expressions as pages write them, read back with nothing declared: the same node, or refused, or told. A few hundred;
-- tools/reader_fuzz.lua tries them by the thousand.

local nabla = require "nabla"
local pages = require "spec.random.pages"
local sample = require "spec.support.sample"

local count, seed = sample.count(300), "reader"
local s = assert(nabla.new())
local g = pages.new(seed)

describe("a random expression on a page", function()
  local counts, all = {}, 0

  local function try(text, page, opts)
    local outcome, message = pages.outcome(s, text, page, opts)
    assert.are_not.equal("failed", outcome, message)
    assert.are_not.equal("silent", outcome, ("%s\nread as %s"):format(page, message))
    counts[outcome or "none"] = (counts[outcome or "none"] or 0) + 1
    all = all + 1
  end

  for number = 1, count do
    local e = g:expression(1 + number % 4)
    it(("%d is read back, or refused, or told: %s"):format(number, e.latex), function()
      s:reset()
      local node = s:parse(e.text)
      if node then
        try(tostring(node), node:latex(), { latex = true })
        try(tostring(node), node:text "unicode")
        try(e.text, e.latex, { latex = true })
        try(e.text, e.plain)
      end
    end)
  end

  it("is nearly always the same", function()
    assert.is_true(counts.same >= 0.97 * all, counts.same .. " of " .. all)
  end)
end)
