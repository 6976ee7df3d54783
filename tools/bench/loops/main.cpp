/// One training loop, driven by its standard input: bench_training varia|libtorch|products WORD...
///
/// For every line `STEPS` it answers `CPU_SECONDS WALL_SECONDS MEAN_LOSS`; before the first one it
/// says `ready`. tools/bench/training starts several and lets them take turns.
#include <ATen/Functions.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "bench/loops/loop.hpp"
#include "varia/data_folder.hpp"

namespace varia::bench {

Network Network::parse(const std::vector<std::string>& words) {
  if (words.size() != 4)
    throw std::invalid_argument("expected HIDDEN LATENT BATCH ACTIVATION, say 400 20 128 relu");
  Network network;
  std::istringstream hidden(words[0]);
  for (std::string width; std::getline(hidden, width, ',');)
    network.hidden.push_back(std::stoll(width));
  network.latent = std::stoll(words[1]);
  network.batch = std::stoll(words[2]);
  network.activation = words[3];
  if (network.activation != "relu" && network.activation != "leaky_relu")
    throw std::invalid_argument("expected relu or leaky_relu, found " + network.activation);
  return network;
}

Tensor mnist_images() {
  const std::string name = "train-images-idx3-ubyte";
  const auto path = require_data("mnist", {name}) / name;
  constexpr std::int64_t kImages = 60000;
  constexpr std::int64_t kPixels = 784;
  const auto bytes = at::empty({kImages, kPixels}, at::kByte);
  std::ifstream file(path, std::ios::binary);
  file.seekg(16);
  file.read(static_cast<char*>(bytes.data_ptr()), kImages * kPixels);
  if (!file) throw std::runtime_error(path.string() + " is cut short");
  return bytes.to(at::kFloat).div_(255);
}

}  // namespace varia::bench

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
