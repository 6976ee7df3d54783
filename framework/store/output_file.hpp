#pragma once

#include <memory>
#include <string>

#include "store/hdf5.hpp"

namespace varia::store::hdf5 {

/// A new HDF5 file that appears at its path whole or not at all: written as `<path>.tmp`, then
/// closed, fsync, renamed, fsync of the folder. Without `commit` the temporary file is removed.
///
/// HDF5 crashes when the disk fills up while it writes its tables. So it writes through a driver
/// that remembers the first failure and lets HDF5 believe that all went well; `check` and `commit`
/// throw what the driver remembers.
class OutputFile {
 public:
  /// Creates the folder where it does not exist; removes a `<path>.tmp` left behind.
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const Object& root() const { return root_; }
  /// Throws StoreError when a write has failed so far.
  void check() const;
  /// Puts the file at `path`. All other objects of the file must be closed before.
  void commit();

 private:
  struct WriteState;

  std::string path_;
  std::string temporary_;
  std::unique_ptr<WriteState> state_;
  Object root_;
};

/// Removes a file if it is there.
void remove_if_there(const std::string& path);

}  // namespace varia::store::hdf5
