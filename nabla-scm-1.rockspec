rockspec_format = "3.0"
package = "nabla"
version = "scm-1"

source = {
  url = "git+https://example.org/nabla.git",
}

description = {
  summary = "Symbolic derivatives of expressions in vectors and matrices",
  detailed = [[
nabla differentiates expressions in vectors and matrices, in the layout and the notation of the reader's own course or
paper. A rewriting engine in C does the work; Lua scripts it; layouts, rules and conventions are text files.]],
  license = "MIT",
  labels = { "math", "calculus", "matrix", "symbolic" },
}

dependencies = {
  "lua >= 5.3",
  "lpeg >= 1.0",
  "argparse >= 0.6",
  "dkjson >= 2.5",
}

external_dependencies = {
  GMP = { library = "gmp" }, -- no header: LuaRocks does not look where Debian puts it, the compiler does
}

-- spec/rockspec_spec.lua compares these lists with the files on disk.
build = {
  type = "builtin",
  modules = {
    ["nabla.core"] = {
      sources = {
        "src/build.c",
        "src/number.c",
        "src/operator.c",
        "src/product.c",
        "src/shape.c",
        "src/store.c",
      },
      incdirs = { "src", "$(GMP_INCDIR)" },
      libdirs = { "$(GMP_LIBDIR)" },
      libraries = { "gmp" },
    },
    ["nabla.display"] = "lua/nabla/display.lua",
    ["nabla.format"] = "lua/nabla/format.lua",
    ["nabla.notation"] = "lua/nabla/notation.lua",
    ["nabla.printer"] = "lua/nabla/printer.lua",
    ["nabla.source"] = "lua/nabla/source.lua",
    ["nabla.statements"] = "lua/nabla/statements.lua",
    ["nabla.syntax"] = "lua/nabla/syntax.lua",
  },
  install = {
    -- rule files land beside the Lua files: nabla/rules/x.rules
    lua = {},
    bin = {
      nabla = "bin/nabla",
    },
  },
}

test = {
  type = "command",
  command = "make test",
}
