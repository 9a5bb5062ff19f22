--- The sums over data points of spec/data/families.txt.

local M = {}

M.DECLARED = {
  "vector x_i(n) for i = 1..N",
  "scalar y_i for i = 1..N",
  "scalar c_i for i = 1..N",
  "vector m_k(n) for k = 1..K",
  "scalar r_ik for i = 1..N, k = 1..K",
  "scalar g_ij for i = 1..N, j = 1..N",
  "matrix A_i(m,n) for i = 1..N",
  "vector z_i(m) for i = 1..N",
  "matrix V_k(n,n) spd for k = 1..K",
  "scalar b_k for k = 1..K",
  "matrix S(n,n) invertible",
  "vector w(n)",
  "vector t(n)",
  "vector c(n)",
  "scalar a",
}

--- The sums: a list of { expr, by, answer }.
function M.cases()
  local list = {}
  for line in io.lines "spec/data/families.txt" do
    local by, text = line:match "^  by (.*)$", line:match "^  (.*)$"
    if by then
      list[#list].by = by
    elseif text then
      list[#list].answer = text
    elseif line:find "^[^#]" then
      list[#list + 1] = { expr = line }
    end
  end
  return list
end

return M
