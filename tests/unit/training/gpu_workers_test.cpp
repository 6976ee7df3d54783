#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "experiment/experiment.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "sweep/run.hpp"
#include "unit/training/support.hpp"

using namespace varia;
using namespace varia::test;

namespace {

constexpr const char* kSweep =
    "name: e\n"
    "data: {use: synthetic, batch: 16}\n"
    "model: {use: mlp_vae, hidden: [8], latent: 2}\n"
    "loss: elbo\n"
    "metrics: [probe]\n"
    "train: {epochs: 1}\n"
    "replicates: 6\n";

/// Runs the sweep on these GPUs, of which there are none: the trials are trained on the CPU.
/// @returns what CUDA_VISIBLE_DEVICES was in each process that trained
std::set<std::string> seen_by_workers(sweep::RunGpus gpus, const std::string& run_keys) {
  const varia::testing::TemporaryFolder folder;
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  ::unsetenv("CUDA_VISIBLE_DEVICES");  // which tests have to hide GPUs
  const auto experiment = experiment::read_experiment_text(kSweep, "e.yaml", {});
  training::DataCache data(registry());
  auto plan = experiment::make_plan(experiment, registry(),
                                    [&](const Value& section) { return data.digest(section); });
  experiment::RunParams params;
  params.load(yaml(run_keys), {.subject = "run"});
  training::Environment environment;
  results::ResultsFolder results({(folder / "results").string(), "e"});
  const auto trials = sweep::trial_statuses(plan, nullptr, results, registry(), environment);
  const std::atomic<bool> no{false};
  const sweep::RunOptions options;
  const auto file = folder / "seen";
  on_probe() = [&file] {
    const auto* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    std::ofstream(file, std::ios::app) << (visible == nullptr ? "unset" : visible) << '\n';
  };
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) chosen.push_back(i);
  const sweep::Run run{.plan = plan,
                       .registry = registry(),
                       .data = data,
                       .environment = environment,
                       .folder = results,
                       .params = params,
                       .options = options,
                       .chosen = chosen,
                       .gpus = std::move(gpus),
                       .search = nullptr,
                       .growth = std::nullopt,
                       .info = {"e", "", "", "", "", ""},
                       .experiment_yaml = "",
                       .merge_within = [](const sweep::Merge& merge) { return merge(); },
                       .stop = no,
                       .abandon = no,
                       .observers = {}};
  const auto summary = sweep::run_experiment(run, trials);
  on_probe() = nullptr;
  ::unsetenv("TMPDIR");
  ::setenv("CUDA_VISIBLE_DEVICES", "", 1);
  CHECK(summary.trained == 6);
  std::set<std::string> seen;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) seen.insert(line);
  return seen;
}

const std::vector<sweep::Gpu> kTwo = {{"3", "GPU-a", "H200"}, {"GPU-b", "GPU-b", "H200"}};
using Visible = std::set<std::string>;

}  // namespace

TEST_CASE("each worker sees one GPU of the run, and all are used") {
  CHECK(seen_by_workers({true, kTwo, ""}, "{}") == Visible{"3", "GPU-b"});
}

TEST_CASE("fewer jobs use fewer GPUs") {
  CHECK(seen_by_workers({true, kTwo, ""}, "{jobs: 1}") == Visible{"3"});
}

TEST_CASE("workers see no GPU if the run has none, and what there is if they do not ask") {
  CHECK(seen_by_workers({true, {}, ""}, "{}") == Visible{""});
  CHECK(seen_by_workers({false, {}, ""}, "{}") == Visible{"unset"});
}
