#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/merged/merged_writer.hpp"
#include "varia/value.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

/// Writes a data set [trial].
template <class T>
Object write_field(const Object& group, const Object& trial, const std::string& name,
                   const std::vector<T>& values) {
  const hdf5::Shape shape = {static_cast<std::int64_t>(values.size())};
  Object dataset;
  if constexpr (std::is_same_v<T, std::string>) {
    dataset = hdf5::write_texts(group, name, shape, values);
  } else {
    dataset = hdf5::write(group, name, shape, values.data());
  }
  netcdf::attach(dataset, {&trial});
  return dataset;
}

}  // namespace

MergedWriter::MergedWriter(const OutputFile& output, const ExperimentInfo& experiment,
                           const std::vector<MergeEntry>& entries)
    : output_(output), entries_(entries), trials_(static_cast<std::int64_t>(entries.size())) {
  const Object& root = output.root();
  hdf5::write_attribute(root, "name", experiment.name);
  hdf5::write_attribute(root, "experiment", experiment.yaml);
  hdf5::write_attribute(root, "created", experiment.created);
  hdf5::write_attribute(root, "host", experiment.host);
  hdf5::write_attribute(root, "versions", experiment.versions);
  hdf5::write_attribute(root, "plugins", experiment.plugins);

  for (const MergeEntry& entry : entries) epochs_ = std::max(epochs_, entry.trial.epochs_done);
  std::vector<std::int64_t> trials(entries.size());
  std::iota(trials.begin(), trials.end(), 0);
  std::vector<std::int64_t> epochs(static_cast<std::size_t>(epochs_));
  std::iota(epochs.begin(), epochs.end(), 1);
  trial_ = netcdf::write_coordinate(root, "trial", trials);
  epoch_ = netcdf::write_coordinate(root, "epoch", epochs);
  write_trials();
  write_parameters();
  output.check();
  create_tables();
  create_steps();
  create_views();
  create_points();
  output.check();
}

void MergedWriter::write_trials() {
  const Object group = hdf5::create_group(output_.root(), "trials");
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    std::vector<StoredField<T>> values;
    values.reserve(entries_.size());
    for (const MergeEntry& entry : entries_) {
      values.push_back(stored_field(entry.trial.*field.member));
    }
    write_field(group, trial_, field.name, values);
  });
  std::vector<std::string> configs;
  configs.reserve(entries_.size());
  for (const MergeEntry& entry : entries_) configs.push_back(entry.trial.config);
  write_field(group, trial_, "config", configs);
}

void MergedWriter::write_parameters() {
  std::vector<ParameterColumn> columns;  // in the order of their first appearance
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    for (const auto& [key, value, swept] : entries_[i].trial.parameters) {
      const auto [place, is_new] = places.try_emplace(key, columns.size());
      if (is_new) {
        columns.push_back({.key = key,
                           .numbers = std::vector<double>(entries_.size(),
                                                          std::numeric_limits<double>::quiet_NaN()),
                           .texts = std::vector<std::string>(entries_.size())});
      }
      ParameterColumn& column = columns[place->second];
      column.swept |= swept;
      if (const auto* number = std::get_if<double>(&value)) {
        column.numbers[i] = *number;
      } else {
        column.texts[i] = std::get<std::string>(value);
        column.is_text = true;
      }
    }
  }
  const Object group = hdf5::create_group(output_.root(), "parameters");
  for (ParameterColumn& column : columns) {
    for (std::size_t i = 0; column.is_text && i < entries_.size(); ++i)
      if (!std::isnan(column.numbers[i])) column.texts[i] = number_text(column.numbers[i]);
    const Object dataset = column.is_text ? write_field(group, trial_, column.key, column.texts)
                                          : write_field(group, trial_, column.key, column.numbers);
    hdf5::write_attribute(dataset, "swept", std::int64_t{column.swept ? 1 : 0});
  }
}

void MergedWriter::finish() {
  finish_tables();
  finish_views();
  output_.check();
}

}  // namespace varia::results
