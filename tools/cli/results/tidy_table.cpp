#include "cli/results/tidy_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>

#include "analysis/ranking.hpp"
#include "cli/terminal/delimited.hpp"

namespace varia::cli {

namespace {

constexpr std::array kColumns{"trial",  "replicate", "seed",  "status", "split",
                              "metric", "index",     "epoch", "step",   "value"};

/// Reads values [trial, epoch, own axes...] of `count` trials from `first`.
using ReadRows = std::function<results::Array(std::size_t first, std::size_t count)>;

class TidyWriter {
 public:
  TidyWriter(const results::Results& results, const std::vector<std::size_t>& trials,
             std::ostream& out)
      : results_(results), trials_(trials), out_(out) {
    std::vector<const results::ParameterColumn*> swept;
    for (const auto& column : results.parameters())
      if (column.swept) swept.push_back(&column);
    out_ << "trial";
    for (const auto* column : swept) {
      const bool taken = std::ranges::find(kColumns, column->key) != kColumns.end();
      out_ << ',' << csv_text((taken ? "parameter " : "") + column->key);
    }
    out_ << ",replicate,seed,status,split,metric,index,epoch,step,value\n";
    for (const auto row : trials) {
      const auto& trial = results.trials()[row];
      auto head = csv_text(trial.id);
      for (const auto* column : swept)
        head += ',' +
                (column->is_text ? csv_text(column->texts[row]) : csv_number(column->numbers[row]));
      heads_.push_back(fmt::format("{},{},{},{}", head, trial.replicate, trial.seed,
                                   results::state_text(trial.status)));
    }
  }

  /// @param shape of one value
  void add_epochs(const std::string& split, const std::string& name,
                  const std::vector<std::int64_t>& shape, const ReadRows& read) {
    constexpr std::size_t kMostValues = std::size_t{1} << 22;
    std::size_t width = 1;
    for (const auto length : shape) width *= static_cast<std::size_t>(length);
    const auto epochs = static_cast<std::size_t>(results_.epochs());
    const auto rows =
        std::clamp<std::size_t>(kMostValues / std::max<std::size_t>(1, width * epochs), 1, 1000);
    const auto text = csv_text(split) + ',' + csv_text(name) + ',';
    for (std::size_t first = 0, next = 0; first < results_.size() && next < trials_.size();
         first += rows) {
      if (trials_[next] >= first + rows) continue;
      const auto block = read(first, std::min(rows, results_.size() - first));
      for (; next < trials_.size() && trials_[next] < first + rows; ++next) {
        const double* values = block.values.data() + (trials_[next] - first) * epochs * width;
        for (std::size_t e = 0; e < epochs; ++e)
          for (std::size_t i = 0; i < width; ++i)
            add(heads_[next], text + index_text(i, shape), fmt::format(",{},", e + 1),
                values[e * width + i]);
      }
    }
  }

  void add_steps(const std::string& name) {
    const auto& schedules = results_.schedules();
    const bool is_schedule = std::ranges::find(schedules, name) != schedules.end();
    const auto what = (is_schedule ? "schedules," : "train,") + csv_text(name) + ",";
    for (std::size_t i = 0; i < trials_.size(); ++i)
      for (const auto& [step, value] : results_.step_values(name, trials_[i]))
        add(heads_[i], what, fmt::format(",,{}", step), value);
  }

  std::size_t lines() const { return lines_; }

 private:
  static std::string index_text(std::size_t index, const std::vector<std::int64_t>& shape) {
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const auto length = static_cast<std::size_t>(shape[axis]);
      text = std::to_string(index % length) + (text.empty() ? "" : " ") + text;
      index /= length;
    }
    return text;
  }

  void add(const std::string& head, const std::string& what, const std::string& when,
           double value) {
    if (std::isnan(value)) return;
    out_ << head << ',' << what << when << ',' << csv_number(value) << '\n';
    ++lines_;
  }

  const results::Results& results_;
  const std::vector<std::size_t>& trials_;
  std::ostream& out_;
  std::vector<std::string> heads_;  // of each trial: what all its lines begin with
  std::size_t lines_ = 0;
};

}  // namespace

std::size_t write_tidy_table(const results::Results& results,
                             const std::vector<std::size_t>& trials,
                             const std::vector<std::string>& metrics, std::ostream& out) {
  for (const auto& name : metrics) analysis::metric_column(results, name);
  TidyWriter writer(results, trials, out);
  for (const auto& column : results.metrics()) {
    if (!metrics.empty() && std::ranges::find(metrics, column.name) == metrics.end()) continue;
    const auto slash = column.name.find('/');
    writer.add_epochs(
        column.name.substr(0, slash), column.name.substr(slash + 1), column.shape,
        [&](auto first, auto count) { return results.metric(column.name, first, count); });
  }
  if (!metrics.empty()) return writer.lines();
  for (const auto& name : results.steps()) writer.add_steps(name);
  for (const auto& key : results.schedules())
    writer.add_epochs("schedules", key, {},
                      [&](auto first, auto count) { return results.schedule(key, first, count); });
  writer.add_epochs("timing", "seconds", {},
                    [&](auto first, auto count) { return results.seconds(first, count); });
  return writer.lines();
}

}  // namespace varia::cli
