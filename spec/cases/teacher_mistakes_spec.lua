-- Careless rule files, as teachers write them, and what nabla says: an error when the file is read; else what `nabla check` finds.
--
-- To write the messages as they are now into the data, and look at the difference:
-- NABLA_UPDATE=1 busted spec/cases/teacher_mistakes_spec.lua

local check = require "nabla.check"
local files = require "spec.support.files"
local lfs = require "lfs"
local lint = require "nabla.check.lint"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local DATA = "spec/data/teacher_mistakes.txt"

-- The cases: { title, file, message }.
local function cases()
  local list, part = {}, nil
  for line in io.lines(DATA) do
    local title = line:match "^== (.*)$"
    if title then
      list[#list + 1] = { title, {}, {} }
      part = list[#list][2]
    elseif line == "--" then
      part = list[#list][3]
    elseif part then
      part[#part + 1] = line
    end
  end
  for _, case in ipairs(list) do
    case[2] = table.concat(case[2], "\n")
    case[3] = table.concat(case[3], "\n"):gsub("%s+$", "")
  end
  return list
end

-- What is said of a file: one text.
local function said(text)
  local folder = os.tmpname() -- the values that check draws follow from the name of the file
  os.remove(folder)
  assert(lfs.mkdir(folder))
  local path = folder .. "/my.rules"
  files.write(path, text)
  local lines = {}
  local session, err = nabla.new { rules = path }
  if session then
    for _, result in ipairs(assert(assert(check.new()):file(path))) do
      check.settle(session, result)
      if result.verdict ~= "proved" then
        lines[#lines + 1] = string.format("%d: %s: %s: %s", result.line, result.kind, result.verdict, result.detail)
      end
    end
    for _, remark in ipairs(lint.new(session):file(path)) do
      lines[#lines + 1] = tostring(remark.error)
    end
  else
    lines[1] = tostring(err)
  end
  os.remove(path)
  lfs.rmdir(folder)
  local whole = table.concat(lines, "\n")
  local at = whole:find(path, 1, true)
  while at do
    whole = whole:sub(1, at - 1) .. "my.rules" .. whole:sub(at + #path)
    at = whole:find(path, 1, true)
  end
  return (whole:gsub("[^%s(]*(rules/[%w/-]+%.rules):%d+", "%1:N"))
end

if os.getenv "NABLA_UPDATE" then
  local out = { (files.read(DATA):match "^(.-)\n== ") }
  for _, case in ipairs(cases()) do
    out[#out + 1] = ("== %s\n%s\n--\n%s\n"):format(case[1], case[2], said(case[2]))
  end
  files.write(DATA, table.concat(out, "\n") .. "\n")
end

describe("a careless rule file", function()
  for _, case in ipairs(sample.of(cases())) do
    it("gets a message that helps: " .. case[1], function()
      assert.are.equal(case[3], said(case[2]))
    end)
  end

  it("is told what to do, wherever nabla finds it wrong when it is read", function()
    local without = {}
    for _, case in ipairs(cases()) do
      without[#without + 1] = case[3]:find "^my%.rules:" and not case[3]:find "\nhint: " and case[1] or nil
    end
    assert.are.same({}, without)
  end)
end)
