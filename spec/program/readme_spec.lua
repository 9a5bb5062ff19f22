-- What README.md shows is what the program does: every example of it is run, and its output compared.
--
-- A ```console block holds commands (`$ ...`) and what they print on either output; a ```lua block is a program whose
-- comments `--> ...` are the lines that it prints; a ```rules block is the file course.rules, which the commands may name.

local files = require "spec.support.files"
local lfs = require "lfs"

local read, write = files.read, files.write

-- The fenced blocks of a language, and nothing else.
local function blocks(text, language)
  local list = {}
  for block in text:gmatch("\n```" .. language .. "\n(.-)\n```\n") do
    list[#list + 1] = block .. "\n"
  end
  return list
end

-- { command, output } of each `$ ` line.
local function commands(block)
  local list = {}
  for line in block:gmatch "(.-)\n" do
    local command = line:match "^%$ (.*)"
    if command then
      list[#list + 1] = { command, "" }
    else
      list[#list][2] = list[#list][2] .. line .. "\n"
    end
  end
  return list
end

describe("README.md", function()
  local text = read "README.md"
  local root = lfs.currentdir()
  local folder

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    assert(lfs.link(root .. "/bin", folder .. "/bin", true))
    write(folder .. "/course.rules", blocks(text, "rules")[1])
  end)

  teardown(function()
    for _, name in ipairs { "bin", "course.rules", "example.lua" } do
      os.remove(folder .. "/" .. name)
    end
    assert(lfs.rmdir(folder))
  end)

  local function output_of(command)
    local pipe = assert(io.popen("cd '" .. folder .. "' && { " .. command .. "\n} 2>&1"))
    local output = pipe:read "a"
    pipe:close()
    return output
  end

  local count = 0
  for _, block in ipairs(blocks(text, "console")) do
    for _, example in ipairs(commands(block)) do
      count = count + 1
      it("shows what this prints: " .. example[1], function()
        assert.are.equal(example[2], output_of(example[1]))
      end)
    end
  end

  for i, block in ipairs(blocks(text, "lua")) do
    it("shows what its Lua program prints, number " .. i, function()
      local expected = {}
      for line in block:gmatch "%-%->%s?([^\n]*)" do
        expected[#expected + 1] = line .. "\n"
      end
      assert.is_true(#expected > 0)
      write(folder .. "/example.lua", block)
      local path = ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/build/?.so;;' "):format(
        root,
        root,
        root
      )
      assert.are.equal(table.concat(expected), output_of(path .. "lua5.4 example.lua"))
    end)
  end

  it("has its examples", function()
    assert.is_true(count >= 8)
    assert.are.equal(1, #blocks(text, "lua"))
    assert.are.equal(1, #blocks(text, "rules"))
  end)

  it("names only folders that exist", function()
    for name in text:gmatch "\n| ([%w/]+)/ |" do
      assert.are.equal("directory", lfs.attributes(name, "mode"), name)
    end
  end)
end)
