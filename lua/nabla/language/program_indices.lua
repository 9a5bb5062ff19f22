--- Entries, members of families and counted sums in the notation of a program: A[i - 1, 0], x[i - 1], sum(.. for i in range(1, n + 1)).
--
-- How a notation writes them is said in nabla.print.program_indices; here they are read. `add` gives the methods to the reader of
-- nabla.language.program_notation.
--
-- @module nabla.language.program_indices

local M = {}

local ENTRY = "an entry is read; of a matrix X the column j is X*E(j, 1, n, 1), the row i E(1, i, 1, m)*X in nabla"

-- The tree of a whole number.
local function number_tree(n, pos)
  local tree = { tag = "number", text = tostring(math.abs(n)), pos = pos }
  return n < 0 and { tag = "neg", tree, pos = pos } or tree
end

-- A tree and a number, added up where the tree ends with one.
local function shifted(tree, by)
  if by == 0 then
    return tree
  elseif tree.tag == "number" and tree.text:find "^%d+$" and #tree.text < 10 then
    return number_tree(math.tointeger(tree.text) + by, tree.pos)
  end
  local args, signs, last = { tree }, { 1 }, by
  if tree.tag == "sum" then
    local n = #tree.args
    args, signs = table.move(tree.args, 1, n, 1, {}), table.move(tree.signs, 1, n, 1, {})
    local ends = args[n].tag == "number" and args[n].text:find "^%d+$" and #args[n].text < 10
    if ends then
      last = signs[n] * math.tointeger(args[n].text) + by
      args[n], signs[n] = nil, nil
    end
  end
  if last ~= 0 then
    args[#args + 1], signs[#signs + 1] = number_tree(math.abs(last), tree.pos), last < 0 and -1 or 1
  end
  return #args == 1 and args[1] or { tag = "sum", args = args, signs = signs, oppos = {}, pos = tree.pos }
end

-- The characters of a form that are signs of their own.
function M.characters(indices, sums)
  local set, list = {}, {}
  for _, brackets in ipairs { indices and indices.brackets or {}, indices and indices.members or {} } do
    for _, bracket in ipairs(brackets) do
      set[bracket] = true
    end
  end
  for _, sum in ipairs(sums or {}) do
    for char in sum.form:gsub("%%%d", " "):gmatch "[^%w%s_]" do
      set[char] = true
    end
  end
  for char in pairs(set) do
    list[#list + 1] = char
  end
  table.sort(list)
  return table.concat(list)
end

--- Add the methods to a reader.
-- @tparam table Reader
-- @tparam integer SUM the level of sums
function M.add(Reader, SUM)
  -- What an index is that is none: a range, a new axis, a condition, a number from the end; a message and a hint.
  local function no_index(self, from)
    local found, kind = self:peek()
    if found == ":" then
      return "a slice is not read", ENTRY
    elseif found == "None" or found == "newaxis" or kind == "name" and found:find "%.newaxis$" then
      local hint = "say which sum is meant: x*ones(n)' + ones(m)*y' adds y to the rows of x*ones(n)'"
      return "a new axis is not read", hint
    elseif from == 0 and found == "-" then
      local hint = "of a vector x(n) the last entry is x(n) in nabla, x[n - 1] here"
      return "an index that counts from the end is not read", hint
    elseif found == "end" then
      return "an index that counts from the end is not read", "of a vector x(n) the last entry is x(n)"
    end
  end

  -- Indices behind their bracket, up to the one that closes it.
  function Reader:indices(close)
    local list = {}
    repeat
      local _, _, pos = self:peek()
      local message, hint = no_index(self, self.rules.indices.from)
      if message then
        self:stop(pos, message, hint)
      end
      list[#list + 1] = self:expression(SUM)
      if self:peek() == ":" then
        self:stop(select(3, self:peek()), "a slice is not read", ENTRY)
      end
    until not self:accept ","
    self:expect(close)
    return list
  end

  --- What an index behind a tree makes of it: a member of a family, or an entry; nil where no index is.
  function Reader:indexed(tree)
    local how = self.rules.indices
    local found, kind, pos = self:peek()
    local family = tree.tag == "name" and self.family and self.family(tree.name)
    local brackets = how and (family and how.members or how.brackets)
    if not brackets or kind ~= "sign" or found ~= brackets[1] then
      return nil
    end
    self.at = self.at + 1
    local list = self:indices(brackets[2])
    local rows = #list == 1 and not family and self.kind(tree) == "matrix"
    if #list > 2 then
      self:stop(pos, ("an index of %d numbers is not read"):format(#list), "matrices have two indices")
    elseif rows then
      self:stop(pos, "one index of a matrix is not read", ENTRY)
    end
    for i, index in ipairs(list) do
      list[i] = shifted(index, (family and family.first == 0 and 0 or 1) - how.from)
    end
    if family then
      return { tag = "call", name = tree.name .. "_", args = list, pos = tree.pos }
    elseif tree.tag == "name" then
      return { tag = "call", name = tree.name, args = list, pos = tree.pos }
    end
    return { tag = "entry", tree, args = list, pos = tree.pos }
  end

  -- Are these tokens here? Then the reader is behind them.
  function Reader:accept_all(tokens)
    for i, token in ipairs(tokens) do
      local here = self.list[self.at + i - 1]
      if not here or here[3] ~= token[3] then
        return false
      end
    end
    self.at = self.at + #tokens
    return true
  end

  -- Is a token within the brackets that are open here?
  function Reader:is_within(text)
    local depth = 0
    for i = self.at, #self.list do
      local one = self.list[i][2] == "sign" and self.list[i][3]
      if depth == 0 and self.list[i][3] == text then
        return true
      elseif one == "(" or one == "[" or one == "{" then
        depth = depth + 1
      elseif one == ")" or one == "]" or one == "}" then
        depth = depth - 1
        if depth < 0 then
          return false
        end
      end
    end
    return false
  end

  -- The form of the counted sum that begins here, behind its first signs; or nil.
  local function form_here(self)
    local save = self.at
    for _, form in ipairs(self.rules.sums) do
      if self:accept_all(form[1]) and self:is_within(form[3][1][3]) then
        return form
      end
      self.at = save
    end
  end

  --- A counted sum where one begins, or nil.
  function Reader:counted()
    local _, _, pos = self:peek()
    local form = form_here(self)
    if not form then
      return nil
    end
    local args = {}
    for i = 2, #form do
      local part = form[i]
      if part == 1 then
        local name, kind, place = self:peek()
        if kind ~= "name" then
          self:stop(place, "the counter of the sum is missing")
        end
        self.at, args[1] = self.at + 1, name
      elseif type(part) == "number" then
        args[part] = self:expression(SUM)
        args[part] = form.more[part] and shifted(args[part], -1) or args[part]
      elseif not self:accept_all(part) then
        self:expect(part[1][3])
      end
    end
    return { tag = "sumover", var = args[1], lo = args[2], hi = args[3], body = args[4], pos = pos, paren = true }
  end
end

--- The form of a counted sum, cut into tokens and numbers of arguments; `more`: arguments that are one more than what is meant.
-- @tparam table sums the statement: `form`
-- @param tokens the pattern of the tokens
function M.form(sums, tokens)
  local form, from = { more = {} }, 1
  for before, argument, behind in sums.form:gmatch "()%%(%d)()" do
    form[#form + 1] = before > from and tokens:match(sums.form:sub(from, before - 1)) or nil
    form[#form + 1] = tonumber(argument)
    local one_more = sums.form:match("^ %+ 1()", behind)
    form.more[tonumber(argument)] = one_more and true
    from = one_more or behind
  end
  form[#form + 1] = from <= #sums.form and tokens:match(sums.form:sub(from)) or nil
  return form
end

--- What is wrong with the form of a counted sum; nil if nothing is.
function M.check(form)
  for i = 1, 4 do
    if not form:find("%" .. i, 1, true) then
      return ("the form lacks %%%d: a sum has a counter %%1, its ends %%2 and %%3, and a body %%4"):format(i)
    end
  end
  return form:find "^%%" and "the form begins with an argument" or nil
end

return M
