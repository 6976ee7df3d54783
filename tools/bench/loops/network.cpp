#include <ATen/Functions.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

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
