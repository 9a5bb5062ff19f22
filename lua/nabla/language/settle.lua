--- The second pass: the sizes that are still open get names, and the undeclared letters their nodes.
--
-- @module nabla.language.settle

local blocks = require "nabla.language.blocks"
local core = require "nabla.core"
local families = require "nabla.language.families"

local M = {}

local KIND = core.constants.kinds

local SIZES = { "n", "m", "p", "q", "k", "r", "s", "l", "h", "w" }

-- The equations that had to wait, once more.
local function unify_later(c, root)
  local waiting = c.later
  c.later = {}
  for _, e in ipairs(waiting) do
    if not c:unify(e[1], e[2]) then
      local left, right = c.S:dimtext(c:resolve(e[1])), c.S:dimtext(c:resolve(e[2]))
      c:stop(root, "the sizes do not fit: " .. left .. " and " .. right)
    end
  end
end

-- In kron(A,B) + kron(C,D) the sizes of A are those of C, and those of B those of D, where nothing else says what they are.
local function suppose_likely(c)
  for _, pair in ipairs(c.likely) do
    local first, second = pair[1], pair[2]
    for i = 1, #first.args do
      local a, b = c.types[first.args[i]], c.types[second.args[i]]
      if a and b then
        c:unify(a.rows, b.rows)
        c:unify(a.cols, b.cols)
      end
    end
    c:assume(first.pos, ("the arguments of %s in a sum have the same sizes"):format(first.name))
  end
end

-- Of an equation such as T*n = T*m: n = m.
local function cancel_factors(c)
  local S = c.S
  for _, e in ipairs(c.later) do
    local a, b = c:resolve(e[1]), c:resolve(e[2])
    for _, name in ipairs(a ~= b and c:names(a) or {}) do
      for _, other in ipairs(c:names(b)) do
        if a ~= b and name:sub(1, 1) == "?" and S:dimreplace(a, { [name] = S:dim(other) }) == b then
          c:unify(S:dim(name), S:dim(other))
          a, b = c:resolve(a), c:resolve(b)
        end
      end
    end
  end
end

-- Where a row of blocks meets a column of as many blocks, their sizes are equal block by block, where nothing else says what they
-- are.
local function suppose_blocks(c)
  for _, e in ipairs(c.later) do
    if e.parts and c:resolve(e[1]) ~= c:resolve(e[2]) then
      for i, part in ipairs(e.parts[1]) do
        c:unify(part, e.parts[2][i])
      end
    end
  end
end

--- Give the sizes that are still open a name, and the undeclared letters their nodes.
-- @tparam table c the context
-- @tparam table root the tree at which an error points
function M.settle(c, root)
  local S = c.S
  local variables = c.scope.open and c.scope -- those of a rule (nabla.rules.loader)
  if #c.letters == 0 and #c.later == 0 and c.unknowns == 0 and not variables then
    return
  end
  for _ = 1, 3 do
    unify_later(c, root)
  end
  local waiting = blocks.waiting(c, root)
  if #c.later > 0 and not next(waiting) then -- around D(f, x), which is settled by itself, sizes are not known yet
    suppose_blocks(c)
    unify_later(c, root)
  end
  if #c.later > 0 and c.yields then
    suppose_likely(c)
    for _ = 1, 3 do
      cancel_factors(c)
      unify_later(c, root)
    end
  end
  if variables then
    variables:settle(c)
  end
  for _, span in ipairs(c.spans) do -- x(i) for i = 1..n: an x of which nothing else is known has n entries
    if c:unknown_name(c:resolve(span.size)) then
      c:unify(span.size, span.last)
    end
  end
  for _, var in ipairs(c.letters) do -- as many members as the sums count
    for count, last in pairs(var.family and var.family.spans or {}) do
      if c:unknown_name(c:resolve(count)) then
        c:unify(count, last)
      end
    end
  end
  blocks.settle(c, root)
  local used, next_size = {}, 1
  for _, var in ipairs(c.letters) do
    used[var.name] = true
  end
  local function claim(d)
    for _, name in ipairs(c:names(c:resolve(d))) do
      if name:sub(1, 1) == "?" and not c.fresh[name] and not waiting[name] then
        while SIZES[next_size] and (used[SIZES[next_size]] or c:knows(SIZES[next_size])) do
          next_size = next_size + 1
        end
        local size = SIZES[next_size] or ("n" .. next_size)
        next_size = next_size + 1
        c.fresh[name] = S:dim(size)
      end
    end
  end
  -- vectors first: their length is n when it can be
  for _, kind in ipairs { "vector", "matrix" } do
    for _, var in ipairs(c.letters) do
      if var.kind == kind then
        claim(var.cols)
        claim(var.rows)
      end
    end
  end
  for i = 1, c.unknowns do
    if not c.fresh["?" .. i] then
      claim(S:dim("?" .. i))
    end
  end
  for _, e in ipairs(next(waiting) and {} or c.later) do
    if c:resolve(e[1]) ~= c:resolve(e[2]) then
      c:stop(
        root,
        "the sizes cannot be worked out: "
          .. S:dimtext(c:resolve(e[1]))
          .. " would have to equal "
          .. S:dimtext(c:resolve(e[2])),
        "declare the matrices with their sizes"
      )
    end
  end
  for _, var in ipairs(c.letters) do
    if not var.id then
      var.rows, var.cols = c:resolve(var.rows), c:resolve(var.cols)
      local kind, bits = var.family and KIND.family or KIND[var.kind], families.bits(c.session, var.family)
      var.id = S:symbol(var.name, kind, bits, var.rows, var.cols)
    end
  end
end

return M
