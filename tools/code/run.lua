-- Runs exported functions in their language and compares what they give: all problems in one program, since compilers and
-- interpreters start slowly. Reads the problems of tools/code/problems.lua; prints `N right, N wrong`.
--
--     lua5.4 tools/code/problems.lua octave | lua5.4 tools/code/run.lua octave

local json = require "dkjson"

local language = arg[1]
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

-- A number so that every language reads the same one.
local function number(x)
  return ("%.17g"):format(x)
end

local function is_scalar(v)
  return type(v) == "number"
end

-- ---------------------------------------------------------------------------------------------- languages

-- Each gives the text of a program that prints, for each problem, a line "# number" and then all entries of its results, column by
-- column, one a line; and the command that runs it.
local languages = {}

local function each_value(problem, parameters, form)
  local list = {}
  for _, name in ipairs(parameters) do
    local letter = problem.values[name] == nil and problem.sizes[name] == nil and name:gsub("_$", "") or name
    list[#list + 1] = form(problem.values[letter] or problem.sizes[letter])
  end
  return table.concat(list, ", ")
end

local function split(text)
  local list = {}
  for name in text:gmatch "[^,%s]+" do
    list[#list + 1] = name
  end
  return list
end

-- The text of a problem with a number behind the names of its functions.
local function numbered(text, i)
  for name, short in pairs { value_and_gradient = "f", check_gradient = "check", hessian_times = "times" } do
    text = text:gsub(name, short .. i)
  end
  return (text:gsub("hessian", "hess" .. i))
end

local function octave_value(v)
  if is_scalar(v) then
    return number(v)
  end
  local rows = {}
  for i, row in ipairs(v) do
    local entries = {}
    for j, x in ipairs(row) do
      entries[j] = number(x)
    end
    rows[i] = table.concat(entries, " ")
  end
  return "[" .. table.concat(rows, "; ") .. "]"
end

function languages.octave(problems)
  local out = { "1;", "warning('off', 'all');" }
  for i, p in ipairs(problems) do
    local text = numbered(p.text, i)
    local function given_to(name)
      return each_value(p, split(text:match("= " .. name .. i .. "%((.-)%)")), octave_value)
    end
    local given = given_to "f"
    local check = p.checked and ("printf('%%.17g\\n', check%d(%s)); "):format(i, given) or ""
    if p.hessian then
      local call = "printf('%%.17g\\n', hess%d(%s), times%d(%s)); "
      check = call:format(i, given_to "hess", i, given_to "times")
    end
    out[#out + 1] = text
    out[#out + 1] = ("try, [v, g] = f%d(%s); printf('# %d\\n'); printf('%%.17g\\n', v, g); "):format(
      i,
      given,
      i
    ) .. check .. "catch e, disp(e.message); end"
  end
  return "octave --no-gui -q " .. write("all.m", table.concat(out, "\n") .. "\n")
end

local function r_value(v)
  if is_scalar(v) then
    return number(v)
  end
  local entries = {}
  for j = 1, #v[1] do
    for i = 1, #v do
      entries[#entries + 1] = number(v[i][j])
    end
  end
  return ("matrix(c(%s), %d, %d)"):format(table.concat(entries, ", "), #v, #v[1])
end

function languages.r(problems)
  local out = {}
  for i, p in ipairs(problems) do
    local text = numbered(p.text, i)
    local function call(name)
      local parameters = split(text:match(name .. i .. " <%- function%((.-)%)"))
      return ("%s%d(%s)"):format(name, i, each_value(p, parameters, r_value))
    end
    out[#out + 1] = text
    out[#out + 1] = ("tryCatch({ r <- %s; cat('# %d\\n')"):format(call "f", i)
    local check = p.checked and ", " .. call "check" or ""
    if p.hessian then
      check = (", %s, %s"):format(call "hess", call "times")
    end
    local show = "cat(sprintf('%%.17g\\n', c(r[[1]], r[[2]]%s)), sep = '') }, error = function(e) print(e))"
    out[#out + 1] = show:format(check)
  end
  return "Rscript --vanilla " .. write("all.R", table.concat(out, "\n") .. "\n")
end

local function lua_value(v)
  return (octave_value(v):gsub("%[", "matrix.parse '"):gsub("%]", "'"))
end

function languages.lua(problems)
  local out = {
    "local matrix = require 'nabla.matrix'",
    "local function show(x) if type(x) == 'number' then print(('%.17g'):format(x)) else",
    "  for k = 1, #x do print(('%.17g'):format(x[k])) end end end",
  }
  for i, p in ipairs(problems) do
    local function call(name)
      return ("M.%s(%s)"):format(name, each_value(p, split(p.text:match("M%." .. name .. "%((.-)%)")), lua_value))
    end
    out[#out + 1] = ("do local ok, why = pcall(function()\nlocal M = (function()\n%s\nend)()"):format(p.text)
    out[#out + 1] = "local v, g = " .. call "value_and_gradient"
    local check = p.checked and ("show(%s)"):format(call "check_gradient") or ""
    if p.hessian then
      check = ("show(%s) show(%s)"):format(call "hessian", call "hessian_times")
    end
    out[#out + 1] = ("print('# %d') show(v) show(g) " .. check .. "\nend) if not ok then print(why) end end"):format(i)
  end
  return "lua5.4 " .. write("all.lua", table.concat(out, "\n") .. "\n")
end

local function fortran_value(v, rank)
  if is_scalar(v) then
    return number(v) .. "_dp"
  end
  local entries = {}
  for j = 1, #v[1] do
    for i = 1, #v do
      entries[#entries + 1] = number(v[i][j]):gsub("^(-?%d+)$", "%1.0") .. "_dp"
    end
  end
  local shape = rank == 1 and #entries or #v .. ", " .. #v[1]
  return ("reshape([%s], [%s])"):format(table.concat(entries, ", "), shape)
end

-- A size is a whole number, which only the values of letters are not.
local function fortran_given(p, parameters)
  local list = {}
  for _, name in ipairs(parameters) do
    local letter = (p.values[name] or p.sizes[name]) and name or name:gsub("_$", "")
    local rank = #(p.text:match("intent%(in%) :: " .. name .. "(%b())\n") or ""):gsub("[^:]", "")
    list[#list + 1] = p.values[letter] and fortran_value(p.values[letter], rank) or tostring(p.sizes[letter])
  end
  return table.concat(list, ", &\n      ")
end

function languages.fortran(problems)
  local out, calls = {}, {}
  for i, p in ipairs(problems) do
    local parameters = split(p.text:gsub("&\n", ""):match "subroutine value_and_gradient%((.-)%)")
    local gradient, value = table.remove(parameters), table.remove(parameters)
    out[#out + 1] = p.text:gsub("module exported", "module p" .. i)
    calls[#calls + 1] = ("subroutine run%d()\n  use p%d\n  integer, parameter :: dp = kind(1.0d0)"):format(i, i)
    for _, name in ipairs { value, gradient } do
      local declared = p.text:match("intent%(out%) :: (" .. name .. "[^\n]*)")
      calls[#calls + 1] = ("  real(dp)%s :: %s"):format(declared == name and "" or ", allocatable", declared)
    end
    local given = fortran_given(p, parameters)
    local results = value .. ", " .. gradient
    calls[#calls + 1] = ("  call value_and_gradient(%s%s %s)"):format(given, given == "" and "" or ",", results)
    calls[#calls + 1] = ("  print '(a, i0)', '# ', %d\n  print '(es25.17e3)', %s"):format(i, results)
    for _, name in ipairs(p.hessian and { "hessian", "hessian_times" } or {}) do
      local more = split(p.text:gsub("&\n", ""):match("subroutine " .. name .. "%((.-)%)"))
      local result = table.remove(more)
      local declared = p.text:match("subroutine " .. name .. "%(.-intent%(out%) :: (" .. result .. "[^\n]*)")
      local form = "  block\n    real(dp)%s :: %s"
      calls[#calls + 1] = form:format(declared == result and "" or ", allocatable", declared)
      calls[#calls + 1] = ("    call %s(%s, %s)"):format(name, fortran_given(p, more), result)
      calls[#calls + 1] = ("    print '(es25.17e3)', %s\n  end block"):format(result)
    end
    if p.checked then
      calls[#calls + 1] = ("  call check_gradient(%s%s value)"):format(given, given == "" and "" or ",")
      calls[#calls + 1] = "  print '(es25.17e3)', value"
    end
    calls[#calls + 1] = "end subroutine"
  end
  out[#out + 1] = table.concat(calls, "\n") .. "\nprogram all"
  for i in ipairs(problems) do
    out[#out + 1] = "  call run" .. i .. "()"
  end
  out[#out + 1] = "end program"
  local path = write("all.f90", table.concat(out, "\n") .. "\n")
  local compiled = "cd %s && gfortran -std=f2018 -ffree-line-length-none -O0 -o all %s -llapack -lopenblas && ./all"
  return compiled:format(folder, path)
end

local function c_value(v)
  if is_scalar(v) then
    return number(v)
  end
  local entries = {}
  for j = 1, #v[1] do
    for i = 1, #v do
      entries[#entries + 1] = number(v[i][j])
    end
  end
  return ("(matrix){ %d, %d, (double[]){ %s } }"):format(#v, #v[1], table.concat(entries, ", "))
end

-- Each function in a file of its own: the functions that it calls have the same names everywhere.
function languages.c(problems)
  local main, calls = { "#include <stdio.h>" }, {}
  for i, p in ipairs(problems) do
    local parameters = {}
    local head = p.text:match "const char %*value_and_gradient(%b())"
    for name in head:gmatch "([%w_]+)[,)]" do
      parameters[#parameters + 1] = name
    end
    local is_scalar_result = {}
    for k = 1, 2 do
      is_scalar_result[3 - k] = head:find("double *" .. table.remove(parameters), 1, true)
    end
    local text = p.text:gsub("const char %*%a+_[%a_]*gradient", "static %0"):gsub("const char %*hessian", "static %0")
    local out = { text, ("void run%d(void) {"):format(i) }
    local results, shows = {}, {}
    for k, rows in ipairs { p.value, p.gradient } do
      if is_scalar_result[k] then
        out[#out + 1] = ("  double r%d;"):format(k)
        results[k] = "&r" .. k
        shows[k] = ('  printf("%%.17g\\n", r%d);'):format(k)
      else
        local count = #rows * #rows[1]
        out[#out + 1] = ("  double d%d[%d]; matrix r%d = { %d, %d, d%d };"):format(k, count, k, #rows, #rows[1], k)
        results[k] = "r" .. k
        shows[k] = ('  for (int k = 0; k < %d; ++k) printf("%%.17g\\n", d%d[k]);'):format(count, k)
      end
    end
    local given = each_value(p, parameters, c_value)
    out[#out + 1] = ("  const char *why = value_and_gradient(%s%s%s);"):format(
      given,
      given == "" and "" or ", ",
      table.concat(results, ", ")
    )
    out[#out + 1] = '  if (why) { puts(why); return; }\n  puts("# ' .. i .. '");'
    if p.checked then
      shows[3] = ("  double d; why = check_gradient(%s, &d);"):format(given)
      shows[4] = '  if (why) puts(why); else printf("%.17g\\n", d);'
    end
    for name, rows in pairs(p.hessian and { hessian = p.hessian, hessian_times = p.product } or {}) do
      local place = name == "hessian" and 3 or 4
      local head_of = p.text:match("const char %*" .. name .. "(%b())")
      local more = {}
      for parameter in head_of:gmatch "([%w_]+)[,)]" do
        more[#more + 1] = parameter
      end
      local number_only = head_of:find("double *" .. table.remove(more), 1, true)
      local count = #rows * #rows[1]
      local result = number_only and "d" .. place or ("(matrix){ %d, %d, d%d }"):format(#rows, #rows[1], place)
      local call = "  double d%d[%d]; why = %s(%s, %s); if (why) puts(why); else "
        .. 'for (int k = 0; k < %d; ++k) printf("%%.17g\\n", d%d[k]);'
      shows[place] = call:format(place, count, name, each_value(p, more, c_value), result, count, place)
    end
    out[#out + 1] = table.concat(shows, "\n") .. "\n}"
    write(("p%d.c"):format(i), table.concat(out, "\n") .. "\n")
    main[#main + 1] = ("void run%d(void);"):format(i)
    calls[#calls + 1] = ("  run%d();"):format(i)
  end
  main[#main + 1] = "int main(void) {\n" .. table.concat(calls, "\n") .. "\n}"
  write("all.c", table.concat(main, "\n") .. "\n")
  local compiled = "cd %s && gcc -std=c99 -Wall -Wextra -Wno-clobbered -O0 $(pkg-config --cflags openblas) -o all *.c "
    .. "$(pkg-config --libs openblas) -llapacke -lm && ./all"
  return compiled:format(folder)
end

local function eigen_value(v)
  if is_scalar(v) then
    return number(v)
  end
  local entries = {}
  for i, row in ipairs(v) do
    for j, x in ipairs(row) do
      entries[(j - 1) * #v + i] = number(x)
    end
  end
  return ("make(%d, %d, {%s})"):format(#v, #v[1], table.concat(entries, ", "))
end

-- The compiler is slow with Eigen: the problems are in as many files as there are processors.
local PARTS = 2

function languages.cpp(problems)
  local head = {
    "#include <cstdio>",
    "#include <vector>",
    "#include <algorithm>\n#include <cmath>\n#include <stdexcept>\n#include <string>\n#include <utility>",
    "#include <Eigen/Dense>",
    "static Eigen::MatrixXd make(int m, int n, std::vector<double> v) {"
      .. " return Eigen::Map<Eigen::MatrixXd>(v.data(), m, n); }",
    "static void show(double x) { std::printf(\"%.17g\\n\", x); }",
    "static void show(const Eigen::MatrixXd& x) { for (int k = 0; k < x.size(); ++k) show(x.data()[k]); }\n",
  }
  local texts, calls = {}, {}
  for k = 1, PARTS do
    texts[k], calls[k] = { table.concat(head, "\n") }, {}
  end
  for i, p in ipairs(problems) do
    local k = i % PARTS + 1
    local function given_to(function_name)
      local parameters = {}
      for name in p.text:match(" " .. function_name .. "(%b())"):gmatch "([%w_]+)[,)]" do
        parameters[#parameters + 1] = name
      end
      return each_value(p, parameters, eigen_value)
    end
    table.insert(texts[k], ("namespace p%d {\n%s}"):format(i, (p.text:gsub("#include[^\n]*\n", ""))))
    local values = given_to "value_and_gradient"
    local check = p.checked and ("show(p%d::check_gradient(%s)); "):format(i, values) or ""
    if p.hessian then
      local show = "show(p%d::hessian(%s)); show(p%d::hessian_times(%s)); "
      check = show:format(i, given_to "hessian", i, given_to "hessian_times")
    end
    local call = "  { auto r = p%d::value_and_gradient(%s); "
      .. "std::printf(\"# %d\\n\"); show(r.first); show(r.second); %s}"
    table.insert(calls[k], call:format(i, values, i, check))
  end
  local commands, objects = {}, {}
  for k = 1, PARTS do
    table.insert(texts[k], ("void run%d() {\n%s\n}"):format(k, table.concat(calls[k], "\n")))
    if k == PARTS then
      local main = "void run1();\nint main() { run1(); run2(); }"
      table.insert(texts[k], main)
    end
    write(("p%d.cpp"):format(k), table.concat(texts[k], "\n") .. "\n")
    commands[k] = ("g++ -std=c++14 -O0 -g0 -w -DEIGEN_DONT_VECTORIZE -I/usr/include/eigen3 -c p%d.cpp"):format(k)
    objects[k] = ("p%d.o"):format(k)
  end
  local all = table.concat(commands, " & ") .. "; wait; g++ -o all " .. table.concat(objects, " ") .. " && ./all"
  return ("cd %s && { %s; }"):format(folder, all)
end

-- ---------------------------------------------------------------------------------------------- comparison

local function column_by_column(rows, list)
  for j = 1, #rows[1] do
    for i = 1, #rows do
      list[#list + 1] = rows[i][j]
    end
  end
end

local function agrees(found, problem)
  local wanted = {}
  column_by_column(problem.value, wanted)
  column_by_column(problem.gradient, wanted)
  if problem.hessian then
    column_by_column(problem.hessian, wanted)
    column_by_column(problem.product, wanted)
  end
  if not found or #found ~= #wanted + (problem.checked and 1 or 0) then
    return false
  end
  local scale = 1
  for i, x in ipairs(wanted) do
    if not (math.abs(found[i] - x) <= 1e-7 * math.max(1, math.abs(x))) then
      return false
    end
    scale = math.max(scale, math.abs(x))
  end
  return not problem.checked or found[#found] <= 1e-4 * scale -- what check_gradient gives
end

local problems = {}
for line in io.lines() do
  local p = json.decode(line)
  for _, key in ipairs { "values", "sizes" } do
    local map = {}
    for _, pair in ipairs(p[key]) do
      map[pair[1]] = pair[2]
    end
    p[key] = map
  end
  problems[#problems + 1] = p
end

local command = languages[language](problems, write)
local pipe = assert(io.popen(command .. " 2>&1"))
local results, current, other = {}, nil, {}
for line in pipe:lines() do
  local start = line:match "^# (%d+)$"
  if start then
    current = {}
    results[tonumber(start)] = current
  elseif current and tonumber(line) then
    current[#current + 1] = tonumber(line)
  else
    other[#other + 1] = line
  end
end
pipe:close()
os.execute("rm -rf " .. folder)

local right, wrong, second = 0, 0, 0
for i, p in ipairs(problems) do
  if agrees(results[i], p) then
    right = right + 1
    second = second + (p.hessian and 1 or 0)
  else
    wrong = wrong + 1
    print(("%s: %s"):format(p.id, results[i] and "another value" or "no value"))
  end
end
if wrong > 0 then
  print(table.concat(other, "\n", 1, math.min(#other, 20)))
end
print(("%d right, %d wrong; of %d the Hessian, too"):format(right, wrong, second))
os.exit(wrong == 0)
