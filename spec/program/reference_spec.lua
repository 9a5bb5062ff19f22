-- docs/reference/ against the program: its lists of statements, clauses, properties, conditions, attributes and operators are those
-- that nabla has. What nabla has is found from outside: by what it accepts, and by the lists in its hints.

local files = require "spec.support.files"
local lfs = require "lfs"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- Reads a text in a session, which a text with a mistake leaves as it was: true, or nil and the message.
local function read_rules(text, session)
  local ok, err = (session or assert(nabla.new())):rule(text)
  return ok, ok or tostring(err)
end

-- The text below a heading of a page, up to the next heading of its level or above.
local function section(path, heading)
  local level = #heading:match "^#+"
  local list, found = {}, false
  for line in io.lines(path) do
    local hashes = line:match "^(#+) "
    if line == heading then
      found = true
    elseif found and hashes and #hashes <= level then
      break
    elseif found then
      list[#list + 1] = line
    end
  end
  assert(found, "no heading " .. heading)
  return table.concat(list, "\n") .. "\n"
end

-- The rows of the first table in a text, as lists of cells.
local function rows(text)
  local list = {}
  for line in text:gmatch "(.-)\n" do
    if line:find "^|" then
      local cells = {}
      for cell in line:gmatch "|([^|]*)%f[|]" do
        cells[#cells + 1] = cell:match "^%s*(.-)%s*$"
      end
      list[#list + 1] = cells
    elseif #list > 0 then
      break
    end
  end
  table.remove(list, 2)
  return list
end

-- The words in backquotes of the first column, in alphabetical order.
local function first_column(text, pattern)
  local list = {}
  for i, row in ipairs(rows(text)) do
    for code in (i > 1 and row[1] or ""):gmatch "`([^`]+)`" do
      list[#list + 1] = code:match(pattern)
    end
  end
  table.sort(list)
  return list
end

-- The names that a hint lists after `known: `.
local function known(rules)
  local _, err = read_rules(rules)
  local list = {}
  for name in assert(err:match "known: ([^\n]*)", err):gmatch "[%w_]+" do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- The words of all Lua files of nabla.
local function words()
  local set = {}
  local function add(folder)
    for name in lfs.dir(folder) do
      local path = folder .. "/" .. name
      if not name:find "^%." and lfs.attributes(path, "mode") == "directory" then
        add(path)
      elseif name:find "%.lua$" then
        for word in files.read(path):gmatch "%l+" do
          set[word] = true
        end
      end
    end
  end
  add "lua/nabla/rules"
  return set
end

local language = "docs/reference/rule-language.md"

describe(language, function()
  sample.whole(it)("names the statements that there are", function()
    local named, there, session = {}, {}, assert(nabla.new())
    for heading in section(language, "## Statements"):gmatch "\n### ([^\n]+)" do
      for word in heading:gmatch "%l+" do
        named[#named + 1] = word
      end
    end
    for word in pairs(words()) do
      local ok, err = read_rules(word, session)
      there[#there + 1] = not ok and not err:find("unknown statement", 1, true) and word or nil
    end
    table.sort(named)
    table.sort(there)
    assert.are.same(there, named)
  end)

  it("names the properties of operators that there are", function()
    assert.are.same(
      known "operator one(A(m,n)): scalar   qqqqqqqqqqqq",
      first_column(section(language, "## Properties of an operator"), "^[%l_]+$")
    )
  end)

  sample.whole(it)("names the attributes that there are, and what they imply", function()
    local text = section(language, "## Attributes")
    local named = first_column(text, "^%l+$")
    local listed = {}
    local _, err = assert(nabla.new()):declare "matrix A(n,n) qqqqqqqqqqqq"
    for name in err.hint:gsub("known:", ""):gmatch "%l+" do
      listed[#listed + 1] = name
    end
    assert.are.same(listed, named)
    for i, row in ipairs(rows(text)) do
      local attribute = i > 1 and row[1]:match "%l+"
      if attribute then
        local s = assert(nabla.new())
        local A = assert(s:declare("matrix A(n,n) " .. attribute))
        for implied in row[2]:gmatch "%l+" do
          assert.is_true(s:holds(implied, A), attribute .. " implies " .. implied)
        end
      end
    end
  end)

  it("names the conditions that there are", function()
    local attributes = {}
    for _, name in ipairs(first_column(section(language, "## Attributes"), "^%l+$")) do
      attributes[name] = true
    end
    attributes.constant = nil -- is a condition of its own as well
    local there = {}
    for _, name in ipairs(known "let matrix A(m,n)\nsimplify exp(A) -> A if qqqqqqqqqqqq(A)") do
      there[#there + 1] = not attributes[name] and name or nil
    end
    local named = {}
    for _, name in ipairs(first_column(section(language, "## Conditions"), "^(%l+)%(")) do
      named[#named + 1] = not attributes[name] and name or nil
    end
    assert.are.same(there, named)
  end)

  local statements = {
    operator = "operator f(A(m,n)): scalar",
    ["function"] = "function f(A(m,n)): scalar",
    attribute = "attribute f",
    rule = "rule exp(A) -> A",
    simplify = "simplify exp(A) -> A",
    adjoint = "adjoint f(A) Y -> Y",
    jacobian = "jacobian f(A) Y -> Y",
    block = "block f(A) Y(h,w) -> Y",
    coordinates = "coordinates vec(A) v -> A",
    fact = "fact symmetric(A)",
    curvature = "curvature exp(A) convex in A",
    isolate = "isolate exp(A) = B for A gives log(B)",
    layout = "layout f",
    convention = "convention f",
    notation = 'notation f "t"',
    prefer = "prefer A over A",
    identity = 'identity "f" A == A',
    table = 'table "f"',
    wording = 'wording linear "f"',
    check = "check A == A",
    fail = "fail A == A",
    rename = 'rename identity "f" as "g"',
  }
  local clauses = { ["if"] = "if symmetric(A)", ["for"] = "for g in sin cos", priority = "priority 1" }

  -- Does a statement take a clause? If not, the message is about the clause.
  local function takes(statement, clause, session)
    local text = statements[statement] .. "   " .. (clauses[clause] or clause .. ' "x"')
    local _, err = read_rules(text, session)
    return type(err) ~= "string"
      or not (err:find("does not belong in the statement", 1, true) or err:find("expected", 1, true))
  end

  local marks = rows(section(language, "## Clauses"))
  for i = 2, #marks, sample.quick and 4 or 1 do
    local statement = marks[i][1]:match "%l+"
    it("says which clauses the statement " .. statement .. " takes", function()
      local session = assert(nabla.new())
      for j = 2, #marks[1] do
        local clause = marks[1][j]:match "%l+"
        assert.are.equal(marks[i][j] == "x", takes(statement, clause, session), clause)
      end
      statements[statement] = nil
    end)
  end
  sample.whole(it)("says it of all of them", function()
    assert.are.same({}, statements)
  end)
end)

-- Adds the definitions of a rule file: name -> { head, result, properties, body }, the body of a function or its derivative.
local function definitions(text, found)
  local statements = ("\n" .. text):gsub("[ \t]*#[^\n]*", ""):gsub("\n[ \t]+", "  ")
  for what, name, rest in statements:gmatch "\n(%l+) ([%w_]+)([^\n]*)" do
    if what == "operator" or what == "function" then
      local parameters = rest:match "^%b()" or ""
      local clauses = rest:sub(#parameters + 1):gsub('^ "[^"]*"', ""):gsub(' +%l+ "[^"]*"', "")
      local signature, body = clauses, nil
      if what == "function" then
        signature, body = clauses:match "^(.-) +derivative (.*)$"
        if body then
          signature = signature:match "^(.-) += " or signature
        else
          signature, body = clauses:match "^(.-) += (.*)$"
          body = body:match "^(.-)  +d%(" or body
        end
      end
      local result = signature:match "^: (%l+ %b())" or signature:match "^: (%l+)" or ""
      local properties = signature:gsub("^: ", ""):sub(#result + 1):gsub(" *%f[%w]value .*$", "")
      properties = properties:match "^%s*(.-)%s*$"
      found[name] = { head = name .. parameters, result = result, properties = properties, body = body }
    end
  end
end

describe("docs/reference/operators.md", function()
  local path = "docs/reference/operators.md"

  it("lists what the rule files define", function()
    local there, listed = {}, {}
    local function add(folder)
      for name in lfs.dir(folder) do
        if not name:find "^%." and lfs.attributes(folder .. "/" .. name, "mode") == "directory" then
          add(folder .. "/" .. name)
        elseif name:find "%.rules$" then
          definitions(files.read(folder .. "/" .. name), there)
        end
      end
    end
    add "rules"
    for line in io.lines(path) do
      local head, result, properties, last = line:match "^| `([^`]+)` | ([^|]*)| ([^|]*)| (.*) |$"
      local name = head and head:match "^[%w_]+"
      if name then
        local function plain(cell)
          return cell:gsub("`", ""):match "^%s*(.-)%s*$"
        end
        listed[name] = { head = head, result = plain(result), properties = plain(properties) }
        listed[name].body = there[name] and there[name].body and plain(last)
      end
    end
    listed.sqrt.body = there.sqrt.body -- is given as a power
    assert.are.same(there, listed)
  end)
end)

describe("docs/manual/sessions.md", function()
  it("lists only calls that there are", function()
    local s = assert(nabla.new())
    local node = assert(s:parse "x")
    local count = 0
    for line in io.lines "docs/manual/sessions.md" do
      local first = line:match "^| (`.-) |" or ""
      for name in first:gmatch "`s:(%l+)" do
        count = count + 1
        assert.are.equal("function", type(s[name]), name)
      end
      for name in first:gmatch "`node[.:](%a+)" do
        count = count + 1
        assert.is_not_nil(name == "name" and node.name or node[name], name)
      end
    end
    assert.is_true(count >= 25)
  end)
end)

describe("docs/manual/command-line.md", function()
  local text = files.read "docs/manual/command-line.md"

  local function help(command)
    local pipe = assert(io.popen("bin/nabla help " .. command .. " 2>&1"))
    local page = pipe:read "a"
    pipe:close()
    return page
  end

  it("lists the commands that there are, and their options", function()
    local count = 0
    for command in help(""):match("\nCommands:\n(.-)\n\n"):gmatch "%f[^\n\0]  (%l+)" do
      count = count + 1
      assert.is_truthy(text:find("`nabla " .. command, 1, true), command)
      for option in help(command):gmatch "\n   (%-%-[%l-]+)" do
        local cells = text:match("\n| [^\n|]*`" .. option:gsub("%-", "%%-") .. "[^\n|]*|([^\n|]*)|")
        local of = cells and (cells:find "all but" ~= nil) ~= (cells:find("`" .. command .. "`", 1, true) ~= nil)
        assert.is_true(of, command .. " " .. option)
      end
    end
    assert.is_true(count >= 11)
  end)
end)

describe("tools/c_reference.lua", function()
  it("shows every function of the headers that nabla.h includes", function()
    local pipe = assert(io.popen "lua5.4 tools/c_reference.lua")
    local page = pipe:read "a"
    assert.is_true(pipe:close())
    local count = 0
    for header in files.read("src/nabla.h"):gmatch '#include "([^"]+)"' do
      for name in files.read("src/" .. header):gsub("/%*.-%*/", ""):gmatch "\n%a[%w_ *]-([%l_]+)%(" do
        count = count + 1
        assert.is_truthy(page:find(name .. "(", 1, true), name)
      end
    end
    assert.is_true(count >= 60)
  end)
end)

describe("tools/error_reference.lua", function()
  it("shows every message of the tests, once as a heading, with its rule files", function()
    local pipe = assert(io.popen "lua5.4 tools/error_reference.lua")
    local page = pipe:read "a"
    assert.is_true(pipe:close())
    local _, cases = ("\n" .. files.read "spec/data/rulefile_errors.txt"):gsub("\n== ", "")
    local _, blocks = page:gsub("\n```text\n", "")
    assert.are.equal(2 * cases, blocks)
    local seen = {}
    for heading in page:gmatch "\n## ([^\n]*)" do
      assert.is_nil(seen[heading], heading)
      seen[heading] = true
    end
  end)
end)
