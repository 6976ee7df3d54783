#include "results/merged/merged_glances.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "results/merged/results_data.hpp"

namespace varia::results {

namespace {

constexpr std::int64_t kWindowValues = std::int64_t{1} << 20;

void add_seconds(const ResultsData& data, std::vector<TrialGlance>& glances) {
  if (!hdf5::exists(data.root, "timing")) return;
  const hdf5::Object dataset = data.dataset("timing", "seconds");
  const auto epochs = static_cast<std::size_t>(std::max<std::int64_t>(1, data.epochs));
  // Whole chunks, so that none is inflated twice.
  const std::size_t rows =
      std::max<std::size_t>(1000, static_cast<std::size_t>(kWindowValues) / epochs / 1000 * 1000);
  for (std::size_t first = 0; first < glances.size(); first += rows) {
    const std::size_t count = std::min(rows, glances.size() - first);
    const Array window = data.rows(dataset, first, count);
    const std::size_t width = count == 0 ? 0 : window.values.size() / count;
    for (std::size_t i = 0; i < window.values.size(); ++i) {
      if (!std::isnan(window.values[i])) glances[first + i / width].seconds += window.values[i];
    }
  }
}

}  // namespace

std::vector<TrialGlance> read_merged_glances(const std::string& path) {
  const std::unique_ptr<ResultsData> data = open_results_head(path);
  std::vector<TrialGlance> glances;
  glances.reserve(data->trials.size());
  for (TrialRow& row : data->trials) {
    TrialGlance glance;
    glance.id = std::move(row.id);
    glance.experiment = std::move(row.experiment);
    glance.status = row.status;
    glance.error = std::move(row.error);
    glance.epochs_done = row.epochs_done;
    glance.target_epochs = row.target_epochs;
    glance.seed = row.seed;
    glance.replicate = row.replicate;
    glance.host = std::move(row.host);
    glance.cpu = std::move(row.cpu);
    glance.versions = std::move(row.versions);
    glance.plugins = std::move(row.plugins);
    glance.measures = std::move(row.measures);
    glance.token = row.token;
    glances.push_back(std::move(glance));
  }
  add_seconds(*data, glances);
  return glances;
}

}  // namespace varia::results
