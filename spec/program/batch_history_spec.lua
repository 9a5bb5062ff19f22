-- An answer of `nabla batch` is the same whatever was asked before: requests of all kinds in two orders.

local cases = require "spec.support.cases"
local command = require "spec.support.command"
local json = require "dkjson"
local random = require "spec.judge.random"
local sample = require "spec.support.sample"

teardown(command.clean)

-- Keys of a request, by what is asked of the case of that number.
local KINDS = {
  { steps = true },
  { format = "latex" },
  { op = "derive", detail = "fine" },
  { parts = true },
  { op = "identify", claim = "2*(%s)" },
  { notation = "numpy" },
  { op = "equal" },
  {},
}

local function request(case, number)
  local kind = KINDS[number % #KINDS + 1]
  local r = { id = number, decl = case.decl, expr = case.expr, wrt = case.wrt, layout = case.layout }
  for key, value in pairs(kind) do
    r[key] = type(value) == "string" and value:format(case.wrt) or value
  end
  if kind.op == "equal" then
    r.left, r.right, r.steps = case.expr, ("(%s)*1"):format(case.expr), true
    r.expr, r.wrt, r.layout = nil, nil, nil
  end
  return json.encode(r)
end

local function requests()
  local list, files = {}, io.popen "ls spec/data/corpus/*.cases"
  local found = {}
  for path in files:lines() do
    for _, case in ipairs(cases.read(path)) do
      if case.expr and case.wrt and (case.op or "derivative") == "derivative" and #case.expr < 60 then
        found[#found + 1] = case
      end
    end
  end
  files:close()
  local count = sample.count(300, 6)
  for i = 1, count do
    list[i] = request(found[i * #found // count], i)
  end
  return list
end

local function answers(lines)
  local path = command.temporary_file(table.concat(lines, "\n") .. "\n")
  local result = command.shell(command.quoted(command.path) .. " batch <" .. path)
  local by_id = {}
  for line in result.out:gmatch "[^\n]+" do
    by_id[line:match '^{"id":(%d+)'] = line
  end
  return by_id
end

describe("an answer of a batch", function()
  it("does not depend on the requests before it", function()
    local lines = requests()
    local first = answers(lines)
    local shuffled, draw = { table.unpack(lines) }, random.new "history"
    for i = #shuffled, 2, -1 do
      local j = draw:integer(i)
      shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
    end
    local second, right = answers(shuffled), 0
    for id, line in pairs(first) do
      assert.are.equal(line, second[id])
      right = right + (line:find '"error"' and 0 or 1)
    end
    assert.is_true(right > 0.8 * #lines, right)
  end)
end)
