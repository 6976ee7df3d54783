#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hdf5/hdf5.hpp"

namespace varia::results {

struct OutputState;  // private to output_file.cpp

/// A new HDF5 file of one of Varia's formats that appears at its path whole or not at all: written
/// under a temporary name, closed, fsync, renamed, fsync of the folder. Without `commit` or
/// `publish` the temporary file is removed.
///
/// HDF5 crashes when the disk fills up while it writes its tables. So it writes through a driver
/// that remembers the first failure and lets HDF5 believe that all went well; `check` and `commit`
/// throw what the driver remembers.
class OutputFile {
 public:
  /// Creates the folder if it does not exist; replaces a stale temporary file. Writes the
  /// attributes `format` and `version`.
  /// @param temporary "": `<path>.tmp`
  /// @param text      of its head (file_frame.hpp); "": no head, as other programs expect a file
  OutputFile(const std::string& path, const std::string& format, std::string temporary = "",
             std::string text = "");
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const hdf5::Object& root() const { return root_; }
  /// Throws StoreError if a write has failed so far.
  void check() const;
  /// Puts the file at `path`. All other objects of the file must be closed before.
  void commit();
  /// Puts the file at `target` instead if nothing is there or `replace` is true; else at `path`.
  /// @param may_replace asked when the file is on the disk, right before it replaces another one
  /// @returns false if something is at `target`, or it may not be replaced
  bool publish(const std::string& target, bool replace,
               const std::function<bool()>& may_replace = nullptr);

 private:
  void close();

  std::string path_;
  std::string temporary_;
  std::unique_ptr<OutputState> state_;
  hdf5::Object root_;
};

/// Removes a file if it is there.
void remove_if_there(const std::string& path);

}  // namespace varia::results
