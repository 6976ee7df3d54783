#include "tables/csv_file.hpp"
#include "tables/table_dataset.hpp"
#include "varia/data_folder.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

namespace {

struct FileTableParams final : TableParams {
  FileTableParams() : TableParams(0) {}

  Text file{this, "file", kUnset,
            "CSV or TSV file, also packed by gzip. A relative path starts at the experiment "
            "file's folder."};
  Text test_file{this, "test_file", kUnset, "The same of the test split, with the same columns."};
  Choice separator{this,
                   "separator",
                   "auto",
                   {"auto", "comma", "semicolon", "tab", "blank"},
                   "Between cells; blank: one or more spaces or tabs. auto: tab if the file is "
                   "named .tsv or .tab, blank if it is named .amat, else comma."};
  Boolean header{this, "header", true,
                 "Whether the first row names the columns; they are called 1, 2, ... if not."};
  Text label{this, "label", kUnset,
             "The column of labels, text or whole numbers; they are numbered in order."};
  IntegerList event{this,
                    "event",
                    {},
                    {1, 1 << 16},
                    "[channels, height, width] if the columns of data are the pixels of a picture, "
                    "numbers in [0, 1]; unset: they are a row of numbers."};

  TableSource source() const override {
    TableSource source{
        .file = existing_input_path(file), .separator = separator_of(), .header = header()};
    if (test_file.has_value()) source.test_file = existing_input_path(test_file);
    if (label.has_value()) source.label = label();
    source.event = event();
    source.event_given = event.where();
    return source;
  }

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] { TableParams::check(); });
    errors.collect([&] {
      if (!file.has_value()) fail(file, "expected the path of a CSV or TSV file, found nothing.");
    });
    errors.collect([&] {
      if (test() > 0 && test_file.has_value())
        fail(test, "the test samples are those of 'test_file': give one of the two.");
    });
    errors.collect([&] {
      if (!event().empty() && event().size() != 3)
        fail(event, "expected [channels, height, width], found a list of " +
                        std::to_string(event().size()) + ".");
    });
    errors.collect([&] {
      if (!event().empty() && !standardise.is("none"))
        fail(standardise, "the columns are pixels in [0, 1] ('event'): use none.");
    });
    errors.raise();
  }

  // Absent, it is no part of a trial's identity.
  bool in_force(const Parameter& parameter) const override {
    if (&parameter == &event) return !event().empty();
    return TableParams::in_force(parameter);
  }

 private:
  char separator_of() const {
    if (separator.is("comma")) return ',';
    if (separator.is("semicolon")) return ';';
    if (separator.is("tab")) return '\t';
    if (separator.is("blank")) return kBlanks;
    auto path = std::filesystem::path(file());
    if (path.extension() == ".gz") path = path.stem();
    if (path.extension() == ".amat") return kBlanks;
    return path.extension() == ".tsv" || path.extension() == ".tab" ? '\t' : ',';
  }
};

/// Tables that are published and fetched.
template <class Source>
struct PublishedParams final : TableParams {
  PublishedParams() : TableParams(0.2) {}
  TableSource source() const override { return Source::source(); }
};

struct Penguins {
  static TableSource source() {
    return {.file = require_data("penguins", {"penguins.csv"}) / "penguins.csv",
            .label = "species"};
  }
};

struct BreastCancer {
  /// The file's first row counts rows and columns, and no row names these.
  static TableSource source() {
    TableSource source{
        .file = require_data("breast_cancer", {"breast_cancer.csv"}) / "breast_cancer.csv",
        .skip = 1,
        .header = false,
        .label = "benign"};
    for (const std::string statistic : {"mean", "error", "worst"})
      for (const std::string quantity :
           {"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
            "concave_points", "symmetry", "fractal_dimension"})
        source.names.push_back(statistic + "_" + quantity);
    source.names.emplace_back("benign");
    return source;
  }
};

template <class P>
struct TableOf final : TableDataset {
  using Params = P;
  explicit TableOf(const Params& params) : TableDataset(params) {}
};

}  // namespace

}  // namespace varia::datasets

VARIA_PLUGIN("table", "1.0.0") {
  using namespace varia::datasets;
  registry.add<TableOf<FileTableParams>>(
      "table", "Rows of a CSV or TSV file: numbers, counts and categories, some of them missing.");
  registry.add<TableOf<PublishedParams<Penguins>>>(
      "penguins", "344 penguins of three species, 7 columns, some missing (Horst et al. 2020).");
  registry.add<TableOf<PublishedParams<BreastCancer>>>(
      "breast_cancer",
      "569 tumours, 30 measurements of cell nuclei each (Street, Wolberg & Mangasarian 1993).");
}
