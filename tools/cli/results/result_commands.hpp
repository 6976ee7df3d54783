#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/comparison.hpp"

/// The commands that read results files without the components that made them. They print to
/// standard output and return the exit code; what is wrong is thrown.
namespace varia::cli {

struct ShowOptions {
  std::string file;
  std::string metric;              ///< "test/elbo"; empty: what `compare` ranks by, too
  Better order = Better::neither;  ///< neither: as the metric declares
  std::size_t limit = 50;          ///< trials that are listed at most
  bool wide = false;               ///< all columns
  bool json = false;
};
int show(const ShowOptions& options);

struct CompareOptions {
  std::string file;
  analysis::ComparisonRequest request;
  std::vector<std::string> against;  ///< KEY=VALUE, or one trial
  std::size_t limit = 50;            ///< settings that are listed at most
  bool wide = false;                 ///< all columns
  bool plot = false;
  bool json = false;
  bool csv = false;
  bool latex = false;
};
int compare(const CompareOptions& options);

struct ReportOptions {
  std::vector<std::string> files;
  std::string output;             ///< empty: the first file's name with .html
  double picture_megabytes = 45;  ///< that pictures may take; 0: none
  bool json = false;
};
int report(const ReportOptions& options);

}  // namespace varia::cli
