rockspec_format = "3.0"
package = "nabla-numeric"
version = "1.0.0-1"

source = {
  url = "nabla-1.0.0.tar.gz", -- written by `make release`, and packed into the source rock
}

description = {
  summary = "Numbers for nabla: matrices, and expressions compiled to programs",
  detailed = [[
The numeric module of nabla, on OpenBLAS and LAPACKE. nabla itself needs neither: this is a rock of its own, so that nabla
installs without them.]],
  license = "MIT",
  labels = { "math", "matrix" },
}

dependencies = {
  "lua >= 5.3",
  "nabla >= 1.0.0",
}

external_dependencies = { -- no headers: Debian puts them where LuaRocks does not look, and the compiler does
  OPENBLAS = { library = "openblas" },
  LAPACKE = { library = "lapacke" },
}

-- `make rockspecs` writes the lists of files.
build = {
  type = "builtin",
  modules = {
    ["nabla.numeric.core"] = {
      sources = {
        -- list: numeric sources
        "src/numeric/dense.c",
        "src/numeric/entry.c",
        "src/numeric/lua_complex.c",
        "src/numeric/lua_matrix.c",
        "src/numeric/lua_numeric.c",
        "src/numeric/lua_program.c",
        "src/numeric/lua_sample.c",
        "src/numeric/program.c",
        "src/numeric/zdense.c",
        -- end of list
      },
      incdirs = { "src", "$(OPENBLAS_INCDIR)", "$(LAPACKE_INCDIR)" },
      libdirs = { "$(OPENBLAS_LIBDIR)", "$(LAPACKE_LIBDIR)" },
      libraries = { "openblas", "lapacke", "m" },
    },
  },
}
