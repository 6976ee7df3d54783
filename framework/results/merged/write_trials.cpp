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
Object write_field(const Object& group, const Dimensions& dimensions, const std::string& name,
                   const std::vector<T>& values) {
  Object dataset;
  if constexpr (std::is_same_v<T, std::string>) {
    dataset = hdf5::write_texts(group, name, {dimensions.trials}, values);
  } else {
    dataset = hdf5::write(group, name, {dimensions.trials}, values.data());
  }
  netcdf::attach(dataset, {&dimensions.trial});
  return dataset;
}

void write_fields(const Object& root, const Dimensions& dimensions,
                  const std::vector<MergeEntry>& entries) {
  const Object group = hdf5::create_group(root, "trials");
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    std::vector<StoredField<T>> values;
    values.reserve(entries.size());
    for (const MergeEntry& entry : entries) {
      values.push_back(stored_field(entry.trial.*field.member));
    }
    write_field(group, dimensions, field.name, values);
  });
  std::vector<std::string> configs;
  configs.reserve(entries.size());
  for (const MergeEntry& entry : entries) configs.push_back(entry.trial.config);
  write_field(group, dimensions, "config", configs);
}

void write_parameters(const Object& root, const Dimensions& dimensions,
                      const std::vector<MergeEntry>& entries) {
  struct Key {
    std::string name;
    bool swept = false;
    bool is_text = false;
    std::vector<const std::variant<double, std::string>*> values;
  };
  std::vector<Key> keys;  // in the order of their first appearance
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (const Parameter& parameter : entries[i].trial.parameters) {
      const auto [place, is_new] = places.try_emplace(parameter.key, keys.size());
      if (is_new) {
        keys.emplace_back();
        keys.back().name = parameter.key;
        keys.back().values.resize(entries.size(), nullptr);
      }
      Key& key = keys[place->second];
      key.swept |= parameter.swept;
      key.is_text |= std::holds_alternative<std::string>(parameter.value);
      key.values[i] = &parameter.value;
    }
  }
  const Object group = hdf5::create_group(root, "parameters");
  for (const Key& key : keys) {
    Object dataset;
    if (key.is_text) {
      std::vector<std::string> texts;
      for (const auto* value : key.values) {
        if (value == nullptr) {
          texts.emplace_back();
        } else if (const auto* text = std::get_if<std::string>(value)) {
          texts.push_back(*text);
        } else {
          texts.push_back(number_text(std::get<double>(*value)));
        }
      }
      dataset = write_field(group, dimensions, key.name, texts);
    } else {
      std::vector<double> numbers;
      for (const auto* value : key.values) {
        numbers.push_back(value == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                           : std::get<double>(*value));
      }
      dataset = write_field(group, dimensions, key.name, numbers);
    }
    hdf5::write_attribute(dataset, "swept", std::int64_t{key.swept ? 1 : 0});
  }
}

}  // namespace

Dimensions write_trials(const OutputFile& output, const ExperimentInfo& experiment,
                        const std::vector<MergeEntry>& entries) {
  const Object& root = output.root();
  hdf5::write_attribute(root, "format", std::string(kResultsFormat));
  hdf5::write_attribute(root, "version", kFormatVersion);
  hdf5::write_attribute(root, "name", experiment.name);
  hdf5::write_attribute(root, "experiment", experiment.yaml);
  hdf5::write_attribute(root, "created", experiment.created);
  hdf5::write_attribute(root, "host", experiment.host);
  hdf5::write_attribute(root, "versions", experiment.versions);
  hdf5::write_attribute(root, "plugins", experiment.plugins);

  Dimensions dimensions;
  dimensions.trials = static_cast<std::int64_t>(entries.size());
  dimensions.epochs = 1;  // netCDF takes an axis without entries for one that may grow
  for (const MergeEntry& entry : entries) {
    dimensions.epochs = std::max(dimensions.epochs, entry.trial.epochs_done);
  }
  std::vector<std::int64_t> trials(entries.size());
  std::iota(trials.begin(), trials.end(), 0);
  std::vector<std::int64_t> epochs(static_cast<std::size_t>(dimensions.epochs));
  std::iota(epochs.begin(), epochs.end(), 1);
  dimensions.trial = netcdf::write_coordinate(root, "trial", trials);
  dimensions.epoch = netcdf::write_coordinate(root, "epoch", epochs);
  write_fields(root, dimensions, entries);
  write_parameters(root, dimensions, entries);
  output.check();
  return dimensions;
}

}  // namespace varia::results
