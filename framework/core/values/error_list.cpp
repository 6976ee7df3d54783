#include "varia/error_list.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace varia {

namespace {

constexpr std::size_t kMost = 50;

/// What a list throws if it has more than one error.
class ConfigErrors final : public ConfigError {
 public:
  ConfigErrors(const std::string& message, std::vector<ConfigError> errors, std::size_t dropped)
      : ConfigError(message), errors_(std::move(errors)), dropped_(dropped) {}
  const std::vector<ConfigError>& errors() const { return errors_; }
  std::size_t dropped() const { return dropped_; }

 private:
  std::vector<ConfigError> errors_;
  std::size_t dropped_;
};

}  // namespace

void ErrorList::add(const ConfigError& error) {
  if (const auto* several = dynamic_cast<const ConfigErrors*>(&error)) {
    for (const auto& one : several->errors()) add(one);
    dropped_ += several->dropped();
    return;
  }
  const std::string_view message = error.what();
  const bool is_known =
      std::ranges::any_of(errors_, [&](const auto& one) { return message == one.what(); });
  if (is_known) return;
  if (errors_.size() < kMost)
    errors_.push_back(error);
  else
    ++dropped_;
}

void ErrorList::raise() const {
  if (errors_.empty()) return;
  if (errors_.size() == 1) throw errors_.front();
  const auto file_order = [&](const ConfigError& error) {
    return std::ranges::find(errors_, error.where().file,
                             [](const auto& one) { return one.where().file; }) -
           errors_.begin();
  };
  auto sorted = errors_;
  std::ranges::stable_sort(sorted, {}, [&](const ConfigError& error) {
    return std::tuple(file_order(error), error.where().line, error.where().column);
  });
  std::string message;
  for (const auto& error : sorted)
    message += (message.empty() ? "" : "\n") + std::string(error.what());
  if (dropped_ > 0) message += "\n... and " + std::to_string(dropped_) + " more";
  throw ConfigErrors(message, std::move(sorted), dropped_);
}

}  // namespace varia
