#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/trained/trained_trial.hpp"

/// Files of samples in the units of the data's own files: a table as CSV or TSV with the columns
/// that it came with, anything as HDF5 (results/code_file.hpp).
namespace varia::cli {

/// True for a name that ends in .csv, .tsv or .h5.
bool is_value_file(const std::string& path);

/// The file of values that suits the data if none is named: NAME-ID.csv for a table, NAME-ID.h5 for
/// other rows of numbers or for missing values. Empty if pictures say more.
std::string default_value_file(TrainedTrial& trained, const std::string& name);

/// Writes the reconstruction of the samples; of data with missing values, the observed numbers and
/// the reconstruction of those that are missing. Rows of a table keep the text of their cells.
/// @param splits none: all
/// @throws ConfigError if a table is asked for and the samples are not rows of one
void write_reconstruction(TrainedTrial& trained, const std::vector<std::string>& splits,
                          const std::string& path);

/// Writes samples drawn from the model's prior.
/// @throws ConfigError likewise
void write_drawn_samples(TrainedTrial& trained, std::int64_t count, const std::string& path);

}  // namespace varia::cli
