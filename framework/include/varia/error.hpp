#pragma once

#include <stdexcept>
#include <string>

#include "varia/export.hpp"

namespace varia {

/// Where a value was written. `line` and `column` count from 1; 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  /// "file:line:column", as much of it as is known; empty without a file.
  VARIA_API std::string text() const;
};

/// Base of all errors that Varia reports to people. The message is one line, or a few, that says
/// what is wrong, where, what was expected, what was found and what to do next.
class VARIA_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  ~Error() override;
};

/// The experiment file, an override or the command line is wrong. Ends the program with code 2.
class VARIA_API ConfigError : public Error {
 public:
  /// The message becomes "file:line:column: message".
  ConfigError(Location where, const std::string& message);
  explicit ConfigError(const std::string& message);
  ~ConfigError() override;
  const Location& where() const { return where_; }

 private:
  Location where_;
};

/// A plugin file cannot be used. Ends the program with code 2.
class VARIA_API PluginError : public Error {
 public:
  PluginError(std::string file, const std::string& message);
  ~PluginError() override;
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

/// Data that a data set needs is missing or damaged. Ends the program with code 2.
class VARIA_API DataError : public Error {
 public:
  DataError(std::string path, const std::string& message);
  ~DataError() override;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A results file cannot be read or written.
class VARIA_API StoreError : public Error {
 public:
  StoreError(std::string path, const std::string& message);
  /// An error about no one file, or one whose message says which: `path()` is empty.
  explicit StoreError(const std::string& message);
  ~StoreError() override;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// One trial cannot continue (a loss that is not finite, say). The other trials do.
class VARIA_API TrialError : public Error {
 public:
  explicit TrialError(const std::string& message);
  ~TrialError() override;
};

}  // namespace varia
