/// Measures a merge of many trials: bench_merge FOLDER [TRIALS EPOCHS METRICS PICTURES]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string>

#include "results/merged/check_merged.hpp"
#include "results/merged/merge.hpp"
#include "results/merged/results.hpp"
#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace {

namespace store = varia::results;

std::string trial_id(int number) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string id(16, '0');
  auto state = static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15U + 1;
  for (char& digit : id) {
    digit = kDigits[(state >> 60) & 15U];
    state = state * 6364136223846793005U + 1442695040888963407U;
  }
  return id;
}

void write_trial(const std::string& path, int number, int epochs, int metrics, int pictures) {
  results::TrialHeader header;
  header.id = trial_id(number);
  header.experiment = "bench";
  header.seed = static_cast<std::uint64_t>(number);
  header.replicate = number % 5;
  header.host = "host";
  header.cpu = "cpu";
  header.versions = {"0.1.0", "1.13.1", "1.10.8", "OpenBLAS 0.3.21 (Zen)", "GCC 12.2.0"};
  header.config = std::string(1500, 'x');
  for (int i = 0; i < 6; ++i)
    header.plugins.push_back({"plugin" + std::to_string(i), "1.0.0", std::string(64, 'a')});
  header.request = std::string(32, 'f');
  header.token = 1;
  header.target_epochs = epochs;
  for (int i = 0; i < 25; ++i) {
    header.parameters.push_back({"model.parameter" + std::to_string(i), double(number + i), i < 2});
  }
  header.parameters.push_back({"data.use", std::string("mnist"), false});
  results::TrialFile file(path + ".under_way", header);
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    results::EpochRecord record;
    record.epoch = epoch;
    record.seconds = 1.5;
    for (int i = 0; i < metrics; ++i) {
      record.metrics[i % 2 == 0 ? "train" : "test"]["metric" + std::to_string(i / 2)] =
          results::Array::scalar(100 * std::exp(-0.1 * epoch) + std::sin(number * 7.7 + i * epoch));
    }
    record.schedules["loss.beta"] = epoch;
    file.append(record);
  }
  for (int i = 0; i < pictures; ++i) {
    results::Picture picture{epochs, 300, 300, 1, std::vector<std::uint8_t>(300 * 300), ""};
    for (std::size_t k = 0; k < picture.pixels.size(); ++k) {
      picture.pixels[k] = static_cast<std::uint8_t>(k % 28 < 14 ? 0 : (k * k + number) >> 4);
    }
    file.add_picture("view" + std::to_string(i), {10, 10, 28, 28, 2}, picture);
  }
  file.publish(results::TrialState::done, "", path, false);
}

class Clock {
 public:
  explicit Clock(std::string what) : what_(std::move(what)) {}
  ~Clock() {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    const double busy = static_cast<double>(std::clock() - busy_) / CLOCKS_PER_SEC;
    std::cout << what_ << ": " << seconds.count() << " s, of the processor " << busy << " s\n";
  }

 private:
  std::string what_;
  std::clock_t busy_ = std::clock();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

int argument(int count, char** values, int index, int fallback) {
  return index < count ? std::atoi(values[index]) : fallback;
}

}  // namespace

int main(int count, char** values) {
  if (count < 2) {
    std::cerr << "usage: bench_merge FOLDER [TRIALS EPOCHS METRICS PICTURES]\n";
    return 2;
  }
  try {
    const std::string folder = values[1];
    const int trials = argument(count, values, 2, 10000);
    const int epochs = argument(count, values, 3, 50);
    const int metrics = argument(count, values, 4, 30);
    const int pictures = argument(count, values, 5, 0);
    std::vector<results::PlannedTrial> plan;
    {
      const Clock clock("write trial files (those not there yet)");
      for (int i = 0; i < trials; ++i) {
        const std::string id = trial_id(i);
        const std::string path = folder + "/trials/" + id.substr(0, 2) + "/" + id + ".h5";
        if (!std::filesystem::exists(path)) write_trial(path, i, epochs, metrics, pictures);
        plan.push_back({id, path});
      }
    }
    {
      const Clock clock("summaries of all trial files");
      for (const results::PlannedTrial& trial : plan) results::read_trial_info(trial.path);
    }
    {
      const Clock clock("summaries of all trial files");
      for (const results::PlannedTrial& trial : plan) results::read_trial_header(trial.path);
    }
    const std::string path = folder + "/bench.h5";
    {
      const Clock clock("merge");
      std::filesystem::remove(path);
      results::merge({"bench", "name: bench", "", "", "", ""}, plan, path);
    }
    {
      const Clock clock("trials of the merged file");
      results::read_merged_trials(path);
    }
    {
      const Clock clock("comparison of all trial files with the merged file");
      const std::vector<std::string> found =
          results::check_merged(results::open_results(path), plan);
      if (std::count(found.begin(), found.end(), "") != trials) std::cout << "they differ\n";
    }
    {
      const Clock clock("merge that carries every trial over");
      results::merge({"bench", "name: bench", "", "", "", ""}, {}, path);
    }
    const Clock clock("open, table of trials, last values of all metrics");
    const results::Results results = results::open_results(path);
    for (const results::Column& metric : results.metrics()) results.final_values(metric.name);
    std::cout << results.size() << " trials, " << std::filesystem::file_size(path) << " bytes\n";
  } catch (const varia::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
