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
        "src/commute.c",
        "src/diff.c",
        "src/factor.c",
        "src/lua_nabla.c",
        "src/number.c",
        "src/operator.c",
        "src/product.c",
        "src/range.c",
        "src/rewrite.c",
        "src/rule.c",
        "src/shape.c",
        "src/store.c",
      },
      incdirs = { "src", "$(GMP_INCDIR)" },
      libdirs = { "$(GMP_LIBDIR)" },
      libraries = { "gmp" },
    },
    ["nabla"] = "lua/nabla/init.lua",
    ["nabla.attributes"] = "lua/nabla/attributes.lua",
    ["nabla.batch"] = "lua/nabla/batch.lua",
    ["nabla.check"] = "lua/nabla/check.lua",
    ["nabla.claims"] = "lua/nabla/claims.lua",
    ["nabla.cli"] = "lua/nabla/cli.lua",
    ["nabla.compile"] = "lua/nabla/compile.lua",
    ["nabla.conventions"] = "lua/nabla/conventions.lua",
    ["nabla.definitions"] = "lua/nabla/definitions.lua",
    ["nabla.derivative"] = "lua/nabla/derivative.lua",
    ["nabla.display"] = "lua/nabla/display.lua",
    ["nabla.edits"] = "lua/nabla/edits.lua",
    ["nabla.elaborate"] = "lua/nabla/elaborate.lua",
    ["nabla.equality"] = "lua/nabla/equality.lua",
    ["nabla.evaluators"] = "lua/nabla/evaluators.lua",
    ["nabla.format"] = "lua/nabla/format.lua",
    ["nabla.identify"] = "lua/nabla/identify.lua",
    ["nabla.instances"] = "lua/nabla/instances.lua",
    ["nabla.inventory"] = "lua/nabla/inventory.lua",
    ["nabla.latex_input"] = "lua/nabla/latex_input.lua",
    ["nabla.layouts"] = "lua/nabla/layouts.lua",
    ["nabla.loader"] = "lua/nabla/loader.lua",
    ["nabla.lower"] = "lua/nabla/lower.lua",
    ["nabla.matrix"] = "lua/nabla/matrix.lua",
    ["nabla.node"] = "lua/nabla/node.lua",
    ["nabla.notation"] = "lua/nabla/notation.lua",
    ["nabla.numeric"] = "lua/nabla/numeric.lua",
    ["nabla.operations"] = "lua/nabla/operations.lua",
    ["nabla.page"] = "lua/nabla/page.lua",
    ["nabla.printer"] = "lua/nabla/printer.lua",
    ["nabla.prove"] = "lua/nabla/prove.lua",
    ["nabla.rewriting"] = "lua/nabla/rewriting.lua",
    ["nabla.rulefiles"] = "lua/nabla/rulefiles.lua",
    ["nabla.schedule"] = "lua/nabla/schedule.lua",
    ["nabla.session"] = "lua/nabla/session.lua",
    ["nabla.source"] = "lua/nabla/source.lua",
    ["nabla.stated"] = "lua/nabla/stated.lua",
    ["nabla.statements"] = "lua/nabla/statements.lua",
    ["nabla.syntax"] = "lua/nabla/syntax.lua",
    ["nabla.tables"] = "lua/nabla/tables.lua",
    ["nabla.trees"] = "lua/nabla/trees.lua",
    ["nabla.trial"] = "lua/nabla/trial.lua",
  },
  install = {
    -- rule files land beside the Lua files: nabla/rules/x.rules
    lua = {
      ["nabla.rules.adjoints"] = "rules/adjoints.rules",
      ["nabla.rules.algebra"] = "rules/algebra.rules",
      ["nabla.rules.attributes"] = "rules/attributes.rules",
      ["nabla.rules.blocks"] = "rules/blocks.rules",
      ["nabla.rules.conventions.entries"] = "rules/conventions/entries.rules",
      ["nabla.rules.conventions.projected"] = "rules/conventions/projected.rules",
      ["nabla.rules.default"] = "rules/default.rules",
      ["nabla.rules.differentials"] = "rules/differentials.rules",
      ["nabla.rules.eigen"] = "rules/eigen.rules",
      ["nabla.rules.entries"] = "rules/entries.rules",
      ["nabla.rules.facts"] = "rules/facts.rules",
      ["nabla.rules.functions"] = "rules/functions.rules",
      ["nabla.rules.geometry"] = "rules/geometry.rules",
      ["nabla.rules.halves"] = "rules/halves.rules",
      ["nabla.rules.identities"] = "rules/identities.rules",
      ["nabla.rules.identities.activation-functions"] = "rules/identities/activation-functions.rules",
      ["nabla.rules.identities.course-notes"] = "rules/identities/course-notes.rules",
      ["nabla.rules.identities.determinants"] = "rules/identities/determinants.rules",
      ["nabla.rules.identities.differentials"] = "rules/identities/differentials.rules",
      ["nabla.rules.identities.gaussian-likelihoods"] = "rules/identities/gaussian-likelihoods.rules",
      ["nabla.rules.identities.hadamard-products"] = "rules/identities/hadamard-products.rules",
      ["nabla.rules.identities.hessians"] = "rules/identities/hessians.rules",
      ["nabla.rules.identities.inverses"] = "rules/identities/inverses.rules",
      ["nabla.rules.identities.jacobians"] = "rules/identities/jacobians.rules",
      ["nabla.rules.identities.kronecker-products"] = "rules/identities/kronecker-products.rules",
      ["nabla.rules.identities.log-determinants"] = "rules/identities/log-determinants.rules",
      ["nabla.rules.identities.losses"] = "rules/identities/losses.rules",
      ["nabla.rules.identities.matrix-by-scalar"] = "rules/identities/matrix-by-scalar.rules",
      ["nabla.rules.identities.norms"] = "rules/identities/norms.rules",
      ["nabla.rules.identities.propositions"] = "rules/identities/propositions.rules",
      ["nabla.rules.identities.quotients"] = "rules/identities/quotients.rules",
      ["nabla.rules.identities.scalar-by-matrix"] = "rules/identities/scalar-by-matrix.rules",
      ["nabla.rules.identities.scalar-by-scalar"] = "rules/identities/scalar-by-scalar.rules",
      ["nabla.rules.identities.scalar-by-vector"] = "rules/identities/scalar-by-vector.rules",
      ["nabla.rules.identities.structured-matrices"] = "rules/identities/structured-matrices.rules",
      ["nabla.rules.identities.sums-and-diagonals"] = "rules/identities/sums-and-diagonals.rules",
      ["nabla.rules.identities.traces-of-first-order"] = "rules/identities/traces-of-first-order.rules",
      ["nabla.rules.identities.traces-of-higher-order"] = "rules/identities/traces-of-higher-order.rules",
      ["nabla.rules.identities.traces-of-second-order"] = "rules/identities/traces-of-second-order.rules",
      ["nabla.rules.identities.vector-and-scalar-forms"] = "rules/identities/vector-and-scalar-forms.rules",
      ["nabla.rules.identities.vector-by-scalar"] = "rules/identities/vector-by-scalar.rules",
      ["nabla.rules.identities.vector-by-vector"] = "rules/identities/vector-by-vector.rules",
      ["nabla.rules.inverses"] = "rules/inverses.rules",
      ["nabla.rules.layouts.block"] = "rules/layouts/block.rules",
      ["nabla.rules.layouts.block_f"] = "rules/layouts/block_f.rules",
      ["nabla.rules.layouts.block_t"] = "rules/layouts/block_t.rules",
      ["nabla.rules.layouts.denominator"] = "rules/layouts/denominator.rules",
      ["nabla.rules.layouts.mixed"] = "rules/layouts/mixed.rules",
      ["nabla.rules.layouts.numerator"] = "rules/layouts/numerator.rules",
      ["nabla.rules.layouts.vec"] = "rules/layouts/vec.rules",
      ["nabla.rules.learning"] = "rules/learning.rules",
      ["nabla.rules.matrixfunctions"] = "rules/matrixfunctions.rules",
      ["nabla.rules.operators"] = "rules/operators.rules",
      ["nabla.rules.recognition"] = "rules/recognition.rules",
      ["nabla.rules.structure"] = "rules/structure.rules",
    },
    bin = {
      nabla = "bin/nabla",
    },
  },
}

test = {
  type = "command",
  command = "make test",
}
