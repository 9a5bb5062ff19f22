--- Reader of spec/data/pages.formulas: formulas as they are on pages.
--
--     = The Matrix Cookbook                                 where the formulas below come from
--
--     \frac{\partial \mathbf{a}^T\mathbf{x}}{\partial \mathbf{x}} = \mathbf{a}
--       let     vector x(n)                                 what a reader has to declare
--       means   a'*x  by  x  =  a                           the same in the language, for the judge; more claims after `=`
--       in      vector a(n), vector x(n)                    all declarations
--       where   X near_identity                             the domain of random values, as in spec/support/cases.lua
--       right   denominator, mixed, block                   in these of numerator, denominator, mixed, vec, block; or:
--       wrong   a factor 2                                  in none of them; perhaps what is nearest to it
--       if      A symmetric: denominator                    or `if y sum_1: ..`, `if convention entries: ..`, `if X square: ..`
--       refused what the error says
--
-- A differential is `means X*Y along d = d(X)*Y + X*d(Y)`.
--     { formula, let, expr, wrt, wrt2, op, claims, decl, status, right = set, change, condition, names, message }

local language = require "spec.judge.language"

local M = { layouts = { "numerator", "denominator", "mixed", "vec", "block" } }

local function set_of(text)
  local set = {}
  for word in text:gmatch "[%w_]+" do
    set[word] = true
  end
  return set
end

-- A differential is the derivative of f(X + t*dX) by t at t = 0.
local function along(page)
  local directions = {}
  page.differential = true
  for i, claim in ipairs(page.claims) do
    for name in claim:gmatch "d%((%w+)%)" do
      directions[name] = true
    end
    page.claims[i] = claim:gsub("d%((%w+)%)", "d_%1")
  end
  page.expr = page.expr:gsub("[%a_][%w_]*", function(name)
    return directions[name] and ("(%s + t*d_%s)"):format(name, name) or nil
  end)
  for i = 1, #page.decl do
    local kind, name, sizes = page.decl[i]:match "^(%w+) (%w+)(%b())"
    if directions[name] then
      page.decl[#page.decl + 1] = ("%s d_%s%s"):format(kind, name, sizes)
    end
  end
  table.insert(page.decl, "scalar t")
  page.wrt, page.at = "t", { t = 0 }
end

local words = {
  let = function(page, rest)
    page.let = rest
  end,
  means = function(page, rest)
    local expr, by = rest:match "^(.-)%s%s+by%s%s+(.-)%s%s+="
    if not expr then
      expr = rest:match "^(.-)%s%s+along"
    end
    page.expr, page.claims = expr, {}
    for claim in (rest .. "  =  "):gsub("^.-%s%s+=%s%s+", "", 1):gmatch "(.-)%s%s+=%s%s+" do
      page.claims[#page.claims + 1] = claim
    end
    if by then
      page.wrt, page.wrt2 = table.unpack(language.split(by))
      page.op = page.wrt2 and "hessian" or nil
    end
  end,
  ["in"] = function(page, rest)
    page.decl = language.split(rest)
  end,
  where = function(page, rest)
    local name, domain = rest:match "^(%S+)%s+(%S+)$"
    page.domain = { [name] = domain }
  end,
  right = function(page, rest)
    page.status, page.right = "right", set_of(rest)
  end,
  wrong = function(page, rest)
    page.status, page.change = "wrong", rest ~= "" and rest or nil
  end,
  refused = function(page, rest)
    page.status, page.message = "refused", rest
  end,
  ["if"] = function(page, rest)
    local what, layouts = rest:match "^(.-):%s*(.*)$"
    page.status, page.right = "conditional", set_of(layouts)
    page.names, page.condition = what:match "^(.-)%s*([%w_]+)$"
    page.condition = page.condition:gsub("_", " ")
    if page.names == "convention" then
      page.names = nil
    end
  end,
}

--- All formulas of a file.
function M.read(path)
  local list, page, number = {}, nil, 0
  for line in io.lines(path) do
    number = number + 1
    local word, rest = line:match "^  (%w+)%s*(.-)%s*$"
    if line:find "^[=#]" or line:find "^%s*$" then
      page = nil
    elseif not line:find "^%s" then
      page = page or { line = number, right = {} }
      page.formula = page.formula and page.formula .. "\n" .. line or line
      if list[#list] ~= page then
        list[#list + 1] = page
      end
    elseif page and words[word] then
      words[word](page, rest)
    else
      error(("%s:%d: a word expected"):format(path, number), 0)
    end
  end
  for _, each in ipairs(list) do
    if each.expr and not each.wrt then
      along(each)
    end
    local X = each.wrt and each.wrt:match "^vec%((.*)%)$"
    if X then -- vec F by vec X is F by X in the layout vec
      each.wrt, each.wrt2 = X, each.wrt2 and X
      each.expr, each.column = each.expr:match "^vec%((.*)%)$" or each.expr, true
    end
  end
  return list
end

--- What the judge is asked about a claim in a layout.
function M.problem(page, layout, claim)
  page.memo = page.memo or {}
  return {
    memo = page.memo,
    decl = page.decl,
    expr = page.expr,
    wrt = page.wrt,
    wrt2 = page.wrt2,
    op = page.op,
    at = page.at,
    domain = page.domain,
    layout = layout,
    answer = claim,
  }
end

--- Has a layout a derivative of this shape that the judge knows? Those by vec(X) are in the layout vec.
function M.has(page, layout)
  return not page.column or layout == "vec"
end

--- The question under the condition of the page: other declarations, a convention, or another text for a name's value.
function M.under(page)
  if not page.names then
    return { convention = page.condition }
  elseif page.condition == "sum 1" then
    return {
      value = function(text)
        return (
          text:gsub("%f[%w]" .. page.names .. "%f[%W]", ("(%s/sum(%s))"):format(page.names, page.names))
        )
      end,
    }
  end
  local decl = {}
  for i, text in ipairs(page.decl) do
    local kind, name = text:match "^(%w+) (%w+)"
    if page.condition == "square" then
      text = text:gsub("%b()", kind == "matrix" and "(n,n)" or "(n)")
    elseif (" " .. page.names .. " "):find(" " .. name .. " ", 1, true) then
      text = text .. " " .. page.condition
    end
    decl[i] = text
  end
  return { decl = decl }
end

return M
