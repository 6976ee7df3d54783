#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/options.hpp"
#include "cli/trained/score_file.hpp"
#include "cli/trained/trained_trial.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "training/environment.hpp"
#include "training/evaluation/new_data.hpp"
#include "training/evaluation/scores.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

struct ScoreOptions : TrainedOptions {
  std::vector<std::string> splits;  ///< none: all
  std::vector<std::string> data;    ///< KEY=VALUE of new data; none: the experiment's
  std::int64_t samples = 100;       ///< draws of the posterior for nll
};

/// A `data` section of new samples. What says how numbers become those of an event, and not where
/// they are, is that of the trial unless it is given.
Value data_section(const std::vector<std::string>& settings, const Value& own) {
  auto section = Value::map();
  for (const auto* key : {"use", "binarize", "resize", "classes"})
    if (const auto* value = own.find(key); value != nullptr) section.set(key, *value);
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      throw ConfigError("--data: expected KEY=VALUE, found '" + setting + "'");
    const Location where{setting + " on the command line"};
    section.set(setting.substr(0, equals),
                experiment::read_yaml_value(setting.substr(equals + 1), where), where);
  }
  return section;
}

SplitScores scores_of_split(TrainedTrial& trained, const Split& split, std::int64_t samples,
                            const training::Prepare& prepare) {
  const auto& known = split.annotations();
  SplitScores scores{.split = split.name(), .names = known.sample_names, .columns = {}};
  scores.columns.emplace_back("index", known.file_rows);
  if (known.labels.defined()) scores.columns.emplace_back("labels", known.labels);
  for (auto& score : training::scores_of(trained.model(), split, samples, prepare))
    scores.columns.push_back(std::move(score));
  return scores;
}

int score(const ScoreOptions& options) {
  if (!options.output.empty()) require_score_file("--output", options.output);
  training::prepare_process();
  TrainedTrial trained(options, {"metrics=[]", "views=[]"});
  const auto path =
      options.output.empty() ? "scores-" + trained.stored().id + ".h5" : options.output;
  check_output("--output", path, {trained.stored().file, trained.parameters()});

  std::optional<training::NewData> new_data;
  training::Prepare prepare;
  auto splits = trained.model().components().data->splits.all();
  if (!options.data.empty()) {
    new_data.emplace(trained.new_data(data_section(options.data, *trained.trial().data)));
    prepare = [&](const Batch& batch) { return new_data->as_own(batch); };
    splits = new_data->splits();
  }
  if (!options.splits.empty()) {
    std::vector<std::string> known;
    for (const auto* split : splits) known.push_back(split->name());
    for (const auto& name : options.splits)
      if (std::ranges::find(known, name) == known.end())
        throw ConfigError("the data has no " + name + " split. " + suggestion(name, known));
    std::erase_if(splits, [&](const auto* split) {
      return std::ranges::find(options.splits, split->name()) == options.splits.end();
    });
  }
  std::vector<SplitScores> scores;
  std::size_t count = 0;
  for (const auto* split : splits) {
    scores.push_back(scores_of_split(trained, *split, options.samples, prepare));
    count += static_cast<std::size_t>(split->size());
  }
  write_scores(trained, scores, path);
  fmt::print("{}: scores of {} samples, by the parameters of epoch {}\n", path, count,
             trained.model().epoch());
  return kAllDone;
}

}  // namespace

void add_score(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ScoreOptions>();
  auto* command = app.add_subcommand(
      "score", "Write what a trained model says of each sample: ELBO, its terms, NLL, errors");
  add_trained_options(*command, *options,
                      "The file: .h5, .csv, .tsv or .npz (default: scores-ID.h5)");
  add_splits(*command, options->splits);
  command
      ->add_option("--data", options->data,
                   "Score new data instead, by the settings of its data set (varia describe NAME; "
                   "repeatable): use=numpy file=new.npz")
      ->type_name("KEY=VALUE");
  command
      ->add_option("--samples", options->samples,
                   "Draws of the posterior for the NLL of each sample")
      ->check(whole_number(1, 1'000'000))
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return score(*options); }; });
}

}  // namespace varia::cli
