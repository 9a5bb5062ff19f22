-- Lines and facts that a user writes: the right ones are accepted, the wrong ones refused with values that show it.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local session = assert(nabla.new())

-- The problems of spec/data/wrong_lines.cases: decl, expr, by, layout; right, wrong, true, false: lists of texts.
local function problems()
  local list = {}
  for line in io.lines "spec/data/wrong_lines.cases" do
    local word, text = line:match "^(%a+)%s+(.*)$"
    local p = list[#list]
    if word == "given" then
      list[#list + 1] = { decl = text, right = {}, wrong = {}, ["true"] = {}, ["false"] = {} }
    elseif word == "derive" then
      p.expr, p.by, p.layout = text:match "^(.-) by (%a+) in (%a+)$"
      if not p.expr then
        p.expr, p.by = text:match "^(.-) by (%a+)$"
      end
    elseif word then
      table.insert(p[word] or p.wrong, text)
    end
  end
  return list
end

local function begin(p)
  session:reset()
  assert(session:declare(p.decl))
  return assert(session:derivation(p.expr, p.by, { layout = p.layout }))
end

local refused, with_values = 0, 0

-- A method with a wrong text is an error, which brings values unless the sizes do not fit.
local function refuses(p, method, text)
  local D = begin(p)
  session.layout = p.layout or "denominator"
  local ok, err = pcall(D[method], D, text)
  session.layout = "denominator"
  assert.is_false(ok, text)
  assert.are.equal(1, #D)
  refused = refused + 1
  local message = tostring(err)
  local unfit = message:find "^a %a+ of " or message:find "its sides are" or message:find "division by a matrix"
  if not unfit then
    assert.is_truthy(message:find "^this line does not follow: " or message:find "^this is no fact: ", message)
    assert.is_truthy(err.example and err.example.values, message)
    with_values = with_values + 1
  end
end

describe("a user's", function()
  for _, p in ipairs(sample.of(problems())) do
    it("right lines are accepted about " .. p.expr, function()
      local D = begin(p)
      for _, text in ipairs(p.right) do
        assert.has_no_error(function()
          D:step(text)
        end)
      end
      for _, text in ipairs(p["true"]) do
        assert.has_no_error(function()
          D:because(text)
        end)
      end
    end)
    for _, text in ipairs(p.wrong) do
      it("wrong line is refused: " .. text .. " of " .. p.expr, function()
        refuses(p, "step", text)
      end)
    end
    for _, text in ipairs(p["false"]) do
      it("false fact is refused: " .. text, function()
        refuses(p, "because", text)
      end)
    end
  end

  if not sample.quick then
    it("wrong lines are refused with values", function()
      assert.is_true(refused >= 200)
      assert.is_true(with_values >= 0.75 * refused, with_values .. " of " .. refused)
    end)
  end
end)
