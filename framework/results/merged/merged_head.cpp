#include <limits>
#include <numeric>

#include "hdf5/hdf5_attribute.hpp"
#include "hdf5/hdf5_dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/merged/merged_writer.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

class FieldWriter {
 public:
  FieldWriter(Object group, const Dimensions& dimensions)
      : group_(std::move(group)), dimensions_(dimensions) {}

  Object write(const std::string& name, const std::vector<std::string>& texts) {
    return attached(hdf5::write_texts(group_, name, {dimensions_.trials}, texts));
  }
  template <class T>
  Object write(const std::string& name, const std::vector<T>& values) {
    return attached(hdf5::write(group_, name, {dimensions_.trials}, values.data()));
  }

 private:
  Object attached(Object dataset) {
    netcdf::attach(dataset, {&dimensions_.trial});
    return dataset;
  }

  Object group_;
  const Dimensions& dimensions_;
};

void write_trials(const Object& root, const Dimensions& dimensions,
                  const std::vector<MergeEntry>& entries) {
  FieldWriter fields(hdf5::create_group(root, "trials"), dimensions);
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    std::vector<StoredField<T>> values;
    values.reserve(entries.size());
    for (const MergeEntry& entry : entries) {
      values.push_back(stored_field(entry.trial.*field.member));
    }
    fields.write(field.name, values);
  });
  std::vector<std::string> configs;
  configs.reserve(entries.size());
  for (const MergeEntry& entry : entries) configs.push_back(entry.trial.config);
  fields.write("config", configs);
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
  FieldWriter fields(hdf5::create_group(root, "parameters"), dimensions);
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
      dataset = fields.write(key.name, texts);
    } else {
      std::vector<double> numbers;
      for (const auto* value : key.values) {
        numbers.push_back(value == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                           : std::get<double>(*value));
      }
      dataset = fields.write(key.name, numbers);
    }
    hdf5::write_attribute(dataset, "swept", std::int64_t{key.swept ? 1 : 0});
  }
}

}  // namespace

Dimensions write_head(const hdf5::OutputFile& output, const ExperimentInfo& experiment,
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
  write_trials(root, dimensions, entries);
  write_parameters(root, dimensions, entries);
  output.check();
  return dimensions;
}

}  // namespace varia::results
