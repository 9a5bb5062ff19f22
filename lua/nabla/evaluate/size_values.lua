--- Sizes as numbers: the value of a dimension, and the names in dimensions solved from the sizes of values.
--
-- @module nabla.evaluate.size_values

local M = {}

local compiled = setmetatable({}, { __mode = "v" }) -- text of a size -> the function that computes it

-- A dimension as a function of a table of sizes; it gives nil, name where a size is missing.
function M.of(S, dim)
  local v = S:dimint(dim)
  if v then
    return function()
      return v
    end
  end
  local alone = S:dimname(dim)
  if alone then
    return function(dims)
      local size = dims[alone]
      if not size then
        return nil, alone
      end
      return math.tointeger(size) or size
    end
  end
  local names = S:dimnames(dim)
  -- in floating point: a product of whole numbers would begin again at zero where it is too large
  local text = S:dimtext(dim):gsub("[%a_\128-\255][%w_\128-\255]*", '(1.0*d["%0"])')
  local f = compiled[text] or assert(load("local d = ... return " .. text, "=size", "t", {}))
  compiled[text] = f
  return function(dims)
    for _, name in ipairs(names) do
      if not dims[name] then
        return nil, name
      end
    end
    local size = f(dims)
    return math.tointeger(size) or size
  end
end

--- Solve equations for the names of sizes: equations { dimension, number }. Adds to `dims`.
-- @return true, or nil and the equation that does not hold
function M.solve(S, equations, dims)
  local left, progress = equations, true
  while progress and #left > 0 do
    progress = false
    local later = {}
    for _, e in ipairs(left) do
      local f = M.of(S, e[1])
      local v = f(dims)
      if v then
        if v ~= e[2] then
          return nil, e
        end
        progress = true
      else
        local open = {}
        for _, name in ipairs(S:dimnames(e[1])) do
          open[#open + 1] = not dims[name] and name or nil
        end
        local found
        if #open == 1 and S:dimname(e[1]) == open[1] and e[2] >= 1 then
          found, dims[open[1]], progress = e[2], e[2], true
        elseif #open == 1 then -- sizes grow with the names in them: the first one that fits
          for try = 1, math.max(e[2], 1) do
            dims[open[1]] = try
            if f(dims) == e[2] then
              found = try
              break
            end
          end
          dims[open[1]] = found
          if not found then
            return nil, e
          end
          progress = true
        end
        if not found then
          later[#later + 1] = e
        end
      end
    end
    left = later
  end
  return true
end

return M
