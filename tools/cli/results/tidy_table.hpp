#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::cli {

/// Writes values as CSV in long format, one line each, with the columns
///
///     trial  <every swept parameter>  replicate  seed  status  split  metric  index  epoch  step
///     value
///
/// `index` is the place in an array, from 0 ("3", or "0 9" of two axes); curves per step have a
/// step, all else an epoch. Scheduled parameters have the split `schedules`, times `timing`. What
/// has no value has no line. A parameter whose name is that of another column is called
/// "parameter <key>".
/// @param trials  rows of the results, ascending
/// @param metrics "test/elbo"; empty: all, and curves, schedules and times
/// @returns lines below the header
/// @throws ConfigError if there is no such metric; StoreError
std::size_t write_tidy_table(const results::Results& results,
                             const std::vector<std::size_t>& trials,
                             const std::vector<std::string>& metrics, std::ostream& out);

}  // namespace varia::cli
