-- The examples of the documents are run. In docs/*.md,
--   a block ```rules is a rule file: it is read into a new session, called s in the blocks after it;
--   a block ```lua is run (all of one document share their globals); a line `--> text` is what print wrote by then.
-- Blocks of other kinds are not run.

local nabla = require "nabla"

local function blocks(path)
  local list, kind, first, lines = {}, nil, nil, nil
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    local fence = line:match "^```(%w*)$"
    if fence and not kind then
      kind, first, lines = fence, number, {}
    elseif fence then
      list[#list + 1] = { kind = kind, line = first, text = table.concat(lines, "\n") .. "\n" }
      kind = nil
    elseif kind then
      lines[#lines + 1] = line
    end
  end
  assert(not kind, path .. ": a block is not closed")
  return list
end

local function stated(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    lines[#lines + 1] = line:match "%-%-> ?(.*)$"
  end
  return table.concat(lines, "\n")
end

for _, path in ipairs { "docs/manual.md", "docs/tutorial.md" } do
  describe(path, function()
    local written
    local env = setmetatable({
      s = assert(nabla.new()),
      print = function(...)
        local values = table.pack(...)
        for i = 1, values.n do
          values[i] = tostring(values[i])
        end
        written[#written + 1] = table.concat(values, "\t", 1, values.n)
      end,
    }, { __index = _G })

    local run = 0
    for _, block in ipairs(blocks(path)) do
      if block.kind == "rules" then
        run = run + 1
        it(("has rules that are read, line %d"):format(block.line), function()
          env.s = assert(nabla.new())
          assert(env.s:rule(block.text, path .. ", from line " .. block.line))
        end)
      elseif block.kind == "lua" then
        run = run + 1
        it(("has an example that does what it says, line %d"):format(block.line), function()
          written = {}
          assert(load(block.text, ("=%s, from line %d"):format(path, block.line), "t", env))()
          assert.equal(stated(block.text), table.concat(written, "\n"))
        end)
      end
    end

    it("has examples", function()
      assert.is_true(run >= 8)
    end)
  end)
end
