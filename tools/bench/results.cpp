/// Writes a merged file of any size, and measures what is done with it:
///
///     bench_results FOLDER TRIALS [EPOCHS=50 [METRICS=30 [PICTURES=0]]]
///
/// FOLDER/bench.h5: a grid over four parameters with five replicates, METRICS metrics, the KL
/// divergence of 20 dimensions, and two views of 224 by 224 pixels at the last PICTURES epochs.
/// The pictures are as hard to pack as grids of digits. Trial files that are there stay.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <random>

#include "results/merged/check_merged.hpp"
#include "results/merged/merge.hpp"
#include "results/merged/results.hpp"
#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

/// 64 tiles of 28 by 28 pixels, each a soft blob on black.
Picture picture_of(std::int64_t epoch, std::mt19937& engine) {
  constexpr int kSide = 224;
  Picture picture{epoch, kSide, kSide, 1, std::vector<std::uint8_t>(std::size_t{kSide} * kSide),
                  ""};
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

void write_trial(const PlannedTrial& trial, int number, int epochs, int metrics, int pictures) {
  const int setting = number / 5;
  const double beta = std::pow(2, setting % 10);
  const double latent = 2 + 2 * (setting / 10 % 10);
  const double rate = std::pow(10, -4.0 + 0.2 * (setting / 100 % 10));
  const int thousands = setting / 1000;
  const double width = 100 * (1 + thousands);
  std::mt19937 engine(static_cast<unsigned>(number));
  std::normal_distribution<double> normal;
  TrialHeader header;
  header.id = trial.id;
  header.experiment = "bench";
  header.seed = static_cast<std::uint64_t>(number % 5);
  header.replicate = number % 5;
  header.host = "host";
  header.cpu = "cpu";
  header.versions = {"0.1.0", "1.13.1", "1.10.8", "OpenBLAS 0.3.21 (Zen)", "GCC 12.2.0"};
  header.config = "loss: {use: elbo}\n# " + std::string(1500, 'x') + "\n";
  for (int i = 0; i < 6; ++i)
    header.plugins.push_back({"plugin" + std::to_string(i), "1.0.0", std::string(64, 'a')});
  header.target_epochs = epochs;
  header.parameters = {{"loss.beta", beta, true},
                       {"model.latent", latent, true},
                       {"optimizer.lr", rate, true},
                       {"model.width", width, true},
                       {"data.use", std::string("mnist"), false}};
  for (int i = 0; i < 40; ++i)
    header.parameters.push_back({"other.key" + std::to_string(i), double(i), false});
  for (const auto* split : {"train", "validation", "test"})
    header.metrics[std::string(split) + "/elbo"] = {
        .units = "nats", .bound = "log p(x)", .better = Better::higher};
  header.metrics["test/kl_per_dim_z"] = {.units = "nats", .axes = {"dimension"}};
  TrialFile file(trial.path + ".working", header);
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    EpochRecord record;
    record.epoch = epoch;
    record.seconds = 5 + 0.1 * normal(engine);
    const double kl = 25 / std::sqrt(beta) * (1 - std::exp(-epoch / 5.0)) + 0.1 * normal(engine);
    const double reconstruction = 80 + 5 * std::log2(beta) + 60 / latent +
                                  100 * std::exp(-epoch / 4.0) + 0.3 * normal(engine);
    const char* const splits[] = {"validation", "test", "train"};
    const char* const names[] = {"elbo", "kl", "reconstruction", "loss"};
    const double values[] = {-kl - reconstruction, kl, reconstruction, reconstruction + beta * kl};
    for (int i = 0; i < metrics; ++i)
      record.metrics[splits[i % 3]][i < 12 ? names[i / 3] : "m" + std::to_string(i / 3)] =
          Array::scalar(i < 12 ? values[i / 3] + 0.01 * (i % 3) : normal(engine));
    Array dimensions{{20}, {}};
    for (int i = 0; i < 20; ++i) dimensions.values.push_back(kl / (i + 1) + 0.01 * normal(engine));
    record.metrics["test"]["kl_per_dim_z"] = dimensions;
    file.append(record);
  }
  for (int i = 0; i < pictures; ++i)
    for (const auto* view : {"reconstructions", "samples"})
      file.add_picture(view, {8, 8, 28, 28, 0}, picture_of(epochs - pictures + 1 + i, engine));
  file.publish(TrialState::done, "", trial.path, true);
}

/// Does a piece of work and says how long it took.
template <class Work>
void measure(const std::string& what, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  const auto busy = std::clock();
  work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << what << ": " << seconds.count() << " s, of the processor "
            << static_cast<double>(std::clock() - busy) / CLOCKS_PER_SEC << " s\n";
}

void run(const std::string& folder, int trials, int epochs, int metrics, int pictures) {
  std::filesystem::create_directories(folder + "/trials");
  std::vector<PlannedTrial> plan;
  for (int number = 0; number < trials; ++number) {
    auto id = std::to_string(number);
    id.insert(0, 16 - id.size(), '0');
    plan.push_back({id, folder + "/trials/" + id + ".h5"});
  }
  measure("write trial files (those not there yet)", [&] {
    for (int number = 0; number < trials; ++number)
      if (!std::filesystem::exists(plan[number].path))
        write_trial(plan[number], number, epochs, metrics, pictures);
  });
  measure("summaries of all trial files", [&] {
    for (const auto& trial : plan) read_trial_info(trial.path);
  });
  measure("headers of all trial files", [&] {
    for (const auto& trial : plan) read_trial_header(trial.path);
  });
  const auto path = folder + "/bench.h5";
  const ExperimentInfo experiment{.name = "bench",
                                  .yaml = "name: bench\n",
                                  .created = "2026-01-02T03:04:05Z",
                                  .host = "host",
                                  .versions = "varia",
                                  .plugins = "elbo\n"};
  std::filesystem::remove(path);
  measure("merge", [&] { merge(experiment, plan, path); });
  measure("trials of the merged file", [&] { read_merged_trials(path); });
  measure("comparison of all trial files with the merged file", [&] {
    const auto found = check_merged(open_results(path), plan);
    if (std::ranges::count(found, "") != trials) std::cout << "they differ\n";
  });
  measure("merge that carries every trial over", [&] { merge(experiment, {}, path); });
  measure("open, table of trials, last values of all metrics", [&] {
    const auto results = open_results(path);
    for (const auto& metric : results.metrics())
      if (metric.shape.empty()) results.final_values(metric.name);
    std::cout << results.size() << " trials, " << std::filesystem::file_size(path) << " bytes\n";
  });
}

}  // namespace

}  // namespace varia::results

int main(int count, char** values) {
  const auto argument = [&](int index, int fallback) {
    return index < count ? std::stoi(values[index]) : fallback;
  };
  try {
    if (count < 3)
      throw varia::Error("usage: bench_results FOLDER TRIALS [EPOCHS [METRICS [PICTURES]]]");
    varia::results::run(values[1], argument(2, 0), argument(3, 50), argument(4, 30),
                        argument(5, 0));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
