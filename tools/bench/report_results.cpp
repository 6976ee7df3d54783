/// Writes a merged file of any size, to measure `varia report` and the page that it writes:
///
///     bench_report_results FOLDER TRIALS [EPOCHS=50] [METRICS=20] [PICTURES=1]
///
/// FOLDER/bench.h5: a grid over four parameters with five replicates, METRICS metrics, the KL
/// divergence of 20 dimensions, and two views of 224 by 224 pixels at the last PICTURES epochs.
/// The pictures are as hard to pack as grids of digits.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <random>

#include "results/merged/merge.hpp"
#include "results/trial/trial_file.hpp"
#include "varia/error.hpp"

namespace {

namespace store = varia::results;

struct Size {
  int trials = 0;
  int epochs = 50;
  int metrics = 20;
  int pictures = 1;
};

/// 64 tiles of 28 by 28 pixels, each a soft blob on black.
results::Picture picture_of(std::int64_t epoch, std::mt19937& engine) {
  constexpr int kSide = 224;
  results::Picture picture{epoch, kSide, kSide, 1, std::vector<std::uint8_t>(kSide * kSide), ""};
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int tile = 0; tile < 64; ++tile) {
    const double x = 8 + 12 * uniform(engine);
    const double y = 8 + 12 * uniform(engine);
    const double slope = uniform(engine);
    for (int row = 0; row < 28; ++row) {
      for (int column = 0; column < 28; ++column) {
        const double distance = std::abs(slope * (row - y) + (1 - slope) * (column - x)) +
                                0.05 * std::hypot(row - y, column - x);
        const double ink = 255 * std::exp(-distance) + (distance < 3 ? 20 * uniform(engine) : 0);
        const int place = (tile / 8 * 28 + row) * kSide + tile % 8 * 28 + column;
        picture.pixels[place] = static_cast<std::uint8_t>(ink > 12 ? std::min(255.0, ink) : 0);
      }
    }
  }
  return picture;
}

void write_trial(const std::string& path, const std::string& id, int number, const Size& size) {
  const int setting = number / 5;
  const double beta = std::pow(2, setting % 10);
  const double latent = 2 + 2 * (setting / 10 % 10);
  const double rate = std::pow(10, -4.0 + 0.2 * (setting / 100 % 10));
  const double width = 100 * (1 + setting / 1000);
  std::mt19937 engine(static_cast<unsigned>(number));
  std::normal_distribution<double> normal;
  results::TrialHeader header;
  header.id = id;
  header.experiment = "bench";
  header.seed = static_cast<std::uint64_t>(number % 5);
  header.replicate = number % 5;
  header.host = "host";
  header.cpu = "cpu";
  header.versions.varia = "0.1.0";
  header.config = "loss: {use: elbo}\n";
  header.target_epochs = size.epochs;
  header.parameters = {{"loss.beta", beta, true},
                       {"model.latent", latent, true},
                       {"optimizer.lr", rate, true},
                       {"model.width", width, true},
                       {"data.use", std::string("mnist"), false}};
  for (int i = 0; i < 40; ++i)
    header.parameters.push_back({"other.key" + std::to_string(i), double(i), false});
  for (const auto* split : {"train", "validation", "test"})
    header.metrics[std::string(split) + "/elbo"] = {"nats", "log p(x)", {}};
  header.metrics["test/kl_per_dim_z"] = {"nats", "", {"dimension"}};
  results::TrialFile file(path + ".working", header);
  for (int epoch = 1; epoch <= size.epochs; ++epoch) {
    results::EpochRecord record;
    record.epoch = epoch;
    record.seconds = 5 + 0.1 * normal(engine);
    const double kl = 25 / std::sqrt(beta) * (1 - std::exp(-epoch / 5.0)) + 0.1 * normal(engine);
    const double reconstruction = 80 + 5 * std::log2(beta) + 60 / latent +
                                  100 * std::exp(-epoch / 4.0) + 0.3 * normal(engine);
    const char* const splits[] = {"validation", "test", "train"};
    const char* const names[] = {"elbo", "kl", "reconstruction", "loss"};
    const double values[] = {-kl - reconstruction, kl, reconstruction, reconstruction + beta * kl};
    for (int i = 0; i < size.metrics; ++i)
      record.metrics[splits[i % 3]][i < 12 ? names[i / 3] : "m" + std::to_string(i / 3)] =
          results::Array::scalar(i < 12 ? values[i / 3] + 0.01 * (i % 3) : normal(engine));
    results::Array dimensions{{20}, {}};
    for (int i = 0; i < 20; ++i) dimensions.values.push_back(kl / (i + 1) + 0.01 * normal(engine));
    record.metrics["test"]["kl_per_dim_z"] = dimensions;
    file.append(record);
  }
  for (int i = 0; i < size.pictures; ++i)
    for (const auto* view : {"reconstructions", "samples"})
      file.add_picture(view, {8, 8, 28, 28, 0},
                       picture_of(size.epochs - size.pictures + 1 + i, engine));
  file.publish(results::TrialState::done, "", path, true);
}

}  // namespace

int main(int count, char** values) {
  if (count < 3) {
    std::cerr << "usage: bench_report_results FOLDER TRIALS [EPOCHS [METRICS [PICTURES]]]\n";
    return 2;
  }
  try {
    const std::string folder = values[1];
    Size size;
    size.trials = std::stoi(values[2]);
    if (count > 3) size.epochs = std::stoi(values[3]);
    if (count > 4) size.metrics = std::stoi(values[4]);
    if (count > 5) size.pictures = std::stoi(values[5]);
    std::filesystem::create_directories(folder + "/trials");
    std::vector<results::PlannedTrial> plan;
    for (int number = 0; number < size.trials; ++number) {
      auto id = std::to_string(number);
      id.insert(0, 16 - id.size(), '0');
      plan.push_back({id, folder + "/trials/" + id + ".h5"});
      write_trial(plan.back().path, id, number, size);
    }
    results::merge({"bench", "name: bench\n", "2026-01-02T03:04:05Z", "host", "varia", "elbo\n"},
                   plan, folder + "/bench.h5", {true});
  } catch (const varia::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
