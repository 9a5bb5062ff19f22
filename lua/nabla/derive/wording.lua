--- The words of a derivation: the names of rules, and what is said of a line that no rule gives.
--
-- The words are data: `wording` statements (rules/wording.rules). A name that has no Chinese title stands in English.
--
-- @module nabla.derive.wording

local core = require "nabla.core"

local M = {}

local KINDS = core.constants.rule_kinds

local Wording = {}
Wording.__index = Wording

--- The words of a session.
function M.new(session)
  return setmetatable({ session = session, rules = session.rules }, Wording)
end

local function fill(text, args)
  return (text:gsub("%%(%d)", function(i)
    return args[tonumber(i)] or ""
  end))
end

-- A list of names in words: A, B and b.
local function listed(self, names, lang)
  local n = #names
  local both = self.session.wordings["and"]
  local join = both and (lang == "zh" and both.zh or both.text) or "%1, %2"
  local before = table.concat(names, lang == "zh" and "、" or ", ", 1, n - 1)
  return n == 1 and names[1] or fill(join, { before, names[n] })
end

--- A line with its reason.
-- @tparam string word the name of a wording
-- @tparam table args what stands for %1, %2: texts, or pairs { text, Chinese text }
-- @tparam table line
function Wording:line(word, args, line)
  local known = self.session.wordings[word] or { text = word }
  local english, chinese = {}, {}
  for i, arg in ipairs(args) do
    local pair = type(arg) == "table"
    english[i], chinese[i] = pair and arg[1] or arg, pair and (arg[2] or arg[1]) or arg
  end
  line.rule = fill(known.text, english)
  line.zh = known.zh and fill(known.zh, chinese)
  line.cite = line.cite or known.cite
  return line
end

local MOST_CONSTANTS = 4

-- Only linear rules were applied: what was constant in them.
function Wording:linear_line(constants, line)
  if #constants == 0 or #constants > MOST_CONSTANTS then
    return self:line("linear", {}, line)
  end
  local names = { listed(self, constants), listed(self, constants, "zh") }
  return self:line(#constants == 1 and "constant" or "constants", { names }, line)
end

--- The name of a rule and its Chinese title; nil for a rule that has only a place.
function Wording:rule_name(serial)
  local rule = self.rules[serial]
  if not rule or not rule.named then
    return nil
  elseif rule.statement == "function" then
    local word = rule.kind == KINDS.algebra and "definition" or rule.title and "titled" or "function"
    local words = self:line(word, { { rule.title or rule.name, rule.zh } }, {})
    return words.rule, words.zh
  end
  return rule.name, rule.zh
end

-- Does the pattern of a rule for d(..) hold more than one operator?
local function is_deep(self, rule)
  local S = self.session.S
  for _, part in ipairs(S:args(S:args(rule.lhs)[1])) do
    local op = S:op(part)
    if op ~= "variable" and op ~= "number" and op ~= "operator name" and op ~= "power" and op ~= "function" then
      return true
    end
  end
  return false
end

--- The names of some rules, each once, joined; or nil. Rules that have no name are left out.
function Wording:named(serials)
  local names, titles, cites, seen = {}, {}, {}, {}
  for _, serial in ipairs(serials) do
    local name, zh = self:rule_name(serial)
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1], titles[#titles + 1] = name, zh or name
      cites[#cites + 1] = self.rules[serial].cite
    end
  end
  if #names > 0 then
    return table.concat(names, "; "), table.concat(titles, "；"), #cites > 0 and table.concat(cites, "; ") or nil
  end
end

--- The line of some rules for differentials (see nabla.derive.differentials).
function Wording:rules_line(made, line)
  line.kind = "rule"
  if #made.rules == 0 then
    return self:linear_line(made.constants, line)
  end
  local serials = {}
  line.changes = {}
  for i, rule in ipairs(made.rules) do
    serials[i] = rule.serial
    line.changes[i] = { before = rule.before, after = rule.after }
    local r = self.rules[rule.serial]
    if is_deep(self, r) then -- a reader cannot guess it
      line.schema = { left = r.lhs, right = r.rhs }
    end
  end
  line.rule, line.zh, line.cite = self:named(serials)
  line.rule = line.rule or self.rules[serials[1]].name
  line.serials = serials
  return line
end

return M
