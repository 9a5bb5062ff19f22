-- What `make editors` makes: the grammar of rule files and the types of the Lua API.

local files = require "spec.support.files"
local json = require "dkjson"
local nabla = require "nabla"

describe("tools/editors/grammar.lua", function()
  local grammar = require "tools.editors.grammar"
  local decoded = json.decode(grammar.text())

  -- The words of the pattern of a name.
  local function words(name)
    local set = {}
    for _, pattern in ipairs(decoded.patterns) do
      if pattern.name == name .. ".nabla-rules" then
        for word in pattern.match:match("%(%?:(.-)%)"):gmatch "[%w_]+" do
          set[word] = true
        end
      end
    end
    return set
  end

  it("is JSON with a name for each pattern", function()
    assert.equal("source.nabla-rules", decoded.scopeName)
    for _, pattern in ipairs(decoded.patterns) do
      assert.is_string(pattern.name)
      assert.is_truthy(pattern.match or pattern.begin and pattern["end"])
    end
  end)

  it("knows the word that begins each statement of the rule files", function()
    local known, count = words "keyword.control", 0
    local pipe = assert(io.popen "find rules examples -name '*.rules'")
    for path in pipe:lines() do
      for line in files.read(path):gmatch "[^\n]+" do
        local word, after = line:match "^(%l+)%s+(.)"
        if word and after:find '[%a"]' then
          count = count + 1
          assert.is_true(known[word], path .. ": " .. line)
        end
      end
    end
    pipe:close()
    assert.is_true(count > 1000)
  end)

  it("knows the attributes and the properties", function()
    assert.is_true(words("storage.modifier").symmetric)
    assert.is_true(words("storage.modifier").spd)
    assert.is_true(words("support.constant").elementwise)
  end)
end)

describe("tools/editors/types.lua", function()
  local types = require "tools.editors.types"
  local list = types.list()
  local s = assert(nabla.new())
  local examples = {
    ["nabla"] = nabla,
    ["nabla.Session"] = s,
    ["nabla.Node"] = s:parse "x'*x",
    ["nabla.Equation"] = s:equation "A*x = b",
    ["nabla.Solutions"] = s:solve("A*x = b", "x"),
    ["nabla.Derivation"] = s:derive("x'*x", "x"),
  }

  it("is Lua that defines nothing but tables", function()
    local value = assert(load(types.text(), "types", "t", {}))()
    assert.is_function(value.new)
  end)

  it("describes methods that there are", function()
    local count = {}
    for _, f in ipairs(list) do
      local example = assert(examples[f.class], f.class)
      assert.is_truthy(example[f.name], f.class .. " has no " .. f.name)
      count[f.class] = (count[f.class] or 0) + 1
    end
    assert.is_true(count["nabla.Session"] >= 40)
    assert.is_true(count["nabla.Node"] >= 20)
    assert.is_true(count["nabla.Derivation"] >= 6)
  end)

  it("annotates each parameter once, in order, in the form of LuaCATS", function()
    for _, f in ipairs(list) do
      local annotated = {}
      for line in f.text:gmatch "[^\n]+" do
        local name = line:match "^%-%-%-@param ([%w_.]+)%?? [%w_.|%[%]]+"
        annotated[#annotated + 1] = name
        assert.is_truthy(name or line:match "^%-%-%-@return [%w_.|%[%]]+" or not line:find "^%-%-%-@", line)
      end
      assert.equal(table.concat(annotated, ", "), f.text:match "function [%w_]+[.:][%w_]+%(([^\n]-)%) end$")
    end
  end)

  it("has the types of the doc comments", function()
    local text = types.text()
    local diff = "---@param opts? table layout, convention; habits, spread, typed, of a text (as those of a session)\n"
    assert.is_truthy(text:find(diff, 1, true))
    assert.is_truthy(text:find("function nabla_Session:diff(f, x, opts) end", 1, true))
    assert.is_truthy(text:find("function nabla_Node:latex(opts) end", 1, true))
  end)
end)
