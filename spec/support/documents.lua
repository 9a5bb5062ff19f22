--- The examples of a page of the documentation, and how they are run.
--
-- A page is Markdown. Its fenced blocks are examples by their language:
--     rules     a rule file; it is read into a new session, which is `s` in the blocks after it
--     lua       a program; all of a page share their globals, and `--> text` is what `print` wrote by then
--     console   commands (`$ ...`), each with what it prints on either output
-- A block whose language is followed by a file name (```rules course.rules) is written to the folder in which the commands of its
-- page run; a Lua block with a name is only written. Blocks of other languages without a name are not run. A quick run of the
-- specs takes one of 20 commands of a page.

local files = require "spec.support.files"
local lfs = require "lfs"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local M = {}

local root = lfs.currentdir()

--- The fenced blocks of a page: { kind, name, line, text }.
function M.blocks(path)
  local list, open = {}, nil
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    local kind, name = line:match "^```(%w*) ?(%S*)$"
    assert(kind or not line:find "^```", path .. ": this opens no block: " .. line)
    if kind and not open then
      open = { kind = kind, name = name ~= "" and name or nil, line = number }
    elseif kind then
      assert(kind == "", path .. ": a block in a block: " .. line)
      open.text = table.concat(open, "\n") .. "\n"
      list[#list + 1], open = open, nil
    elseif open then
      open[#open + 1] = line
    end
  end
  assert(not open, path .. ": a block is not closed")
  return list
end

--- The commands of a console block: { command, output }.
function M.commands(text)
  local list = {}
  for line in text:gmatch "(.-)\n" do
    local command = line:match "^%$ (.*)"
    if command then
      list[#list + 1] = { command, "" }
    else
      list[#list][2] = list[#list][2] .. line .. "\n"
    end
  end
  return list
end

-- What a Lua block says that it prints.
local function stated(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    lines[#lines + 1] = line:match "%-%-> ?(.*)$"
  end
  return table.concat(lines, "\n")
end

-- The globals of the Lua blocks of a page, whose `print` adds lines to `env.written`.
local function environment()
  local env = { s = assert(nabla.new()), written = {} }
  function env.print(...)
    local values = table.pack(...)
    for i = 1, values.n do
      values[i] = tostring(values[i])
    end
    table.insert(env.written, table.concat(values, "\t", 1, values.n))
  end
  return setmetatable(env, { __index = _G })
end

local function removed(folder)
  for name in lfs.dir(folder) do
    if name ~= "." and name ~= ".." then
      os.remove(folder .. "/" .. name)
    end
  end
  assert(lfs.rmdir(folder))
end

-- A new folder that looks like the checkout, for the commands of a page.
local function workplace(blocks)
  local folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
  for _, name in ipairs { "bin", "examples", "rules" } do
    assert(lfs.link(root .. "/" .. name, folder .. "/" .. name, true))
  end
  for _, block in ipairs(blocks) do
    if block.name then
      files.write(folder .. "/" .. block.name, block.text)
    end
  end
  return folder
end

local settings = ([[export PATH='ROOT/bin':"$PATH" LUA_PATH='ROOT/lua/?.lua;ROOT/lua/?/init.lua;;' LUA_CPATH='ROOT/build/?.so;;'
]]):gsub("ROOT", root)

local function output_of(folder, command)
  local pipe = assert(io.popen(settings .. "cd '" .. folder .. "' && { " .. command .. "\n} 2>&1"))
  local output = pipe:read "a"
  pipe:close()
  return output
end

-- Is the program of a command there? Only Python may be missing.
local function available(command)
  return not command:find "^python3 " or os.execute "command -v python3 >/dev/null 2>&1"
end

--- The examples of a page, in order: { title, run }; `run` gives what the page states and what came out. `setup` is called before
--- the first of them and `teardown` after the last.
function M.examples(path)
  local blocks = M.blocks(path)
  local env, folder
  local list, commands = {}, 0

  function list.setup()
    env, folder = environment(), workplace(blocks)
  end
  function list.teardown()
    removed(folder)
  end

  local function add(title, block, run)
    list[#list + 1] = { title = ("%s, line %d"):format(title, block.line), run = run }
  end

  for _, block in ipairs(blocks) do
    if block.kind == "rules" then
      add("has rules that are read", block, function()
        env.s = assert(nabla.new())
        local ok, err = env.s:rule(block.text, path .. ", from line " .. block.line)
        return "read", ok and "read" or tostring(err)
      end)
    elseif block.kind == "lua" and not block.name then
      add("has a program that prints what it says", block, function()
        env.written = {}
        assert(load(block.text, ("=%s, from line %d"):format(path, block.line), "t", env))()
        return stated(block.text), table.concat(env.written, "\n")
      end)
    elseif block.kind == "console" then
      for _, command in ipairs(M.commands(block.text)) do
        commands = commands + 1
        if commands % sample.step == 1 % sample.step and available(command[1]) then
          add("shows what this prints: " .. command[1], block, function()
            return command[2], output_of(folder, command[1])
          end)
        end
      end
    end
  end
  return list
end

--- All pages: the two READMEs and what is below docs/, by name.
function M.pages()
  local list = { "README.md" }
  if lfs.attributes "README.zh.md" then
    list[2] = "README.zh.md"
  end
  local function add(folder)
    local names = {}
    for name in lfs.dir(folder) do
      names[#names + 1] = not name:find "^%." and name or nil
    end
    table.sort(names)
    for _, name in ipairs(names) do
      local path = folder .. "/" .. name
      if lfs.attributes(path, "mode") == "directory" then
        add(path)
      elseif path:find "%.md$" then
        list[#list + 1] = path
      end
    end
  end
  add "docs"
  add "examples"
  return list
end

return M
