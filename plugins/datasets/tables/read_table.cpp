#include "tables/read_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

constexpr std::int64_t kMostRows = 100'000'000;
constexpr std::size_t kMostCategories = 1000;
constexpr std::size_t kMostClasses = 100'000;

/// The names of the columns, in the order of the file; those without one are empty.
std::vector<std::string> names_of(const TableSource& source, const CsvRow& first,
                                  const std::string& path) {
  if (!source.header && source.names.empty()) {
    std::vector<std::string> numbers;
    for (std::size_t i = 1; i <= first.cells.size(); ++i) numbers.push_back(std::to_string(i));
    return numbers;
  }
  const auto& names = source.header ? first.cells : source.names;
  std::set<std::string> seen;
  for (const auto& name : names)
    if (!name.empty() && !seen.insert(name).second)
      throw DataError(path + ":" + std::to_string(first.line),
                      "has two columns '" + name + "'. Rename one.");
  return names;
}

/// What the columns of a file are used for.
class ColumnUses {
 public:
  ColumnUses(const TableParams& params, const TableSource& source,
             const std::vector<std::string>& names)
      : path_(source.file.string()), names_(names) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!names[i].empty()) places_[names[i]] = i;
    ignored_ = take(params.ignore, params.ignore());
    covariates_ = take(params.covariates, params.covariates());
    if (!source.label.empty()) label_ = take(label_of(params), {source.label})[0];
    data_ = take(params.columns, params.columns());
    if (data_.empty())
      for (std::size_t i = 0; i < names.size(); ++i)
        if (!names[i].empty() && !taken_.contains(i)) data_.push_back(i);
    if (data_.empty()) throw DataError(path_, "has no column that is left as data.");
    declare(params.counts, params.counts(), CellType::count);
    declare(params.categories, params.categories(), CellType::category);
  }

  const std::vector<std::size_t>& data() const { return data_; }
  const std::vector<std::size_t>& covariates() const { return covariates_; }
  std::optional<std::size_t> label() const { return label_; }
  CellType type(std::size_t place) const {
    const auto found = types_.find(place);
    return found == types_.end() ? CellType::by_content : found->second;
  }

 private:
  /// The parameter `label`. A published table has none.
  static const Parameter& label_of(const TableParams& params) {
    const auto& all = params.parameters();
    const auto found = std::ranges::find(all, "label", [](const auto* one) { return one->name(); });
    if (found == all.end()) return params.columns;
    return **found;
  }

  std::size_t place_of(const Parameter& parameter, const std::string& name) const {
    const auto found = places_.find(name);
    if (found != places_.end()) return found->second;
    constexpr std::size_t kShown = 50;
    std::vector<std::string> known;
    for (const auto& [other, place] : places_) known.push_back(other);
    const auto near = nearest_name(name, known);
    known.resize(std::min(known.size(), kShown));
    if (!near.empty() && std::ranges::find(known, near) == known.end()) known.push_back(near);
    throw ConfigError(parameter.where(), parameter.name() + ": " + path_ + " has no column '" +
                                             name + "'. " + suggestion(name, known));
  }

  std::vector<std::size_t> take(const Parameter& parameter, const std::vector<std::string>& names) {
    std::vector<std::size_t> places;
    for (const auto& name : names) {
      places.push_back(place_of(parameter, name));
      const auto [use, is_new] = taken_.try_emplace(places.back(), parameter.name());
      if (!is_new) {
        throw ConfigError(parameter.where(), parameter.name() + ": column '" + name +
                                                 "' is named twice, and first in '" + use->second +
                                                 "'.");
      }
    }
    return places;
  }

  void declare(const Parameter& parameter, const std::vector<std::string>& names, CellType type) {
    for (const auto& name : names) {
      const auto place = place_of(parameter, name);
      if (std::ranges::find(data_, place) == data_.end() &&
          std::ranges::find(covariates_, place) == covariates_.end()) {
        throw ConfigError(parameter.where(), parameter.name() + ": column '" + name +
                                                 "' is neither data nor a covariate.");
      }
      if (!types_.emplace(place, type).second)
        throw ConfigError(parameter.where(), parameter.name() + ": column '" + name +
                                                 "' is named twice in 'counts' and 'categories'.");
    }
  }

  std::string path_;
  const std::vector<std::string>& names_;
  std::map<std::string, std::size_t> places_;
  std::map<std::size_t, std::string> taken_;  // by what parameter
  std::map<std::size_t, CellType> types_;
  std::vector<std::size_t> ignored_;
  std::vector<std::size_t> covariates_;
  std::vector<std::size_t> data_;
  std::optional<std::size_t> label_;
};

/// Reads rows into columns.
class TableReader {
 public:
  TableReader(const TableParams& params, const TableSource& source)
      : params_(params),
        source_(source),
        missing_(params.missing().begin(), params.missing().end()) {}

  void read(const std::filesystem::path& file) {
    path_ = file.string();
    const auto rows_before = rows_;
    bool is_first = true;
    for_each_row(
        source_, file, [this](const CsvRow& names) { start(names); },
        [&](const CsvRow& row) {
          if (std::exchange(is_first, false) && !source_.header) start(row);
          add(row);
        });
    if (rows_ == rows_before) throw DataError(path_, "has no rows.");
  }

  Table table(std::size_t train_rows) && {
    table_.rows = static_cast<std::size_t>(rows_);
    table_.train_rows = train_rows;
    table_.names = std::move(names_);
    for (auto* const some : {&table_.data, &table_.covariates})
      for (auto& column : *some) finish(column);
    if (table_.label) finish(*table_.label);
    std::ranges::stable_sort(table_.data, {}, [](const TableColumn& column) {
      return static_cast<int>(column.type());  // number, count, category
    });
    return std::move(table_);
  }
  std::size_t rows() const { return static_cast<std::size_t>(rows_); }

 private:
  /// @param first row: the header, if there is one
  void start(const CsvRow& first) {
    auto names = names_of(source_, first, path_);
    if (!uses_) {
      names_ = std::move(names);
      uses_.emplace(params_, source_, names_);
      for (const auto place : uses_->data())
        table_.data.emplace_back(names_[place], uses_->type(place), kMostCategories);
      for (const auto place : uses_->covariates())
        table_.covariates.emplace_back(names_[place], uses_->type(place), kMostCategories);
      if (const auto label = uses_->label())
        table_.label.emplace(names_[*label], CellType::category, kMostClasses);
    } else if (names != names_) {
      throw DataError(path_, "has other columns than " + source_.file.string() +
                                 ": expected the same ones in the same order.");
    }
  }

  void add(const CsvRow& row) {
    if (row.cells.size() != names_.size()) {
      throw DataError(place_of(row), "expected " + std::to_string(names_.size()) +
                                         " cells as in the first row, found " +
                                         std::to_string(row.cells.size()) +
                                         ". Is there a separator in a cell without quotes?");
    }
    if (++rows_ > kMostRows ||
        rows_ > memory_for_data() / 2 / static_cast<std::int64_t>(sizeof(float) * names_.size())) {
      throw DataError(path_, "has more rows than fit into half of this machine's memory, or than " +
                                 std::to_string(kMostRows) + ". Read fewer columns by 'columns'.");
    }
    for (std::size_t i = 0; i < table_.data.size(); ++i) {
      const auto& cell = row.cells[uses_->data()[i]];
      if (missing_.contains(cell))
        table_.data[i].add_missing();
      else
        table_.data[i].add(cell, path_, row.line);
    }
    for (std::size_t i = 0; i < table_.covariates.size(); ++i)
      add_known(table_.covariates[i], row.cells[uses_->covariates()[i]], row, "covariate");
    if (table_.label) {
      const auto& cell = row.cells[*uses_->label()];
      if (const auto number = number_of(cell); number && *number != std::floor(*number)) {
        throw DataError(place_of(row), "column '" + table_.label->name() +
                                           "': expected labels that are text or whole numbers, "
                                           "found " +
                                           cell + ".");
      }
      add_known(*table_.label, cell, row, "label");
    }
  }

  void add_known(TableColumn& column, const std::string& cell, const CsvRow& row,
                 const std::string& what) const {
    if (missing_.contains(cell))
      throw DataError(place_of(row), "column '" + column.name() + "': a " + what +
                                         " is missing, and none may be.");
    column.add(cell, path_, row.line);
  }

  void finish(TableColumn& column) const {
    if (column.type() == CellType::by_content) {
      throw DataError(source_.file.string(), "column '" + column.name() +
                                                 "' has no value: all are missing. Add it to "
                                                 "'ignore'.");
    }
    column.sort_categories();
  }

  std::string place_of(const CsvRow& row) const { return path_ + ":" + std::to_string(row.line); }

  const TableParams& params_;
  const TableSource& source_;
  std::set<std::string> missing_;
  std::string path_;
  std::vector<std::string> names_;
  std::optional<ColumnUses> uses_;
  std::int64_t rows_ = 0;
  Table table_;
};

}  // namespace

void for_each_row(const TableSource& source, const std::filesystem::path& file,
                  const std::function<void(const CsvRow& row)>& header,
                  const std::function<void(const CsvRow& row)>& visit) {
  CsvFile csv(file, source.separator);
  CsvRow row;
  for (int i = 0; i < source.skip; ++i) csv.next(row);
  if (source.header && csv.next(row)) header(row);
  while (csv.next(row)) visit(row);
}

Table read_table(const TableParams& params) {
  const auto source = params.source();
  TableReader reader(params, source);
  reader.read(source.file);
  const auto train_rows = reader.rows();
  if (!source.test_file.empty()) reader.read(source.test_file);
  return std::move(reader).table(train_rows);
}

}  // namespace varia::datasets
