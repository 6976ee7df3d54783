#include "cli/trained/score_file.hpp"

#include <ATen/Functions.h>

#include "cli/terminal/delimited.hpp"
#include "files/whole_file.hpp"
#include "portable/npz.hpp"
#include "results/code_file.hpp"
#include "results/lists.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

bool is_table(const std::string& path) { return path.ends_with(".csv") || path.ends_with(".tsv"); }

std::string cell_of(const Tensor& column, std::int64_t row) {
  return column.scalar_type() == at::kLong ? std::to_string(column[row].item<std::int64_t>())
                                           : csv_number(column[row].item<double>());
}

std::string table_of(const std::vector<SplitScores>& scores, char separator) {
  std::string text;
  const auto& first = scores.front();
  const auto add = [&](const std::string& cell) {
    if (!text.empty() && text.back() != '\n') text += separator;
    text += results::delimited_cell(cell, separator);
  };
  add("split");
  for (const auto& [name, column] : first.columns) add(name);
  if (!first.names.empty()) add("name");
  text += '\n';
  for (const auto& split : scores) {
    for (std::int64_t row = 0; row < split.columns.front().second.size(0); ++row) {
      add(split.split);
      for (const auto& [name, column] : split.columns) add(cell_of(column, row));
      if (!split.names.empty()) add(split.names[static_cast<std::size_t>(row)]);
      text += '\n';
    }
  }
  return text;
}

void write_hdf5(const TrainedTrial& trained, const std::vector<SplitScores>& scores,
                const std::string& path) {
  auto file = trained.new_file(path, results::kScoresFormat);
  for (const auto& split : scores) {
    std::vector<results::NamedTensor> columns;
    for (const auto& [name, column] : split.columns)
      columns.push_back(training::named_tensor(name, column.contiguous()));
    file.begin_split(split.split, split.columns.front().second.size(0), {}, columns);
    if (!split.names.empty()) file.write_names(split.names);
    file.append(columns);
  }
  file.commit();
}

}  // namespace

void require_score_file(const std::string& option, const std::string& path) {
  if (is_table(path) || path.ends_with(".h5") || path.ends_with(".npz")) return;
  throw ConfigError(option + ": expected a file that ends in .h5, .csv, .tsv or .npz, found '" +
                    path + "'");
}

void write_scores(const TrainedTrial& trained, const std::vector<SplitScores>& scores,
                  const std::string& path) {
  if (is_table(path)) {
    files::write_whole_file(path, table_of(scores, path.ends_with(".tsv") ? '\t' : ','));
    return;
  }
  if (path.ends_with(".h5")) {
    write_hdf5(trained, scores, path);
    return;
  }
  training::NamedTensors arrays;
  for (const auto& split : scores)
    for (const auto& [name, column] : split.columns)
      arrays.emplace_back(split.split + "/" + name, column);
  files::write_whole_file(path, portable::npz_of(arrays));
}

}  // namespace varia::cli
