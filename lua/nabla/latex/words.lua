--- Letters that are close together: the name of a function, as in tr(AX) and log det X; a word; or factors side by side.
--
-- A pass over the tokens (nabla.latex.tokens). It makes tokens of the kinds "operator" (a name in plain letters), "word"
-- (letters that are no factors, and of which nobody has said what they mean) and "name" (a declared name, an index).
--
-- @module nabla.latex.words

local arrange = require "nabla.latex.arrange"
local greek = require "nabla.text.greek"

local M = {}

local NO_ARGUMENT = "^[%)%]}=+,;]$"
local OPENS = { ["("] = true, ["["] = true }

-- The letters from the next token on that are close together; digits too, in the index of a plain text.
local function run_of(self, digits)
  local todo, run = self.todo, {}
  local t = todo[#todo]
  local pos = t[1]
  local function belongs(text)
    return text:find "^%a$" or digits and (text:find "^%d+$" or text == "_" and #run > 0)
  end
  while t and t[1] == pos and belongs(t[2]) do
    run[#run + 1] = t[2]
    pos = pos + #t[2]
    t = todo[#todo - #run]
  end
  return run
end

-- How many letters of a run, from its first, are the name of an operator before capitals: 2 of trAX.
local function prefix(self, text)
  local word, rest = text:match "^(%l%l+)(%u%a*)$"
  return word and rest and self.operator(word) and word
end

local function put(self, count, text, kind)
  local pos = self:pos()
  self:take(count)
  self.done[#self.done + 1] = { pos, text, kind }
end

-- Are two letters indices that stand alone below other letters, or below sums?
local function are_counters(self, run)
  for _, letter in ipairs(run) do
    if not letter:find "^[i-n]$" or not self.source:find("_{?" .. letter .. "%f[^%w]") then
      return false
    end
  end
  return true
end

-- Two tokens in braces.
local function put_braced(self)
  local done, pos = self.done, self:pos()
  done[#done + 1] = { pos, "{", "sign" }
  self:keep(2)
  done[#done + 1] = { pos + 1, "}", "sign" }
end

-- Commands with a reading of their own.
local OWN = { ["\\sum"] = true, ["\\prod"] = true, ["\\sqrt"] = true }

-- \tr, \Tr: a command of the page that has the name of a function.
local function own_command(self)
  local text = self:text(1)
  local name = text:match "^\\(%a%a+)$"
  local known = not name or OWN[text] or self.styled[text] or self.greek[text] or self.commands[text]
  if not known and self.operator(name) then
    put(self, 1, name, "operator")
  else
    self:keep(1)
  end
end

-- Names of what is taken over a letter, which no page means as a product of letters: min_x, sup_x.
local OVER_A_LETTER = { min = "word", max = "word", sup = "command", inf = "command", lim = "command" }

-- What is before a run: an index, or the command that sets it in type.
local function before_run(self)
  local done = self.done
  local at = #done
  for _, sign in ipairs { "{", "*" } do
    at = done[at] and done[at][2] == sign and at - 1 or at
  end
  return done[at] and done[at][2]
end

-- ||x||22: indices that lost their place.
local function check_number(self)
  local t, before = self.todo[#self.todo], self.done[#self.done]
  if before and before[2] == "‖" and t[3] == "number" and self.source:sub(1, t[1] - 1):find "[‖∥|]$" and #t[2] > 1 then
    self.stop(
      t[1],
      ("%s behind a norm may be an index and an exponent"):format(t[2]),
      "the square of a norm is ||x||^2"
    )
  end
end

-- T or t behind a small letter, in a text without signs of LaTeX: a transpose that lost its place?
local function check_transpose(self)
  local t, before = self.todo[#self.todo], self.done[#self.done]
  local after = self.todo[#self.todo - 1]
  if not before or (t[2] ~= "T" and t[2] ~= "t") or self.variable(t[2]) then
    return
  end
  local letter = before[2]:find "^%l$" and before[2]
  local suspicious = t[2] == "T" and letter
  if t[2] == "t" and letter and before[1] == t[1] - 1 and after and after[1] == t[1] + 1 then
    for k = 2, 5 do -- xtAx
      suspicious = suspicious or self:text(k) == letter
    end
  end
  if suspicious then
    self.stop(
      t[1],
      ("%s behind %s may be a transpose, or a letter"):format(t[2], before[2]),
      ("a transpose is written %s^T or %s', a factor %s*%s"):format(before[2], before[2], before[2], t[2])
    )
  end
end

-- 1_n is a column of ones.
local function is_column_of_ones(self)
  local t, index, before = self.todo[#self.todo], self:text(3), self.done[#self.done]
  index = index == "{" and self:text(4) or index
  local stands = (t[2] == "1" or t[2] == "0") and self:text(2) == "_" and index and index:find "^%a$"
  return stands and not (before and (before[2] == "_" or before[2] == "^"))
end

-- W1 in a plain text is a name, no product; but 1^T X1 holds columns of ones.
local function is_numbered(self)
  local t, digits, before = self.todo[#self.todo], self.todo[#self.todo - 1], self.done[#self.done]
  local stands = t[2]:find "^%a$" or greek.name[t[2]]
  if not (stands and digits and digits[3] == "number" and digits[1] == t[1] + #t[2] and digits[2]:find "^%d+$") then
    return false
  elseif before and (before[2] == "_" or before[2] == "^" or self.styled[before[2]]) then
    return false
  end
  local ones = digits[2] == "1" and (" " .. self.source):gsub("[⊤ᵀ]", "^")
  return not (ones and ones:find "[^%w\128-\255]1%s*[%^']")
end

--- A step of the pass.
function M.step(self)
  if is_column_of_ones(self) then
    local t = self:take(1)[1]
    for _, text in ipairs { "\\mathbf", "{", t[2], "}" } do
      self.done[#self.done + 1] = arrange.made(t[1], text)
    end
    return
  elseif self.plain and is_numbered(self) then
    return put(self, 2, self:text(1) .. self:text(2), "name")
  end
  if self.plain then
    check_number(self)
  end
  if self.plain and self:text(1):find "^[Tt]$" then
    check_transpose(self)
  end
  local before = before_run(self)
  local lowered = before == "_" and self.plain
  local run = run_of(self, lowered)
  local text = table.concat(run)
  local capital, small = text:match "^(%u)(%l)$"
  local follows_small = small and self.source:find("%f[%a]" .. small .. "%f[^%a_]")
  if lowered and #run > 1 and (text:find "^%d+%a" or capital and follows_small) and not self.variable(text) then
    return self:keep(1) -- S_1w is S_1 w, S_Bw is S_B w where w stands alone elsewhere
  elseif lowered and #run == 2 and are_counters(self, run) and not self.variable(text) then
    return put_braced(self) -- r_ik under sums over i and k
  elseif lowered and #run > 1 then
    return put(self, #run, text, "name")
  elseif #run < 2 then
    return own_command(self)
  end
  local follows = self:text(#run + 1)
  local styled = before == "_" or before == "^" or before and self.styled[before]
  local argument = follows and not follows:find(NO_ARGUMENT)
  local head = prefix(self, text)
  local lost = text:find "^%l[tT]%a" or text:find "^%lT$" and not self.variable(text) -- a transpose that lost its place?
  if self.plain and lost then -- each letter by itself
    self:keep(1)
    return
  elseif styled then
    return self:keep(#run)
  elseif self.variable(text) then
    return put(self, #run, text, "name")
  elseif argument and self.operator(text) then
    return put(self, #run, text, "operator")
  elseif argument and text:find "^d" and self.operator(text:sub(2)) then -- dTrace(XA)
    self:keep(1)
    return put(self, #run - 1, text:sub(2), "operator")
  elseif head then
    return put(self, #head, head, "operator")
  elseif (self.plain or #text > 3) and greek.character[text] then
    return put(self, #run, "\\" .. text, "command")
  elseif OVER_A_LETTER[text] then
    local kind = OVER_A_LETTER[text]
    return put(self, #run, kind == "command" and "\\" .. text or text, kind)
  elseif text == "Id" or text == "id" then
    return put(self, #run, "I", "sign")
  elseif text:find "^%l%l%l+$" and OPENS[follows] or text:find "%l%l%l%l" or text:find "^%a%l%l%l+$" then
    return put(self, #run, text, "word")
  end
  if self.plain and text:find "%l" and self.source:find("*", 1, true) then
    self.tell(self:pos(), ("%s is a product of letters"):format(text))
  end
  self:keep(#run)
end

return M
