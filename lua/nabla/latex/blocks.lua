--- Matrices of blocks on a page: \begin{bmatrix} A & B \\ C & D \end{bmatrix}, and [A, B; C, D].
--
-- Before anything else is done with the tokens of a text, the signs between blocks become tokens of their own: `&` and `\\`
-- mean other things outside.
--
-- @module nabla.latex.blocks

local blocks = require "nabla.text.blocks"

local M = {}

-- Environments of matrices: what goes before and behind them.
local ENVIRONMENTS = {
  matrix = {},
  bmatrix = {},
  pmatrix = {},
  Bmatrix = {},
  smallmatrix = {},
  array = {},
  vmatrix = { "\\det", "(", ")" },
  Vmatrix = { "\\|", "\\|" },
  cases = {},
  dcases = {},
}
local CASES = { cases = true, dcases = true }

-- The name of the environment that begins or ends at the i-th token, and the place of its last token.
local function environment(list, i)
  if not (list[i + 1] and list[i + 1][2] == "{") then
    return nil
  end
  local name, k = "", i + 2
  while list[k] and list[k][2] ~= "}" do
    name, k = name .. list[k][2], k + 1
  end
  name = name:gsub("%*$", "")
  return ENVIRONMENTS[name] and name, k
end

-- Words of conditions: left out, or the rest of the cases.
local WORDS = { ["if"] = "", ["for"] = "", when = "", where = "" }
for name in ("otherwise else elsewhere"):gmatch "%a+" do
  WORDS[name] = "\\otherwise"
end
local SPOKEN = { ["\\text"] = true, ["\\mbox"] = true, ["\\textrm"] = true, ["\\mathrm"] = true }

-- The word of a condition at the i-th token, \text{if }, and the place of its last token; nil where there is another.
local function word_of_case(list, i)
  local k, letters = SPOKEN[list[i][2]] and list[i + 1] and list[i + 1][2] == "{" and i + 2 or i, {}
  while list[k] and list[k][2]:find "^%a+$" do
    letters[#letters + 1] = list[k][2]
    k = k + 1
  end
  local word = WORDS[table.concat(letters):lower()]
  if word and k > i + 1 and (not SPOKEN[list[i][2]] or list[k] and list[k][2] == "}") then
    return word, SPOKEN[list[i][2]] and k or k - 1
  elseif WORDS[list[i][2]] then
    return WORDS[list[i][2]], i
  end
end

-- Behind a group in brackets that begins at the i-th token; i where there is none.
local function behind_group(list, i, open, close)
  if not (list[i] and list[i][2] == open) then
    return i
  end
  while list[i] and list[i][2] ~= close do
    i = i + 1
  end
  return i + 1
end

--- The tokens of a text, with those of matrices as `\blocks`, `\column`, `\row`, `\endblocks`; of cases `\cases`, `\endcases`.
-- @tparam table list tokens: place, text, sort
-- @treturn table the list itself where there are no matrices
function M.rewritten(list)
  local out, open, i = nil, {}, 1
  local function add(pos, text, sort)
    out[#out + 1] = { pos, text, sort }
  end
  while i <= #list do
    local t = list[i]
    local name, last
    if t[2] == "\\begin" or t[2] == "\\end" then
      name, last = environment(list, i)
    end
    if name and not out then
      out = table.move(list, 1, i - 1, 1, {})
    end
    if name and t[2] == "\\begin" then
      local around = ENVIRONMENTS[name]
      for k = 1, #around - 1 do
        add(t[1], around[k])
      end
      add(t[1], CASES[name] and "\\cases" or "\\blocks", "open")
      open[#open + 1] = around
      around.cases = CASES[name]
      last = behind_group(list, last + 1, "[", "]") - 1
      last = name == "array" and behind_group(list, last + 1, "{", "}") - 1 or last
    elseif name then
      if out[#out][2] == "\\row" then -- \\ behind the last row
        out[#out] = nil
      end
      add(t[1], CASES[name] and "\\endcases" or "\\endblocks")
      local around = table.remove(open) or {}
      if around[#around] then
        add(t[1], around[#around])
      end
    elseif #open > 0 and (t[2] == "&" or t[2] == "\\\\" or t[2] == "\\cr") then
      add(t[1], t[2] == "&" and "\\column" or "\\row")
      last = t[2] ~= "&" and behind_group(list, i + 1, "[", "]") - 1 or i -- \\[2pt]
    elseif out then
      local word
      if #open > 0 and open[#open].cases then
        word, last = word_of_case(list, i)
      end
      if word == "\\otherwise" then
        add(t[1], word)
      elseif not word then
        out[#out + 1] = t
      end
    end
    i = (last or i) + 1
  end
  return out or list
end

-- A block; 0 is as large as its place.
local function block(tree)
  if tree.tag == "number" and tree.text == "0" then
    return { tag = "number", text = "0", pos = tree.pos, fills = true }
  end
  return tree
end

local function tree_of(rows, pos)
  local list = {}
  for i, row in ipairs(rows) do
    local j = #row
    list[i] = blocks.nested(blocks.BESIDE, row, function(name, a, b)
      j = j - 1
      return { tag = "call", name = name, args = { a, b }, pos = pos, block = { row = i, column = j } }
    end)
  end
  local i = #list
  local tree = blocks.nested(blocks.BELOW, list, function(name, a, b)
    i = i - 1
    return { tag = "call", name = name, args = { a, b }, pos = pos, block = { row = i } }
  end)
  if tree.fills then
    tree = { tag = "number", text = "0", pos = tree.pos }
  end
  tree.paren = true
  return tree
end

-- The rows up to a closing token; the parser is behind the first block, if there is one.
local function rows_of(self, first, column, row, close, pos)
  local rows = { { block(first or self:sum()) } }
  while not self:accept(close) do
    if not self:peek() and close ~= "]" then
      self:stop(pos, "this matrix is never closed", "\\end{bmatrix} is missing")
    elseif self:accept(row) then
      rows[#rows + 1] = { block(self:sum()) }
    else
      self:expect(self:peek() and column or close, pos)
      table.insert(rows[#rows], block(self:sum()))
    end
  end
  return rows
end

--- A matrix of LaTeX, behind its first token.
function M.environment(self, pos)
  return tree_of(rows_of(self, nil, "\\column", "\\row", "\\endblocks", pos), pos)
end

--- Are there rows, [x; y], in the square brackets that begin here?
function M.has_rows(self)
  local depth, i = 0, self.at
  while self.tokens[i] do
    local sign = self.tokens[i][2]
    depth = depth + ((sign == "[" or sign == "(") and 1 or (sign == "]" or sign == ")") and -1 or 0)
    if depth <= 0 or depth == 1 and sign == ";" then
      return depth == 1
    end
    i = i + 1
  end
  return false
end

--- What is in square brackets, behind its first operand: nil where it is no matrix of blocks.
function M.brackets(self, first, pos)
  local sign = self:peek()
  if sign ~= "," and sign ~= ";" then
    return nil
  end
  local rows = rows_of(self, first, ",", ";", "]", pos)
  for _, row in ipairs(rows) do
    for _, tree in ipairs(row) do
      local beside = tree.tag == "product" and not tree.paren and not (tree.stops or tree.dots or tree.slashes)
      if beside and #row == 1 and #rows > 1 then
        local hint = "blocks side by side are separated by a comma: [A, B; C, D]; factors by *"
        self:stop(tree.pos, "blocks, or factors?", hint)
      end
    end
  end
  return tree_of(rows, pos)
end

return M
