#pragma once

#include <map>
#include <memory>
#include <string>

#include "varia/registry.hpp"

namespace varia::training {

/// An opened data set and its splits (components.hpp).
struct Data;

/// Opens each distinct data set once, for all trials that share it.
class DataCache {
 public:
  /// @param registry outlives the cache
  explicit DataCache(const Registry& registry) : registry_(registry) {}
  /// @param data the resolved `data:` section
  /// @throws DataError, ConfigError
  std::shared_ptr<const Data> get(const Value& data);
  /// Opens it, and reads every image once, so that one that cannot be read, or a pixel that is not
  /// finite, is found before anything is trained.
  /// @throws DataError, ConfigError
  void check(const Value& data);
  /// The digest of the files that the data set reads. Not cached.
  /// @throws DataError, ConfigError
  std::string digest(const Value& data) const;

 private:
  const Registry& registry_;
  std::map<std::string, std::shared_ptr<const Data>> data_;  // by canonical text
};

}  // namespace varia::training
