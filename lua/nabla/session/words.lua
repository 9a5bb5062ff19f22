--- Words of derivations and solutions in a language, from the `wording` statements of rule files.
--
-- @module nabla.session.words

local titles = require "nabla.text.titles"

local M = {}

--- Read nabla's own words, once; those of a course stay before them.
function M.read(session)
  if not session.words_read then
    local read, err = require("nabla.rules.load").load(session, { path = "wording.rules" })
    if not read then
      error(err, 0)
    end
    session.words_read = true
  end
end

--- The words of a name, filled.
-- @tparam table session
-- @tparam string word the name of a wording
-- @tparam {string,...} args for %1, %2
-- @tparam[opt] string lang English without it
-- @treturn string
function M.text(session, word, args, lang)
  M.read(session)
  local known = session.wordings[word]
  local text = known and (lang and lang ~= "en" and titles.of(known, lang) or known.text) or word
  return (text:gsub("%%(%d)", function(i)
    return args[tonumber(i)] or ""
  end))
end

-- The declared attributes that a condition follows from.
local function because(condition, lang)
  local session, list = condition.session, {}
  for i, item in ipairs(condition.because_of or {}) do
    local attribute = session.attributes[item.attribute]
    local title = lang and lang ~= "en" and titles.of(attribute, lang) or attribute.title or item.attribute
    list[i] = M.text(session, "attribute", { item.name, title }, lang)
  end
  return list
end

local function joined(list, lang)
  return table.concat(list, lang == "zh" and "、" or ", ")
end

-- The text of a condition; in LaTeX as a formula among words.
local function written(condition, format)
  local text = condition:text(format)
  return format == "latex" and "$" .. text .. "$" or text
end

--- A condition and whether it is known: "invertible(A'*A): A is of full column rank".
-- @tparam table condition (nabla.solve.conditions)
-- @tparam[opt] string format
-- @tparam[opt] string lang
function M.condition(condition, format, lang)
  local session = condition.session
  local reason
  if condition.known then
    local list = because(condition, lang)
    reason = #list > 0 and joined(list, lang) or M.text(session, "always", {}, lang)
  else
    reason = M.text(session, "assumed", {}, lang)
  end
  return written(condition, format) .. (lang == "zh" and "：" or ": ") .. reason
end

--- Why a line of a solution follows: nil where nothing is to be said.
-- @tparam table session
-- @tparam table|nil reason { word =, args = } | { rule = a statement with name and titles } | { conditions = a list }
-- @tparam[opt] string lang
-- @tparam[opt] string format of conditions
function M.reason(session, reason, lang, format)
  if not reason then
    return nil
  elseif reason.rule then
    return lang and lang ~= "en" and titles.of(reason.rule, lang) or reason.rule.name
  elseif reason.word then
    return M.text(session, reason.word, reason.args or {}, lang)
  end
  local list = {}
  for i, c in ipairs(reason.conditions) do
    local known = c.known and because(c, lang) or {}
    local open, close = " (", ")"
    if lang == "zh" then
      open, close = "（", "）"
    end
    list[i] = written(c, format) .. (#known > 0 and open .. joined(known, lang) .. close or "")
  end
  return #list > 0 and joined(list, lang) or nil
end

return M
