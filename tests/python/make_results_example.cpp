/// Writes the merged file that the Python test reads: make_results_example FOLDER
#include <cmath>
#include <iostream>

#include "results/merged/merge.hpp"
#include "results/trial/trial_file.hpp"
#include "varia/error.hpp"

namespace {

using namespace varia;

/// Trial `number` has beta 1, 2 or 4 and replicate 0, 1 or 2; its test/elbo after epoch e is
/// -100 - 10 * beta + replicate + e. The Python test knows these formulas.
void write_trial(const std::string& path, const std::string& id, int number) {
  const double beta = std::pow(2, number / 3);
  const int replicate = number % 3;
  const int latents = 2 + number / 3;
  const bool fails = number == 8;
  results::TrialHeader header;
  header.id = id;
  header.experiment = "beta_sweep";
  header.seed = 0x8000000000000000U + static_cast<unsigned>(number);
  header.replicate = replicate;
  header.host = "host";
  header.cpu = "cpu";
  header.versions.varia = "0.1.0";
  header.config = "loss: {use: elbo}\n";
  header.target_epochs = 4;
  header.parameters = {{"loss.beta", beta, true},
                       {"model.latent", double(latents), false},
                       {"data.use", std::string("mnist"), false}};
  header.metrics["test/elbo"] = {.units = "nats", .bound = "log p(x)", .better = Better::higher};
  header.metrics["test/kl_per_dim_z"] = {.units = "nats", .axes = {"latent"}};
  results::TrialFile file(path + ".working", header);
  for (int epoch = 1; epoch <= (fails ? 2 : 4); ++epoch) {
    results::EpochRecord record;
    record.epoch = epoch;
    record.seconds = 1.25;
    record.metrics["train"]["loss"] = results::Array::scalar(150 - epoch);
    record.metrics["test"]["elbo"] = results::Array::scalar(-100 - 10 * beta + replicate + epoch);
    results::Array dims{{latents}, {}};
    for (int i = 0; i < latents; ++i) dims.values.push_back(epoch + 0.5 * i);
    record.metrics["test"]["kl_per_dim_z"] = dims;
    record.schedules["loss.beta"] = beta * epoch / 4;
    record.steps["train_loss"] = {{epoch * 10, 140.0 - epoch}};
    file.append(record);
  }
  const std::int64_t side = 20 + number / 3;
  results::Picture grey{4, side, side + 4, 1, {}, "samples"};
  results::Picture colour{4, side, side, 3, {}, "colour"};
  for (std::int64_t i = 0; i < side * (side + 4); ++i) grey.pixels.push_back((i + number) % 251);
  for (std::int64_t i = 0; i < side * side * 3; ++i) colour.pixels.push_back(i % 253);
  file.add_picture("samples", {2, 2, side / 2, side / 2, 1}, grey);
  file.add_picture("samples", {2, 2, side / 2, side / 2, 1}, grey);
  file.add_picture("colour", {1, 1, 20, 20, 0}, colour);
  results::Points points;
  points.epoch = 4;
  points.classes = {{0, "cat"}, {7, "dog, 3 paws"}};
  points.axes = {"code, dimension 0", ""};
  for (int i = 0; i < 6 + number; ++i) {
    points.xy.push_back(static_cast<float>(i));
    points.xy.push_back(static_cast<float>(-i));
    points.labels.push_back(i % 10);
  }
  file.add_points("plane", points);
  file.publish(fails ? results::TrialState::failed : results::TrialState::done,
               fails ? "the loss is nan" : "", path, true);
}

}  // namespace

int main(int count, char** values) {
  if (count != 2) {
    std::cerr << "usage: make_results_example FOLDER\n";
    return 2;
  }
  try {
    const std::string folder = values[1];
    std::vector<results::PlannedTrial> plan;
    for (int number = 0; number < 9; ++number) {
      const std::string id = "0000000000000" + std::to_string(100 + number);
      plan.push_back({id, folder + "/beta_sweep/trials/00/" + id + ".h5"});
      write_trial(plan.back().path, id, number);
    }
    results::merge({"beta_sweep", "name: beta_sweep\n", "2026-01-02T03:04:05Z", "host",
                    "varia 0.1.0", "elbo 1.0.0\n"},
                   plan, folder + "/beta_sweep.h5", {true});
  } catch (const varia::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
