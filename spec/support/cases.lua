--- Reader of the case files in spec/data.
--
--     = Propositions 5-15                    the document that the cases below come from
--     == Quadratic forms                     a subject
--
--     prop-8   Proposition 8                 a name; the place in the document
--       given        vector x(n), matrix A(n,n)
--       derivative   x'*A*x  by  x
--       numerator    x'*(A + A')             one line a layout, or several with the same answer:
--       denominator, mixed   (A + A')*x
--
-- An entry starts at the margin, its lines are indented, a blank line ends it; `#` starts a line of comment.
-- Instead of `derivative`: `hessian  x'*A*x  by  x`, `hessian  x'*A*y  by  x, y` (by a scalar: the second
-- derivative). Optional lines: `note` (free text), `at  t = 0` (the identity is stated for this value),
-- `where  t unit, C small` (the domain of random values), `convention  entries`, `optional` (an engine may
-- refuse it).
--
-- Each line of a layout becomes one case:
--     { id, source, subject, place, decl, expr, wrt, layout, expected, op, wrt2, at, domain, convention,
--       note, optional }

local language = require "spec.judge.language"

local M = {}

local layouts = {
  numerator = true,
  denominator = true,
  mixed = true,
  vec = true,
  block = true,
  block_t = true,
  block_f = true,
}

-- The lines that may follow an entry's name: keyword -> what it stores.
local lines = {
  given = function(entry, text)
    entry.decl = language.split(text)
  end,
  note = function(entry, text)
    entry.note = text
  end,
  optional = function(entry)
    entry.optional = true
  end,
  convention = function(entry, text)
    entry.convention = text
  end,
  at = function(entry, text)
    entry.at = entry.at or {}
    for _, part in ipairs(language.split(text)) do
      local name, value = part:match "^([%w_]+)%s*=%s*(%S+)$"
      if not tonumber(value) then
        return "name = number expected"
      end
      entry.at[name] = tonumber(value)
    end
  end,
  where = function(entry, text)
    entry.domain = entry.domain or {}
    for _, part in ipairs(language.split(text)) do
      local name, domain = part:match "^([%w_]+)%s+([%w_]+)$"
      if not name then
        return "name and domain expected"
      end
      entry.domain[name] = domain
    end
  end,
}

local function problem(op)
  return function(entry, text)
    local expr, by = text:match "^(.-)%s+by%s+(.+)$"
    if not expr then
      return "'EXPRESSION by VARIABLE' expected"
    end
    local wrt, wrt2 = table.unpack(language.split(by)) -- X(i,j) is one
    entry.op, entry.expr, entry.wrt, entry.wrt2 = op, expr, wrt, wrt2
    if wrt2 and op ~= "hessian" then
      return "a derivative is by one variable"
    end
  end
end

lines.derivative = problem(nil)
lines.hessian = problem "hessian"

--- The cases of a text. A mistake is raised as `name:line: message`.
function M.parse(text, name)
  local cases, seen, source, subject, entry = {}, {}, nil, nil, nil
  local number = 0
  local function complain(message)
    error(string.format("%s:%d: %s", name or "cases", number, message), 0)
  end

  local function close()
    if entry and entry.count == 0 then
      complain("no answer for " .. entry.name)
    end
    entry = nil
  end

  local function answer(layout, expected)
    if not layouts[layout] then
      complain("unknown word or layout '" .. layout .. "'")
    end
    if not (entry.decl and entry.expr) then
      complain "'given' and 'derivative' come before the answers"
    end
    local id = entry.name .. "." .. layout
    if seen[id] then
      complain(id .. " is there already")
    end
    seen[id] = true
    entry.count = entry.count + 1
    cases[#cases + 1] = {
      id = id,
      source = source,
      subject = subject,
      place = entry.place,
      decl = entry.decl,
      expr = entry.expr,
      wrt = entry.wrt,
      wrt2 = entry.wrt2,
      op = entry.op,
      layout = layout,
      expected = expected,
      at = entry.at,
      domain = entry.domain,
      convention = entry.convention,
      note = entry.note,
      optional = entry.optional,
    }
  end

  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    local marks, heading = line:match "^(==?)%s+(.-)%s*$"
    local word, rest = line:match "^%s+([%w_]+)%s*(.-)%s*$"
    if line:find "^%s*$" then
      close()
    elseif line:find "^%s*#" then -- luacheck: ignore 542
      -- a comment
    elseif marks then
      close()
      if marks == "=" then
        source, subject = heading, nil
      else
        subject = heading
      end
    elseif line:find "^%S" then
      close()
      local id, place = line:match "^(%S+)%s*(.-)%s*$"
      entry = { name = id, place = place ~= "" and place or nil, count = 0 }
    elseif not entry then
      complain "a line of no entry"
    elseif lines[word] then
      local trouble = lines[word](entry, rest)
      if trouble then
        complain(trouble)
      end
    elseif word then
      -- the layouts are the leading words joined by commas; the answer is the rest of the line
      local names, from, comma = {}, line:find "%S", ","
      while comma == "," do
        local _, last, layout, mark = line:find("^([%w_]+)%s*(,?)%s*", from)
        if not last then
          break
        end
        names[#names + 1] = layout
        from, comma = last + 1, mark
      end
      local expected = line:sub(from):match "^(.-)%s*$"
      if expected == "" then
        complain "'LAYOUT ANSWER' expected"
      end
      for _, layout in ipairs(names) do
        answer(layout, expected)
      end
    else
      complain "a word expected"
    end
  end
  close()
  return cases
end

--- The cases of a file.
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return M.parse(text, path)
end

--- The files of the corpus, by family.
M.families = {
  "traces",
  "determinants",
  "inverses",
  "norms",
  "elementwise",
  "learning",
  "scalar",
  "unknown",
  "structure",
  "hessians",
  "jacobians",
  "papers",
  "sums",
  "books",
}

--- The cases of the corpus: what readers type, then the families.
function M.corpus()
  local all = M.read "spec/data/corpus.cases"
  for _, name in ipairs(M.families) do
    for _, case in ipairs(M.read("spec/data/corpus/" .. name .. ".cases")) do
      all[#all + 1] = case
    end
  end
  return all
end

--- The cases of the source documents, in order.
function M.seeds()
  local all = {}
  for _, name in ipairs { "course_notes", "wikipedia", "propositions" } do
    for _, case in ipairs(M.read("spec/data/" .. name .. ".cases")) do
      all[#all + 1] = case
    end
  end
  return all
end

return M
