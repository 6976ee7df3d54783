#include "tables/table_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <utility>

#include "shared/test_share.hpp"
#include "tables/column_numbers.hpp"
#include "tables/read_table.hpp"
#include "varia/error.hpp"
#include "varia/file_table.hpp"
#include "varia/mapped_file.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace {

Domain domain_of(CellType type) {
  if (type == CellType::category) return Domain::categorical;
  return type == CellType::count ? Domain::count : Domain::real;
}

/// One for the numbers, one for the counts, one for each column of categories.
std::vector<DataBlock> blocks_of(const std::vector<TableColumn>& columns) {
  std::vector<DataBlock> blocks;
  for (const auto& column : columns) {
    const auto domain = domain_of(column.type());
    if (blocks.empty() || blocks.back().domain != domain || domain == Domain::categorical)
      blocks.push_back({domain, 0});
    blocks.back().size += column.width();
  }
  return blocks;
}

/// The files again, those of the test split after the others.
class TableFile final : public FileTable {
 public:
  TableFile(TableSource source, std::vector<std::string> names, std::vector<DataColumn> columns)
      : FileTable(std::move(names), std::move(columns)), source_(std::move(source)) {}

  void for_each_row(const Visit& visit) const override {
    std::int64_t number = 0;
    for (const auto& file : {source_.file, source_.test_file}) {
      if (file.empty()) continue;
      datasets::for_each_row(
          source_, file, [](const CsvRow&) {},
          [&](const CsvRow& row) {
            if (row.cells.size() != names().size())
              throw DataError(file.string() + ":" + std::to_string(row.line),
                              "has changed since it was read.");
            visit(number++, row.cells);
          });
    }
  }

 private:
  TableSource source_;
};

std::shared_ptr<const FileTable> file_table(const TableSource& source, const Table& table) {
  std::vector<DataColumn> columns;
  for (const auto& column : table.data) {
    const auto place = std::ranges::find(table.names, column.name()) - table.names.begin();
    columns.push_back({static_cast<std::size_t>(place), column.categories()});
  }
  return std::make_shared<const TableFile>(source, table.names, std::move(columns));
}

/// The numbers of columns as pixels.
/// @returns [N, C, H, W]
/// @throws ConfigError if the columns do not make such pictures
/// @throws DataError if a number is not in [0, 1]
Tensor pictures_of(const Tensor& numbers, const std::vector<TableColumn>& columns,
                   const TableSource& source) {
  const auto fail = [&](const std::string& message) {
    throw ConfigError(source.event_given, "event: " + message);
  };
  for (const auto& column : columns)
    if (column.type() != CellType::number)
      fail("expected columns of numbers, the pixels of pictures; found column '" + column.name() +
           "' of " + domain_text(domain_of(column.type())) +
           ". Use it as label or covariate, or ignore it.");
  if (c10::multiply_integers(source.event) != numbers.size(1))
    fail("expected " + std::to_string(c10::multiply_integers(source.event)) +
         " columns of pixels, found " + std::to_string(numbers.size(1)) +
         " columns of data. Is one of them the label?");
  const auto outside = numbers.lt(0).logical_or_(numbers.gt(1)).nonzero();
  if (outside.size(0) > 0) {
    const auto row = outside[0][0].item<std::int64_t>(),
               column = outside[0][1].item<std::int64_t>();
    throw DataError(source.file.string(), "row " + std::to_string(row) + " has the pixel " +
                                              number_text(numbers[row][column].item<double>()) +
                                              " in column '" +
                                              columns[static_cast<std::size_t>(column)].name() +
                                              "'; expected numbers in [0, 1].");
  }
  auto sizes = source.event;
  sizes.insert(sizes.begin(), numbers.size(0));
  return numbers.view(sizes);
}

}  // namespace

TableParams::TableParams(double share)
    : test{this,
           "test",
           share,
           {0.0, 0.9},
           "The part of the rows that is set aside as the test split, by split_seed."} {}

TableParams::~TableParams() = default;

Standardise TableParams::standardisation() const {
  if (standardise.is("zscore")) return Standardise::zscore;
  return standardise.is("minmax") ? Standardise::minmax : Standardise::none;
}

std::string TableParams::default_likelihood() const {
  if (!source().event.empty()) return varia::default_likelihood(Domain::unit);
  const auto blocks = blocks_of(read_table(*this).data);
  const auto domain = blocks.front().domain;
  if (std::ranges::any_of(blocks, [&](const auto& block) { return block.domain != domain; }))
    return "mixed";
  const bool is_unit = domain == Domain::real && standardise.is("minmax");
  return varia::default_likelihood(is_unit ? Domain::unit : domain);
}

std::shared_ptr<const Samples> TableDataset::load(std::string_view split) {
  if (!train_) {
    const auto source = params_.source();
    const auto table = read_table(params_);
    const auto path = source.file.string();
    Annotations annotations;
    auto numbers = numbers_of(table.data, path);
    if (source.event.empty()) {
      annotations.blocks = blocks_of(table.data);
      annotations.features = features_of(table.data);
      annotations.table = file_table(source, table);
    } else {
      numbers = pictures_of(numbers, table.data, source);
    }
    annotations.has_missing = std::ranges::any_of(table.data, &TableColumn::has_missing);
    if (table.label) {
      annotations.labels = labels_of(*table.label);
      annotations.class_names = table.label->categories();
    }
    set_covariates(annotations, table.covariates, path);
    const auto all = std::make_shared<MemorySamples>(numbers, std::move(annotations));
    const auto train_rows = static_cast<std::int64_t>(table.train_rows);
    TestShare share{at::arange(train_rows, at::kLong),
                    at::arange(train_rows, all->size(), at::kLong)};
    if (params_.test() > 0) share = set_test_aside(train_rows, params_.test, params_);
    train_ = std::make_shared<SubsetSamples>(all, share.train);
    if (share.test.numel() > 0) test_ = std::make_shared<SubsetSamples>(all, share.test);
  }
  return split == "train" ? train_ : test_;
}

std::string TableDataset::digest() {
  const auto source = params_.source();
  std::vector<std::filesystem::path> files{source.file};
  if (!source.test_file.empty()) files.push_back(source.test_file);
  return digest_of_files(files);
}

}  // namespace varia::datasets
