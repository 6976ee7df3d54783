/// One training loop, driven by its standard input: bench_training varia|libtorch|products WORD...
///
/// For every line `STEPS` it answers `CPU_SECONDS WALL_SECONDS MEAN_LOSS`; before the first one it
/// says `ready`. tools/bench/training starts several and lets them take turns.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "bench/loops/loop.hpp"

namespace {

using namespace varia::bench;

std::unique_ptr<Loop> make_loop(const std::string& kind, const std::vector<std::string>& words) {
  if (kind == "varia") return make_varia_loop(words);
  if (kind == "libtorch") return make_libtorch_loop(Network::parse(words));
  if (kind == "products") return make_product_loop(Network::parse(words));
  throw std::invalid_argument("expected varia, libtorch or products, found " + kind);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int main(int count, char** values) {
  try {
    if (count < 2) throw std::invalid_argument("expected varia, libtorch or products");
    const auto loop = make_loop(values[1], {values + 2, values + count});
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
      const auto steps = std::stoll(line);
      const double cpu = cpu_seconds();
      const double wall = wall_seconds();
      const double loss = loop->run(steps);
      std::printf("%.9f %.9f %.9g\n", cpu_seconds() - cpu, wall_seconds() - wall, loss);
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::cerr << "bench_training: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
