#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::cli {

/// Which rows a tidy table has.
struct TidyChoice {
  std::vector<std::size_t> trials;   ///< rows of the results, ascending
  std::vector<std::string> metrics;  ///< "test/elbo"; empty: all, and curves, schedules and times
};

/// Writes values as CSV in long format, one line each, with the columns
///
///     trial  <every swept parameter>  replicate  seed  status  split  metric  index  epoch  step
///     value
///
/// `index` is the place in an array, from 0 ("3", or "0 9" of two axes); curves per step have a
/// step, all else an epoch. Scheduled parameters have the split `schedules`, times `timing`. What
/// has no value has no line. A parameter whose name is that of another column is called
/// "parameter <key>".
/// @returns lines below the header
/// @throws ConfigError if there is no such metric; StoreError
std::size_t write_tidy_table(const results::Results& results, const TidyChoice& choice,
                             std::ostream& out);

}  // namespace varia::cli
