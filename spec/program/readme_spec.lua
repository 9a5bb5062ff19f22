-- The READMEs are what a newcomer reads first. The first screen, which is what stands above the first heading, shows commands, a layout, a
-- rule file and a line of Lua; and both languages show the same. That the examples do what they say is checked by docs_spec.

local documents = require "spec.support.documents"
local files = require "spec.support.files"
local sample = require "spec.support.sample"

-- The examples of a page, which are the same in all languages.
local function examples(path)
  local list = {}
  for _, block in ipairs(documents.blocks(path)) do
    list[#list + 1] = (block.kind == "console" or block.kind == "rules") and block.text or nil
  end
  return list
end

for _, path in ipairs { "README.md", "README.zh.md" } do
  describe(path, function()
    local first = files.read(path):match "^(.-)\n## "

    it("shows on its first screen what nabla is for", function()
      local _, lines = first:gsub("\n", "")
      assert.is_true(lines <= 45, lines .. " lines")
      local _, commands = first:gsub("\n%$ ", "")
      assert.is_true(commands >= 3)
      assert.is_truthy(first:find("--layout numerator", 1, true))
      assert.is_truthy(first:find("\n```rules ", 1, true))
      assert.is_truthy(first:find('require("nabla")', 1, true))
    end)

    it("shows the examples of the other languages", function()
      assert.are.same(examples "README.md", examples(path))
    end)
  end)
end

describe("the two commands of the README", function()
  local function lines_of(command)
    local pipe = assert(io.popen(command .. " 2>&1"))
    local output = pipe:read "a"
    local done = pipe:close()
    local list = {}
    for line in output:gmatch "[^\n]+" do
      list[#list + 1] = line
    end
    return list, done
  end

  it("bin/try shows commands with their answers", function()
    local lines, done = lines_of "bin/try"
    assert.is_true(done)
    local commands, answers = 0, {}
    for i, line in ipairs(lines) do
      if line:find "^%$ bin/nabla " then
        commands = commands + 1
        answers[line] = lines[i + 1]
      end
    end
    assert.is_true(commands >= 4)
    assert.are.equal("2*A'*(A*x - b)", answers['$ bin/nabla diff "norm2(A*x - b)^2" x'])
  end)

  sample.whole(it)("bin/test runs tests and counts them", function()
    local lines, done = lines_of "bin/test floors_spec"
    assert.is_true(done)
    assert.is_truthy(lines[#lines]:find "^[1-9]%d* passed, 0 failed$")
  end)
end)
