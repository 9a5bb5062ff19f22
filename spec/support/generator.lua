-- A generator of whole numbers of its own, so that what a spec draws is the same in every run and under every Lua.

--- @tparam integer seed
-- @treturn function n -> an integer from 1 to n
return function(seed)
  local state = seed
  return function(n)
    state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
    return (state >> 33) % n + 1
  end
end
