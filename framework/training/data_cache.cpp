#include "training/data_cache.hpp"

#include <c10/util/Exception.h>

#include <limits>

#include "experiment/sections.hpp"
#include "training/components.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

/// What splits may take of a device by themselves: a GPU has 8 GiB or more, and is shared by
/// trials.
constexpr std::int64_t kMostBytes = std::int64_t{2} << 30;

void keep_on_device(Data& data, const DataPlace& place) {
  auto left = place.is_required ? std::numeric_limits<std::int64_t>::max() : kMostBytes;
  for (auto* split : data.splits.all())
    if (place.is_required || !split->is_streamed()) left -= split->keep_on(place.device, left);
}

}  // namespace

std::shared_ptr<const Data> DataCache::get(const Value& data, const DataPlace& place) {
  auto& entry = data_[{data.canonical(), place}];
  if (entry) return entry;
  if (place.device != "cpu") {
    auto kept = std::make_shared<Data>(*get(data));
    try {
      keep_on_device(*kept, place);
    } catch (const c10::OutOfMemoryError&) {
      if (place.is_required)
        throw ConfigError(data.where(),
                          "data: the values do not fit into the memory of " + place.device +
                              "; remove train.data_on_device, and batches are copied there");
    }
    entry = kept;
    return entry;
  }
  entry = experiment::with_place(data, [&] {
    const auto configured = configure(registry_, Dataset::kKind, data);
    auto dataset = make<Dataset>(configured, Build{});
    const auto& params = dynamic_cast<const DatasetParams&>(*configured.params);
    auto splits = make_splits(*dataset, params);
    return std::make_shared<const Data>(Data{.dataset = std::move(dataset),
                                             .splits = std::move(splits),
                                             .batch = params.batch(),
                                             .shuffle = params.shuffle()});
  });
  return entry;
}

void DataCache::check(const Value& data) {
  const auto opened = get(data);
  for (const auto* split : opened->splits.all()) {
    if (!split->mean().isfinite().all().item<bool>())
      throw ConfigError(data.where(), "data: a sample of the " + split->name() +
                                          " split has a number that is not finite");
    split->require_domains();
  }
}

std::string DataCache::digest(const Value& data) const {
  return experiment::with_place(data, [&] {
    return make<Dataset>(configure(registry_, Dataset::kKind, data), Build{})->digest();
  });
}

}  // namespace varia::training
