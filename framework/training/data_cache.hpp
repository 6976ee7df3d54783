#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "varia/registry.hpp"

namespace varia::training {

/// An opened data set and its splits (components.hpp).
struct Data;

/// Where the values of data lie, and batches are gathered.
struct DataPlace {
  std::string device = "cpu";  ///< as LibTorch writes it
  bool is_required = false;    ///< true: all of them; false: splits that are not large

  auto operator<=>(const DataPlace&) const = default;
};

/// Opens each distinct data set once, for all trials that share it.
class DataCache {
 public:
  /// @param registry outlives the cache
  explicit DataCache(const Registry& registry) : registry_(registry) {}
  /// @param data the resolved `data:` section
  /// @throws DataError, ConfigError also if the device has no room for what is required there
  std::shared_ptr<const Data> get(const Value& data, const DataPlace& place = {});
  /// Opens it, and reads every image once, so that one that cannot be read, or a pixel that is not
  /// finite, is found before anything is trained.
  /// @throws DataError, ConfigError
  void check(const Value& data);
  /// The digest of the files that the data set reads. Not cached.
  /// @throws DataError, ConfigError
  std::string digest(const Value& data) const;

 private:
  const Registry& registry_;
  std::map<std::pair<std::string, DataPlace>, std::shared_ptr<const Data>>
      data_;  // by canonical text and place
};

}  // namespace varia::training
