// The n-th derivative of nest2 (see bench/derivative.lua) in GiNaC: the median seconds of 3 runs. Argument: n.
#include <ginac/ginac.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  unsigned n = argc > 1 ? std::atoi(argv[1]) : 7;
  double seconds[3];
  for (double &taken : seconds) {
    GiNaC::symbol x("x");
    GiNaC::ex f = x;
    for (int k = 0; k < 2; k++) f = sin(exp(f + pow(x, 2)) * cos(3 * f));
    auto start = std::chrono::steady_clock::now();
    GiNaC::ex g = f.diff(x, n);
    taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (g.is_zero()) return 1;
  }
  std::sort(seconds, seconds + 3);
  std::cout << seconds[1] << "\n";
}
