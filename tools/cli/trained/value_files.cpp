#include "cli/trained/value_files.hpp"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "cli/file_arguments.hpp"
#include "cli/terminal/delimited.hpp"
#include "files/whole_file.hpp"
#include "results/code_file.hpp"
#include "results/lists.hpp"
#include "training/checkpoint/component_state.hpp"
#include "varia/error.hpp"
#include "varia/file_table.hpp"

namespace varia::cli {

namespace {

const Annotations& annotations_of(TrainedTrial& trained) {
  return trained.model().split_of("train").annotations();
}

bool has_rows(const std::string& path) { return path.ends_with(".csv") || path.ends_with(".tsv"); }

/// @throws ConfigError if the samples are not rows of a table
const FileTable& table_of(TrainedTrial& trained, const std::string& path) {
  if (const auto& table = annotations_of(trained).table) return *table;
  throw ConfigError("--output: " + path +
                    " is a table, and the samples are not rows of one. Expected a file that ends "
                    "in .h5");
}

/// Text of rows of cells.
class TableText {
 public:
  explicit TableText(const std::string& path) : separator_(path.ends_with(".tsv") ? '\t' : ',') {}
  void add(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text_ += separator_;
      text_ += results::delimited_cell(cells[i], separator_);
    }
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  char separator_;
  std::string text_;
};

/// The cell of a column: a number, or the name of the most probable category.
/// @param numbers of the column
std::string cell_of(const DataColumn& column, const double* numbers) {
  // As a float32 the number has no digits that mean nothing.
  if (column.categories.empty()) return fmt::format("{}", static_cast<float>(*numbers));
  const auto* const most = std::max_element(numbers, numbers + column.width());
  return column.categories.at(static_cast<std::size_t>(most - numbers));
}

/// A name that is none of the table's columns.
std::string free_name(std::string name, const FileTable& table) {
  while (std::ranges::find(table.names(), name) != table.names().end()) name += '_';
  return name;
}

/// A row of the table that is in a split.
struct SplitRow {
  std::string split;
  std::vector<double> reconstruction;
  std::vector<bool> missing;  // of each column of data; empty if the data has no missing values
};

std::map<std::int64_t, SplitRow> rows_of(TrainedTrial& trained,
                                         const std::vector<std::string>& splits,
                                         const FileTable& table) {
  std::map<std::int64_t, SplitRow> rows;
  for (const auto& name : splits) {
    const auto& annotations = trained.model().split_of(name).annotations();
    const auto* const numbers = annotations.file_rows.data_ptr<std::int64_t>();
    trained.model().reconstruct(
        name, [&](const training::FileValues& values, const Batch&, std::int64_t begin) {
          const auto count = values.observed.size(0);
          const auto width = values.observed.size(1);
          const auto observed = values.observed.contiguous();
          const auto reconstruction = values.reconstruction.contiguous();
          for (std::int64_t i = 0; i < count; ++i) {
            SplitRow row{.split = name, .reconstruction = {}, .missing = {}};
            const auto* const first = reconstruction.data_ptr<double>() + i * width;
            row.reconstruction.assign(first, first + width);
            const auto* place = observed.data_ptr<double>() + i * width;
            if (annotations.has_missing)
              for (const auto& column : table.columns()) {
                row.missing.push_back(std::isnan(*place));
                place += column.width();
              }
            rows.emplace(numbers[begin + i], std::move(row));
          }
        });
  }
  return rows;
}

std::string reconstructed_table(TrainedTrial& trained, const std::vector<std::string>& splits,
                                const std::string& path) {
  const auto& table = table_of(trained, path);
  const bool has_missing = annotations_of(trained).has_missing;
  TableText text(path);
  auto header = table.names();
  header.push_back(free_name("split", table));
  if (has_missing) header.push_back(free_name("imputed", table));
  text.add(header);
  const auto rows = rows_of(trained, splits, table);
  table.for_each_row([&](std::int64_t number, const std::vector<std::string>& cells) {
    const auto found = rows.find(number);
    if (found == rows.end()) return;
    const auto& row = found->second;
    auto written = cells;
    std::string imputed;
    const auto* numbers = row.reconstruction.data();
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
      const auto& column = table.columns()[i];
      if (!has_missing || row.missing[i]) {
        written[column.place] = cell_of(column, numbers);
        imputed += (imputed.empty() ? "" : ";") + table.names()[column.place];
      }
      numbers += column.width();
    }
    written.push_back(row.split);
    if (has_missing) written.push_back(imputed);
    text.add(written);
  });
  return text.text();
}

std::string drawn_table(TrainedTrial& trained, std::int64_t count, const std::string& path) {
  const auto& table = table_of(trained, path);
  const auto values = trained.model().sample(count).contiguous();
  std::map<std::size_t, std::string> cells;  // in the order of the file
  const auto row = [&] {
    std::vector<std::string> ordered;
    for (const auto& [place, cell] : cells) ordered.push_back(cell);
    return ordered;
  };
  TableText text(path);
  for (const auto& column : table.columns()) cells[column.place] = table.names()[column.place];
  text.add(row());
  const auto* numbers = values.data_ptr<double>();
  for (std::int64_t i = 0; i < count; ++i) {
    for (const auto& column : table.columns()) {
      cells[column.place] = cell_of(column, numbers);
      numbers += column.width();
    }
    text.add(row());
  }
  return text.text();
}

/// Tensors of samples as the file has them.
std::vector<results::NamedTensor> named_tensors(
    const std::vector<std::pair<std::string, Tensor>>& tensors) {
  std::vector<results::NamedTensor> named;
  for (const auto& [name, tensor] : tensors)
    named.push_back(training::named_tensor(name, tensor.contiguous()));
  return named;
}

void write_reconstructed_arrays(TrainedTrial& trained, const std::vector<std::string>& splits,
                                const std::string& path) {
  auto file = trained.new_file(path, results::kSamplesFormat);
  for (const auto& name : splits) {
    const auto& split = trained.model().split_of(name);
    const auto& annotations = split.annotations();
    const results::CodeFile::ColumnNames columns = {{"reconstruction", annotations.features},
                                                    {"values", annotations.features},
                                                    {"factors", annotations.factor_names},
                                                    {"labels", annotations.class_names}};
    trained.model().reconstruct(
        name, [&](const training::FileValues& values, const Batch& batch, std::int64_t begin) {
          std::vector<std::pair<std::string, Tensor>> tensors = {
              {"values", values.completed().to(at::kFloat)},
              {"reconstruction", values.reconstruction.to(at::kFloat)}};
          if (annotations.has_missing)
            tensors.emplace_back("imputed", values.observed.isnan().to(at::kByte));
          if (batch.labels.defined()) tensors.emplace_back("labels", batch.labels.to(at::kCPU));
          if (batch.factors.defined()) tensors.emplace_back("factors", batch.factors.to(at::kCPU));
          const auto named = named_tensors(tensors);
          if (begin == 0) file.begin_split(name, split.size(), columns, named);
          file.append(named);
        });
  }
  file.commit();
}

void require_output(const TrainedTrial& trained, const std::string& path) {
  if (has_rows(path))
    check_text_output("--output", path, {trained.stored().file, trained.parameters()});
  else
    check_output("--output", path, {trained.stored().file, trained.parameters()});
}

}  // namespace

bool is_value_file(const std::string& path) { return has_rows(path) || path.ends_with(".h5"); }

std::string default_value_file(TrainedTrial& trained, const std::string& name) {
  const auto& split = trained.model().split_of("train");
  if (split.annotations().table) return fmt::format("{}-{}.csv", name, trained.stored().id);
  Draw draw(0);
  const bool is_picture = split.slice(0, 1, draw).input.dim() == 4;
  if (is_picture && !split.annotations().has_missing) return "";
  return fmt::format("{}-{}.h5", name, trained.stored().id);
}

void write_reconstruction(TrainedTrial& trained, const std::vector<std::string>& splits,
                          const std::string& path) {
  require_output(trained, path);
  const auto chosen = splits.empty() ? trained.model().splits() : splits;
  if (has_rows(path))
    files::write_whole_file(path, reconstructed_table(trained, chosen, path));
  else
    write_reconstructed_arrays(trained, chosen, path);
  fmt::print("{}: {} of {}, by the parameters of epoch {}\n", path,
             annotations_of(trained).has_missing ? "observed and imputed values" : "reconstruction",
             fmt::join(chosen, ", "), trained.model().epoch());
}

void write_drawn_samples(TrainedTrial& trained, std::int64_t count, const std::string& path) {
  require_output(trained, path);
  if (has_rows(path)) {
    files::write_whole_file(path, drawn_table(trained, count, path));
  } else {
    auto file = trained.new_file(path, results::kSamplesFormat);
    const auto named = named_tensors({{"values", trained.model().sample(count).to(at::kFloat)}});
    file.begin_split("samples", count, {{"values", annotations_of(trained).features}}, named);
    file.append(named);
    file.commit();
  }
  fmt::print("{}: {} samples, by the parameters of epoch {}\n", path, count,
             trained.model().epoch());
}

}  // namespace varia::cli
