#include "varia/error.hpp"

namespace varia {

std::string Location::text() const {
  std::string text = file;
  if (line > 0) {
    text += text.empty() ? "line " : ":";
    text += std::to_string(line);
    if (column > 0) text.append(":").append(std::to_string(column));
  }
  return text;
}

namespace {
std::string located(const std::string& where, const std::string& message) {
  return where.empty() ? message : where + ": " + message;
}
}  // namespace

Error::Error(const std::string& message) : std::runtime_error(message) {}
Error::~Error() = default;

ConfigError::ConfigError(Location where, const std::string& message)
    : Error(located(where.text(), message)), where_(std::move(where)) {}
ConfigError::ConfigError(const std::string& message) : Error(message) {}
ConfigError::~ConfigError() = default;

PluginError::PluginError(std::string file, const std::string& message)
    : Error(located(file, message)), file_(std::move(file)) {}
PluginError::~PluginError() = default;

DataError::DataError(std::string path, const std::string& message)
    : Error(located(path, message)), path_(std::move(path)) {}
DataError::~DataError() = default;

StoreError::StoreError(std::string path, const std::string& message)
    : Error(located(path, message)), path_(std::move(path)) {}
StoreError::StoreError(const std::string& message) : Error(message) {}
StoreError::~StoreError() = default;

TrialError::TrialError(const std::string& message) : Error(message) {}
TrialError::~TrialError() = default;

}  // namespace varia
