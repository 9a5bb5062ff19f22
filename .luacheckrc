std = "lua54"
include_files = { "**/*.lua", "bin/nabla", ".luacheckrc" }
exclude_files = { "build", "lua_modules", ".luarocks" }
max_code_line_length = 120
max_string_line_length = 140
max_comment_line_length = 140
ignore = {
  "581", -- not (x < y): it is not x >= y when x is not a number
}
files["spec"] = { std = "+busted" }
files[".luacheckrc"] = { std = "+luacheckrc" }
files["examples/derivations"] = { max_line_length = false } -- what they print stands at their ends
files["tools/portable/boot.lua"] = { globals = { "io.open", "package.searchpath" } }
