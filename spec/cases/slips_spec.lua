-- Right formulas from pages with a slip in the claim: none is called right in a layout in which the formula itself is.

local identify = require "nabla.identify"
local nabla = require "nabla"
local pages = require "spec.support.pages"
local sample = require "spec.support.sample"

local s = assert(nabla.new())

-- What goes wrong on pages: the text of a claim -> another one, or nil where there is no such slip.
local slips = {
  sign = function(claim)
    return "-(" .. claim .. ")"
  end,
  ["factor 2"] = function(claim)
    return "2(" .. claim .. ")"
  end,
  ["factor 1/2"] = function(claim)
    return "\\frac12 (" .. claim .. ")"
  end,
  ["term left out"] = function(claim)
    return claim:match "^(.-%S)%s+[+-]%s[^{}()]*$"
  end,
  ["transpose left out"] = function(claim)
    local other, count = claim:gsub("%^T", ""):gsub("%^\\top", "")
    return (count > 0 or other ~= claim) and other or nil
  end,
  ["inverse left out"] = function(claim)
    local other, count = claim:gsub("%^{%-1}", "", 1)
    return count > 0 and other or nil
  end,
  ["square left out"] = function(claim)
    local other, count = claim:gsub("%^2", "", 1)
    return count > 0 and other or nil
  end,
  ["sign of a term"] = function(claim)
    local other, count = claim:gsub(" %+ ", " - ", 1)
    return count > 0 and other or nil
  end,
}

local names = {}
for name in pairs(slips) do
  names[#names + 1] = name
end
table.sort(names)

describe("a slip in a right formula", function()
  local count = 0
  for i, page in ipairs(pages.read "spec/data/pages.formulas") do
    local head, claim = page.formula:match "^(.*)=(.-)$"
    local zero = page.claims and (page.claims[1] == "0" or page.claims[1]:find "^zeros")
    local wanted = page.status == "right" and not page.differential and claim and not zero
    for _, name in ipairs(wanted and i % (3 * sample.step) == 0 and names or {}) do
      local other = slips[name](claim)
      if other and other ~= claim then
        count = count + 1
        it(("is not called right, %s: %s"):format(name, page.formula), function()
          s:reset()
          if page.let then
            assert(s:declare(page.let))
          end
          local result = s:identify { formula = head .. "=" .. other }
          for _, entry in ipairs(result and result.layouts or {}) do
            local right = entry.verdict == "right" and page.right[entry.layout]
            assert.is_falsy(right, head .. "=" .. other .. "\n" .. (result and identify.describe(result) or ""))
          end
        end)
      end
    end
  end

  if not sample.quick then
    it("was tried 200 times", function()
      assert.is_true(count >= 200, tostring(count))
    end)
  end
end)
