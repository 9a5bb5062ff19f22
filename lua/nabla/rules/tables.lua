--- Tables of identities on the page: `nabla table scalar-by-vector --layout denominator --format markdown`.
--
-- A table is the identities below one heading. Its columns are the title of the row, the expression, an answer for each
-- layout, and the source. An answer is printed as the file states it; in a layout that a row does not state, the answer is
-- derived. First the table is laid out as cells (`layout`), then a format joins them.
--
-- @module nabla.rules.tables

local as_written = require "nabla.print.as_written"
local claims = require "nabla.rules.identities"
local syntax = require "nabla.language.syntax"
local titles = require "nabla.text.titles"

local M = {}

--- The formats that a table can be printed in.
M.formats = { "text", "unicode", "markdown", "latex" }

local WORDS = {
  en = { name = "identity", expression = "expression", equal = "equal to", cite = "source", where = "where",
    convention = "convention" },
  zh = { name = "名称", expression = "表达式", equal = "等于", cite = "出处", where = "其中", convention = "约定" },
}

-- The words of the headings in a language: in others than English and Chinese those of the statements `wording`, such as
-- `wording expression "expression" de "Ausdruck"`.
local function words_of(session, lang)
  return WORDS[lang]
    or setmetatable({}, {
      __index = function(_, word)
        local known = session.wordings[word]
        return known and titles.of(known, lang) or WORDS.en[word]
      end,
    })
end

--- The languages that the titles of a session are in.
function M.languages(session)
  local things = {}
  for _, list in ipairs { session.identities, session.tables, session.layouts, session.wordings, session.rules } do
    for _, thing in pairs(list) do
      things[#things + 1] = thing
    end
  end
  local list = titles.languages(things)
  return { "en", "zh", table.unpack(list) }
end

-- ---------------------------------------------------------------------------------------------- what a table holds

--- The identities of a table, in order.
-- @tparam table session
-- @tparam string name
-- @treturn {table,...}
function M.identities(session, name)
  local list = {}
  for _, each in ipairs(session.identity_order) do
    local identity = session.identities[each]
    if identity and identity.table == name then
      list[#list + 1] = identity
    end
  end
  return list
end

--- The names of the tables of a session, in order.
function M.names(session)
  local list = {}
  for _, name in ipairs(session.table_order) do
    list[#list + 1] = session.tables[name] and name
  end
  return list
end

-- The layouts that the rows state, in the order in which they first occur.
local function stated_layouts(identities)
  local list, seen = {}, {}
  for _, identity in ipairs(identities) do
    for _, form in ipairs(identity.forms) do
      for _, answer in ipairs(form.answers or {}) do
        if not seen[answer.layout] then
          seen[answer.layout] = true
          list[#list + 1] = answer.layout
        end
      end
    end
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- declarations

-- A tree of sizes as it is written: m*n, without spaces.
local function size_text(ast)
  return (syntax.dump(ast):gsub("^%((.*)%)$", "%1"):gsub(" ", ""))
end

-- A declaration without its kind: S(n,n) symmetric.
local function declared(d)
  local sizes = {}
  for _, size in ipairs { d.rows or false, d.cols or false } do
    sizes[#sizes + 1] = size and size_text(size) or nil
  end
  local text = d.name .. (#sizes > 0 and "(" .. table.concat(sizes, ",") .. ")" or "")
  text = text .. (d.of and " of " .. d.of or "")
  for _, attribute in ipairs(d.attributes or {}) do
    text = text .. " " .. attribute.name
  end
  for _, value in ipairs(d.known or {}) do
    text = text .. " " .. value.word .. " " .. (value.value or "(" .. size_text(value.expression) .. ")")
  end
  return text
end

-- What the names of a table are: one list for all rows, and for a row the declarations that differ from it.
local function legend(identities)
  local known, order, notes = {}, {}, {}
  for _, identity in ipairs(identities) do
    for _, d in ipairs(identity.decls) do
      local text = declared(d)
      if not known[d.name] then
        known[d.name] = text
        order[#order + 1] = { kind = d.kind, text = text }
      elseif known[d.name] ~= text then
        notes[identity] = notes[identity] or {}
        table.insert(notes[identity], text)
      end
    end
  end
  local lines = {}
  for _, kind in ipairs { "scalar", "vector", "matrix", "number", "constant", "variable" } do
    local of_kind = {}
    for _, each in ipairs(order) do
      of_kind[#of_kind + 1] = each.kind == kind and each.text or nil
    end
    if #of_kind > 0 then
      lines[#lines + 1] = kind .. " " .. table.concat(of_kind, ", ")
    end
  end
  return lines, notes
end

-- ---------------------------------------------------------------------------------------------- cells

-- The derivative of a form in a layout that it does not state, as `diff` and `hessian` give it; nil where there is none.
local function derived(session, identity, scope, form, layout)
  local f, by = form.lhs.args[1], form.lhs.args[2]
  local method = session.diff
  if f.tag == "call" and f.name == "D" then
    f, method = f.args[1], session.hessian
  end
  if form.lhs.name ~= "D" or f.tag == "call" and f.name == "D" then
    return nil
  end
  local function node(ast)
    local id, context = claims.side(session, identity, scope, ast)
    return session:wrap(id, session:remember(context))
  end
  return method(session, node(f), node(by), { layout = layout, convention = identity.convention })
end

-- An identity that is printed: its scope, the context of its trees, the style.
local Cells = {}
Cells.__index = Cells

-- A tree as it is written.
function Cells:written(tree)
  return self.session:write(as_written.tree(self.context, tree), self.style)
end

-- The answer of a form in a layout: as stated, else derived; "" where there is none.
function Cells:answer(form, layout)
  if form.rhs then
    return self:written(form.rhs)
  end
  for _, answer in ipairs(form.answers) do
    if answer.layout == layout then
      return self:written(answer.rhs)
    end
  end
  local node = derived(self.session, self.identity, self.scope, form, layout)
  return node and self.session:text(node, self.style) or ""
end

--- A table as cells: `title`, `cite`, `where` (lines), `head` (a list), `rows` (lists of texts), `math` (which columns
-- hold formulas).
-- @tparam table session
-- @tparam table heading one of session.tables
-- @tparam[opt] table opts layout: this one only; style: text, unicode or latex; lang: en, zh, or the code of another language
function M.layout(session, heading, opts)
  opts = opts or {}
  local lang = opts.lang or "en"
  local words = words_of(session, lang)
  local identities = M.identities(session, heading.name)
  local scopes, types = {}, {}
  for i, identity in ipairs(identities) do
    scopes[i], types[i] = claims.read(session, identity)
  end
  local where, notes = legend(identities)
  local layouts = stated_layouts(identities)
  local head, math = { words.name, words.expression }, { false, true }
  if #layouts == 0 then
    layouts = { false }
  elseif opts.layout then
    layouts = { opts.layout }
  end
  for _, layout in ipairs(layouts) do
    local known = session.layouts[layout]
    head[#head + 1] = not layout and words.equal or known and titles.of(known, lang) or layout
    math[#math + 1] = true
  end
  head[#head + 1], math[#math + 1] = words.cite, false
  local rows = {}
  for i, identity in ipairs(identities) do
    local context = as_written.context(session, scopes[i], types[i])
    local cells = setmetatable(
      { session = session, identity = identity, scope = scopes[i], context = context, style = opts.style },
      Cells
    )
    for j, form in ipairs(identity.forms) do
      local title = j == 1 and (titles.of(identity, lang) or identity.name) or ""
      if j == 1 and notes[identity] then
        title = title .. " (" .. table.concat(notes[identity], ", ") .. ")"
      end
      if j == 1 and identity.convention ~= "free" then
        title = string.format("%s (%s %s)", title, words.convention, identity.convention)
      end
      local row = { title, cells:written(form.lhs) }
      for _, layout in ipairs(layouts) do
        row[#row + 1] = cells:answer(form, layout)
      end
      row[#row + 1] = j == 1 and identity.cite or ""
      rows[#rows + 1] = row
    end
  end
  return {
    title = titles.of(heading, lang) or heading.title,
    cite = heading.cite,
    where = where,
    where_word = words.where,
    head = head,
    math = math,
    rows = rows,
  }
end

-- ---------------------------------------------------------------------------------------------- formats

-- How many columns of a terminal a text takes: Chinese characters take two.
local function width(text)
  local n = 0
  for _, code in utf8.codes(text) do
    local wide = code >= 0x1100 and code <= 0x115F or code >= 0x2E80 and code <= 0xFFEF and code ~= 0xFFFD
    n = n + (wide and 2 or 1)
  end
  return n
end

local function padded(text, columns)
  return text .. (" "):rep(columns - width(text))
end

local function aligned(cells, line)
  local widths = {}
  for _, row in ipairs { cells.head, table.unpack(cells.rows) } do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, width(cell))
    end
  end
  local rule = {}
  for i, columns in ipairs(widths) do
    rule[i] = ("-"):rep(columns)
  end
  local out = {}
  for _, row in ipairs { cells.head, rule, table.unpack(cells.rows) } do
    local parts = {}
    for i, cell in ipairs(row) do
      parts[i] = padded(cell, widths[i])
    end
    out[#out + 1] = line(parts, row == rule)
  end
  return out
end

local function plain(cells)
  local out = { cells.title .. (cells.cite and " (" .. cells.cite .. ")" or ""), "" }
  for _, line in
    ipairs(aligned(cells, function(parts)
      return (table.concat(parts, "  "):gsub(" +$", ""))
    end))
  do
    out[#out + 1] = line
  end
  if #cells.where > 0 then
    out[#out + 1] = ""
    for i, line in ipairs(cells.where) do
      local word = cells.where_word .. " "
      out[#out + 1] = (i == 1 and word or (" "):rep(width(word))) .. line
    end
  end
  return table.concat(out, "\n") .. "\n"
end

-- Formulas are put between dollar signs; a bar would end the cell.
local function markdown(cells)
  local shown = { title = cells.title, head = cells.head, rows = {} }
  for i, row in ipairs(cells.rows) do
    shown.rows[i] = {}
    for j, cell in ipairs(row) do
      local math = cells.math[j] and cell ~= ""
      shown.rows[i][j] = math and "$" .. cell:gsub("|", "\\vert ") .. "$" or (cell:gsub("|", "\\|"))
    end
  end
  local out = { "### " .. cells.title, "" }
  if cells.cite then
    out[#out + 1], out[#out + 2] = cells.cite, ""
  end
  for _, line in
    ipairs(aligned(shown, function(parts, rule)
      local sep = rule and "-|-" or " | "
      return (rule and "|-" or "| ") .. table.concat(parts, sep) .. (rule and "-|" or " |")
    end))
  do
    out[#out + 1] = line
  end
  if #cells.where > 0 then
    out[#out + 1], out[#out + 2] = "", cells.where_word .. " `" .. table.concat(cells.where, ", ") .. "`"
  end
  return table.concat(out, "\n") .. "\n"
end

local SPECIAL = { ["\\"] = "\\textbackslash{}", ["^"] = "\\^{}", ["~"] = "\\~{}" }

local function escaped(text)
  return (text:gsub("[\\^~#$%%&_{}]", function(sign)
    return SPECIAL[sign] or "\\" .. sign
  end))
end

local function latex(cells)
  local has_chinese = (cells.title .. table.concat(cells.head)):find "[\xE3-\xE9][\x80-\xBF]"
  local out = {
    "% needs amsmath, amssymb, longtable, booktabs, caption" .. (has_chinese and ", ctex" or ""),
    "\\begin{longtable}{" .. ("l"):rep(#cells.head) .. "}",
    "\\caption*{"
      .. escaped(cells.title)
      .. (cells.cite and " (" .. escaped(cells.cite) .. ")" or "")
      .. "} \\\\ \\toprule",
  }
  local function line(row, math)
    local parts = {}
    for i, cell in ipairs(row) do
      parts[i] = math[i] and cell ~= "" and "$\\displaystyle " .. cell .. "$" or escaped(cell)
    end
    return table.concat(parts, " & ") .. " \\\\"
  end
  out[#out + 1] = line(cells.head, {})
  out[#out + 1] = "\\midrule \\endhead"
  for _, row in ipairs(cells.rows) do
    out[#out + 1] = line(row, cells.math)
  end
  out[#out + 1] = "\\bottomrule"
  if #cells.where > 0 then
    out[#out + 1] = ("\\multicolumn{%d}{p{0.9\\linewidth}}{\\footnotesize %s \\texttt{%s}} \\\\"):format(
      #cells.head,
      escaped(cells.where_word),
      escaped(table.concat(cells.where, ", "))
    )
  end
  out[#out + 1] = "\\end{longtable}"
  return table.concat(out, "\n") .. "\n"
end

local WRITERS = { text = plain, unicode = plain, markdown = markdown, latex = latex }
local STYLES = { text = "text", unicode = "unicode", markdown = "latex", latex = "latex" }

--- A table as text.
-- @tparam table session
-- @tparam string name the name of a table, such as scalar-by-vector
-- @tparam[opt] table opts `layout`, `format` (one of `formats`), `lang` (en, zh, or another of `languages`)
-- @treturn string
function M.print(session, name, opts)
  opts = opts or {}
  local heading = session.tables[name]
  if not heading then
    error({ status = "usage", message = "there is no table '" .. tostring(name) .. "'" }, 0)
  end
  local form = opts.format or "text"
  local cells = M.layout(session, heading, { layout = opts.layout, lang = opts.lang, style = STYLES[form] })
  return WRITERS[form](cells)
end

--- The list of the tables: name, title, Chinese title, number of identities.
-- @tparam table session
-- @treturn string
function M.list(session)
  local rows = {}
  for i, name in ipairs(M.names(session)) do
    local heading = session.tables[name]
    rows[i] = { name, heading.title, heading.zh or "", tostring(#M.identities(session, name)) }
  end
  local lines = aligned({ head = { "name", "title", "中文", "rows" }, rows = rows }, function(parts)
    return (table.concat(parts, "  "):gsub(" +$", ""))
  end)
  return table.concat(lines, "\n") .. "\n"
end

return M
