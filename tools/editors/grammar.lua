-- A TextMate grammar for rule files, made from the words of nabla's own reader of them:
--
--     lua5.4 tools/editors/grammar.lua > rules.tmLanguage.json

local json = require "dkjson"

local M = {}

-- Words inside a statement, which the reader of rule files takes as such in their places.
local INSIDE = "if cite for gives by priority zh not and note like title value means implies derivative derivatives"
  .. " unicode latex infix text minimal defines to of over in schema such that"

-- Kinds of letters in declarations.
local KINDS = "scalar vector matrix size index"

local function alternatives(words)
  table.sort(words)
  return "(?:" .. table.concat(words, "|") .. ")"
end

local function names(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  return list
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

--- The grammar as a table.
function M.grammar()
  local statements = names(require("nabla.rules.actions").statements)
  local properties = names(require("nabla.rules.properties").known)
  local attributes = names(assert(require("nabla").new()).attributes)
  local function pattern(name, match)
    return { name = name .. ".nabla-rules", match = match }
  end
  local patterns = {
    pattern("comment.line.number-sign", "#.*$"),
    { name = "string.quoted.double.nabla-rules", begin = '"', ["end"] = '"|$',
      patterns = { pattern("constant.character.escape", "\\\\.|%[0-9]") } },
    pattern("keyword.control", "^\\s*" .. alternatives(statements) .. "\\b(?!\\s*[(=*+'^.-])"),
    pattern("storage.type", "\\b" .. alternatives(words(KINDS)) .. "\\b"),
    pattern("storage.modifier", "\\b" .. alternatives(attributes) .. "\\b"),
    pattern("support.constant", "\\b" .. alternatives(properties) .. "\\b"),
    pattern("keyword.other", "\\b" .. alternatives(words(INSIDE)) .. "\\b"),
    pattern("keyword.operator.differential", "\\b[dD](?=\\()"),
    pattern("entity.name.function", "\\b[A-Za-z_][A-Za-z_0-9]*(?=\\()"),
    pattern("constant.numeric", "\\b[0-9]+(?:\\.[0-9]+)?\\b"),
    pattern("keyword.operator", "->|==|=|\\.\\*|\\./|\\.\\^|\\.\\.|[-+*/^':]"),
  }
  return { name = "nabla rules", scopeName = "source.nabla-rules", fileTypes = { "rules" }, patterns = patterns }
end

local ORDER = { "name", "scopeName", "fileTypes", "patterns", "match", "begin", "end" }

--- As JSON.
function M.text()
  return json.encode(M.grammar(), { indent = true, keyorder = ORDER }) .. "\n"
end

if arg and arg[0] and arg[0]:find "grammar%.lua$" then
  io.write(M.text())
end

return M
