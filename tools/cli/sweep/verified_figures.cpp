#include "cli/sweep/verified_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "analysis/ranking.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/sweep/local_run.hpp"
#include "cli/terminal/table.hpp"
#include "results/folder/results_folder.hpp"
#include "results/merged/results.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

std::string verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::reached:
      return "reached";
    case Verdict::missed:
      return "missed";
    case Verdict::none:
      return "no verdict";
    case Verdict::not_run:
      return "not run";
    case Verdict::partial:
      return "partial";
    case Verdict::failed:
      return "failed";
  }
  return "";
}

/// What the states of the trials leave to say if a value is missing.
Verdict verdict_without_value(const std::vector<results::TrialStatus>& trials) {
  const auto any = [&](results::TrialState state) {
    return std::ranges::any_of(trials, [&](const auto& trial) { return trial.state == state; });
  };
  if (any(results::TrialState::failed)) return Verdict::failed;
  const bool has_begun = any(results::TrialState::partial) || any(results::TrialState::done);
  return has_begun ? Verdict::partial : Verdict::not_run;
}

bool has_results(const results::TrialStatus& trial) {
  return trial.state == results::TrialState::done || trial.state == results::TrialState::stale;
}

/// The mean over the trials of a plan; NaN if one of them has no value.
double mean_of(const results::Results& results, const std::string& metric,
               const std::set<std::string>& ids) {
  const auto values = results.final_values(metric);
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    if (!ids.contains(results.trials()[row].id)) continue;
    sum += values[row];
    ++count;
  }
  return count == ids.size() ? sum / static_cast<double>(count) : NAN;
}

/// The value of each figure. The merged file is read in a process of its own.
std::vector<double> measured_values(const LoadedExperiment& loaded) {
  const auto file = loaded.paths.merged().string();
  std::vector<double> values;
  if (!std::filesystem::exists(file)) return values;
  std::set<std::string> ids;
  for (const auto& trial : loaded.plan.trials) ids.insert(trial.id);
  const auto text = text_read_guarded({file}, [&] {
    const auto results = results::open_results(file);
    std::string lines;
    for (const auto& metric : experiment::published_metrics(loaded.published))
      lines += number_text(mean_of(results, metric.metric, ids)) + "\n";
    return lines;
  });
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    values.push_back(Value::scalar(line).as_real().value_or(NAN));
  return values;
}

Verdict judged(const VerifiedFigure& figure) {
  if (!figure.tolerance) return Verdict::none;
  // What was published is rounded, and so is its distance from 0.1 + 0.2.
  constexpr double kRounding = 1e-9;
  const auto distance = std::abs(figure.measured - figure.published);
  return distance <= *figure.tolerance + kRounding ? Verdict::reached : Verdict::missed;
}

}  // namespace

VerifiedExperiment unmeasured(const std::string& name,
                              const experiment::PublishedParams& published) {
  VerifiedExperiment experiment{.name = name,
                                .source = published.source(),
                                .note = published.note.has_value() ? published.note() : "",
                                .minutes = published.minutes(),
                                .figures = {},
                                .problem = {}};
  for (std::size_t i = 0; i < published.figures.size(); ++i) {
    const auto& figure = published.figures[i];
    experiment.figures.push_back({.metric = figure.metric(), .published = figure.value()});
    if (figure.tolerance.has_value()) experiment.figures.back().tolerance = figure.tolerance();
  }
  return experiment;
}

VerifiedExperiment verified(const LoadedExperiment& loaded, const Workspace& workspace,
                            const training::Environment& environment) {
  auto experiment = unmeasured(loaded.experiment.name, *loaded.published);
  results::ResultsFolder folder(loaded.paths);
  const auto trials = trial_statuses(loaded, workspace, environment, folder);
  const bool is_done = std::ranges::all_of(trials, has_results);
  const auto values = is_done ? measured_values(loaded) : std::vector<double>();
  const auto otherwise = verdict_without_value(trials);
  for (std::size_t i = 0; i < experiment.figures.size(); ++i) {
    auto& figure = experiment.figures[i];
    if (i < values.size()) figure.measured = values[i];
    figure.verdict = std::isnan(figure.measured) ? otherwise : judged(figure);
  }
  return experiment;
}

bool has_missed(const std::vector<VerifiedExperiment>& experiments) {
  return std::ranges::any_of(experiments, [](const auto& experiment) {
    return std::ranges::any_of(experiment.figures, [](const auto& figure) {
      return figure.verdict == Verdict::missed || figure.verdict == Verdict::failed;
    });
  });
}

std::string verification_text(const std::vector<VerifiedExperiment>& experiments,
                              const TextStyle& style) {
  Table table({"experiment",
               "metric",
               "published",
               {"tolerance", 2},
               "measured",
               "verdict",
               {"minutes", 3},
               {"source", 4}});
  std::map<Verdict, std::size_t> counts;
  std::string notes;
  for (const auto& experiment : experiments) {
    for (const auto& figure : experiment.figures) {
      ++counts[figure.verdict];
      table.add({printable(experiment.name), printable(figure.metric),
                 number_text(figure.published),
                 figure.tolerance ? number_text(*figure.tolerance) : "-",
                 short_number(figure.measured), verdict_text(figure.verdict),
                 number_text(experiment.minutes), printable(experiment.source)});
    }
    for (const auto& text : {experiment.note, experiment.problem})
      if (!text.empty())
        notes += wrapped(fmt::format("{}: {}", printable(experiment.name), printable(text)),
                         style.width, 2) +
                 "\n";
  }
  std::vector<std::pair<std::size_t, std::string>> counted;
  for (const auto& [verdict, count] : counts) counted.emplace_back(count, verdict_text(verdict));
  return table.text(style) + notes + counts_text(counted) + "\n";
}

nlohmann::json verification_json(const std::vector<VerifiedExperiment>& experiments) {
  auto all = nlohmann::json::array();
  for (const auto& experiment : experiments) {
    auto figures = nlohmann::json::array();
    for (const auto& figure : experiment.figures)
      figures.push_back(
          {{"metric", figure.metric},
           {"published", figure.published},
           {"tolerance", figure.tolerance ? nlohmann::json(*figure.tolerance) : nlohmann::json()},
           {"measured", results::number_json(figure.measured)},
           {"verdict", verdict_text(figure.verdict)}});
    all.push_back({{"experiment", experiment.name},
                   {"source", experiment.source},
                   {"note", experiment.note},
                   {"problem", experiment.problem},
                   {"minutes", experiment.minutes},
                   {"figures", figures}});
  }
  return {{"experiments", all}};
}

}  // namespace varia::cli
