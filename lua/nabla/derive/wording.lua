--- The words of a derivation: the names of rules, and the sentence for a line that no rule gives.
--
-- The words are data: `wording` statements (rules/wording.rules). A name that has no Chinese title is in English.
--
-- @module nabla.derive.wording

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local titles = require "nabla.text.titles"

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

--- A list of formulas as an argument of a wording.
-- @tparam table trees
function Wording:list(trees)
  return {
    trees = trees,
    join = function(texts, lang)
      return listed(self, texts, lang)
    end,
  }
end

--- The order of lists of letters: that of a tree.
function Wording:order_by(tree)
  self.order = {}
  local count = 0
  local function go(t)
    if t.tag == "name" or t.tag == "member" then
      local text = M.plain(t)
      count = count + 1
      self.order[text] = self.order[text] or count
    end
    for i = 1, #t do
      go(t[i])
    end
  end
  go(tree)
end

--- A line with its reason.
-- @tparam string word the name of a wording
-- @tparam table args what stands for %1, %2: texts; pairs { text, Chinese text, titles = by language };
-- formulas, { tree } or { left, right }, with `formula = true`; lists of formulas (see `list`)
-- @tparam table line
function Wording:line(word, args, line)
  local known = self.session.wordings[word] or { text = word }
  line.words, line.args = known, args
  line.rule = M.filled(known.text, args, "en", M.plain)
  line.zh, line.titles = known.zh and M.filled(known.zh, args, "zh", M.plain), nil
  for _, lang in ipairs(titles.languages { known }) do
    titles.set(line, lang, M.filled(known.titles[lang], args, lang, M.plain))
  end
  line.cite = line.cite or known.cite
  return line
end

--- A formula as text.
function M.plain(tree)
  return compose.text(tree)
end

local function unchanged(text)
  return text
end

-- Some trees as `write` writes them, each put into words by `set` (nothing: as it is).
local function texts_of(trees, write, set)
  local texts = {}
  for i, tree in ipairs(trees) do
    local text = write(tree)
    texts[i] = set and set(text) or text
  end
  return texts
end

--- The words with their arguments; a formula as `write` writes its trees, put into words by `set` (nothing: as it is); a text as
-- `quote` writes it (nothing: as it is).
function M.filled(text, args, lang, write, set, quote)
  local list = {}
  quote = quote or unchanged
  for i, arg in ipairs(args) do
    if type(arg) == "string" then
      list[i] = quote(arg)
    elseif arg.trees then
      list[i] = arg.join(texts_of(arg.trees, write, set), lang)
    elseif arg.formula then
      local whole = table.concat(texts_of(arg, write), " = ")
      list[i] = set and set(whole) or whole
    else
      list[i] = quote(lang == "zh" and arg[2] or arg.titles and arg.titles[lang] or arg[1])
    end
  end
  return fill(text, list)
end

local MOST_CONSTANTS = 4

-- Only linear rules were applied: what was constant in them.
function Wording:linear_line(constants, line)
  if #constants == 0 or #constants > MOST_CONSTANTS then
    return self:line("linear", {}, line)
  end
  local order, texts = self.order or {}, {}
  for _, tree in ipairs(constants) do
    texts[tree] = M.plain(tree)
  end
  table.sort(constants, function(a, b)
    a, b = texts[a], texts[b]
    if order[a] ~= order[b] then
      return (order[a] or math.huge) < (order[b] or math.huge)
    end
    return a < b
  end)
  return self:line(#constants == 1 and "constant" or "constants", { self:list(constants) }, line)
end

--- The wording for what a layout reads off, and its arguments. Of a scalar by a scalar all layouts read the same.
-- @param C the last part of the derivation (nabla.derive.canonical)
-- @tparam table layout
function Wording.reading(_, C, layout)
  local args = { C:form_words(), C:gives_words() }
  if C.row.of == "scalar" and C.row.by == "scalar" then
    return "derivative", args
  end
  local title = layout.title:gsub("%s*%(.*", "")
  args[3] = { title:sub(1, 1):lower() .. title:sub(2), layout.zh, titles = layout.titles }
  return "layout", args
end

--- The name of a rule, its Chinese title and those in other languages (a table); nil for a rule that has only a place.
function Wording:rule_name(serial)
  local rule = self.rules[serial]
  if not rule or not rule.named then
    return nil
  elseif rule.statement == "function" then
    local word = rule.kind == KINDS.algebra and "definition" or rule.title and "titled" or "function"
    local words = self:line(word, { { rule.title or rule.name, rule.zh, titles = rule.titles } }, {})
    return words.rule, words.zh, words.titles
  end
  if rule.statement == "identity" then
    local words = self:line("identity", { { rule.name, rule.zh, titles = rule.titles } }, {})
    return words.rule, words.zh, words.titles
  end
  return rule.name, rule.zh, rule.titles
end

--- A line whose reason is several wordings, joined.
-- @tparam {string,...} words their names
-- @tparam table line
function Wording:joined_line(words, line)
  local names, chinese, others = {}, {}, {}
  for i, word in ipairs(words) do
    local one = self:line(word, {}, {})
    names[i], chinese[i], others[i] = one.rule, one.zh or one.rule, one
  end
  line.rule, line.zh, line.words, line.titles = table.concat(names, "; "), table.concat(chinese, "；"), nil, nil
  for _, lang in ipairs(titles.languages(others)) do
    local list = {}
    for i, other in ipairs(others) do
      list[i] = titles.of(other, lang) or other.rule
    end
    titles.set(line, lang, table.concat(list, "; "))
  end
  return line
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

--- The names of some rules, each once, joined, their Chinese titles, sources, and titles in other languages; or nil.
-- Rules that have no name are left out, and all where there are more than
-- `most`.
function Wording:named(serials, most)
  local names, chinese, others, cites, seen = {}, {}, {}, {}, {}
  for _, serial in ipairs(serials) do
    local name, zh, more = self:rule_name(serial)
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1], chinese[#chinese + 1] = name, zh or name
      others[#others + 1] = { name = name, titles = more }
      cites[#cites + 1] = self.rules[serial].cite
    end
  end
  if #names > 0 and #names <= (most or #names) then
    local line = {}
    for _, lang in ipairs(titles.languages(others)) do
      local list = {}
      for i, other in ipairs(others) do
        list[i] = titles.of(other, lang) or other.name
      end
      titles.set(line, lang, table.concat(list, "; "))
    end
    local cite = #cites > 0 and table.concat(cites, "; ") or nil
    return table.concat(names, "; "), table.concat(chinese, "；"), cite, line.titles
  end
end

local MOST_RULES = 2

--- A line in the form of the layout.
-- @tparam table reasons see nabla.derive.canonical
-- @tparam table form the form, for words
-- @tparam table line
function Wording:canonical_line(reasons, form, line)
  local rule, zh, cite, others = self:named(reasons.serials, MOST_RULES)
  if reasons.turned then
    self:line("turned", {}, line)
  elseif rule then
    line.rule, line.zh, line.cite, line.titles, line.serials = rule, zh, cite, others, reasons.serials
  elseif #reasons.facts == 0 then
    self:line("canonical", { form }, line)
  end
  return self:facts_line(reasons.facts, line)
end

--- What is known of some letters, after what a line says: { letter, attribute } for each.
function Wording:facts_line(facts, line)
  if #facts > 0 then
    local names, chinese = { line.rule }, { line.zh }
    for _, fact in ipairs(facts) do
      local attribute = self.session.attributes[fact[2]]
      local words = self:line("attribute", { fact[1], { attribute.title or fact[2], attribute.zh } }, {})
      names[#names + 1], chinese[#chinese + 1] = words.rule, words.zh
    end
    line.rule, line.zh, line.words = table.concat(names, "; "), table.concat(chinese, "；"), nil
    line.titles = nil
  end
  return line
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
    line.kind = r.statement == "identity" and "identity" or line.kind
    if r.statement == "identity" or is_deep(self, r) then -- a reader cannot guess it
      line.schema = { left = r.lhs, right = r.rhs, declared = r.declared, written = r.written }
    end
  end
  line.rule, line.zh, line.cite, line.titles = self:named(serials)
  line.rule = line.rule or self.rules[serials[1]].name
  line.serials = serials
  return line
end

return M
